package search

import (
	"context"
	"math"

	"hearth/scheduler/internal/pwl"
	"hearth/scheduler/internal/respond"
)

// Stick brings the best plan nearer to another one while it costs at most budget more than now. Devices
// answer as ever, but each kW that is not the other plan's has a price: a high one, then lower ones, until
// the plan that comes out is within the budget. It becomes the best if it is nearer.
func (s *State) Stick(ctx context.Context, to [][]float64, budget float64) {
	limit := s.best
	limit[len(limit)-1] += budget
	nearest := s.distance(s.bestPower, to)
	begin := copied(s.bestPower)
	for _, part := range []float64{0.3, 0.06, 0.012} {
		s.putAll(begin)
		for _, i := range s.Order {
			s.near(ctx, i, to[i], part*s.Scale)
		}
		for _, i := range s.giving() {
			s.near(ctx, i, to[i], part*s.Scale)
		}
		if ctx.Err() != nil {
			return
		}
		score := s.judge(s.power)
		if d := s.distance(s.power, to); d < nearest-1e-3 && !limit.Less(score) {
			s.best = score
			s.copyBest()
			return
		}
	}
}

// near lets a device answer while each kWh that is not to's costs extra, near ones more than late ones.
func (s *State) near(ctx context.Context, i int, to []float64, extra float64) {
	prices := s.offer(i, 0)
	var all []pwl.Seg
	spans, weights := make([][2]int, len(prices)), s.weights()
	for t, f := range prices {
		begin := len(all)
		price := extra * s.Slots[t].Hours * weights[t]
		for _, g := range f {
			all = kinked(all, g, to[t], price)
		}
		spans[t] = [2]int{begin, len(all)}
	}
	sticky := make(respond.Prices, len(prices))
	for t, p := range spans {
		sticky[t] = all[p[0]:p[1]]
	}
	s.answers(ctx, i, sticky, planSlack)
}

// kinked appends a segment with price x (|power - to| - |to|) on top, so that doing nothing still costs nothing.
func kinked(dst []pwl.Seg, g pwl.Seg, to, price float64) []pwl.Seg {
	extra := func(x float64) float64 { return price * (math.Abs(x-to) - math.Abs(to)) }
	if g.X0 < to && to < g.X1 {
		left, right := cut(g, g.X0, to), cut(g, to, g.X1)
		left.Y0, left.Y1 = left.Y0+extra(left.X0), left.Y1+extra(to)
		right.Y0, right.Y1 = right.Y0+extra(to), right.Y1+extra(right.X1)
		return append(dst, left, right)
	}
	g.Y0, g.Y1 = g.Y0+extra(g.X0), g.Y1+extra(g.X1)
	return append(dst, g)
}

// soon is how many hours from the beginning on count soonWeight times in a distance.
const (
	soon       = 2
	soonWeight = 3
)

// weights are those of the slots in a distance.
func (s *State) weights() []float64 {
	out, hours := make([]float64, len(s.Slots)), 0.0
	for t, slot := range s.Slots {
		out[t] = 1
		if hours < soon {
			out[t] = soonWeight
		}
		hours += slot.Hours
	}
	return out
}

// distance is the weighted energy, kWh, in which two plans differ.
func (s *State) distance(a, b [][]float64) (sum float64) {
	weights := s.weights()
	for i := range a {
		for t, w := range weights {
			sum += w * s.Slots[t].Hours * math.Abs(a[i][t]-b[i][t])
		}
	}
	return sum
}

func copied(m [][]float64) [][]float64 {
	out := make([][]float64, len(m))
	for i, row := range m {
		out[i] = append([]float64(nil), row...)
	}
	return out
}
