package respond

import (
	"math"

	"hearth/scheduler/internal/pwl"
)

// step is one way on from a slot: a power, the mode after it, and what it and all that follows cost.
type step struct {
	power, stored, cost float64
	mode                int
	isStart             bool
}

// path follows the layers from the first slot on, sets the powers and counts the starts.
func (r *recursion) path(power []float64) (starts int) {
	stored, mode := r.Initial, r.first
	for t := r.From; t < r.To; t++ {
		r.offers(t)
		best := r.bestStep(t, mode, r.Keeps(t)*stored-r.draw(t))
		power[t], stored, mode = best.power, best.stored, best.mode
		if best.isStart {
			starts++
		}
	}
	return starts
}

// bestStep compares the ways on; of equals the first, which is to rest, wins.
func (r *recursion) bestStep(t, mode int, stored float64) step {
	best := step{cost: math.Inf(1), stored: min(max(stored, r.low), r.high), mode: mode}
	on, off := r.after(t, mode)
	if off >= 0 && !r.must(t) {
		next := r.kept(0, t+1, off)
		r.try(&best, step{0, stored, next.At(stored), off, false})
		for _, o := range r.giveBack {
			r.tryOffer(&best, next, o, step{stored: stored, mode: off})
		}
	}
	if on >= 0 {
		s := step{stored: stored, mode: on}
		if mode == 0 && !r.isFree {
			s.cost, s.isStart = r.startCost, true
		}
		next := r.kept(1, t+1, on)
		for _, o := range r.charge {
			r.tryOffer(&best, next, o, s)
		}
	}
	return best
}

func (r *recursion) try(best *step, s step) {
	if s.cost < best.cost-1e-12 {
		*best = s
	}
}

// tryOffer tries the best move of an offer, on top of the cost s has.
func (r *recursion) tryOffer(best *step, next pwl.Func, o offer, s step) {
	move, cost := pwl.Best(next, s.stored, o.Piece)
	s.power = o.from
	if o.To > o.From {
		s.power += (o.to - o.from) * (move - o.From) / (o.To - o.From)
	}
	s.stored += move
	s.cost += cost
	r.try(best, s)
}
