package measured

import (
	"time"

	"hearth/energy"
	"hearth/storage"
)

// counted is what a counter of energy has counted in each quarter hour of an interval. Where nothing was heard for
// some quarters there is one point over all of them. Where the counter went back, or on by more than the connection
// bears, somebody has exchanged the meter, and nothing is known.
//
//	heard    12.0 12.1 | 12.3 | (nothing) | 13.0 13.2 |
//	counted      0.3   |        0.7       |    0.2    |
func (l *Ledger) counted(channel string, within energy.Interval, most energy.Watts) (energy.Series[energy.WattHours], error) {
	var points []energy.Point[energy.WattHours]
	add := func(span energy.Interval, e energy.WattHours) {
		if span.Start.Before(span.End) && isBorne(e, span.Length(), most) {
			points = append(points, energy.Point[energy.WattHours]{Interval: span, Value: e})
		}
	}
	var last storage.Rollup
	err := l.store.Rollups(channel, within, func(r storage.Rollup) bool {
		if last.Count > 0 {
			add(energy.Interval{Start: last.Slot.Start, End: r.Slot.Start}, energy.WattHours(r.Min-last.Min))
		}
		last = r
		return true
	})
	if err == nil && last.Count > 1 {
		var e energy.WattHours
		e, err = l.passed(channel, last.Slot, most)
		add(energy.Interval{Start: last.Slot.Start, End: earliest(within.End, last.Slot.End)}, e)
	}
	return energy.Series[energy.WattHours]{Points: points}, err
}

// passed is what a counter has counted from its first to its last reading of an interval.
func (l *Ledger) passed(channel string, within energy.Interval, most energy.Watts) (sum energy.WattHours, err error) {
	var at time.Time
	var before float64
	err = l.store.Readings(channel, within, func(t time.Time, v float64) bool {
		if step := energy.WattHours(v - before); !at.IsZero() && isBorne(step, t.Sub(at), most) {
			sum += step
		}
		at, before = t, v
		return true
	})
	return sum, err
}

// isBorne says that a connection may have passed an energy within a time. Meters count in steps of up to 100 Wh, and
// fuses bear more than their rating for a while.
func isBorne(e energy.WattHours, d time.Duration, most energy.Watts) bool {
	return e >= 0 && e <= 200+2*most.Over(d)
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
