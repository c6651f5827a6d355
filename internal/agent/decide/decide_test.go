package decide

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/devices"
	"hearth/energy"
	"hearth/scheduler"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// local is a time of a spring day in Berlin; hour may be more than 24.
func local(t testing.TB, hour, minute int) time.Time {
	return time.Date(2026, 5, 12, hour, minute, 0, 0, berlin(t))
}

func home(devices ...Device) Home {
	for i := range devices {
		devices[i].MaxAge = 5 * time.Minute
	}
	return Home{
		Zone: "Europe/Berlin", Currency: "EUR", MaxImport: 17000, MaxExport: 10000, BaseLoad: 300,
		Slot: 15 * time.Minute, Horizon: 36 * time.Hour, MayExport: true, Devices: devices,
	}
}

var (
	dishwasher = Device{
		Name: "dishwasher", Daily: Window{After: 19*60 + 30, Before: 7 * 60},
		Appliance: &Program{Step: 15 * time.Minute, Power: []energy.Watts{100, 2000, 1000, 100, 60, 1800, 40, 10}},
	}
	boiler = Device{
		Name: "boiler", Daily: Window{0, 24 * 60},
		Load: &Run{Power: 2000, For: 2 * time.Hour, AtLeast: 30 * time.Minute},
	}
	car = Device{
		Name: "car", Vehicle: &Vehicle{Need: 14000, Ready: 7 * 60, MaxCharge: 11000, MinCharge: 4140, Efficiency: 0.92},
	}
	house = Device{
		Name: "battery", Battery: &Battery{Capacity: 10000, Min: 0.1, Max: 0.95, MaxCharge: 4000, MaxDischarge: 4000, Efficiency: 0.95},
	}
)

func planner(t testing.TB, devices ...Device) *Planner {
	t.Helper()
	p, err := New(home(devices...))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// prices is a series of import and export prices from the start of the day on, an hour each.
func prices(t testing.TB, perHour ...float64) Signals {
	t.Helper()
	var buy, sell []energy.Point[energy.Price]
	for i, p := range perHour {
		hour := energy.Span(local(t, i, 0), time.Hour)
		buy = append(buy, energy.Point[energy.Price]{Interval: hour, Value: energy.PriceOf(p)})
		sell = append(sell, energy.Point[energy.Price]{Interval: hour, Value: energy.PriceOf(0.08)})
	}
	return Signals{ImportPrice: energy.Series[energy.Price]{Currency: "EUR", Points: buy}, ExportPrice: energy.Series[energy.Price]{Currency: "EUR", Points: sell}}
}

// valley is three days of prices: 0.40, but 0.20 from 01:00 to 04:00.
func valley(t testing.TB) Signals {
	hours := make([]float64, 72)
	for i := range hours {
		hours[i] = 0.40
		if i%24 >= 1 && i%24 < 4 {
			hours[i] = 0.20
		}
	}
	return prices(t, hours...)
}

func TestWindow_HoldsTheTimeOrComesNext(t *testing.T) {
	p := planner(t)
	for _, c := range []struct {
		w        Window
		at       time.Time
		from, to time.Time
	}{
		{Window{19*60 + 30, 7 * 60}, local(t, 12, 0), local(t, 19, 30), local(t, 31, 0)},
		{Window{19*60 + 30, 7 * 60}, local(t, 23, 0), local(t, 19, 30), local(t, 31, 0)},
		{Window{19*60 + 30, 7 * 60}, local(t, 3, 0), local(t, -5, 30), local(t, 7, 0)},
		{Window{19*60 + 30, 7 * 60}, local(t, 7, 0), local(t, 19, 30), local(t, 31, 0)},
		{Window{0, 24 * 60}, local(t, 12, 0), local(t, 0, 0), local(t, 24, 0)},
		{Window{0, 24 * 60}, local(t, 0, 0), local(t, 0, 0), local(t, 24, 0)},
		{Window{8 * 60, 8 * 60}, local(t, 9, 0), local(t, 8, 0), local(t, 32, 0)},
	} {
		if got := p.window(c.w, c.at); !got.Start.Equal(c.from) || !got.End.Equal(c.to) {
			t.Errorf("%v at %v is %v, want %v to %v", c.w, c.at, got, c.from, c.to)
		}
	}
}

// The days on which the clock changes: the window keeps its local times, and is an hour shorter or longer.
func TestWindow_OnChangeDays(t *testing.T) {
	zone := berlin(t)
	p := planner(t)
	for day, hours := range map[int]float64{29: 10.5, 25: 12.5} {
		month := map[int]time.Month{29: time.March, 25: time.October}[day]
		got := p.window(Window{19*60 + 30, 7 * 60}, time.Date(2026, month, day-1, 22, 0, 0, 0, zone))
		if got.Length().Hours() != hours || got.End.In(zone).Format("15:04") != "07:00" {
			t.Errorf("%v %d: %v", month, day, got)
		}
	}
}

func TestProblem_EndsWhereThePriceEnds(t *testing.T) {
	p := planner(t)
	in := p.Input(local(t, 12, 7), prices(t, make([]float64, 24)...), nil, nil)
	problem, err := p.Problem(in)
	if err != nil {
		t.Fatal(err)
	}
	if g := problem.Grid; !g.Start.Equal(local(t, 12, 0)) || !g.End.Equal(local(t, 24, 0)) {
		t.Errorf("grid %v", g)
	}
	if problem.BaseLoad[0] != 300 {
		t.Errorf("unknown base load is %v, not what was configured", problem.BaseLoad[0])
	}
}

func TestProblem_RefusesToInventAPrice(t *testing.T) {
	p := planner(t, boiler)
	s := prices(t, make([]float64, 24)...)
	for name, s := range map[string]Signals{
		"none": {}, "import only": {ImportPrice: s.ImportPrice}, "export only": {ExportPrice: s.ExportPrice},
	} {
		if _, err := p.Problem(p.Input(local(t, 12, 0), s, nil, nil)); !errors.Is(err, ErrNoPrice) {
			t.Errorf("%s: %v", name, err)
		}
	}
	wants := p.Wants(p.Input(local(t, 12, 0), Signals{}, nil, nil), nil)
	if len(wants) != 1 || wants[0].Setpoint.Mode != energy.Release || wants[0].Reason.Code != "no_plan" {
		t.Errorf("%+v", wants)
	}
}

// A home that gives nothing back needs no price for it.
func TestProblem_OfAHomeThatNeverExportsNeedsNoExportPrice(t *testing.T) {
	h := home(boiler)
	h.MayExport = false
	p, err := New(h)
	if err != nil {
		t.Fatal(err)
	}
	problem, err := p.Problem(p.Input(local(t, 12, 0), Signals{ImportPrice: valley(t).ImportPrice}, nil, nil))
	if err != nil || problem.Grid.Count() != 144 || len(problem.Devices) != 1 {
		t.Errorf("%v, %+v", err, problem)
	}
}

func TestProblem_HasOnlyDevicesWhoseStateIsKnown(t *testing.T) {
	now := local(t, 18, 0)
	fresh, stale := now.Add(-time.Minute), now.Add(-time.Hour)
	for name, c := range map[string]struct {
		device Device
		seen   devices.Observation
		want   bool
	}{
		"battery":            {house, devices.Observation{SoC: energy.Read(energy.SoC(0.5), fresh)}, true},
		"battery, stale":     {house, devices.Observation{SoC: energy.Read(energy.SoC(0.5), stale)}, false},
		"battery, unknown":   {house, devices.Observation{}, false},
		"car":                {car, devices.Observation{Plugged: energy.Read(true, fresh), Session: energy.Read(energy.WattHours(0), fresh)}, true},
		"car, away":          {car, devices.Observation{Plugged: energy.Read(false, fresh), Session: energy.Read(energy.WattHours(0), fresh)}, false},
		"car, unknown":       {car, devices.Observation{}, false},
		"car, not counted":   {car, devices.Observation{Plugged: energy.Read(true, fresh)}, false},
		"car, has it all":    {car, devices.Observation{Plugged: energy.Read(true, fresh), Session: energy.Read(energy.WattHours(14000), fresh)}, false},
		"boiler, not seen":   {boiler, devices.Observation{}, true}, // it is asked of, whatever it says
		"meter":              {Device{Name: "meter"}, devices.Observation{Power: energy.Read(energy.Watts(9), fresh)}, false},
		"dishwasher, unseen": {dishwasher, devices.Observation{}, true},
	} {
		p := planner(t, c.device)
		problem, err := p.Problem(p.Input(now, valley(t), map[string]devices.Observation{c.device.Name: c.seen}, nil))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(problem.Devices) == 1; got != c.want {
			t.Errorf("%s: planned %v", name, got)
		}
	}
}

func TestProblem_IsAlwaysOneTheSolverAccepts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := planner(t, dishwasher, boiler, car, house)
		now := local(t, 0, rapid.IntRange(0, 36*60).Draw(rt, "minute"))
		ago := func(label string) time.Time {
			return now.Add(-time.Duration(rapid.IntRange(0, 400).Draw(rt, label)) * time.Minute)
		}
		observed := map[string]devices.Observation{
			"battery": {SoC: energy.Read(energy.SoC(rapid.Float64Range(0, 1).Draw(rt, "soc")), now)},
			"car": {
				Plugged: energy.Read(true, now),
				Session: energy.Read(energy.WattHours(rapid.Float64Range(0, 15000).Draw(rt, "session")), now),
			},
		}
		memory := Memory{
			"boiler": {Window: p.window(boiler.Daily, now), Ran: time.Duration(rapid.IntRange(0, 130).Draw(rt, "ran")) * time.Minute,
				IsOn: rapid.Bool().Draw(rt, "on"), Since: ago("since"), Seen: now},
			"dishwasher": {Window: p.window(dishwasher.Daily, now), IsDone: rapid.Bool().Draw(rt, "done")},
		}
		if rapid.Bool().Draw(rt, "runs") {
			memory["dishwasher"] = Task{Window: memory["dishwasher"].Window, Began: ago("began"), IsOn: true}
		}
		problem, err := p.Problem(p.Input(now, valley(t), observed, memory))
		if err != nil {
			rt.Fatal(err)
		}
		if err := problem.Validate(); err != nil {
			rt.Fatalf("%v", err)
		}
	})
}

func TestAppliance_RemainingProgramIsWhatIsLeft(t *testing.T) {
	p := planner(t, dishwasher)
	now := local(t, 22, 37)
	began := now.Add(-37 * time.Minute) // at 22:00: two and a half steps are over
	problem, err := p.Problem(p.Input(now, valley(t), nil, Memory{"dishwasher": {Began: began}}))
	if err != nil {
		t.Fatal(err)
	}
	d := problem.Devices[0].(scheduler.Shiftable)
	if d.Earliest != 0 || d.LatestEnd != 6 || len(d.Profile) != 6 {
		t.Fatalf("%+v", d)
	}
	left := 0.0
	for _, w := range d.Profile {
		left += float64(w) / 4
	}
	all := (100.0 + 2000 + 1000 + 100 + 60 + 1800 + 40 + 10) / 4
	if spent := (100+2000)/4.0 + 1000*7/60.0; left < all-spent-1 || left > all-spent+1 {
		t.Errorf("%v Wh are left of %v, want %v", left, all, all-spent)
	}
}

func TestAppliance_RunsLateRatherThanNever(t *testing.T) {
	p := planner(t, dishwasher)
	now := local(t, 6, 0) // an hour is left of the window for a program of two
	problem, err := p.Problem(p.Input(now, valley(t), nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	if d := problem.Devices[0].(scheduler.Shiftable); d.Earliest != 0 || d.LatestEnd != 8 {
		t.Errorf("%+v", d)
	}
	// Done today, it is planned for tonight.
	done := Memory{"dishwasher": {Window: p.window(dishwasher.Daily, now), IsDone: true}}
	problem, err = p.Problem(p.Input(now, valley(t), nil, done))
	if err != nil {
		t.Fatal(err)
	}
	if d := problem.Devices[0].(scheduler.Shiftable); d.Earliest != 54 {
		t.Errorf("begins in slot %d, want that of 19:30", d.Earliest)
	}
}
