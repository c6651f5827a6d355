package search

import (
	"context"
	"math"
	"slices"
	"sort"
)

// The climb is a volume algorithm (Barahona and Anbil, 2000): steps follow a running mean of the slopes, from
// the best point so far, their length set by how far the value still is from the cost of the best plan.
// The figures were tried on the M problems of the corpus.
const (
	share      = 0.3  // of new slopes in the mean, while they change much
	lateShare  = 0.12 // and later
	late       = 60   // sets of prices
	stride     = 0.3  // of the way that the distance to the best plan suggests
	lateStride = 0.5  // for the finer search with the longer mean
	maxPrices  = 400  // sets of prices; later ones gain next to nothing
)

// climb tries a number of steps.
func (d *dual) climb(ctx context.Context, steps int, best Score) {
	before := d.rough
	for range steps {
		p := d.best
		if d.rounds > 0 {
			p = d.step(best[len(best)-1])
		}
		value, g, ok := d.price(ctx, p, climbSlack*d.Scale)
		if !ok {
			break
		}
		if d.rounds++; d.rounds == late {
			d.stride = lateStride
		}
		d.mix(g)
		if value > d.rough {
			d.rough, d.best, d.failed = value, p, 0
			d.stride = min(d.stride*1.1, 1.5)
		} else if d.failed++; d.failed > 4 {
			d.stride, d.failed = max(d.stride*0.8, 0.001), 0
		}
	}
	d.isFresh = d.rough > before+1e-3*math.Abs(before)
	if d.rough > before {
		if value, _, ok := d.price(ctx, d.best, boundSlack*d.Scale); ok {
			d.value = max(d.value, value)
		}
	}
	d.value = max(d.value, d.rough)
}

// mix takes new slopes into the mean.
func (d *dual) mix(g slopes) {
	if d.rounds == 1 {
		d.mean = g
		return
	}
	part := share
	if d.rounds > late {
		part = lateShare
	}
	blend(d.mean.need, g.need, part)
	blend(d.mean.peak, g.peak, part)
	for c := range g.loads {
		blend(d.mean.loads[c], g.loads[c], part)
	}
}

// blend moves a mean towards new values.
func blend(mean, v []float64, part float64) {
	for t := range mean {
		mean[t] += part * (v[t] - mean[t])
	}
}

// step is the best point, moved along the mean slopes and back into its box.
func (d *dual) step(goal float64) point {
	p := point{slices.Clone(d.best.lambda), slices.Clone(d.best.kappa), matrix(len(d.Circuits), len(d.Slots))}
	low, high := d.box()
	norm := 0.0
	for t, v := range d.mean.need {
		if v > 0 && p.lambda[t] < high[t] || v < 0 && p.lambda[t] > low[t] {
			norm += v * v
		}
	}
	for b, v := range d.mean.peak {
		if v > 0 || p.kappa[b] > 0 {
			norm += v * v
		}
	}
	for c, row := range d.mean.loads {
		for t, v := range row {
			if v > 0 || d.best.nu[c][t] > 0 {
				norm += v * v
			}
		}
	}
	length := d.stride * max(goal-d.rough, 1e-4*d.Scale) / max(norm, 1e-12)
	for t, v := range d.mean.need {
		p.lambda[t] = min(max(p.lambda[t]+length*v, low[t]), high[t])
	}
	for b, v := range d.mean.peak {
		p.kappa[b] += length * v
	}
	project(p.kappa, d.Peak.Price)
	for c, row := range d.mean.loads {
		for t, v := range row {
			p.nu[c][t] = max(d.best.nu[c][t]+length*v, 0)
		}
	}
	return p
}

// box is where prices are looked for: between selling and buying, unless a limit of the slot is near.
func (d *dual) box() (low, high []float64) {
	low, high = make([]float64, len(d.Slots)), make([]float64, len(d.Slots))
	for t, s := range d.Slots {
		buy := s.Buy
		if d.weight[t] > 0 {
			buy += d.Peak.Price * d.weight[t] / s.Hours
		}
		low[t], high[t] = min(s.Sell, buy), max(s.Sell, buy)
		need := d.state.bestNeed(t)
		if need > 0.95*s.ImportLimit {
			high[t] += 10 * d.Scale
		}
		if need < -0.95*s.ExportLimit {
			if low[t] = min(low[t], 0); s.Curtailable == 0 {
				low[t] -= 10 * d.Scale
			}
		}
	}
	return low, high
}

// project moves values to the nearest ones that are not negative and together at most sum.
func project(v []float64, sum float64) {
	total := 0.0
	for i := range v {
		v[i] = max(v[i], 0)
		total += v[i]
	}
	if total <= sum {
		return
	}
	sorted := slices.Clone(v)
	sort.Sort(sort.Reverse(sort.Float64Slice(sorted)))
	off, run := 0.0, 0.0
	for i, x := range sorted {
		run += x
		if o := (run - sum) / float64(i+1); x >= o {
			off = o
		}
	}
	for i := range v {
		v[i] = max(v[i]-off, 0)
	}
}
