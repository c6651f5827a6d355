package tree

import (
	"context"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/hometest"
)

func TestWarm_AProvenPlanIsKeptWithoutASearch(t *testing.T) {
	kept := 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawn(t)
		cold := solve(h, Options{Gap: 1e-3})
		cost, ok := hometest.Price(h, cold.Power)
		if !ok || cold.Tree == nil {
			return
		}
		gap := cost - cold.Tree[0].Value
		warm := solve(h, Options{Gap: 1e-4, Warm: &Warm{Power: cold.Power, Point: cold.Tree[0].Point, Excess: cold.Excess, Keep: gap + 1e-3}})
		if !warm.IsKept || warm.Rounds > 0 || !reflect.DeepEqual(warm.Power, cold.Power) {
			t.Fatalf("a plan at %v with a bound of %v at its root became %+v", cost, cold.Tree[0].Value, warm)
		}
		if warm.Bound > cheapest(h, nil)+slip {
			t.Fatalf("bound %v above the best plan", warm.Bound)
		}
		kept++
	})
	if kept < 50 {
		t.Errorf("only %d plans were kept", kept)
	}
}

// The law of steadiness: what comes out is the old plan, or cheaper than it by more than Exchange, and then
// dearer than the best found by at most Budget.
func TestWarm_IsGivenUpOnlyForEnough(t *testing.T) {
	stayed, left := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawn(t)
		before := *h
		before.Need = append([]float64(nil), h.Need...)
		for s := range before.Need {
			before.Need[s] += float64(rapid.IntRange(-2, 2).Draw(t, "forecast")) / 2
		}
		old := solve(&before, Options{Gap: 1e-3})
		was, ok := hometest.Price(h, old.Power)
		best := solve(h, Options{Gap: 1e-4})
		least, whole := hometest.Price(h, best.Power)
		if !whole {
			return
		}
		const exchange, budget = 0.02, 0.01
		w := &Warm{Power: old.Power, Exchange: exchange, Budget: budget}
		if old.Tree != nil {
			w.Point, w.Excess = old.Tree[0].Point, old.Excess
		}
		got := solve(h, Options{Gap: 1e-4, Warm: w})
		cost, whole := hometest.Price(h, got.Power)
		if !whole {
			t.Fatalf("%v violates something", got.Power)
		}
		if ok && reflect.DeepEqual(got.Power, old.Power) {
			stayed++
			if was > least+exchange+budget+2e-3 {
				t.Fatalf("a plan at %v was kept, another costs %v", was, least)
			}
			return
		}
		left++
		if ok && was-cost <= exchange-budget-2e-3 {
			t.Fatalf("a plan at %v was given up for one at %v", was, cost)
		}
		if most := exchange + budget + 2e-3; cost > least+most && cost > got.Bound+most {
			t.Fatalf("the plan costs %v, the best %v", cost, least)
		}
	})
	if stayed < 10 || left < 10 {
		t.Errorf("%d plans stayed, %d left: a case is hardly drawn", stayed, left)
	}
}

// A plan of before that violates nothing is a first plan: where there is no time, no other is made, but for letting
// everything rest.
func TestWarm_WithoutTimeThePlanOfBeforeIsThePlan(t *testing.T) {
	ended, cancel := context.WithCancel(bg)
	cancel()
	poor := 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawn(t)
		before := *h
		before.Need = append([]float64(nil), h.Need...)
		for s := range before.Need {
			before.Need[s] += float64(rapid.IntRange(-4, 4).Draw(t, "forecast")) / 2
		}
		old := solve(&before, Options{Gap: 1e-3})
		was, ok := hometest.Price(h, old.Power)
		if !ok {
			return
		}
		o := Options{Gap: 1e-4, Judge: judge(h), Warm: &Warm{Power: old.Power}}
		rest := home.Matrix(len(h.Devices), len(h.Slots))
		if got := Run(bg, ended, h, o); !reflect.DeepEqual(got.Power, old.Power) && !reflect.DeepEqual(got.Power, rest) {
			t.Fatalf("without time %v became %v", old.Power, got.Power)
		}
		if cost, _ := hometest.Price(h, solve(h, Options{Gap: 1e-4}).Power); cost < was-2e-3 {
			poor++
		}
	})
	if poor < 5 {
		t.Errorf("only %d plans were poor: it is hardly seen that they stay", poor)
	}
}

// A device may be a smaller one now, or the plan may be broken: what no device can do is not taken over. Beyond the
// reach of all devices nothing has a price, and a search would never come to an end.
func TestWarm_PowersThatAreNoneNowAreNotTakenOver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawn(t)
		power := home.Matrix(len(h.Devices), len(h.Slots))
		for _, row := range power {
			for s := range row {
				row[s] = rapid.SampledFrom([]float64{0, 1e3, -1e3, math.Inf(1), math.Inf(-1), math.NaN()}).Draw(t, "kW")
			}
		}
		got := solve(h, Options{Gap: 1e-3, Warm: &Warm{Power: power}})
		for i, row := range got.Power {
			least, most := h.Devices[i].Reach()
			for s, kW := range row {
				if !(kW >= least-1e-9 && kW <= most+1e-9) { // a step's energy by its length is rounded
					t.Fatalf("device %d has %v in slot %d, it may have from %v to %v", i, kW, s, least, most)
				}
			}
		}
	})
}
