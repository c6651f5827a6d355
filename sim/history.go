package sim

import (
	"time"

	"hearth/energy"
	"hearth/sim/house"
)

// The days before are computed in coarser steps: a start on a small gateway must not wait for them.
const (
	pastStep = time.Minute
	pastMean = 15 * time.Minute
	warmDays = 3 // after which a home no longer shows what it was made with
)

// Past is the mean power of a device over an interval, as a store would hold it.
type Past struct {
	energy.Interval
	Device string       // as the configuration names it
	Power  energy.Watts // signed
}

// Prehistory is the days before the home's start, nobody acting: quarter hours in order of time, for
// each all devices and the grid.
func (h *Home) Prehistory(days int) []Past {
	end := h.start.Truncate(pastMean)
	begin := end.AddDate(0, 0, -days)
	world := house.NewWorld(h.seed, h.zone)
	past := warm(world, begin, h.zone)
	out := make([]Past, 0, 6*int(end.Sub(begin)/pastMean))
	for past.At.Before(end) {
		span := energy.Span(past.At, pastMean)
		var sum house.Power
		for past.At.Before(span.End) {
			past.Step(world.Step(past.At, pastStep))
			sum = sum.Plus(past.Power)
		}
		for _, c := range channels(sum) {
			out = append(out, Past{span, c.name, c.power / energy.Watts(pastMean/pastStep)})
		}
	}
	return out
}

// warm is a home at t that has lived for some days.
func warm(w *house.World, t time.Time, zone *time.Location) house.House {
	past := house.New(energy.Day(t.AddDate(0, 0, -warmDays), zone).Start)
	for next := past.At.Add(pastStep); !next.After(t); next = next.Add(pastStep) {
		past.Step(w.Step(past.At, pastStep))
	}
	if rest := t.Sub(past.At); rest > 0 {
		past.Step(w.Step(past.At, rest))
	}
	return past
}

type channel struct {
	name  string
	power energy.Watts
}

// channels names the flows as the configuration names the devices.
func channels(p house.Power) [6]channel {
	return [...]channel{
		{"grid", p.Grid}, {"solar", p.Solar}, {"battery", p.Battery},
		{"car", p.Car}, {Dishwasher, p.Dishwasher}, {Boiler, p.Boiler},
	}
}
