package milp

import "hearth/scheduler"

// device adds a device with its own constraints and costs.
func (b *builder) device(id string, d scheduler.Device) {
	consumes, givesBack := b.none(), b.none()
	switch d := d.(type) {
	case scheduler.Shiftable:
		consumes = b.shiftable(id, d)
	case scheduler.Interruptible:
		consumes = b.interruptible(id, d)
	case scheduler.Vehicle:
		consumes, givesBack = b.vehicle(id, d)
	case scheduler.Battery:
		consumes, givesBack = b.battery(id, d)
	case scheduler.Thermal:
		consumes = b.thermal(id, d)
	}
	draws := b.none()
	for t := range draws {
		draws[t] = consumes[t].add(givesBack[t].times(-1))
	}
	b.consumes, b.givesBack, b.draws = append(b.consumes, consumes), append(b.givesBack, givesBack), append(b.draws, draws)
}

// shiftable begins in one slot of its window, or, when it may be left out, in none:
//
//	sum of start(s) = 1 (or <= 1)
//	power(t) = sum of start(s) x profile(t - s)
func (b *builder) shiftable(id string, d scheduler.Shiftable) []sum {
	relation, cost := Equal, 0.0
	if d.Optional {
		relation, cost = AtMost, -d.Value.Float()
	}
	var starts sum
	power := b.none()
	for s := d.Earliest; s+len(d.Profile) <= d.LatestEnd; s++ {
		start := b.decision(cost, "%s_start_%d", id, s)
		starts = append(starts, Term{1, start})
		for k, w := range d.Profile {
			if w != 0 {
				power[s+k] = append(power[s+k], Term{float64(w) / kilo, start})
			}
		}
	}
	b.row(starts, relation, 1, "%s_runs", id)
	return power
}

// interruptible is on, at its one power, in a given number of slots of its window.
func (b *builder) interruptible(id string, d scheduler.Interruptible) []sum {
	on, power := b.none(), b.none()
	for t := d.Earliest; t < d.LatestEnd; t++ {
		on[t] = one(b.decision(0, "%s_on_%d", id, t))
		power[t] = on[t].times(float64(d.Power) / kilo)
	}
	b.row(total(on), Equal, float64(d.RunSlots), "%s_runs", id)
	b.switching(id, on, holding{d.MinOn, d.MinOff, d.MaxStarts, d.StartCost, d.OnFor, d.OffFor, false})
	return power
}
