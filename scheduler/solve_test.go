package scheduler

import (
	"bytes"
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// quick ends by itself long before its time, so that its plans can be repeated.
var quick = Options{TimeLimit: time.Minute}

// rough is for laws that hold for any plan: it is content with the first ones.
var rough = Options{TimeLimit: time.Minute, Gap: 100_000_000_000}

func solve(t testing.TB, p *Problem, o Options) *Plan {
	t.Helper()
	plan, err := Solve(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestSolve_UsesTheCheapHour(t *testing.T) {
	plan := solve(t, small(), quick)
	dishwasher, _ := plan.Device("dishwasher")
	battery, _ := plan.Device("battery")
	if !slices.Equal(dishwasher.Power, []energy.Watts{0, 1000, 0}) {
		t.Errorf("dishwasher %v", dishwasher.Power)
	}
	if battery.Power[1] <= 499 || battery.Power[2] >= -499 { // bought at 0.1 for the 500 W at 0.4
		t.Errorf("battery %v", battery.Power)
	}
	if plan.Status != Optimal || plan.Objective != energy.MoneyOf(0.5*0.3+2*0.1) {
		t.Errorf("%s at %v", plan.Status, plan.Objective)
	}
	if want := []energy.Price{p(0.3), p(0.1), p(0.4)}; !slices.Equal(plan.MarginalPrice, want) {
		t.Errorf("marginal prices %v, want %v", plan.MarginalPrice, want)
	}
}

func p(perKWh float64) energy.Price { return energy.PriceOf(perKWh) }

func TestSolve_MarginalPriceIsThatOfTheNextKWh(t *testing.T) {
	q := small()
	q.Devices, q.SolarCurtailable = nil, true
	q.Solar = []energy.Watts{3000, 800, 0}
	q.ExportPrice = []energy.Price{p(0.05), p(0.05), p(0.05)}
	q.ExportLimit = Constant(1000, 3)
	q.Peak = Peak{Price: energy.MoneyOf(0.5)}
	// curtails, sells, buys at the peak
	if got, want := solve(t, q, quick).MarginalPrice, []energy.Price{0, p(0.05), p(0.4 + 0.5)}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestSolve_PlanIsThatOfEvaluate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, rapid.IntRange(1, 6).Draw(t, "slots"))
		plan, err := Solve(context.Background(), p, rough)
		if err != nil {
			t.Fatal(err)
		}
		var power [][]energy.Watts
		for _, d := range plan.Devices {
			power = append(power, d.Power)
		}
		e, err := Evaluate(p, power)
		if err != nil {
			t.Fatal(err)
		}
		if e.Objective != plan.Objective || !slices.Equal(e.Import, plan.Import) || len(e.Violations) != len(plan.Violations) {
			t.Fatalf("plan at %v, evaluated at %v", plan.Objective, e.Objective)
		}
		if gap, ok := plan.Gap(); ok != (len(e.Violations) == 0) || ok && gap < 0 || (plan.Status == Optimal) != (ok && gap <= rough.Gap) {
			t.Fatalf("gap %v (%v), status %s, violations %v", gap, ok, plan.Status, e.Violations)
		}
	})
}

func TestSolve_IsRepeatable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, 3)
		o := Options{TimeLimit: time.Minute, Gap: 200_000_000, Seed: rapid.Uint64().Draw(t, "seed")}
		var texts [2]string
		for i := range texts {
			plan, err := Solve(context.Background(), p, o)
			if err != nil {
				t.Fatal(err)
			}
			plan.Stats.SolveTime, plan.Stats.FirstPlan = 0, 0
			b := new(bytes.Buffer)
			if err := plan.Write(b); err != nil {
				t.Fatal(err)
			}
			texts[i] = b.String()
		}
		if texts[0] != texts[1] {
			t.Fatalf("equal problem and seed, but\n%s%s", texts[0], texts[1])
		}
	})
}

func TestSolve_EndsWithItsContext(t *testing.T) {
	p := read(t, "L0")
	for _, after := range []time.Duration{0, 20 * time.Millisecond, 400 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(context.Background(), after)
		begin := time.Now()
		plan, err := Solve(ctx, p, Options{TimeLimit: time.Minute})
		late := time.Since(begin) - after
		cancel()
		if err != nil || len(plan.Devices) != len(p.Devices) {
			t.Fatalf("ended after %v: %v", after, err)
		}
		if late > time.Second { // 50 ms are meant, and measured elsewhere; the rest is for a busy machine with the race detector
			t.Errorf("ended %v after its context", late)
		}
	}
}

func TestSolve_MakesAFirstPlanWhateverTheTimeLimit(t *testing.T) {
	plan := solve(t, read(t, "M0"), Options{TimeLimit: 1})
	if plan.Status != Feasible || plan.LowerBound > plan.Objective || plan.Stats.FirstPlan <= 0 {
		t.Errorf("%s, bound %v, first plan after %v", plan.Status, plan.LowerBound, plan.Stats.FirstPlan)
	}
}

func TestSolve_NamesTheFaultsOfAProblem(t *testing.T) {
	bad := small()
	bad.Solar[1], bad.Currency = energy.Watts(math.NaN()), "euro"
	_, err := Solve(context.Background(), bad, Options{})
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != 2 {
		t.Errorf("error %v", err)
	}
}

func TestSolve_BeginsWithAWarmPlan(t *testing.T) {
	p := read(t, "M1")
	old := solve(t, p, Options{TimeLimit: 500 * time.Millisecond})
	warm := solve(t, p, Options{TimeLimit: 1, Warm: old})
	if warm.Objective > old.Objective {
		t.Errorf("with the plan at %v to begin with, a plan at %v", old.Objective, warm.Objective)
	}
	other := *old
	other.Grid.Step *= 2
	if plan := solve(t, p, Options{TimeLimit: 1, Warm: &other}); plan.Status == Relaxed {
		t.Errorf("a plan on other slots was followed: %v", plan.Violations)
	}
}

func TestSolve_ShiftsAWarmPlanToItsGrid(t *testing.T) {
	p := small()
	old := solve(t, p, quick)
	p.Grid = energy.NewGrid(p.Grid.Start.Add(time.Hour), time.Hour, 3)
	row := p.warm(Options{Warm: old}).Power[0]
	if !slices.Equal(row, []float64{1, 0, 0}) { // the dishwasher ran in slot 1, which is now slot 0
		t.Errorf("warm powers %v", row)
	}
}

// Laws of changed problems, stated with bounds, since a plan has a gap.

func TestSolve_MoreRoomIsNeverBoundAbove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, 3)
		plan, err := Solve(context.Background(), p, rough)
		if err != nil {
			t.Fatal(err)
		}
		if plan.Status == Relaxed {
			return
		}
		wide := *p
		wide.ImportLimit, wide.Circuits = Constant(50000, 3), nil
		more, err := Solve(context.Background(), &wide, rough)
		if err != nil {
			t.Fatal(err)
		}
		if more.Status == Relaxed || more.LowerBound > plan.Objective {
			t.Fatalf("with wider limits %s, bound %v, without them a plan at %v", more.Status, more.LowerBound, plan.Objective)
		}
	})
}

func TestSolve_OrderOfDevicesIsNoMatterForBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, 3)
		turned := *p
		turned.Devices = slices.Clone(p.Devices)
		slices.Reverse(turned.Devices)
		a, err := Solve(context.Background(), p, rough)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Solve(context.Background(), &turned, rough)
		if err != nil {
			t.Fatal(err)
		}
		if (a.Status == Relaxed) != (b.Status == Relaxed) {
			t.Fatalf("%s one way, %s the other", a.Status, b.Status)
		}
		if a.Status != Relaxed && (a.LowerBound > b.Objective || b.LowerBound > a.Objective) {
			t.Fatalf("plans at %v and %v, bounds %v and %v", a.Objective, b.Objective, a.LowerBound, b.LowerBound)
		}
	})
}

func TestSolve_MoneyScales(t *testing.T) {
	const times = 7
	p := read(t, "S0")
	a := solve(t, p, rough)
	for i := range p.ImportPrice {
		p.ImportPrice[i] *= times
		p.ExportPrice[i] *= times
	}
	for i, d := range p.Devices {
		switch d := d.(type) {
		case Interruptible:
			d.StartCost *= times
			p.Devices[i] = d
		case Vehicle:
			d.StartCost *= times
			p.Devices[i] = d
		case Battery:
			d.Wear *= times
			d.TerminalValue *= times
			p.Devices[i] = d
		}
	}
	b := solve(t, p, rough)
	if b.LowerBound > times*a.Objective || times*a.LowerBound > b.Objective {
		t.Errorf("plan %v within %v, and with %d times the prices %v within %v", a.Objective, a.LowerBound, times, b.Objective, b.LowerBound)
	}
}

// A relaxation takes more memory than all else, a gigabyte of the largest homes that are read: none is made when the
// time is over before it could be solved. With one it would be 42 MB here.
func TestSolve_WithoutTimeTakesNoMemoryForAProof(t *testing.T) {
	p := read(t, "L0")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	plan := solve(t, p, Options{TimeLimit: 1})
	runtime.ReadMemStats(&after)
	if taken := (after.TotalAlloc - before.TotalAlloc) >> 20; taken > 30 {
		t.Errorf("%d MB for a first plan", taken)
	}
	wantProof(t, p, plan) // that of a guess
}
