package scheduler

import (
	"context"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/scheduler/internal/bound"
)

// later is a problem some slots on, with the plan that was made before.
func later(p *Problem, slots int) *Problem {
	q := *p
	n := p.Grid.Count() - slots
	q.Grid = energy.NewGrid(p.Grid.Start.Add(time.Duration(slots)*p.Grid.Step), p.Grid.Step, n)
	q.ImportPrice, q.ExportPrice = p.ImportPrice[slots:], p.ExportPrice[slots:]
	q.Solar, q.BaseLoad = p.Solar[slots:], p.BaseLoad[slots:]
	q.ImportLimit, q.ExportLimit = p.ImportLimit[slots:], p.ExportLimit[slots:]
	if p.Carbon != nil {
		q.Carbon = p.Carbon[slots:]
	}
	return &q
}

func TestSolve_KeepsAPlanThatIsAsGoodAsEver(t *testing.T) {
	for _, name := range []string{"S0", "M1", "F-v2h-2"} {
		p := read(t, name)
		old := solve(t, p, Options{TimeLimit: 300 * time.Millisecond})
		warm := solve(t, p, Options{TimeLimit: time.Minute, Warm: old})
		if warm.Stats.Rounds != 0 || warm.Objective != old.Objective {
			t.Errorf("%s: after %d rounds a plan at %v, the old one costs %v", name, warm.Stats.Rounds, warm.Objective, old.Objective)
		}
		for i, d := range warm.Devices {
			for s, w := range d.Power {
				if math.Abs(float64(w-old.Devices[i].Power[s])) > 0.01 {
					t.Fatalf("%s: %s has %v in slot %d, had %v", name, d.ID, w, s, old.Devices[i].Power[s])
				}
			}
		}
		wantProof(t, p, warm)
		again := solve(t, p, Options{TimeLimit: time.Minute, Warm: warm}) // and the plan that was kept is kept
		if again.Stats.Rounds != 0 || again.Objective != old.Objective {
			t.Errorf("%s: kept once, then after %d rounds a plan at %v", name, again.Stats.Rounds, again.Objective)
		}
	}
}

// The prices of the plan before move on with the clock, and prove what is left of it.
func TestSolve_ProvesTheRestOfAPlanByItsOwnPrices(t *testing.T) {
	p := read(t, "M1")
	battery, isFound := Battery{}, false
	for _, d := range p.Devices {
		if b, ok := d.(Battery); ok {
			battery, isFound = b, true
		}
	}
	if !isFound {
		t.Fatal("M1 has no battery")
	}
	p.Devices, p.Circuits = []Device{battery}, nil
	old := solve(t, p, Options{TimeLimit: 10 * time.Second})
	q := later(p, 4)
	moved := battery
	moved.EnergyInitial = old.Devices[0].Energy[3]
	q.Devices = []Device{moved}
	warm := solve(t, q, Options{TimeLimit: time.Minute, Warm: old})
	if warm.Stats.Rounds != 0 {
		t.Errorf("an hour on, %d rounds were needed", warm.Stats.Rounds)
	}
	wantProof(t, q, warm)
}

// An id may be that of another device now. A battery charges without being on, so an inequality that counted the
// slots its namesake was on in says nothing of it.
func TestSolve_ProvesNothingByAnotherDeviceOfThatName(t *testing.T) {
	p := read(t, "S0")
	p.Devices = []Device{Battery{
		ID: "store", EnergyMax: 5000, EnergyInitial: 1000, ChargeMax: 3000, DischargeMax: 3000, ChargeEfficiency: 0.95, DischargeEfficiency: 0.95,
	}}
	p.Circuits = nil
	proof := prices{point: bound.NewPoint(p.home()), excess: make([]float64, p.Slots()), devices: []string{"store"}}
	for s, price := range p.ImportPrice {
		proof.point.Lambda[s] = price.Float()
		proof.point.Cuts = append(proof.point.Cuts, bound.Cut{Slot: s, Import: 1, Terms: []bound.Term{{Power: 1, On: 2}}})
		proof.point.Mu = append(proof.point.Mu, 0.1)
	}
	old := solve(t, p, Options{TimeLimit: time.Minute})
	old.prices = &proof
	wantProof(t, p, solve(t, p, Options{TimeLimit: time.Minute, Gap: 1_000_000, Warm: old}))
}

func TestSolve_WithinTheRelativeGapIsOptimal(t *testing.T) {
	p := read(t, "M1")
	plan := solve(t, p, Options{TimeLimit: time.Minute, RelativeGap: 0.05})
	gap, _ := plan.Gap()
	if plan.Status != Optimal || gap <= DefaultGap || gap.Float() > 0.05*plan.Objective.Float() {
		t.Errorf("%s with a gap of %v at %v", plan.Status, gap, plan.Objective)
	}
}

// Whatever is handed in as the plan before, what comes out is a plan of this problem, with a proof.
func TestSolve_AnyWarmPlanIsSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := drawProblem(t, rapid.IntRange(1, 4).Draw(t, "slots")), drawProblem(t, rapid.IntRange(1, 4).Draw(t, "later slots"))
		o := Options{TimeLimit: 50 * time.Millisecond, Gap: 10_000_000}
		old, err := Solve(context.Background(), p, o)
		if err != nil {
			t.Fatal(err)
		}
		q.Grid = energy.NewGrid(p.Grid.Start.Add(time.Duration(rapid.IntRange(-2, 3).Draw(t, "shift"))*p.Grid.Step), p.Grid.Step, q.Grid.Count())
		cold, err := Solve(context.Background(), q, o)
		if err != nil {
			t.Fatal(err)
		}
		o.Warm = old
		warm, err := Solve(context.Background(), q, o)
		if err != nil {
			t.Fatal(err)
		}
		wantProof(t, q, warm)
		if cold.Status != Relaxed && warm.Status != Relaxed && warm.Objective < cold.LowerBound {
			t.Fatalf("a plan at %v below the bound %v", warm.Objective, cold.LowerBound)
		}
	})
}
