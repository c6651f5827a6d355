package tree

import (
	"context"
	"math"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/relax"
)

// patience is the number of neighbourhoods in a row that held nothing after which a run ends, when the proof
// cannot be carried further either; more rarely hold anything. Counted, not timed, so that a run that ends by
// itself can be repeated.
func (r *run) patience() int { return 20 + 10*len(r.Devices) }

// prove raises the bound and improves the plan, in turn.
func (r *run) prove(ctx context.Context) {
	if r.relaxed == nil {
		r.relaxed = relax.New(r.Home, r.bounder)
	}
	if len(r.nodes) == 0 {
		r.nodes = []*Node{{Value: math.Inf(-1)}}
	}
	root := r.nodes[0]
	ok := r.look(ctx, root, 4, func() {
		r.tell()
		r.follow(ctx, root)
		r.tell()
	})
	if !ok && root.Point == nil {
		r.nodes = nil
	}
	if !ok {
		return
	}
	r.adopt(ctx, root)
	r.polish(ctx)
	mayGrow := true
	for (mayGrow || r.idle < r.patience()) && ctx.Err() == nil && !r.isDone() {
		if mayGrow && (r.idle >= r.patience() || r.forProof <= r.share()*(r.forProof+r.forPlan)) {
			mayGrow = r.grow(ctx)
		} else {
			r.improve(ctx, root)
		}
		r.tell()
	}
}

// share is the part of the work that goes into the proof: little, and more while nothing better is found, as the
// first few nodes prove most. In large homes relaxations are slow and better plans are easy, so there it begins with
// nothing.
func (r *run) share() float64 {
	if len(r.Slots)*len(r.Devices) > dive {
		return 0.5 * float64(r.idle) / float64(r.idle+100)
	}
	return 0.2 + 0.7*float64(r.idle)/float64(r.idle+20)
}

// improve tries to better the plan: by turns by a neighbourhood with a relaxation, and by tearing it up.
func (r *run) improve(ctx context.Context, n *Node) {
	before, _ := r.plans.Best()
	switch {
	case r.Peak.Price > 0 && r.rounds%8 == 7:
		r.plans.Squeeze(ctx, 0.2)
		r.forPlan += 12 * r.answering()
	case r.rounds%2 == 0:
		r.explore(ctx, n)
	default:
		r.plans.Price(n.Point.Lambda)
		r.plans.Tear(ctx, r.random)
		r.forPlan += r.answering()
	}
	r.rounds++
	r.idle++
	if best, _ := r.plans.Best(); best.Less(before) {
		r.idle = 0
		r.polish(ctx)
	}
}

// adopt takes over the plan that the relaxation of a node has found where it leaves nothing open.
func (r *run) adopt(ctx context.Context, n *Node) {
	if n.isWhole {
		r.relaxed.Power(r.powers)
		for i, row := range r.plans.Begin(ctx, r.powers, nil) {
			copy(r.powers[i], row)
		}
		r.plans.End(ctx)
		r.balance(ctx, n.Decisions, r.powers)
	}
}

// follow makes plans from what the relaxation does and from its prices.
func (r *run) follow(ctx context.Context, n *Node) {
	r.relaxed.Power(r.powers)
	r.plans.Price(n.Point.Lambda)
	if level := r.relaxed.Peak(); level > 0 {
		r.plans.Level(level)
	}
	before, _ := r.plans.Best()
	r.plans.Resweep(ctx, r.powers)
	if best, _ := r.plans.Best(); best.Less(before) {
		r.idle = 0
	}
	r.forPlan += 12 * r.answering()
}

// polish lets the powers of the best plan find the best together, while all that is switched stays as it is.
func (r *run) polish(ctx context.Context) {
	_, best := r.plans.Best()
	r.balance(ctx, nil, best)
}

// balance makes a plan that keeps to decisions and switches as powers do.
func (r *run) balance(ctx context.Context, decisions []home.Decision, power [][]float64) {
	r.relaxed.Restrict(r.Limits(decisions), relax.Pool{})
	for i, row := range power {
		r.relaxed.Fix(i, row)
	}
	if r.solve(ctx, &r.forPlan) {
		r.relaxed.Power(r.powers)
		r.plans.Settle(ctx, r.powers)
	}
}

// solve solves the relaxation and books the work.
func (r *run) solve(ctx context.Context, book *float64) bool {
	ok := r.relaxed.Solve(ctx, r.tolerance())
	*book += r.relaxed.Work()
	return ok
}

// answering is about the work of one answer of every device. Work is counted in microseconds of a machine
// that is always the same, so that a run does not depend on the one it is on.
func (r *run) answering() float64 { return 1.5 * float64(len(r.Slots)*len(r.Devices)) }
