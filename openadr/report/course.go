package report

import (
	"math"
	"slices"
	"sort"
	"time"

	"hearth/energy"
	"hearth/openadr"
)

// course is all intervals of an event, by position. The positions of a loop run on into the next round:
//
//	rows   [0--)[1--)   once
//	rows   [0--)[1--)[2--)[3--)[4--)...   with a period of two rows
type course struct {
	rows      []Row         // of one round; none: implied rows, which follow one another from start on by step
	period    time.Duration // after which the rows come again; 0: once
	start     time.Time     // of the earliest row
	step      openadr.Duration
	limit     time.Time // nothing holds from then on; zero: without limit
	isOrdered bool      // starts and ends of later positions are never earlier
	count     int64     // what "all intervals" means: those of one round
}

func (a Ask) course(d openadr.ReportDescriptor) (*course, error) {
	if len(a.Rows) != len(a.Event.Intervals) {
		return nil, a.fault("%d of %d intervals have a time", len(a.Rows), len(a.Event.Intervals))
	}
	if len(a.Rows) > maxRows {
		return nil, a.fault("%d intervals, more than %d", len(a.Rows), maxRows)
	}
	var c *course
	var err error
	if len(a.Rows) > 0 {
		c, err = a.explicit()
	} else {
		c, err = a.implied()
	}
	switch {
	case err != nil:
		return nil, err
	case d.Frequency == 0 && isOpen(d):
		return c.own(a.pace()), nil
	case len(c.rows) == 0 && c.step.IsZero():
		return nil, a.fault("no intervals, and a period without length")
	}
	return c, nil
}

// explicit is the course of an event with intervals. A longer duration of the event loops them, a shorter
// one cuts them (UG 7.3); the period of a loop is from the first start to the last end, gaps included.
func (a Ask) explicit() (*course, error) {
	c := &course{rows: make([]Row, 0, len(a.Rows)), start: a.Rows[0].Start.UTC(), isOrdered: true}
	var last time.Time
	isEndless := false
	for i, r := range a.Rows {
		r.Start, r.End = r.Start.UTC(), r.End.UTC()
		r.IsEndless = r.IsEndless || r.End.Year() > lastYear
		if r.Start.Year() < firstYear || r.Start.Year() > lastYear || !r.IsEndless && r.End.Before(r.Start) {
			return nil, a.fault("interval %d: no usable time", i)
		}
		if r.IsEndless {
			isEndless, r.End = true, farAway()
		}
		if r.Start.Before(c.start) {
			c.start = r.Start
		}
		if r.End.After(last) {
			last = r.End
		}
		if i > 0 && (r.Start.Before(c.rows[i-1].Start) || r.End.Before(c.rows[i-1].End)) {
			c.isOrdered = false
		}
		c.rows = append(c.rows, r)
	}
	if d := a.Event.Duration; d != nil && !d.IsZero() {
		limit, isFinite := d.AddTo(c.start)
		if isFinite {
			c.limit = limit
		}
		if !isEndless && (!isFinite || limit.After(last)) {
			c.period = last.Sub(c.start)
		}
	}
	if c.period == 0 && !c.limit.IsZero() {
		c.rows = slices.DeleteFunc(c.rows, func(r Row) bool { return !r.Start.Before(c.limit) })
	}
	c.count = int64(len(c.rows))
	return c, nil
}

// implied is the course of an event that has but a period (UG 8.7): rows of that length, one after the
// other, until the event's duration is over or for ever. Without that duration "all" of them is one.
func (a Ask) implied() (*course, error) {
	c := &course{start: a.Anchor.UTC(), isOrdered: true, count: 1}
	if p := a.Event.IntervalPeriod; p != nil {
		if t, ok := p.Start.Time(); ok {
			c.start = t
		}
		if p.Duration != nil {
			c.step = *p.Duration
		}
	}
	if c.start.Year() < firstYear || c.start.Year() > lastYear {
		return nil, a.fault("no usable start")
	}
	if d := a.Event.Duration; d != nil && !d.IsZero() {
		if limit, isFinite := d.AddTo(c.start); isFinite {
			c.limit = limit
		}
	}
	if end, isFinite := c.step.AddTo(c.start); !isFinite || end.Year() > lastYear {
		c.rows = []Row{{Interval: energy.Interval{Start: c.start, End: farAway()}, IsEndless: true}}
	} else if !c.limit.IsZero() && c.limit.Year() <= lastYear && !c.step.IsZero() {
		c.count = c.upTo(c.limit.Add(-1)) + 1
	}
	return c, nil
}

// own is the course of rows of our own pace, on the clock's multiples of it, over as long as c lasts. An
// event of no length at all is a standing request, and lasts until it is withdrawn (UG 8.6).
func (c *course) own(pace time.Duration) *course {
	o := &course{start: c.start.Truncate(pace), step: openadr.DurationOf(pace), limit: c.limit, isOrdered: true, count: 1}
	if o.start.Before(c.start) {
		o.start = o.start.Add(pace)
	}
	if len(c.rows) > 0 && c.period == 0 {
		last := c.start
		for i := range c.rows {
			if r, ok := c.at(int64(i)); ok && r.End.After(last) {
				last = r.End
			}
		}
		if last.After(c.start) && last.Year() <= lastYear {
			o.limit = last
		}
	}
	return o
}

// at is the row of a position, cut where the event ends; false where there is none. An endless row ends
// far away.
func (c *course) at(p int64) (Row, bool) {
	var r Row
	if n := int64(len(c.rows)); n > 0 {
		r = c.rows[p%n]
		if round := p / n; round > 0 {
			if c.period == 0 || round > math.MaxInt64/int64(c.period) {
				return Row{}, false
			}
			shift := time.Duration(round) * c.period
			r.Start, r.End = r.Start.Add(shift), r.End.Add(shift)
		}
	} else {
		r.Interval = energy.Interval{Start: c.offset(p), End: c.offset(p + 1)}
	}
	if r.Start.Year() > lastYear || !c.limit.IsZero() && !r.Start.Before(c.limit) {
		return Row{}, false
	}
	if !c.limit.IsZero() && r.End.After(c.limit) {
		r.End, r.IsEndless = c.limit, false
	}
	return r, true
}

// offset is the start of an implied row. It is reckoned from the first, so that months keep their day.
func (c *course) offset(p int64) time.Time {
	d := c.step
	if d.Years == 0 && d.Months == 0 && d.Days == 0 {
		length := fixed(d)
		if p > math.MaxInt64/int64(length) {
			return farAway()
		}
		return c.start.Add(time.Duration(p) * length)
	}
	if p > maxDays {
		return farAway()
	}
	n := int(p)
	nanos := int64(d.Nanos) * p
	d = openadr.Duration{
		Years: d.Years * n, Months: d.Months * n, Days: d.Days * n,
		Seconds: d.Seconds*p + nanos/1e9, Nanos: int(nanos % 1e9),
	}
	if t, ok := d.AddTo(c.start); ok {
		return t
	}
	return farAway()
}

// upTo is the last position that may begin at t or before; -1 if none does. In a loop it is the last one of
// the round that holds t.
func (c *course) upTo(t time.Time) int64 {
	if t.Before(c.start) {
		return -1
	}
	passed, n := t.Sub(c.start), int64(len(c.rows))
	switch {
	case n > 0 && c.period == 0:
		return n - 1
	case n > 0:
		return (int64(passed/c.period)+1)*n - 1
	case c.step.Years == 0 && c.step.Months == 0 && c.step.Days == 0:
		return int64(passed / fixed(c.step))
	}
	return int64(sort.Search(maxDays, func(p int) bool { return c.offset(int64(p)).After(t) })) - 1
}

// roundEnd is when the round of a position of a loop is over; without a loop, never.
func (c *course) roundEnd(p int64) time.Time {
	if c.period == 0 {
		return farAway()
	}
	return c.start.Add(time.Duration(p/int64(len(c.rows))+1) * c.period)
}

// fixed is a length without calendar parts, of less than the years we reckon in.
func fixed(d openadr.Duration) time.Duration {
	return time.Duration(d.Seconds)*time.Second + time.Duration(d.Nanos)
}

// maxDays is the days of the years we reckon in: no step with calendar parts is shorter.
const maxDays = (lastYear - firstYear + 1) * 366

// farAway is later than anything we reckon with.
func farAway() time.Time { return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }
