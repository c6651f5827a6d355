package sim

import (
	"sync"
	"time"

	"hearth/energy"
	"hearth/sim/house"
)

// recordedDays is how far back the clouds know the home when it starts.
const recordedDays = 8

// record is what each device, and the house connection, has taken in quarter hours: what the clouds tell of the home.
// It is safe for concurrent use.
type record struct {
	mu    sync.Mutex
	start time.Time
	taken map[string][]energy.WattHours // by device, as the configuration names it; of the grid, what was imported
}

// newRecord begins with days in which nobody acted.
func newRecord(past []Past) *record {
	r := &record{taken: map[string][]energy.WattHours{}}
	if len(past) > 0 {
		r.start = past[0].Start
	}
	for _, p := range past {
		r.add(p.Device, p.Start, p.Power.Over(p.Length()))
	}
	return r
}

// book adds a step of the home.
func (r *record) book(step energy.Interval, power house.Power) {
	for _, c := range channels(power) {
		r.add(c.name, step.Start, c.power.Over(step.Length()))
	}
}

func (r *record) add(device string, at time.Time, e energy.WattHours) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := int(at.Sub(r.start) / pastMean)
	for len(r.taken[device]) <= i {
		r.taken[device] = append(r.taken[device], 0)
	}
	r.taken[device][i] += max(0, e)
}

// over is what a device has taken in an interval, evenly spread over each quarter hour; false where that is not known
// whole.
func (r *record) over(device string, within energy.Interval) (energy.WattHours, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := energy.Span(r.start, time.Duration(len(r.taken[device]))*pastMean)
	inside := within.Overlap(known)
	sum := energy.WattHours(0)
	for at := inside.Start; at.Before(inside.End); {
		i := int(at.Sub(r.start) / pastMean)
		part := energy.Span(r.start.Add(time.Duration(i)*pastMean), pastMean).Overlap(inside)
		sum += r.taken[device][i] * energy.WattHours(part.Length().Seconds()/pastMean.Seconds())
		at = part.End
	}
	return sum, inside == within
}
