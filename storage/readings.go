package storage

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"hearth/energy"
)

const (
	fullRows = 512   // that many pending rows are written at once: about an hour and a half of 10 s rows
	maxRows  = 16384 // pending rows to hold while the disk is away: nearly two days of 10 s rows, about 4 MB
)

// row is what was measured at one instant. It is never changed.
type row struct {
	ms     int64
	number uint64
	cells  []cell // by channel
}

type cell struct {
	channel string
	value   float64
}

// sample is one value of one channel.
type sample struct {
	ms    int64
	value float64
}

func bySampleTime(a, b sample) int { return cmp.Compare(a.ms, b.ms) }

// Record keeps what was measured at one instant, by channel; the map stays the caller's. Instants are cut to the
// millisecond, and for the same millisecond the later value of a channel wins. A value that is not a finite
// number is unknown and not kept. Rows of any past day are welcome as long as its rows are still kept: to
// fill a new store with history, record in order of time, all channels together.
func (s *Store) Record(at time.Time, values map[string]float64) {
	cells := make([]cell, 0, len(values))
	for channel, v := range values {
		if channel != "" && len(channel) <= bolt.MaxKeySize && !math.IsNaN(v) && !math.IsInf(v, 0) {
			cells = append(cells, cell{channel, v})
		}
	}
	if len(cells) == 0 {
		return
	}
	slices.SortStableFunc(cells, func(a, b cell) int { return cmp.Compare(a.channel, b.channel) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed {
		s.stats.Dropped++
		return
	}
	r := &row{at.UnixMilli(), s.next(), cells}
	i, isThere := slices.BinarySearchFunc(s.rows, r.ms, func(r *row, ms int64) int { return cmp.Compare(r.ms, ms) })
	if isThere {
		r.cells = overlay(s.rows[i].cells, r.cells, func(a, b cell) int { return cmp.Compare(a.channel, b.channel) })
		s.rows[i] = r
		return
	}
	s.rows = slices.Insert(s.rows, i, r)
	if len(s.rows) > maxRows {
		s.rows = slices.Delete(s.rows, 0, 1)
		s.stats.Dropped++
	}
	if len(s.rows) >= fullRows {
		s.wake(s.wakeFull)
	}
}

// Readings yields the values of a channel within an interval, by time, until yield returns false. The store may be
// used from inside yield. Beyond the days of rows kept there are only [Store.Rollups].
func (s *Store) Readings(channel string, within energy.Interval, yield func(t time.Time, v float64) bool) error {
	q := s.query(channel, within)
	days, err := s.dayNames(q.days(), bucketsOf(rawBucket))
	if err != nil {
		return fmt.Errorf("readings %s: %w", channel, err)
	}
	for _, d := range days {
		var samples []sample
		if err := s.viewCounting(func(tx *bolt.Tx) (bad int, err error) {
			samples, bad, err = q.rawDay(tx, d)
			return bad, err
		}); err != nil {
			return fmt.Errorf("readings %s: %w", channel, err)
		}
		for _, p := range samples {
			if !yield(time.UnixMilli(p.ms).UTC(), p.value) {
				return nil
			}
		}
	}
	return nil
}

// query is what one channel is asked for, with what is in memory of it.
type query struct {
	from, to int64  // [from, to)
	id       uint64 // 0: the file has nothing of this channel
	fresh    []sample
}

// query copies what is in memory before the file is looked at: what is written in between is then seen twice,
// which overlay heals, rather than not at all.
func (s *Store) query(channel string, within energy.Interval) query {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := query{from: ceilMillis(within.Start), to: ceilMillis(within.End)}
	for _, r := range s.rows {
		if r.ms < q.from || r.ms >= q.to {
			continue
		}
		if i, ok := slices.BinarySearchFunc(r.cells, channel, func(c cell, name string) int {
			return cmp.Compare(c.channel, name)
		}); ok {
			q.fresh = append(q.fresh, sample{r.ms, r.cells[i].value})
		}
	}
	q.id = s.channels.ids[channel]
	return q
}

// days are the days that have something in memory.
func (q query) days() dayRange {
	r := dayRange{from: q.from, to: q.to}
	for _, p := range q.fresh {
		r.fresh = append(r.fresh, startOf(p.ms, day))
	}
	return r
}

// freshDay is what is in memory of a day.
func (q query) freshDay(d int64) []sample {
	from, _ := slices.BinarySearchFunc(q.fresh, sample{ms: d}, bySampleTime)
	to, _ := slices.BinarySearchFunc(q.fresh, sample{ms: d + day.Milliseconds()}, bySampleTime)
	return slices.Clone(q.fresh[from:to])
}

// rawDay is the samples of a day, memory over file. Of a day whose rows were dropped there are none, not even
// in memory: they have no rows to join and will not be kept.
func (q query) rawDay(tx *bolt.Tx, d int64) (samples []sample, bad int, err error) {
	fresh, name := q.freshDay(d), timeKey(d)
	if tx == nil {
		return fresh, 0, nil
	}
	raw := tx.Bucket([]byte(rawBucket)).Bucket(name)
	if raw == nil {
		if tx.Bucket([]byte(quarterBucket)).Bucket(name) != nil {
			return nil, 0, nil
		}
		return fresh, 0, nil
	}
	if q.id == 0 {
		return fresh, 0, nil
	}
	c := raw.Cursor()
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
		if value, ok := valueOf(body, q.id); ok {
			samples = append(samples, sample{ms, value})
		}
	}
	return overlay(samples, fresh, bySampleTime), bad, nil
}

// writeRows adds rows to their days, which it returns, and to the dictionary, which it returns when it grew.
func writeRows(tx *bolt.Tx, rows []*row, dict dictionary) (w written, err error) {
	w = written{channels: dict, days: map[int64]bool{}}
	raw, quarters := tx.Bucket([]byte(rawBucket)), tx.Bucket([]byte(quarterBucket))
	for _, r := range rows {
		d := startOf(r.ms, day)
		name := timeKey(d)
		b := raw.Bucket(name)
		if b == nil && quarters.Bucket(name) != nil {
			w.dropped++ // the rows of this day are gone: its quarter hours would come out wrong
			continue
		}
		if b == nil {
			if b, err = raw.CreateBucket(name); err != nil {
				return w, fmt.Errorf("day of rows: %w", err)
			}
		}
		b.FillPercent = fillAppendOnly
		w.days[d] = true
		w.channels = w.channels.with(r.cells)
		key := timeKey(r.ms)
		cells := w.channels.encode(r.cells)
		if old, err := unseal(key, b.Get(key)); err == nil {
			cells = overlay(decodeCells(old), cells, byID)
		}
		if err := b.Put(key, seal(key, encodeCells(cells))); err != nil {
			return w, fmt.Errorf("row: %w", err)
		}
	}
	return w, w.channels.save(tx, len(dict.ids))
}

// written is what a batch of rows did.
type written struct {
	channels dictionary
	days     map[int64]bool
	dropped  int64
}

// dictionary gives each channel a small number, because names in every row would fill the card. Numbers are never
// used again. It is not changed in place.
type dictionary struct {
	ids  map[string]uint64
	last uint64
}

func loadDictionary(tx *bolt.Tx) (d dictionary, bad int, err error) {
	b := tx.Bucket([]byte(channelBucket))
	d = dictionary{map[string]uint64{}, b.Sequence()}
	taken := map[uint64]bool{}
	err = b.ForEach(func(k, v []byte) error {
		body, err := unseal(k, v)
		if err != nil || len(body) != 8 {
			bad++
			return nil
		}
		id := binary.BigEndian.Uint64(body)
		if id == 0 || taken[id] {
			return fmt.Errorf("channel %s has the number of another: %w", k, ErrDamaged)
		}
		taken[id], d.ids[string(k)], d.last = true, id, max(d.last, id)
		return nil
	})
	return d, bad, err
}

// with is the dictionary with every channel of the cells.
func (d dictionary) with(cells []cell) dictionary {
	for _, c := range cells {
		if d.ids[c.channel] == 0 {
			d.ids = maps.Clone(d.ids)
			if d.ids == nil {
				d.ids = map[string]uint64{}
			}
			d.last++
			d.ids[c.channel] = d.last
		}
	}
	return d
}

// save writes the dictionary when it has more than known channels.
func (d dictionary) save(tx *bolt.Tx, known int) error {
	if len(d.ids) == known {
		return nil
	}
	b := tx.Bucket([]byte(channelBucket))
	for name, id := range d.ids {
		key := []byte(name)
		if err := b.Put(key, seal(key, binary.BigEndian.AppendUint64(nil, id))); err != nil {
			return fmt.Errorf("channel %s: %w", name, err)
		}
	}
	return b.SetSequence(d.last)
}

func (d dictionary) encode(cells []cell) []idValue {
	out := make([]idValue, len(cells))
	for i, c := range cells {
		out[i] = idValue{d.ids[c.channel], c.value}
	}
	slices.SortStableFunc(out, byID)
	return out
}

// idValue is a stored cell.
type idValue struct {
	id    uint64
	value float64
}

func byID(a, b idValue) int { return cmp.Compare(a.id, b.id) }

// encodeCells is, for each cell, the number as a varint and the eight bytes of the value.
func encodeCells(cells []idValue) []byte {
	out := make([]byte, 0, 10*len(cells))
	for _, c := range cells {
		out = binary.BigEndian.AppendUint64(binary.AppendUvarint(out, c.id), math.Float64bits(c.value))
	}
	return out
}

// decodeCells reads what encodeCells wrote, up to where it stops making sense: the checksum has passed.
func decodeCells(body []byte) []idValue {
	var out []idValue
	for len(body) > 0 {
		id, n := binary.Uvarint(body)
		if n <= 0 || len(body) < n+8 {
			return out
		}
		out = append(out, idValue{id, math.Float64frombits(binary.BigEndian.Uint64(body[n:]))})
		body = body[n+8:]
	}
	return out
}

// valueOf is one cell of a row, without decoding the others into a slice.
func valueOf(body []byte, wanted uint64) (float64, bool) {
	for len(body) > 0 {
		id, n := binary.Uvarint(body)
		if n <= 0 || len(body) < n+8 {
			return 0, false
		}
		if id == wanted {
			return math.Float64frombits(binary.BigEndian.Uint64(body[n:])), true
		}
		body = body[n+8:]
	}
	return 0, false
}
