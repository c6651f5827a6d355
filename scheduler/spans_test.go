package scheduler

import (
	"context"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// slips is what a plan may gain by what Evaluate forgives.
const slips = 100_000

// unfold is the problem in which each step has what its slot has: slots are steps, and nothing is lost.
func unfold(q *Problem) *Coarse {
	c := &Coarse{Problem: q}
	p := *q
	p.Spans, p.Devices = nil, nil
	p.ImportPrice, p.ExportPrice, p.Carbon = stretch(q, q.ImportPrice), stretch(q, q.ExportPrice), stretch(q, q.Carbon)
	p.Solar, p.BaseLoad = stretch(q, q.Solar), stretch(q, q.BaseLoad)
	p.ImportLimit, p.ExportLimit = stretch(q, q.ImportLimit), stretch(q, q.ExportLimit)
	p.Peak.Slots = stretch(q, q.Peak.Slots)
	for _, d := range q.Devices {
		if d, ok := d.(Thermal); ok {
			draw := slices.Clone(d.Draw)
			for t := range draw {
				draw[t] /= energy.WattHours(q.span(t))
			}
			d.COP, d.Draw = stretch(q, d.COP), stretch(q, draw)
			p.Devices = append(p.Devices, d)
			continue
		}
		p.Devices = append(p.Devices, d)
	}
	c.fine = &p
	return c
}

// stretch is a series over slots on the steps; nil stays nil.
func stretch[T any](q *Problem, values []T) (out []T) {
	for t, v := range values {
		out = append(out, slices.Repeat([]T{v}, q.span(t))...)
	}
	return out
}

// hasPhases says that a device does not have one power throughout each slot.
func hasPhases(c *Coarse, power [][]energy.Watts, fine [][]energy.Watts) bool {
	for i, row := range power {
		for t, w := range stretch(c.Problem, row) {
			if math.Abs(float64(w-fine[i][t])) > 1e-6 {
				return true
			}
		}
	}
	return false
}

// drawAnyRow is any powers of a device, legal or not, that its grid of levels holds.
func drawAnyRow(t *rapid.T, p *Problem, d Device) []energy.Watts {
	if d, ok := d.(Shiftable); ok {
		if rows := runRows(p, d); len(rows) > 0 {
			return rapid.SampledFrom(rows).Draw(t, "run")
		}
		return make([]energy.Watts, p.Slots())
	}
	var row []energy.Watts
	for at := range p.Slots() {
		row = append(row, rapid.SampledFrom(levels(p, d, at)).Draw(t, "power"))
	}
	return row
}

func TestSpans_OfOneEachChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, rapid.IntRange(1, 6).Draw(t, "slots"))
		q := *p
		q.Spans = slices.Repeat([]int{1}, p.Slots())
		o := Options{TimeLimit: time.Minute, Gap: 20_000_000}
		a, errA := Solve(context.Background(), p, o)
		b, errB := Solve(context.Background(), &q, o)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		again, err := Evaluate(&q, a.powers())
		if err != nil || !reflect.DeepEqual(a.Evaluation, *again) || !reflect.DeepEqual(a.MarginalPrice, q.marginal(again)) {
			t.Fatalf("%+v, with spans %+v", a.Evaluation, again)
		}
		if (a.Status == Relaxed) != (b.Status == Relaxed) {
			t.Fatalf("violates %v, with spans %v", a.Violations, b.Violations)
		}
		if a.Certificate == nil || a.Status == Relaxed {
			return
		}
		if a.LowerBound > b.Objective+slips || b.LowerBound > a.Objective+slips {
			t.Fatalf("from %v to %v, with spans from %v to %v", a.LowerBound, a.Objective, b.LowerBound, b.Objective)
		}
		one, errA := Verify(p, a.Certificate)
		other, errB := Verify(&q, a.Certificate)
		if one != other || errA != nil || errB != nil {
			t.Fatalf("proves %v (%v), with spans %v (%v)", one, errA, other, errB)
		}
	})
}

// Where everything is constant in each slot, a slot is its steps on end.
func TestSpans_WithoutPhasesASlotIsWorthItsSteps(t *testing.T) {
	same := 0
	rapid.Check(t, func(t *rapid.T) {
		q := drawProblem(t, rapid.IntRange(1, 5).Draw(t, "slots"))
		q.Peak = drawPeak(t)
		lengthen(t, q)
		c := unfold(q)
		power := make([][]energy.Watts, len(q.Devices))
		for i, d := range q.Devices {
			power[i] = drawAnyRow(t, q, d)
		}
		coarse, err := Evaluate(q, power)
		if err != nil {
			t.Fatal(err)
		}
		plan := &Plan{Evaluation: *coarse, Grid: q.Grid, Spans: q.Spans}
		rows, err := c.Powers(plan)
		if err != nil {
			t.Fatal(err)
		}
		fine, err := Evaluate(c.fine, rows)
		if err != nil {
			t.Fatal(err)
		}
		if hasPhases(c, power, rows) {
			return
		}
		isWhole := len(coarse.Violations) == 0
		if isWhole != (len(fine.Violations) == 0) {
			t.Fatalf("violates %v, on the steps %v", coarse.Violations, fine.Violations)
		}
		if isWhole && len(coarse.Devices) > 0 {
			same++
		}
		if off := (coarse.Objective - fine.Objective).Float(); math.Abs(off) > 1e-6 && isWhole {
			t.Fatalf("costs %+v, on the steps %+v", coarse.Costs, fine.Costs)
		}
		for i, d := range coarse.Devices {
			end := 0
			for t2, stored := range d.Energy {
				end += q.span(t2)
				if math.Abs(float64(stored-fine.Devices[i].Energy[end-1])) > 1e-6 {
					t.Fatalf("%s stores %v after slot %d, on the steps %v", d.ID, stored, t2, fine.Devices[i].Energy[end-1])
				}
			}
		}
	})
	if same == 0 {
		t.Error("no plan that violates nothing was drawn")
	}
}

// What the fine problem proves holds for every plan of the coarse one that has no phases, and what the coarse
// prices prove on the steps holds there.
func TestCoarse_FinePlansComeWithABoundOfTheSteps(t *testing.T) {
	proven, close := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		q := drawProblem(t, rapid.IntRange(1, 4).Draw(t, "slots"))
		q.Peak = drawPeak(t)
		lengthen(t, q)
		c := unfold(q)
		o := Options{TimeLimit: time.Minute, Gap: 20_000_000}
		coarse, err := Solve(context.Background(), q, o)
		if err != nil {
			t.Fatal(err)
		}
		laid, err := c.Fine(context.Background(), coarse)
		if err != nil {
			t.Fatal(err)
		}
		fine, err := Solve(context.Background(), c.fine, o)
		if err != nil {
			t.Fatal(err)
		}
		if coarse.Status == Relaxed || laid.Status == Relaxed {
			return
		}
		if _, err := Verify(c.fine, laid.Certificate); err != nil && strings.Contains(err.Error(), "nothing satisfies") {
			return // but for the slips that Evaluate forgives
		}
		if fine.Status == Relaxed {
			t.Fatalf("relaxed (%v), but the coarse plan is none", fine.Violations)
		}
		if laid.Objective < fine.LowerBound-slips {
			t.Fatalf("laid out it costs %v, less than the bound %v", laid.Objective, fine.LowerBound)
		}
		if laid.LowerBound > fine.Objective+slips {
			t.Fatalf("the coarse prices prove %v, but there is a plan at %v", laid.LowerBound, fine.Objective)
		}
		wantProof(t, c.fine, laid)
		if !hasPhases(c, coarse.powers(), laid.powers()) && math.Abs((laid.Objective-coarse.Objective).Float()) > 1e-6 {
			t.Fatalf("costs %v, laid out %v", coarse.Objective, laid.Objective)
		}
		if proven++; laid.Objective-laid.LowerBound < 300_000_000 {
			close++
		}
	})
	if close*2 < proven {
		t.Errorf("%d of %d bounds were close", close, proven)
	}
}

// A battery that buys no dearer than it sells does as well with one power for each slot.
func TestCoarse_OneBatteryNeedsNoSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := drawProblem(t, rapid.IntRange(1, 5).Draw(t, "slots"))
		q.Devices, q.Circuits, q.Carbon = []Device{drawDevice(t, "battery", "battery", q.Slots())}, nil, nil
		for i, price := range q.ImportPrice {
			q.ExportPrice[i] = min(q.ExportPrice[i], price)
		}
		lengthen(t, q)
		o := Options{TimeLimit: time.Minute, Gap: 1}
		coarse, err := Solve(context.Background(), q, o)
		if err != nil {
			t.Fatal(err)
		}
		fine, err := Solve(context.Background(), unfold(q).fine, o)
		if err != nil {
			t.Fatal(err)
		}
		if coarse.Status == Relaxed || fine.Status == Relaxed {
			return
		}
		if coarse.LowerBound > fine.Objective+2_000_000 || fine.LowerBound > coarse.Objective+2_000_000 {
			t.Fatalf("from %v to %v, on the steps from %v to %v", coarse.LowerBound, coarse.Objective, fine.LowerBound, fine.Objective)
		}
	})
}

func TestSpans_FaultsAreNamed(t *testing.T) {
	car := Vehicle{ID: "car", Arrive: 1, Depart: 4, Ranges: []Range{{0, 1000}}, ChargeEfficiency: 1, Room: 1000}
	for name, c := range map[string]struct {
		change func(p *Problem)
		want   string
	}{
		"no length":        {func(p *Problem) { p.Spans[1] = 0 }, "spans[1]: must be from 1 to 24 steps, a day"},
		"more than a day":  {func(p *Problem) { p.Spans[1] = 25 }, "spans[1]: must be from 1 to 24 steps, a day"},
		"too many":         {func(p *Problem) { p.Spans[2] = 3 }, "spans: add up to 6 steps, want the 4 of the grid"},
		"a window in one":  {func(p *Problem) { car := car; car.Arrive = 2; p.Devices = []Device{car} }, "devices[0].arrive_slot: step 2 is within a slot: a window begins and ends with slots"},
		"beyond the grid":  {func(p *Problem) { car := car; car.Depart = 5; p.Devices = []Device{car} }, "devices[0].depart_slot: must be at most 4, the number of steps"},
		"in two blocks":    {func(p *Problem) { p.Peak = Peak{Price: 1, Averaging: 2} }, "spans[1]: lies in two blocks that the peak is averaged over"},
		"a tiny power":     {func(p *Problem) { p.Devices = []Device{Interruptible{ID: "led", Power: 2, LatestEnd: 4}} }, "devices[0].power_w: must be above 1 W as the mean of one step in a slot of 2: less counts as off"},
		"series of steps":  {func(p *Problem) { p.Solar = Constant(0, 4) }, "solar_w: has 4 values, want 3"},
		"nothing is wrong": {func(p *Problem) { p.Devices = []Device{car} }, ""},
	} {
		p := problemOf(3, []int{1, 2, 1}, Battery{ID: "battery", EnergyMax: 1000, ChargeEfficiency: 1, DischargeEfficiency: 1})
		c.change(p)
		got := ""
		if err := p.Validate(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestSpans_AreNotForFilesNorForReasons(t *testing.T) {
	p := problemOf(2, []int{1, 2}, Battery{ID: "battery", EnergyMax: 1000, ChargeEfficiency: 1, DischargeEfficiency: 1})
	plan := solve(t, p, Options{})
	if err := WriteProblem(new(discard), p); err == nil {
		t.Error("a problem was written")
	}
	if err := plan.Write(new(discard)); err == nil {
		t.Error("a plan was written")
	}
	if _, err := Explain(p, plan, "battery", 0); err == nil {
		t.Error("reasons were given")
	}
}

type discard struct{}

func (*discard) Write(p []byte) (int, error) { return len(p), nil }

func TestWarm_OverLongSlotsTakesOverTheVerySameOnes(t *testing.T) {
	d := Battery{ID: "battery", EnergyMax: 1000, EnergyInitial: 500, ChargeMax: 500, DischargeMax: 500, ChargeEfficiency: 1, DischargeEfficiency: 1}
	p := problemOf(3, []int{1, 2, 1}, d)
	old := solve(t, p, Options{})
	if w := p.warm(Options{Warm: old}); w == nil || len(w.Power[0]) != 3 {
		t.Errorf("of the same slots there is %+v", w)
	}
	for name, spans := range map[string][]int{"others": {2, 1, 1}, "steps": nil} {
		q := problemOf(3, spans, d)
		q.Grid = p.Grid
		if w := q.warm(Options{Warm: old}); w != nil {
			t.Errorf("%s: there is %+v", name, w)
		}
	}
}

func TestProblem_SlotsAreIntervalsOnEnd(t *testing.T) {
	p := problemOf(3, []int{1, 2, 1}, Battery{})
	at := p.Grid.Start
	for i := range p.Slots() {
		slot := p.Slot(i)
		if !slot.Start.Equal(at) || slot.Length() != time.Duration(p.span(i))*time.Hour {
			t.Errorf("slot %d is %v", i, slot)
		}
		at = slot.End
	}
	if !at.Equal(p.Grid.End) {
		t.Errorf("the last slot ends at %v", at)
	}
}
