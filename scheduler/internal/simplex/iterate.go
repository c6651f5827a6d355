package simplex

import (
	"context"
	"math"
)

// Tolerances, in the scaled program. Kept values are a few kW or kWh, costs about 1.
const (
	primal       = 1e-7 // by which a value may be outside of its bounds
	dual         = 1e-7 // by which a reduced cost may have the wrong sign for the sake of a larger pivot
	rowKept      = 1e-6 // by which a point may be outside of the sides of a row
	optimal      = 1e-6 // between objective and bound, relative to the objective and 1
	leastPivot   = 1e-7
	leastWeight  = 1e-4
	inconsistent = 1e-7 // difference of a pivot worked out by row and by column, relative
)

const (
	updateLimit = 64 // updates of a factor before it is made anew
	patience    = 16 // iterations between looks at the context
	stallLimit  = 50 // iterations without a better cost before the costs are perturbed, or perturbed more
	retryLimit  = 4  // times that an end may turn out not to be good enough
)

// iteration is the state of a solve.
type iteration struct {
	total      float64 // working cost of the point, followed by increments
	iterations int
	stalled    int // iterations since the cost last rose
	isBland    bool
	retries    int     // how often an end was not good enough
	perturbed  int     // how often the costs were perturbed in this solve
	nextCheck  float64 // working cost from which the bound is compared with the cutoff again

	rho, pivotColumn, tau, flips vector // by position
	alpha                        vector // by column
	ratio                        ratio
}

// solve is [Solver.Solve] in scaled terms, but for the objective.
func (s *Solver) solve(ctx context.Context, o Options) Result {
	r := Result{Status: Stopped, Bound: math.Inf(-1)}
	s.y = s.y[:0]
	switch {
	case s.isUnsound:
		return r
	case s.crossed > 0:
		r.Status, r.Bound = Infeasible, inf
		return r
	}
	limit := o.Limit
	if limit <= 0 {
		limit = 50*(s.n+s.m) + 1000
	}
	cutoff := o.Cutoff * s.costScale
	s.iterations, s.stalled, s.isBland = 0, 0, false
	s.prepare()
	if s.nextCheck = cutoff; math.IsNaN(cutoff) {
		s.nextCheck = inf
	}
	r.Status, r.Bound = s.run(ctx, limit, cutoff)
	r.Objective, r.Iterations = s.takePoint(), s.iterations
	return r
}

// run iterates until there is a reason to end.
func (s *Solver) run(ctx context.Context, limit int, cutoff float64) (Status, float64) {
	for s.retries = 0; ; {
		if s.total >= s.nextCheck {
			bound := s.prove()
			if bound >= cutoff {
				return Cutoff, bound
			}
			s.nextCheck = s.total + max(2*(cutoff-bound), 1e-9*math.Abs(cutoff))
		}
		if s.iterations >= limit || s.iterations%patience == 0 && ctx.Err() != nil {
			return Stopped, s.prove()
		}
		if len(s.factor.updates) >= updateLimit {
			s.refresh()
		}
		switch s.step() {
		case pivoted:
			continue
		case unbounded:
			if s.proveInfeasible() {
				return Infeasible, inf
			}
			s.banned.add(s.ratio.position)
		case none:
			bound := s.prove()
			allowed := optimal * max(1, math.Abs(bound))
			if s.retries == 0 {
				allowed /= 10
			}
			if s.takePoint()-bound <= allowed && s.isFeasible() {
				return Optimal, bound
			}
			if s.retries++; s.retries > retryLimit {
				return Stopped, bound
			}
			s.trueCosts()
			s.refresh()
		}
	}
}

// outcome of a step.
type outcome int

const (
	pivoted   outcome = iota // or the factor was made anew, or a position banned: go on
	none                     // no violated position is left
	unbounded                // nothing can enter
)

// step changes the basis once.
func (s *Solver) step() outcome {
	p := s.leaving()
	if p < 0 {
		return none
	}
	slope, sign := s.value[p]-s.most[p], -1.0
	if s.value[p] < s.least[p] {
		slope, sign = s.least[p]-s.value[p], 1.0
	}
	s.multiply(p)
	s.ratio.position, s.ratio.sign = p, sign
	q, ok := s.entering(slope)
	if !ok {
		return unbounded
	}
	s.pivotColumn.clear()
	s.addColumn(&s.pivotColumn, q, 1)
	s.factor.forward(&s.pivotColumn, true)
	byRow, byColumn := s.entryOf(q), s.pivotColumn.value[p]
	if math.Abs(byRow-byColumn) > inconsistent*(1+math.Abs(byColumn)) || math.Abs(byColumn) < leastPivot {
		if len(s.factor.updates) > 0 {
			s.refresh()
			return pivoted
		}
		if math.Abs(byRow-byColumn) > 1e-5*math.Abs(byColumn) || math.Abs(byColumn) < smallest {
			s.banned.add(p)
			return pivoted
		}
	}
	s.iterations++
	before := s.total
	s.flip()
	s.pivot(p, q)
	s.watch(before)
	return pivoted
}

// watch perturbs the costs when nothing moves, and turns to the rule of Bland when that does not help.
func (s *Solver) watch(before float64) {
	if s.total > before+1e-9*max(1, math.Abs(before)) {
		s.stalled, s.isBland = 0, false
		return
	}
	s.stalled++
	switch {
	case s.stalled%stallLimit != 0:
	case s.perturbed < 3:
		s.perturb()
	default:
		s.isBland = true
	}
}
