package corpus

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/scheduler"
)

// lives are the families whose plans are lived in the laws below: small ones, so that many fit.
func lives() []string {
	return slices.DeleteFunc(Families(), func(family string) bool {
		return family == "M" || family == "L" || strings.Contains(family, "-M") || family == "XL" || family == "F-relaxed"
	})
}

// drawLived is a problem with a plan that violates nothing, and a number of slots to move on by.
func drawLived(t *rapid.T) (*scheduler.Problem, *scheduler.Plan, int) {
	p := generate(t, rapid.SampledFrom(lives()).Draw(t, "family"), rapid.Uint64Range(0, 200).Draw(t, "seed"))
	plan, err := scheduler.Solve(context.Background(), p, scheduler.Options{TimeLimit: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	if plan.Status == scheduler.Relaxed {
		t.Skip("the first plan is not good enough")
	}
	return p, plan, block(p.Peak) * rapid.IntRange(1, (p.Grid.Count()-1)/block(p.Peak)).Draw(t, "blocks")
}

// evaluated is the rest of a plan on the later problem.
func evaluated(t *rapid.T, later *scheduler.Problem, power [][]energy.Watts) *scheduler.Plan {
	e, err := scheduler.Evaluate(later, power)
	if err != nil {
		t.Fatal(err)
	}
	return &scheduler.Plan{Evaluation: *e, Grid: later.Grid, Currency: later.Currency}
}

// isFull says that a car has more than it needs at the end, which the later problem cannot let it give back.
func isFull(p *scheduler.Problem, plan *scheduler.Plan, n int) bool {
	return has(p, func(d scheduler.Vehicle) bool {
		row, _ := plan.Device(d.ID)
		return d.DischargeMax > 0 && row.Energy[n-1] > d.EnergyInitial+d.Required
	})
}

func TestAdvance_TheRestOfThePlanIsAPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, plan, n := drawLived(t)
		before := text(t, p)
		later, err := Advance(p, plan, n)
		if err != nil {
			t.Fatal(err)
		}
		if text(t, p) != before {
			t.Fatal("the problem was changed")
		}
		if err := later.Validate(); err != nil {
			t.Fatal(err)
		}
		if want := p.Grid.Slot(n).Start; !later.Grid.Start.Equal(want) || !later.Grid.End.Equal(p.Grid.End) || later.Grid.Step != p.Grid.Step {
			t.Fatalf("the grid is %v, want it from %v on", later.Grid, want)
		}
		rest := evaluated(t, later, Rest(plan, later, n))
		for _, v := range rest.Violations {
			if v.Constraint != scheduler.RequiredEnergy || !isFull(p, plan, n) {
				t.Fatalf("%d slots later: %s of %v by %v", n, v.Constraint, *v.Device, v.Amount)
			}
		}
		spent := spent(p, plan, n)
		difference := spent + rest.Objective.Float() - plan.Objective.Float()
		// Whether to curtail for more import at a negative price is decided for a whole plan, where a peak has its
		// price; for the rest alone it may be decided otherwise, if that is cheaper.
		isBound := p.Peak.Price == 0 || slices.Min(p.ImportPrice) >= 0
		if difference > 1e-5 || difference < -1e-5 && isBound {
			t.Fatalf("%v spent in %d slots and %v for the rest are not %v", spent, n, rest.Objective, plan.Objective)
		}
		for i, w := range rest.Import {
			if !isBound {
				break
			}
			if math.Abs(float64(w-plan.Import[i+n])) > 0.01 {
				t.Fatalf("slot %d: imports %v, and %v when seen from later", i+n, plan.Import[i+n], w)
			}
		}
	})
}

// spent is what the first n slots of a plan have cost, counted from its rows alone: a value is earned when a
// run begins, and what is stored is worth nothing yet.
func spent(p *scheduler.Problem, plan *scheduler.Plan, n int) float64 {
	hours, sum := p.Grid.Step.Hours(), 0.0
	for t := range n {
		carbon := p.CarbonPrice.Float() * float64(p.Carbon[t]) * 1e-6
		sum += hours * float64(plan.Import[t]) / 1000 * (p.ImportPrice[t].Float() + carbon)
		sum -= hours * float64(plan.Export[t]) / 1000 * p.ExportPrice[t].Float()
	}
	top := float64(p.Peak.SoFar)
	for from := 0; from < n; from += block(p.Peak) {
		mean, counts := 0.0, true
		for t := from; t < from+block(p.Peak); t++ {
			mean += float64(plan.Import[t]) / float64(block(p.Peak))
			counts = counts && (p.Peak.Slots == nil || p.Peak.Slots[t])
		}
		if counts {
			top = max(top, mean)
		}
	}
	sum += p.Peak.Price.Float() * (top - float64(p.Peak.SoFar)) / 1000
	for i, d := range p.Devices {
		power := plan.Devices[i].Power
		switch d := d.(type) {
		case scheduler.Shiftable:
			if d.Optional && slices.Max(power[:n]) > onAbove {
				sum -= d.Value.Float()
			}
		case scheduler.Interruptible:
			sum += d.StartCost.Float() * starts(power[:n], d.OnFor)
		case scheduler.Thermal:
			sum += d.StartCost.Float() * starts(power[:n], d.OnFor)
		case scheduler.Vehicle:
			sum += d.StartCost.Float()*starts(power[:n], d.OnFor) + hours*d.Wear.Float()*back(power[:n])
		case scheduler.Battery:
			sum += hours * d.Wear.Float() * back(power[:n])
		}
	}
	return sum
}

func starts(power []energy.Watts, onFor int) (n float64) {
	isOn := onFor > 0
	for _, w := range power {
		if w > onAbove && !isOn {
			n++
		}
		isOn = w > onAbove
	}
	return n
}

// back is the sum of what was given back, in kW.
func back(power []energy.Watts) (sum float64) {
	for _, w := range power {
		sum += max(-float64(w), 0) / 1000
	}
	return sum
}

func TestAdvance_TwoStepsAreOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, plan, n := drawLived(t)
		if n < 2*block(p.Peak) {
			t.Skip("too short for two")
		}
		first := block(p.Peak) * rapid.IntRange(1, n/block(p.Peak)-1).Draw(t, "first")
		atOnce, err := Advance(p, plan, n)
		if err != nil {
			t.Fatal(err)
		}
		halfway, err := Advance(p, plan, first)
		if err != nil {
			t.Fatal(err)
		}
		then, err := Advance(halfway, evaluated(t, halfway, Rest(plan, halfway, first)), n-first)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := rough(t, atOnce), rough(t, then); a != b && !isFull(p, plan, first) {
			t.Fatalf("by %d: %s\nby %d and %d: %s", n, a, first, n-first, b)
		}
	})
}

// rough is a problem's file with stores to the thousandth of a Wh: sums of floats hang on their order.
func rough(t *rapid.T, p *scheduler.Problem) string {
	q := *p
	q.Peak.SoFar = energy.Watts(rounded(float64(q.Peak.SoFar), 3))
	q.Devices = slices.Clone(p.Devices)
	round := func(e *energy.WattHours) { *e = energy.WattHours(math.Abs(rounded(float64(*e), 3))) }
	for i, d := range q.Devices {
		switch d := d.(type) {
		case scheduler.Vehicle:
			round(&d.EnergyInitial)
			round(&d.Required)
			round(&d.Room)
			q.Devices[i] = d
		case scheduler.Battery:
			round(&d.EnergyInitial)
			q.Devices[i] = d
		case scheduler.Thermal:
			round(&d.EnergyInitial)
			q.Devices[i] = d
		}
	}
	return text(t, &q)
}

// Cases draw the powers of a device over eight slots, the bar where the problem is moved on to.
func TestAdvance_CarriesTheStateOfDevices(t *testing.T) {
	shift := scheduler.Shiftable{ID: "d", Profile: []energy.Watts{9, 0, 7}, Earliest: 1, LatestEnd: 6}
	optional := shift
	optional.Optional, optional.Value = true, energy.MoneyOf(1)
	load := scheduler.Interruptible{ID: "d", Power: 9, RunSlots: 4, Earliest: 1, LatestEnd: 7, MinOn: 1, MinOff: 1, MaxStarts: new(3)}
	running := load
	running.OnFor, running.Earliest, running.MaxStarts = 5, 0, new(1)
	late := load
	late.Earliest = 4
	resting := load
	resting.OffFor = 2
	for _, c := range []struct {
		name   string
		device scheduler.Device
		drawn  string // a digit is a power in W, the bar the new beginning
		want   string
	}{
		{"to come", shift, "00|097000", "there: profile [9 0 7] in [0, 4)"},
		{"to come, not run at all", shift, "00|000000", "there: profile [9 0 7] in [0, 4)"},
		{"too late", shift, "000000|00", "gone"},
		{"too late for all of it", shift, "0000|0000", "there: profile [9 0 7] in [0, 2)"},
		{"running", shift, "09|070000", "there: profile [0 7] in [0, 2)"},
		{"running, in its pause", shift, "090|70000", "there: profile [7] in [0, 1)"},
		{"done", shift, "0907|0000", "gone"},
		{"optional, running", optional, "009|07000", "there: profile [0 7] in [0, 2)"},
		{"optional, to come", optional, "000|90700", "there: profile [9 0 7] in [0, 3), optional for 1"},
		{"optional, left out", optional, "0000|0000", "gone"}, // [0, 2) is too short
		{"before its window", load, "0|9999000", "there: 4 of 9W in [0, 6), on 0 off 0, 3 starts"},
		{"running", load, "099|99000", "there: 2 of 9W in [0, 4), on 2 off 0, 2 starts"},
		{"pausing", load, "09900|990", "there: 2 of 9W in [0, 2), on 0 off 2, 2 starts"},
		{"started again", load, "09090|990", "there: 2 of 9W in [0, 2), on 0 off 1, 1 starts"},
		{"done", load, "09999|000", "gone"},
		{"window over", load, "0999000|0", "gone"},
		{"on from before", running, "9|9990000", "there: 3 of 9W in [0, 6), on 6 off 0, 1 starts"},
		{"on from before, off", running, "990|99000", "there: 2 of 9W in [0, 4), on 0 off 1, 1 starts"},
		{"on before it may be", late, "09|999000", "there: 3 of 9W in [0, 5), on 1 off 0, 2 starts"},
		{"off from before", resting, "00|999900", "there: 4 of 9W in [0, 5), on 0 off 4, 3 starts"},
	} {
		t.Run(c.name+" "+c.drawn, func(t *testing.T) {
			p := eight(c.device)
			n := strings.Index(c.drawn, "|")
			later, err := Advance(p, planned(t, p, c.drawn), n)
			if err != nil {
				t.Fatal(err)
			}
			if got := told(later); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// eight is a problem of eight hours with one device, which has a circuit.
func eight(d scheduler.Device) *scheduler.Problem {
	return &scheduler.Problem{
		Grid: energy.NewGrid(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Hour, 8), Currency: "EUR",
		ImportPrice: make([]energy.Price, 8), ExportPrice: make([]energy.Price, 8),
		Solar: make([]energy.Watts, 8), BaseLoad: make([]energy.Watts, 8),
		ImportLimit: scheduler.Constant(9999, 8), ExportLimit: scheduler.Constant(9999, 8),
		Circuits: []scheduler.Circuit{{ID: "c", Limit: 9999, Devices: []string{d.Name()}}},
		Devices:  []scheduler.Device{d},
	}
}

// planned is the plan that a drawing shows; a minus before a digit gives back.
func planned(t *testing.T, p *scheduler.Problem, drawn string) *scheduler.Plan {
	t.Helper()
	power := make([]energy.Watts, 0, 8)
	sign := energy.Watts(1)
	for _, r := range strings.ReplaceAll(drawn, "|", "") {
		if r == '-' {
			sign = -1
			continue
		}
		power = append(power, sign*energy.Watts(r-'0'))
		sign = 1
	}
	e, err := scheduler.Evaluate(p, [][]energy.Watts{power})
	if err != nil {
		t.Fatal(err)
	}
	return &scheduler.Plan{Evaluation: *e, Grid: p.Grid}
}

// told says what has become of the device.
func told(p *scheduler.Problem) string {
	if len(p.Devices) == 0 && len(p.Circuits) == 0 {
		return "gone"
	}
	if len(p.Devices) != 1 || len(p.Circuits) != 1 || !slices.Equal(p.Circuits[0].Devices, []string{"d"}) {
		return "in disorder"
	}
	switch d := p.Devices[0].(type) {
	case scheduler.Shiftable:
		out := fmt.Sprintf("there: profile %v in [%d, %d)", numbers(d.Profile), d.Earliest, d.LatestEnd)
		if d.Optional {
			out += fmt.Sprintf(", optional for %v", d.Value)
		}
		return out
	case scheduler.Interruptible:
		return fmt.Sprintf("there: %d of %v in [%d, %d), on %d off %d, %d starts", d.RunSlots, d.Power, d.Earliest, d.LatestEnd, d.OnFor, d.OffFor, *d.MaxStarts)
	}
	return "another"
}

func numbers(power []energy.Watts) (out []float64) {
	for _, w := range power {
		out = append(out, float64(w))
	}
	return out
}

func TestAdvance_CarriesWhatIsStored(t *testing.T) {
	car := scheduler.Vehicle{
		ID: "d", Arrive: 1, Depart: 7, Ranges: []scheduler.Range{{Min: 2, Max: 9}}, ChargeEfficiency: 0.5, EnergyInitial: 10, EnergyMin: 2,
		Required: 6, Room: 8, DischargeMax: 9, DischargeEfficiency: 0.5,
	}
	got := later(t, car, "08|400000").(scheduler.Vehicle)
	if got.EnergyInitial != 14 || got.Required != 2 || got.Room != 4 || got.Arrive != 0 || got.Depart != 5 || got.OnFor != 1 || got.EnergyMin != 2 {
		t.Errorf("charged with 4 Wh: %+v", got)
	}
	if got := later(t, car, "088|00000").(scheduler.Vehicle); got.EnergyInitial != 18 || got.Required != 0 || got.Room != 0 {
		t.Errorf("charged with 8 Wh, 2 more than needed: %+v", got)
	}
	if got := later(t, car, "0-20|80000").(scheduler.Vehicle); got.EnergyInitial != 6 || got.Required != 10 || got.Room != 12 || got.OffFor != 0 {
		t.Errorf("4 Wh given back: %+v", got)
	}
	if got := later(t, car, "0|8800000").(scheduler.Vehicle); got.Arrive != 0 || got.EnergyInitial != 10 || got.Required != 6 {
		t.Errorf("not there yet: %+v", got)
	}
	if got := later(t, car, "0880000|0"); got != nil {
		t.Errorf("gone, and there as %+v", got)
	}
	cell := scheduler.Battery{ID: "d", EnergyMax: 50, EnergyInitial: 10, ChargeMax: 9, DischargeMax: 9, ChargeEfficiency: 0.5, DischargeEfficiency: 0.5}
	if got := later(t, cell, "8-2|800000").(scheduler.Battery); got.EnergyInitial != 10 || got.EnergyMax != 50 {
		t.Errorf("4 Wh in and 4 Wh out: %+v", got)
	}
	tank := scheduler.Thermal{
		ID: "d", PowerMax: 9, COP: []float64{1, 2, 3, 4, 5, 6, 7, 8}, Draw: []energy.WattHours{8, 7, 6, 5, 4, 3, 2, 1},
		EnergyMax: 99, EnergyInitial: 20, MaxStarts: new(1),
	}
	hot := later(t, tank, "09|000000").(scheduler.Thermal)
	if hot.EnergyInitial != 20-8-7+2*9 || len(hot.COP) != 6 || hot.COP[0] != 3 || hot.Draw[0] != 6 || hot.OnFor != 1 || *hot.MaxStarts != 0 {
		t.Errorf("tank: %+v", hot)
	}
}

// later is what has become of a device; nil when it is gone.
func later(t *testing.T, d scheduler.Device, drawn string) scheduler.Device {
	t.Helper()
	p := eight(d)
	q, err := Advance(p, planned(t, p, drawn), strings.Index(strings.ReplaceAll(drawn, "-", ""), "|"))
	if err != nil {
		t.Fatal(err)
	}
	if len(q.Devices) == 0 {
		return nil
	}
	return q.Devices[0]
}

func TestAdvance_PeakKeepsWhatIsPaidFor(t *testing.T) {
	p := eight(scheduler.Shiftable{ID: "d", Profile: []energy.Watts{9, 9}, Earliest: 0, LatestEnd: 8})
	p.Peak = scheduler.Peak{Price: energy.MoneyOf(1), SoFar: 3, Averaging: 2}
	for drawn, want := range map[string]energy.Watts{"99|000000": 9, "0099|0000": 9, "0990|0000": 4.5, "0000|9900": 3} {
		later, err := Advance(p, planned(t, p, drawn), strings.Index(drawn, "|"))
		if err != nil {
			t.Fatal(err)
		}
		if later.Peak.SoFar != want {
			t.Errorf("%s: %v so far, want %v", drawn, later.Peak.SoFar, want)
		}
	}
	p.Peak.Slots = []bool{true, true, true, false, true, true, false, true}
	later, err := Advance(p, planned(t, p, "0099|0000"), 4)
	if err != nil {
		t.Fatal(err)
	}
	if later.Peak.SoFar != 3 || !slices.Equal(later.Peak.Slots, []bool{true, true, false, true}) {
		t.Errorf("a block that does not count: %+v", later.Peak)
	}
}

func TestAdvance_RefusesWhatHasNoLater(t *testing.T) {
	p := eight(scheduler.Shiftable{ID: "d", Profile: []energy.Watts{9}, Earliest: 0, LatestEnd: 8})
	plan := planned(t, p, "00000009")
	for _, n := range []int{-1, 0, 8, 9} {
		if _, err := Advance(p, plan, n); err == nil {
			t.Errorf("moved by %d of 8 slots", n)
		}
	}
	p.Peak = scheduler.Peak{Price: 1, Averaging: 2}
	if _, err := Advance(p, plan, 3); err == nil {
		t.Error("moved by a block and a half")
	}
	p.Peak.Price = 0
	if _, err := Advance(p, plan, 3); err != nil {
		t.Errorf("blocks that cost nothing: %v", err)
	}
	other := *plan
	other.Devices = []scheduler.DevicePlan{{ID: "x", Power: plan.Devices[0].Power}}
	if _, err := Advance(p, &other, 3); err == nil {
		t.Error("moved along the plan of another device")
	}
	if _, err := Advance(p, &scheduler.Plan{}, 3); err == nil {
		t.Error("moved along no plan")
	}
}

func TestRest_IsAtRestWhereThePlanKnowsNothing(t *testing.T) {
	p := eight(scheduler.Shiftable{ID: "d", Profile: []energy.Watts{9}, Earliest: 0, LatestEnd: 8})
	plan := planned(t, p, "00000090")
	if got := Rest(plan, p, 5); !slices.Equal(got[0], []energy.Watts{0, 9, 0, 0, 0, 0, 0, 0}) {
		t.Errorf("%v", got)
	}
	p.Devices[0] = scheduler.Shiftable{ID: "new", Profile: []energy.Watts{9}, Earliest: 0, LatestEnd: 8}
	if got := Rest(plan, p, 5); len(got) != 1 || len(got[0]) != 8 || slices.Max(got[0]) != 0 {
		t.Errorf("a device that is new: %v", got)
	}
}
