package hull

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// value is the curve at x, read off its knots; +Inf outside.
func (c *curve) value(x float64) float64 {
	least := math.Inf(1)
	for _, st := range c.stretches {
		for i, k := range st {
			if x == k.x {
				least = min(least, k.y)
			}
			if i+1 < len(st) && k.x < x && x < st[i+1].x {
				least = min(least, k.y+(x-k.x)*k.slope)
			}
		}
	}
	return least
}

func TestCurve_IsTheLeastOverAllCurtailment(t *testing.T) {
	var c curve
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 10))
		h := drawHome(r, 1)
		s := supplyOf(h.slot, h.low, h.high)
		const reach = 14
		c.build(&s, -reach, reach)
		for x := -float64(reach); x <= reach; x += half {
			// A sum of what the parts add, so that the net need with the others' least is x.
			want := h.leastLeft(x - h.slot.Need - h.low)
			got := c.value(x)
			if math.Abs(got-want) > 1e-9 && !(math.IsInf(got, 1) && math.IsInf(want, 1)) {
				t.Fatalf("seed %d: %+v: at %v it is %v, not %v: %+v", seed, h, x, got, want, c.stretches)
			}
		}
	}
}

func TestCurve_IsConvexStretchesSideBySide(t *testing.T) {
	var c curve
	rapid.Check(t, func(t *rapid.T) {
		kw := func(label string, low, high float64) float64 { return rapid.Float64Range(low, high).Draw(t, label) }
		s := supply{
			wide: kw("wide", 0, 5), imports: kw("imports", 0, 9), export: kw("exports", 0, 9),
			a: kw("a", -1, 1), b: kw("b", -1, 1), beyond: kw("beyond", 0, 3),
		}
		low := kw("low", -12, 12)
		high := low + kw("reach", 0, 12)
		c.build(&s, low, high)
		if len(c.stretches) == 0 {
			if s.isLegal(low) || s.isLegal(high) {
				t.Fatalf("%+v has no curve from %v to %v", s, low, high)
			}
			return
		}
		first, last := c.knots[0].x, c.knots[len(c.knots)-1].x
		if isWhole := first <= low+near && last >= high-near; isWhole != c.isWhole {
			t.Errorf("from %v to %v it has [%v, %v] and says whole: %v", low, high, first, last, c.isWhole)
		}
		rises := first <= low+near
		for k, st := range c.stretches {
			if k > 0 {
				if before := c.stretches[k-1]; before[len(before)-1].x != st[0].x {
					t.Errorf("stretch %d does not begin where the one before ends", k)
				}
			}
			for i := range len(st) - 1 {
				if i > 0 && st[i].slope < st[i-1].slope {
					t.Errorf("stretch %d bends downwards: %+v", k, st)
				}
				rises = rises && st[i].slope >= 0
			}
		}
		if rises != c.isRising {
			t.Errorf("it says rising: %v: %+v", c.isRising, c.knots)
		}
		for range 20 {
			x := kw("x", first, last)
			if got, want := c.value(x), s.at(x); math.Abs(got-want) > 1e-6 {
				t.Fatalf("%+v: at %v the knots say %v, not %v: %+v", s, x, got, want, c.knots)
			}
		}
	})
}

func TestCurve_GoesOnAboveTheImportLimitAsFarAsThePartsGiveBack(t *testing.T) {
	s := supply{wide: 1, imports: 2, export: 1, a: 0, b: 0.75, beyond: 3}
	var c curve
	c.build(&s, -10, 10)
	if last := c.knots[len(c.knots)-1]; last.x != 5 || last.y != 2.25 {
		t.Errorf("it ends at %+v, not at 5 kW with 2.25", last)
	}
	if got := c.value(2); got != 0 {
		t.Errorf("at the limit it is %v, not 0", got)
	}
	if first := c.knots[0]; first.x != -2 || first.y != -0.75 {
		t.Errorf("it begins at %+v, not at -2 kW with -0.75", first)
	}
}
