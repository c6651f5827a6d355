package scheduler

import (
	"context"
	"errors"
	"math"
	"time"

	"hearth/energy"
)

// Aim says which plan is the best one. The zero value is the problem's own: money and carbon, at the carbon
// price that it gives.
type Aim struct {
	kind   aimKind
	amount energy.Money
}

type aimKind int

const (
	asGiven aimKind = iota
	weighing
	greenest
)

// Cheapest aims at the least money, whatever the carbon.
func Cheapest() Aim { return Aim{weighing, 0} }

// Balanced aims at the least sum of money and carbon, which counts so much per tonne. A problem that does not
// tell its carbon intensity has none, as everywhere in [Solve].
func Balanced(perTonne energy.Money) Aim { return Aim{weighing, perTonne} }

// Greenest aims at the least carbon of the plans that cost (carbon left out) at most so much more than the
// cheapest one known.
func Greenest(within energy.Money) Aim { return Aim{greenest, within} }

// Aimed is a plan made for an aim.
type Aimed struct {
	Weighed
	// Budget is what a greenest plan was measured against; nil with other aims.
	Budget *Budget
}

// Budget is how a greenest plan stands to the cheapest one and to what is possible.
type Budget struct {
	// Cheapest is the cheapest plan known, carbon left out. Its LowerBound says how much cheaper one might
	// still be.
	Cheapest *Plan
	// Limit is what a plan may cost: Cheapest.Objective and what is allowed on top. The greenest plan keeps it
	// to the last decimal, so a limit with nothing on top may refuse a plan that costs a billionth more.
	Limit energy.Money
	// GramsBound is proven: no plan that violates nothing and costs at most Limit, carbon left out, comes with
	// fewer grams. It says nothing when the plan is Relaxed.
	GramsBound energy.Grams
}

// ErrBudget is the error of a greenest plan that is to cost less than the cheapest.
var ErrBudget = errors.New("what a greener plan may cost more must not be negative")

// SolveFor is [Solve] with an aim.
//
// Greenest is a search over carbon prices, a solve for each, which share the TimeLimit. It finds only plans
// that are the best at some price, so a greener plan within the budget may exist even when every solve is
// optimal; GramsBound says how much greener at most. Warm is where the search begins, and is not held on to:
// Exchange, Stickiness and Progress have no part in it. Its plan's Stats are those of all solves together.
// When ctx ends, the plan is the greenest of those found until then.
//
// The errors are [Faults], which a negative price of carbon is as well, and of Greenest [ErrCarbonUnknown]
// and [ErrBudget].
func SolveFor(ctx context.Context, p *Problem, aim Aim, o Options) (*Aimed, error) {
	q := p
	switch aim.kind {
	case greenest:
		return p.greenest(ctx, aim.amount, o)
	case weighing:
		q = p.WithCarbonPrice(aim.amount)
	}
	plan, err := Solve(ctx, q, o)
	if err != nil {
		return nil, err
	}
	return &Aimed{Weighed: q.weighed(plan)}, nil
}

const (
	maxSolves = 24 // of one search over carbon prices
	// Each solve gets a third of the time left: the later ones begin with a better plan and nearer to the
	// price that is looked for, and eight of them use up all but a twenty-fifth.
	shareOfTime = 3
	timeToStop  = 25
	// When no price has led beyond the budget, the next one is so many times higher. The first makes the
	// carbon of a kWh a raise less dear than the dearest energy, the last lets hardly anything else count, or
	// makes a gram dearer than the budget.
	raise        = 8
	maxRaise     = raise * raise * raise * raise
	highestPrice = 1e9 // per tonne; a raise above it is still an amount of money
)

func (p *Problem) greenest(ctx context.Context, within energy.Money, o Options) (*Aimed, error) {
	s, err := newSweep(p, o)
	if err != nil {
		return nil, err
	}
	if within < 0 {
		return nil, ErrBudget
	}
	g := &budgeted{s, within}
	whole := s.left()
	if err := s.solve(ctx, 0, whole/shareOfTime); err != nil {
		return nil, err
	}
	for range maxSolves {
		if ctx.Err() != nil || s.left() < whole/timeToStop {
			break
		}
		price, share, ok := g.next()
		if !ok {
			break
		}
		if err := g.add(ctx, price, s.left()/share); err != nil {
			return nil, err
		}
	}
	return g.aimed(), nil
}

// budgeted is the search for the greenest plan. The first solve of its sweep is that for the cheapest plan.
type budgeted struct {
	*sweep
	within energy.Money
}

// add solves at another price. What that finds may be cheaper than the cheapest plan so far.
func (g *budgeted) add(ctx context.Context, price energy.Money, limit time.Duration) error {
	if err := g.solve(ctx, price, limit); err != nil {
		return err
	}
	if err := g.mend(ctx); err != nil {
		return err
	}
	g.found[0] = g.best(0)
	return nil
}

func (g *budgeted) limit() energy.Money { return g.found[0].Cost + g.within }

// isWorthwhile says that a plan violates no more than the cheapest one does.
func (g *budgeted) isWorthwhile(f Weighed) bool {
	return !violatesMore(f.Plan.Violations, g.found[0].Plan.Violations)
}

// greenest is the index of the plan with the least grams that keeps the budget, of several the cheapest.
func (g *budgeted) greenest() int {
	best, limit := 0, g.limit()
	for i, f := range g.found {
		b := g.found[best]
		if f.Cost <= limit && g.isWorthwhile(f) && (f.Grams < b.Grams || f.Grams == b.Grams && f.Cost < b.Cost) {
			best = i
		}
	}
	return best
}

// next is the carbon price to solve at, and the share of the time left to spend on it (its reciprocal); false
// when no price can lead to a greener plan.
//
// Of the points found so far, in the plane of cost and grams, it takes the edge of their lower hull that
// crosses the limit. At the price that is the slope of this edge the plans at both its ends weigh the same, and
// a plan below the edge, if there is one, weighs less: it takes the place of an end. When there is none, the
// edge is part of the hull of all plans, and no price has any more to tell.
//
//	grams  x            |
//	         \  in      |
//	           x        | limit
//	             `-.    |
//	                 `-.|
//	                    |`-. out
//	                    |    x-------x
//	       -----------------------------> cost
func (g *budgeted) next() (price energy.Money, share time.Duration, ok bool) {
	best := g.found[g.greenest()]
	if best.Plan.Status != Relaxed && best.Grams-g.bound() <= 1+energy.Grams(math.Abs(float64(best.Grams))/1000) {
		return 0, 0, false
	}
	price, ok = g.edge()
	if !ok {
		return g.raised()
	}
	for _, f := range g.found[1:] {
		if off := float64(price - f.CarbonPrice); math.Abs(off) > float64(price)/1000 {
			continue
		}
		// What was solved at this price stands, or is looked into once more with all the time there is.
		if f.Plan.Status == Optimal || g.isRepeated(f.CarbonPrice) {
			return 0, 0, false
		}
		return f.CarbonPrice, 1, true
	}
	return price, shareOfTime, true
}

// edge is the price that is the slope of the hull where it crosses the limit; false when no plan found is
// greener than what the limit allows.
func (g *budgeted) edge() (price energy.Money, ok bool) {
	limit, lowest := g.limit(), math.Inf(1)
	for _, in := range g.found {
		if in.Cost > limit || !g.isWorthwhile(in) {
			continue
		}
		for _, out := range g.found {
			if out.Cost <= limit || out.Grams >= in.Grams || !g.isWorthwhile(out) {
				continue
			}
			slope := (out.Cost - in.Cost).Float() / float64(in.Grams-out.Grams)
			if at := float64(in.Grams) - (limit-in.Cost).Float()/slope; at < lowest {
				lowest, price = at, max(energy.MoneyOf(min(slope*1e6, highestPrice)), 1)
			}
		}
	}
	return price, !math.IsInf(lowest, 1)
}

// raised is a price higher than those tried; false when carbon has been all that counts, or there is none.
func (g *budgeted) raised() (price energy.Money, share time.Duration, ok bool) {
	dearest, dirtiest := g.problem.worths(), 0.0
	for t := range g.problem.Carbon {
		dearest = max(dearest, math.Abs(g.problem.ImportPrice[t].Float()), math.Abs(g.problem.ExportPrice[t].Float()))
		dirtiest = max(dirtiest, math.Abs(float64(g.problem.Carbon[t])))
	}
	if dirtiest == 0 {
		return 0, 0, false
	}
	if dearest == 0 {
		dearest = 1 // energy is free: any price will do
	}
	first := max(energy.MoneyOf(min(dearest/dirtiest*1e6/raise, 1e5)), 1)
	highest := energy.Money(0)
	for _, f := range g.found {
		highest = max(highest, f.CarbonPrice)
	}
	price = max(first, highest*raise)
	last := max(first.Float()*maxRaise, g.within.Float()*1e6)
	return price, shareOfTime, price.Float() < min(last*raise, highestPrice)
}

func (g *budgeted) isRepeated(price energy.Money) bool {
	count := 0
	for _, f := range g.found {
		if f.CarbonPrice == price {
			count++
		}
	}
	return count > 1
}

// bound is a proven lower bound on the grams of plans that violate nothing and keep the budget.
//
// A solve at a price w (per gram) has proven that cost + w x grams >= b for every plan that violates nothing.
// One that costs at most the limit has therefore w x grams >= b - cost >= b - limit. That is so for each w, and
// the best of these bounds is kept. Whatever was solved, no slot imports more than its limit (with a
// negative intensity) or less than nothing.
func (g *budgeted) bound() energy.Grams {
	best := energy.Grams(0)
	for t, intensity := range g.problem.Carbon {
		best += min(intensity, 0).Of((g.problem.ImportLimit[t] + powerSlip).Over(g.problem.Grid.Step * time.Duration(g.problem.span(t))))
	}
	limit := g.limit()
	for _, f := range g.found {
		if f.CarbonPrice > 0 && f.Plan.Status != Relaxed {
			best = max(best, energy.Grams((f.Plan.LowerBound-limit).Float()/(f.CarbonPrice.Float()*1e-6)))
		}
	}
	return best
}

func (g *budgeted) aimed() *Aimed {
	best := g.found[g.greenest()]
	b := &Budget{Cheapest: g.found[0].Plan, Limit: g.limit()}
	if best.Plan.Status != Relaxed {
		b.GramsBound = min(g.bound(), best.Grams) // equal but for rounding when it is above
	}
	plan := *best.Plan
	plan.Stats = g.stats()
	best.Plan = &plan
	return &Aimed{best, b}
}

// stats adds up those of the solves.
func (g *budgeted) stats() Stats {
	sum := Stats{FirstPlan: g.found[0].Plan.Stats.FirstPlan}
	for _, f := range g.found {
		sum.SolveTime += f.Plan.Stats.SolveTime
		sum.Rounds += f.Plan.Stats.Rounds
		sum.Nodes += f.Plan.Stats.Nodes
	}
	return sum
}
