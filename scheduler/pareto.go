package scheduler

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"hearth/energy"
)

// ErrCarbonUnknown is the error of everything that has to weigh carbon when a problem does not tell its
// intensity: unknown is not zero.
var ErrCarbonUnknown = errors.New("the carbon intensity of imported energy is not known")

// Weighed is a plan for one weight of carbon against money.
type Weighed struct {
	CarbonPrice energy.Money // per tonne: the plan is for [Problem.WithCarbonPrice] of it
	Plan        *Plan        // its Objective, LowerBound and Certificate are about Cost + CarbonPrice x Grams
	Cost        energy.Money // of the plan, carbon left out
	Grams       energy.Grams // that come with what the plan imports; 0 when the intensity is not known
}

// ParetoPoint is the plan for one of several carbon prices.
type ParetoPoint struct {
	Weighed
	// Dominated says that another point is better in cost or grams and not worse in the other, or that a
	// lower carbon price has led to the same two. The points not dominated are the ones to choose from.
	Dominated bool
}

// WithCarbonPrice is the problem with another weight of carbon; it shares everything else with p.
func (p *Problem) WithCarbonPrice(perTonne energy.Money) *Problem {
	q := *p
	q.CarbonPrice = perTonne
	return &q
}

// Grams is the carbon that comes with what is imported; false when its intensity is not known. Export
// earns none back.
func (p *Problem) Grams(e *Evaluation) (energy.Grams, bool) {
	if p.Carbon == nil {
		return 0, false
	}
	sum := energy.Grams(0)
	for t, w := range e.Import {
		sum += p.Carbon[t].Of(w.Over(p.Grid.Step * time.Duration(p.span(t))))
	}
	return sum, true
}

// WithoutCarbon is the sum of what is paid in money.
func (c Costs) WithoutCarbon() energy.Money { return c.Sum() - c.Carbon }

// Pareto plans for several carbon prices (per tonne), the lower ones first and each beginning with what was
// found before, so that money can be weighed against carbon by looking at the plans. The points come sorted
// by carbon price, one for each different price. TimeLimit is that of all solves together, though each makes a
// first plan whatever the time; Warm is where the first one begins, and is not held on to: Exchange, Stickiness
// and Progress have no part in a comparison.
//
// A weight finds only plans on the convex hull of cost and grams: between two points there may be plans that
// are the best for their cost and that no price leads to.
//
// Prices w < v with plans of gaps a and b obey (v-w) x (grams(v)-grams(w)) <= a+b: each plan is within its gap
// of the other's value at its own weight, and adding the two up leaves that. So grams fall as the price rises
// but for the gaps, and cost rises: cost(w) <= cost(v) + a + w x (grams(v)-grams(w)).
//
// When ctx ends, the points are those that were planned until then, at least one when there is a price. The
// errors are [ErrCarbonUnknown] and [Faults], which a negative price is as well.
func Pareto(ctx context.Context, p *Problem, prices []energy.Money, o Options) ([]ParetoPoint, error) {
	s, err := newSweep(p, o)
	if err != nil {
		return nil, err
	}
	prices = slices.Compact(slices.Sorted(slices.Values(prices)))
	for i, price := range prices {
		if i > 0 && ctx.Err() != nil {
			break
		}
		if err := s.solve(ctx, price, s.left()/time.Duration(len(prices)-i)); err != nil {
			return nil, err
		}
	}
	if err := s.mend(ctx); err != nil {
		return nil, err
	}
	points := make([]ParetoPoint, len(s.found))
	for i := range s.found {
		points[i].Weighed = s.best(i)
	}
	mark(points)
	return points, nil
}

// mark finds the points that are dominated. Only plans that violate equally much can be compared.
func mark(points []ParetoPoint) {
	for i := range points {
		p := &points[i]
		p.Dominated = slices.ContainsFunc(points, func(q ParetoPoint) bool {
			isSame := q.Cost == p.Cost && q.Grams == p.Grams
			return q.Cost <= p.Cost && q.Grams <= p.Grams && (!isSame || q.CarbonPrice < p.CarbonPrice) &&
				!violatesMore(q.Plan.Violations, p.Plan.Violations)
		})
	}
}

// sweep is what solves at several carbon prices have found.
type sweep struct {
	problem *Problem
	options Options
	ends    time.Time
	found   []Weighed // in the order of the solves
}

func newSweep(p *Problem, o Options) (*sweep, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if p.Carbon == nil {
		return nil, ErrCarbonUnknown
	}
	if o.TimeLimit <= 0 {
		o.TimeLimit = DefaultTimeLimit
	}
	if o.Gap <= 0 {
		o.Gap = DefaultGap
	}
	o.Exchange, o.Stickiness, o.Progress = -1, -1, nil
	return &sweep{problem: p, options: o, ends: time.Now().Add(o.TimeLimit)}, nil
}

// left is the time still to be used; it may be negative.
func (s *sweep) left() time.Duration { return time.Until(s.ends) }

// solve adds the plan for a carbon price, begun with the best one for that price among those found.
func (s *sweep) solve(ctx context.Context, price energy.Money, limit time.Duration) error {
	found, err := s.planned(ctx, price, limit)
	if err == nil {
		s.found = append(s.found, found)
	}
	return err
}

func (s *sweep) planned(ctx context.Context, price energy.Money, limit time.Duration) (Weighed, error) {
	q, o := s.problem.WithCarbonPrice(price), s.options
	o.TimeLimit = max(limit, 1)
	if o.Warm = begin(o.Warm); len(s.found) > 0 {
		o.Warm = begin(s.found[s.nearest(q)].Plan)
	}
	plan, err := Solve(ctx, q, o)
	if err != nil {
		return Weighed{}, err
	}
	return q.weighed(plan), nil
}

// begin is the schedules of a plan alone. The prices that once proved a plan proved it for one weight of
// carbon; with them the plan would be kept, for another weight, without a search.
func begin(plan *Plan) *Plan {
	if plan == nil {
		return nil
	}
	return &Plan{Evaluation: Evaluation{Devices: plan.Devices}, Grid: plan.Grid, Spans: plan.Spans}
}

func (p *Problem) weighed(plan *Plan) Weighed {
	grams, _ := p.Grams(&plan.Evaluation)
	return Weighed{p.CarbonPrice, plan, plan.Costs.WithoutCarbon(), grams}
}

// powers are the schedules of an evaluation, in the order of the problem's devices.
func (e *Evaluation) powers() [][]energy.Watts {
	rows := make([][]energy.Watts, len(e.Devices))
	for i, d := range e.Devices {
		rows[i] = d.Power
	}
	return rows
}

// nearest is the index of the plan found that is best for a problem of another weight: one that violates
// nothing before one that does, then the cheapest.
func (s *sweep) nearest(q *Problem) int {
	best, least := 0, (*Evaluation)(nil)
	for i, f := range s.found {
		e := evaluate(q, f.Plan.powers())
		if least == nil || cmp.Or(
			compareBools(len(e.Violations) > 0, len(least.Violations) > 0), cmp.Compare(e.Objective, least.Objective)) < 0 {
			best, least = i, e
		}
	}
	return best
}

// compareBools puts false before true.
func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// mend solves again where a plan violates something and one for another price does not: with that one to
// begin with, it has a plan and a bound.
func (s *sweep) mend(ctx context.Context) error {
	isWhole := func(f Weighed) bool { return f.Plan.Status != Relaxed }
	if !slices.ContainsFunc(s.found, isWhole) {
		return nil
	}
	for i, f := range s.found {
		if isWhole(f) || ctx.Err() != nil {
			continue
		}
		again, err := s.planned(ctx, f.CarbonPrice, s.left()/4)
		if err != nil {
			return err
		}
		s.found[i] = again
	}
	return nil
}

// best is what was found for a price, or a plan found for another one where that is cheaper at this price; the
// bound and its proof stay, for they are about the price and not about the plan.
func (s *sweep) best(i int) Weighed {
	own := s.found[i]
	q := s.problem.WithCarbonPrice(own.CarbonPrice)
	plan := *own.Plan
	for _, f := range s.found {
		e := evaluate(q, f.Plan.powers())
		isOfKind := (len(e.Violations) > 0) == (own.Plan.Status == Relaxed) // else the plan has no bound, or an idle one
		if isOfKind && e.Objective < plan.Objective && !violatesMore(e.Violations, plan.Violations) {
			plan.Evaluation = *e
		}
	}
	if plan.Objective == own.Plan.Objective {
		return own
	}
	plan.MarginalPrice = q.marginal(&plan.Evaluation)
	if plan.Status != Relaxed {
		plan.LowerBound = min(plan.LowerBound, plan.Objective)
		plan.Status = Feasible
		if plan.Objective-plan.LowerBound <= s.options.Gap {
			plan.Status = Optimal
		}
	}
	return q.weighed(&plan)
}

// violatesMore says that a list of violations holds something [beyond] another.
func violatesMore(these, those []Violation) bool { return len(beyond(these, those)) > 0 }

// beyond is the first violation of each constraint of each device with which a list adds up to more than
// another does.
func beyond(these, those []Violation) (out []Violation) {
	type what struct {
		constraint Constraint
		id         string
	}
	key := func(v Violation) what {
		if v.Device == nil {
			return what{v.Constraint, ""}
		}
		return what{v.Constraint, *v.Device}
	}
	allowed := map[what]float64{}
	for _, v := range those {
		allowed[key(v)] += v.Amount
	}
	for _, v := range these {
		before := allowed[key(v)]
		allowed[key(v)] = before - v.Amount
		if least := -slip(v.Unit); before >= least && before-v.Amount < least {
			out = append(out, v)
		}
	}
	return out
}

// slip is how far an amount may be off by rounding alone.
func slip(unit string) float64 {
	switch unit {
	case "W":
		return powerSlip
	case "Wh":
		return storeSlip
	}
	return 0
}
