package scheduler

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// makeWild stretches a few numbers of a problem to what is allowed at the most, and to nothing.
func makeWild(t *rapid.T, p *Problem) {
	factor := func(label string) float64 {
		return rapid.SampledFrom([]float64{0, 1e-6, 1, 1, 1000, 1e5}).Draw(t, label)
	}
	price, power := factor("price"), factor("power")
	for i := range p.ImportPrice {
		p.ImportPrice[i] = energy.PriceOf(p.ImportPrice[i].Float() * price)
		p.ExportPrice[i] = energy.PriceOf(p.ExportPrice[i].Float() * price)
		p.Solar[i] = min(p.Solar[i]*energy.Watts(power), greatest)
		p.ImportLimit[i] = min(p.ImportLimit[i]*energy.Watts(factor("limit")), greatest)
	}
	for i, d := range p.Devices {
		hold := rapid.SampledFrom([]int{0, 1, 2, 1 << 30}).Draw(t, "hold")
		switch d := d.(type) {
		case Interruptible:
			d.MinOn, d.MinOff, d.RunSlots = hold, hold, d.RunSlots*rapid.IntRange(1, 1000).Draw(t, "run")
			p.Devices[i] = d
		case Vehicle:
			d.ChargeEfficiency, d.Required, d.Ranges[0].Min = 1e-6, d.Required*1e4, 0
			p.Devices[i] = d
		case Battery:
			d.ChargeMax, d.DischargeMax = greatest, greatest
			d.EnergyInitial, d.EnergyMax = min(d.EnergyInitial*energy.WattHours(factor("initial")), greatest), d.EnergyMin
			p.Devices[i] = d
		case Thermal:
			d.MinOn, d.MinOff, d.LossPerHour, d.PowerMin = hold, hold, 1-1e-9, 0
			d.COP[0], d.Draw[0] = 0, -greatest
			p.Devices[i] = d
		}
	}
}

func TestSolve_AnswersTheWildestProblem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, rapid.IntRange(1, 6).Draw(t, "slots"))
		makeWild(t, p)
		plan, err := Solve(context.Background(), p, Options{TimeLimit: 10 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		if gap, ok := plan.Gap(); gap < 0 || ok != (len(plan.Violations) == 0) {
			t.Fatalf("gap %v (%v) with %d violations", gap, ok, len(plan.Violations))
		}
		var b bytes.Buffer
		if err := plan.Write(&b); err != nil || !json.Valid(b.Bytes()) {
			t.Fatalf("not printable: %v", err)
		}
	})
}
