package milp

import (
	"fmt"
	"math"

	"hearth/energy"
	"hearth/scheduler"
)

// The border between off and on, and the least power that is certainly above it, in kW.
const (
	onAbove = 0.001
	leastOn = 0.002
)

// vehicle charges in one of its ranges, gives back, or does neither, while it is there.
func (b *builder) vehicle(id string, d scheduler.Vehicle) (charge, back []sum) {
	h := holding{startCost: d.StartCost, onFor: d.OnFor, offFor: d.OffFor}
	on, charge, back := b.none(), b.none(), b.none()
	for t := d.Arrive; t < d.Depart; t++ {
		for k, r := range d.Ranges {
			isOn := b.decision(0, "%s_range%d_on_%d", id, k, t)
			power := b.within(isOn, beginning(r, h), fmt.Sprintf("%s_range%d_charge_%d", id, k, t))
			on[t] = append(on[t], Term{1, isOn})
			charge[t] = append(charge[t], Term{1, power})
		}
		atOnce := on[t]
		if d.DischargeMax > 0 {
			isBack := b.decision(0, "%s_backs_%d", id, t)
			back[t] = one(b.back(id, t, isBack, d.DischargeMax, d.Wear))
			atOnce = atOnce.add(one(isBack))
		}
		b.row(atOnce, AtMost, 1, "%s_one_at_once_%d", id, t)
	}
	b.switching(id, on, h)
	s := store{low: d.EnergyMin, high: d.EnergyInitial + d.Room, initial: d.EnergyInitial, keep: 1, spill: 1}
	s.gain = func(int) float64 { return d.ChargeEfficiency }
	if d.DischargeEfficiency != 0 {
		s.spill = 1 / d.DischargeEfficiency
	}
	last := b.store(id, s, charge, back)
	b.row(one(last), AtLeast, float64(d.EnergyInitial+d.Required)/kilo, "%s_required", id)
	return charge, back
}

// battery charges or gives back, never both in a slot.
func (b *builder) battery(id string, d scheduler.Battery) (charge, back []sum) {
	charge, back = b.none(), b.none()
	for t := range b.slots {
		isBack := b.decision(0, "%s_backs_%d", id, t)
		power := b.variable(0, float64(d.ChargeMax)/kilo, 0, "%s_charge_%d", id, t)
		most := b.Variables[power].High
		b.row(sum{{1, power}, {most, isBack}}, AtMost, most, "%s_one_at_once_%d", id, t)
		charge[t], back[t] = one(power), one(b.back(id, t, isBack, d.DischargeMax, d.Wear))
	}
	s := store{low: d.EnergyMin, high: d.EnergyMax, initial: d.EnergyInitial, keep: 1, spill: 1 / d.DischargeEfficiency}
	s.gain = func(int) float64 { return d.ChargeEfficiency }
	last := b.store(id, s, charge, back)
	b.Variables[last].Cost = -d.TerminalValue.Float()
	return charge, back
}

// thermal heats within its range, or not at all.
func (b *builder) thermal(id string, d scheduler.Thermal) []sum {
	h := holding{d.MinOn, d.MinOff, d.MaxStarts, d.StartCost, d.OnFor, d.OffFor, true}
	on, heat := b.none(), b.none()
	for t := range b.slots {
		isOn := b.decision(0, "%s_on_%d", id, t)
		power := b.within(isOn, beginning(scheduler.Range{Min: d.PowerMin, Max: d.PowerMax}, h), fmt.Sprintf("%s_heat_%d", id, t))
		on[t], heat[t] = one(isOn), one(power)
	}
	b.switching(id, on, h)
	s := store{low: d.EnergyMin, high: d.EnergyMax, initial: d.EnergyInitial, draw: d.Draw}
	s.keep = math.Pow(1-d.LossPerHour, b.hours)
	s.gain = func(t int) float64 { return d.COP[t] }
	last := b.store(id, s, heat, b.none())
	b.Variables[last].Cost = -d.TerminalValue.Float()
	return heat
}

// back adds the power a device may give back in a slot, and its wear.
func (b *builder) back(id string, t, isBack int, most energy.Watts, wear energy.Price) int {
	power := b.within(isBack, [2]float64{0, float64(most) / kilo}, fmt.Sprintf("%s_back_%d", id, t))
	b.Variables[power].Cost = b.hours * wear.Float()
	return power
}

// beginning is a range in kW, from the least power that counts as on where that matters.
func beginning(r scheduler.Range, h holding) [2]float64 {
	low, high := float64(r.Min)/kilo, float64(r.Max)/kilo
	if low <= onAbove && !h.isFree() {
		low = leastOn
	}
	return [2]float64{low, high}
}

// within adds a power that is inside a range while a decision is 1, else 0:
//
//	low x isOn <= power <= high x isOn
//
// Where nothing is inside the range, the decision is 0.
func (b *builder) within(isOn int, r [2]float64, name string) int {
	low, high := r[0], r[1]
	if low > high {
		b.Variables[isOn].High = 0
		high = 0
	}
	power := b.variable(0, high, 0, "%s", name)
	b.row(sum{{1, power}, {-high, isOn}}, AtMost, 0, "%s_most", name)
	if low > 0 {
		b.row(sum{{1, power}, {-low, isOn}}, AtLeast, 0, "%s_least", name)
	}
	return power
}

// store is energy that a device fills, empties and loses.
type store struct {
	low, high, initial energy.WattHours
	keep               float64             // what is left of stored energy after a slot
	gain               func(t int) float64 // stored for each kWh consumed
	spill              float64             // taken out for each kWh given back
	draw               []energy.WattHours  // taken out in each slot; nil: nothing
}

// store adds the energy after each slot, and returns the last one's variable:
//
//	stored(t) = keep x stored(t-1) + hours x (gain x consumes - spill x givesBack) - draw
func (b *builder) store(id string, s store, consumes, givesBack []sum) (last int) {
	low, high := float64(s.low)/kilo, float64(s.high)/kilo
	if low > high {
		// Not every reader takes bounds that cross.
		b.row(nil, AtLeast, 1, "%s_has_no_band", id)
		high = low
	}
	for t := range b.slots {
		stored := b.variable(low, high, 0, "%s_stored_%d", id, t)
		change := one(stored).add(consumes[t].times(-b.hours * s.gain(t))).add(givesBack[t].times(b.hours * s.spill))
		right := 0.0
		if s.draw != nil {
			right -= float64(s.draw[t]) / kilo
		}
		if t == 0 {
			right += s.keep * float64(s.initial) / kilo
		} else {
			change = append(change, Term{-s.keep, last})
		}
		b.row(change, Equal, right, "%s_store_%d", id, t)
		last = stored
	}
	return last
}
