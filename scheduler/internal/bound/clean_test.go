package bound

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/supply"
)

func TestClean_LeavesNoTradeThatPaysALittleWithoutEnd(t *testing.T) {
	moved, left := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		b := New(h)
		p := drawPoint(t, h, h.Limits(nil))
		most := rapid.SampledFrom([]float64{0.01, 0.1, 1e3}).Draw(t, "most")
		before := slices.Clone(p.Lambda)
		b.Clean(p, most)
		for s := range slots {
			hours, old := h.Slots[s].Hours, at(p, before)
			// What a kW of import and of export costs at the price before; below 0 it pays without end.
			imp, exp := tradeAt(h, old, s, 1, 0, 0), tradeAt(h, old, s, 0, 1, 0)
			want := before[s]
			switch {
			case math.Abs(imp+most*hours) < slip || math.Abs(exp+most*hours) < slip || math.Abs(imp+exp) < slip:
				continue // rounding decides
			case imp+exp < 0: // one of them always pays
			case imp < 0 && imp > -most*hours:
				want += imp / hours
			case exp < 0 && exp > -most*hours:
				want -= exp / hours
			}
			if math.Abs(p.Lambda[s]-want) > 1e-9 {
				t.Fatalf("slot %d: import for %v, export for %v: from %v to %v, want %v", s, imp, exp, before[s], p.Lambda[s], want)
			}
			if want == before[s] {
				left++
			} else {
				moved++
			}
		}
	})
	if moved == 0 || left == 0 {
		t.Errorf("%d prices were moved, %d left: a case is never drawn", moved, left)
	}
}

// at is a point with other prices of need.
func at(p *Point, lambda []float64) *Point {
	q := *p
	q.Lambda = lambda
	return &q
}

func TestClean_MovesToTheNearerOfBuyingAndSelling(t *testing.T) {
	h := &home.Home{
		Slots: []supply.Slot{{Hours: 0.5, Buy: 0.4, Sell: 0.1, ImportLimit: 10, ExportLimit: 10}},
		Need:  []float64{-1}, Peak: supply.Peak{Price: 3, SoFar: 1, Blocks: [][2]int{{0, 1}}},
	}
	for name, c := range map[string]struct{ lambda, kappa, mu, want float64 }{
		"between":                    {0.2, 0, 0, 0.2},
		"a little above buying":      {0.45, 0, 0, 0.4},
		"far above":                  {0.9, 0, 0, 0.9},
		"a little below selling":     {0.05, 0, 0, 0.1},
		"far below":                  {-0.2, 0, 0, -0.2},
		"above buying with its peak": {0.65, 0.1, 0, 0.6},
		"below it with its peak":     {0.55, 0.1, 0, 0.55},
		"above what a cut leaves":    {0.3, 0, 0.1, 0.2},
		"below selling, with a cut":  {0.05, 0, 0.04, 0.1},
	} {
		p := NewPoint(h)
		p.Lambda[0], p.Kappa[0] = c.lambda, c.kappa
		p.Cuts, p.Mu = []Cut{{Import: 1}}, []float64{c.mu}
		if New(h).Clean(p, 0.2); math.Abs(p.Lambda[0]-c.want) > 1e-12 {
			t.Errorf("%s: %v becomes %v, want %v", name, c.lambda, p.Lambda[0], c.want)
		}
	}
	p := NewPoint(h)
	p.Lambda[0], p.Cuts, p.Mu = -0.15, []Cut{{Export: 1}}, []float64{0.1} // selling is worth -0.1 now
	if New(h).Clean(p, 0.2); math.Abs(p.Lambda[0]+0.1) > 1e-12 {
		t.Errorf("with a cut of export -0.15 becomes %v, want -0.1", p.Lambda[0])
	}
}

func TestFit_KeepsAPriceAsFarBeyondTheTariffAsItWas(t *testing.T) {
	beyond, between := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		b := New(h)
		p := drawPoint(t, h, h.Limits(nil))
		excess, before := b.Excess(p), slices.Clone(p.Lambda)
		b.Fit(p, excess)
		for s := range slots { // which are where they should be
			if math.Abs(p.Lambda[s]-before[s]) > 1e-9 {
				t.Fatalf("slot %d: a price that fits goes from %v to %v", s, before[s], p.Lambda[s])
			}
		}
		for s := range slots { // another tariff, and prices of another time
			h.Slots[s].Buy += cents(t, "dearer", -3, 10)
			p.Lambda[s] = cents(t, "old", -60, 90)
		}
		old := at(p, slices.Clone(p.Lambda))
		New(h).Fit(p, excess)
		again := b.Excess(p)
		for s, e := range excess {
			hours := h.Slots[s].Hours
			imp, exp := tradeAt(h, old, s, 1, 0, 0)/hours, tradeAt(h, old, s, 0, 1, 0)/hours
			low, high := old.Lambda[s]-exp, old.Lambda[s]+imp // at which exporting, and importing, cost nothing
			want := min(max(old.Lambda[s], low), high)
			switch {
			case math.Abs(low-high) < slip:
				continue // rounding decides
			case low > high:
				want, e = old.Lambda[s], 0
			case e > 0:
				want = high + e
				beyond++
			case e < 0:
				want = low + e
				beyond++
			default:
				between++
			}
			if math.Abs(p.Lambda[s]-want) > 1e-9 || math.Abs(again[s]-e) > 1e-9 {
				t.Fatalf("slot %d from %v to %v, %v beyond: %v becomes %v, %v beyond; want %v", s, low, high, e, old.Lambda[s], p.Lambda[s], again[s], want)
			}
		}
	})
	if beyond == 0 || between == 0 {
		t.Errorf("%d prices beyond the tariff, %d between: a case is never drawn", beyond, between)
	}
}
