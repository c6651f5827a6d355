package relax

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/bound"
	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/hometest"
	"hearth/scheduler/internal/lp"
	"hearth/scheduler/internal/respond"
)

var bg = context.Background()

const (
	exact = 1e-9 // slack of device answers
	fine  = 1e-7 // tolerance of the program
	slip  = 2e-5 // what both may do to a sum of money, or to a row
)

// drawn is a home with its program, under decisions.
func drawn(t *rapid.T) (*home.Home, *bound.Bounder, *Relaxation, []home.Decision) {
	h := hometest.Draw(dice{t})
	b := bound.New(h)
	return h, b, New(h, b), hometest.Decisions(dice{t}, h, 3)
}

func isSolved(r *Relaxation) bool { return r.solution.Status == lp.Optimal }

func TestProgram_HasEveryPlanAtItsCost(t *testing.T) {
	seen := 0
	rapid.Check(t, func(t *rapid.T) {
		h, _, r, decisions := drawn(t)
		r.Restrict(h.Limits(decisions), Pool{})
		for plan := range hometest.Plans(h, decisions) {
			seen++
			x := r.point(plan)
			if v := r.model.Violation(x); v > 1e-6 {
				t.Fatalf("under %+v, %v violates the program by %v", decisions, plan, v)
			}
			if cost := r.model.Objective(x); math.Abs(cost-plan.Cost) > 1e-9 {
				t.Fatalf("%v costs %v in the program", plan, cost)
			}
		}
	})
	if seen < 1000 {
		t.Errorf("only %d plans were drawn", seen)
	}
}

func TestCuts_KeepEveryPlan(t *testing.T) {
	slots, halves := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h, b, r, decisions := drawn(t)
		l := h.Limits(decisions)
		r.Restrict(l, Pool{})
		for range 4 {
			if !r.Solve(bg, fine) {
				break
			}
			p := r.Point()
			_, parts, _ := b.Value(bg, p, l, exact)
			slots += r.SeparateSlots(1e-3)
			for _, half := range r.HalfSpaces(p, parts, 1e-4) {
				r.AddDevice(half)
				halves++
			}
		}
		bounds := r.solution.Bound
		for plan := range hometest.Plans(h, decisions) {
			if v := r.model.Violation(r.point(plan)); v > slip {
				t.Fatalf("under %+v, %v is cut off by %v", decisions, plan, v)
			}
			if plan.Cost < bounds-slip {
				t.Fatalf("under %+v, %v costs less than the bound %v", decisions, plan, bounds)
			}
		}
	})
	if slots < 50 || halves < 50 {
		t.Errorf("only %d cuts of slots and %d half-spaces were drawn", slots, halves)
	}
}

// The exact answers of devices can only add to what the program knows, and cuts only raise it.
func TestPoint_IsWorthAtLeastTheProgram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, b, r, decisions := drawn(t)
		l := h.Limits(decisions)
		r.Restrict(l, Pool{})
		before := math.Inf(-1)
		for range 3 {
			if !r.Solve(bg, fine) || !isSolved(r) {
				return // nothing keeps all the limits
			}
			p := r.prices()
			value, parts, ok := b.Value(bg, p, l, exact)
			if !ok || value < r.Bound()-slip {
				t.Fatalf("under %+v the prices are worth %v, the program %v", decisions, value, r.Bound())
			}
			if r.Bound() < before-1e-5 {
				t.Fatalf("cuts lowered the bound from %v to %v", before, r.Bound())
			}
			before = r.Bound()
			r.SeparateSlots(1e-3)
			for _, half := range r.HalfSpaces(p, parts, 1e-4) {
				r.AddDevice(half)
			}
		}
	})
}

func TestFix_LeavesAPlanItsSwitchingAndMakesItNoDearer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, _, r, _ := drawn(t)
		power := home.Matrix(len(h.Devices), hometest.Slots)
		tried := 0
		for plan := range hometest.Plans(h, nil) {
			if tried++; tried > 5 {
				break
			}
			r.Restrict(h.Limits(nil), Pool{})
			for i, row := range plan.Power {
				r.Fix(i, row)
			}
			if v := r.model.Violation(r.point(plan)); v > 1e-6 {
				t.Fatalf("%v is not what it was fixed to, by %v", plan, v)
			}
			if !r.Solve(bg, fine) || r.Objective() > plan.Cost+slip {
				t.Fatalf("%v is dearer when it is balanced: %v", plan, r.Objective())
			}
			r.Power(power)
			for i, row := range plan.Power {
				for s, kW := range row {
					if isOn := power[i][s] > 1e-4; isOn != (kW > 0) && kW > 0 && len(r.parts[i].on[s]) > 0 {
						t.Fatalf("device %d is switched in slot %d: %v, was %v", i, s, power[i], row)
					}
				}
			}
		}
	})
}

// What is left open is left to every plan that is switched the same everywhere else.
func TestFixBut_LeavesOpenWhatIsInTheWindow(t *testing.T) {
	kept, lost := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h, _, r, _ := drawn(t)
		from := rapid.IntRange(0, hometest.Slots-1).Draw(t, "from")
		to := rapid.IntRange(from+1, hometest.Slots).Draw(t, "to")
		var plans []hometest.Plan
		for plan := range hometest.Plans(h, nil) {
			plan.Power, plan.Net, plan.Curt = slices.Clone(plan.Power), slices.Clone(plan.Net), slices.Clone(plan.Curt)
			if plans = append(plans, plan); len(plans) == 30 {
				break
			}
		}
		if len(plans) == 0 {
			return
		}
		like := plans[rapid.IntRange(0, len(plans)-1).Draw(t, "like")]
		r.Restrict(h.Limits(nil), Pool{})
		for i, row := range like.Power {
			r.FixBut(i, row, from, to)
		}
		for _, plan := range plans {
			switch v := r.model.Violation(r.point(plan)); {
			case r.isLike(plan, like, from, to):
				if kept++; v > 1e-6 {
					t.Fatalf("%v is like %v but for slots %d to %d, and violates the program by %v", plan, like, from, to, v)
				}
			case v > 1e-6:
				lost++
			}
		}
	})
	if kept < 100 || lost < 50 {
		t.Errorf("%d plans were left, %d were not: a case is hardly drawn", kept, lost)
	}
}

// isLike says that two plans switch alike outside some slots; a shiftable begins at one time, or both times in them.
func (r *Relaxation) isLike(a, b hometest.Plan, from, to int) bool {
	for i, d := range r.h.Devices {
		switch d := d.(type) {
		case *respond.Shiftable:
			k, l := startOf(d, a.Power[i]), startOf(d, b.Power[i])
			isIn := func(k int) bool { return k >= 0 && d.Run(k).Slot >= from && d.Run(k).Slot < to }
			if k != l && !(isIn(k) && isIn(l)) {
				return false
			}
		case *respond.Interruptible:
			for t := range a.Power[i] {
				if (t < from || t >= to) && a.Power[i][t] != b.Power[i][t] {
					return false
				}
			}
		case *respond.Store:
			for t := range a.Power[i] {
				if x, y := a.Power[i][t], b.Power[i][t]; !d.AlwaysOn && (t < from || t >= to) && (within(d.Ranges, x) != within(d.Ranges, y)) {
					return false
				}
			}
		}
	}
	return true
}

// A car that is on does not give back, and a battery that is paid for wasting energy does not do both.
func TestProgram_HasStoresGoOneWay(t *testing.T) {
	cars, batteries := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h, _, r, decisions := drawn(t)
		r.Restrict(h.Limits(decisions), Pool{})
		if !r.Solve(bg, fine) || !isSolved(r) {
			return
		}
		for i, d := range h.Devices {
			store, ok := d.(*respond.Store)
			if !ok || store.Back == 0 {
				continue
			}
			_, most := d.Reach()
			for s, slot := range h.Slots {
				p := &r.parts[i]
				share := r.value(p.back[s]) / store.Back
				switch {
				case !store.AlwaysOn:
					share += r.value(p.on[s])
					cars++
				case min(slot.Buy, slot.Sell) < 0:
					share += r.value(p.power[s]) / most
					batteries++
				}
				if share > 1+1e-5 {
					t.Fatalf("device %d goes both ways in slot %d: %v of one", i, s, share)
				}
			}
		}
	})
	if cars == 0 || batteries == 0 {
		t.Errorf("%d slots of cars, %d of batteries: a case is never drawn", cars, batteries)
	}
}

func TestCandidates_BothSidesLeaveTheSolutionBehind(t *testing.T) {
	seen := map[home.Kind]int{}
	rapid.Check(t, func(t *rapid.T) {
		h, _, r, decisions := drawn(t)
		r.Restrict(h.Limits(decisions), Pool{})
		if !r.Solve(bg, fine) || !isSolved(r) {
			return
		}
		x := append([]float64(nil), r.solution.X...)
		for _, c := range r.Candidates(10) {
			seen[c.Kind]++
			for _, side := range []bool{false, true} {
				d := c.Decision
				d.IsSecond = side
				r.Restrict(h.Limits(append(decisions[:len(decisions):len(decisions)], d)), Pool{})
				if v := r.model.Violation(x); v < 1e-5 {
					t.Fatalf("%+v leaves the solution as it was (%v)", d, v)
				}
			}
		}
	})
	for _, kind := range []home.Kind{home.On, home.Flow} {
		if seen[kind] == 0 {
			t.Errorf("decisions by kind %v: %v is never proposed", seen, kind)
		}
	}
}

func TestRenew_GivesACutItsConstant(t *testing.T) {
	renewed := 0
	rapid.Check(t, func(t *rapid.T) {
		h, _, r, _ := drawn(t)
		r.Restrict(h.Limits(nil), Pool{})
		if !r.Solve(bg, fine) {
			return
		}
		r.SeparateSlots(1e-3)
		for _, s := range r.slots {
			stale := s.Cut
			stale.Constant = 99
			got, ok := r.Renew(stale)
			if !ok || got.Constant < s.Constant-1e-6 || got.Constant > s.Constant+1e-3 {
				t.Fatalf("constant %v became %v (%v)", s.Constant, got.Constant, ok)
			}
			renewed++
		}
	})
	if renewed < 20 {
		t.Errorf("only %d cuts were drawn", renewed)
	}
}

func TestPool_HoldsTheBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, b, r, decisions := drawn(t)
		l := h.Limits(decisions)
		r.Restrict(l, Pool{})
		for range 2 {
			if !r.Solve(bg, fine) || !isSolved(r) {
				return
			}
			p := r.Point()
			_, parts, _ := b.Value(bg, p, l, exact)
			r.SeparateSlots(1e-3)
			for _, half := range r.HalfSpaces(p, parts, 1e-4) {
				r.AddDevice(half)
			}
		}
		if !r.Solve(bg, fine) || !isSolved(r) {
			return
		}
		before, rows := r.Bound(), r.model.Rows()
		r.Restrict(l, r.Pool())
		if !r.Solve(bg, fine) || math.Abs(r.Bound()-before) > 1e-3 || r.model.Rows() > rows {
			t.Fatalf("with the cuts that hold it %v in %d rows, before %v in %d", r.Bound(), r.model.Rows(), before, rows)
		}
	})
}

// What a decision does to the bound is told alike by both engines, in any order.
func TestProber_TellsWhatARestrictionDoes(t *testing.T) {
	seen := map[home.Kind]int{}
	rapid.Check(t, func(t *rapid.T) {
		h, _, r, decisions := drawn(t)
		var more []home.Decision
		for range 12 {
			d := hometest.Decision(dice{t}, h)
			if !slices.ContainsFunc(decisions, func(o home.Decision) bool { return o.Device == d.Device && o.Slot == d.Slot }) {
				more = append(more, d) // what is decided twice, and otherwise, is no decision
			}
		}
		r.Restrict(h.Limits(decisions), Pool{})
		p, ok := r.Prober(bg)
		if !ok {
			return
		}
		var told []float64
		for _, d := range append(more, more...) {
			told = append(told, p.Bound(bg, d, math.Inf(1)))
		}
		for k, d := range more {
			if first, again := told[k], told[k+len(more)]; first != again && math.Abs(first-again) > 1e-5*(1+math.Abs(first)) {
				t.Fatalf("%+v is worth %v, then %v", d, first, again)
			}
			r.Restrict(h.Limits(append(decisions[:len(decisions):len(decisions)], d)), Pool{})
			if r.Solve(bg, fine); !isSolved(r) || math.IsInf(told[k], 1) {
				continue
			}
			seen[d.Kind]++
			if math.Abs(r.Bound()-told[k]) > 1e-5*(1+math.Abs(told[k])) {
				t.Fatalf("beside %+v, %+v is worth %v, told %v", decisions, d, r.Bound(), told[k])
			}
		}
	})
	for _, kind := range []home.Kind{home.On, home.Count, home.Flow, home.Level} {
		if seen[kind] == 0 {
			t.Errorf("decisions by kind %v: %v is never drawn", seen, kind)
		}
	}
}
