package scheduler

import (
	"cmp"
	"slices"

	"hearth/energy"
)

// flows sets import, export and curtailment from what the home needs, and their costs. Where importing pays,
// solar is curtailed to import more; with a peak price that pays up to some level only, and so it may be
// dearer than to leave it.
func (a *account) flows(need []float64) {
	plain := a.balance(need, nil)
	extra := a.extra(need)
	if extra != nil && a.balance(need, extra) >= plain {
		a.balance(need, nil)
	}
}

// balance sets the flows of every slot and their costs, with so many W of extra import in each; nil: none. It
// returns the sum of the costs.
func (a *account) balance(need, extra []float64) float64 {
	p := a.problem
	s := &a.sums
	s.imports, s.exports, s.carbon = 0, 0, 0
	for t, x := range need {
		net, _ := a.net(t, x)
		if extra != nil && extra[t] > 0 {
			net = max(net, 0) + extra[t]
		}
		a.Import[t], a.Export[t] = energy.Watts(max(net, 0)), energy.Watts(max(-net, 0))
		a.Curtailed[t] = energy.Watts(net - x)
		kWh := net / 1000 * a.slotHours(t)
		if net < 0 {
			s.exports += kWh * p.ExportPrice[t].Float()
			continue
		}
		s.imports += kWh * p.ImportPrice[t].Float()
		s.carbon += kWh * a.carbonPrice(t)
	}
	s.peak = p.Peak.Price.Float() * max(a.peak()-float64(p.Peak.SoFar), 0) / 1000
	return s.imports + s.exports + s.carbon + s.peak
}

// net is import less export of a slot in which the home needs x, without importing for the sake of it, and
// the most that curtailment can make of it. Between the two the cost is straight but for the bend at 0.
func (a *account) net(t int, x float64) (net, most float64) {
	p := a.problem
	high := x
	if p.SolarCurtailable {
		high += float64(p.Solar[t])
	}
	low := min(max(x, -float64(p.ExportLimit[t])), high) // curtail at least what may not be exported
	most = max(low, min(high, float64(p.ImportLimit[t])))
	if zero := max(low, min(most, 0)); a.slotCost(t, zero) < a.slotCost(t, low) {
		return zero, most
	}
	return low, most
}

// spare is import that a slot can take on beyond its need, in W times its steps, at a gain for each W and hour.
type spare struct {
	slot       int
	room, gain float64
}

// extra is the import beyond need that pays; nil: none does. Without a peak that is all that pays. With one,
// every block imports up to a common level, the dearest slots of it last, and the level is as high as all
// blocks together gain more from it than it costs. That sum falls with the level, as each block begins with
// what gains most; so the first level at which it no longer pays is the best.
func (a *account) extra(need []float64) []float64 {
	out := make([]float64, len(need))
	isFound := false
	blockOf := make([]int, len(need))
	var bases, lengths []float64
	if a.problem.Peak.Price > 0 {
		for from, to := range a.problem.blocks() {
			bases, lengths = append(bases, 0), append(lengths, float64(a.problem.steps(from, to)))
			for t := from; t < to; t++ {
				blockOf[t] = len(bases)
			}
		}
	}
	spares := make([][]spare, len(bases)) // of each block
	for t, x := range need {
		net, most := a.net(t, x)
		b := blockOf[t] - 1
		if b >= 0 {
			bases[b] += max(net, 0) * float64(a.problem.span(t)) / lengths[b]
		}
		room := most - max(net, 0)
		gain := (a.slotCost(t, net) - a.slotCost(t, most)) / max(room, 1e-9) // with what is no longer exported
		if room <= 0 || gain <= 0 {
			continue
		}
		isFound = true
		if b < 0 {
			out[t] = room
			continue
		}
		spares[b] = append(spares[b], spare{t, room * float64(a.problem.span(t)), gain})
	}
	if !isFound {
		return nil
	}
	for _, list := range spares {
		slices.SortStableFunc(list, func(x, y spare) int { return cmp.Compare(y.gain, x.gain) })
	}
	a.fill(out, spares, bases, lengths, a.level(spares, bases, lengths))
	return out
}

// level is the mean import of blocks that is worth its price.
func (a *account) level(spares [][]spare, bases, lengths []float64) float64 {
	level := float64(a.problem.Peak.SoFar)
	for _, base := range bases {
		level = max(level, base)
	}
	type step struct{ at, gain float64 } // from this level on all blocks together gain so much more for each W
	var steps []step
	for b, list := range spares {
		at := bases[b]
		for _, s := range list {
			steps = append(steps, step{at, s.gain * lengths[b]})
			at += s.room / lengths[b]
			steps = append(steps, step{at, -s.gain * lengths[b]})
		}
	}
	slices.SortStableFunc(steps, func(x, y step) int { return cmp.Compare(x.at, y.at) })
	price := a.problem.Peak.Price.Float() / a.hours // what a W costs, in the terms of slotCost
	sum := 0.0
	for _, s := range steps {
		if s.at > level {
			if sum <= price+1e-9 {
				return level
			}
			level = s.at
		}
		sum += s.gain
	}
	return level
}

// fill lets each block import up to a level.
func (a *account) fill(out []float64, spares [][]spare, bases, lengths []float64, level float64) {
	for b, list := range spares {
		left := (level - bases[b]) * lengths[b]
		for _, s := range list {
			taken := max(min(s.room, left), 0)
			out[s.slot] = taken / float64(a.problem.span(s.slot))
			left -= taken
		}
	}
}
