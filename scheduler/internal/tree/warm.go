package tree

import (
	"context"
	"math"

	"hearth/scheduler/internal/bound"
	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/relax"
)

// begin lays out what a run works with.
func (r *run) begin() {
	r.bounder = bound.New(r.Home)
	r.powers = home.Matrix(len(r.Devices), len(r.Slots))
	if r.Warm != nil {
		w := *r.Warm
		w.Power = r.within(w.Power)
		r.Warm = &w
	}
}

// within is the powers of a plan of before as far as devices reach now: a home's curves end where its devices do, and
// what lies beyond has no price. What answers are rounded by stays: the plan is the same.
func (r *run) within(power [][]float64) [][]float64 {
	const rounding = 1e-9 // kW
	out := make([][]float64, len(power))
	for i, row := range power {
		least, most := r.Devices[i].Reach()
		out[i] = make([]float64, len(row))
		for t, kW := range row {
			switch {
			case math.IsNaN(kW):
			case kW < least-rounding:
				out[i][t] = least
			case kW > most+rounding:
				out[i][t] = most
			default:
				out[i][t] = kW
			}
		}
	}
	return out
}

// resume takes over a plan of before and has its prices prove it anew: they are as good as ever where little
// has changed. It says whether the plan, as it is or balanced anew, is so good that nothing need be searched.
func (r *run) resume(ctx context.Context) bool {
	w := r.Warm
	r.plans.Adopt(w.Power)
	r.was = r.Judge(w.Power)
	r.tell()
	if w.Point == nil || ctx.Err() != nil {
		return false
	}
	r.relaxed = relax.New(r.Home, r.bounder)
	root := &Node{Value: math.Inf(-1), Point: r.renewed(w.Point)}
	root.pool.Slots = append(root.pool.Slots, root.Point.Cuts...)
	l := r.Limits(nil)
	value, _, ok := r.bounder.Value(ctx, root.Point, l, boundSlack*r.Scale)
	if !ok || math.IsInf(value, 0) {
		return false
	}
	root.Value = value
	r.nodes = []*Node{root}
	r.looked++
	r.tell()
	if r.isSettled(value) {
		return true
	}
	if !math.IsInf(r.cost(), 1) {
		r.polish(ctx)
		r.tell()
	}
	if r.isSettled(value) {
		return true
	}
	r.plans.Price(root.Point.Lambda)
	r.plans.Resweep(ctx, w.Power)
	r.tell()
	return r.isSettled(value)
}

// isSettled says that the plan that would come out now needs no search.
func (r *run) isSettled(value float64) bool {
	cost := r.cost()
	if r.stays() {
		cost = r.was.Cost()
	}
	return cost-value <= max(r.Warm.Keep, r.Warm.Exchange, r.enough())
}

// stays says that the best plan is not worth exchanging the plan of before for.
func (r *run) stays() bool { return r.was.IsWhole() && r.was.Cost() <= r.cost()+r.Warm.Exchange }

// renewed is prices of before with the constants that their cuts have now, brought to where trading without
// end does not pay.
func (r *run) renewed(old *bound.Point) *bound.Point {
	p := *old
	p.Cuts, p.Mu = nil, nil
	for q, cut := range old.Cuts {
		if cut, ok := r.relaxed.Renew(cut); ok {
			p.Cuts, p.Mu = append(p.Cuts, cut), append(p.Mu, old.Mu[q])
		}
	}
	r.bounder.Fit(&p, r.Warm.Excess)
	return &p
}

// stay gives up the plan of before only for one that is better by enough, and then for the one nearest to it.
func (r *run) stay(ctx context.Context) {
	w := r.Warm
	best, _ := r.plans.Best()
	if r.stays() {
		r.plans.Return(w.Power)
		return
	}
	if best.IsWhole() && w.Budget > 0 {
		r.plans.Stick(ctx, w.Power, w.Budget)
	}
}
