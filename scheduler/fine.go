package scheduler

import (
	"context"
	"fmt"
	"math"
	"time"

	"hearth/energy"
	"hearth/scheduler/internal/bound"
	"hearth/scheduler/internal/tree"
)

// share is the part of the time for the coarse problem (its reciprocal): on a week of 5-minute slots made coarse, all
// that is won there is won in the first tenths of a second.
const share = 4

// Solve plans on the coarse problem for a quarter of the time and goes on from there on the steps: what the means of
// slots have hidden is seen then. The plan and its proof are those of [Solve] on the problem that was made coarse;
// where that had no time for a proof, it is by the coarse prices, as in [Coarse.Fine]. Options.Warm is not used, and
// Progress tells of the steps.
func (c *Coarse) Solve(ctx context.Context, o Options) (*Plan, error) {
	begin := time.Now() // for the limit alone
	if o.TimeLimit <= 0 {
		o.TimeLimit = DefaultTimeLimit
	}
	first := o
	first.TimeLimit, first.Warm, first.Progress = o.TimeLimit/share, nil, nil
	plan, err := Solve(ctx, c.Problem, first)
	if err != nil {
		return nil, err
	}
	laid, err := c.laid(plan)
	if err != nil {
		return nil, err
	}
	known := laid.prices
	laid.prices = nil // a plan with prices is asked for its proof first; here the time is for better ones
	o.Warm, o.Exchange, o.Stickiness, o.TimeLimit = laid, -1, -1, max(o.TimeLimit-time.Since(begin), 1)
	if tell := o.Progress; tell != nil {
		before := time.Since(begin)
		o.Progress = func(p Progress) {
			p.Elapsed += before
			tell(p)
		}
	}
	out, err := Solve(ctx, c.fine, o)
	if err != nil {
		return nil, err
	}
	if known != nil && out.Status == Feasible && out.Objective-out.LowerBound > plan.Objective-plan.LowerBound {
		c.prove(ctx, out, known) // there was no time for a proof of its own
	}
	out.Stats.SolveTime, out.Stats.FirstPlan = time.Since(begin), plan.Stats.FirstPlan
	out.Stats.Rounds, out.Stats.Nodes = out.Stats.Rounds+plan.Stats.Rounds, out.Stats.Nodes+plan.Stats.Nodes
	return out, nil
}

// Fine lays a plan of the coarse problem out on the steps and values it there: a [Shiftable] with each phase in
// its own step, an [Interruptible] on for just its steps, all others with the power of their slot throughout. It is
// Relaxed when the steps violate what the slots do not.
//
// The bound of the coarse problem is none of this one, so it is made anew: by the prices that proved the coarse
// one, which are worth something in any problem, in one answer of each device to them. It is as far below the
// plan as the coarse gap and what the two problems differ by. The certificate is for the problem that was made
// coarse, as is everything else; for that the plan can be Options.Warm, and is then searched from.
//
// The errors are those of [Evaluate], and a plan of another problem. When ctx ends before there is a bound, it is
// less than any plan costs.
func (c *Coarse) Fine(ctx context.Context, plan *Plan) (*Plan, error) {
	out, err := c.laid(plan)
	if err == nil && out.prices != nil && out.Status != Relaxed {
		c.prove(ctx, out, out.prices)
	}
	return out, err
}

// laid is Fine without a bound.
func (c *Coarse) laid(plan *Plan) (*Plan, error) {
	power, err := c.Powers(plan)
	if err != nil {
		return nil, err
	}
	p := c.fine
	e, err := Evaluate(p, power)
	if err != nil {
		return nil, err
	}
	out := &Plan{Evaluation: *e, Grid: p.Grid, Currency: p.Currency, Status: Feasible, Stats: plan.Stats, LowerBound: noBound}
	out.MarginalPrice = p.marginal(e)
	if len(out.Violations) > 0 {
		out.Status = Relaxed
	}
	if old := plan.prices; old != nil {
		out.prices = &prices{
			point: c.unfolded(old), excess: c.repeated(old.excess), blocks: p.peak().Blocks, circuits: old.circuits, devices: old.devices,
		}
	}
	return out, nil
}

// noBound is the bound of a plan for which none was found, in [Solve] as here.
var noBound = money(math.Inf(-1))

// Powers are those of a plan of the coarse problem on the steps, for [Evaluate] on the problem it was made of.
func (c *Coarse) Powers(plan *Plan) ([][]energy.Watts, error) {
	rows := make([][]energy.Watts, len(c.Devices))
	firsts := c.firstSteps()
	for i, d := range c.Devices {
		row, ok := plan.Device(d.Name())
		if !ok || len(row.Power) != c.Slots() {
			return nil, fmt.Errorf("lay out: the plan has no powers of %q for %d slots", d.Name(), c.Slots())
		}
		rows[i] = make([]energy.Watts, firsts[c.Slots()])
		used := func(_, span int) int { return span }
		full := func(t int) energy.Watts { return row.Power[t] }
		switch d := d.(type) {
		case Shiftable:
			if start, ok := c.find(d, row.Power); ok {
				copy(rows[i][start:], d.Profile)
				continue
			}
		case Interruptible:
			if part := d.part(c.Problem, row.Power); part != whole {
				used = part.of
				full = func(t int) energy.Watts {
					if t == part.slot {
						return d.Power
					}
					return row.Power[t]
				}
			}
		}
		for t := range c.Slots() {
			for k := range used(t, c.span(t)) {
				rows[i][firsts[t]+k] = full(t)
			}
		}
	}
	return rows, nil
}

// prove gives a plan the bound that prices are worth on the steps, if that is better than the one it has.
func (c *Coarse) prove(ctx context.Context, out *Plan, by *prices) {
	node, ok := tree.Value(ctx, c.fine.home(), &tree.Warm{Point: by.point, Excess: by.excess})
	if !ok || money(node.Value-1e-7) <= out.LowerBound {
		return
	}
	by.point, by.gap = node.Point, 0
	out.prices = by
	out.LowerBound = min(money(node.Value-1e-7), out.Objective)
	out.Certificate = certificate([]*tree.Node{node}, out.LowerBound)
}

// repeated is a series over slots on the steps.
func (c *Coarse) repeated(values []float64) []float64 {
	var out []float64
	for t, v := range values {
		for range c.span(t) {
			out = append(out, v)
		}
	}
	return out
}

// unfolded is coarse prices on the steps: the price of a kWh is that of the slot, and what belongs to a kW, or to
// being on, is divided among the steps of a slot, or the blocks in it.
func (c *Coarse) unfolded(old *prices) *bound.Point {
	point := bound.NewPoint(c.fine.home())
	copy(point.Lambda, c.repeated(old.point.Lambda))
	for k := range point.Nu {
		copy(point.Nu[k], c.repeated(old.point.Nu[k]))
	}
	firsts, k := c.firstSteps(), 0
	for b, block := range c.fine.peak().Blocks {
		for firsts[old.blocks[k][1]] <= block[0] {
			k++
		}
		length := firsts[old.blocks[k][1]] - firsts[old.blocks[k][0]]
		point.Kappa[b] = old.point.Kappa[k] * float64(block[1]-block[0]) / float64(length)
	}
	for q, cut := range old.point.Cuts {
		span := c.span(cut.Slot)
		for step := firsts[cut.Slot]; step < firsts[cut.Slot+1]; step++ {
			one := cut
			one.Slot = step
			point.Cuts, point.Mu = append(point.Cuts, one), append(point.Mu, old.point.Mu[q]/float64(span))
		}
	}
	return point
}
