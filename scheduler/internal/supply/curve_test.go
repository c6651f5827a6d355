package supply

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func drawSlot(t *rapid.T) Slot {
	return Slot{
		Hours: 0.5, Buy: float64(rapid.IntRange(-4, 8).Draw(t, "buy")) / 4, Sell: float64(rapid.IntRange(-4, 8).Draw(t, "sell")) / 4,
		ImportLimit: float64(rapid.IntRange(0, 8).Draw(t, "import limit")) / 2, ExportLimit: float64(rapid.IntRange(0, 8).Draw(t, "export limit")) / 2,
		Curtailable: float64(rapid.IntRange(0, 6).Draw(t, "curtailable")) / 2,
	}
}

// cost is what a net import costs, beyond limits with the penalties of e.
func (s Slot) cost(net float64, e Extra) float64 {
	c := s.Sell * net
	if net > 0 {
		c = s.Buy * net
	}
	c += e.Import*max(net-s.ImportLimit, 0) + e.Export*max(-net-s.ExportLimit, 0)
	return c*s.Hours + e.Peak*max(net-min(e.Level, s.ImportLimit), 0)
}

func TestCurve_IsTheBestCurtailmentEverywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSlot(t)
		e := Extra{Import: 50, Export: 50}
		if rapid.Bool().Draw(t, "peak") {
			e.Level, e.Peak = 1.5, 2
		}
		f := s.Curve(nil, new(Maker), 5, e)
		for x := -5.0; x <= 5; x += 0.25 {
			want := math.Inf(1)
			for c := 0.0; c <= s.Curtailable; c += 0.25 { // all bends are on this grid
				want = min(want, s.cost(x+c, e))
			}
			if got := f.At(x); math.Abs(got-want) > 1e-9 {
				t.Fatalf("%+v: need %v costs %v, want %v\n%v", s, x, got, want, f)
			}
		}
	})
}

func TestCurve_MoreToCurtailNeverCostsMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSlot(t)
		more := s
		more.Curtailable += 0.5
		m := new(Maker)
		f := s.Curve(nil, m, 5, Extra{Import: 50, Export: 50})
		g := more.Curve(nil, m, 5, Extra{Import: 50, Export: 50}) // the same memory: f must not change
		for x := -5.0; x <= 5; x += 0.25 {
			if g.At(x) > f.At(x)+1e-9 {
				t.Fatalf("need %v costs %v, and %v with more", x, f.At(x), g.At(x))
			}
		}
	})
}

func TestPeak_SlotsWeighAsMuchAsTheyAreLong(t *testing.T) {
	block := [2]int{1, 4}
	if w := (Peak{}).Weight(block, 2); w != 1./3 {
		t.Errorf("of three slots one weighs %v", w)
	}
	if w := (Peak{Weights: []float64{1, 0.5, 0.25, 0.25}}).Weight(block, 1); w != 0.5 {
		t.Errorf("a long one weighs %v", w)
	}
}
