package scheduler

import (
	"math"

	"hearth/energy"
)

func (a *account) shiftable(d Shiftable, power []energy.Watts) {
	start, isRun := d.find(power)
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

// find is the slot in which the one run of the profile begins; false when the powers are anything else.
func (d Shiftable) find(power []energy.Watts) (start int, ok bool) {
	isOn := func(w energy.Watts) bool { return math.Abs(float64(w)) > powerSlip }
	lead := first(d.Profile, isOn)
	if lead == len(d.Profile) { // a profile of nothing runs wherever it fits
		return d.Earliest, d.Earliest+lead <= d.LatestEnd && isRest(power)
	}
	start = first(power, isOn) - lead
	if start < 0 || start+len(d.Profile) > len(power) {
		return 0, false
	}
	for t, w := range power {
		want := energy.Watts(0)
		if t >= start && t < start+len(d.Profile) {
			want = d.Profile[t-start]
		}
		if isOn(w - want) {
			return 0, false
		}
	}
	return start, true
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
	count, outside := 0, 0
	for t, w := range power {
		want := energy.Watts(0)
		if w > onAbove {
			count++
			want = d.Power
			if t < d.Earliest || t >= d.LatestEnd {
				outside++
			}
		}
		a.violate(PowerRange, d.ID, t, math.Abs(float64(w-want)), "W")
	}
	a.violate(Window, d.ID, -1, float64(outside), "slots")
	a.violate(Run, d.ID, -1, math.Abs(float64(count-d.RunSlots)), "slots")
	a.hold(holding{d.ID, d.MinOn, d.MinOff, d.MaxStarts, d.StartCost, d.OnFor, d.OffFor, false}, power)
}

func (a *account) vehicle(d Vehicle, power []energy.Watts) []energy.WattHours {
	stored := make([]energy.WattHours, len(power))
	e, gives := float64(d.EnergyInitial), d.givesBack()
	for t, w := range power {
		if t < d.Arrive || t >= d.Depart {
			a.violate(Window, d.ID, t, math.Abs(float64(w)), "W")
		}
		a.violate(PowerRange, d.ID, t, d.astray(w), "W")
		e += a.hours * (max(float64(w), 0)*d.ChargeEfficiency - max(-float64(w), 0)/gives)
		a.sums.wear += max(-float64(w), 0) / 1000 * a.hours * d.Wear.Float()
		a.band(d.ID, t, e, float64(d.EnergyMin), float64(d.EnergyInitial+d.Room))
		stored[t] = energy.WattHours(e)
	}
	a.violate(RequiredEnergy, d.ID, -1, float64(d.EnergyInitial+d.Required)-e, "Wh")
	a.hold(holding{d.ID, 1, 1, nil, d.StartCost, d.OnFor, d.OffFor, false}, power)
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
		e += a.hours * (max(float64(w), 0)*d.ChargeEfficiency - max(-float64(w), 0)/d.DischargeEfficiency)
		a.sums.wear += max(-float64(w), 0) / 1000 * a.hours * d.Wear.Float()
		a.band(d.ID, t, e, float64(d.EnergyMin), float64(d.EnergyMax))
		stored[t] = energy.WattHours(e)
	}
	a.sums.terminal -= e / 1000 * d.TerminalValue.Float()
	return stored
}

func (a *account) thermal(d Thermal, power []energy.Watts) []energy.WattHours {
	stored := make([]energy.WattHours, len(power))
	e, keep := float64(d.EnergyInitial), math.Pow(1-d.LossPerHour, a.hours)
	for t, w := range power {
		off := math.Abs(float64(w))
		a.violate(PowerRange, d.ID, t, min(off, float64(max(d.PowerMin-w, w-d.PowerMax, 0))), "W")
		e = e*keep + a.hours*d.COP[t]*float64(w) - float64(d.Draw[t])
		a.band(d.ID, t, e, float64(d.EnergyMin), float64(d.EnergyMax))
		stored[t] = energy.WattHours(e)
	}
	a.hold(holding{d.ID, d.MinOn, d.MinOff, d.MaxStarts, d.StartCost, d.OnFor, d.OffFor, true}, power)
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

// hold walks over runs and pauses, the past first, and notes the ones too short and the starts.
//
//	past   grid
//	on on | on off off on on on | cut
//	[  run 3 ][pause 2][ run 3  ]
func (a *account) hold(h holding, power []energy.Watts) {
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
		length++
	}
	if isOn && !h.mayBeCut {
		a.violate(MinOn, h.id, began, float64(h.minOn-length), "slots")
	}
	if h.maxStarts != nil {
		a.violate(MaxStarts, h.id, -1, float64(starts-*h.maxStarts), "starts")
	}
	a.sums.starts += float64(starts) * h.startCost.Float()
}
