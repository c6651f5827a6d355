package decide

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/devices"
	"hearth/energy"
	"hearth/scheduler"
)

// order is one of a kind from one local hour to another.
func order(t testing.TB, k Kind, from, to int) Order {
	return Order{Interval: energy.Interval{Start: local(t, from, 0), End: local(t, to, 0)}, Kind: k, Title: "Test", Source: "utility", Event: "e"}
}

// heat is the alert of the sentences.
func heat(t testing.TB, from, to int) Order {
	o := order(t, High, from, to)
	o.Title, o.Text = "Flex alert", "heat wave"
	return o
}

func emergencyOf(t testing.TB, from, to int) Order {
	o := order(t, Emergency, from, to)
	o.Title = "Grid emergency"
	return o
}

// taken is what a plan takes from the grid in an interval.
func taken(p *Plan, i energy.Interval) (sum energy.WattHours) {
	for slot, w := range p.Import {
		if i.Contains(p.Problem.Grid.Slot(slot).Start) {
			sum += w.Over(p.Problem.Grid.Step)
		}
	}
	return sum
}

// Whatever the home and whatever the alert: not more is taken inside it than without it, costs are those of true prices,
// and what is required is done as it was. What solvers leave open (their gaps) is what they may differ by.
func TestSolve_AnAlertNeverTakesMoreAndCostsAreTrue(t *testing.T) {
	h := home(dishwasher, boiler, car, house)
	h.Horizon = 6 * time.Hour
	p, err := New(h)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		now, seen, memory := situation(t, p)
		signals := tariff(t)
		o := Order{Kind: rapid.SampledFrom([]Kind{Moderate, High}).Draw(t, "kind")}
		o.Start = now.Truncate(15 * time.Minute).Add(time.Duration(rapid.IntRange(-4, 24).Draw(t, "from")) * 15 * time.Minute)
		o.End = o.Start.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "length")) * 15 * time.Minute)
		options := scheduler.Options{TimeLimit: 20 * time.Millisecond, Seed: 1}
		solve := func(in Input) *Plan {
			plan, err := p.Solve(context.Background(), in, options)
			if err != nil {
				t.Fatal(err)
			}
			return plan
		}
		without := solve(p.Input(now, signals, seen, memory))
		signals.Orders = []Order{o}
		in := p.Input(now, signals, seen, memory)
		with := solve(in)

		for _, plan := range []*Plan{without, with} {
			power := make([][]energy.Watts, len(plan.Devices))
			for i, d := range plan.Devices {
				power[i] = d.Power
			}
			paid, err := scheduler.Evaluate(without.Problem, power)
			if err != nil || paid.Objective != plan.Objective || !reflect.DeepEqual(paid.Costs, plan.Costs) {
				t.Fatalf("costs %+v, in true prices %+v, %v", plan.Costs, paid, err)
			}
		}
		if len(with.Violations) > len(without.Violations) {
			t.Fatalf("not done because of an alert: %+v, without it %+v", with.Violations, without.Violations)
		}
		if len(without.Violations)+len(with.Violations) > 0 {
			return // what cannot be met either way has no bound to judge by
		}
		extra := surcharges(with.Problem, in.Orders)
		if extra == nil {
			t.Fatal("an alert without a surcharge")
		}
		most, rate := energy.WattHours(0), energy.Price(0)
		for _, e := range extra {
			rate = max(rate, e)
		}
		if rate == 0 {
			return // it is not within the plan
		}
		gaps, _ := with.Gap()
		gap, _ := without.Gap()
		most = energy.WattHours((gaps + gap).Float() / rate.Float() * 1000)
		slots := o.Interval
		if a, b := taken(with, slots), taken(without, slots); a > b+most+1 {
			t.Fatalf("%v taken with it, %v without; gaps allow %v", a, b, most)
		}
	})
}

// In an emergency nothing is taken from the grid but what the house takes by itself and what runs already; what is
// required is done as soon as there is room for it.
func TestSolve_AnEmergencyTakesNoMoreThanTheHouse(t *testing.T) {
	h := home(dishwasher, boiler, car, house)
	h.Horizon = 18 * time.Hour
	p, err := New(h)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		now, seen, memory := situation(t, p)
		signals := tariff(t)
		o := Order{Kind: Emergency}
		o.Start = now.Truncate(15 * time.Minute).Add(time.Duration(rapid.IntRange(-4, 24).Draw(t, "from")) * 15 * time.Minute)
		o.End = o.Start.Add(time.Duration(rapid.IntRange(1, 96).Draw(t, "length")) * 15 * time.Minute)
		solve := func(in Input) *Plan {
			plan, err := p.Solve(context.Background(), in, scheduler.Options{TimeLimit: 20 * time.Millisecond, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			return plan
		}
		without := solve(p.Input(now, signals, seen, memory))
		signals.Orders = []Order{o}
		in := p.Input(now, signals, seen, memory)
		plan := solve(in)
		for slot, is := range emergencies(in.Orders, plan.Problem.Grid) {
			own := plan.Problem.BaseLoad[slot] + p.running(plan.Problem, in, slot)
			if is && plan.Import[slot] > own+0.5 {
				t.Fatalf("slot %d takes %v where the house takes %v", slot, plan.Import[slot], own)
			}
		}
		if len(plan.Violations) > len(without.Violations) { // what has no time left cannot be met either way
			t.Fatalf("not whole: %+v of %+v", plan.Violations, plan.Problem.Devices)
		}
	})
}

// Devices say that they wait for the operator, in whose words, and until when.
func TestWants_NameTheOperatorsWord(t *testing.T) {
	now := local(t, 18, 30)
	level := order(t, High, 18, 20)
	level.Title, level.Level, level.Text = "Level 2: high", 2, "evening"
	setpoint := order(t, Setpoint, 18, 20)
	setpoint.Power = 1000
	limit := order(t, ImportLimit, 18, 20)
	limit.Power, limit.Text = 3000, "evening limit"
	flat := prices(t, slicesOf(0.3, 72)...)
	for code, c := range map[string]struct {
		order Order
		says  string
	}{
		"grid_alert":    {heat(t, 18, 20), ": the grid's operator asks to shift use out of 18:00 to 20:00 (Flex alert: heat wave)."},
		"grid_level":    {level, ": the grid's operator asks to shift use out of 18:00 to 20:00 (Level 2: high: evening)."},
		"grid_limit":    {limit, ": the grid's operator allows the home 3kW now (evening limit)."},
		"grid_setpoint": {setpoint, ": the grid's operator asks for 1kW until 20:00."},
	} {
		p := planner(t, car)
		signals := flat
		signals.Orders = []Order{c.order}
		plan, wants := decided(t, p, p.Input(now, signals, plugged(now, 0), nil))
		w := wants["car"]
		if w.Setpoint != (energy.Setpoint{Mode: energy.AtPower}) || w.Reason.Code != code || !strings.HasSuffix(w.Reason.Text, c.says) || !strings.HasPrefix(w.Reason.Text, "Waits until ") {
			t.Errorf("%s: %+v", code, w)
		}
		if run, ok := plan.Run("car", now); !ok || run.Start.Before(local(t, 20, 0)) {
			t.Errorf("%s: runs %v", code, run)
		}
	}
	// Where waiting saves money too, it says so.
	p := planner(t, car)
	signals := valley(t)
	signals.Orders = []Order{heat(t, 18, 20)}
	_, wants := decided(t, p, p.Input(now, signals, plugged(now, 0), nil))
	if text := wants["car"].Reason.Text; !strings.HasSuffix(text, "(Flex alert: heat wave), and a kWh then costs 0.200 EUR/kWh instead of 0.400 EUR/kWh now.") {
		t.Errorf("%q", text)
	}
}

func slicesOf(v float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// What runs in an alert all the same says why: it costs the grid nothing, or it has no other time.
func TestWants_WhatRunsInAnAlertSaysWhy(t *testing.T) {
	soon := car
	soon.Vehicle = &Vehicle{Need: 14000, Ready: 19*60 + 45, MaxCharge: 11000, MinCharge: 4140, Efficiency: 0.92}
	now := local(t, 18, 30)
	signals := prices(t, slicesOf(0.3, 72)...)
	signals.Orders = []Order{heat(t, 18, 20)}
	p := planner(t, soon)
	_, wants := decided(t, p, p.Input(now, signals, plugged(now, 0), nil))
	if r := wants["car"].Reason; r != (Reason{"no_other_time", "Charges now in spite of what the grid's operator asks: there is no better time left for it."}) {
		t.Errorf("%+v", r)
	}
	today := boiler
	today.Daily = Window{After: 18 * 60, Before: 20*60 + 30}
	p = planner(t, today)
	signals.Solar = energy.Series[energy.Watts]{Points: []energy.Point[energy.Watts]{{Interval: energy.Span(local(t, 18, 0), 3*time.Hour), Value: 5000}}}
	_, wants = decided(t, p, p.Input(now, signals, nil, nil))
	if r := wants["boiler"].Reason; r != (Reason{"own_energy", "Runs now from the sun or the battery: nothing is taken from the grid."}) {
		t.Errorf("%+v", r)
	}
	signals.Orders = nil
	if _, wants = decided(t, p, p.Input(now, signals, nil, nil)); wants["boiler"].Reason.Code != "run_cheap" {
		t.Errorf("%+v", wants["boiler"].Reason)
	}
}

// Within an emergency everything that can wait is held, and a deadline that falls into it moves behind it; a program
// that runs is not cut.
func TestWants_AnEmergencyHoldsAllButWhatRuns(t *testing.T) {
	now := local(t, 22, 0)
	seen := plugged(now, 0)
	seen["battery"] = devices.Observation{SoC: energy.Read(energy.SoC(0.8), now)}
	p := planner(t, dishwasher, boiler, car, house)
	signals := valley(t)
	signals.Orders = []Order{emergencyOf(t, 20, 24+9)}
	plan, wants := decided(t, p, p.Input(now, signals, seen, Memory{}))
	for _, name := range []string{"dishwasher", "boiler", "car"} {
		w := wants[name]
		if w.Reason.Code != "grid_alert" || !strings.Contains(w.Reason.Text, "as little as can be until Wed 09:00 (Grid emergency)") || w.Setpoint.Power != 0 || w.Setpoint.Mode == energy.On || w.Setpoint.Mode == energy.Release {
			t.Errorf("%s: %+v", name, w)
		}
		if run, ok := plan.Run(name, now); !ok || run.Start.Before(local(t, 33, 0)) {
			t.Errorf("%s runs %v, %v", name, run, ok)
		}
	}
	if w := wants["battery"]; !strings.HasPrefix(w.Reason.Text, "Covers the house: the grid's operator asks") || plan.Power("battery")[0] >= 0 {
		t.Errorf("%+v", w)
	}
	running := Memory{"dishwasher": {Began: now.Add(-20 * time.Minute), IsOn: true}}
	plan, wants = decided(t, p, p.Input(now, signals, seen, running))
	if w := wants["dishwasher"]; w.Setpoint.Mode != energy.On || w.Reason.Code != "running" || len(plan.Violations) > 0 {
		t.Errorf("%+v, %+v", w, plan.Violations)
	}
	// One without an end in sight: nothing fits, and nothing is let go.
	signals.Orders = []Order{emergencyOf(t, 20, 24*7)}
	plan, wants = decided(t, p, p.Input(now, signals, seen, Memory{}))
	for _, name := range []string{"dishwasher", "boiler", "car"} {
		if w := wants[name]; w.Reason.Code != "grid_alert" || w.Setpoint.Mode == energy.On || w.Setpoint.Mode == energy.Release || w.Setpoint.Power != 0 {
			t.Errorf("without end, %s: %+v", name, w)
		}
	}
	if len(plan.Violations) > 0 {
		t.Errorf("%+v", plan.Violations)
	}
}

// The battery is full when a possible outage begins, keeps that until it is over, and serves in an emergency.
func TestBattery_IsReadyForAnOutage(t *testing.T) {
	p := planner(t, house)
	at := func(now time.Time, soc energy.SoC, orders ...Order) (*Plan, Want) {
		signals := valley(t)
		signals.Orders = orders
		plan, wants := decided(t, p, p.Input(now, signals, map[string]devices.Observation{"battery": {SoC: energy.Read(soc, now)}}, nil))
		return plan, wants["battery"]
	}
	outage := order(t, Outage, 20, 23)
	outage.Title = "Possible outage"
	plan, want := at(local(t, 18, 0), 0.3, outage)
	d, _ := plan.Device("battery")
	if full := energy.WattHours(9500); len(plan.Violations) > 0 || d.Energy[7] < full-10 || d.Energy[19] < full-10 {
		t.Errorf("at 20:00 it holds %v, at 23:00 %v: %+v", d.Energy[7], d.Energy[19], plan.Violations)
	}
	if run, _ := plan.Run("battery", local(t, 18, 0)); run.Start.Equal(local(t, 18, 0)) && want.Reason.Text != "Charges from the grid: the grid's operator warns of an outage from 20:00 to 23:00 (Possible outage)." {
		t.Errorf("%+v", want)
	}
	// Too late to be filled: what can be is, and there is still a plan that keeps all it promises.
	if plan, _ = at(local(t, 19, 30), 0.3, outage); len(plan.Violations) > 0 || plan.Power("battery")[0] < 3999 {
		t.Errorf("%v %+v", plan.Power("battery")[0], plan.Violations)
	}
	plan, want = at(local(t, 21, 0), 0.6, outage)
	for slot, w := range plan.Power("battery") {
		if w < -1 && slot < 8 {
			t.Errorf("slot %d gives %v", slot, w)
		}
	}
	if want.Reason.Text != "Keeps what it has: the grid's operator warns of an outage until 23:00 (Possible outage)." {
		t.Errorf("%+v", want)
	}
	if plan, _ = at(local(t, 21, 0), 0.6, outage, emergencyOf(t, 20, 22)); plan.Power("battery")[0] > -200 {
		t.Errorf("in an emergency it gives %v", plan.Power("battery")[0])
	}
	charge := order(t, Charge, 18, 21)
	charge.SoC = 0.7
	plan, _ = at(local(t, 18, 0), 0.3, charge)
	if d, _ = plan.Device("battery"); d.Energy[11] < 6990 {
		t.Errorf("at 21:00 it holds %v", d.Energy[11])
	}
}

// A setpoint of the home bounds its hours and draws to them what can be moved.
func TestSolve_ASetpointDrawsWhatCanBeMoved(t *testing.T) {
	p := planner(t, house, boiler)
	now := local(t, 18, 0)
	signals := prices(t, slicesOf(0.3, 72)...)
	o := order(t, Setpoint, 20, 21)
	o.Power = 3000
	signals.Orders = []Order{o}
	in := p.Input(now, signals, map[string]devices.Observation{"battery": {SoC: energy.Read(energy.SoC(0.3), now)}}, nil)
	plan, _ := decided(t, p, in)
	for slot := 8; slot < 12; slot++ {
		if w := plan.Import[slot]; w < 2990 || w > 3000.5 {
			t.Errorf("slot %d takes %v", slot, w)
		}
	}
	if plan.Costs.Import < 0 || len(plan.Violations) > 0 {
		t.Errorf("%+v, %+v", plan.Costs, plan.Violations)
	}
}

// The hardest order of a slot counts, and what draws yields to all that press.
func TestSurcharges_TheHardestCounts(t *testing.T) {
	p := planner(t)
	now := local(t, 18, 0)
	problem, err := p.Problem(p.Input(now, prices(t, slicesOf(0.3, 72)...), nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	of := order(t, High, 18, 24)
	of.Device = "car"
	all := []Order{order(t, Setpoint, 18, 22), order(t, Moderate, 19, 23), heat(t, 20, 21), emergencyOf(t, 20, 21), order(t, Moderate, 20, 21), order(t, Notice, 18, 30), of}
	for range 2 {
		extra := surcharges(problem, all)
		for hour, want := range []float64{-0.3, 0.3, 3, 0.3, 0.3, 0} {
			if got := extra[hour*4]; got != energy.PriceOf(want) {
				t.Errorf("at %d:00 %v, want %v", 18+hour, got, want)
			}
		}
		for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
			all[i], all[j] = all[j], all[i]
		}
	}
	if notice := []Order{order(t, Notice, 18, 30), of}; surcharges(problem, notice) != nil || asked(problem, nil) != problem {
		t.Error("a notice bends the problem")
	}
}

// Slots of a task in view of emergencies: x is one, a dot is free.
func TestSpared_MovesADeadlineBehindAnEmergency(t *testing.T) {
	for _, c := range []struct {
		slots                string
		from, to, need, run  int
		first, end, hasFound int
	}{
		{"....xxxx....", 0, 4, 4, 1, 0, 4, 4},
		{"..xxxxxx....", 0, 4, 4, 1, 0, 10, 4},  // two before, two behind
		{"..xxxxxx....", 0, 4, 4, 4, 0, 12, 4},  // without a break
		{"xxxx........", 0, 4, 4, 1, 4, 8, 4},   // does not begin in one
		{"xxxxxxxxxx..", 0, 4, 4, 1, 10, 12, 2}, // the grid ends before
		{"xxxxxxxxxxxx", 0, 4, 4, 1, 12, 12, 0},
		{"....xxxx....", 8, 12, 4, 1, 8, 12, 4},
	} {
		blocked := make([]bool, len(c.slots))
		for i := range blocked {
			blocked[i] = c.slots[i] == 'x'
		}
		first, end, free := spared(blocked, c.from, c.to, c.need, c.run)
		if first != c.first || end != c.end || free != c.hasFound {
			t.Errorf("%s: from %d to %d with %d", c.slots, first, end, free)
		}
	}
	if first, end, free := spared(nil, 3, 7, 2, 1); first != 3 || end != 7 || free < 2 {
		t.Errorf("without any: %d %d %d", first, end, free)
	}
}
