package hull

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// separate asks s for a cut at left.
func (h *home) separate(s *Separator, left float64) (Cut, bool) {
	return s.Separate(h.slot, h.parts, left, h.low, h.high)
}

// mustHold fails when a legal combination breaks the cut.
func (h *home) mustHold(t *testing.T, seed uint64, cut Cut, all []legal) {
	t.Helper()
	for k := range all {
		if short := cut.Constant + cut.worth(&all[k]) - all[k].left; short > 1e-7 {
			t.Fatalf("seed %d: %+v\n%+v\nis broken by %v at %+v", seed, h, cut, short, all[k])
		}
	}
}

// mustBe fails when the cut's violation is not what it says it is at the home's point.
func (h *home) mustBe(t *testing.T, seed uint64, cut Cut, left float64) {
	t.Helper()
	at := h.point(left)
	if got := cut.Constant + cut.worth(&at) - left; math.Abs(got-cut.Violation) > 1e-9 {
		t.Fatalf("seed %d: %+v\n%+v is broken by %v", seed, h, cut, got)
	}
}

func TestSeparate_NoLegalCombinationBreaksACut(t *testing.T) {
	for _, s := range []*Separator{{}, {IsClassical: true}} {
		found := 0
		for seed := range uint64(2000) {
			r := rand.New(rand.NewPCG(seed, 1))
			h := drawHome(r, 5)
			all := h.all()
			if len(all) == 0 {
				continue
			}
			m := drawMixture(r, all, 5)
			h.set(&m)
			left := m.left - halves(r, 0, 4)
			cut, ok := h.separate(s, left)
			if !ok {
				continue
			}
			found++
			h.mustHold(t, seed, cut, all)
			h.mustBe(t, seed, cut, left)
			if got := Constant(h.slot, h.parts, cut, h.low, h.high); math.Abs(got-cut.Constant) > 1e-9 {
				t.Fatalf("seed %d: %+v\n%+v: the constant is %v", seed, h, cut, got)
			}
		}
		if found < 1000 {
			t.Errorf("classical %v: only %d cuts were tried", s.IsClassical, found)
		}
	}
}

// drawPoint draws a point where each part is where it can be alone, though not always all of them together.
func drawPoint(r *rand.Rand, all []legal) legal {
	m := drawMixture(r, all, 5)
	for i := range m.power {
		if r.IntN(2) == 0 {
			other := drawMixture(r, all, 5)
			m.power[i], m.on[i], m.given[i] = other.power[i], other.on[i], other.given[i]
		}
	}
	return m
}

func TestSeparate_FindsTheMostViolatedCut(t *testing.T) {
	s := new(Separator)
	found := 0
	for seed := range uint64(700) {
		r := rand.New(rand.NewPCG(seed, 2))
		h := drawHome(r, 5)
		all := h.all()
		if len(all) == 0 || len(all) > 400 { // more would only take the oracle longer
			continue
		}
		m := drawPoint(r, all)
		m.left -= halves(r, -2, 4)
		h.set(&m)
		want := leastMixture(all, h.parts, &m, steps*max(math.Abs(h.slot.A), math.Abs(h.slot.B))) - m.left
		cut, ok := h.separate(s, m.left)
		if ok != (want > fallback) && math.Abs(want-fallback) > 1e-4 {
			t.Fatalf("seed %d: %+v\nthe most violated cut is broken by %v; found one: %v", seed, h, want, ok)
		}
		if ok && math.Abs(cut.Violation-want) > 1e-4 {
			t.Fatalf("seed %d: %+v\nthe most violated cut is broken by %v, this one by %v: %+v", seed, h, want, cut.Violation, cut)
		}
		if ok {
			found++
		}
	}
	if found < 200 {
		t.Errorf("only %d cuts were tried", found)
	}
}

func TestSeparate_LeavesTheHullAlone(t *testing.T) {
	for _, s := range []*Separator{{}, {IsClassical: true}} {
		for seed := range uint64(2000) {
			r := rand.New(rand.NewPCG(seed, 3))
			h := drawHome(r, 5)
			all := h.all()
			if len(all) == 0 {
				continue
			}
			m := drawMixture(r, all, 6)
			h.set(&m)
			if cut, ok := h.separate(s, m.left+half*float64(r.IntN(2))); ok {
				t.Fatalf("seed %d, classical %v: %+v\n%+v cuts off a mixture with %v", seed, s.IsClassical, h, cut, m.left)
			}
		}
	}
}

func TestSeparate_SharesSolarAmongThoseThatAreOn(t *testing.T) {
	surplus := Slot{Need: -3, Curtailable: 3, ImportLimit: 20, ExportLimit: 20, A: 1}
	tests := []struct {
		name  string
		parts []Part
		want  Cut
		ok    bool
	}{
		{
			"a heat pump half on at full power", []Part{{Bands: [][2]float64{{1, 5}}, Power: 2.5, On: 0.5}},
			Cut{Power: []float64{1}, On: []float64{-3}, Back: []float64{0}, Constant: 0, Violation: 1}, true,
		},
		{
			"a heater of one power half on", []Part{{Bands: [][2]float64{{5, 5}}, Power: 2.5, On: 0.5}},
			Cut{Power: []float64{0}, On: []float64{2}, Back: []float64{0}, Constant: 0, Violation: 1}, true,
		},
		{"on at what the sun gives", []Part{{Bands: [][2]float64{{1, 5}}, Power: 1.5, On: 0.5}}, Cut{}, false},
		{"all on", []Part{{Bands: [][2]float64{{1, 3}}, Power: 3, On: 1}}, Cut{}, false},
		{"all off", []Part{{Bands: [][2]float64{{1, 5}}}, {Bands: [][2]float64{{4, 4}}}}, Cut{}, false},
		{"no parts", nil, Cut{}, false},
		{
			"a battery fills what a heater leaves", []Part{
				{Bands: [][2]float64{{5, 5}}, Power: 2.5, On: 0.5},
				{Bands: [][2]float64{{0, 3}}, IsFree: true, Power: 1.5},
			}, Cut{Power: []float64{0, 0}, On: []float64{2, 0}, Back: []float64{0, 0}, Violation: 1}, true,
		},
		{"a battery gives what a heater needs", []Part{
			{Bands: [][2]float64{{5, 5}}, Power: 2.5, On: 0.5},
			{Back: 4, IsFree: true, Given: 1},
		}, Cut{}, false},
		{
			"a battery gives a little of it", []Part{
				{Bands: [][2]float64{{5, 5}}, Power: 2.5, On: 0.5},
				{Back: 4, IsFree: true, Given: 0.25},
			}, Cut{Power: []float64{0, 0}, On: []float64{2, 0}, Back: []float64{0, 1}, Violation: 0.75}, true,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := new(Separator)
			for range 2 { // the second time with the points of the first
				cut, ok := s.Separate(surplus, test.parts, 0, 0, 0)
				if ok != test.ok {
					t.Fatalf("a cut: %v, %+v", ok, cut)
				}
				if ok && !isAbout(cut, test.want) {
					t.Errorf("the cut is %+v, not %+v", cut, test.want)
				}
			}
		})
	}
}

func isAbout(a, b Cut) bool {
	all := func(c Cut) []float64 {
		return slices.Concat(c.Power, c.On, c.Back, []float64{c.Constant, c.Violation})
	}
	return slices.EqualFunc(all(a), all(b), func(x, y float64) bool { return math.Abs(x-y) < 1e-6 })
}

func TestSeparate_FindsWhatTwoPartsBreakOnlyTogether(t *testing.T) {
	// Each fits under the sun alone, both do not: left >= 2 (u + v - 1) beside left >= 0.
	slot := Slot{Need: -4, Curtailable: 4, ImportLimit: 20, ExportLimit: 20, A: 1}
	parts := []Part{
		{Bands: [][2]float64{{3, 3}}, Power: 2, On: 2.0 / 3},
		{Bands: [][2]float64{{3, 3}}, Power: 2, On: 2.0 / 3},
	}
	cut, ok := new(Separator).Separate(slot, parts, 0, 0, 0)
	want := Cut{Power: []float64{0, 0}, On: []float64{2, 2}, Back: []float64{0, 0}, Constant: -2, Violation: 2.0 / 3}
	if !ok || !isAbout(cut, want) {
		t.Errorf("the cut is %+v, not %+v", cut, want)
	}
}

func TestSeparate_SaysNothingWhereNothingCanBeSaid(t *testing.T) {
	half := []Part{{Bands: [][2]float64{{5, 5}}, Power: 2.5, On: 0.5}}
	tests := map[string]Slot{
		"no sun":                 {Need: 1, ImportLimit: 20, ExportLimit: 20, A: 1},
		"left is always nothing": {Need: -3, Curtailable: 3, ImportLimit: 20, ExportLimit: 20},
		"nothing is legal":       {Need: 9, ImportLimit: 2, ExportLimit: 20, A: 1},
		"all is bought and sold": {Need: -3, Curtailable: 3, ImportLimit: 20, ExportLimit: 20, A: 1, B: 1},
	}
	for name, slot := range tests {
		left := relaxed(slot, half)
		if cut, ok := new(Separator).Separate(slot, half, left, 0, 0); ok {
			t.Errorf("%s: %+v", name, cut)
		}
	}
}

func TestSeparate_ObeysItsTolerance(t *testing.T) {
	slot := Slot{Need: -3, Curtailable: 3, ImportLimit: 20, ExportLimit: 20, A: 1}
	half := []Part{{Bands: [][2]float64{{5, 5}}, Power: 2.5, On: 0.5}}
	for _, test := range []struct {
		tolerance, left float64
		want            bool
	}{{0, 0.999, true}, {0, 0.99995, false}, {0.5, 0.45, true}, {0.5, 0.55, false}} {
		if _, ok := (&Separator{Tolerance: test.tolerance}).Separate(slot, half, test.left, 0, 0); ok != test.want {
			t.Errorf("%+v: %v", test, ok)
		}
	}
}
