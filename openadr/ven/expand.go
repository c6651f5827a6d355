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

// expansion is one run of [Timeline] for the home, or for one resource of it.
type expansion struct {
	*sheet
	in       *Input
	window   energy.Interval
	programs map[string]*openadr.Program
	left     int // pieces still to be had
	rejected []Rejection
	isOpen   func(*openadr.Interval) bool
	spare    []row // of the event before
}

func newExpansion(in *Input, window energy.Interval) *expansion {
	x := &expansion{sheet: newSheet(), in: in, window: window, programs: map[string]*openadr.Program{}, left: maxPieces}
	for i := range in.Programs {
		x.programs[in.Programs[i].ID] = &in.Programs[i]
	}
	x.isOpen = in.opens()
	return x
}

// placed is an event with all that is needed to expand it.
type placed struct {
	*Received
	program *openadr.Program // nil if the VTN did not list it
	rules   rules
	layout  layout
	rank    int // the larger prevails
	sourced
}

// sourced is where pieces come from, made when the first needs it.
type sourced struct {
	origin *energy.Origin
	cause  *Cause
}

// source is what the pieces of one event on one track share.
type source struct {
	origin  *energy.Origin
	cause   *Cause
	payload string
}

// add expands an event on all tracks it has payloads for.
func (x *expansion) add(e *Received, rank int) {
	here := x.lanesOf(&e.Event)
	if here == 0 {
		return
	}
	p := placed{Received: e, program: x.programs[e.ProgramID], rank: rank}
	p.rules = rules{x.in.Currency, x.in.writesHundreds(e.ProgramID, p.program)}
	p.layout = lay(&e.Event, x.in.Anchors.of(&e.Event), x.isOpen, x.spare)
	x.spare = p.layout.rows
	isDrawn := false
	for here != 0 {
		at := bits.TrailingZeros64(here)
		here &^= 1 << at
		l := x.lanes[at]
		if l.track.nature().acts && !isDrawn && isRandom(&e.Event) {
			p.layout.randomize(&e.Event, x.in.seed())
			isDrawn = true
		}
		l.track.add(x, l.name, &p)
	}
}

// lanesOf is the set of lanes that an event has payloads for.
func (x *expansion) lanesOf(e *openadr.Event) (set uint64) {
	last := ""
	for i := range e.Intervals {
		for p := range e.Intervals[i].Payloads {
			kind := e.Intervals[i].Payloads[p].Type
			if kind == last {
				continue
			}
			last = kind
			if at, isKnown := x.index[meaning(kind, x.in.Private)]; isKnown {
				set |= 1 << at
			}
		}
	}
	return set
}

// seed is what randomized starts are drawn from.
func (in *Input) seed() string {
	if in.Seed != "" {
		return in.Seed
	}
	return in.Source
}

// source makes what pieces of a payload type share.
func (x *expansion) source(p *placed, payload string) *source {
	if p.origin == nil {
		name := p.ProgramID
		if p.program != nil && p.program.ProgramName != "" {
			name = p.program.ProgramName
		}
		p.origin = &energy.Origin{Source: x.in.Source + "/" + name, Fetched: p.Fetched, Status: energy.Final}
		p.cause = &Cause{p.ID, p.EventName, p.ProgramID, p.Priority}
	}
	return &source{p.origin, p.cause, payload}
}

// values finds what an interval says on a track. A shape stands on the first interval, a value for each.
func (x *expansion) values(n nature, kind string, e *openadr.Event, at int) (raw []json.RawMessage, count int) {
	raw, count = payload(&e.Intervals[at], kind, x.in.Private)
	if !n.isSpread {
		return raw, count
	}
	if count == 0 {
		raw, count = payload(&e.Intervals[0], kind, x.in.Private)
		if len(raw) != len(e.Intervals) {
			return nil, 0 // it is the first's own
		}
	}
	if count == 1 && len(raw) == len(e.Intervals) {
		raw = raw[at : at+1]
	}
	return raw, count
}

// track gathers the pieces of one payload type.
type track[T any] struct {
	traits   nature
	terms    termsOf
	read     reader[T]
	currency energy.Currency // of the highest ranking event that has any; others are rejected
	pieces   []piece[T]
	cover    cover
	scratch  []T
}

// piece is a value over a span inside the window. Among pieces that overlap the greatest rank holds.
type piece[T any] struct {
	start, end int64 // Unix nanoseconds
	rank       uint64
	value      T
	from       *source
}

// add adds what an event says of a payload type inside the window. Events come in the order of their rank,
// so what those before cover already need not be looked at.
func (t *track[T]) add(x *expansion, kind string, p *placed) {
	for _, f := range p.layout.misplaced {
		if _, count := x.values(t.traits, kind, &p.Event, f.at); count > 0 {
			x.reject(p, f.at, kind, f.reason)
		}
	}
	isShifted := t.traits.acts && p.layout.isShifted
	reach := x.window
	if isShifted {
		reach = widened(reach)
	}
	if !p.layout.overlaps(reach) || !isShifted && t.cover.holds(p.layout.part(reach)) {
		return
	}
	before, left := len(t.pieces), x.left
	if err := t.addRows(x, kind, p, isShifted); err != nil {
		x.reject(p, -1, kind, err.Error())
		t.pieces, x.left = t.pieces[:before], left
	}
	if !t.traits.isListed {
		hide(&t.cover, t.pieces[before:])
	}
}

func (x *expansion) reject(p *placed, at int, kind, reason string) {
	x.rejected = append(x.rejected, Rejection{p.ID, at, kind, reason})
}

// addRows adds row by row. An error is of the whole event.
func (t *track[T]) addRows(x *expansion, kind string, p *placed, isShifted bool) error {
	window := x.window
	if limit := p.layout.limitOf(isShifted); p.layout.isLimited && limit.Before(window.End) {
		window.End = limit
	}
	var said *terms
	var from *source
	for order, r := range p.layout.rows {
		if r.isOpen && !t.traits.lasts {
			continue
		}
		if isShifted {
			r = r.shifted()
		}
		first, last := p.layout.turns(r, window)
		if first > last || first == last && t.cover.holds(p.layout.turn(r, first).inside(window)) {
			continue
		}
		raw, count := x.values(t.traits, kind, &p.Event, r.at)
		if count == 0 {
			continue
		}
		if said == nil {
			var err error
			if said, err = t.termsFor(x, kind, p); err != nil {
				return err
			}
		}
		values, err := t.rowValues(r, raw, count, said)
		if err != nil {
			x.reject(p, r.at, kind, err.Error())
			continue
		}
		if last-first >= int64(x.left/len(values)) {
			return errors.New("too many intervals")
		}
		x.left -= int(last-first+1) * len(values)
		t.currency = said.currency
		if from == nil {
			from = x.source(p, kind)
		}
		c := cutter[T]{window, values, uint64(p.rank)<<32 | uint64(order), from}
		for turn := first; turn <= last; turn++ {
			t.pieces = c.cut(t.pieces, p.layout.turn(r, turn))
		}
	}
	return nil
}

// termsFor reads the descriptors of the payload type.
func (t *track[T]) termsFor(x *expansion, kind string, p *placed) (*terms, error) {
	said, err := t.terms(descriptor(kind, x.in.Private, &p.Event, p.program), p.rules)
	if err == nil && t.currency != "" && said.currency != t.currency {
		err = fmt.Errorf("currency %s, where events before have %s", said.currency, t.currency)
	}
	return &said, err
}

// rowValues reads the values of an interval and checks that they can share its time.
func (t *track[T]) rowValues(r row, raw []json.RawMessage, count int, said *terms) ([]T, error) {
	if count > 1 {
		return nil, errors.New("the same payload type twice")
	}
	values, err := t.readAll(raw, said)
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
	from   *source
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
			pieces = append(pieces, piece[T]{part.Start.UnixNano(), part.End.UnixNano(), c.rank, v, c.from})
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
