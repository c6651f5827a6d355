package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	bolt "go.etcd.io/bbolt"
)

// Store is an open store. It is safe for concurrent use.
type Store struct {
	path string
	opt  Options
	log  *slog.Logger

	cancel   context.CancelFunc // of what the writer runs: children that verify
	wakeSoon chan struct{}      // state changed
	wakeFull chan struct{}      // enough is pending to be written now
	flushes  chan chan error
	stopped  chan struct{} // closed when the writer is done
	closing  sync.Once
	closed   error // what Close returns; set before stopped is closed

	lock     *lockFile // the writer's, as are the next two
	paged    int64     // bytes of pages bbolt had written when last asked
	isBroken bool      // a commit panicked, and may have left bbolt's lock held: neither Update nor Close returns

	// file guards db, which changes only when the file could not be used and a later attempt succeeds.
	file sync.RWMutex
	db   *bolt.DB // nil: there is no file to use

	mu           sync.Mutex
	isClosed     bool
	isSuspect    bool   // damage was seen: the next Open has to verify
	base         uint64 // number of the last change of earlier sessions
	number       uint64 // of the newest change of this session
	state        state
	channels     dictionary // never changed in place
	rows         []*row     // not on disk yet, by time
	entries      []*entry   // not on disk yet, by number
	pendingBytes int64      // of entries
	stats        Stats
}

// Open opens the store at path, or makes it; its folder must exist. One process can have it open: any other gets
// ErrLocked after a second. ErrNewerSchema leaves the file alone. A damaged file is set aside and replaced,
// and a disk that is full or read-only only means that the store works in memory: neither is an error here.
// The context bounds Open itself.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	s := &Store{
		path: path, opt: o.withDefaults(), log: o.Log,
		wakeSoon: make(chan struct{}, 1), wakeFull: make(chan struct{}, 1),
		flushes: make(chan chan error), stopped: make(chan struct{}),
		state: newState(),
	}
	err := s.attach(ctx)
	s.stats.Writable = err == nil
	if err != nil {
		if !isUnavailable(err) {
			s.lock.release()
			return nil, fmt.Errorf("open store %s: %w", path, err)
		}
		s.log.Error("store works in memory only", "path", path, "err", err)
		s.stats.Errors++
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	go s.run(run)
	return s, nil
}

// Close writes what is pending, marks the file as cleanly closed and lets it go. A second call returns what
// the first did.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.mu.Lock()
		s.isClosed = true
		s.mu.Unlock()
		s.cancel()
	})
	<-s.stopped
	return s.closed
}

// Flush returns when everything handed over before the call is on disk, or could not be written.
func (s *Store) Flush() error {
	done := make(chan error, 1)
	select {
	case s.flushes <- done:
		return <-done
	case <-s.stopped:
		return fmt.Errorf("flush: %w", ErrClosed)
	}
}

// Snapshot flushes and writes a consistent copy of the file, which Open can use. While it runs the store goes on,
// but the file cannot use freed pages again: w should be quick.
func (s *Store) Snapshot(w io.Writer) error {
	if err := s.Flush(); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	isWritten := false
	err := s.view(func(tx *bolt.Tx) error {
		isWritten = true
		_, err := tx.WriteTo(w)
		return err
	})
	if err == nil && !isWritten {
		err = ErrMemoryOnly
	}
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	return nil
}

// Stats is how the store has fared; it does not touch the disk.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	st.Pending = len(s.rows) + len(s.entries)
	return st
}

// view reads the file; without a file it reads nothing. fn must not call back into the store.
func (s *Store) view(fn func(*bolt.Tx) error) error {
	s.file.RLock()
	defer s.file.RUnlock()
	if s.db == nil {
		return nil
	}
	return s.suspect(guard(func() error { return s.db.View(fn) }))
}

// update changes the file; only the writer calls it.
func (s *Store) update(fn func(*bolt.Tx) error) error {
	if s.db == nil {
		return ErrMemoryOnly
	}
	if s.isBroken {
		return ErrDamaged
	}
	err := s.suspect(guard(func() error { return s.db.Update(fn) }))
	s.isBroken = errors.Is(err, ErrDamaged)
	return err
}

// suspect remembers damage.
func (s *Store) suspect(err error) error {
	if errors.Is(err, ErrDamaged) {
		s.mu.Lock()
		s.isSuspect = true
		s.mu.Unlock()
	}
	return err
}

// next numbers a change; the caller holds mu.
func (s *Store) next() uint64 {
	s.number++
	return s.number
}

// wake nudges the writer, which may have been nudged already.
func (s *Store) wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// countBad adds to the records left out.
func (s *Store) countBad(n int) {
	if n == 0 {
		return
	}
	s.mu.Lock()
	s.stats.BadRecords += int64(n)
	s.mu.Unlock()
}

// size is the length of the file; zero without one.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
