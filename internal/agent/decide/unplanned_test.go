package decide

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/devices"
	"hearth/energy"
	"hearth/scheduler"
)

// priceless is what devices are asked with orders at 20:30 without a price, by device.
func priceless(t *testing.T, p *Planner, m Memory, orders ...Order) map[string]Want {
	t.Helper()
	now := local(t, 20, 30)
	in := p.Input(now, Signals{Orders: orders}, plugged(now, 0), m)
	if _, err := p.Problem(in); !errors.Is(err, ErrNoPrice) {
		t.Fatalf("%v", err)
	}
	wants := map[string]Want{}
	for _, w := range p.Wants(in, nil) {
		wants[w.Device] = w
	}
	return wants
}

// Without a price nothing can be planned, and an operator is obeyed all the same: nothing is begun, and each device says
// why and that no price is known.
func TestUnplanned_WhatPressesIsObeyed(t *testing.T) {
	p := planner(t, dishwasher, boiler, car, house)
	paused := map[string]energy.Setpoint{
		"dishwasher": {Mode: energy.Off}, "boiler": {Mode: energy.Off}, "car": {Mode: energy.AtPower}, "battery": {},
	}
	limit, setpoint, level := order(t, ImportLimit, 20, 22), order(t, Setpoint, 20, 22), heat(t, 20, 22)
	limit.Power, setpoint.Power, level.Level = 5000, 3000, 2
	for _, c := range []struct {
		order      Order
		code, asks string
	}{
		{limit, "grid_limit", "the grid's operator allows the home 5kW now. No price is known to plan by."},
		{setpoint, "grid_setpoint", "the grid's operator asks for 3kW until 22:00. No price is known to plan by."},
		{heat(t, 20, 22), "grid_alert", "the grid's operator asks to shift use out of 20:00 to 22:00 (Flex alert: heat wave). No price is known to plan by."},
		{level, "grid_level", "the grid's operator asks to shift use out of 20:00 to 22:00 (Flex alert: heat wave). No price is known to plan by."},
		{emergencyOf(t, 20, 22), "grid_alert", "the grid's operator asks to take as little as can be until 22:00 (Grid emergency). No price is known to plan by."},
	} {
		wants := priceless(t, p, nil, order(t, Moderate, 20, 22), c.order, order(t, Notice, 20, 22))
		for name, want := range paused {
			begin := "Waits: "
			if name == "battery" {
				begin = "Serves the house by itself: "
			}
			if w := wants[name]; w.Setpoint != want || w.Reason != (Reason{c.code, begin + c.asks}) {
				t.Errorf("%s, %s: %+v", c.order.Kind, name, w)
			}
		}
		if got := p.Effect(c.order, nil, local(t, 20, 30)); got != "No price is known to plan by: while it holds, cars are not charged and nothing new is begun." {
			t.Errorf("%s: %q", c.order.Kind, got)
		}
	}
}

// What does not press, or is out of reach, leaves everything to itself; the page says which of it is not followed.
func TestUnplanned_WhatCannotBeFollowedIsSaid(t *testing.T) {
	p := planner(t, dishwasher, boiler, car, house)
	wide := order(t, ImportLimit, 20, 22)
	wide.Power = 20000
	later := emergencyOf(t, 22, 23)
	const not = "Not followed: no price is known to plan by."
	for _, c := range []struct {
		order  Order
		effect string
	}{
		{wide, "The home's own limit is no higher."},
		{later, "No price is known to plan by: while it holds, cars are not charged and nothing new is begun."},
		{order(t, Moderate, 20, 22), not},
		{order(t, ExportLimit, 20, 22), not},
		{order(t, Outage, 20, 22), not},
		{order(t, Charge, 20, 22), not},
		{order(t, Notice, 20, 22), "For people: it asks nothing of the devices."},
	} {
		for name, w := range priceless(t, p, nil, c.order) {
			if w.Setpoint.Mode != energy.Release || w.Reason.Code != "no_plan" {
				t.Errorf("%s, %s: %+v", c.order.Kind, name, w)
			}
		}
		if got := p.Effect(c.order, nil, local(t, 20, 30)); got != c.effect {
			t.Errorf("%s: %q", c.order.Kind, got)
		}
	}
}

// A program that runs is not cut, what is free to use stays so, and nothing is asked of a charger without a car.
func TestUnplanned_WhatRunsIsNotCut(t *testing.T) {
	p := planner(t, dishwasher, car)
	window := p.window(dishwasher.Daily, local(t, 20, 30))
	for name, task := range map[string]Task{
		"runs": {Window: window, Began: local(t, 20, 0), IsOn: true}, "done": {Window: window, IsDone: true},
	} {
		if w := priceless(t, p, Memory{"dishwasher": task}, emergencyOf(t, 20, 22))["dishwasher"]; w.Setpoint.Mode != energy.Release {
			t.Errorf("%s: %+v", name, w)
		}
	}
	early := local(t, 15, 0)
	in := p.Input(early, Signals{Orders: []Order{emergencyOf(t, 14, 16)}}, map[string]devices.Observation{"car": {Plugged: energy.Read(false, early)}}, nil)
	wants := p.Wants(in, nil)
	if wants[0].Setpoint.Mode != energy.Release || wants[1].Setpoint.Mode != energy.Release || wants[1].Reason.Code != "unplugged" {
		t.Errorf("%+v", wants)
	}
}

// Limits of a device hold without a plan, and setpoints of one as limits.
func TestUnplanned_LimitsOfADeviceHold(t *testing.T) {
	p := planner(t, dishwasher, boiler, car, house)
	for _, c := range []struct {
		device string
		power  energy.Watts
		want   energy.Setpoint
	}{
		{"car", 6000, energy.Setpoint{Mode: energy.AtPower, Power: 6000}},
		{"car", 3000, energy.Setpoint{Mode: energy.AtPower}},
		{"car", 11000, energy.Setpoint{}},
		{"battery", 2000, energy.Setpoint{Mode: energy.AtPower}},
		{"battery", 4000, energy.Setpoint{}},
		{"boiler", 500, energy.Setpoint{}}, // off by itself
		{"dishwasher", 500, energy.Setpoint{Mode: energy.Off}},
		{"dishwasher", 2000, energy.Setpoint{}},
	} {
		for k, effect := range map[Kind]string{
			ImportLimit: "Followed while it holds, within what the device can do.",
			Setpoint:    "No price is known to plan by: the device takes no more than that while it holds.",
		} {
			o := order(t, k, 20, 22)
			o.Device, o.Power = c.device, c.power
			wants := priceless(t, p, nil, o)
			w := wants[c.device]
			isHeld := strings.HasPrefix(w.Reason.Text, "Takes no more than ") && strings.HasSuffix(w.Reason.Text, ", until 22:00. No price is known to plan by.")
			if w.Setpoint != c.want || isHeld != (c.want != energy.Setpoint{}) || isHeld && w.Reason.Code != o.code() {
				t.Errorf("%s of %s, %v: %+v", k, c.device, c.power, w)
			}
			if got := p.Effect(o, nil, local(t, 20, 30)); got != effect {
				t.Errorf("%q", got)
			}
		}
	}
	limit := order(t, ImportLimit, 20, 22)
	limit.Device, limit.Power = "car", 6000
	if w := priceless(t, p, nil, limit, emergencyOf(t, 20, 22))["car"]; w.Setpoint != (energy.Setpoint{Mode: energy.AtPower}) || w.Reason.Code != "grid_alert" {
		t.Errorf("%+v", w)
	}
}

// Prices end while a plan still runs, and then an operator says something new: it goes before the old plan. What the plan
// was made for is obeyed by the plan, however far its end has moved.
func TestUnplanned_ANewWordGoesBeforeAnOldPlan(t *testing.T) {
	h := home(boiler, car, house)
	h.Devices[1].Vehicle = &Vehicle{Need: 13600, Ready: 21*60 + 15, MaxCharge: 11000, MinCharge: 4140, Efficiency: 0.92}
	p, err := New(h)
	if err != nil {
		t.Fatal(err)
	}
	now := local(t, 20, 0)
	signals := prices(t, append(slicesOf(0.1, 22), slicesOf(0.4, 20)...)...)
	seen := plugged(now, 0)
	seen["battery"] = devices.Observation{SoC: energy.Read(energy.SoC(0.5), now)}
	in := p.Input(now, signals, seen, nil)
	plan, wants := decided(t, p, in)
	if wants["car"].Setpoint.Power < 4140 || wants["boiler"].Setpoint.Mode != energy.On {
		t.Fatalf("nothing is taken at the cheapest hours: %+v", wants)
	}
	emergency := emergencyOf(t, 19, 24)
	in.Orders = []Order{emergency}
	for _, w := range p.Wants(in, plan) {
		if w.Setpoint.Power > 0 || w.Reason.Code != "grid_alert" || !strings.HasSuffix(w.Reason.Text, noPrice) {
			t.Errorf("%+v", w)
		}
	}
	if got := p.Effect(emergency, plan, now); !strings.HasPrefix(got, "No price is known") {
		t.Errorf("%q", got)
	}
	plan, _ = decided(t, p, in)
	in.Orders[0].End = in.Orders[0].End.Add(time.Hour)
	for _, w := range p.Wants(in, plan) {
		if strings.HasSuffix(w.Reason.Text, noPrice) {
			t.Errorf("%+v", w)
		}
	}
}

// Whatever presses, and however much of a plan there is: a device takes no more than it would without the order, and the
// page never says that nothing is planned yet.
func TestUnplanned_NeverTakesMore(t *testing.T) {
	p := planner(t, dishwasher, boiler, car, house)
	kinds := []Kind{ImportLimit, ExportLimit, Moderate, High, Emergency, Outage, Setpoint, Charge, Notice, Unfollowed}
	rapid.Check(t, func(t *rapid.T) {
		now, seen, memory := situation(t, p)
		in := p.Input(now, tariff(t), seen, memory)
		var plan *Plan
		if rapid.Bool().Draw(t, "old plan") {
			var err error
			if plan, err = p.Solve(t.Context(), in, scheduler.Options{TimeLimit: time.Millisecond, Seed: 1}); err != nil {
				t.Fatal(err)
			}
		}
		before := p.Wants(in, plan)
		for range rapid.IntRange(1, 4).Draw(t, "orders") {
			in.Orders = append(in.Orders, Order{
				Interval: energy.Span(now.Add(time.Duration(rapid.IntRange(-90, 30).Draw(t, "from"))*time.Minute), 100*time.Minute),
				Kind:     rapid.SampledFrom(kinds).Draw(t, "kind"), Device: rapid.SampledFrom([]string{"", "car", "battery", "boiler", "dishwasher"}).Draw(t, "device"),
				Power: energy.Watts(rapid.Float64Range(0, 20000).Draw(t, "power")),
			})
		}
		for i, w := range p.Wants(in, plan) {
			d := p.home.Devices[i]
			if was := demanded(d, before[i]); demanded(d, w) > max(was, 0) && w.Setpoint.Mode != energy.Release {
				t.Fatalf("%+v, before %+v", w, before[i])
			}
			if o, ok := tightest(in.Orders, ImportLimit, d.Name, now); ok && w.Reason.Code != "unplugged" && d.Appliance == nil && demanded(d, w) > o.Power {
				t.Fatalf("%+v with a limit of %v", w, o.Power)
			}
		}
		for _, o := range in.Orders {
			if text := p.Effect(o, plan, now); !strings.HasSuffix(text, ".") || strings.Contains(text, "yet") {
				t.Fatalf("%q", text)
			}
		}
	})
}
