package ven

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"time"

	"hearth/energy"
	"hearth/openadr"
)

// expansion is one run of [Timeline].
type expansion struct {
	in       Input
	window   energy.Interval
	programs map[string]*openadr.Program
	left     int // pieces still to be had
	rejected []Rejection
}

func newExpansion(in Input, window energy.Interval) *expansion {
	x := &expansion{in: in, window: window, programs: map[string]*openadr.Program{}, left: maxPieces}
	for i := range in.Programs {
		x.programs[in.Programs[i].ID] = &in.Programs[i]
	}
	return x
}

// placed is an event with all that is needed to expand it.
type placed struct {
	event   *openadr.Event
	program *openadr.Program // nil if the VTN did not list it
	origin  *energy.Origin
	layout  layout
	rank    int // the larger prevails
}

func (x *expansion) place(e *Received, rank int) placed {
	p := placed{event: &e.Event, program: x.programs[e.ProgramID], rank: rank}
	name := e.ProgramID
	if p.program != nil && p.program.ProgramName != "" {
		name = p.program.ProgramName
	}
	p.origin = &energy.Origin{Source: x.in.Source + "/" + name, Fetched: e.Fetched, Status: energy.Final}
	p.layout = lay(p.event, x.in.Anchors.of(p.event))
	return p
}

// track gathers the pieces of one payload type.
type track[T any] struct {
	kind     string
	read     func(json.RawMessage, terms) (T, error)
	currency energy.Currency // of the highest ranking event that has any; others are rejected
	pieces   []piece[T]
}

// piece is a value over a span inside the window. Among pieces that overlap the greatest rank holds.
type piece[T any] struct {
	start, end int64 // Unix nanoseconds
	rank       uint64
	value      T
	origin     *energy.Origin
}

// expand adds what the event says of the track's payload type inside the window.
func expand[T any](x *expansion, t *track[T], p placed) {
	reject := func(at int, reason string) {
		x.rejected = append(x.rejected, Rejection{p.event.ID, at, t.kind, reason})
	}
	for _, f := range p.layout.misplaced {
		if _, count := payload(&p.event.Intervals[f.at], t.kind); count > 0 {
			reject(f.at, f.reason)
		}
	}
	if !p.layout.overlaps(x.window) {
		return
	}
	window := x.window
	if p.layout.isLimited && p.layout.limit.Before(window.End) {
		window.End = p.layout.limit
	}
	var said *terms
	before := len(t.pieces)
	for order, r := range p.layout.rows {
		first, last := p.layout.turns(r, window)
		if first > last {
			continue
		}
		raw, count := payload(&p.event.Intervals[r.at], t.kind)
		if count == 0 {
			continue
		}
		if said == nil {
			var err error
			if said, err = x.terms(t.kind, t.currency, p); err != nil {
				reject(-1, err.Error())
				return
			}
		}
		values, err := rowValues(r, raw, count, func(raw []json.RawMessage) ([]T, error) { return readAll(raw, *said, t.read) })
		if err != nil {
			reject(r.at, err.Error())
			continue
		}
		if last-first >= int64(x.left/len(values)) {
			reject(-1, "too many intervals")
			x.left += len(t.pieces) - before
			t.pieces = t.pieces[:before]
			return
		}
		x.left -= int(last-first+1) * len(values)
		t.currency = said.currency
		c := cutter[T]{window, values, uint64(p.rank)<<32 | uint64(order), p.origin}
		for turn := first; turn <= last; turn++ {
			t.pieces = c.cut(t.pieces, p.layout.turn(r, turn))
		}
	}
}

// terms reads the descriptors of a payload type; agreed is the currency of the events before, if any.
func (x *expansion) terms(kind string, agreed energy.Currency, p placed) (*terms, error) {
	d := descriptor(kind, p.event, p.program)
	if kind == openadr.PayloadGHG {
		t, err := carbonTerms(d)
		return &t, err
	}
	t, err := priceTerms(d, x.in.Currency)
	if err == nil && agreed != "" && t.currency != agreed {
		err = fmt.Errorf("currency %s, where events before have %s", t.currency, agreed)
	}
	return &t, err
}

// rowValues reads the values of an interval and checks that they can share its time.
func rowValues[T any](r row, raw []json.RawMessage, count int, read func([]json.RawMessage) ([]T, error)) ([]T, error) {
	if count > 1 {
		return nil, errors.New("the same payload type twice")
	}
	values, err := read(raw)
	if err == nil && len(values) > 1 && (r.endless || r.end.Sub(r.start) == math.MaxInt64) { // Sub is saturated
		return nil, errors.New("several values share an interval without end")
	}
	return values, err
}

// cutter makes pieces of the values of one interval. Several values split it into equal parts, to the
// nanosecond and without remainder (UG 7.3):
//
//	values a b c   [--a--)[--b--)[--c--)
type cutter[T any] struct {
	window energy.Interval
	values []T
	rank   uint64
	origin *energy.Origin
}

func (c *cutter[T]) cut(pieces []piece[T], r row) []piece[T] {
	if r.endless {
		r.end = c.window.End
	}
	n, length := len(c.values), r.end.Sub(r.start)
	start := r.start
	for i, v := range c.values {
		end := r.end
		if i+1 < n {
			end = r.start.Add(share(length, i+1, n))
		}
		if part := (energy.Interval{Start: start, End: end}).Overlap(c.window); !part.IsEmpty() {
			pieces = append(pieces, piece[T]{part.Start.UnixNano(), part.End.UnixNano(), c.rank, v, c.origin})
		}
		start = end
	}
	return pieces
}

// share is i n-ths of a length, rounded down; a plain product would overflow after some weeks of nanoseconds.
func share(length time.Duration, i, n int) time.Duration {
	high, low := bits.Mul64(uint64(length), uint64(i))
	quotient, _ := bits.Div64(high, low, uint64(n))
	return time.Duration(quotient)
}
