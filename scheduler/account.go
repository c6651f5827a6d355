package scheduler

import (
	"math"

	"hearth/energy"
)

func (a *account) shiftable(d Shiftable, power []energy.Watts) {
	start, isRun := a.problem.find(d, power)
	switch {
	case isRun && start >= d.Earliest && start+len(d.Profile) <= d.LatestEnd:
		if d.Optional {
			a.sums.value -= d.Value.Float()
		}
	case isRun:
		late := max(start+len(d.Profile)-d.LatestEnd, d.Earliest-start)
		a.violate(Window, d.ID, -1, float64(late), "slots")
	case !d.Optional || !isRest(power):
		a.violate(Run, d.ID, -1, float64(len(d.Profile)), "slots")
	}
}

// first is the index of the first power that is so, or their number.
func first(power []energy.Watts, is func(energy.Watts) bool) int {
	for t, w := range power {
		if is(w) {
			return t
		}
	}
	return len(power)
}

func isRest(power []energy.Watts) bool {
	return first(power, func(w energy.Watts) bool { return math.Abs(float64(w)) > powerSlip }) == len(power)
}

func (a *account) interruptible(d Interruptible, power []energy.Watts) {
	count, outside, at := 0, 0, 0
	part := d.part(a.problem, power)
	for t, w := range power {
		want, span := energy.Watts(0), a.problem.span(t)
		if w > onAbove {
			used := part.of(t, span)
			count += used
			want = d.Power * energy.Watts(used) / energy.Watts(span)
			if at < d.Earliest || at >= d.LatestEnd {
				outside += used
			}
		}
		a.violate(PowerRange, d.ID, t, math.Abs(float64(w-want)), "W")
		at += span
	}
	a.violate(Window, d.ID, -1, float64(outside), "slots")
	a.violate(Run, d.ID, -1, math.Abs(float64(count-d.RunSlots)), "slots")
	a.hold(holding{d.ID, d.MinOn, d.MinOff, d.MaxStarts, d.StartCost, d.OnFor, d.OffFor, false}, power, part)
}

func (a *account) vehicle(d Vehicle, power []energy.Watts) []energy.WattHours {
	stored := make([]energy.WattHours, len(power))
	e, gives, at := float64(d.EnergyInitial), d.givesBack(), 0
	for t, w := range power {
		if at < d.Arrive || at >= d.Depart {
			a.violate(Window, d.ID, t, math.Abs(float64(w)), "W")
		}
		at += a.problem.span(t)
		a.violate(PowerRange, d.ID, t, d.astray(w), "W")
		e += a.slotHours(t) * (max(float64(w), 0)*d.ChargeEfficiency - max(-float64(w), 0)/gives)
		a.sums.wear += max(-float64(w), 0) / 1000 * a.slotHours(t) * d.Wear.Float()
		a.band(d.ID, t, e, float64(d.EnergyMin), float64(d.EnergyInitial+d.Room))
		stored[t] = energy.WattHours(e)
	}
	a.violate(RequiredEnergy, d.ID, -1, float64(d.EnergyInitial+d.Required)-e, "Wh")
	a.hold(holding{d.ID, 1, 1, nil, d.StartCost, d.OnFor, d.OffFor, false}, power, whole)
	return stored
}

// astray is how far a power is from the nearest legal one.
func (d Vehicle) astray(w energy.Watts) float64 {
	if w < 0 {
		return float64(-w - d.DischargeMax)
	}
	off := float64(w)
	for _, r := range d.Ranges {
		off = min(off, float64(max(r.Min-w, w-r.Max, 0)))
	}
	return off
}

func (a *account) battery(d Battery, power []energy.Watts) []energy.WattHours {
	stored := make([]energy.WattHours, len(power))
	e := float64(d.EnergyInitial)
	for t, w := range power {
		a.violate(PowerRange, d.ID, t, float64(max(w-d.ChargeMax, -w-d.DischargeMax)), "W")
		e += a.slotHours(t) * (max(float64(w), 0)*d.ChargeEfficiency - max(-float64(w), 0)/d.DischargeEfficiency)
		a.sums.wear += max(-float64(w), 0) / 1000 * a.slotHours(t) * d.Wear.Float()
		a.band(d.ID, t, e, float64(d.EnergyMin), float64(d.EnergyMax))
		stored[t] = energy.WattHours(e)
	}
	a.sums.terminal -= e / 1000 * d.TerminalValue.Float()
	return stored
}

func (a *account) thermal(d Thermal, power []energy.Watts) []energy.WattHours {
	stored := make([]energy.WattHours, len(power))
	e, keep := float64(d.EnergyInitial), math.Pow(1-d.LossPerHour, a.hours)
	span, old, even := 0, 0.0, 0.0
	for t, w := range power {
		if s := a.problem.span(t); s != span {
			span = s
			old, even = compound(keep, span)
		}
		off := math.Abs(float64(w))
		a.violate(PowerRange, d.ID, t, min(off, float64(max(d.PowerMin-w, w-d.PowerMax, 0))), "W")
		e = e*old + even*a.slotHours(t)*d.COP[t]*float64(w) - even*float64(d.Draw[t])
		a.band(d.ID, t, e, float64(d.EnergyMin), float64(d.EnergyMax))
		stored[t] = energy.WattHours(e)
	}
	a.hold(holding{d.ID, d.MinOn, d.MinOff, d.MaxStarts, d.StartCost, d.OnFor, d.OffFor, true}, power, whole)
	a.sums.terminal -= e / 1000 * d.TerminalValue.Float()
	return stored
}

// band notes a store outside its band after slot t.
func (a *account) band(id string, t int, e, low, high float64) {
	a.violate(EnergyMin, id, t, low-e, "Wh")
	a.violate(EnergyMax, id, t, e-high, "Wh")
}

// holding is what limits the switching of a device.
type holding struct {
	id            string
	minOn, minOff int
	maxStarts     *int
	startCost     energy.Money
	onFor, offFor int
	mayBeCut      bool // the end of the grid may cut its last run
}

// part is a slot that is used in part, and how many of its steps are.
type part struct{ slot, used int }

// whole is no slot.
var whole = part{slot: -1}

// of is how many steps of slot t are used, which holds so many.
func (p part) of(t, span int) int {
	if t == p.slot {
		return p.used
	}
	return span
}

// part is how the device uses the last slot that it is on in: for what is left to run, if its power there is
// nearer to that than to all of it.
func (d Interruptible) part(p *Problem, power []energy.Watts) part {
	if p.Spans == nil {
		return whole
	}
	last, before := -1, 0
	for t, w := range power {
		if w > onAbove {
			if last >= 0 {
				before += p.span(last)
			}
			last = t
		}
	}
	if last < 0 {
		return whole
	}
	used := min(max(d.RunSlots-before, 1), p.span(last))
	if want := d.Power * energy.Watts(used) / energy.Watts(p.span(last)); power[last] > (want+d.Power)/2 {
		return whole
	}
	return part{last, used}
}

// hold walks over runs and pauses, the past first, and notes the ones too short and the starts.
//
//	past   grid
//	on on | on off off on on on | cut
//	[  run 3 ][pause 2][ run 3  ]
func (a *account) hold(h holding, power []energy.Watts, part part) {
	isOn, length, began := h.onFor > 0, max(h.onFor, h.offFor), 0
	isKnown := length > 0 // a pause without a known past has been long enough
	starts := 0
	for t, w := range power {
		if on := w > onAbove; on != isOn {
			switch {
			case isOn:
				a.violate(MinOn, h.id, began, float64(h.minOn-length), "slots")
			case isKnown:
				a.violate(MinOff, h.id, began, float64(h.minOff-length), "slots")
			}
			if on {
				starts++
			}
			isOn, length, began, isKnown = on, 0, t, true
		}
		length += part.of(t, a.problem.span(t))
	}
	if isOn && !h.mayBeCut {
		a.violate(MinOn, h.id, began, float64(h.minOn-length), "slots")
	}
	if h.maxStarts != nil {
		a.violate(MaxStarts, h.id, -1, float64(starts-*h.maxStarts), "starts")
	}
	a.sums.starts += float64(starts) * h.startCost.Float()
}
