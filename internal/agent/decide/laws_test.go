package decide

import (
	"context"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/devices"
	"hearth/energy"
	"hearth/scheduler"
)

// plannerIn is a planner of the same devices in another zone.
func plannerIn(t testing.TB, zone string, devices ...Device) *Planner {
	t.Helper()
	h := home(devices...)
	h.Zone = zone
	p, err := New(h)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNew_WantsAZone(t *testing.T) {
	if p, err := New(Home{Zone: "Mars/Olympus"}); p != nil || err == nil || !strings.Contains(err.Error(), "home: ") {
		t.Errorf("%v, %v", p, err)
	}
}

// Windows keep their local times over every change of the clock, follow each other without overlap, and the one
// that is asked for holds the time or is the next to come; those of a whole day leave nothing out.
func TestWindow_TilesTheDaysOverEveryChange(t *testing.T) {
	changes := map[string][]time.Time{
		"Europe/Berlin":    {time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC)},
		"America/New_York": {time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC)},
	}
	for name, at := range changes {
		p := plannerIn(t, name)
		zone, _ := time.LoadLocation(name)
		rapid.Check(t, func(t *rapid.T) {
			w := Window{rapid.IntRange(0, 95).Draw(t, "after") * 15, rapid.IntRange(0, 96).Draw(t, "before") * 15}
			now := rapid.SampledFrom(at).Draw(t, "change").Add(time.Duration(rapid.IntRange(-3*24*60, 3*24*60).Draw(t, "minute")) * time.Minute)
			got := p.window(w, now)
			if got.IsEmpty() || !got.End.After(now) {
				t.Fatalf("%v at %v is %v", w, now, got)
			}
			next := p.window(w, got.End)
			if next.Start.Before(got.End) || !next.End.After(got.End) || next.End.Sub(got.Start) > 51*time.Hour {
				t.Fatalf("%v: %v is followed by %v", w, got, next)
			}
			if now.Before(got.Start) { // it is the next one: the one before is over
				if before := p.window(w, now.Add(-50*time.Hour)); before.Start.Equal(got.Start) {
					t.Fatalf("%v at %v is %v: days are left out", w, now, got)
				}
			}
			isWhole := w.Before == w.After || w.After == 0 && w.Before == 24*60
			if isWhole && (!got.Contains(now) || !next.Start.Equal(got.End)) {
				t.Fatalf("%v at %v is %v, then %v", w, now, got, next)
			}
			if clock := got.Start.In(zone); clock.Hour()*60+clock.Minute() != w.After && !isSkipped(zone, got.Start, w.After) {
				t.Fatalf("%v begins at %v", w, clock)
			}
			for _, inside := range []time.Time{got.Start, got.End.Add(-1)} {
				if again := p.window(w, inside); again != got {
					t.Fatalf("%v: %v is in %v and in %v", w, inside, got, again)
				}
			}
		})
	}
}

// isSkipped says that the local day of t has no such minute.
func isSkipped(zone *time.Location, t time.Time, minute int) bool {
	y, m, d := t.In(zone).Date()
	at := time.Date(y, m, d, 0, minute, 0, 0, zone)
	return at.Hour()*60+at.Minute() != minute
}

func TestPlanner_AMinuteThatIsSkippedIsTheJump(t *testing.T) {
	for zone, c := range map[string]struct{ day, jump string }{
		"Europe/Berlin": {"2026-03-29T12:00:00Z", "2026-03-29T01:00:00Z"}, "America/New_York": {"2026-03-08T15:00:00Z", "2026-03-08T07:00:00Z"},
	} {
		p := plannerIn(t, zone)
		day, _ := time.Parse(time.RFC3339, c.day)
		jump, _ := time.Parse(time.RFC3339, c.jump)
		for minute, want := range map[int]time.Time{119: jump.Add(-time.Minute), 120: jump, 150: jump, 179: jump, 180: jump, 181: jump.Add(time.Minute)} {
			if got := p.at(minute, day); !got.Equal(want) || got.Location() != p.zone {
				t.Errorf("%s: minute %d is %v, want %v", zone, minute, got, want.In(p.zone))
			}
		}
	}
}

// situation is a home at any time of two days, with any state that its devices may be in.
func situation(t *rapid.T, p *Planner) (time.Time, map[string]devices.Observation, Memory) {
	now := time.Date(2026, 5, 12, 0, rapid.IntRange(0, 36*60).Draw(t, "minute"), 0, 0, p.zone)
	seen := map[string]devices.Observation{
		"battery": {SoC: energy.Reading[energy.SoC]{Value: energy.SoC(rapid.Float64Range(0, 1).Draw(t, "soc")), At: now, Valid: rapid.Bool().Draw(t, "soc known")}},
		"car": {
			Plugged: energy.Reading[bool]{Value: rapid.Bool().Draw(t, "plugged"), At: now, Valid: rapid.Bool().Draw(t, "plugged known")},
			Session: energy.Read(energy.WattHours(rapid.Float64Range(0, 15000).Draw(t, "session")), now),
		},
		"dishwasher": {Power: energy.Read(energy.Watts(rapid.SampledFrom([]float64{0, 5, 1800}).Draw(t, "dish")), now)},
		"boiler":     {On: energy.Read(rapid.Bool().Draw(t, "boiler"), now)},
	}
	m := p.Remember(nil, now, seen)
	if task := m["boiler"]; rapid.Bool().Draw(t, "ran") {
		task.Ran = time.Duration(rapid.IntRange(0, 130).Draw(t, "for")) * time.Minute
		m["boiler"] = task
	}
	return now, seen, p.Remember(m, now, seen)
}

// tariff is any prices, cheap, dear, below zero, with export above import.
func tariff(t *rapid.T) Signals {
	buy := rapid.SliceOfN(rapid.Float64Range(-0.2, 0.6), 72, 72).Draw(t, "prices")
	s := prices(&testing.T{}, buy...)
	for i := range s.ExportPrice.Points {
		s.ExportPrice.Points[i].Value = energy.PriceOf(rapid.SampledFrom([]float64{-0.05, 0.08, 0.3}).Draw(t, "export"))
	}
	return s
}

// Whatever the prices and whatever the home: no want is outside of what its device can do and may be asked.
func TestWants_NeverLeaveTheDevicesLimits(t *testing.T) {
	h := home(dishwasher, boiler, car, house)
	h.Horizon = 6 * time.Hour // the law needs many plans, not long ones
	p, err := New(h)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		now, seen, memory := situation(t, p)
		in := p.Input(now, tariff(t), seen, memory)
		plan, err := p.Solve(context.Background(), in, scheduler.Options{TimeLimit: time.Millisecond, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		wants := p.Wants(in, plan)
		if len(wants) != 4 {
			t.Fatalf("%d wants of 4 devices", len(wants))
		}
		for i, w := range wants {
			power := float64(w.Setpoint.Power)
			if w.Device != p.home.Devices[i].Name || w.Reason.Code == "" || math.IsNaN(power) || math.IsInf(power, 0) {
				t.Fatalf("%+v", w)
			}
			switch w.Device {
			case "battery":
				if math.Abs(power) > 4000.001 || w.Setpoint.Mode != energy.Release && w.Setpoint.Mode != energy.AtPower {
					t.Fatalf("%+v", w)
				}
				if !seen["battery"].SoC.Valid && w.Setpoint.Mode != energy.Release {
					t.Fatalf("nobody knows how full it is: %+v", w)
				}
			case "car":
				isThere := seen["car"].Plugged.Valid && seen["car"].Plugged.Value
				if power != 0 && (power < 4139.999 || power > 11000.001) || !isThere && (power != 0 || w.Setpoint.Mode != energy.Release) {
					t.Fatalf("%+v", w)
				}
			case "dishwasher":
				if w.Setpoint.Mode == energy.Off && (!memory["dishwasher"].Began.IsZero() || !p.window(dishwasher.Daily, now).Contains(now)) {
					t.Fatalf("a machine that runs, or is free to, is switched off: %+v", w)
				}
			case "boiler":
				if w.Setpoint.Mode == energy.On && memory["boiler"].Ran >= boiler.Load.For {
					t.Fatalf("it has had its time: %+v", w)
				}
			}
		}
	})
}

// What the car is to get is what is left of its need, after losses; never more than one least slot above it, and
// never less than nothing. The plan that comes of it keeps that.
func TestVehicle_RequiredEnergyIsWhatIsLeft(t *testing.T) {
	p := planner(t, car)
	rapid.Check(t, func(rt *rapid.T) {
		now := local(t, 0, rapid.IntRange(0, 24*60).Draw(rt, "minute"))
		charged := energy.WattHours(rapid.Float64Range(0, 20000).Draw(rt, "charged"))
		in := p.Input(now, valley(t), plugged(now, charged), nil)
		problem, err := p.Problem(in)
		if err != nil {
			rt.Fatal(err)
		}
		slot := car.Vehicle.MinCharge.Over(15 * time.Minute)
		left := car.Vehicle.Need - charged
		if left < slot/10 {
			if len(problem.Devices) != 0 {
				rt.Fatalf("%v are left, and it is planned: %+v", left, problem.Devices)
			}
			return
		}
		v := problem.Devices[0].(scheduler.Vehicle)
		stored := float64(left) * 0.92
		if math.Abs(float64(v.Required)-stored) > 1e-6 || v.Room < v.Required || float64(v.Room-v.Required) > float64(slot)*0.92+1e-6 {
			rt.Fatalf("required %v, room %v of %v left", v.Required, v.Room, left)
		}
		ready := problem.Grid.Slot(v.Depart - 1).End
		if clock := ready.In(p.zone); v.Depart > 1 && ready.After(now.Add(24*time.Hour)) || v.Depart > 1 && clock.Format("15:04") != "07:00" {
			rt.Fatalf("at %v it is to be ready at %v", now, clock)
		}
	})
}

// Within one instance of the window nothing that was done is undone, and time only adds up.
func TestRemember_IsMonotoneWithinAWindow(t *testing.T) {
	p := planner(t, dishwasher, boiler)
	rapid.Check(t, func(rt *rapid.T) {
		now, m := local(t, 12, 0), Memory{}
		for range rapid.IntRange(1, 120).Draw(rt, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(rt, "minutes")) * time.Minute)
			seen := map[string]devices.Observation{
				"dishwasher": {Power: energy.Reading[energy.Watts]{Value: energy.Watts(rapid.SampledFrom([]float64{2, 1800}).Draw(rt, "power")), At: now, Valid: rapid.IntRange(0, 4).Draw(rt, "heard") > 0}},
				"boiler":     {On: energy.Reading[bool]{Value: rapid.Bool().Draw(rt, "on"), At: now, Valid: rapid.IntRange(0, 4).Draw(rt, "heard too") > 0}},
			}
			next := p.Remember(m, now, seen)
			for name, before := range m {
				after := next[name]
				if after.Seen.Before(before.Seen) || after.Since.Before(before.Since) {
					rt.Fatalf("%s: %+v after %+v", name, after, before)
				}
				if !after.Window.Start.Equal(before.Window.Start) {
					if after.Window.Start.Before(before.Window.Start) || after.Ran > now.Sub(before.Seen) || !before.Began.IsZero() {
						rt.Fatalf("%s: a new window with an old task: %+v after %+v", name, after, before)
					}
					continue
				}
				if after.Ran < before.Ran || after.Ran > before.Ran+now.Sub(before.Seen) || before.IsDone && !after.IsDone {
					rt.Fatalf("%s: %+v after %+v", name, after, before)
				}
				if !before.Began.IsZero() && !after.Began.Equal(before.Began) && !after.IsDone {
					rt.Fatalf("%s: its program was forgotten: %+v after %+v", name, after, before)
				}
			}
			m = next
		}
	})
}

// Seeing the same twice is seeing it once.
func TestRemember_IsIdempotent(t *testing.T) {
	p := planner(t, dishwasher, boiler, car)
	rapid.Check(t, func(t *rapid.T) {
		now, seen, m := situation(t, p)
		if again := p.Remember(m, now, seen); !reflect.DeepEqual(again, m) {
			t.Fatalf("%+v, then %+v", m, again)
		}
	})
}

// The sentences people read, whole: one for each code that a plan can give.
func TestReasons_AreSentences(t *testing.T) {
	flat := planWith(t, []float64{0.40, 0.40, 0.20, 0.30}, map[string][]energy.Watts{"boiler": {0, 0, 2000, 2000}, "other": {0, 2000, 0, 0}, "now": {900, 0, 0, 0}})
	p := planner(t)
	at := flat.Problem.Grid.Start.Add(time.Minute)
	for device, want := range map[string]Reason{
		"boiler": {"wait_cheaper", "Waits until 18:30: a kWh then costs 0.250 EUR/kWh instead of 0.400 EUR/kWh now."},
		"other":  {"wait", "Waits until 18:15."},
		"none":   {"not_planned", "Is not in the plan."},
	} {
		if got := p.waiting(flat, device, at); got != want {
			t.Errorf("%s: %+v, want %+v", device, got, want)
		}
	}
	for _, c := range []struct {
		planned, imported, exported energy.Watts
		mode                        energy.Mode
		want                        Reason
	}{
		{-1500, 0, 0, energy.Release, Reason{"covers_house", "Covers the house: the grid would cost 0.450 EUR/kWh."}},
		{1500, 0, 0, energy.Release, Reason{"stores_surplus", "Stores the sun that the house does not need."}},
		{1500, 2000, 0, energy.AtPower, Reason{"charge_cheap", "Charges from the grid: at 0.400 EUR/kWh it is cheaper than later."}},
		{1500, 0, 800, energy.AtPower, Reason{"stores_surplus", "Stores sun at the pace of the plan; the rest is sold."}},
		{-1500, 0, 900, energy.AtPower, Reason{"sell", "Gives to the grid: it pays more now than later."}},
		{-4000, 900, 0, energy.AtPower, Reason{"discharge_dear", "Gives what it can: the grid costs 0.450 EUR/kWh."}},
		{0, 0, 900, energy.AtPower, Reason{"hold_sell", "Rests: sun sells for 0.400 EUR/kWh now, and will fill it later."}},
		{0, 900, 0, energy.AtPower, Reason{"hold", "Rests: what is stored is worth more later than 0.400 EUR/kWh now."}},
		{0, 0, 0, energy.AtPower, Reason{"hold", "Rests: what is stored is worth more later than 0.400 EUR/kWh now."}},
	} {
		plan := planWith(t, []float64{0.40}, map[string][]energy.Watts{"battery": {c.planned}})
		plan.Import[0], plan.Export[0] = c.imported, c.exported
		got := p.batteryWant(house, Input{Now: at}, plan, 0)
		power := c.planned
		if c.mode == energy.Release {
			power = 0
		}
		if got.Reason != c.want || got.Setpoint != (energy.Setpoint{Mode: c.mode, Power: power}) {
			t.Errorf("%v with %v in and %v out: %+v", c.planned, c.imported, c.exported, got)
		}
	}
}

// planWith is a plan of quarter hours from 18:00 in Berlin, at these marginal prices and powers; the grid's price is 5 ct
// above.
func planWith(t *testing.T, prices []float64, powers map[string][]energy.Watts) *Plan {
	t.Helper()
	n := len(prices)
	inner := &scheduler.Plan{}
	inner.Import, inner.Export, inner.Curtailed = make([]energy.Watts, n), make([]energy.Watts, n), make([]energy.Watts, n)
	var grid []energy.Price
	for _, price := range prices {
		inner.MarginalPrice = append(inner.MarginalPrice, energy.PriceOf(price))
		grid = append(grid, energy.PriceOf(price+0.05))
	}
	for name, power := range powers {
		inner.Devices = append(inner.Devices, scheduler.DevicePlan{ID: name, Power: power})
	}
	return &Plan{local(t, 18, 0), &scheduler.Problem{Grid: energy.NewGrid(local(t, 18, 0), 15*time.Minute, n), Currency: "EUR", ImportPrice: grid}, nil, inner}
}

func TestPlan_RunIsTheFirstThatIsNotOver(t *testing.T) {
	plan := planWith(t, make([]float64, 8), map[string][]energy.Watts{"x": {0, 500, 500, 0, 0, -100, 0, 900}})
	start := plan.Problem.Grid.Start
	quarter := func(i int) time.Time { return start.Add(time.Duration(i) * 15 * time.Minute) }
	for at, want := range map[int]energy.Interval{
		0: {Start: quarter(1), End: quarter(3)}, 2: {Start: quarter(1), End: quarter(3)}, 3: {Start: quarter(5), End: quarter(6)}, 6: {Start: quarter(7), End: quarter(8)},
	} {
		if got, ok := plan.Run("x", quarter(at)); !ok || got != want {
			t.Errorf("from slot %d: %v, %v", at, got, ok)
		}
	}
	if _, ok := plan.Run("x", quarter(8)); ok {
		t.Error("the plan is over")
	}
	var none *Plan
	if _, ok := none.Run("x", start); ok || none.Power("x") != nil || none.Schedules() != nil {
		t.Error("no plan has no run")
	}
	if _, ok := none.Slot(start); ok {
		t.Error("no plan covers nothing")
	}
}
