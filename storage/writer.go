package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const (
	stateDelay  = time.Second      // a change of state waits this long for others
	retryEvery  = 30 * time.Second // a disk that refused is asked again after this
	lastAttempt = 5 * time.Second  // how long Close may look for a file that has not been there all along
)

// run is the one goroutine that writes. Its timers are the machine's: what a power cut may cost does not get
// less when the demo's clock runs fast.
func (s *Store) run(ctx context.Context) {
	defer close(s.stopped)
	tick := time.NewTicker(s.opt.FlushEvery)
	defer tick.Stop()
	var soon, pause <-chan time.Time // pause: after a failure only Flush and Close write before it is over
	for {
		soonNow, full, ticks := soon, s.wakeFull, tick.C
		if pause != nil {
			soonNow, full, ticks = nil, nil, nil
		}
		var err error
		select {
		case <-ctx.Done():
			s.closed = s.shut() //nolint:contextcheck // the last write comes after the end of ctx
			return
		case <-s.wakeSoon:
			if soon == nil {
				soon = time.After(stateDelay)
			}
			continue
		case <-soonNow:
			soon = nil
			err = s.write(ctx, stateOnly)
		case <-full:
			err = s.write(ctx, everything)
		case <-ticks:
			err = s.write(ctx, everything)
		case <-pause:
			err = s.write(ctx, everything)
		case done := <-s.flushes:
			err = s.write(ctx, everything)
			done <- err
		}
		pause = nil
		if err != nil {
			pause = time.After(retryEvery)
		}
	}
}

// shut is the last act of the writer.
func (s *Store) shut() error {
	ctx, cancel := context.WithTimeout(context.Background(), lastAttempt)
	defer cancel()
	err := s.write(ctx, everything)
	if err != nil {
		err = fmt.Errorf("close: %w", err)
	}
	s.file.Lock()
	defer s.file.Unlock()
	if s.db != nil && !s.isBroken {
		err = errors.Join(err, s.db.Close())
		if !s.isSuspect {
			err = errors.Join(err, s.lock.markClean())
		}
	}
	s.db = nil
	s.lock.release()
	return err
}

const (
	stateOnly  = false
	everything = true
)

// batch is what one commit takes to disk: all changes up to a number.
type batch struct {
	number   uint64
	changes  []change
	rows     []*row
	entries  []*entry
	channels dictionary
}

// write commits what is pending, opening the file first where that did not work before.
func (s *Store) write(ctx context.Context, isAll bool) error {
	b := s.batch(isAll)
	if b.isEmpty() {
		return nil
	}
	err := s.commit(ctx, b)
	s.report(err)
	return err
}

func (s *Store) commit(ctx context.Context, b batch) error {
	if s.db == nil || s.db.IsReadOnly() {
		if err := s.attach(ctx); err != nil {
			return err
		}
		b.channels = s.channels
	}
	var w written
	put := func(b batch) error {
		return s.update(func(tx *bolt.Tx) (err error) {
			w, err = s.put(tx, b)
			return err
		})
	}
	// The last eighth is for state, and for dropping days: bbolt copies pages before it changes them.
	fits := func() bool { return s.inUse()+b.size() <= s.opt.MaxSize/8*7 }
	err := berrors.ErrMaxSizeReached
	if fits() {
		err = put(b)
	}
	if isFull(err) {
		if roomErr := s.makeRoom(); roomErr != nil {
			err = fmt.Errorf("%w; %w", err, roomErr)
		} else if fits() {
			err = put(b)
		}
	}
	if isFull(err) {
		isAll := !b.isHistory()
		b.rows, b.entries = nil, nil
		if stateErr := put(b); stateErr == nil {
			s.confirm(b, w)
			if isAll {
				return nil
			}
		}
	}
	if err != nil {
		return fmt.Errorf("write store %s: %w", s.path, err)
	}
	s.confirm(b, w)
	return nil
}

// batch takes note of what is pending; it stays pending until confirmed.
func (s *Store) batch(isAll bool) batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := batch{number: s.number, changes: s.state.changes(), channels: s.channels}
	if isAll {
		b.rows, b.entries = slices.Clone(s.rows), slices.Clone(s.entries)
	}
	return b
}

func (b batch) isEmpty() bool { return len(b.changes) == 0 && !b.isHistory() }

// size is about the bytes of pages the batch will take.
func (b batch) size() (n int64) {
	for _, c := range b.changes {
		n += 20 + int64(len(c.key)+len(c.sealed))
	}
	for _, r := range b.rows {
		n += 40 + 10*int64(len(r.cells))
	}
	for _, e := range b.entries {
		n += 20 + e.size()
	}
	return n
}

func (b batch) isHistory() bool { return len(b.rows) > 0 || len(b.entries) > 0 }

func (s *Store) put(tx *bolt.Tx, b batch) (w written, err error) {
	if err := writeState(tx, b.changes); err != nil {
		return w, err
	}
	if w, err = writeRows(tx, b.rows, b.channels); err != nil {
		return w, err
	}
	if len(b.rows) > 0 {
		if err := s.tidy(tx, w.days); err != nil {
			return w, err
		}
	}
	if len(b.entries) == 0 {
		return w, nil
	}
	if err := s.writeEntries(tx, b.entries); err != nil {
		return w, err
	}
	return w, tx.Bucket([]byte(journalBucket)).SetSequence(s.base + b.number)
}

// confirm forgets what the batch took to disk; what changed meanwhile has a higher number and stays.
func (s *Store) confirm(b batch, w written) {
	length := size(s.path) // asks the disk, so not under mu
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range b.changes {
		if s.state.dirty[c.key] <= b.number {
			delete(s.state.dirty, c.key)
		}
	}
	s.channels = w.channels
	if len(b.rows) > 0 {
		s.rows = slices.DeleteFunc(s.rows, func(r *row) bool { return r.number <= b.number })
	}
	if len(b.entries) > 0 {
		n, _ := slices.BinarySearchFunc(s.entries, b.number+1, byNumber)
		for _, e := range s.entries[:n] {
			s.pendingBytes -= e.size()
		}
		s.entries = slices.Clone(s.entries[n:]) // lets go of the old array
	}
	st := s.db.Stats()
	s.stats.WrittenBytes += st.TxStats.GetPageAlloc() - s.paged + int64(s.db.Info().PageSize) // and one meta page
	s.paged = st.TxStats.GetPageAlloc()
	s.stats.Size = length
	s.stats.Dropped += w.dropped
	s.stats.Flushes++
	s.stats.LastFlush = s.opt.Clock.Now()
}

// report counts a failure and logs when writing stops working and when it works again.
func (s *Store) report(err error) {
	s.mu.Lock()
	was := s.stats.Writable
	s.stats.Writable = err == nil
	if err != nil {
		s.stats.Errors++
	}
	s.mu.Unlock()
	switch {
	case err != nil && was:
		s.log.Error("store cannot write, going on in memory", "path", s.path, "err", err)
	case err == nil && !was:
		s.log.Info("store writes again", "path", s.path)
	}
}

// isFull says that the disk, or the size allowed, has no room.
func isFull(err error) bool {
	return errors.Is(err, berrors.ErrMaxSizeReached) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
