package energy

import (
	"fmt"
	"slices"
	"sort"
	"time"
)

// Status says how firm a value is.
type Status string

// The statuses, from firm to loose. The zero value is for what was computed here.
const (
	Final       Status = "final"
	Preliminary Status = "preliminary"
	Forecast    Status = "forecast"
	Assumed     Status = "assumed" // configured, for want of anything published
)

// Origin says where values came from. It is shared between points and never changed.
type Origin struct {
	Source  string    `json:"source"`
	Fetched time.Time `json:"fetched"`
	Status  Status    `json:"status,omitempty"`
}

// Point is a value that holds for an interval.
type Point[T any] struct {
	Interval
	Value  T       `json:"value"`
	Origin *Origin `json:"origin,omitempty"` // nil: computed here
}

// Series is values over ordered, non-overlapping, non-empty intervals. The zero value covers nothing.
// It is never changed after it was made, so copies may share it.
type Series[T any] struct {
	Currency Currency   `json:"currency,omitempty"` // of a series of prices; empty otherwise
	Points   []Point[T] `json:"points"`
}

// NewSeries sorts the points and refuses empty and overlapping intervals. It keeps the slice.
func NewSeries[T any](c Currency, points []Point[T]) (Series[T], error) {
	slices.SortStableFunc(points, func(a, b Point[T]) int { return a.Start.Compare(b.Start) })
	s := Series[T]{c, points}
	return s, s.Validate()
}

// Validate names the first point that is empty, out of order or overlaps the one before.
func (s Series[T]) Validate() error {
	for i, p := range s.Points {
		if p.IsEmpty() {
			return fmt.Errorf("series: point %d: interval %v is empty", i, p.Interval)
		}
		if i > 0 && p.Start.Before(s.Points[i-1].End) {
			return fmt.Errorf("series: point %d: interval %v overlaps %v", i, p.Interval, s.Points[i-1].Interval)
		}
	}
	return nil
}

// At is the value that holds at t; false where there is none.
func (s Series[T]) At(t time.Time) (T, bool) {
	i := s.after(t)
	if i < len(s.Points) && s.Points[i].Contains(t) {
		return s.Points[i].Value, true
	}
	var none T
	return none, false
}

// Slice is the part inside the interval; points that straddle its ends are cut.
func (s Series[T]) Slice(within Interval) Series[T] {
	var out []Point[T]
	for i := s.after(within.Start); i < len(s.Points) && s.Points[i].Start.Before(within.End); i++ {
		p := s.Points[i]
		p.Interval = p.Overlap(within)
		if !p.IsEmpty() {
			out = append(out, p)
		}
	}
	return Series[T]{s.Currency, out}
}

// Gaps lists what the series does not cover inside the interval, in order.
//
//	within   |-----------------|
//	points     [--)[---)   [-----)
//	gaps     [)         [--)
func (s Series[T]) Gaps(within Interval) []Interval {
	var gaps []Interval
	at := within.Start
	for _, p := range s.Slice(within).Points {
		if at.Before(p.Start) {
			gaps = append(gaps, Interval{at, p.Start})
		}
		at = p.End
	}
	if at.Before(within.End) {
		gaps = append(gaps, Interval{at, within.End})
	}
	return gaps
}

// Extent is from the first start to the last end, gaps included; empty for an empty series.
func (s Series[T]) Extent() Interval {
	if len(s.Points) == 0 {
		return Interval{}
	}
	return Interval{s.Points[0].Start, s.Points[len(s.Points)-1].End}
}

// Merge prefers the earlier of the series wherever several cover an instant; later ones fill the gaps.
// Series of different currencies are refused; one without any points has no say.
//
//	a        [--A--)      [-A-)
//	b     [------B-----)
//	merge [B)[--A--)[B-)  [-A-)
func Merge[T any](preferred ...Series[T]) (Series[T], error) {
	var out Series[T]
	for _, s := range preferred {
		if len(s.Points) == 0 {
			continue
		}
		if len(out.Points) == 0 {
			out.Currency = s.Currency
		}
		if s.Currency != out.Currency {
			return Series[T]{}, fmt.Errorf("merge series: currency %q beside %q", s.Currency, out.Currency)
		}
		var filled []Point[T]
		for _, gap := range out.Gaps(s.Extent()) {
			filled = append(filled, s.Slice(gap).Points...)
		}
		merged, err := NewSeries(out.Currency, append(filled, out.Points...))
		if err != nil {
			return Series[T]{}, fmt.Errorf("merge series: %w", err)
		}
		out = merged
	}
	return out, nil
}

// Map is the series of f of each value, over the same intervals and origins.
func Map[T, U any](s Series[T], f func(T) U) Series[U] {
	out := Series[U]{Points: make([]Point[U], len(s.Points))}
	for i, p := range s.Points {
		out.Points[i] = Point[U]{p.Interval, f(p.Value), p.Origin}
	}
	return out
}

// after is the index of the first point that ends after t.
func (s Series[T]) after(t time.Time) int {
	return sort.Search(len(s.Points), func(i int) bool { return s.Points[i].End.After(t) })
}
