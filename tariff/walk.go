package tariff

import (
	"time"

	"hearth/energy"
)

// A walker lays times of the wall clock out as instants.
type walker struct {
	zone     *time.Location
	calendar *calendar
}

// walk visits the interval in order, cut at local midnight, at times of the wall clock and where the clock
// changes, until the visitor says false. The visitor gets the day before, the day, and the cut at or before
// the beginning.
func (w *walker) walk(within energy.Interval, cuts []Clock, visit func(at energy.Interval, before, today day, clock Clock) bool) {
	for at := within.Start; at.Before(within.End); {
		local := energy.Day(at, w.zone)
		if !local.End.After(at) {
			local.End = at.Add(time.Hour) // Apia once left out a whole day
		}
		date := dateOf(at.In(w.zone))
		before, today := w.calendar.day(date.plus(-1)), w.calendar.day(date)
		end := local.End
		if within.End.Before(end) {
			end = within.End
		}
		for at.Before(end) {
			// Between two changes of the clock it runs as time does.
			steady := energy.Interval{Start: at, End: end}
			if _, change := at.In(w.zone).ZoneBounds(); !change.IsZero() && change.Before(end) {
				steady.End = change
			}
			if !w.steady(steady, cuts, func(p energy.Interval, c Clock) bool { return visit(p, before, today, c) }) {
				return
			}
			at = steady.End
		}
	}
}

// steady cuts an interval of one day in which the clock does not change.
func (w *walker) steady(within energy.Interval, cuts []Clock, visit func(energy.Interval, Clock) bool) bool {
	local := within.Start.In(w.zone)
	h, m, s := local.Clock()
	shown := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second + time.Duration(local.Nanosecond())
	zero := within.Start.Add(-shown) // when the clock would have shown 00:00
	for i, cut := range cuts {
		p := energy.Interval{Start: zero.Add(time.Duration(cut) * time.Minute), End: within.End}
		if i+1 < len(cuts) {
			p.End = zero.Add(time.Duration(cuts[i+1]) * time.Minute)
		}
		if p = p.Overlap(within); !p.IsEmpty() && !visit(energy.Interval{Start: p.Start.UTC(), End: p.End.UTC()}, cut) {
			return false
		}
	}
	return true
}
