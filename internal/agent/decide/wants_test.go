package decide

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
	"hearth/scheduler"
)

// decided plans and says what each device should do now.
func decided(t *testing.T, p *Planner, in Input) (*Plan, map[string]Want) {
	t.Helper()
	plan, err := p.Solve(context.Background(), in, scheduler.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	wants := map[string]Want{}
	for _, w := range p.Wants(in, plan) {
		wants[w.Device] = w
	}
	return plan, wants
}

func plugged(now time.Time, session energy.WattHours) map[string]devices.Observation {
	return map[string]devices.Observation{"car": {Plugged: energy.Read(true, now), Session: energy.Read(session, now)}}
}

func TestWants_CarWaitsForTheValley(t *testing.T) {
	p := planner(t, car)
	now := local(t, 18, 0)
	plan, wants := decided(t, p, p.Input(now, valley(t), plugged(now, 0), nil))
	w := wants["car"]
	if w.Setpoint != (energy.Setpoint{Mode: energy.AtPower}) || w.Reason.Code != "wait_cheaper" {
		t.Errorf("%+v", w)
	}
	for _, part := range []string{"until 0", "0.200 EUR/kWh", "0.400 EUR/kWh"} {
		if !strings.Contains(w.Reason.Text, part) {
			t.Errorf("%q does not say %q", w.Reason.Text, part)
		}
	}
	run, ok := plan.Run("car", now)
	if valley := (energy.Interval{Start: local(t, 25, 0), End: local(t, 28, 0)}); !ok || run.Overlap(valley) != run {
		t.Errorf("runs %v", run)
	}
	// In the valley it charges, by the same plan.
	in := p.Input(run.Start.Add(time.Minute), valley(t), plugged(run.Start.Add(time.Minute), 0), nil)
	for _, w := range p.Wants(in, plan) {
		if w.Setpoint.Power < 4140 || w.Reason.Code != "charge_cheap" {
			t.Errorf("in the valley: %+v", w)
		}
	}
}

func TestWants_CarIsLeftAloneWhenAwayAndPausedWhenDone(t *testing.T) {
	p := planner(t, car)
	now := local(t, 18, 0)
	away := map[string]devices.Observation{"car": {Plugged: energy.Read(false, now)}}
	for name, c := range map[string]struct {
		seen map[string]devices.Observation
		mode energy.Mode
		code string
	}{
		"away":    {away, energy.Release, "unplugged"},
		"unknown": {nil, energy.Release, "unknown_state"},
		"done":    {plugged(now, 14000), energy.AtPower, "done"},
	} {
		_, wants := decided(t, p, p.Input(now, valley(t), c.seen, nil))
		if w := wants["car"]; w.Setpoint.Mode != c.mode || w.Setpoint.Power != 0 || w.Reason.Code != c.code {
			t.Errorf("%s: %+v", name, w)
		}
	}
}

func TestWants_ApplianceIsHeldOnlyInsideItsWindow(t *testing.T) {
	p := planner(t, dishwasher)
	for name, c := range map[string]struct {
		now    time.Time
		memory Memory
		mode   energy.Mode
		code   string
	}{
		"afternoon":     {local(t, 15, 0), nil, energy.Release, "outside_window"},
		"evening":       {local(t, 20, 0), nil, energy.Off, "wait_cheaper"},
		"running":       {local(t, 22, 0), Memory{"dishwasher": {Began: local(t, 21, 30)}}, energy.On, "running"},
		"done":          {local(t, 23, 0), Memory{"dishwasher": {IsDone: true, Window: p.window(dishwasher.Daily, local(t, 23, 0))}}, energy.Release, "done"},
		"late, but now": {local(t, 6, 0), nil, energy.On, "ready"},
	} {
		_, wants := decided(t, p, p.Input(c.now, valley(t), nil, c.memory))
		if w := wants["dishwasher"]; w.Setpoint.Mode != c.mode || w.Reason.Code != c.code {
			t.Errorf("%s: %+v", name, w)
		}
	}
}

func TestWants_ApplianceHasItsCurrentWhenItsTimeHasCome(t *testing.T) {
	p := planner(t, dishwasher)
	plan, _ := decided(t, p, p.Input(local(t, 20, 0), valley(t), nil, nil))
	run, _ := plan.Run("dishwasher", local(t, 20, 0))
	in := p.Input(run.Start.Add(time.Minute), valley(t), nil, nil)
	if w := p.Wants(in, plan)[0]; w.Setpoint.Mode != energy.On || w.Reason.Code != "ready" {
		t.Errorf("%+v", w)
	}
}

func TestWants_LoadRunsInTheValley(t *testing.T) {
	p := planner(t, boiler)
	_, before := decided(t, p, p.Input(local(t, 0, 10), valley(t), nil, nil))
	if w := before["boiler"]; w.Setpoint.Mode != energy.Off || w.Reason.Code != "wait_cheaper" {
		t.Errorf("before: %+v", w)
	}
	on := 0
	for quarter := range 12 {
		now := local(t, 1, quarter*15)
		memory := Memory{"boiler": {Window: p.window(boiler.Daily, now), Ran: time.Duration(on) * 15 * time.Minute, IsOn: on > 0, Since: local(t, 1, 0)}}
		if memory["boiler"].Ran >= 2*time.Hour {
			break
		}
		if _, wants := decided(t, p, p.Input(now, valley(t), nil, memory)); wants["boiler"].Setpoint.Mode == energy.On {
			on++
		}
	}
	if on != 8 {
		t.Errorf("on for %d quarter hours of the valley, want 8", on)
	}
}

// The battery is held at a power only where the plan exchanges with the grid.
func TestWants_BatteryFollowsTheHouseWhereThePlanIsBalanced(t *testing.T) {
	p := planner(t, house)
	now := local(t, 18, 0)
	seen := map[string]devices.Observation{"battery": {SoC: energy.Read(energy.SoC(0.6), now)}}
	plan, wants := decided(t, p, p.Input(now, valley(t), seen, nil))
	if w := wants["battery"]; w.Setpoint.Mode != energy.Release || w.Reason.Code != "covers_house" {
		t.Errorf("at 0.40: %+v", w)
	}
	night := local(t, 26, 0)
	slot, _ := plan.Slot(night)
	for _, w := range p.Wants(p.Input(night, valley(t), seen, nil), plan) {
		if plan.Power("battery")[slot] > idle && (w.Setpoint.Mode != energy.AtPower || w.Reason.Code != "charge_cheap") {
			t.Errorf("at 0.20: %+v, planned %v", w, plan.Power("battery")[slot])
		}
	}
}

func TestWants_EveryWantHasAReason(t *testing.T) {
	p := planner(t, dishwasher, boiler, car, house)
	for hour := 1; hour < 36; hour += 3 { // at no time within an hour of the car's departure, when its need cannot be met
		now := local(t, hour, 20)
		seen := plugged(now, 2000)
		seen["battery"] = devices.Observation{SoC: energy.Read(energy.SoC(0.4), now)}
		plan, wants := decided(t, p, p.Input(now, valley(t), seen, nil))
		if len(wants) != 4 {
			t.Fatalf("%d wants", len(wants))
		}
		for _, w := range wants {
			if w.Reason.Code == "" || !strings.HasSuffix(w.Reason.Text, ".") || strings.Contains(w.Reason.Text, "NaN") {
				t.Errorf("%+v", w)
			}
			if math.IsNaN(float64(w.Setpoint.Power)) {
				t.Errorf("%+v", w)
			}
		}
		if plan.Status == scheduler.Relaxed {
			t.Errorf("at %v: %v", now, plan.Violations)
		}
	}
}

// A decision can be made again from what is stored of it.
func TestInput_GivesTheSameDecisionAfterJSON(t *testing.T) {
	p := planner(t, dishwasher, boiler, car, house)
	now := local(t, 18, 20)
	seen := plugged(now, 2000)
	seen["battery"] = devices.Observation{SoC: energy.Read(energy.SoC(0.4), now)}
	in := p.Input(now, valley(t), seen, p.Remember(nil, now, seen))
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	home, err := json.Marshal(p.Home())
	if err != nil {
		t.Fatal(err)
	}
	var stored Input
	var storedHome Home
	if err := json.Unmarshal(text, &stored); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(home, &storedHome); err != nil {
		t.Fatal(err)
	}
	again, err := New(storedHome)
	if err != nil {
		t.Fatal(err)
	}
	_, want := decided(t, p, in)
	_, got := decided(t, again, stored)
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s: %+v, was %+v", name, got[name], want[name])
		}
	}
	if len(text) > 20_000 {
		t.Errorf("an input takes %d bytes", len(text))
	}
}
