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
		best := r.bestStep(t, mode, r.Keep*stored-r.draw(t))
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
	isOn := mode >= 1 && mode <= r.minOn && !r.isFree
	mayOff := (r.isFree || !isOn || mode == 1) && !r.must(t)
	mayOn := r.isFree || isOn || mode == 0
	if mayOff {
		after := mode
		switch {
		case r.isFree:
		case isOn:
			after = r.offMode(1)
		case mode > r.minOn:
			after = r.offMode(mode - r.minOn + 1)
		}
		next := r.kept(0, t+1, after)
		r.try(&best, step{0, stored, next.At(stored), after, false})
		for _, o := range r.giveBack {
			r.tryOffer(&best, next, o, step{stored: stored, mode: after})
		}
	}
	if mayOn {
		s := step{stored: stored, mode: mode}
		switch {
		case r.isFree:
		case mode == 0:
			s.mode, s.cost, s.isStart = r.onMode(1), r.startCost, true
		case mode > 1:
			s.mode = r.onMode(mode)
		}
		next := r.kept(1, t+1, s.mode)
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
