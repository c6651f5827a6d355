package decide

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/devices"
	"hearth/energy"
	"hearth/scheduler"
)

// obeyed is what a device is asked with one order of it at 18:30, with a battery half full and a car plugged in.
func obeyed(t testing.TB, o Order, m Memory, h Home) (map[string]Want, *Plan) {
	t.Helper()
	p, err := New(h)
	if err != nil {
		t.Fatal(err)
	}
	now := local(t, 18, 30)
	seen := plugged(now, 0)
	seen["battery"] = devices.Observation{SoC: energy.Read(energy.SoC(0.5), now)}
	signals := valley(t)
	signals.Orders = []Order{o}
	in := p.Input(now, signals, seen, m)
	plan, err := p.Solve(t.Context(), in, scheduler.Options{TimeLimit: 50 * time.Millisecond, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	wants := map[string]Want{}
	for _, w := range p.Wants(in, plan) {
		wants[w.Device] = w
	}
	return wants, plan
}

func TestObey_ADeviceFollowsItsSetpointWithinItsBounds(t *testing.T) {
	evening := dishwasher
	evening.Daily = Window{After: 18 * 60, Before: 7 * 60}
	h := home(evening, boiler, car, house)
	for _, c := range []struct {
		device string
		power  energy.Watts
		want   energy.Setpoint
	}{
		{"battery", 1500, energy.Setpoint{Mode: energy.AtPower, Power: 1500}},
		{"battery", 9000, energy.Setpoint{Mode: energy.AtPower, Power: 4000}},
		{"battery", 0, energy.Setpoint{Mode: energy.AtPower}},
		{"car", 6000, energy.Setpoint{Mode: energy.AtPower, Power: 6000}},
		{"car", 20000, energy.Setpoint{Mode: energy.AtPower, Power: 11000}},
		{"car", 3000, energy.Setpoint{Mode: energy.AtPower}}, // below what it can
		{"boiler", 2000, energy.Setpoint{Mode: energy.On, Power: 2000}},
		{"boiler", 1999, energy.Setpoint{Mode: energy.Off}},
		{"dishwasher", 500, energy.Setpoint{Mode: energy.Off}},
	} {
		o := order(t, Setpoint, 18, 20)
		o.Device, o.Power, o.Text = c.device, c.power, "test"
		wants, _ := obeyed(t, o, nil, h)
		if w := wants[c.device]; w.Setpoint != c.want || w.Reason != (Reason{"grid_setpoint", "As the grid's operator asks, until 20:00 (test)."}) {
			t.Errorf("%s at %v: %+v, want %+v", c.device, c.power, w, c.want)
		}
		for name, w := range wants {
			if name != c.device && strings.HasPrefix(w.Reason.Code, "grid_") {
				t.Errorf("%s was not asked: %+v", name, w)
			}
		}
	}
	// A program that runs is not cut, and a home that has no room for more is not overloaded.
	o := order(t, Setpoint, 18, 20)
	o.Device = "dishwasher"
	wants, _ := obeyed(t, o, Memory{"dishwasher": {Began: local(t, 18, 15), IsOn: true}}, h)
	if w := wants["dishwasher"]; w.Setpoint.Mode != energy.On || w.Reason.Code != "running" {
		t.Errorf("%+v", w)
	}
	small := home(car)
	small.MaxImport = 5000
	o.Device, o.Power = "car", 11000
	wants, _ = obeyed(t, o, nil, small)
	if w := wants["car"]; w.Setpoint.Power < 4600 || w.Setpoint.Power > 4700.001 { // beside 300 W of the house
		t.Errorf("%+v", w)
	}
}

func TestObey_ALimitOfADeviceHoldsItDown(t *testing.T) {
	dear := home(car)
	soon := car
	soon.Vehicle = &Vehicle{Need: 14000, Ready: 19*60 + 45, MaxCharge: 11000, MinCharge: 4140, Efficiency: 0.92}
	dear.Devices[0].Vehicle = soon.Vehicle
	limit := order(t, ImportLimit, 18, 20)
	limit.Device, limit.Power, limit.Text = "car", 6000, "cable"
	wants, _ := obeyed(t, limit, nil, dear)
	if w := wants["car"]; w.Setpoint.Power != 6000 || w.Reason != (Reason{"grid_limit", "Takes no more than 6kW: so the grid's operator says, until 20:00 (cable)."}) {
		t.Errorf("%+v", w)
	}
	limit.Power = 4000
	if wants, _ = obeyed(t, limit, nil, dear); wants["car"].Setpoint != (energy.Setpoint{Mode: energy.AtPower}) {
		t.Errorf("%+v", wants["car"])
	}
	limit.Power = 12000
	if wants, _ = obeyed(t, limit, nil, dear); wants["car"].Reason.Code != "charge_cheap" {
		t.Errorf("%+v", wants["car"])
	}
}

// Whatever operators ask of devices: no device leaves its bounds, and all together take no more than the home bears
// beyond what was planned.
func TestObey_NeverOverloadsTheHome(t *testing.T) {
	h := home(boiler, car, house)
	h.Horizon = 6 * time.Hour
	p, err := New(h)
	if err != nil {
		t.Fatal(err)
	}
	kinds := []Kind{ImportLimit, ExportLimit, Moderate, High, Emergency, Outage, Setpoint, Charge, Notice, Unfollowed}
	rapid.Check(t, func(t *rapid.T) {
		now, seen, memory := situation(t, p)
		signals := tariff(t)
		for range rapid.IntRange(0, 6).Draw(t, "orders") {
			o := Order{
				Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Device: rapid.SampledFrom([]string{"", "car", "battery", "boiler", "other"}).Draw(t, "device"),
				Power: energy.Watts(rapid.Float64Range(0, 20000).Draw(t, "power")), SoC: energy.SoC(rapid.Float64Range(0, 1).Draw(t, "soc")),
			}
			o.Interval = energy.Span(now.Add(time.Duration(rapid.IntRange(-90, 300).Draw(t, "from"))*time.Minute), time.Duration(rapid.IntRange(1, 9000).Draw(t, "length"))*time.Minute)
			signals.Orders = append(signals.Orders, o)
		}
		in := p.Input(now, signals, seen, memory)
		plan, err := p.Solve(t.Context(), in, scheduler.Options{TimeLimit: time.Millisecond, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		more := energy.Watts(0)
		for _, w := range p.Wants(in, plan) {
			planned := energy.Watts(0)
			if power := plan.Power(w.Device); power != nil {
				planned = power[0]
			}
			most := map[string]energy.Watts{"boiler": 2000, "car": 11000, "battery": 4000}[w.Device]
			if w.Setpoint.Power > most+0.001 || w.Setpoint.Power < -4000.001 || w.Reason.Code == "" || w.Reason.Text == "" {
				t.Fatalf("%+v", w)
			}
			if w.Setpoint.Mode == energy.AtPower || w.Setpoint.Mode == energy.On {
				more += max(0, w.Setpoint.Power-max(0, planned))
			}
		}
		if total := plan.Import[0] + more; more > 1 && total > p.home.MaxImport+1 {
			t.Fatalf("%v is planned, and %v more asked of devices", plan.Import[0], more)
		}
		for _, o := range signals.Orders {
			if text := p.Effect(o, plan, now); !strings.HasSuffix(text, ".") {
				t.Fatalf("%+v: %q", o, text)
			}
		}
	})
}

// What is said to be done about an order is what the plan does.
func TestEffect_IsWhatThePlanDoes(t *testing.T) {
	now := local(t, 18, 30)
	seen := map[string]devices.Observation{"battery": {SoC: energy.Read(energy.SoC(0.5), now)}}
	limit, tight := order(t, ImportLimit, 20, 21), order(t, ImportLimit, 20, 21)
	limit.Power = 5000
	of := order(t, Setpoint, 18, 20)
	of.Device = "boiler"
	half, whole, far := order(t, Charge, 18, 22), order(t, Charge, 18, 19), order(t, Charge, 18, 24*6)
	half.SoC, whole.SoC, far.SoC, far.Device = 0.6, 0.9, 0.6, "battery"
	refused := order(t, Unfollowed, 18, 20)
	refused.Effect = "nobody says from what"
	for _, c := range []struct {
		order   Order
		devices []Device
		want    string
	}{
		{limit, nil, "Kept to: at most 0.3 kW are planned."},
		{tight, nil, "The home cannot do with that; the plan comes as close as it can."},
		{order(t, ExportLimit, 18, 20), nil, "Kept to: at most 0.0 kW are planned."},
		{heat(t, 20, 22), nil, "What can be moved goes to other times: 0.6 kWh are planned to be taken from the grid."},
		{heat(t, 20, 22), []Device{house}, "What can be moved goes to other times: nothing is planned to be taken from the grid."},
		{order(t, Moderate, 20, 22), nil, "What is cheap to move goes to other times: 0.6 kWh are planned to be taken from the grid."},
		{emergencyOf(t, 18, 20), nil, "Nothing is charged from the grid, nothing new is begun, and a battery covers the house: 0.5 kWh are planned to be taken from the grid."},
		{heat(t, 24*5, 24*6), nil, "Is planned for as soon as prices are known that far."},
		{order(t, Outage, 20, 22), nil, "There is no battery that could be filled."},
		{order(t, Outage, 20, 22), []Device{house}, "The battery is full when it begins, as far as there is time, and keeps that until it is over."},
		{order(t, Outage, 18, 22), []Device{house}, "The battery keeps what it has until it is over."},
		{half, []Device{house}, "The battery has at least that by then."},
		{whole, []Device{house}, "The battery has 6.9 kWh by then: there is no time or no room for more."}, // two slots of 4 kW
		{far, []Device{house}, "Is planned for as soon as prices are known that far."},
		{order(t, Notice, 18, 22), nil, "For people: it asks nothing of the devices."},
		{of, []Device{boiler}, "Followed while it holds, within what the device can do."},
		{refused, nil, "Not followed: nobody says from what."},
	} {
		p := planner(t, c.devices...)
		signals := valley(t)
		signals.Orders = []Order{c.order}
		plan, _ := decided(t, p, p.Input(now, signals, seen, nil))
		if got := p.Effect(c.order, plan, now); got != c.want {
			t.Errorf("%s: %q, want %q", c.order.Kind, got, c.want)
		}
	}
}

// A battery that follows the house by itself could take more than its limit from the sun: it is held at what is planned
// for it, and at no more than the limit. Where its limit is out of its reach, it goes on by itself.
func TestObey_ALimitOfABatteryHoldsItDown(t *testing.T) {
	now := local(t, 12, 30)
	for _, c := range []struct {
		sun, limit energy.Watts
		soc        energy.SoC
		want       energy.Setpoint
	}{
		{3300, 2000, 0.3, energy.Setpoint{Mode: energy.AtPower, Power: 2000}}, // would store 3 kW
		{0, 2000, 0.6, energy.Setpoint{Mode: energy.AtPower, Power: -300}},    // covers the house
		{0, 4000, 0.6, energy.Setpoint{}},
		{0, 2000, -1, energy.Setpoint{Mode: energy.AtPower}}, // nobody knows how full it is
	} {
		p := planner(t, house)
		signals := valley(t)
		signals.Solar = energy.Series[energy.Watts]{Points: []energy.Point[energy.Watts]{{Interval: energy.Span(local(t, 12, 0), 2*time.Hour), Value: c.sun}}}
		limit := order(t, ImportLimit, 12, 14)
		limit.Device, limit.Power, limit.Text = "battery", c.limit, "cable"
		signals.Orders = []Order{limit}
		seen := map[string]devices.Observation{}
		if c.soc >= 0 {
			seen["battery"] = devices.Observation{SoC: energy.Read(c.soc, now)}
		}
		plan, wants := decided(t, p, p.Input(now, signals, seen, nil))
		w := wants["battery"]
		if off := w.Setpoint.Power - c.want.Power; w.Setpoint.Mode != c.want.Mode || off > 1 || off < -1 {
			t.Errorf("%+v: %+v, planned %v", c, w, plan.Power("battery"))
		}
		if is := w.Reason == (Reason{"grid_limit", "Takes no more than 2kW: so the grid's operator says, until 14:00 (cable)."}); is != (c.limit == 2000) {
			t.Errorf("%+v: %+v", c, w.Reason)
		}
		if got := p.Effect(limit, plan, now); got != "Followed while it holds, within what the device can do." {
			t.Errorf("%q", got)
		}
	}
}

// Of several limits the tightest holds, over a setpoint of the same device too, and over a charger that does not count.
func TestObey_TheTightestLimitOfADeviceHolds(t *testing.T) {
	p := planner(t, car)
	now := local(t, 18, 30)
	of := func(k Kind, power energy.Watts) Order {
		o := order(t, k, 18, 20)
		o.Device, o.Power = "car", power
		return o
	}
	uncounted := map[string]devices.Observation{"car": {Plugged: energy.Read(true, now)}}
	for _, c := range []struct {
		seen   map[string]devices.Observation
		orders []Order
		want   energy.Watts
	}{
		{plugged(now, 0), []Order{of(ImportLimit, 7000), of(Setpoint, 9000), of(ImportLimit, 5000)}, 5000},
		{plugged(now, 0), []Order{of(ImportLimit, 7000), of(Setpoint, 6000)}, 6000},
		{uncounted, []Order{of(ImportLimit, 7000), of(ImportLimit, 5000)}, 5000},
		{uncounted, []Order{emergencyOf(t, 18, 20)}, 0},
	} {
		signals := valley(t)
		signals.Orders = c.orders
		_, wants := decided(t, p, p.Input(now, signals, c.seen, nil))
		if w := wants["car"]; w.Setpoint != (energy.Setpoint{Mode: energy.AtPower, Power: c.want}) {
			t.Errorf("%+v, want %v", w, c.want)
		}
	}
	// A setpoint is not given to a charger of which nobody knows what it does.
	signals := valley(t)
	signals.Orders = []Order{of(Setpoint, 6000)}
	if _, wants := decided(t, p, p.Input(now, signals, uncounted, nil)); wants["car"].Reason.Code != "unknown_state" {
		t.Errorf("%+v", wants["car"])
	}
}

// A program that runs outside its window is a program: a limit of its plug does not cut it.
func TestObey_ALimitCutsNoProgram(t *testing.T) {
	p := planner(t, dishwasher)
	limit := order(t, ImportLimit, 12, 14)
	limit.Device, limit.Power = "dishwasher", 500
	signals := valley(t)
	signals.Orders = []Order{limit}
	for isOn, want := range map[bool]energy.Mode{true: energy.Release, false: energy.Off} {
		_, wants := decided(t, p, p.Input(local(t, 12, 30), signals, nil, Memory{"dishwasher": {IsOn: isOn}}))
		if w := wants["dishwasher"]; w.Setpoint.Mode != want {
			t.Errorf("runs %v: %+v", isOn, w)
		}
	}
}
