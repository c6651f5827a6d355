package hull

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// eachHome runs a law on homes at points, with how far left is below what the mixture allows.
func eachHome(n, stream uint64, law func(seed uint64, r *rand.Rand, h *home, all []legal, left float64)) {
	for seed := range n {
		r := rand.New(rand.NewPCG(seed, stream))
		h := drawHome(r, 5)
		all := h.all()
		if len(all) == 0 {
			continue
		}
		m := drawPoint(r, all)
		h.set(&m)
		law(seed, r, h, all, m.left-halves(r, 0, 4))
	}
}

// copied is a cut that outlives the separator's next call.
func copied(c Cut) Cut {
	c.Power, c.On, c.Back = clone(c.Power), clone(c.On), clone(c.Back)
	return c
}

func TestSeparate_GrowsWithTheUnitOfLeft(t *testing.T) {
	const f = 0.03125
	s, small := new(Separator), &Separator{Tolerance: f * fallback}
	eachHome(500, 30, func(seed uint64, _ *rand.Rand, h *home, _ []legal, left float64) {
		cut, ok := h.separate(s, left)
		h.slot.A *= f
		h.slot.B *= f
		other, otherOK := h.separate(small, f*left)
		if ok != otherOK || math.Abs(other.Violation-f*cut.Violation) > f*1e-5 {
			t.Fatalf("seed %d: %v %v, in another unit %v %v", seed, cut.Violation, ok, other.Violation, otherOK)
		}
	})
}

func TestSeparate_DoesNotCareAboutTheOrderOfParts(t *testing.T) {
	s := new(Separator)
	eachHome(500, 31, func(seed uint64, r *rand.Rand, h *home, _ []legal, left float64) {
		cut, ok := h.separate(s, left)
		cut = copied(cut)
		r.Shuffle(len(h.parts), func(i, j int) { h.parts[i], h.parts[j] = h.parts[j], h.parts[i] })
		other, otherOK := h.separate(s, left)
		if ok != otherOK || math.Abs(other.Violation-cut.Violation) > 1e-5 {
			t.Fatalf("seed %d: %v %v, in another order %v %v", seed, cut.Violation, ok, other.Violation, otherOK)
		}
	})
}

func TestSeparate_IsAsGoodWithWhatItRemembers(t *testing.T) {
	s := new(Separator)
	eachHome(300, 32, func(seed uint64, r *rand.Rand, h *home, all []legal, left float64) {
		for range 4 { // the same parts in slot after slot
			cut, ok := h.separate(s, left)
			if ok {
				h.mustHold(t, seed, cut, all)
			}
			fresh, freshOK := h.separate(new(Separator), left)
			if ok != freshOK || math.Abs(fresh.Violation-cut.Violation) > 1e-5 {
				t.Fatalf("seed %d: %v %v, from nothing %v %v", seed, cut.Violation, ok, fresh.Violation, freshOK)
			}
			h.slot.Need += halves(r, -2, 2)
			h.slot.ImportLimit = max(h.slot.ImportLimit+halves(r, -2, 2), 0)
			if all = h.all(); len(all) == 0 {
				return
			}
			m := drawPoint(r, all)
			h.set(&m)
			left = m.left - halves(r, 0, 4)
		}
	})
}

func TestSeparate_AskedAgainNeedsNothingNew(t *testing.T) {
	s := new(Separator)
	slot, parts := drawStreet(rand.New(rand.NewPCG(4, 4)), 7)
	left := relaxed(slot, parts) - 1
	s.Separate(slot, parts, left, 0, 0)
	first := len(s.master.costs)
	_, ok := s.Separate(slot, parts, left, 0, 0)
	if again := len(s.master.costs); !ok || again > len(s.coordinates)+1 || again >= first {
		t.Errorf("a cut: %v; %d points, at first %d", ok, again, first)
	}
	// Another battery makes it another hull, though the coordinates are the same.
	for i := range parts {
		if parts[i].IsFree {
			parts[i].Bands = [][2]float64{{0, 2.5}}
		}
	}
	other, _ := s.Separate(slot, parts, left, 0, 0)
	fresh, _ := new(Separator).Separate(slot, parts, left, 0, 0)
	if math.Abs(other.Violation-fresh.Violation) > 1e-5 {
		t.Errorf("with another battery %v, from nothing %v", other.Violation, fresh.Violation)
	}
}

func TestSeparate_AnswersAlikeToLikeCalls(t *testing.T) {
	run := func() (out []Cut) {
		s := new(Separator)
		eachHome(300, 33, func(_ uint64, _ *rand.Rand, h *home, _ []legal, left float64) {
			cut, _ := h.separate(s, left)
			out = append(out, copied(cut))
		})
		return out
	}
	a, b := run(), run()
	isSame := func(x, y Cut) bool {
		return x.Constant == y.Constant && slices.Equal(x.Power, y.Power) && slices.Equal(x.On, y.On) && slices.Equal(x.Back, y.Back)
	}
	if !slices.EqualFunc(a, b, isSame) {
		t.Error("the same calls gave other cuts")
	}
}

func TestSeparate_ClassicalCutsAreNoStronger(t *testing.T) {
	full, classical := new(Separator), &Separator{IsClassical: true}
	weaker, same := 0, 0
	eachHome(1500, 34, func(seed uint64, _ *rand.Rand, h *home, _ []legal, left float64) {
		cut, ok := h.separate(full, left)
		other, otherOK := h.separate(classical, left)
		gives := slices.ContainsFunc(h.parts, func(p Part) bool { return p.IsFree || p.Back > 0 })
		switch {
		case otherOK && (!ok || other.Violation > cut.Violation+1e-5):
			t.Fatalf("seed %d: %+v\nclassical %+v, else %+v", seed, h, other, cut)
		case ok && (!otherOK || other.Violation < cut.Violation-1e-5):
			if !gives {
				t.Fatalf("seed %d: %+v\nwith nothing that gives back, classical %+v is not %+v", seed, h, other, cut)
			}
			weaker++
		case ok:
			same++
		}
		if !otherOK {
			return
		}
		for i, p := range h.parts {
			if p.Back > 0 && other.Back[i] != max(h.slot.A, h.slot.B, 0) || p.IsFree && other.Power[i] != 0 {
				t.Fatalf("seed %d: %+v\n%+v is not classical", seed, h, other)
			}
		}
	})
	if weaker == 0 || same == 0 {
		t.Errorf("%d weaker, %d the same", weaker, same)
	}
}

func TestSeparate_OnlyTheLeastOfTheOthersCountsWhenTakingNeverPays(t *testing.T) {
	s := new(Separator)
	found := 0
	eachHome(1000, 35, func(seed uint64, r *rand.Rand, h *home, _ []legal, left float64) {
		if s := supplyOf(h.slot, h.low, h.high); !s.isRising(h.parts) {
			return
		}
		cut, ok := h.separate(s, left)
		cut = copied(cut)
		h.high += halves(r, 1, 4)
		other, otherOK := h.separate(s, left)
		if ok != otherOK || math.Abs(other.Violation-cut.Violation) > 1e-5 {
			t.Fatalf("seed %d: %v %v, with more of the others %v %v", seed, cut.Violation, ok, other.Violation, otherOK)
		}
		if ok {
			found++
		}
	})
	if found < 100 {
		t.Errorf("only %d cuts were compared", found)
	}
}

func TestSeparate_FixedPowersHaveOnAloneAndFreeOnesPowerAlone(t *testing.T) {
	s := new(Separator)
	eachHome(1000, 36, func(seed uint64, _ *rand.Rand, h *home, _ []legal, left float64) {
		cut, ok := h.separate(s, left)
		if !ok {
			return
		}
		for i := range h.parts {
			p := &h.parts[i]
			if p.isFixed() && cut.Power[i] != 0 || p.IsFree && cut.On[i] != 0 || p.Back == 0 && cut.Back[i] != 0 || len(p.Bands) == 0 && cut.On[i] != 0 {
				t.Fatalf("seed %d: %+v has in %+v terms %v %v %v", seed, p, h.slot, cut.Power[i], cut.On[i], cut.Back[i])
			}
			most := steps * max(math.Abs(h.slot.A), math.Abs(h.slot.B)) * (1 + 1e-6)
			if max(math.Abs(cut.Power[i]), math.Abs(cut.On[i])/max(p.highest(), 1), math.Abs(cut.Back[i])) > most {
				t.Fatalf("seed %d: terms of %+v go over their bound: %v %v %v", seed, p, cut.Power[i], cut.On[i], cut.Back[i])
			}
		}
	})
}

func TestSeparate_DoesNotAllocateOnceItIsWarm(t *testing.T) {
	for _, s := range []*Separator{{}, {IsClassical: true}} {
		r := rand.New(rand.NewPCG(1, 37))
		var slots []Slot
		var points [][]Part
		var lefts []float64
		for range 40 {
			slot, parts := drawStreet(r, 10)
			slots, points, lefts = append(slots, slot), append(points, parts), append(lefts, relaxed(slot, parts))
		}
		all := func() {
			for k := range slots {
				s.Separate(slots[k], points[k], lefts[k], -1, 1)
			}
		}
		all()
		if got := testing.AllocsPerRun(5, all); got > 0 {
			t.Errorf("classical %v: 40 warm calls allocate %v times", s.IsClassical, got)
		}
	}
}
