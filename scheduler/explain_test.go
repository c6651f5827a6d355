package scheduler

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// hasty is for laws that hold for any plan, whatever it took to find it.
var hasty = Options{TimeLimit: 100 * time.Millisecond, Gap: rough.Gap}

// follow is the plan of given powers, without a solver.
func follow(t testing.TB, p *Problem, power ...[]energy.Watts) *Plan {
	t.Helper()
	e, err := Evaluate(p, power)
	if err != nil {
		t.Fatal(err)
	}
	return &Plan{Evaluation: *e, Grid: p.Grid, Currency: p.Currency, Status: Feasible, MarginalPrice: p.marginal(e)}
}

// hourly is a home of six hours with a base load of 500 W, import prices in cents, and export at 8 cents.
func hourly(devices ...Device) *Problem {
	q := small6()
	q.BaseLoad = Constant(500, 6)
	q.ImportLimit, q.ExportLimit = Constant(11000, 6), Constant(6000, 6)
	for t, cents := range []float64{30, 20, 10, 25, 35, 40} {
		q.ImportPrice[t], q.ExportPrice[t] = p(cents/100), p(0.08)
	}
	q.Devices = devices
	return q
}

func explain(t testing.TB, p *Problem, plan *Plan, device string, slot int) *Explanation {
	t.Helper()
	x, err := Explain(p, plan, device, slot)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func watts(w ...energy.Watts) []energy.Watts { return w }

func cents(c float64) energy.Money { return energy.MoneyOf(c / 100) }

func TestExplain_TellsWhatAnotherStartWouldCost(t *testing.T) {
	q := hourly(Shiftable{ID: "dish", Profile: watts(2000, 1000), LatestEnd: 6})
	plan := follow(t, q, watts(0, 2000, 1000, 0, 0, 0)) // 40 + 10 cents
	x := explain(t, q, plan, "dish", 2)
	if x.RunFrom != 1 || x.RunTo != 3 || x.Power != 1000 || x.MarginalPrice != p(0.1) || x.Here != nil || x.StoredValue != nil {
		t.Errorf("in its run: %+v", x)
	}
	if want := (Alternative{From: 1, Start: 2, Extra: cents(20 + 25 - 50)}); x.Elsewhere == nil || *x.Elsewhere != want {
		t.Errorf("elsewhere %v, want %v", x.Elsewhere, want)
	}
	x = explain(t, q, plan, "dish", 3)
	if x.RunFrom != 0 || x.RunTo != 0 || x.Power != 0 || x.Elsewhere != nil {
		t.Errorf("beside its run: %+v", x)
	}
	if want := (Alternative{From: 1, Start: 3, Extra: cents(50 + 35 - 50)}); x.Here == nil || *x.Here != want {
		t.Errorf("here %v, want %v", x.Here, want)
	}
	if x := explain(t, q, plan, "dish", 5); x.Here != nil {
		t.Errorf("begins in the last slot, half of it outside: %v", x.Here)
	}
}

func TestExplain_AnOptionalRunLeftOutMayBegin(t *testing.T) {
	q := hourly(Shiftable{ID: "dish", Profile: watts(2000), LatestEnd: 6, Optional: true, Value: cents(15)})
	x := explain(t, q, follow(t, q, make([]energy.Watts, 6)), "dish", 1)
	if want := (Alternative{From: -1, Start: 1, Extra: cents(40 - 15)}); x.Here == nil || *x.Here != want {
		t.Errorf("here %v, want %v", x.Here, want)
	}
}

func TestExplain_TheCheapestOfSeveralRunsBeginsHere(t *testing.T) {
	q := hourly(Interruptible{ID: "pump", Power: 1000, RunSlots: 2, LatestEnd: 6, StartCost: cents(3)})
	x := explain(t, q, follow(t, q, watts(0, 1000, 0, 0, 0, 1000)), "pump", 2)
	// The run of slot 1 would save 10 cents there, that of slot 5 30, and a start, for the runs then are one.
	if want := (Alternative{From: 5, Start: 2, Extra: cents(10 - 40 - 3)}); x.Here == nil || *x.Here != want {
		t.Errorf("here %v, want %v", x.Here, want)
	}
}

func TestExplain_ARunStaysOutOfTheWayOfAnother(t *testing.T) {
	car := Vehicle{ID: "car", Depart: 6, Ranges: []Range{{1000, 3000}}, ChargeEfficiency: 1, Room: 9000}
	q := hourly(car)
	plan := follow(t, q, watts(0, 1000, 1000, 0, 2000, 0))
	x := explain(t, q, plan, "car", 4) // slot 2 is cheaper, but taken
	if want := (Alternative{From: 4, Start: 3, Extra: cents(2*25 - 2*35)}); x.Elsewhere == nil || *x.Elsewhere != want {
		t.Errorf("elsewhere %v, want %v", x.Elsewhere, want)
	}
}

func TestExplain_AWattIsNoRun(t *testing.T) {
	q := hourly(Vehicle{ID: "car", Depart: 6, Ranges: []Range{{0, 3000}}, ChargeEfficiency: 1, Room: 9000})
	x := explain(t, q, follow(t, q, watts(0, 0.9, 1000, 0.9, 0, 0)), "car", 2)
	if x.RunFrom != 2 || x.RunTo != 3 {
		t.Errorf("run of slots %d to %d", x.RunFrom, x.RunTo)
	}
	if x := explain(t, q, follow(t, q, watts(0, 0.9, 1000, 0.9, 0, 0)), "car", 1); x.RunTo != 0 || x.Here == nil {
		t.Errorf("off: %+v", x)
	}
}

func TestExplain_OfEqualPlacesTheNearestIsNamed(t *testing.T) {
	q := hourly(Shiftable{ID: "dish", Profile: watts(1000), LatestEnd: 6})
	for s := range q.ImportPrice {
		q.ImportPrice[s] = p(0.3)
	}
	x := explain(t, q, follow(t, q, watts(0, 0, 0, 1000, 0, 0)), "dish", 3)
	if want := (Alternative{From: 3, Start: 2}); x.Elsewhere == nil || *x.Elsewhere != want {
		t.Errorf("elsewhere %v, want %v", x.Elsewhere, want)
	}
}

func TestExplain_OtherDevicesStayWhereTheyAre(t *testing.T) {
	q := hourly(Shiftable{ID: "dish", Profile: watts(2000), LatestEnd: 6}, Shiftable{ID: "oven", Profile: watts(2000), LatestEnd: 6})
	q.Solar = watts(0, 0, 0, 0, 0, 2500) // the oven's
	x := explain(t, q, follow(t, q, watts(2000, 0, 0, 0, 0, 0), watts(0, 0, 0, 0, 0, 2000)), "dish", 0)
	if want := (Alternative{From: 0, Start: 2, Extra: cents(2*10 - 2*30)}); x.Elsewhere == nil || *x.Elsewhere != want {
		t.Errorf("elsewhere %v, want %v", x.Elsewhere, want)
	}
	q.Circuits = []Circuit{{ID: "kitchen", Limit: 3000, Devices: []string{"dish", "oven"}}}
	x = explain(t, q, follow(t, q, watts(2000, 0, 0, 0, 0, 0), watts(0, 0, 2000, 0, 0, 0)), "dish", 0)
	if want := (Alternative{From: 0, Start: 5, Extra: cents(2*8 - 2*30)}); x.Elsewhere == nil || *x.Elsewhere != want {
		t.Errorf("elsewhere %v, want %v: the circuit is the oven's in slot 2", x.Elsewhere, want)
	}
}

func TestExplain_ValuesWhatIsStoredByWhereItIsGivenBack(t *testing.T) {
	battery := Battery{ID: "battery", EnergyMax: 4000, ChargeMax: 2000, DischargeMax: 2000, ChargeEfficiency: 1, DischargeEfficiency: 0.9, Wear: p(0.02)}
	q := hourly(battery)
	plan := follow(t, q, watts(0, 0, 1000, 0, -400, 0))
	for slot, want := range map[int]energy.Price{0: p(0.9 * (0.35 - 0.02)), 2: p(0.9 * (0.35 - 0.02)), 4: p(0.9 * (0.35 - 0.02))} {
		if x := explain(t, q, plan, "battery", slot); x.StoredValue == nil || *x.StoredValue != want {
			t.Errorf("slot %d: a stored kWh is worth %v, want %v", slot, x.StoredValue, want)
		}
	}
	x := explain(t, q, plan, "battery", 5)
	if x.StoredValue != nil || x.Elsewhere != nil || x.Here != nil || x.RunTo != 0 {
		t.Errorf("never given back again: %+v", x)
	}
}

func TestExplain_NamesWhatItCannotExplain(t *testing.T) {
	q := hourly(Shiftable{ID: "dish", Profile: watts(1000), LatestEnd: 6})
	plan := follow(t, q, watts(0, 0, 1000, 0, 0, 0))
	for _, c := range []struct {
		device string
		slot   int
		change func(*Plan)
		want   string
	}{
		{"oven", 0, nil, `no device "oven"`},
		{"dish", -1, nil, "6 slots"},
		{"dish", 6, nil, "6 slots"},
		{"dish", 0, func(p *Plan) { p.MarginalPrice = nil }, "0 marginal prices"},
		{"dish", 0, func(p *Plan) { p.Devices = nil }, `the plan has no device "dish"`},
		{"dish", 0, func(p *Plan) { p.Devices = []DevicePlan{{ID: "dish", Power: watts(1)}} }, "1 powers, want 6"},
	} {
		other := *plan
		if c.change != nil {
			c.change(&other)
		}
		if _, err := Explain(q, &other, c.device, c.slot); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s in slot %d: error %v, want %q", c.device, c.slot, err, c.want)
		}
	}
	q.Solar, q.Devices = nil, append(q.Devices, nil)
	if _, err := Explain(q, plan, "dish", 0); !errors.As(err, new(Faults)) {
		t.Errorf("of a problem that is not valid: %v", err)
	}
}

// Laws.

// replaced is a device's powers with one of its runs in another place.
func replaced(d Device, power []energy.Watts, a Alternative) []energy.Watts {
	row := slices.Clone(power)
	if a.From < 0 {
		copy(row[a.Start:], d.(Shiftable).Profile)
		return row
	}
	to := a.From
	if s, ok := d.(Shiftable); ok {
		to += len(s.Profile)
	} else {
		for to < len(power) && power[to] > onAbove {
			to++
		}
	}
	clear(row[a.From:to])
	copy(row[a.Start:], power[a.From:to])
	return row
}

// with is the powers of a plan with another row for a device.
func with(plan *Plan, device int, row []energy.Watts) [][]energy.Watts {
	power := plan.powers()
	power[device] = row
	return power
}

// drawSolved draws a problem with a plan, and a device and a slot to ask for.
func drawSolved(t *rapid.T) (p *Problem, plan *Plan, device, slot int) {
	p = drawProblem(t, rapid.IntRange(2, 6).Draw(t, "slots"))
	plan, err := Solve(context.Background(), p, hasty)
	if err != nil {
		t.Fatal(err)
	}
	return p, plan, rapid.IntRange(0, len(p.Devices)-1).Draw(t, "device"), rapid.IntRange(0, p.Grid.Count()-1).Draw(t, "slot")
}

func TestExplain_AlternativesCostWhatEvaluateSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, plan, i, slot := drawSolved(t)
		d := p.Devices[i]
		x, err := Explain(p, plan, d.Name(), slot)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range []*Alternative{x.Elsewhere, x.Here} {
			if a == nil {
				continue
			}
			e, err := Evaluate(p, with(plan, i, replaced(d, plan.Devices[i].Power, *a)))
			if err != nil {
				t.Fatal(err)
			}
			if e.Objective-plan.Objective != a.Extra || plan.Status != Relaxed && len(e.Violations) > 0 {
				t.Fatalf("%+v, evaluated: %v more, violations %v", *a, e.Objective-plan.Objective, e.Violations)
			}
			if gap, ok := plan.Gap(); ok && a.Extra < -gap {
				t.Fatalf("%+v saves more than the gap of %v", *a, gap)
			}
		}
		if x.Elsewhere != nil && x.Elsewhere.From != x.RunFrom || x.Here != nil && x.Here.Start != slot {
			t.Fatalf("asked for slot %d: %+v, %+v", slot, x.Elsewhere, x.Here)
		}
	})
}

func TestExplain_NoOtherPlaceIsCheaper(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, plan, i, slot := drawSolved(t)
		d, power := p.Devices[i], plan.Devices[i].Power
		x, err := Explain(p, plan, d.Name(), slot)
		if err != nil {
			t.Fatal(err)
		}
		if x.RunTo == 0 || isRest(power) || plan.Status == Relaxed { // a run of nothing is anywhere
			return
		}
		var best *Alternative
		for start := range power {
			a := Alternative{From: x.RunFrom, Start: start}
			rest := slices.Clone(power)
			clear(rest[x.RunFrom:x.RunTo])
			to := start + x.RunTo - x.RunFrom
			if start == x.RunFrom || to > len(power) || !isRest(rest[start:to]) {
				continue
			}
			e, err := Evaluate(p, with(plan, i, replaced(d, power, a)))
			if err != nil {
				t.Fatal(err)
			}
			if a.Extra = e.Objective - plan.Objective; len(e.Violations) == 0 && (best == nil || a.Extra < best.Extra) {
				best = &a
			}
		}
		const rounding = 10 // of the parts of an objective, in billionths
		if (best == nil) != (x.Elsewhere == nil) || best != nil && x.Elsewhere.Extra > best.Extra+rounding {
			t.Fatalf("elsewhere %+v, the cheapest of all places %+v", x.Elsewhere, best)
		}
	})
}

func TestExplain_IsQuickEnoughForAPage(t *testing.T) {
	p := read(t, "M1")
	plan := solve(t, p, Options{TimeLimit: 1})
	begin, count := time.Now(), 0
	for _, d := range p.Devices {
		row, _ := plan.Device(d.Name())
		for _, r := range runs(d, row.Power) {
			explain(t, p, plan, d.Name(), r.from)
			count++
		}
	}
	if each := time.Since(begin) / time.Duration(count); each > 200*time.Millisecond { // 20 ms are meant; the rest is for a busy machine with the race detector
		t.Errorf("%d explanations took %v each", count, each)
	}
}

// BenchmarkExplain is the explanation of the device with the most places for its run.
func BenchmarkExplain(b *testing.B) {
	for _, name := range families {
		b.Run(name, func(b *testing.B) {
			p := read(b, name)
			plan := solve(b, p, Options{TimeLimit: 1})
			type place struct {
				device string
				slot   int
				takes  time.Duration
			}
			var slowest place
			for _, d := range p.Devices {
				row, _ := plan.Device(d.Name())
				for _, r := range runs(d, row.Power) {
					begin := time.Now()
					explain(b, p, plan, d.Name(), r.from)
					if takes := time.Since(begin); takes > slowest.takes {
						slowest = place{d.Name(), r.from, takes}
					}
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				explain(b, p, plan, slowest.device, slowest.slot)
			}
		})
	}
}
