package decide

import (
	"slices"

	"hearth/energy"
	"hearth/scheduler"
)

// least is the dearest price that a surcharge is reckoned from where energy costs nothing.
const least = energy.Price(1e10) // a hundredth of the currency

// surcharges is what a kWh from the grid counts for in each slot, beyond its price, so that the plan does what
// operators ask; nil where nobody asks. Where several press, the hardest counts; what draws yields to all of them.
func surcharges(problem *scheduler.Problem, orders []Order) []energy.Price {
	var out []energy.Price
	for _, o := range orders {
		w := o.weight()
		if w == 0 {
			continue
		}
		if out == nil {
			out = make([]energy.Price, problem.Grid.Count())
		}
		for i, to := o.slots(problem.Grid); i < to; i++ {
			if out[i] <= 0 && w > 0 || out[i] == 0 || w > 0 && w > out[i] {
				out[i] = w
			}
		}
	}
	if out == nil {
		return nil
	}
	dearest := least
	for t := range problem.ImportPrice {
		carbon := energy.PriceOf(problem.CarbonPrice.Float() * float64(problem.Carbon[t]) * 1e-6)
		dearest = max(dearest, problem.ImportPrice[t]+carbon, problem.ExportPrice[t])
	}
	for i := range out {
		out[i] *= dearest
	}
	return out
}

// asked is the problem with surcharges: what is solved. Without any it is the problem itself.
func asked(problem *scheduler.Problem, extra []energy.Price) *scheduler.Problem {
	if extra == nil {
		return problem
	}
	out := *problem
	out.ImportPrice = slices.Clone(problem.ImportPrice)
	for i, e := range extra {
		out.ImportPrice[i] += e
	}
	return &out
}

// truly tells a plan of the asked problem in the prices that are paid. Its gap stays: no plan that takes as little from
// the grid where that is asked could be cheaper by more.
func truly(problem *scheduler.Problem, plan *scheduler.Plan, extra []energy.Price) error {
	if extra == nil {
		return nil
	}
	var power [][]energy.Watts
	for _, d := range plan.Devices {
		power = append(power, d.Power)
	}
	paid, err := scheduler.Evaluate(problem, power)
	if err != nil {
		return err
	}
	plan.LowerBound += paid.Objective - plan.Objective
	plan.Evaluation = *paid
	plan.Certificate = nil // it is of other prices
	for t, e := range extra {
		if plan.Export[t] <= 1 { // W: what is given back costs what it would have earned
			plan.MarginalPrice[t] -= e
		}
	}
	return nil
}

// limited is the tightest limit of a kind that touches each slot, at most the home's own; nil where nobody limits
// anything.
func limited(orders []Order, grid energy.Grid, own energy.Watts, of func(Order) (energy.Watts, bool)) []energy.Watts {
	var out []energy.Watts
	for _, o := range orders {
		limit, ok := of(o)
		if !ok {
			continue
		}
		if out == nil {
			out = scheduler.Constant(own, grid.Count())
		}
		for i, to := o.slots(grid); i < to; i++ {
			out[i] = max(0, min(out[i], limit))
		}
	}
	return out
}

// limit lays the operators' limits on the problem. In an emergency nothing is taken but what the house takes by itself,
// and by what runs already.
func (p *Planner) limit(problem *scheduler.Problem, in Input) {
	grid := problem.Grid
	if limits := limited(in.Orders, grid, p.home.MaxImport, Order.limits); limits != nil {
		problem.ImportLimit = limits
	}
	given := func(o Order) (energy.Watts, bool) { return o.Power, o.Device == "" && o.Kind == ExportLimit }
	if limits := limited(in.Orders, grid, p.home.MaxExport, given); limits != nil {
		problem.ExportLimit = limits
	}
	for i, is := range emergencies(in.Orders, grid) {
		if is {
			problem.ImportLimit[i] = min(problem.ImportLimit[i], max(0, problem.BaseLoad[i]-problem.Solar[i]+p.running(problem, in, i)))
		}
	}
}

// running is what the programs that go on take in a slot.
func (p *Planner) running(problem *scheduler.Problem, in Input, slot int) (sum energy.Watts) {
	for _, d := range problem.Devices {
		if s, ok := d.(scheduler.Shiftable); ok && !in.Memory[s.ID].Began.IsZero() && slot < len(s.Profile) {
			sum += s.Profile[slot]
		}
	}
	return sum
}

// emergencies says which slots of the grid an emergency touches; nil: none.
func emergencies(orders []Order, grid energy.Grid) []bool {
	var out []bool
	for _, o := range orders {
		if o.weight() != (Order{Kind: Emergency}).weight() {
			continue
		}
		for i, to := o.slots(grid); i < to; i++ {
			if out == nil {
				out = make([]bool, grid.Count())
			}
			out[i] = true
		}
	}
	return out
}

// spared is a task's slots in view of emergencies: it does not begin in one, and its deadline moves behind it where need
// of the slots are not free of one before, in runs of at least a length. It says how many are free then: less than need
// where the grid ends before.
func spared(blocked []bool, from, to, need, run int) (first, end, free int) {
	if blocked == nil {
		return from, to, max(need, to-from)
	}
	for from < len(blocked) && blocked[from] {
		from++
	}
	length := 0
	for i := from; i < len(blocked); i++ {
		if i >= to && free >= need {
			return from, i, free
		}
		if blocked[i] {
			length = 0
			continue
		}
		switch length++; {
		case length == run:
			free += run
		case length > run:
			free++
		}
	}
	return from, len(blocked), free
}
