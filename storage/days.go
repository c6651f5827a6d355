package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

const day = 24 * time.Hour

// dayRange asks for the days of [from, to) and knows those of what is in memory.
type dayRange struct {
	from, to int64
	fresh    []int64
}

// viewCounting is view, counting the records fn had to leave out. Without a file fn gets a nil transaction.
func (s *Store) viewCounting(fn func(*bolt.Tx) (bad int, err error)) error {
	bad, isRead := 0, false
	err := s.view(func(tx *bolt.Tx) (err error) {
		isRead = true
		bad, err = fn(tx)
		return err
	})
	if err == nil && !isRead {
		bad, err = fn(nil)
	}
	s.countBad(bad)
	return err
}

// dayNames are the first instants of the days of a range that have something, in memory or in one of the buckets
// found, in order.
func (s *Store) dayNames(r dayRange, find func(*bolt.Tx) []*bolt.Bucket) ([]int64, error) {
	out := r.fresh
	err := s.view(func(tx *bolt.Tx) error {
		for _, b := range find(tx) {
			if b == nil {
				continue
			}
			c := b.Cursor()
			for k, v := c.Seek(timeKey(startOf(r.from, day))); k != nil; k, v = c.Next() {
				d, ok := keyTime(k)
				if !ok || d >= r.to {
					break
				}
				if v == nil {
					out = append(out, d)
				}
			}
		}
		return nil
	})
	slices.Sort(out)
	return slices.Compact(out), err
}

// bucketsOf finds top-level buckets.
func bucketsOf(names ...string) func(*bolt.Tx) []*bolt.Bucket {
	return func(tx *bolt.Tx) (out []*bolt.Bucket) {
		for _, name := range names {
			out = append(out, tx.Bucket([]byte(name)))
		}
		return out
	}
}

// dayBuckets are the names of the day buckets inside b, oldest first.
func dayBuckets(b *bolt.Bucket) [][]byte {
	var names [][]byte
	c := b.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if v == nil && len(k) == 8 {
			names = append(names, slices.Clone(k))
		}
	}
	return names
}

// dropDays deletes the oldest day buckets beyond keep.
func dropDays(b *bolt.Bucket, keep int) error {
	names := dayBuckets(b)
	for len(names) > keep {
		if err := b.DeleteBucket(names[0]); err != nil {
			return err
		}
		names = names[1:]
	}
	return nil
}

// timeKey sorts as time does, also before 1970; instants are kept to the millisecond.
func timeKey(ms int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(ms)^1<<63) }

// keyTime is the instant of a key that begins with a timeKey; false for one that is too short.
func keyTime(key []byte) (ms int64, ok bool) {
	if len(key) < 8 {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(key) ^ 1<<63), true
}

// startOf is the multiple of step at or before an instant.
func startOf(ms int64, step time.Duration) int64 {
	n := step.Milliseconds()
	return ms - ((ms%n)+n)%n
}

// ceilMillis is the first millisecond at or after t, so that half-open intervals keep their meaning when cut.
func ceilMillis(t time.Time) int64 {
	ms := t.UnixMilli()
	if time.UnixMilli(ms).Before(t) {
		ms++
	}
	return ms
}

// overlay is both lists in order, with the fresh one of two that compare equal. It may change fresh.
func overlay[T any](stored, fresh []T, compare func(a, b T) int) []T {
	if len(fresh) == 0 {
		return stored
	}
	all := append(fresh, stored...)
	slices.SortStableFunc(all, compare)
	return slices.CompactFunc(all, func(a, b T) bool { return compare(a, b) == 0 })
}

// tidy makes the quarter hours of days that are over, or were touched again, and drops the oldest days.
func (s *Store) tidy(tx *bolt.Tx, touched map[int64]bool) error {
	raw, quarters := tx.Bucket([]byte(rawBucket)), tx.Bucket([]byte(quarterBucket))
	today := startOf(s.opt.Clock.Now().UnixMilli(), day)
	names := dayBuckets(raw)
	surplus := len(names) - s.opt.RawDays
	for i, name := range names {
		d, _ := keyTime(name)
		isMade := quarters.Bucket(name) != nil
		if isMade && touched[d] || !isMade && (d < today || i < surplus) {
			if err := rollUp(tx, name); err != nil {
				return err
			}
		}
	}
	if err := dropDays(raw, s.opt.RawDays); err != nil {
		return fmt.Errorf("drop rows: %w", err)
	}
	if err := dropDays(quarters, s.opt.RollupDays); err != nil {
		return fmt.Errorf("drop quarter hours: %w", err)
	}
	return nil
}

// inUse is the bytes of pages that hold something.
func (s *Store) inUse() int64 {
	var used int64
	if err := s.view(func(tx *bolt.Tx) error {
		used = tx.Size()
		return nil
	}); err != nil {
		return 0
	}
	return used - int64(s.db.Stats().FreeAlloc)
}

// errNoDay says that nothing is left to drop: today, state and journals are bounded elsewhere.
var errNoDay = errors.New("no day to drop")

// makeRoom drops one day: the oldest rows before today, and when there are none the oldest quarter hours.
func (s *Store) makeRoom() error {
	today := timeKey(startOf(s.opt.Clock.Now().UnixMilli(), day))
	err := s.update(func(tx *bolt.Tx) error {
		raw, quarters := tx.Bucket([]byte(rawBucket)), tx.Bucket([]byte(quarterBucket))
		if days := dayBuckets(raw); len(days) > 0 && string(days[0]) < string(today) {
			if quarters.Bucket(days[0]) == nil {
				if err := rollUp(tx, days[0]); err != nil {
					return err
				}
			}
			return raw.DeleteBucket(days[0])
		}
		if days := dayBuckets(quarters); len(days) > 0 {
			return quarters.DeleteBucket(days[0])
		}
		return errNoDay
	})
	if err != nil {
		return fmt.Errorf("make room: %w", err)
	}
	return nil
}
