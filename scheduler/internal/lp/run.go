package lp

import (
	"context"
	"math"
)

// run is one solve by the interior-point method, and what it has found so far.
type run struct {
	s   *Solver
	m   *Model
	o   Options
	out *Solution

	isWarm   bool    // whether it began at a waypoint
	merit    float64 // of the best point
	bound    float64 // the best
	settled  int     // iterations since a point was good enough
	progress progress
}

// lastIterations is how many a point that is good enough is given to become better.
const lastIterations = 4

// iterate runs the method and writes the solution.
func (r *run) iterate(ctx context.Context) {
	p := &r.s.interior
	r.begin()
	for p.measure(); ctx.Err() == nil; r.out.Iterations++ {
		isLost := !p.isFinite()
		if !isLost {
			r.note()
			if r.isGood() || r.isInfeasible() || r.settled > lastIterations {
				break
			}
			isLost = r.progress.hasStalled(r.miss(), r.gap())
		}
		if isLost && !r.tryAnotherWay() || r.out.Iterations == r.o.Limit {
			break
		}
		p.step(r.o.Feasibility)
	}
	r.end()
}

// begin places the first iterate.
func (r *run) begin() {
	s, p := r.s, &r.s.interior
	p.attach(&s.core, &s.factor)
	r.isWarm = s.resume(r.m, r.o.Warm)
	if !r.isWarm {
		p.start(false)
	}
	s.bestX, s.bestY = resized(s.bestX, s.core.columns), resized(s.bestY, s.core.rows)
	copy(s.bestX, p.x)
	clear(s.bestY)
	r.merit, r.bound = math.Inf(1), math.Inf(-1)
	r.progress = newProgress(patience)
	if r.isWarm {
		r.progress = newProgress(warmPatience)
	}
}

// tryAnotherWay changes what may keep a run from getting anywhere: a warm start, or rows that contradict others
// with their multipliers held. It says no when there is nothing left to try.
func (r *run) tryAnotherWay() bool {
	p, isLoose := &r.s.interior, false
	switch {
	case r.isWarm:
		r.isWarm = false
	case p.f.lost > 0 && !p.f.isLoose && !(r.miss() <= 1):
		isLoose = true
	default:
		return false
	}
	r.progress = newProgress(patience)
	p.start(isLoose)
	p.measure()
	return true
}

// miss is what the iterate's rows miss, in what they may.
func (r *run) miss() float64 { return r.s.interior.missing / r.o.Feasibility }

// gap is how far the iterate's cost and bound are apart, in what they may be.
func (r *run) gap() float64 {
	return math.Abs(r.s.interior.cost-r.s.interior.bound) / r.tolerance()
}

// worth weighs an iterate: at most 1 for one that is good enough.
func (r *run) worth() float64 { return max(r.miss(), r.gap()) }

// tolerance is that of the options, or the default.
func (r *run) tolerance() float64 {
	if r.o.Tolerance > 0 {
		return r.o.Tolerance
	}
	return defaultTolerance * max(1, math.Abs(r.s.interior.cost+r.s.core.offset))
}

// note keeps the iterate's point and its multipliers where they are the best so far, and the waypoint.
func (r *run) note() {
	s, p, c := r.s, &r.s.interior, &r.s.core
	if merit := r.worth(); merit < r.merit {
		r.merit = merit
		copy(s.bestX, p.x)
	}
	if p.bound > r.bound {
		r.bound = p.bound
		copy(s.bestY, p.y)
	}
	size := math.Abs(p.cost+c.offset) + math.Abs(p.bound+c.offset)
	if r.out.way.x == nil && math.Abs(p.cost-p.bound) < max(wayGap*size, 1000*r.tolerance()) {
		s.keepWaypoint(r.m, &r.out.way)
	}
	if r.settled > 0 || r.worth() <= 1 {
		r.settled++
	}
}

// isGood says whether the iterate is within all tolerances. Where the rows have no interior, multipliers are huge,
// and the little that rows miss makes the cost too low; so that is asked as well. Some more iterations may mend it;
// if they do not, the best point counts for what it is.
func (r *run) isGood() bool {
	s, p := r.s, &r.s.interior
	if r.worth() > 1 || p.priced > r.tolerance() {
		return false
	}
	copy(s.bestX, p.x)
	copy(s.bestY, p.y)
	r.merit = r.worth()
	s.write(r.m, r.out)
	return math.Abs(r.out.Objective-r.out.Bound) <= r.tolerance()
}

// isInfeasible says whether the multipliers prove that no point keeps the rows.
func (r *run) isInfeasible() bool {
	p := &r.s.interior
	if p.bound <= r.s.core.ceiling+r.tolerance() {
		return false
	}
	copy(r.s.bestY, p.y)
	r.s.write(r.m, r.out)
	return r.out.Bound > r.m.ceiling()
}

// end writes the best that was found, and says what it is.
func (r *run) end() {
	r.s.write(r.m, r.out)
	switch {
	case r.out.Bound > r.m.ceiling():
		r.out.Status = Infeasible
	case r.merit <= 1 && r.out.Objective-r.out.Bound <= r.tolerance():
		r.out.Status = Optimal
	default:
		r.out.Status = Stopped
		r.consider(r.out.way.y)
		if r.o.Warm != nil {
			r.consider(r.o.Warm.Y)
		}
	}
}

// consider takes other multipliers where they prove more: those of the waypoint, which rounding has not spoiled yet,
// and those of a warm start, in whose first rows the new ones count nothing.
func (r *run) consider(y []float64) {
	if y == nil || len(y) > r.m.Rows() {
		return
	}
	r.s.other = resized(r.s.other, r.m.Rows())
	clear(r.s.other)
	for i, v := range y {
		r.s.other[i] = r.m.clipped(i, v)
	}
	if bound := r.m.bound(r.s.other, r.s.room); bound > r.out.Bound {
		copy(r.out.Y, r.s.other)
		r.out.Bound = bound
	}
}

// progress notices when a run gets nowhere.
type progress struct {
	missing, gap float64 // the least so far, in what is good enough; at least 1
	since        int     // iterations since either got less
	patience     int     // iterations without progress that are put up with
}

// How long a run is put up with that gets nowhere.
const (
	patience     = 15
	warmPatience = 6 // a cold start is still to be tried
)

func newProgress(patience int) progress {
	return progress{missing: math.Inf(1), gap: math.Inf(1), patience: patience}
}

func (p *progress) hasStalled(missing, gap float64) bool {
	p.since++
	if missing = max(missing, 1); missing < 0.9*p.missing {
		p.missing, p.since = missing, 0
	}
	if gap = max(gap, 1); gap < 0.9*p.gap {
		p.gap, p.since = gap, 0
	}
	return p.since >= p.patience
}

// ceiling is the most any point of the box can cost.
func (m *Model) ceiling() float64 {
	sum := 0.0
	for j, c := range m.cost {
		sum += max(c*m.low[j], c*m.high[j])
	}
	return sum
}

// floor is the least any point of the box can cost.
func (m *Model) floor() float64 {
	sum := 0.0
	for j, c := range m.cost {
		sum += min(c*m.low[j], c*m.high[j])
	}
	return sum
}
