package scheduler

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"hearth/energy"
)

// A home too large for a relaxation is still planned, better than at first, with a bound that the checker accepts.
func TestSolve_PlansWhatIsTooLargeForARelaxation(t *testing.T) {
	const slots, batteries = 1000, 120
	p := &Problem{
		Grid: energy.NewGrid(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), 5*time.Minute, slots), Currency: "EUR",
		BaseLoad: Constant(60_000, slots), Solar: make([]energy.Watts, slots),
		ImportLimit: Constant(1_000_000, slots), ExportLimit: Constant(1_000_000, slots),
	}
	for s := range slots {
		price := []float64{0.1, 0.4, 0.25, 0.3}[s/12%4]
		p.ImportPrice, p.ExportPrice = append(p.ImportPrice, energy.PriceOf(price)), append(p.ExportPrice, energy.PriceOf(0.05))
	}
	for i := range batteries {
		p.Devices = append(p.Devices, Battery{
			ID: fmt.Sprint("b", i), EnergyMax: 2000 + energy.WattHours(i), ChargeMax: 1000, DischargeMax: 1000, ChargeEfficiency: 0.95, DischargeEfficiency: 0.95,
		})
	}
	idle := slices.Repeat([][]energy.Watts{make([]energy.Watts, slots)}, batteries)
	nothing, err := Evaluate(p, idle)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Solve(context.Background(), p, Options{TimeLimit: 300 * time.Millisecond, Gap: energy.MoneyOf(0.01)})
	if err != nil {
		t.Fatal(err)
	}
	if plan.Status == Relaxed || plan.Objective >= nothing.Objective || plan.LowerBound > plan.Objective || plan.Stats.Nodes != 1 {
		t.Fatalf("%s, %v with a bound of %v in %d nodes; to do nothing costs %v", plan.Status, plan.Objective, plan.LowerBound, plan.Stats.Nodes, nothing.Objective)
	}
	if proven, err := Verify(p, plan.Certificate); err != nil || proven < plan.LowerBound-energy.MoneyOf(1e-4) {
		t.Errorf("the checker proves %v of %v: %v", proven, plan.LowerBound, err)
	}
}

// A tank that ends a little under its band passes by a slip; to the letter nothing satisfies the problem.
func TestSolve_ProvesNothingWhereOnlyASlipPasses(t *testing.T) {
	p := gridded("10:00", 60, 2, Thermal{
		ID: "tank", PowerMax: 0.0001, COP: []float64{1, 1}, EnergyMin: 1000, EnergyMax: 2000, EnergyInitial: 1000, Draw: []energy.WattHours{0.4, 0.4},
	})
	plan, err := Solve(context.Background(), p, Options{TimeLimit: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if plan.Status == Relaxed {
		t.Fatalf("not even by a slip: %+v", plan.Violations)
	}
	if plan.Certificate != nil {
		if _, err := Verify(p, plan.Certificate); err != nil {
			t.Errorf("a certificate that proves nothing: %v", err)
		}
	}
}
