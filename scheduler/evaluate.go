package scheduler

import (
	"fmt"
	"math"

	"hearth/energy"
)

// Tolerances: half of what plans are judged to, so that rounding to the printed decimals decides nothing.
const (
	onAbove   = 1.0 // W: the format's border between off and on
	powerSlip = 0.5 // W
	storeSlip = 1.0 // Wh
)

// Evaluate says what a schedule costs, how the home's flows and stores go with it, and what it violates.
// Power holds a value for each device (in the order of p.Devices) and slot; solar is curtailed only where
// that pays or a limit asks for it. Its errors are [Faults] of the problem and a power of the wrong shape
// or not finite.
func Evaluate(p *Problem, power [][]energy.Watts) (*Evaluation, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if len(power) != len(p.Devices) {
		return nil, fmt.Errorf("evaluate: powers of %d devices, want %d", len(power), len(p.Devices))
	}
	for i, row := range power {
		if len(row) != p.Slots() {
			return nil, fmt.Errorf("evaluate %s: %d powers, want %d", p.Devices[i].Name(), len(row), p.Slots())
		}
		for t, w := range row {
			if !(math.Abs(float64(w)) <= greatest) {
				return nil, fmt.Errorf("evaluate %s: slot %d: power %v is out of range", p.Devices[i].Name(), t, float64(w))
			}
		}
	}
	return evaluate(p, power), nil
}

// account collects an evaluation while it is made.
type account struct {
	*Evaluation
	problem *Problem
	hours   float64 // of a step
	sums    costs
}

// costs are [Costs] before they are rounded.
type costs struct {
	imports, exports, carbon, wear, starts, peak, terminal, value float64
}

// evaluate is Evaluate for powers known to be in shape.
func evaluate(p *Problem, power [][]energy.Watts) *Evaluation {
	n := p.Slots()
	a := account{
		Evaluation: &Evaluation{Import: make([]energy.Watts, n), Export: make([]energy.Watts, n), Curtailed: make([]energy.Watts, n)},
		problem:    p,
		hours:      p.Grid.Step.Hours(),
	}
	need := make([]float64, n)
	for t := range need {
		need[t] = float64(p.BaseLoad[t] - p.Solar[t])
	}
	for i, d := range p.Devices {
		a.device(d, power[i])
		for t, w := range power[i] {
			need[t] += float64(w)
		}
	}
	a.circuits(power)
	a.flows(need)
	a.limits()
	a.round()
	return a.Evaluation
}

// device adds the device's plan, its own costs and what it violates.
func (a *account) device(d Device, power []energy.Watts) {
	row := DevicePlan{ID: d.Name(), Power: power}
	switch d := d.(type) {
	case Shiftable:
		a.shiftable(d, power)
	case Interruptible:
		a.interruptible(d, power)
	case Vehicle:
		row.Energy = a.vehicle(d, power)
	case Battery:
		row.Energy = a.battery(d, power)
	case Thermal:
		row.Energy = a.thermal(d, power)
	}
	a.Devices = append(a.Devices, row)
}

// slotHours is the length of slot t.
func (a *account) slotHours(t int) float64 { return a.hours * float64(a.problem.span(t)) }

// slotCost is what a net power costs in an hour.
func (a *account) slotCost(t int, net float64) float64 {
	if net < 0 {
		return net * a.problem.ExportPrice[t].Float()
	}
	return net * (a.problem.ImportPrice[t].Float() + a.carbonPrice(t))
}

// carbonPrice is what the carbon of an imported kWh costs.
func (a *account) carbonPrice(t int) float64 {
	if a.problem.Carbon == nil {
		return 0
	}
	return a.problem.CarbonPrice.Float() * float64(a.problem.Carbon[t]) * 1e-6 // grams per tonne
}

// peak is the highest mean import of the blocks that count, in W.
func (a *account) peak() float64 {
	top := 0.0
	for from, to := range a.problem.blocks() {
		top = max(top, a.problem.mean(a.Import, from, to))
	}
	return top
}

// limits notes what the grid connection would have to carry beyond its limits.
func (a *account) limits() {
	for t := range a.Import {
		a.violate(ImportLimit, "", t, float64(a.Import[t]-a.problem.ImportLimit[t]), "W")
		a.violate(ExportLimit, "", t, float64(a.Export[t]-a.problem.ExportLimit[t]), "W")
	}
}

func (a *account) circuits(power [][]energy.Watts) {
	index := map[string]int{}
	for i, d := range a.problem.Devices {
		index[d.Name()] = i
	}
	for _, c := range a.problem.Circuits {
		for t := range a.Import {
			sum := 0.0
			for _, id := range c.Devices {
				sum += max(float64(power[index[id]][t]), 0)
			}
			a.violate(CircuitLimit, c.ID, t, sum-float64(c.Limit), "W")
		}
	}
}

// violate notes a violation unless the amount is within the slip of its unit. An empty id is the grid, a
// negative slot the whole horizon.
func (a *account) violate(c Constraint, id string, slot int, amount float64, unit string) {
	if unit == "W" && amount <= powerSlip || unit == "Wh" && amount <= storeSlip || amount <= 0 {
		return
	}
	v := Violation{Constraint: c, Amount: amount, Unit: unit}
	if id != "" {
		v.Device = new(id) // the copy, so that calls which note nothing take no memory
	}
	if slot >= 0 {
		v.Slot = new(slot)
	}
	a.Violations = append(a.Violations, v)
}

// round turns the sums into money and adds them up.
func (a *account) round() {
	s := a.sums
	a.Costs = Costs{
		Import: money(s.imports), Export: money(s.exports), Carbon: money(s.carbon), Wear: money(s.wear),
		Starts: money(s.starts), Peak: money(s.peak), Terminal: money(s.terminal), Value: money(s.value),
	}
	a.Objective = a.Costs.Sum()
}

// money is the nearest amount; one beyond any home's bill is cut off an eighth below the greatest, so that
// eight of them still add up.
func money(amount float64) energy.Money {
	const most = math.MaxInt64 / 8 / 1e9
	return energy.MoneyOf(min(max(amount, -most), most))
}
