package storage

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"hearth/energy"
)

const (
	fullJournal   = 256 << 10 // bytes of pending records that are written at once
	maxJournal    = 4 << 20   // bytes of pending records to hold while the disk is away
	entryOverhead = 21        // bytes of key, version and checksum
)

// entry is one record of a journal. It is never changed.
type entry struct {
	name   string
	ms     int64
	number uint64 // of this session's changes; on disk the base of the session is added
	record []byte
}

func (e *entry) size() int64 { return int64(len(e.record)) + entryOverhead }

// Append adds a copy of record to the named journal. Records of the same millisecond keep the order of their
// appending. The error tells of a name or record that can never be stored or a closed store, never of the disk.
func (s *Store) Append(name string, at time.Time, record []byte) error {
	if name == "" || len(name) > bolt.MaxKeySize {
		return fmt.Errorf("append to %q: name must have 1 to %d bytes", name, bolt.MaxKeySize)
	}
	e := &entry{name: name, ms: at.UnixMilli(), record: append([]byte{}, record...)}
	if limit := min(s.opt.journal(name).Bytes, maxJournal); e.size() > limit {
		return fmt.Errorf("append to %s: record of %d bytes exceeds the journal's %d", name, len(record), limit)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed {
		return fmt.Errorf("append to %s: %w", name, ErrClosed)
	}
	e.number = s.next()
	s.entries = append(s.entries, e)
	s.pendingBytes += e.size()
	for s.pendingBytes > maxJournal {
		s.pendingBytes -= s.entries[0].size()
		s.entries = s.entries[1:]
		s.stats.Dropped++
	}
	if s.pendingBytes >= fullJournal {
		s.wake(s.wakeFull)
	}
	return nil
}

// Journal yields the records of the named journal within an interval, by time, until yield returns false. A record is
// the callee's to keep. The store may be used from inside yield.
func (s *Store) Journal(name string, within energy.Interval, yield func(at time.Time, record []byte) bool) error {
	from, to := ceilMillis(within.Start), ceilMillis(within.End)
	fresh := s.freshEntries(name, from, to)
	r := dayRange{from: from, to: to}
	for d := range fresh {
		r.fresh = append(r.fresh, d)
	}
	days, err := s.dayNames(r, func(tx *bolt.Tx) []*bolt.Bucket {
		return []*bolt.Bucket{tx.Bucket([]byte(journalBucket)).Bucket([]byte(name))}
	})
	if err != nil {
		return fmt.Errorf("journal %s: %w", name, err)
	}
	for _, d := range days {
		var found []keyed
		if err := s.viewCounting(func(tx *bolt.Tx) (bad int, err error) {
			found, bad = storedEntries(tx, name, d, dayRange{from: from, to: to})
			return bad, nil
		}); err != nil {
			return fmt.Errorf("journal %s: %w", name, err)
		}
		for _, e := range overlay(found, fresh[d], byKey) {
			ms, _ := keyTime(e.key)
			if !yield(time.UnixMilli(ms).UTC(), e.record) {
				return nil
			}
		}
	}
	return nil
}

// keyed is a record under the key it has, or will have, on disk.
type keyed struct{ key, record []byte }

func byKey(a, b keyed) int { return bytes.Compare(a.key, b.key) }

// freshEntries are copies of the records in memory, by day.
func (s *Store) freshEntries(name string, from, to int64) map[int64][]keyed {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := map[int64][]keyed{}
	for _, e := range s.entries {
		if e.name == name && e.ms >= from && e.ms < to {
			d := startOf(e.ms, day)
			fresh[d] = append(fresh[d], keyed{e.key(s.base), bytes.Clone(e.record)})
		}
	}
	return fresh
}

func storedEntries(tx *bolt.Tx, name string, d int64, r dayRange) (found []keyed, bad int) {
	if tx == nil {
		return nil, 0
	}
	journal := tx.Bucket([]byte(journalBucket)).Bucket([]byte(name))
	if journal == nil || journal.Bucket(timeKey(d)) == nil {
		return nil, 0
	}
	c := journal.Bucket(timeKey(d)).Cursor()
	for k, v := c.Seek(timeKey(r.from)); k != nil; k, v = c.Next() {
		ms, ok := keyTime(k)
		if !ok || ms >= r.to {
			break
		}
		body, err := unseal(k, v)
		if err != nil {
			bad++
			continue
		}
		found = append(found, keyed{bytes.Clone(k), bytes.Clone(body)})
	}
	return found, bad
}

func (e *entry) key(base uint64) []byte {
	return binary.BigEndian.AppendUint64(timeKey(e.ms), base+e.number)
}

// writeEntries adds records to their journals and keeps those within their bounds.
func (s *Store) writeEntries(tx *bolt.Tx, entries []*entry) error {
	root := tx.Bucket([]byte(journalBucket))
	touched := map[string]*bolt.Bucket{}
	for _, e := range entries {
		journal, err := root.CreateBucketIfNotExists([]byte(e.name))
		if err != nil {
			return fmt.Errorf("journal %s: %w", e.name, err)
		}
		touched[e.name] = journal
		b, err := journal.CreateBucketIfNotExists(timeKey(startOf(e.ms, day)))
		if err != nil {
			return fmt.Errorf("journal %s: %w", e.name, err)
		}
		b.FillPercent = fillAppendOnly
		key := e.key(s.base)
		if err := b.Put(key, seal(key, e.record)); err != nil {
			return fmt.Errorf("journal %s: %w", e.name, err)
		}
	}
	for name, journal := range touched {
		if err := bound(journal, s.opt.journal(name)); err != nil {
			return fmt.Errorf("bound journal %s: %w", name, err)
		}
	}
	return nil
}

// bound drops the oldest days, then the oldest records.
func bound(journal *bolt.Bucket, limit Limit) error {
	if err := dropDays(journal, limit.Days); err != nil {
		return err
	}
	over := -limit.Bytes
	names := dayBuckets(journal)
	for _, name := range names {
		if err := journal.Bucket(name).ForEach(func(k, v []byte) error {
			over += int64(len(k) + len(v))
			return nil
		}); err != nil {
			return err
		}
	}
	for _, name := range names {
		if over <= 0 {
			return nil
		}
		b := journal.Bucket(name)
		c := b.Cursor()
		k, v := c.First()
		for ; k != nil && over > 0; k, v = c.First() { // Next after Delete may skip
			over -= int64(len(k) + len(v))
			if err := c.Delete(); err != nil {
				return err
			}
		}
		if k == nil {
			if err := journal.DeleteBucket(name); err != nil {
				return err
			}
		}
	}
	return nil
}

func byNumber(e *entry, number uint64) int { return cmp.Compare(e.number, number) }
