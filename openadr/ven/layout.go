package ven

import (
	"slices"
	"time"

	"hearth/energy"
	"hearth/openadr"
)

// row is an interval of an event with its times resolved.
type row struct {
	at      int // position in the event
	start   time.Time
	end     time.Time // means nothing when endless
	endless bool
	isOpen  bool // endless for what lasts until further notice, and no time at all for the rest

	startShift, endShift time.Duration // of what acts, see randomize
}

// layout is when the intervals of an event are.
type layout struct {
	rows      []row         // those that last, by start; equal starts in list order
	misplaced []fault       // those without a place in time
	last      time.Time     // the greatest end of the rows, without repetition
	isEndless bool          // one of the rows is
	period    time.Duration // after which the rows come again; 0: once
	limit     time.Time
	isLimited bool // nothing of the event holds from limit on
	isShifted bool // some row has a shift
}

type fault struct {
	at     int
	reason string
}

// place is where the next interval without a start of its own goes; lost says why there is none.
type place struct {
	at   time.Time
	lost string
}

// lay resolves the times of an event's intervals. A field that an interval does not bring is inherited, each
// by itself: the duration from the event, the start from the end of the interval before (UG 7.3, 7.4).
//
//	event       start T, PT1H
//	interval 1  -                  [T ----)
//	interval 2  PT2H                      [T+1 --------)
//	interval 3  -                                      [T+3 ----)
//	interval 4  start T+6                                           [T+6 ----)
//
// The sentinel start is the anchor on an event, or on a first interval whose event has no start; on a later
// interval it means the same as none. A zero anchor stands for "not yet". PT0S has no window: a mark for
// reports, or the way to cancel (UG 7.9). Calendar lengths are reckoned in UTC.
//
// In 3.0 no duration, and PT0S, are "infinity, depending on payloadType": isOpen says of which intervals; nil
// of none. PT0S from "now" on cancels there as well. The rows are written over spare.
func lay(e *openadr.Event, anchor time.Time, isOpen func(*openadr.Interval) bool, spare []row) layout {
	l := layout{rows: spare[:0]}
	next, startsNow := firstPlace(e, anchor), needsAnchor(e)
	for i := range e.Intervals {
		lasts := isOpen != nil && isOpen(&e.Intervals[i])
		r, reason := next.take(e, i, lasts, startsNow)
		switch {
		case reason != "":
			l.misplaced = append(l.misplaced, fault{i, reason})
			continue
		case r.isMark():
			continue
		}
		l.rows = append(l.rows, r)
		if l.isEndless = l.isEndless || r.endless; !r.isOpen && r.end.After(l.last) {
			l.last = r.end
		}
	}
	if byStart := func(a, b row) int { return a.start.Compare(b.start) }; !slices.IsSortedFunc(l.rows, byStart) {
		slices.SortStableFunc(l.rows, byStart)
	}
	l.repeat(e.Duration)
	return l
}

// take is the row of the i-th interval, and moves the place behind it; a reason says why there is none. It lasts until
// further notice where such things do, and nothing says how long it is; in an event that starts "now" PT0S says so.
func (p *place) take(e *openadr.Event, i int, lasts, startsNow bool) (r row, reason string) {
	var length *openadr.Duration
	if e.IntervalPeriod != nil {
		length = e.IntervalPeriod.Duration
	}
	if own := e.Intervals[i].IntervalPeriod; own != nil {
		if t, ok := own.Start.Time(); ok {
			*p = place{at: t}
		}
		if own.Duration != nil {
			length = own.Duration
		}
	}
	r = row{at: i, start: p.at, end: p.at}
	switch {
	case p.lost != "":
		return r, p.lost
	case lasts && (length == nil || length.IsZero() && !startsNow):
		r.endless, r.isOpen = true, true
	case length == nil: // PT0S by the schema, but nobody writes a price that lasts no time
		return r, "no duration"
	case !length.IsZero():
		end, isFinite := length.AddTo(p.at)
		r.end, r.endless = end, !isFinite
		if p.at = end; !isFinite {
			p.lost = "follows an interval without end"
		}
	}
	return r, ""
}

// isMark says that the row has no length: a mark for reports, or the way to cancel.
func (r *row) isMark() bool { return !r.endless && r.start.Equal(r.end) }

// firstPlace is where the first interval begins unless it says otherwise.
func firstPlace(e *openadr.Event, anchor time.Time) place {
	if needsAnchor(e) {
		if anchor.IsZero() {
			return place{lost: "starts now, and the clock is not set"}
		}
		return place{at: anchor}
	}
	if e.IntervalPeriod != nil {
		if t, ok := e.IntervalPeriod.Start.Time(); ok {
			return place{at: t}
		}
	}
	return place{lost: "no start"}
}

// repeat loops the rows, or cuts them, where the event has a duration other than the sum of them (UG 7.3).
// The period of a loop is from the first start to the last end, gaps included. PT0S is the schema's default
// and means nothing.
//
//	rows         [a)[b--)
//	longer       [a)[b--)[a)[b--)[a)|
//	shorter      [a)[b|
func (l *layout) repeat(d *openadr.Duration) {
	if d == nil || d.IsZero() || len(l.rows) == 0 {
		return
	}
	from := l.rows[0].start
	l.limit, l.isLimited = d.AddTo(from)
	if l.isEndless || l.isLimited && !l.limit.After(l.last) {
		return
	}
	if from.Year() < firstYear {
		for _, r := range l.rows {
			l.misplaced = append(l.misplaced, fault{r.at, "repeats from a time too long ago"})
		}
		l.rows = nil
		return
	}
	l.period = l.last.Sub(from) // where that is too much for a Duration, no repetition is ever in a window
}

// Windows and repetitions stay between these years: their differences fit a time.Duration of 292 years.
const (
	firstYear = 1900
	lastYear  = 2150
)

// turns is the first and the last repetition of a row that overlaps the window, by division: a loop that
// runs since years costs nothing. The first is the greater when there is none.
func (l *layout) turns(r row, window energy.Interval) (first, last int64) {
	last = -1
	if ahead := window.End.Sub(r.start); ahead > 0 && l.period > 0 {
		last = int64((ahead - 1) / l.period)
	} else if ahead > 0 {
		last = 0
	}
	if behind := window.Start.Sub(r.end); behind >= 0 && !r.endless {
		first = 1
		if l.period > 0 {
			first += int64(behind / l.period)
		}
	}
	return first, last
}

// turn is the row in its i-th repetition.
func (l *layout) turn(r row, i int64) row {
	shift := time.Duration(i) * l.period
	r.start, r.end = r.start.Add(shift), r.end.Add(shift)
	return r
}

// ends is when the event is over; false when it never is, or has no rows to tell.
func (l *layout) ends() (time.Time, bool) {
	switch {
	case l.isLimited && (l.isEndless || l.period > 0 || l.limit.Before(l.last)):
		return l.limit, true
	case l.isEndless || l.period > 0 || len(l.rows) == 0:
		return time.Time{}, false
	}
	return l.last, true
}

// overlaps says that some of the event may be inside the window.
func (l *layout) overlaps(window energy.Interval) bool {
	end, isFinite := l.ends()
	return len(l.rows) > 0 && l.rows[0].start.Before(window.End) && (!isFinite || end.After(window.Start))
}

// part is the interval that holds all of the event inside the window.
func (l *layout) part(window energy.Interval) energy.Interval {
	all := energy.Interval{Start: l.rows[0].start, End: window.End}
	if end, isFinite := l.ends(); isFinite {
		all.End = end
	}
	return all.Overlap(window)
}

// limitOf is the limit as it is told, or as it is acted upon: it moves with the first start.
func (l *layout) limitOf(isShifted bool) time.Time {
	if isShifted {
		return l.limit.Add(l.rows[0].startShift)
	}
	return l.limit
}

// inside is the part of the row inside the window.
func (r row) inside(window energy.Interval) energy.Interval {
	if r.endless {
		r.end = window.End
	}
	return energy.Interval{Start: r.start, End: r.end}.Overlap(window)
}
