package search

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawPoint draws a point of the dual: prices anywhere, or exactly those at which a slot buys or sells.
func drawPoint(t *rapid.T, h *Home) point {
	p := point{make([]float64, len(h.Slots)), make([]float64, len(h.Peak.Blocks)), matrix(len(h.Circuits), len(h.Slots))}
	for i, s := range h.Slots {
		p.lambda[i] = rapid.SampledFrom([]float64{s.Buy, s.Sell, 0, cents(t, "lambda", -60, 90)}).Draw(t, "kind of lambda")
	}
	for b := range p.kappa {
		p.kappa[b] = cents(t, "kappa", 0, 40)
	}
	project(p.kappa, h.Peak.Price)
	for _, row := range p.nu {
		for i := range row {
			row[i] = max(cents(t, "nu", -20, 20), 0)
		}
	}
	return p
}

// exact is a slack at which values are exact but for rounding.
const exact = 1e-9

func TestPrice_IsBelowEveryPlanAtEveryPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		best := cheapest(h)
		d := newDual(h, newState(h, Options{Judge: ledger(h)}))
		for range 5 {
			p := drawPoint(t, h)
			value, _, ok := d.price(context.Background(), p, exact)
			if !ok || value > best+1e-6 {
				t.Fatalf("value %v above a plan at %v", value, best)
			}
		}
	})
}

func TestPrice_SlopesLeadAboveTheValueOfEveryOtherPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		d := newDual(h, newState(h, Options{Judge: ledger(h)}))
		p, q := drawPoint(t, h), drawPoint(t, h)
		at, g, _ := d.price(context.Background(), p, exact)
		far, _, _ := d.price(context.Background(), q, exact)
		for i := range g.need {
			at += g.need[i] * (q.lambda[i] - p.lambda[i])
		}
		for b := range g.peak {
			at += g.peak[b] * (q.kappa[b] - p.kappa[b])
		}
		for c := range g.loads {
			for i := range g.loads[c] {
				at += g.loads[c][i] * (q.nu[c][i] - p.nu[c][i])
			}
		}
		if far > at+1e-5 {
			t.Fatalf("value %v, but the slopes lead only to %v\nfrom %+v\nto %+v\nslopes %+v", far, at, p, q, g)
		}
	})
}

func TestClimb_IsABoundAtEachStepThatNeverFalls(t *testing.T) {
	gained := 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		best := cheapest(h)
		s := newState(h, Options{Judge: ledger(h)})
		s.construct(context.Background(), blends[0])
		d := newDual(h, s)
		d.climb(context.Background(), 1, s.best)
		first := d.value
		for range 30 {
			before := d.value
			d.climb(context.Background(), 1, s.best)
			if d.value < before || d.value > best+1e-6 || d.rough > d.value {
				t.Fatalf("from %v to %v (rough %v), a plan is at %v", before, d.value, d.rough, best)
			}
		}
		if d.value > first+1e-3 {
			gained++
		}
	})
	if gained == 0 {
		t.Error("no climb ever rose")
	}
}

func TestClimb_EndsWithItsContextAndKeepsWhatItHas(t *testing.T) {
	h := townHouse()
	s := newState(h, Options{Judge: judge(h)})
	d := newDual(h, s)
	d.climb(context.Background(), 3, Score{4: 1})
	value, best := d.value, d.best
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	d.climb(ended, 50, Score{4: 1})
	if d.value != value || d.rounds != 3 || !slices.Equal(d.best.lambda, best.lambda) {
		t.Errorf("after the end %v in %d rounds, before %v", d.value, d.rounds, value)
	}
}

func TestStep_StaysWhereValuesAreBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		s := newState(h, Options{Judge: ledger(h)})
		d := newDual(h, s)
		d.climb(context.Background(), rapid.IntRange(1, 5).Draw(t, "steps"), Score{4: 1})
		d.stride = rapid.SampledFrom([]float64{0.01, 1, 100}).Draw(t, "stride")
		low, high := d.box()
		p := d.step(cents(t, "goal", -100, 500))
		for i := range p.lambda {
			if math.IsNaN(p.lambda[i]) || p.lambda[i] < low[i] || p.lambda[i] > high[i] {
				t.Fatalf("slot %d: price %v is not from %v to %v", i, p.lambda[i], low[i], high[i])
			}
		}
		for b, k := range p.kappa {
			if k < 0 || sum(p.kappa) > h.Peak.Price+1e-9 {
				t.Fatalf("block %d of %v, together at most %v", b, p.kappa, h.Peak.Price)
			}
		}
		for _, row := range p.nu {
			if slices.Min(row) < 0 {
				t.Fatalf("a circuit pays for its use: %v", row)
			}
		}
	})
}

func TestBox_OpensWhereALimitIsNear(t *testing.T) {
	h := townHouse()
	s := newState(h, Options{Judge: judge(h)})
	s.bestPower[0][0] = 3.5 // on top of 0.5: the import limit of 4
	h.Need[1], h.Slots[1].Curtailable = -3, 0
	h.Need[2] = -3 // the export limit as well, but here solar can be curtailed
	low, high := newDual(h, s).box()
	for slot, want := range [][2]float64{{0.05, 0.1 + 10*h.Scale}, {0 - 10*h.Scale, 0.3}, {0, 0.4}, {0.05, 0.35}} {
		if math.Abs(low[slot]-want[0]) > 1e-12 || math.Abs(high[slot]-want[1]) > 1e-12 {
			t.Errorf("slot %d: from %v to %v, want %v", slot, low[slot], high[slot], want)
		}
	}
}

// The nearest point of a convex set is the one from which all others of the set lie away from what was
// projected: (v - p)(w - p) <= 0 for every w.
func TestProject_EverythingAllowedLiesBeyondThePoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		draw := func(label string) []float64 {
			return rapid.SliceOfN(rapid.Float64Range(-2, 3), n, n).Draw(t, label)
		}
		most := rapid.SampledFrom([]float64{0, 0.5, 2, 10}).Draw(t, "sum")
		v, w := draw("v"), draw("w")
		p := slices.Clone(v)
		project(p, most)
		if slices.Min(p) < 0 || sum(p) > most+1e-9 {
			t.Fatalf("%v within %v is %v", v, most, p)
		}
		total := 0.0
		for i := range w { // any allowed point
			w[i] = max(w[i], 0)
			total += w[i]
		}
		product := 0.0
		for i := range w {
			product += (v[i] - p[i]) * (w[i]*min(1, most/max(total, 1e-9)) - p[i])
		}
		if product > 1e-9 {
			t.Fatalf("%v within %v is %v, but %v is nearer", v, most, p, w)
		}
	})
}
