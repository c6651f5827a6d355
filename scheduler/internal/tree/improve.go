package tree

import "context"

// thetas are the shares of the shared price with which devices answer in a neighbourhood.
var thetas = []float64{0, 0.3, 0.6, 0.9}

// explore leaves a part of the best plan open, lets the relaxation find what the rest leaves it, and has the devices
// answer to that one by one. A part whose relaxation is no better than the plan holds nothing. By turns it is a few
// devices in all their slots, or all devices in a few slots: where a peak or a circuit couples them, one alone
// cannot move.
func (r *run) explore(ctx context.Context, n *Node) {
	k := len(r.Devices)
	free := make([]bool, k)
	order := r.random.Perm(k)
	from, to := 0, 0
	if r.random.IntN(2) == 0 {
		slots := len(r.Slots)
		length := slots/16 + r.random.IntN(slots/8+1)
		from = r.random.IntN(max(slots-length, 1))
		to = from + length
	} else {
		order = order[:min(k, 1+r.random.IntN(2+k/4))]
	}
	for _, i := range order {
		free[i] = true
	}
	theta := thetas[r.random.IntN(len(thetas))]
	isFirst := true
	_, best := r.plans.Best()
	r.relaxed.Restrict(r.Limits(nil), n.pool)
	for i, row := range best {
		if !free[i] || from < to {
			r.relaxed.FixBut(i, row, from, to)
		}
	}
	for j, i := range order {
		if isFirst || len(r.Slots)*k < dive {
			if !r.solve(ctx, &r.forPlan) || r.relaxed.Objective() > r.cost()-2e-4*r.Scale {
				return
			}
			r.relaxed.Power(r.powers)
			r.plans.Begin(ctx, r.powers, free)
			r.plans.Price(r.relaxed.Point().Lambda)
			isFirst = false
		}
		if j == len(order)-1 {
			theta = 0
		}
		r.relaxed.Fix(i, r.plans.Answer(ctx, i, theta))
	}
	r.plans.Follow(ctx)
	r.plans.End(ctx)
	r.forPlan += r.answering()
}

// dive is the size of a home, slots times devices, below which the relaxation is solved anew after each answer.
const dive = 3000

// largest is the size of a home above which there is no relaxation: it would take half a gigabyte.
const largest = 100_000

// tearOn betters a plan without a relaxation, at the prices at which it trades.
func (r *run) tearOn(ctx context.Context) {
	for r.idle < r.patience() && ctx.Err() == nil && !r.isDone() && len(r.nodes) > 0 {
		before, _ := r.plans.Best()
		r.plans.Price(r.nodes[0].Point.Lambda)
		r.plans.Tear(ctx, r.random)
		r.rounds++
		r.idle++
		if best, _ := r.plans.Best(); best.Less(before) {
			r.idle = 0
		}
		r.tell()
	}
}
