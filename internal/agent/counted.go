package agent

import (
	"time"

	"hearth/energy"
	"hearth/storage"
)

// counted is what a counter of energy has counted in each quarter hour of an interval. Where nothing was heard for
// some quarters there is one point over all of them; where the counter went back nothing is known.
//
//	heard    12.0 12.1 | 12.3 | (nothing) | 13.0 13.2 |
//	counted      0.3   |        0.7       |    0.2    |
func (a *Agent) counted(channel string, within energy.Interval) (energy.Series[energy.WattHours], error) {
	var points []energy.Point[energy.WattHours]
	var last storage.Rollup
	err := a.store.Rollups(channel, within, func(r storage.Rollup) bool {
		if last.Count > 0 && r.Min >= last.Min {
			points = append(points, energy.Point[energy.WattHours]{
				Interval: energy.Interval{Start: last.Slot.Start, End: r.Slot.Start}, Value: energy.WattHours(r.Min - last.Min),
			})
		}
		last = r
		return true
	})
	if end := earliest(within.End, last.Slot.End); last.Count > 1 && end.After(last.Slot.Start) {
		points = append(points, energy.Point[energy.WattHours]{
			Interval: energy.Interval{Start: last.Slot.Start, End: end}, Value: energy.WattHours(last.Max - last.Min),
		})
	}
	return energy.Series[energy.WattHours]{Points: points}, err
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
