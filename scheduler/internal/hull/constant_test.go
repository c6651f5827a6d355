package hull

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// drawTerms draws coefficients of every sign for the home's parts, now and then none.
func drawTerms(r *rand.Rand, h *home) Cut {
	var c Cut
	number := func(scale float64) float64 {
		if r.IntN(4) == 0 {
			return 0
		}
		return scale * r.NormFloat64()
	}
	for _, p := range h.parts {
		c.Power, c.On, c.Back = append(c.Power, number(1)), append(c.On, number(2)), append(c.Back, number(1))
		if p.IsFree {
			c.On[len(c.On)-1] = 0
		}
	}
	return c
}

func TestConstant_IsTheLeastOverAllThatIsLegal(t *testing.T) {
	none := 0
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 20))
		h := drawHome(r, 4)
		cut := drawTerms(r, h)
		want := math.Inf(1)
		for _, l := range h.all() {
			want = min(want, l.left-cut.worth(&l))
		}
		got := Constant(h.slot, h.parts, cut, h.low, h.high)
		if math.IsInf(want, 1) {
			none++
		}
		if math.Abs(got-want) > 1e-9 && !(math.IsInf(got, 1) && math.IsInf(want, 1)) {
			t.Fatalf("seed %d: %+v\n%+v: the least is %v, not %v", seed, h, cut, want, got)
		}
	}
	if none == 0 {
		t.Error("nowhere was nothing legal")
	}
}

// wild is a home off the grid.
func drawWild(t *rapid.T) *home {
	kw := func(label string, low, high float64) float64 { return rapid.Float64Range(low, high).Draw(t, label) }
	h := &home{slot: Slot{
		Need: kw("need", -6, 3), Curtailable: kw("curtailable", 0, 4),
		ImportLimit: kw("import", 3, 12), ExportLimit: kw("export", 0, 6), A: kw("a", -1, 1), B: kw("b", -1, 1),
	}}
	h.low = kw("low", -1, 1)
	h.high = h.low + kw("others", 0, 2)
	for range rapid.IntRange(1, 5).Draw(t, "parts") {
		p := Part{IsFree: rapid.Bool().Draw(t, "free")}
		for range rapid.IntRange(0, 2).Draw(t, "bands") {
			low := kw("low end", 0.01, 4)
			p.Bands = append(p.Bands, [2]float64{low, low + kw("width", 0, 3)})
		}
		if rapid.Bool().Draw(t, "gives") {
			p.Back = kw("back", 0, 4)
		}
		h.parts = append(h.parts, p)
	}
	return h
}

// behave draws legal behaviour of all parts alone, with the sum of their net powers.
func (h *home) behave(t *rapid.T) (legal, float64) {
	n := len(h.parts)
	l, sum := legal{make([]float64, n), make([]float64, n), make([]float64, n), 0}, 0.0
	share := func() float64 { return rapid.Float64Range(0, 1).Draw(t, "share") }
	for i, p := range h.parts {
		switch what := rapid.IntRange(-2, len(p.Bands)-1).Draw(t, "what"); {
		case what >= 0 && p.IsFree:
			l.power[i] = share() * p.highest()
		case what >= 0:
			l.on[i], l.power[i] = 1, p.Bands[what][0]+share()*(p.Bands[what][1]-p.Bands[what][0])
		case what == -2:
			l.given[i] = share() * p.Back
		}
		sum += l.power[i] - l.given[i]
	}
	return l, sum
}

func TestConstant_HoldsOffTheGrid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawWild(t)
		var cut Cut
		for _, p := range h.parts {
			term := func(label string) float64 { return rapid.Float64Range(-2, 2).Draw(t, label) }
			cut.Power, cut.On, cut.Back = append(cut.Power, term("power")), append(cut.On, term("on")), append(cut.Back, term("back"))
			if p.IsFree {
				cut.On[len(cut.On)-1] = 0
			}
		}
		cut.Constant = Constant(h.slot, h.parts, cut, h.low, h.high)
		for range 30 {
			l, sum := h.behave(t)
			y := h.slot.Need + sum + rapid.Float64Range(h.low, h.high+h.slot.Curtailable).Draw(t, "more")
			if y > h.slot.ImportLimit || y < -h.slot.ExportLimit {
				continue
			}
			left := h.slot.A*max(y, 0) - h.slot.B*max(-y, 0)
			if short := cut.Constant + cut.worth(&l) - left; short > 1e-8 {
				t.Fatalf("%+v\n%+v is broken by %v at %+v with %v at the meter", h, cut, short, l, y)
			}
		}
	})
}

func TestConstant_TakesTheOthersForAFreePart(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 21))
		h := drawHome(r, 4)
		cut := drawTerms(r, h)
		want := Constant(h.slot, h.parts, cut, h.low, h.high)
		slot := h.slot
		slot.Need += h.low
		parts := append(h.parts, Part{Bands: [][2]float64{{0, h.high - h.low}}, IsFree: true})
		more := Cut{Power: append(cut.Power, 0), On: append(cut.On, 0), Back: append(cut.Back, 0)}
		if got := Constant(slot, parts, more, 0, 0); math.Abs(got-want) > 1e-9 {
			t.Fatalf("seed %d: %v with the others apart, %v with them as a part", seed, want, got)
		}
	}
}

func TestConstant_OfTooManyCombinationsClaimsNothing(t *testing.T) {
	var parts []Part
	var cut Cut
	for range 40 {
		parts = append(parts, Part{Bands: [][2]float64{{1, 2}}})
		cut.Power, cut.On, cut.Back = append(cut.Power, 1), append(cut.On, -1.5), append(cut.Back, 0)
	}
	slot := Slot{Need: -3, ImportLimit: 100, ExportLimit: 100, A: 1}
	if got := Constant(slot, parts, cut, 0, 0); !math.IsInf(got, -1) {
		t.Errorf("of 40 parts it is %v", got)
	}
	// Parts that cost something when they are on and never help are not looked at.
	for i := range parts[10:] {
		cut.Power[10+i], cut.On[10+i] = 0, 0
	}
	few := Cut{Power: cut.Power[:10], On: cut.On[:10], Back: cut.Back[:10]}
	if got, want := Constant(slot, parts, cut, 0, 0), Constant(slot, parts[:10], few, 0, 0); got != want {
		t.Errorf("with idle parts it is %v, without %v", got, want)
	}
	if got := Constant(slot, append(parts, parts...), Cut{make([]float64, 80), make([]float64, 80), make([]float64, 80), 0, 0}, 0, 0); !math.IsInf(got, -1) {
		t.Errorf("of 80 bands it is %v", got)
	}
}
