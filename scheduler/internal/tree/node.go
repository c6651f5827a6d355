package tree

import (
	"context"
	"math"

	"hearth/scheduler/internal/bound"
	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/relax"
)

// Node is a part of all plans: those that keep to some decisions.
type Node struct {
	Decisions []home.Decision
	Value     float64      // no plan of this part costs less
	Point     *bound.Point // the prices that say so, made under At
	At        []home.Decision
	Branch    *home.Decision // its first side; nil: a leaf
	Children  [2]int

	pool     relax.Pool        // cuts that hold in this part
	open     []relax.Candidate // what is left to decide
	optimum  float64           // of its relaxation
	isLooked bool
	isWhole  bool // the relaxation leaves nothing open: it is a plan itself
	isDone   bool // there is nothing left to decide
}

// boundSlack is the slack of answers behind a bound, in high prices of the problem times a kWh.
const boundSlack = 3e-5

// value is the bound of the whole tree: the least of its leaves.
func (r *run) value() float64 {
	if len(r.nodes) == 0 {
		return math.Inf(-1)
	}
	least := math.Inf(1)
	for _, n := range r.nodes {
		if n.Branch == nil {
			least = min(least, n.Value)
		}
	}
	return least
}

// look bounds a node anew: at the optimum of the relaxation, with more cuts in each round, until the node is
// worth no more than cutoff leaves, or rounds are over, or nothing more is won. It is false when ctx has
// ended.
func (r *run) look(ctx context.Context, n *Node, rounds int, each func()) bool {
	l := r.Limits(n.Decisions)
	r.relaxed.Restrict(l, n.pool)
	for round := range rounds {
		if !r.solve(ctx, &r.forProof) {
			return false
		}
		p := r.relaxed.Point()
		value, parts, ok := r.bounder.Value(ctx, p, l, boundSlack*r.Scale)
		if !ok {
			return false
		}
		r.looked++
		r.forProof += r.answering()
		won := value - n.Value
		if value > n.Value || n.Point == nil {
			n.Value, n.Point, n.At = max(value, n.Value), p, n.Decisions
		}
		if each != nil {
			each()
		}
		if r.cost()-n.Value <= r.enough() || math.IsInf(value, 1) {
			break
		}
		if round+1 == rounds || round > 0 && won < 0.03*(r.cost()-n.Value) {
			break
		}
		cuts := r.relaxed.SeparateSlots(1e-3)
		for _, half := range r.relaxed.HalfSpaces(p, parts, 1e-4*r.Scale) {
			r.relaxed.AddDevice(half)
			cuts++
		}
		if cuts == 0 {
			break
		}
	}
	n.pool, n.optimum, n.isLooked = r.relaxed.Pool(), r.relaxed.Objective(), true
	n.open = r.relaxed.Candidates(tried)
	n.isWhole = len(n.open) == 0
	n.open = append(n.open, r.peaks(l)...)
	return true
}

// tolerance is how near to its optimum the relaxation is solved.
func (r *run) tolerance() float64 { return 3e-4 * r.Scale * math.Sqrt(float64(len(r.Slots))/192) }

// guess makes a bound where the time was too short for any: at the prices at which the best plan trades.
func (r *run) guess(ctx context.Context) {
	if len(r.nodes) > 0 || ctx.Err() != nil {
		return
	}
	p := bound.NewPoint(r.Home)
	_, power := r.plans.Best()
	for t, s := range r.Slots {
		need := r.Need[t]
		for _, row := range power {
			need += row[t]
		}
		switch {
		case need > little:
			p.Lambda[t] = s.Buy
		case need < -little:
			p.Lambda[t] = s.Sell
		default:
			p.Lambda[t] = (s.Buy + s.Sell) / 2
		}
	}
	if value, _, ok := r.bounder.Value(ctx, p, r.Limits(nil), boundSlack*r.Scale); ok {
		r.nodes = []*Node{{Value: value, Point: p}}
		r.looked++
		r.tell()
	}
}

const little = 0.02 // kW of need that are as good as none
