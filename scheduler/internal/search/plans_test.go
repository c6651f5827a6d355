package search

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/pwl"
	"hearth/scheduler/internal/respond"
)

// improve does one of all that makes plans.
func improve(s *State, way int, random *rand.Rand) {
	switch way {
	case 0:
		s.Construct(bg)
	case 1:
		s.Levels(bg)
	case 2:
		s.Squeeze(bg, 0.2)
	case 3:
		s.Resweep(bg, s.bestPower)
	case 4:
		s.Adopt(s.bestPower)
	case 5:
		s.Tear(bg, random)
	case 6:
		s.Settle(bg, s.bestPower)
	case 7:
		s.End(bg)
	}
}

const ways = 8

func TestState_BestNeverGetsWorseAndIsWhatItsPowersScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		score := ledger(h)
		s := New(h, score)
		random := rand.New(rand.NewPCG(1, 2))
		for range 8 {
			before, _ := s.Best()
			improve(s, rapid.IntRange(0, ways-1).Draw(t, "way"), random)
			best, power := s.Best()
			if before.Less(best) {
				t.Fatalf("from %v to %v", before, best)
			}
			if got := score(power); got != best {
				t.Fatalf("the best plan scores %v, noted is %v", got, best)
			}
		}
	})
}

func TestState_EqualWaysLeadToEqualPlans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		way := rapid.SliceOfN(rapid.IntRange(0, ways-1), 1, 6).Draw(t, "ways")
		h := drawHome(t)
		one, other := New(h, ledger(h)), New(h, ledger(h))
		for _, s := range []*State{one, other} { // one after the other, with the same devices
			random := rand.New(rand.NewPCG(3, 4))
			for _, w := range way {
				improve(s, w, random)
			}
		}
		if one.best != other.best || !slices.EqualFunc(one.bestPower, other.bestPower, slices.Equal[[]float64]) {
			t.Fatalf("%v with %v, then %v with %v", one.best, one.bestPower, other.best, other.bestPower)
		}
	})
}

func TestEnd_SaysWhetherAPlanHasBecomeTheBest(t *testing.T) {
	said := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		s := New(h, ledger(h))
		for range 4 {
			before, _ := s.Best()
			power := copied(s.power)
			for i, d := range h.Devices {
				power[i] = rapid.SampledFrom(behaviours(d, len(h.Slots))).Draw(t, "behaviour")
			}
			s.Begin(bg, power, []bool{true, true, true, true, true, true, true, true}[:len(h.Devices)])
			if now, _ := s.Best(); now != before {
				t.Fatalf("begun with a plan, the best goes from %v to %v", before, now)
			}
			isBetter := s.End(bg)
			said[isBetter]++
			if after, _ := s.Best(); isBetter != after.Less(before) || !isBetter && after != before {
				t.Fatalf("from %v to %v, told better: %v", before, after, isBetter)
			}
		}
	})
	if said[true] == 0 || said[false] == 0 {
		t.Errorf("told better %v: a case is never drawn", said)
	}
}

// A linear program's powers are off by a little dust. It would be printed, and a dish does not run at 1999.998 W.
func TestBegin_TakesAwayTheDustOfALinearProgram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		s := New(h, ledger(h))
		power, dusty := copied(s.power), copied(s.power)
		for i, d := range h.Devices {
			power[i] = rapid.SampledFrom(behaviours(d, len(h.Slots))).Draw(t, "behaviour")
			for t2, kW := range power[i] {
				dusty[i][t2] = kW + rapid.Float64Range(-1e-5, 1e-5).Draw(t, "dust")
			}
		}
		s.Begin(bg, dusty, nil)
		for i, d := range h.Devices {
			store, isStore := d.(*respond.Store)
			for t2, kW := range s.power[i] {
				switch {
				case isStore && store.AlwaysOn:
				case math.Abs(kW-power[i][t2]) > 1e-4:
					t.Fatalf("device %d: %v with dust becomes %v", i, power[i], s.power[i])
				case (kW > 0) != (power[i][t2] > 0), !isStore && kW != power[i][t2]:
					t.Fatalf("device %d: %v with dust keeps some: %v", i, power[i], s.power[i])
				}
			}
		}
	})
}

func TestAdopt_KeepsAPlanAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		s, warm := New(h, ledger(h)), New(h, ledger(h))
		s.Construct(bg)
		score, power := s.Best()
		warm.Adopt(power)
		if got, row := warm.Best(); got != score || !slices.EqualFunc(row, power, slices.Equal[[]float64]) {
			rests, _ := New(h, ledger(h)).Best()
			if score.Less(rests) {
				t.Fatalf("%v with %v, adopted %v with %v", score, power, got, row)
			}
		}
		warm.Construct(bg)
		if after, _ := warm.Best(); score.Less(after) {
			t.Fatalf("begun with %v, ended at %v", score, after)
		}
	})
}

func TestStick_ComesNearerWithinItsBudget(t *testing.T) {
	came := 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		score := ledger(h)
		s := New(h, score)
		s.Construct(bg)
		to := copied(s.bestPower)
		for i, d := range h.Devices {
			to[i] = rapid.SampledFrom(behaviours(d, len(h.Slots))).Draw(t, "to")
		}
		before, power := s.Best()
		far, budget := s.distance(power, to), rapid.SampledFrom([]float64{0, 0.05, 5}).Draw(t, "budget")
		s.Stick(bg, to, budget)
		after, power := s.Best()
		if score(power) != after {
			t.Fatalf("the plan scores %v, noted is %v", score(power), after)
		}
		near := s.distance(power, to)
		if before[4] += budget; before.Less(after) || near > far {
			t.Fatalf("from %v kWh away to %v, scored %v, at most %v", far, near, after, before)
		}
		if near < far {
			came++
		}
	})
	if came == 0 {
		t.Error("no plan ever came nearer")
	}
}

func TestStick_WithoutLimitOfCostIsTheOtherPlan(t *testing.T) {
	h := townHouse()
	s := New(h, ledger(h))
	s.Construct(bg)
	before, power := s.Best()
	to := copied(power)
	to[1] = []float64{0, 0, 2.5, 0} // the second run, moved to the dearest slot
	s.Stick(bg, to, 100)
	if after, power := s.Best(); !slices.Equal(power[1], to[1]) || !after.IsWhole() || !before.Less(after) {
		t.Errorf("from %v to %v with %v", before, after, power)
	}
	s = New(h, ledger(h))
	s.Construct(bg)
	s.Stick(bg, to, 0)
	if after, power := s.Best(); after != before && before.Less(after) || slices.Equal(power[1], to[1]) {
		t.Errorf("without a budget from %v to %v with %v", before, after, power)
	}
}

// A distance counts the first two hours three times.
func TestDistance_IsTheEnergyInWhichPlansDiffer(t *testing.T) {
	for hours, weights := range map[float64][]float64{1: {3, 3, 1, 1}, 0.5: {3, 3, 3, 3}, 0.75: {3, 3, 3, 1}, 4: {3, 1, 1, 1}} {
		h := townHouse()
		for slot := range h.Slots {
			h.Slots[slot].Hours = hours
		}
		s := New(h, ledger(h))
		a, b := copied(s.power), copied(s.power)
		a[0][0], b[0][0] = 2, 0.5
		a[2][1], b[2][1] = -1, 1
		a[2][2], b[0][2] = 1, 0.5
		a[1][3] = 2.5
		want := hours * (weights[0]*1.5 + weights[1]*2 + weights[2]*1.5 + weights[3]*2.5)
		if got := s.distance(a, b); math.Abs(got-want) > 1e-12 || s.distance(b, a) != got || s.distance(a, a) != 0 {
			t.Errorf("slots of %v h: %v and back %v, want %v", hours, got, s.distance(b, a), want)
		}
	}
}

func TestKinked_ChargesForWhatIsNotTheOtherPlans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, length := halfKW(t, "from", -4, 4), halfKW(t, "length", 1, 4)
		g := pwl.Seg{X0: from, Y0: cents(t, "y0", -50, 50), X1: from + length, Y1: cents(t, "y1", -50, 50)}
		to, price := halfKW(t, "to", -5, 9), cents(t, "price", 0, 40)
		f := pwl.Func(kinked(nil, g, to, price))
		for x := g.X0; x <= g.X1; x += 0.25 {
			want := pwl.Func{g}.At(x) + price*(math.Abs(x-to)-math.Abs(to))
			if got := f.At(x); math.Abs(got-want) > 1e-9 {
				t.Fatalf("%v kW instead of %v at %v for %v, want %v", x, to, price, got, want)
			}
		}
		if !math.IsInf(f.At(g.X0-0.25), 1) || !math.IsInf(f.At(g.X1+0.25), 1) {
			t.Fatalf("%v reaches beyond %v", f, g)
		}
	})
}

func TestReturn_MakesAPlanTheBestWhateverItScores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		score := ledger(h)
		s := New(h, score)
		s.Construct(bg)
		power := copied(s.bestPower)
		for i, d := range h.Devices {
			power[i] = rapid.SampledFrom(behaviours(d, len(h.Slots))).Draw(t, "behaviour")
		}
		s.Return(power)
		if best, got := s.Best(); best != score(power) || !slices.EqualFunc(got, power, slices.Equal[[]float64]) {
			t.Fatalf("returned %v, the best is %v with %v", score(power), best, got)
		}
	})
}

// Every behaviour of homes without a store is listed, so their best plan is known.
func TestSearch_IsNeverBelowTheBestOfAllPlansAndOftenThere(t *testing.T) {
	missed, whole := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		best := cheapest(h)
		s := New(h, ledger(h))
		s.Construct(bg)
		s.Resweep(bg, s.bestPower)
		s.Levels(bg)
		for random, k := rand.New(rand.NewPCG(5, 6)), 0; k < 60; k++ {
			s.Tear(bg, random)
		}
		score, power := s.Best()
		if !score.IsWhole() {
			if !math.IsInf(best, 1) {
				missed++
			}
			return
		}
		if isListed(h) && score.Cost() < best-1e-6 {
			t.Fatalf("a plan at %v, the best of all is %v: %v", score.Cost(), best, power)
		}
		if whole++; score.Cost() > best+0.01 {
			missed++
		}
	})
	if missed > whole/3 {
		t.Errorf("%d of %d times a listed plan was cheaper by more than a cent", missed, whole)
	}
}
