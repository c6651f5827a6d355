package storage

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"hearth/energy"
)

// quarter is the grid of rollups, counted in UTC: that of prices and settlement.
const quarter = 15 * time.Minute

// Rollup is what a channel showed in one quarter hour; it always has at least one value.
type Rollup struct {
	Slot          energy.Interval
	Count         int
	Sum, Min, Max float64
}

// Mean is the plain mean of the values: rows are taken at an even pace, so it is the mean over time.
func (r Rollup) Mean() float64 { return r.Sum / float64(r.Count) }

// Rollups yields the quarter hours of a channel that begin within an interval, by time, until yield returns false; one
// without any value is left out. Today's are made of what there is so far. The store may be used from inside yield.
func (s *Store) Rollups(channel string, within energy.Interval, yield func(Rollup) bool) error {
	from := ceilMillis(within.Start)
	if first := startOf(from, quarter); first < from {
		from = first + quarter.Milliseconds()
	}
	to := startOf(ceilMillis(within.End)-1, quarter) + quarter.Milliseconds() // the last one counts whole
	q := s.query(channel, energy.Interval{Start: time.UnixMilli(from), End: time.UnixMilli(to)})
	days, err := s.dayNames(q.days(), bucketsOf(rawBucket, quarterBucket))
	if err != nil {
		return fmt.Errorf("rollups %s: %w", channel, err)
	}
	for _, d := range days {
		var found []Rollup
		if err := s.viewCounting(func(tx *bolt.Tx) (bad int, err error) {
			found, bad, err = q.rollupDay(tx, d)
			return bad, err
		}); err != nil {
			return fmt.Errorf("rollups %s: %w", channel, err)
		}
		for _, r := range found {
			if !yield(r) {
				return nil
			}
		}
	}
	return nil
}

// rollupDay takes the stored quarter hours of a day unless memory knows better.
func (q query) rollupDay(tx *bolt.Tx, d int64) (found []Rollup, bad int, err error) {
	if tx != nil {
		raw, stored := tx.Bucket([]byte(rawBucket)).Bucket(timeKey(d)), tx.Bucket([]byte(quarterBucket)).Bucket(timeKey(d))
		if stored != nil && (raw == nil || len(q.freshDay(d)) == 0) {
			found, bad = q.storedRollups(stored)
			return found, bad, nil
		}
	}
	samples, bad, err := q.rawDay(tx, d)
	for _, p := range samples {
		start := startOf(p.ms, quarter)
		if n := len(found); n == 0 || found[n-1].Slot.Start.UnixMilli() != start {
			slot := energy.Span(time.UnixMilli(start).UTC(), quarter)
			found = append(found, Rollup{Slot: slot, Min: p.value, Max: p.value})
		}
		r := &found[len(found)-1]
		r.Count++
		r.Sum, r.Min, r.Max = r.Sum+p.value, min(r.Min, p.value), max(r.Max, p.value)
	}
	return found, bad, err
}

func (q query) storedRollups(b *bolt.Bucket) (found []Rollup, bad int) {
	c := b.Cursor()
	for k, v := c.Seek(timeKey(q.from)); k != nil; k, v = c.Next() {
		ms, ok := keyTime(k)
		if !ok || ms >= q.to {
			break
		}
		body, err := unseal(k, v)
		if err != nil {
			bad++
			continue
		}
		for _, a := range decodeAccounts(body) {
			if a.id == q.id {
				slot := energy.Span(time.UnixMilli(ms).UTC(), quarter)
				found = append(found, Rollup{slot, int(a.count), a.sum, a.min, a.max})
			}
		}
	}
	return found, bad
}

// account sums up one channel in one quarter hour.
type account struct {
	id, count     uint64
	sum, min, max float64
}

// rollUp makes the quarter hours of a day from its rows, whatever was there before.
func rollUp(tx *bolt.Tx, name []byte) error {
	quarters := tx.Bucket([]byte(quarterBucket))
	if quarters.Bucket(name) != nil {
		if err := quarters.DeleteBucket(name); err != nil {
			return fmt.Errorf("roll up: %w", err)
		}
	}
	out, err := quarters.CreateBucket(name)
	if err != nil {
		return fmt.Errorf("roll up: %w", err)
	}
	out.FillPercent = fillAppendOnly
	slot, accounts := int64(0), []account(nil)
	write := func() error {
		if len(accounts) == 0 {
			return nil
		}
		key := timeKey(slot)
		err := out.Put(key, seal(key, encodeAccounts(accounts)))
		accounts = accounts[:0]
		return err
	}
	c := tx.Bucket([]byte(rawBucket)).Bucket(name).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		ms, ok := keyTime(k)
		body, err := unseal(k, v)
		if !ok || err != nil {
			continue // a reader counts it
		}
		if start := startOf(ms, quarter); start != slot {
			if err := write(); err != nil {
				return fmt.Errorf("roll up: %w", err)
			}
			slot = start
		}
		for _, cell := range decodeCells(body) {
			accounts = add(accounts, cell)
		}
	}
	if err := write(); err != nil {
		return fmt.Errorf("roll up: %w", err)
	}
	return nil
}

// add counts a value in its account; accounts stay in order of their channel.
func add(accounts []account, c idValue) []account {
	i, ok := slices.BinarySearchFunc(accounts, c.id, func(a account, id uint64) int { return cmp.Compare(a.id, id) })
	if !ok {
		accounts = slices.Insert(accounts, i, account{id: c.id, min: c.value, max: c.value})
	}
	a := &accounts[i]
	a.count++
	a.sum, a.min, a.max = a.sum+c.value, min(a.min, c.value), max(a.max, c.value)
	return accounts
}

// encodeAccounts is, for each account, channel and count as varints, then sum, minimum and maximum.
func encodeAccounts(accounts []account) []byte {
	out := make([]byte, 0, 28*len(accounts))
	for _, a := range accounts {
		out = binary.AppendUvarint(binary.AppendUvarint(out, a.id), a.count)
		for _, v := range []float64{a.sum, a.min, a.max} {
			out = binary.BigEndian.AppendUint64(out, math.Float64bits(v))
		}
	}
	return out
}

func decodeAccounts(body []byte) []account {
	var out []account
	for len(body) > 0 {
		id, n := binary.Uvarint(body)
		if n <= 0 {
			return out
		}
		count, m := binary.Uvarint(body[n:])
		if m <= 0 || count == 0 || len(body) < n+m+24 {
			return out
		}
		body = body[n+m:]
		at := func(i int) float64 { return math.Float64frombits(binary.BigEndian.Uint64(body[8*i:])) }
		out = append(out, account{id, count, at(0), at(1), at(2)})
		body = body[24:]
	}
	return out
}
