package scheduler

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// gridded is a problem of n steps of minutes from a time of day on, in which nothing happens but what a device does.
func gridded(start string, minutes, n int, devices ...Device) *Problem {
	p := problemOf(n, nil, nil)
	p.Grid = energy.NewGrid(mustTime("2026-03-29T"+start+":00Z"), time.Duration(minutes)*time.Minute, n)
	p.Devices = devices
	return p
}

func rules(text ...any) (out []Rule) {
	for i := 0; i < len(text); i += 2 {
		out = append(out, Rule{time.Duration(text[i].(int)) * time.Minute, time.Duration(text[i+1].(int)) * time.Minute})
	}
	return out
}

func TestCoarsen_EndsSlotsOnTheClockAndWithWindows(t *testing.T) {
	car := Vehicle{ID: "car", Arrive: 4, Depart: 11, Ranges: []Range{{0, 1000}}, ChargeEfficiency: 1, Room: 1000}
	run := Interruptible{ID: "run", Power: 100, RunSlots: 1, LatestEnd: 7}
	dish := Shiftable{ID: "dish", Profile: Constant(100, 1), Earliest: 4, LatestEnd: 5}
	for name, c := range map[string]struct {
		p     *Problem
		rules []Rule
		want  []int
	}{
		"the drawing":           {gridded("10:05", 5, 11), rules(5, 15, 15, 0), []int{1, 1, 1, 2, 3, 3}},
		"on the hour":           {gridded("10:45", 15, 6), rules(60, 0), []int{1, 4, 1}},
		"no shorter than steps": {gridded("10:45", 15, 3), rules(5, 0), []int{1, 1, 1}},
		"rules end slots":       {gridded("10:00", 5, 12), rules(15, 20, 30, 0), []int{3, 1, 2, 6}},
		"the last goes on":      {gridded("10:00", 5, 9), rules(5, 10, 15, 20), []int{1, 1, 1, 3, 3}},
		"with windows":          {gridded("10:00", 5, 12, car, run, dish), rules(60, 0), []int{4, 3, 4, 1}},
		"off the clock":         {gridded("10:02", 5, 9), rules(15, 0), []int{3, 3, 3}},
		"beyond the grid":       {gridded("10:00", 30, 3), rules(30, 300, 60, 0), []int{1, 1, 1}},
	} {
		got, err := Coarsen(c.p, c.rules...)
		if err != nil || !slices.Equal(got.Spans, c.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, c.want)
		}
	}
}

func TestCoarsen_KeepsBlocksOfThePeakApart(t *testing.T) {
	for name, c := range map[string]struct {
		averaging int
		counts    string // of each step
		windows   []int
		want      []int
	}{
		"slots of whole blocks":     {2, "", nil, []int{6, 6}},
		"slots within blocks":       {12, "", nil, []int{6, 6}},
		"the last block is shorter": {5, "", nil, []int{5, 1, 4, 2}},
		"a window cuts blocks":      {4, "", []int{5, 9}, []int{4, 1, 1, 2, 1, 3}},
		"where they count":          {3, "xxxxxx...xxx", nil, []int{6, 3, 3}},
		"where a part counts":       {3, "xxxx..xxxxxx", nil, []int{3, 3, 6}},
	} {
		p := gridded("10:00", 10, 12)
		p.Peak = Peak{Price: 1, Averaging: c.averaging}
		for _, r := range c.counts {
			p.Peak.Slots = append(p.Peak.Slots, r == 'x')
		}
		if c.windows != nil {
			p.Devices = []Device{Vehicle{ID: "car", Arrive: c.windows[0], Depart: c.windows[1], Ranges: []Range{{0, 1000}}, ChargeEfficiency: 1, Room: 1000}}
		}
		got, err := Coarsen(p, rules(60, 0)...)
		if err != nil || !slices.Equal(got.Spans, c.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, c.want)
		}
	}
}

func TestCoarsen_NamesWhatIsWrong(t *testing.T) {
	p := gridded("10:00", 5, 12)
	for want, bad := range map[string][]Rule{
		"no rules":                             nil,
		"slots of 0s: want up to 24h0m0s":      rules(0, 0),
		"slots of 25h0m0s: want up to":         rules(1500, 0),
		"slots of 7m0s: no whole steps of 5m":  rules(7, 0),
		"slots of 5m0s to the end, but":        rules(5, 0, 15, 0),
		"15m0s until 30m0s, which is no later": rules(5, 60, 15, 30),
	} {
		if _, err := Coarsen(p, bad...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", bad, err, want)
		}
	}
	c, err := Coarsen(p, rules(15, 0)...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Coarsen(c.Problem, rules(15, 0)...); err == nil {
		t.Error("what is coarse was made coarser")
	}
	if _, err := c.Fine(context.Background(), &Plan{}); err != nil { // it has no devices
		t.Error(err)
	}
	p.Currency = "?"
	if _, err := Coarsen(p, rules(15, 0)...); err == nil {
		t.Error("a problem with faults was made coarse")
	}
}

func TestCoarse_WantsAPlanOfItsOwn(t *testing.T) {
	c, err := Coarsen(gridded("10:00", 5, 12, Battery{ID: "battery", EnergyMax: 1000, ChargeEfficiency: 1, DischargeEfficiency: 1}), rules(15, 0)...)
	if err != nil {
		t.Fatal(err)
	}
	for name, devices := range map[string][]DevicePlan{
		"none": nil, "another device": {{ID: "car", Power: Constant(0, 4)}}, "of steps": {{ID: "battery", Power: Constant(0, 12)}},
	} {
		if _, err := c.Fine(context.Background(), &Plan{Evaluation: Evaluation{Devices: devices}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// drawFine is a problem with slots that are steps, and rules for it.
func drawFine(t *rapid.T) (*Problem, []Rule) {
	p := drawProblem(t, rapid.IntRange(1, 8).Draw(t, "steps"))
	p.Peak = drawPeak(t)
	if rapid.Bool().Draw(t, "some count") && p.Peak.Price > 0 {
		p.Peak.Slots = rapid.SliceOfN(rapid.Bool(), p.Slots(), p.Slots()).Draw(t, "counts")
	}
	p.Grid = energy.NewGrid(p.Grid.Start.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "start"))*time.Hour), p.Grid.Step, p.Slots())
	hours := func(label string) int { return 60 * rapid.IntRange(1, 4).Draw(t, label) }
	first := hours("until")
	return p, rules(hours("slot"), first, hours("slot"), first+hours("until"), hours("slot"), 0)
}

func TestCoarsen_KeepsWhatAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, by := drawFine(t)
		c, err := Coarsen(p, by...)
		if err != nil {
			t.Fatal(err)
		}
		firsts := c.firstSteps()
		for slot, span := range c.Spans {
			longest := max(by[0].Slot, by[1].Slot, by[2].Slot)
			if time.Duration(span)*p.Grid.Step > longest {
				t.Fatalf("slot %d has %d steps, the rules are %v", slot, span, by)
			}
			buy, solar, base := 0.0, energy.Watts(0), energy.Watts(0)
			for step := firsts[slot]; step < firsts[slot+1]; step++ {
				buy += p.ImportPrice[step].Float()
				solar += p.Solar[step]
				base += p.BaseLoad[step]
			}
			n := float64(span)
			if math.Abs(buy-n*c.ImportPrice[slot].Float()) > 1e-9 || math.Abs(float64(solar)-n*float64(c.Solar[slot])) > 1e-6 || math.Abs(float64(base)-n*float64(c.BaseLoad[slot])) > 1e-6 {
				t.Fatalf("slot %d: %v, %v, %v; its steps have %v, %v, %v", slot, c.ImportPrice[slot], c.Solar[slot], c.BaseLoad[slot], buy, solar, base)
			}
		}
		for i, d := range p.Devices {
			if d, ok := d.(Thermal); ok {
				if sum(c.Devices[i].(Thermal).Draw) != sum(d.Draw) {
					t.Fatalf("%v is drawn, of %v", c.Devices[i].(Thermal).Draw, d.Draw)
				}
			}
		}
		if len(p.ImportPrice) != p.Slots() || p.Spans != nil {
			t.Fatal("the problem it was made of has changed")
		}
	})
}

func sum[T ~float64](values []T) (s T) {
	for _, v := range values {
		s += v
	}
	return s
}

// A power that a limit leaves devices throughout a slot is left them in each of its steps.
func TestCoarsen_LimitsHoldInEveryStep(t *testing.T) {
	kept := 0
	rapid.Check(t, func(t *rapid.T) {
		p, by := drawFine(t)
		p.Devices, p.Circuits, p.SolarCurtailable = nil, nil, false
		for step := range p.ImportLimit {
			p.ImportLimit[step] = energy.Watts(rapid.IntRange(1, 9).Draw(t, "import limit") * watt)
			p.ExportLimit[step] = energy.Watts(rapid.IntRange(0, 9).Draw(t, "export limit") * watt)
		}
		c, err := Coarsen(p, by...)
		if err != nil {
			t.Fatal(err)
		}
		firsts := c.firstSteps()
		for slot := range c.Spans {
			device := energy.Watts(rapid.IntRange(-9, 9).Draw(t, "device") * watt)
			if net := c.BaseLoad[slot] - c.Solar[slot] + device; net > c.ImportLimit[slot] || -net > c.ExportLimit[slot] {
				continue
			}
			for step := firsts[slot]; step < firsts[slot+1]; step++ {
				alone := p.BaseLoad[step] - p.Solar[step]
				isOver := alone > p.ImportLimit[step] || -alone > p.ExportLimit[step] // whatever devices do
				if net := alone + device; !isOver && device != 0 && (net > p.ImportLimit[step]+1e-6 && device > 0 || -net > p.ExportLimit[step]+1e-6 && device < 0) {
					isNone := c.ImportLimit[slot] == 0 || c.ExportLimit[slot] == 0 // less than nothing is not to be said
					if !isNone {
						t.Fatalf("slot %d leaves %v, but not step %d: %v of %v, %v", slot, device, step, net, p.ImportLimit[step], p.ExportLimit[step])
					}
				}
				kept++
			}
		}
	})
	if kept == 0 {
		t.Error("no power was left")
	}
}

// Of any problem the way there and back gives a plan of the problem, with a bound that holds.
func TestCoarsen_ThereAndBackIsAPlan(t *testing.T) {
	plans := 0
	rapid.Check(t, func(t *rapid.T) {
		p, by := drawFine(t)
		c, err := Coarsen(p, by...)
		if err != nil {
			t.Fatal(err)
		}
		coarse, err := Solve(context.Background(), c.Problem, Options{TimeLimit: 50 * time.Millisecond, Gap: 20_000_000})
		if err != nil {
			t.Fatal(err)
		}
		plan, err := c.Fine(context.Background(), coarse)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Evaluate(p, plan.powers())
		if err != nil || again.Objective != plan.Objective || len(again.Violations) != len(plan.Violations) {
			t.Fatalf("%v at %v; it costs %v, %v", plan.powers(), plan.Objective, again, err)
		}
		if gap, ok := plan.Gap(); ok != (len(plan.Violations) == 0) || gap < 0 {
			t.Fatalf("a gap of %v (%v), violations %v", gap, ok, plan.Violations)
		}
		if err := plan.Write(new(discard)); err != nil {
			t.Fatal(err)
		}
		if plan.Status == Relaxed || coarse.Status == Relaxed {
			return
		}
		plans++
		// From there the search on the steps goes on.
		better, err := Solve(context.Background(), p, Options{TimeLimit: 50 * time.Millisecond, Gap: 20_000_000, Warm: plan, Exchange: -1, Stickiness: -1})
		if err != nil || better.Objective > plan.Objective+slips || plan.LowerBound > better.Objective+slips && better.Status != Relaxed {
			t.Fatalf("from %v (bound %v) to %v, %v", plan.Objective, plan.LowerBound, better.Objective, err)
		}
	})
	if plans < 10 {
		t.Errorf("only %d plans violated nothing", plans)
	}
}

func TestCoarse_LaysRunsOutInTheirOwnSteps(t *testing.T) {
	p := gridded("10:00", 5, 12,
		Shiftable{ID: "dish", Profile: []energy.Watts{2000, 100, 0, 600}, LatestEnd: 12},
		Interruptible{ID: "pump", Power: 300, RunSlots: 5, LatestEnd: 12},
		Battery{ID: "battery", EnergyMax: 2000, ChargeMax: 900, ChargeEfficiency: 1, DischargeEfficiency: 1},
	)
	c, err := Coarsen(p, rules(15, 0)...)
	if err != nil {
		t.Fatal(err)
	}
	plan := &Plan{Evaluation: Evaluation{Devices: []DevicePlan{
		{ID: "dish", Power: []energy.Watts{0, 700, 200, 0}}, // 2000+100+0, 600+0+0 in three steps
		{ID: "pump", Power: []energy.Watts{300, 0, 200, 0}},
		{ID: "battery", Power: []energy.Watts{0, 900, 0, 300}},
	}}}
	got, err := c.Powers(plan)
	want := [][]energy.Watts{
		{0, 0, 0, 2000, 100, 0, 600, 0, 0, 0, 0, 0}, {300, 300, 300, 0, 0, 0, 300, 300, 0, 0, 0, 0}, {0, 0, 0, 900, 900, 900, 0, 0, 0, 300, 300, 300},
	}
	for i := range want {
		if err != nil || !slices.Equal(got[i], want[i]) {
			t.Errorf("%s: %v, %v, want %v", p.Devices[i].Name(), got, err, want[i])
		}
	}
	fine, err := c.Fine(context.Background(), plan)
	if err != nil || len(fine.Violations) > 0 || fine.LowerBound != noBound || fine.Certificate != nil {
		t.Errorf("%+v, %v: a plan without prices has no bound", fine, err)
	}
}

func TestCoarse_SolveIsASolveOfTheSteps(t *testing.T) {
	p := read(t, "M0")
	c, err := Coarsen(p, rules(15, 360, 60, 0)...)
	if err != nil {
		t.Fatal(err)
	}
	var last Progress
	told := 0
	const limit = 400 * time.Millisecond
	o := Options{TimeLimit: limit, Progress: func(at Progress) {
		if told++; at.Elapsed < last.Elapsed || at.Elapsed < limit/share/2 {
			t.Errorf("told at %v, after %v", at.Elapsed, last.Elapsed)
		}
		last = at
	}}
	plan, err := c.Solve(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if plan.Spans != nil || len(plan.Import) != p.Slots() || plan.Status == Relaxed || told == 0 || last.Objective != plan.Objective {
		t.Errorf("%s at %v over %d slots, told %d times, last %+v", plan.Status, plan.Objective, len(plan.Import), told, last)
	}
	wantProof(t, p, plan)
	o.Progress = nil
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if plan, err = c.Solve(ended, o); err != nil || len(plan.Import) != p.Slots() {
		t.Errorf("after its end: %+v, %v", plan, err)
	}
	o.Gap, o.TimeLimit = 1e9, 0
	if plan, err = c.Solve(context.Background(), o); err != nil || plan.Status != Optimal {
		t.Errorf("within a unit of money: %s, %v", plan.Status, err)
	}
}
