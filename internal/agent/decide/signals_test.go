package decide

import (
	"strings"
	"testing"
	"time"

	"hearth/energy"
)

// A dishwasher that waits for the green runs in the first recommendation that has room for it, though the night is
// cheaper; where none has, it runs at the cheapest time.
func TestAppliance_RunsWhenItIsRecommended(t *testing.T) {
	green := dishwasher
	green.IsGreen = true
	for _, c := range []struct {
		what     string
		windows  []energy.Interval
		isGreen  bool
		from, to time.Time // within which it runs
	}{
		{"recommended", []energy.Interval{energy.Span(local(t, 20, 7), 3*time.Hour)}, true, local(t, 20, 15), local(t, 23, 0)},
		{"the first is too short", []energy.Interval{energy.Span(local(t, 20, 0), time.Hour), energy.Span(local(t, 29, 0), 4*time.Hour)}, true, local(t, 29, 0), local(t, 31, 0)},
		{"outside its window", []energy.Interval{energy.Span(local(t, 12, 0), 3*time.Hour)}, true, local(t, 24, 45), local(t, 28, 15)},
		{"nobody says anything", nil, true, local(t, 24, 45), local(t, 28, 15)},
		{"does not wait for it", []energy.Interval{energy.Span(local(t, 20, 0), 3*time.Hour)}, false, local(t, 24, 45), local(t, 28, 15)},
	} {
		green.IsGreen = c.isGreen
		p := planner(t, green)
		signals := valley(t)
		signals.Recommended = c.windows
		plan, _ := decided(t, p, p.Input(local(t, 12, 0), signals, nil, Memory{}))
		run, ok := plan.Run("dishwasher", local(t, 12, 0))
		if !ok || run.Start.Before(c.from) || run.End.After(c.to) {
			t.Errorf("%s: runs from %v to %v", c.what, run.Start.In(c.from.Location()), run.End.In(c.to.Location()))
		}
	}
}

// A charge on peaks keeps the car from charging at once what can be charged slowly.
func TestProblem_WeighsPeaks(t *testing.T) {
	now := local(t, 20, 0)
	highest := func(peak *Peak) (most energy.Watts) {
		p := planner(t, car)
		signals := valley(t)
		signals.Peak = peak
		plan, _ := decided(t, p, p.Input(now, signals, plugged(now, 0), Memory{}))
		for _, w := range plan.Import {
			most = max(most, w)
		}
		return most
	}
	slots := make([]bool, 36*4)
	for i := range slots {
		slots[i] = true
	}
	free := highest(nil)
	dear := highest(&Peak{Price: energy.MoneyOf(5), SoFar: 2000, Averaging: 15 * time.Minute, Slots: slots})
	if free < 9000 || dear > 5000 {
		t.Errorf("without a charge %v, with one %v", free, dear)
	}
}

// Blocks are those of the bill where the plan begins with one; else as long as both agree on.
func TestPeak_BlocksBeginWhereTheBillsDo(t *testing.T) {
	p := planner(t)
	for start, want := range map[time.Time]int{
		local(t, 20, 0): 4, local(t, 20, 15): 1, local(t, 20, 30): 2, local(t, 20, 45): 1, local(t, 0, 0): 4,
		time.Date(2026, 10, 25, 4, 0, 0, 0, berlin(t)): 4,
	} {
		grid := p.Grid(start)
		slots := make([]bool, grid.Count())
		if got := p.peak(Peak{Averaging: time.Hour, Slots: slots}, grid); got.Averaging != want || len(got.Slots) != grid.Count() {
			t.Errorf("from %v blocks have %d slots, want %d", start, got.Averaging, want)
		}
	}
	if got := p.peak(Peak{Averaging: time.Minute}, p.Grid(local(t, 20, 0))); got.Averaging != 1 {
		t.Errorf("a block shorter than a slot has %d", got.Averaging)
	}
}

// The tightest limit of all operators holds in every slot that it touches, and never more than the home bears.
func TestProblem_KeepsTheTightestLimit(t *testing.T) {
	now := local(t, 20, 0)
	at := func(hour, minute int) time.Time { return local(t, hour, minute) }
	limit := func(from, to time.Time, w energy.Watts) Order {
		return Order{Interval: energy.Interval{Start: from, End: to}, Kind: ImportLimit, Power: w}
	}
	p := planner(t, car)
	signals := valley(t)
	signals.Orders = []Order{limit(at(20, 20), at(22, 0), 6000), limit(at(21, 0), at(23, 0), 5000), limit(at(0, 0), at(20, 10), 90000)}
	problem, err := p.Problem(p.Input(now, signals, plugged(now, 0), Memory{}))
	if err != nil {
		t.Fatal(err)
	}
	for slot, want := range map[int]energy.Watts{0: 17000, 1: 6000, 3: 6000, 4: 5000, 7: 5000, 11: 5000, 12: 17000} {
		if got := problem.ImportLimit[slot]; got != want {
			t.Errorf("slot %d may import %v, want %v", slot, got, want)
		}
	}
	for slot, w := range problem.ExportLimit {
		if w != 10000 {
			t.Errorf("nobody limits export: slot %d %v", slot, w)
		}
	}
	// A limit over the whole cheap night, in which the car would take 11 kW.
	signals.Orders = append(signals.Orders, limit(at(20, 0), at(31, 0), 5000))
	plan, wants := decided(t, p, p.Input(now, signals, plugged(now, 0), Memory{}))
	for slot, w := range plan.Import {
		if slot < 44 && w > 5000.001 {
			t.Errorf("slot %d imports %v", slot, w)
		}
	}
	if r := wants["car"].Reason; r.Code != "grid_limit" || !strings.Contains(r.Text, "the grid's operator allows the home 5kW now") {
		t.Errorf("%+v", r)
	}
}
