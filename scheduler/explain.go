package scheduler

import (
	"fmt"

	"hearth/energy"
)

// Explanation is why a device does in a slot what its plan says, and what else it could do. It holds no
// sentences: those are written by whoever shows it.
type Explanation struct {
	Device string
	Slot   int
	// MarginalPrice is what one more kWh in the slot would cost, all else as planned.
	MarginalPrice energy.Price
	Power         energy.Watts // signed, in the slot
	// The run that the slot is in is [RunFrom, RunTo); both 0 when it is in none. A run is a [Shiftable]'s
	// profile, or slots on end in which any other device but a battery consumes more than 1 W.
	RunFrom, RunTo int
	// Elsewhere is the cheapest other place of the run that the slot is in; nil: no run, or no other place.
	Elsewhere *Alternative
	// Here is the cheapest way to have a run begin in a slot in which the device is off; nil: it is on, or has
	// no run to move, or cannot begin here.
	Here *Alternative
	// Reasons are what keeps the device from doing otherwise, the weightiest first; there is at least one.
	Reasons []Reason
	// StoredValue is what a stored kWh saves when it is next given back, in the slot or later: the marginal
	// price there less wear, times the efficiency of giving it back. Nil: it is never given back.
	StoredValue *energy.Price
}

// Alternative is a plan that differs by the place of one run, with the powers it has now, and of nothing else
// but the flows that follow. It violates no more than the plan does.
type Alternative struct {
	From  int          // slot in which the run begins as planned; -1: an optional run that was left out
	Start int          // slot in which it would begin
	Extra energy.Money // what the plan would cost more, by Evaluate; negative: less
}

// Explain looks into a plan of the problem. Of an optimal plan no alternative costs less but for its gap. Its
// errors are those of Evaluate, a device, slot or plan that the problem does not have, and slots of several
// steps: runs have no places to move to there but on the steps, where [Coarse.Fine] lays a plan out.
func Explain(p *Problem, plan *Plan, device string, slot int) (*Explanation, error) {
	s, err := p.situation(plan, device, slot)
	if err != nil {
		return nil, fmt.Errorf("explain %s in slot %d: %w", device, slot, err)
	}
	x := &Explanation{
		Device: device, Slot: slot, MarginalPrice: plan.MarginalPrice[slot], Power: s.power[slot],
		RunFrom: s.run.from, RunTo: s.run.to, StoredValue: s.storedValue(plan.MarginalPrice),
	}
	var over []Violation
	if s.isInRun() {
		x.Elsewhere, over = s.elsewhere(), s.beside()
	} else {
		x.Here, over = s.here()
	}
	x.Reasons = s.reasons(over)
	return x, nil
}

// span is the slots [from, to).
type span struct{ from, to int }

func (r span) length() int { return r.to - r.from }

func (r span) contains(t int) bool { return t >= r.from && t < r.to }

// situation is a device in a slot of an evaluated plan.
type situation struct {
	problem *Problem
	planned *Evaluation
	device  Device
	index   int // of the device
	slot    int
	power   []energy.Watts     // of the device
	stored  []energy.WattHours // nil when it stores nothing
	runs    []span             // of the device, in order
	run     span               // the slot is in; empty when in none
}

func (p *Problem) situation(plan *Plan, device string, slot int) (*situation, error) {
	if p.Spans != nil {
		return nil, errSpans
	}
	s := &situation{problem: p, index: -1, slot: slot}
	power := make([][]energy.Watts, len(p.Devices))
	for i, d := range p.Devices {
		if d == nil {
			continue // a fault, which Evaluate names
		}
		row, ok := plan.Device(d.Name())
		if !ok {
			return nil, fmt.Errorf("the plan has no device %q", d.Name())
		}
		power[i] = row.Power
		if d.Name() == device {
			s.index, s.device = i, d
		}
	}
	var err error
	if s.planned, err = Evaluate(p, power); err != nil {
		return nil, err
	}
	if s.device == nil {
		return nil, fmt.Errorf("the problem has no device %q", device)
	}
	if n := p.Slots(); slot < 0 || slot >= n || len(plan.MarginalPrice) != n {
		return nil, fmt.Errorf("the problem has %d slots, the plan %d marginal prices", n, len(plan.MarginalPrice))
	}
	s.power, s.stored = power[s.index], s.planned.Devices[s.index].Energy
	s.runs = runs(s.device, s.power)
	for _, r := range s.runs {
		if r.contains(slot) {
			s.run = r
		}
	}
	return s, nil
}

func (s *situation) isInRun() bool { return s.run.length() > 0 }

// runs are the runs of a device, in order.
func runs(d Device, power []energy.Watts) (out []span) {
	switch d := d.(type) {
	case Battery:
		return nil
	case Shiftable:
		if start, ok := d.find(power); ok {
			return []span{{start, start + len(d.Profile)}}
		}
	}
	for t := 0; t < len(power); t++ {
		from := t
		for t < len(power) && power[t] > onAbove {
			t++
		}
		if t > from {
			out = append(out, span{from, t})
		}
	}
	return out
}

// storedValue is what a kWh in the store is worth by the slot in which it is next given back.
func (s *situation) storedValue(marginal []energy.Price) *energy.Price {
	efficiency, wear := 1.0, energy.Price(0)
	switch d := s.device.(type) {
	case Battery:
		efficiency, wear = d.DischargeEfficiency, d.Wear
	case Vehicle:
		efficiency, wear = d.givesBack(), d.Wear
	}
	for t := s.slot; t < len(s.power); t++ {
		if s.power[t] < -onAbove {
			return new(energy.PriceOf((marginal[t] - wear).Float() * efficiency))
		}
	}
	return nil
}
