package scheduler

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hearth/energy"
)

// onAndOff yields every way to be on or off in n slots.
func onAndOff(n int) func(yield func(text string) bool) {
	return func(yield func(string) bool) {
		for bits := range 1 << n {
			text := make([]byte, n)
			for i := range text {
				text[i] = ".X"[bits>>i&1]
			}
			if !yield(string(text)) {
				return
			}
		}
	}
}

// powers are the powers of "..XX.".
func powers(text string, w energy.Watts) []energy.Watts {
	out := make([]energy.Watts, len(text))
	for i, c := range text {
		if c == 'X' {
			out[i] = w
		}
	}
	return out
}

// has says that a violation of a kind was found.
func has(e *Evaluation, c Constraint) bool {
	return slices.ContainsFunc(e.Violations, func(v Violation) bool { return v.Constraint == c })
}

// The hold times are read off a drawing: the past, drawn as it was (off for ever, where nothing is known),
// then the plan. Runs are what lies between two dots, pauses what lies between two crosses.
func TestEvaluate_HoldTimesAreReadOffADrawing(t *testing.T) {
	const n = 6
	rapid.Check(t, func(t *rapid.T) {
		d := Interruptible{ID: "pump", Power: 1000, LatestEnd: n, MinOn: rapid.IntRange(1, 4).Draw(t, "min on"), MinOff: rapid.IntRange(1, 4).Draw(t, "min off"), StartCost: 10}
		d.OnFor, d.OffFor = drawPast(t)
		d.MaxStarts = drawStarts(t)
		past := strings.Repeat(".", 9)
		switch {
		case d.OnFor > 0:
			past += strings.Repeat("X", d.OnFor)
		case d.OffFor > 0:
			past = "X" + strings.Repeat(".", d.OffFor)
		}
		for text := range onAndOff(n) {
			d.RunSlots = strings.Count(text, "X")
			e := evaluate(alone(small6(), d), [][]energy.Watts{powers(text, d.Power)})
			drawing := past + text
			tooShort, tooSoon := false, false
			for _, run := range strings.Split(drawing[len(past)-d.OnFor:]+".", ".") {
				tooShort = tooShort || run != "" && len(run) < d.MinOn
			}
			if d.OnFor > 0 && text[0] == '.' { // what ended with the past
				tooShort = tooShort || d.OnFor < d.MinOn
			}
			pauses := strings.Split(strings.TrimRight(drawing, "."), "X")
			for i, pause := range pauses {
				tooSoon = tooSoon || i > 0 && pause != "" && len(pause) < d.MinOff
			}
			starts := strings.Count(drawing[len(past)-1:], ".X")
			if has(e, MinOn) != tooShort || has(e, MinOff) != tooSoon {
				t.Fatalf("%s|%s, at least %d on and %d off: %v", past, text, d.MinOn, d.MinOff, e.Violations)
			}
			if e.Costs.Starts != energy.Money(10*starts) || has(e, MaxStarts) != (d.MaxStarts != nil && starts > *d.MaxStarts) {
				t.Fatalf("%s|%s: %d starts cost %v: %v", past, text, starts, e.Costs.Starts, e.Violations)
			}
		}
	})
}

// small6 is a home of six hours without anything.
func small6() *Problem {
	p := small()
	p.Grid = energy.NewGrid(p.Grid.Start, p.Grid.Step, 6)
	p.ImportPrice, p.ExportPrice = make([]energy.Price, 6), make([]energy.Price, 6)
	p.Solar, p.BaseLoad = Constant(0, 6), Constant(0, 6)
	return p
}

func TestEvaluate_ARunIsRightInItsWindowAndNowhereElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 6
		from := rapid.IntRange(0, n-1).Draw(t, "from")
		d := Shiftable{ID: "dish", Profile: drawWatts(t, rapid.IntRange(1, 4).Draw(t, "length"), 3, "profile"), Earliest: from, LatestEnd: rapid.IntRange(from+1, n).Draw(t, "to")}
		d.Profile[rapid.IntRange(0, len(d.Profile)-1).Draw(t, "peak")] = 2500 // never a profile of nothing
		p := alone(small6(), d)
		for start := range n - len(d.Profile) + 1 {
			row := make([]energy.Watts, n)
			copy(row[start:], d.Profile)
			e := evaluate(p, [][]energy.Watts{row})
			late := max(start+len(d.Profile)-d.LatestEnd, d.Earliest-start, 0)
			switch {
			case late == 0 && len(e.Violations) > 0:
				t.Fatalf("%+v from slot %d: %v", d, start, e.Violations)
			case late > 0 && (len(e.Violations) != 1 || e.Violations[0].Constraint != Window || e.Violations[0].Amount != float64(late)):
				t.Fatalf("%+v from slot %d, %d slots outside: %v", d, start, late, e.Violations)
			}
			at := rapid.IntRange(0, n-1).Draw(t, "at")
			row[at] += 100
			if e := evaluate(p, [][]energy.Watts{row}); !has(e, Run) {
				t.Fatalf("%+v: 100 W too much in slot %d of a run from %d: %v", d, at, start, e.Violations)
			}
		}
	})
}

func TestEvaluate_StoresKeepTheirBooks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 6
		d := drawDevice(t, rapid.SampledFrom([]string{"vehicle", "battery", "thermal"}).Draw(t, "kind"), "store", n)
		p := alone(small6(), d)
		row := drawRow(t, d, n)
		e := evaluate(p, [][]energy.Watts{row})
		content := e.Devices[0].Energy
		if len(content) != n {
			t.Fatalf("%d contents of %d slots", len(content), n)
		}
		charged, given := 0.0, 0.0 // Wh at the AC side
		for _, w := range row {
			charged += float64(max(w, 0))
			given -= float64(min(w, 0))
		}
		switch d := d.(type) {
		case Battery:
			want := float64(d.EnergyInitial) + charged*d.ChargeEfficiency - given/d.DischargeEfficiency
			if math.Abs(float64(content[n-1])-want) > 1e-6 {
				t.Fatalf("%v left, want %v", content[n-1], want)
			}
		case Vehicle:
			short := float64(d.EnergyInitial+d.Required) - float64(content[n-1])
			if has(e, RequiredEnergy) != (short > storeSlip) {
				t.Fatalf("%v Wh short: %v", short, e.Violations)
			}
		case Thermal:
			// The heat there is, less what was drawn, is at most what was put in, and less only by its losses.
			put, drawn := float64(d.EnergyInitial), 0.0
			for s, w := range row {
				put += d.COP[s] * float64(w)
				drawn += float64(d.Draw[s])
			}
			left := float64(content[n-1]) + drawn
			if d.LossPerHour == 0 && math.Abs(left-put) > 1e-6 {
				t.Fatalf("%v Wh put in, %v came out or is left", put, left)
			}
		}
		if worn := given / 1000 * 0.02; d.Kind() == "battery" && math.Abs(e.Costs.Wear.Float()-worn) > 1e-8 {
			t.Fatalf("wear %v, want %v", e.Costs.Wear, worn)
		}
	})
}

func TestEvaluate_NoOtherCurtailmentIsCheaper(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, 3)
		p.Devices, p.Circuits, p.Peak = nil, nil, Peak{}
		e := evaluate(p, nil)
		for s := range 3 {
			a := account{problem: p}
			own := a.slotCost(s, float64(e.Import[s]-e.Export[s]))
			need := float64(p.BaseLoad[s] - p.Solar[s])
			for c := 0.0; c <= float64(p.Solar[s]) && p.SolarCurtailable; c += 100 {
				net := need + c
				if net > float64(p.ImportLimit[s]) || net < -float64(p.ExportLimit[s]) {
					continue
				}
				if other := a.slotCost(s, net); other < own-1e-9 {
					t.Fatalf("slot %d needs %v: curtailing %v costs %v, curtailing %v only %v", s, need, e.Curtailed[s], own, c, other)
				}
			}
		}
	})
}

// What a plan says of the next kWh is what Evaluate charges for a little more, wherever it would save as much
// for a little less; elsewhere the plan is at a bend, and the next kWh has no one price.
func TestMarginal_IsWhatEvaluateChargesForALittleMore(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		const n, little = 4, 10.0 // W
		p := drawProblem(t, n)
		p.Devices, p.Circuits = nil, nil
		if p.SolarCurtailable {
			p.Peak = Peak{} // being paid for import is weighed against it for all slots at once
		}
		for s := range p.BaseLoad { // away from most bends
			p.BaseLoad[s] += energy.Watts(37 * (s + 1))
		}
		e := evaluate(p, nil)
		marginal := p.marginal(e)
		with := func(s int, w energy.Watts) float64 {
			changed := *p
			changed.BaseLoad = slices.Clone(p.BaseLoad)
			changed.BaseLoad[s] += w
			return evaluate(&changed, nil).Objective.Float()
		}
		for s := range n {
			here := e.Objective.Float()
			more, less := with(s, little)-here, here-with(s, -little)
			if math.Abs(more-less) > 1e-7 {
				continue
			}
			if got, want := marginal[s].Float(), more/(little/1000); math.Abs(got-want) > 1e-6 {
				t.Fatalf("slot %d: %v, want %v; imports %v, exports %v, curtails %v at %v and %v", s, got, want, e.Import[s], e.Export[s], e.Curtailed[s], p.ImportPrice[s], p.ExportPrice[s])
			}
			switch {
			case e.Curtailed[s] > 0 && e.Import[s] > 0:
				seen["curtails to buy"]++
			case e.Curtailed[s] > 0 && p.ExportPrice[s] < 0:
				seen["curtails what would cost"]++
			case e.Curtailed[s] > 0:
				seen["curtails what may not be sold"]++
			case e.Export[s] > 0:
				seen["sells"]++
			default:
				seen["buys"]++
			}
		}
	})
	if len(seen) < 3 {
		t.Errorf("seen %v: too few of the five cases are drawn", seen)
	}
}

func TestMarginal_CurtailingLessIsFreeUnlessImportStillPays(t *testing.T) {
	p := small()
	p.Devices, p.SolarCurtailable, p.Solar = nil, true, Constant(2000, 3)
	for s := range p.ImportPrice {
		p.ImportPrice[s] = energy.PriceOf(-0.2)
	}
	for peak, want := range map[float64]float64{0: -0.2, 0.15: -0.05, 0.3: 0} {
		p.Peak = Peak{Price: energy.MoneyOf(peak)}
		e := evaluate(p, nil)
		if got := p.marginal(e); e.Curtailed[1] != 2000 || got[1] != energy.PriceOf(want) {
			t.Errorf("at a peak price of %v: %v while %v are curtailed, want %v", peak, got[1], e.Curtailed[1], want)
		}
	}
}

func TestCosts_HugeAmountsStillAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func() energy.Money {
			return money(rapid.SampledFrom([]float64{-1e300, -5, 0, 5, 1e300}).Draw(t, "amount"))
		}
		c := Costs{draw(), draw(), draw(), draw(), draw(), draw(), draw(), draw()}
		exact := 0.0
		for _, m := range []energy.Money{c.Import, c.Export, c.Carbon, c.Wear, c.Starts, c.Peak, c.Terminal, c.Value} {
			exact += m.Float()
		}
		if got := c.Sum().Float(); math.Abs(got-exact) > 1e-3 || got > 0 != (exact > 0) && math.Abs(exact) > 1e-3 {
			t.Fatalf("%+v add up to %v, want %v", c, got, exact)
		}
	})
}
