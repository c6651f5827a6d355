package tree

import (
	"context"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/bound"
	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/hometest"
	"hearth/scheduler/internal/search"
	"hearth/scheduler/internal/supply"
)

var bg = context.Background()

// judge scores the plans of a drawn home.
func judge(h *home.Home) func(power [][]float64) search.Score {
	return func(power [][]float64) (s search.Score) {
		cost, ok := hometest.Price(h, power)
		if !ok {
			s[2] = 1
		}
		s[4] = cost
		return s
	}
}

// cheapest is the least cost of the listed plans; infinite when there is none.
func cheapest(h *home.Home, decisions []home.Decision) float64 {
	best := math.Inf(1)
	for plan := range hometest.Plans(h, decisions) {
		best = min(best, plan.Cost)
	}
	return best
}

func solve(h *home.Home, o Options) Result {
	o.Judge = judge(h)
	return Run(bg, bg, h, o)
}

// drawn is a home without a peak price: with one, what is curtailed would have to be judged better than here.
func drawn(t *rapid.T) *home.Home {
	h := hometest.Draw(dice{t})
	h.Peak = supply.Peak{}
	return h
}

const slip = 1e-4 // rounding, and the slack of bounds

func TestRun_NoPlanCostsLessThanTheBound(t *testing.T) {
	proven, all := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawn(t)
		best := cheapest(h, nil)
		if math.IsInf(best, 1) {
			return
		}
		got := solve(h, Options{Gap: 1e-3})
		if got.Bound > best+slip {
			t.Fatalf("bound %v above a plan at %v", got.Bound, best)
		}
		cost, ok := hometest.Price(h, got.Power)
		if !ok {
			t.Fatalf("%v violates something, a plan at %v does not", got.Power, best)
		}
		if got.Bound > cost+slip {
			t.Fatalf("bound %v above its own plan at %v", got.Bound, cost)
		}
		if all++; cost-got.Bound <= 1e-3+slip {
			proven++
		}
	})
	if proven*10 < all*9 {
		t.Errorf("%d of %d plans were proven", proven, all)
	}
}

// The tree is a proof: its leaves cover all plans, and each leaf's own prices are worth its value.
func TestRun_EveryLeafIsBelowItsPlans(t *testing.T) {
	leaves := 0
	rapid.Check(t, func(t *rapid.T) {
		h := hometest.Draw(dice{t})
		if math.IsInf(cheapest(h, nil), 1) {
			return
		}
		got := solve(h, Options{Gap: 1e-6})
		least := math.Inf(1)
		for k, n := range got.Tree {
			if n.Branch != nil {
				for side, child := range n.Children {
					d := *n.Branch
					d.IsSecond = side == 1
					if child <= k || !reflect.DeepEqual(got.Tree[child].Decisions, with(n.Decisions, d)) {
						t.Fatalf("child %d of node %d has decisions %+v", side, k, got.Tree[child].Decisions)
					}
				}
				continue
			}
			leaves++
			least = min(least, n.Value)
			if best := cheapest(h, n.Decisions); n.Value > best+slip {
				t.Fatalf("leaf %+v is worth %v, a plan of it costs %v", n.Decisions, n.Value, best)
			}
			value, _, ok := bound.New(h).Value(bg, n.Point, h.Limits(n.At), 1e-9)
			if !ok || value < n.Value-slip {
				t.Fatalf("leaf %+v is worth %v, its prices %v", n.Decisions, n.Value, value)
			}
		}
		if got.Tree != nil && least != got.Bound {
			t.Fatalf("bound %v, least leaf %v", got.Bound, least)
		}
	})
	if leaves < 120 {
		t.Errorf("only %d leaves were drawn", leaves)
	}
}

func TestRun_IsRepeatable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawn(t)
		seed := rapid.Uint64().Draw(t, "seed")
		a, b := solve(h, Options{Gap: 1e-4, Seed: seed}), solve(h, Options{Gap: 1e-4, Seed: seed})
		if a.Bound != b.Bound || a.Nodes != b.Nodes || a.Rounds != b.Rounds || !reflect.DeepEqual(a.Power, b.Power) {
			t.Fatalf("once %v, then %v", a, b)
		}
	})
}

func TestRun_EndsWithItsContext(t *testing.T) {
	ended, cancel := context.WithCancel(bg)
	cancel()
	rapid.Check(t, func(t *rapid.T) {
		h := hometest.Draw(dice{t})
		if got := Run(ended, ended, h, Options{Judge: judge(h)}); got.Tree != nil || !math.IsInf(got.Bound, -1) || len(got.Power) != len(h.Devices) {
			t.Fatalf("after its end a run says %+v", got)
		}
		// Without time there are still a plan and a bound.
		got := Run(bg, ended, h, Options{Judge: judge(h)})
		if best := cheapest(h, nil); len(got.Tree) != 1 || math.IsInf(got.Bound, -1) || got.Bound > best+slip {
			t.Fatalf("without time the bound is %v, the best plan costs %v", got.Bound, best)
		}
	})
}

func TestRun_TellsOnlyWhatIsBetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawn(t)
		var last search.Score
		value, told := math.Inf(-1), 0
		got := solve(h, Options{Gap: 1e-4, Progress: func(best search.Score, v float64) {
			if told > 0 && (last.Less(best) || v < value) {
				t.Fatalf("%v at %v after %v at %v", best, v, last, value)
			}
			last, value = best, v
			told++
		}})
		if told == 0 || value > got.Bound {
			t.Fatalf("told %d times, last %v of %v", told, value, got.Bound)
		}
	})
}

// dice draws by rapid.
type dice struct{ *rapid.T }

func (d dice) Int(label string, least, most int) int {
	return rapid.IntRange(least, most).Draw(d.T, label)
}
