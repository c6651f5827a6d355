package storage

import (
	"bytes"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// maxValue keeps one caller from crowding out the others: all state is held in memory and in the last of the room.
const maxValue = 4 << 20

// state is all named values, in memory whole.
type state struct {
	values map[string][]byte // never changed in place
	bad    map[string]bool   // stored, but not as it was written
	dirty  map[string]uint64 // not on disk yet: number of the newest change
}

func newState() state {
	return state{map[string][]byte{}, map[string]bool{}, map[string]uint64{}}
}

// Get is the value last put under key, a copy; false when there is none. ErrDamaged means that there was one
// and its checksum does not match; putting or deleting the key heals it.
func (s *Store) Get(key string) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.bad[key] {
		s.stats.BadRecords++
		return nil, false, fmt.Errorf("get %s: %w", key, ErrDamaged)
	}
	v, ok := s.state.values[key]
	return bytes.Clone(v), ok, nil
}

// Put keeps a copy of value under key. It can be read at once and is on disk a second later, or after Flush.
// A value equal to the present one is not written again; one that changes every cycle belongs in a reading.
// The error tells of a key or value that cannot be stored or a closed store, never of the disk.
func (s *Store) Put(key string, value []byte) error {
	if key == "" || len(key) > bolt.MaxKeySize {
		return fmt.Errorf("put %q: key must have 1 to %d bytes", key, bolt.MaxKeySize)
	}
	if len(value) > maxValue {
		return fmt.Errorf("put %s: value of %d bytes exceeds %d", key, len(value), maxValue)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed {
		return fmt.Errorf("put %s: %w", key, ErrClosed)
	}
	if old, ok := s.state.values[key]; ok && bytes.Equal(old, value) {
		return nil
	}
	s.state.values[key] = append([]byte{}, value...)
	s.touch(key)
	return nil
}

// Delete forgets the value of key; without one it does nothing.
func (s *Store) Delete(key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed {
		return fmt.Errorf("delete %s: %w", key, ErrClosed)
	}
	if _, ok := s.state.values[key]; !ok && !s.state.bad[key] {
		return nil
	}
	delete(s.state.values, key)
	s.touch(key)
	return nil
}

// touch marks a key as changed; the caller holds mu.
func (s *Store) touch(key string) {
	delete(s.state.bad, key)
	s.state.dirty[key] = s.next()
	s.wake(s.wakeSoon)
}

// loadState reads all state of the file.
func loadState(tx *bolt.Tx) (state, error) {
	st := newState()
	err := tx.Bucket([]byte(stateBucket)).ForEach(func(k, v []byte) error {
		body, err := unseal(k, v)
		if err != nil {
			st.bad[string(k)] = true
			return nil
		}
		st.values[string(k)] = bytes.Clone(body)
		return nil
	})
	return st, err
}

// adopt is what the file held, under what was changed while it could not be opened.
func (st state) adopt(stored state) state {
	for key := range st.dirty {
		delete(stored.bad, key)
		delete(stored.values, key)
		if v, ok := st.values[key]; ok {
			stored.values[key] = v
		}
	}
	stored.dirty = st.dirty
	return stored
}

// change is one key's new value; nil deletes.
type change struct {
	key    string
	sealed []byte
}

// changes are what is not on disk yet; the caller holds mu.
func (st *state) changes() []change {
	out := make([]change, 0, len(st.dirty))
	for key := range st.dirty {
		c := change{key: key}
		if v, ok := st.values[key]; ok {
			c.sealed = seal([]byte(key), v)
		}
		out = append(out, c)
	}
	return out
}

func writeState(tx *bolt.Tx, changes []change) error {
	b := tx.Bucket([]byte(stateBucket))
	for _, c := range changes {
		var err error
		if c.sealed == nil {
			err = b.Delete([]byte(c.key))
		} else {
			err = b.Put([]byte(c.key), c.sealed)
		}
		if err != nil {
			return fmt.Errorf("put %s: %w", c.key, err)
		}
	}
	return nil
}
