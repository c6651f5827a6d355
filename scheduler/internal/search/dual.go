package search

import (
	"context"
	"math"
	"slices"

	"hearth/scheduler/internal/pwl"
	"hearth/scheduler/internal/respond"
)

// point is a set of prices for what the devices share.
type point struct {
	lambda []float64   // money per kWh of net need, each slot
	kappa  []float64   // money per kW of each block's mean import, >= 0, together at most the peak's price
	nu     [][]float64 // money per kWh through each circuit, >= 0
}

// slopes is how the value changes with each price: by how much the shared thing is overdrawn.
type slopes struct {
	need  []float64   // kWh
	peak  []float64   // kW
	loads [][]float64 // kWh
}

// dual climbs to prices with a high value. Every value is a bound on the cost of every plan that violates
// nothing. With x the powers of a plan, n its net import, c its curtailment, the prices add nothing to the
// cost of a plan (balance) or take something away (circuits, peak), so the cost is at least
//
//	sum over slots of  cost(n) + kappa n - lambda (n - c)    [least over what the slot may carry]
//	+ sum over devices of  own cost + lambda x + nu max(x,0)  [least over what the device may do]
//	+ lambda (base - solar) - nu limit - kappa paid peak
//
// whatever lambda is, and whatever nu and kappa are, if they are not negative and the kappas together do
// not exceed the peak's price: the peak is at least every mean of them.
type dual struct {
	*Home
	state  *state
	best   point
	value  float64 // the bound
	rough  float64 // of the best point, as the climb sees it
	rounds int

	mean    slopes      // a running mean of the slopes, which the climb follows
	power   [][]float64 // what devices did at the last prices
	stride  float64
	failed  int
	isFresh bool      // the last climb changed the prices enough to plan by them anew
	weight  []float64 // of each slot's block: 1 / its slots; 0 when it does not count
	blockOf []int
}

func newDual(h *Home, s *state) *dual {
	n := len(h.Slots)
	d := &dual{Home: h, state: s, value: math.Inf(-1), rough: math.Inf(-1), stride: stride}
	d.best = point{s.marginal(), make([]float64, len(h.Peak.Blocks)), matrix(len(h.Circuits), n)}
	d.power = matrix(len(h.Devices), n)
	d.weight, d.blockOf = make([]float64, n), make([]int, n)
	if h.Peak.Price > 0 {
		for b, block := range h.Peak.Blocks {
			for t := block[0]; t < block[1]; t++ {
				d.weight[t], d.blockOf[t] = 1/float64(block[1]-block[0]), b
			}
		}
	}
	return d
}

// kappa is the price of a kW of import in slot t.
func (d *dual) kappa(p point, t int) float64 {
	if d.weight[t] == 0 {
		return 0
	}
	return p.kappa[d.blockOf[t]] * d.weight[t]
}

// price computes the value of a point and its slopes; false when ctx has ended.
func (d *dual) price(ctx context.Context, p point, slack float64) (value float64, g slopes, ok bool) {
	n := len(d.Slots)
	g = slopes{slices.Clone(d.Need), make([]float64, len(d.Peak.Blocks)), matrix(len(d.Circuits), n)}
	for i, device := range d.Devices {
		ask := respond.Ask{Prices: d.offer(i, p), Slack: slack}
		cost, _, ok := device.Respond(ctx, ask, d.power[i])
		if !ok {
			return 0, g, false
		}
		value += cost
		for t, x := range d.power[i] {
			g.need[t] += x
		}
		for _, c := range d.state.in[i] {
			for t, x := range d.power[i] {
				g.loads[c][t] += max(x, 0)
			}
		}
	}
	for t, slot := range d.Slots {
		extra := d.kappa(p, t)
		cost, need, imported := slot.Priced(p.lambda[t], extra)
		value += cost + p.lambda[t]*slot.Hours*d.Need[t]
		if low, high := slot.Buy+extra/slot.Hours, slot.Sell; need == 0 && p.lambda[t] >= max(low, high) {
			need = min(max(g.need[t], 0), slot.ImportLimit) // at this price any import is as good
			imported = need
		} else if need == 0 && p.lambda[t] <= min(low, high) {
			need = max(min(g.need[t], 0), -slot.ExportLimit)
		}
		g.need[t] = (g.need[t] - need) * slot.Hours
		if d.weight[t] > 0 {
			g.peak[d.blockOf[t]] += imported * d.weight[t]
		}
		for c := range d.Circuits {
			value -= p.nu[c][t] * slot.Hours * d.Circuits[c].Limit
			g.loads[c][t] = (g.loads[c][t] - d.Circuits[c].Limit) * slot.Hours
		}
	}
	for b, k := range p.kappa {
		value -= k * d.Peak.SoFar
		g.peak[b] -= d.Peak.SoFar
	}
	return value, g, true
}

// offer is what a device pays for its powers.
func (d *dual) offer(i int, p point) respond.Prices {
	s := d.state
	least, most := d.Devices[i].Reach()
	s.segs, s.spans = s.segs[:0], s.spans[:0]
	for t, slot := range d.Slots {
		begin := len(s.segs)
		back := p.lambda[t] * slot.Hours
		take := back
		for _, c := range s.in[i] {
			take += p.nu[c][t] * slot.Hours
		}
		if least < 0 {
			s.segs = append(s.segs, pwl.Seg{X0: least, Y0: back * least})
		}
		if most > 0 {
			s.segs = append(s.segs, pwl.Seg{X1: most, Y1: take * most})
		}
		s.spans = append(s.spans, [2]int{begin, len(s.segs)})
	}
	return s.sliced()
}
