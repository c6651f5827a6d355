// Package tree looks for the plan of a home and for the proof of how good it is. The plan comes from devices
// that answer each other's prices (package search); the proof from a linear program (package relax), whose
// prices every device answers exactly (package bound). Where that is not enough, the plans are split in two,
// again and again, and each part gets a bound of its own: the proof is then a tree.
package tree

import (
	"context"
	"math"
	"math/rand/v2"

	"hearth/scheduler/internal/bound"
	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/relax"
	"hearth/scheduler/internal/search"
)

// Options of a run.
type Options struct {
	Judge func(power [][]float64) search.Score
	Gap   float64 // stop when no plan can be cheaper by more
	// RelativeGap is the same in parts of the plan's cost; the wider counts.
	RelativeGap float64
	Seed        uint64
	Warm        *Warm                                  // nil: none
	Progress    func(best search.Score, value float64) // called when either has become better; nil: never
}

// Warm is a plan to begin with.
type Warm struct {
	Power [][]float64  // of each device
	Point *bound.Point // prices that proved it once; the constants of its cuts are not read; nil: none
	// Excess is that of the prices; see [bound.Bounder.Excess].
	Excess []float64
	// Keep is the gap with which the plan is kept without any search.
	Keep float64
	// Budget is what a plan may cost more for staying near this one; Exchange is how much cheaper a plan must be
	// for this one to be given up.
	Budget, Exchange float64
}

// Result is the best plan found and the proof beside it.
type Result struct {
	Power  [][]float64
	Bound  float64   // -Inf until there is one; of no meaning when something is violated
	Tree   []*Node   // the root first; nil until there is a bound
	Nodes  int       // that were looked at
	Rounds int       // of improving the plan
	IsKept bool      // the plan of before was good enough, and nothing was searched
	Excess []float64 // of the root's prices; nil when there is no tree
}

// run is what a search for plan and proof holds.
type run struct {
	*home.Home
	Options
	plans   *search.State
	bounder *bound.Bounder
	relaxed *relax.Relaxation
	random  *rand.Rand
	powers  [][]float64 // of the devices in the relaxation's last solution

	nodes             []*Node
	told              search.Score
	toldAt            float64
	rounds            int
	looked            int
	was               search.Score // of the plan to begin with, on this problem
	idle              int          // neighbourhoods in a row that held nothing
	forProof, forPlan float64      // work
}

// Run searches until the gap is small enough, nothing more is found, or limited ends. The first plan is made
// even when limited has ended; ctx is obeyed at once, and the plan is then whatever there is.
func Run(ctx, limited context.Context, h *home.Home, o Options) Result {
	r := &run{Home: h, Options: o, plans: search.New(h, o.Judge), random: rand.New(rand.NewPCG(o.Seed, 0)), toldAt: math.Inf(-1)}
	r.told, _ = r.plans.Best()
	r.begin()
	isKept := false
	if o.Warm != nil {
		isKept = r.resume(limited)
	}
	if !isKept {
		first := ctx
		if o.Warm != nil && !math.IsInf(r.cost(), 1) { // there is a plan, that of before
			first = limited
		}
		r.plans.Construct(first)
		r.tell()
		r.plans.Levels(limited)
		switch {
		case limited.Err() != nil: // no time for a relaxation, which is the largest thing there is
		case len(r.Slots)*len(r.Devices) > largest:
			r.guess(ctx)
			r.tearOn(limited)
		default:
			r.prove(limited)
		}
	}
	if o.Warm != nil {
		r.stay(ctx)
	}
	r.guess(ctx)
	_, power := r.plans.Best()
	out := Result{Power: power, Bound: r.value(), Tree: r.nodes, Nodes: r.looked, Rounds: r.rounds, IsKept: isKept}
	if len(r.nodes) > 0 {
		out.Excess = r.bounder.Excess(r.nodes[0].Point)
	}
	return out
}

// tell reports what has become better.
func (r *run) tell() {
	best, _ := r.plans.Best()
	value := r.value()
	if r.Progress != nil && (best.Less(r.told) || value > r.toldAt+1e-9 || r.rounds == 0) {
		r.told, r.toldAt = best, value
		r.Progress(best, value)
	}
}

// cost is that of the best plan; infinite when it violates something.
func (r *run) cost() float64 {
	best, _ := r.plans.Best()
	if !best.IsWhole() {
		return math.Inf(1)
	}
	return best[len(best)-1]
}

// isDone says that the best plan is good enough.
func (r *run) isDone() bool { return !math.IsInf(r.cost(), 1) && r.cost()-r.value() <= r.enough() }

// enough is the gap that is asked for.
func (r *run) enough() float64 {
	if math.IsInf(r.cost(), 1) {
		return r.Gap
	}
	return max(r.Gap, r.RelativeGap*math.Abs(r.cost()))
}
