package energy

import (
	"fmt"
	"time"
)

// Interval is the half-open span [Start, End): at a boundary the later interval holds.
type Interval struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Span is the interval of length d that begins at start.
func Span(start time.Time, d time.Duration) Interval { return Interval{start, start.Add(d)} }

// Day is the local calendar day that holds t: 23, 24 or 25 hours long.
func Day(t time.Time, zone *time.Location) Interval {
	y, m, d := t.In(zone).Date()
	return Interval{midnight(y, m, d, zone), midnight(y, m, d+1, zone)}
}

// midnight is the first instant of a local day. [time.Date] will not do: in Santiago the clock jumps
// over midnight once a year, in Havana it strikes twice.
func midnight(y int, m time.Month, d int, zone *time.Location) time.Time {
	noon := time.Date(y, m, d, 12, 0, 0, 0, zone) // no zone changes its clock at noon
	now := noon.Add(-12 * time.Hour)
	change, _ := noon.ZoneBounds()
	if !change.After(now.Add(-12 * time.Hour)) {
		return now
	}
	_, offset := noon.Zone()
	_, before := change.Add(-1).Zone()
	old := now.Add(time.Duration(offset-before) * time.Second)
	switch {
	case old.Before(change):
		return old
	case now.Before(change):
		return change
	}
	return now
}

// Length is End - Start; negative when the ends are swapped.
func (i Interval) Length() time.Duration { return i.End.Sub(i.Start) }

// IsEmpty says that no instant is inside.
func (i Interval) IsEmpty() bool { return !i.Start.Before(i.End) }

// Contains says that t is inside; the end is not.
func (i Interval) Contains(t time.Time) bool { return !t.Before(i.Start) && t.Before(i.End) }

// Overlap is the part both share; empty when they share none.
func (i Interval) Overlap(o Interval) Interval {
	if o.Start.After(i.Start) {
		i.Start = o.Start
	}
	if o.End.Before(i.End) {
		i.End = o.End
	}
	return i
}

// String writes the ends in RFC 3339.
func (i Interval) String() string {
	return fmt.Sprintf("[%s, %s)", i.Start.Format(time.RFC3339), i.End.Format(time.RFC3339))
}

// Grid is an interval cut into slots of Step; the last slot is shorter where Step does not divide it.
type Grid struct {
	Interval
	Step time.Duration `json:"step"`
}

// NewGrid is the grid of count slots from start on.
func NewGrid(start time.Time, step time.Duration, count int) Grid {
	return Grid{Span(start, step*time.Duration(count)), step}
}

// Count is the number of slots; zero for an empty interval or a step that is not positive.
func (g Grid) Count() int {
	if g.IsEmpty() || g.Step <= 0 {
		return 0
	}
	return int((g.Length() + g.Step - 1) / g.Step)
}

// Slot is the i-th slot, counted from 0.
func (g Grid) Slot(i int) Interval {
	return Span(g.Start.Add(g.Step*time.Duration(i)), g.Step).Overlap(g.Interval)
}

// Index is the number of the slot that holds t; false outside the grid.
func (g Grid) Index(t time.Time) (int, bool) {
	if g.Step <= 0 || !g.Contains(t) {
		return 0, false
	}
	return int(t.Sub(g.Start) / g.Step), true
}
