package agent

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/devices"
	"hearth/devices/guard"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/config"
)

// cheapLater is a home whose price falls at two: until then what can wait does.
func cheapLater(t *testing.T, specs ...config.Device) *desk {
	t.Helper()
	d := atDesk(t, specs...)
	v := d.follow("utility", "EUR")
	v.Publish("PRICE", noon, 0.5, 0.5, 0.1, 0.12, 0.2, 0.2, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5)
	return d.open()
}

func TestCycle_PlansOnlyWhenThereIsAReason(t *testing.T) {
	d := atDesk(t, gridSpec(), boilerSpec(), carSpec(), batterySpec())
	d.cfg.Planning.Horizon = 4 * time.Hour
	d.follow("utility", "EUR").Publish("PRICE", noon, 0.5, 0.5, 0.1, 0.1)
	d.open()
	car := d.fakes["car"]
	for _, step := range []struct {
		name  string
		do    func()
		after time.Duration
		plans bool
	}{
		{"the first cycle", func() {}, 0, true},
		{"nothing new", func() {}, 10 * time.Second, false},
		{"another power", func() { d.fakes["grid"].say(func(o *devices.Observation) { o.Power.Value = 9000 }) }, 10 * time.Second, false},
		{"another state of charge", func() { d.fakes["battery"].say(func(o *devices.Observation) { o.SoC.Value = 0.7 }) }, 10 * time.Second, false},
		{"a car comes", func() { car.say(func(o *devices.Observation) { o.Plugged.Value = true }) }, 10 * time.Second, true},
		{"it charges", func() { car.say(func(o *devices.Observation) { o.Session.Value = 300 }) }, 10 * time.Second, false},
		{"it is not known any more", func() { car.say(func(o *devices.Observation) { o.Plugged.Valid = false }) }, 10 * time.Second, true},
		{"it is known again", func() { car.say(func(o *devices.Observation) { o.Plugged.Valid = true }) }, 10 * time.Second, true},
		{"it goes", func() { car.say(func(o *devices.Observation) { o.Plugged.Value = false }) }, 10 * time.Second, true},
		{"the same prices again", func() { d.poll("utility") }, 10 * time.Second, false},
		{"new prices", func() { d.prior["utility"].Publish("EXPORT_PRICE", noon, 0.2); d.poll("utility") }, 10 * time.Second, true},
		{"almost five minutes", func() {}, 290 * time.Second, false},
		{"five minutes", func() {}, 10 * time.Second, true},
		{"the clock goes back", func() {}, -6 * time.Minute, true},
	} {
		step.do()
		before := d.inputs()
		d.cycle(step.after)
		if got := d.inputs() - before; (got == 1) != step.plans || got > 1 {
			t.Errorf("%s: %d plans", step.name, got)
		}
	}
}

// A task that begins or ends is another situation: the plan was made for what was to be done.
func TestCycle_PlansAnewWhenATaskChanges(t *testing.T) {
	d := cheapLater(t, gridSpec(), ovenSpec())
	d.cycle(0)
	before := d.inputs()
	d.fakes["oven"].say(func(o *devices.Observation) { o.Power.Value = 1900 })
	if d.cycle(10 * time.Second); d.inputs() != before+1 {
		t.Errorf("a program began: %d plans", d.inputs()-before)
	}
	if why := d.device("oven").Why; !strings.HasPrefix(why, "Its program runs until about 12:30") {
		t.Error(why)
	}
}

func TestCycle_WithoutPriceTriesAgainAndSaysItOnce(t *testing.T) {
	const noPlan = ": there is no plan that covers now."
	d := atDesk(t, gridSpec(), boilerSpec())
	d.cfg.Fallback = config.Fallback{}
	v := d.follow("utility", "EUR")
	d.open()
	for range 5 {
		d.cycle(10 * time.Second)
	}
	if d.agent.plan != nil || d.says("level=WARN", "no plan can be made", "no price for now") != 1 {
		t.Errorf("plan %v, said %d times", d.agent.plan, d.says("no plan can be made"))
	}
	if home := d.agent.Home(); home.Price != nil || home.Plan.Status != "none" || home.Plan.Made != nil || d.health(pricePart).OK {
		t.Errorf("%+v", home)
	}
	if why := d.device("boiler").Why; !strings.HasSuffix(why, noPlan) {
		t.Error(why)
	}
	v.Publish("PRICE", noon, 0.3, 0.3, 0.3)
	v.Publish("EXPORT_PRICE", noon, 0.1, 0.1, 0.1)
	d.poll("utility")
	d.cycle(10 * time.Second)
	if d.agent.plan == nil || d.says("over: no plan can be made") != 1 {
		t.Error("the price is there, the plan is not")
	}
	// When prices run out, the old plan holds to its end and no further.
	d.clock.Move(170 * time.Minute)
	if d.cycle(0); d.agent.Home().Plan.Status == "none" || strings.HasSuffix(d.device("boiler").Why, noPlan) {
		t.Error("the last quarter hour of the plan is given away")
	}
	if d.cycle(10 * time.Minute); !strings.HasSuffix(d.device("boiler").Why, noPlan) {
		t.Error(d.device("boiler").Why)
	}
}

func TestCycle_WantsReachTheirDevices(t *testing.T) {
	d := cheapLater(t, gridSpec(), boilerSpec(), ovenSpec(), carSpec())
	d.cfg.Planning.Every = time.Hour
	d.fakes["car"].say(func(o *devices.Observation) { o.Plugged.Value = true })
	d.cycle(0)
	for name, want := range map[string]string{"boiler": "off", "oven": "off", "car": "power 0W"} {
		if got := d.fakes[name].commands(); got != want {
			t.Errorf("%s is told %q, want %q", name, got, want)
		}
		if why := d.device(name).Why; !strings.HasPrefix(why, "Waits until 14:") {
			t.Errorf("%s: %s", name, why)
		}
	}
	d.cycle(10 * time.Second)
	for name := range d.fakes {
		if got := d.fakes[name].commands(); got != "" {
			t.Errorf("%s is told %q again", name, got)
		}
	}
	for range 36 { // until three
		d.cycle(5 * time.Minute)
		d.fakes["oven"].say(func(o *devices.Observation) {
			if o.On.Value && d.clock.Now().Before(noon.Add(150*time.Minute)) {
				o.Power.Value = 1900
			} else {
				o.Power.Value = 0
			}
		})
	}
	for name, want := range map[string]string{"boiler": "on", "oven": "on"} {
		if got := d.fakes[name].commands(); got != want {
			t.Errorf("by three %s is told %q, want %q", name, got, want)
		}
	}
	if got := d.fakes["car"].commands(); !strings.HasPrefix(got, "power ") || !strings.Contains(got, "kW") {
		t.Errorf("by three the car is told %q", got)
	}
	if got := d.fakes["grid"].commands(); got != "" {
		t.Errorf("a meter is told %q", got)
	}
	if d.says("setpoint applied", "device=boiler", "setpoint=on", "reason=run_cheap") != 1 {
		t.Error("the reason is not in the log")
	}
}

// One broken device is its own trouble: the others get what they need, the page is made, and it is said once.
func TestCycle_ABrokenDeviceStopsNothing(t *testing.T) {
	for name, breakIt := range map[string]func(*fake){
		"commands fail": func(f *fake) { f.err = errors.New("wire cut") },
		"silence":       func(f *fake) { f.says = devices.Observation{} },
		"offline":       func(f *fake) { f.says.Online.Value = false },
		"stuck":         func(f *fake) { f.isStuck = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // a stuck device has until the end of sendTimeout
			d := cheapLater(t, gridSpec(), boilerSpec(), ovenSpec())
			breakIt(d.fakes["boiler"])
			d.cycle(0)
			d.fakes["boiler"].isStuck = false
			if got := d.fakes["oven"].commands(); got != "off" {
				t.Errorf("the oven is told %q", got)
			}
			if ready, why := d.agent.ready(); !ready {
				t.Errorf("not ready: %s", why)
			}
			if d.agent.plan == nil || len(d.agent.Home().Devices) != 3 || d.device("oven").State != "waiting" {
				t.Errorf("%+v", d.agent.Home())
			}
			d.cycle(10 * time.Second)
			if n := d.says("setpoint refused", "device=boiler"); n != 1 {
				t.Errorf("said %d times", n)
			}
		})
	}
}

func TestCycle_ADeafDeviceIsAFault(t *testing.T) {
	d := cheapLater(t, gridSpec(), ovenSpec())
	d.fakes["oven"].isDeaf = true
	for range 8 {
		d.cycle(10 * time.Second)
	}
	if n := d.says("level=ERROR", "device does not do as it is told", "device=oven"); n != 1 || d.says("level=WARN", "setpoint repeated") != 1 {
		t.Errorf("said %d times", n)
	}
	if o := d.device("oven"); o.State != "fault" || !strings.HasPrefix(o.Why, "Does not do as it is told; left alone until 13:0") {
		t.Errorf("%+v", o)
	}
}

func TestCycle_NothingIsToldBeforeTheClockIsBelieved(t *testing.T) {
	d := atDesk(t, gridSpec(), boilerSpec(), ovenSpec())
	d.floor = noon.Add(time.Minute)
	d.open()
	for range 5 {
		d.cycle(10 * time.Second)
	}
	for name, f := range d.fakes {
		if got := f.commands(); got != "" {
			t.Errorf("%s is told %q", name, got)
		}
	}
	if ready, why := d.agent.ready(); ready || !strings.HasPrefix(why, "clock: clock shows") {
		t.Errorf("ready %v: %s", ready, why)
	}
	if len(d.decisions()) != 0 || d.says("clock cannot be believed") != 1 || d.device("boiler").Why == "" {
		t.Errorf("%d decisions, said %d times, why %q", len(d.decisions()), d.says("clock cannot be believed"), d.device("boiler").Why)
	}
	d.cycle(10 * time.Second)
	if ready, _ := d.agent.ready(); !ready || d.fakes["boiler"].commands() == "" || len(d.decisions()) == 0 {
		t.Error("the clock is believed, and nothing happens")
	}
	// What is remembered of this clock must never be a time that was not believed.
	if text, ok, _ := d.agent.store.Get(lastSeenKey); !ok || strings.Contains(string(text), "12:00:") {
		t.Errorf("last seen %s", text)
	}
}

// The journal holds changes, each with all it was decided on, and no repetition.
func TestRecord_DecisionsAreEdges(t *testing.T) {
	d := cheapLater(t, gridSpec(), boilerSpec())
	for range 20 {
		d.cycle(10 * time.Second)
	}
	all := d.decisions()
	if len(all) == 0 || len(all) > 3 {
		t.Fatalf("%d decisions in 20 cycles", len(all))
	}
	for i, one := range all {
		if one.Want.Device != "boiler" || one.Want.Reason.Code != "wait_cheaper" || !one.PlanMade.Equal(noon.Add(10*time.Second)) {
			t.Errorf("%+v", one)
		}
		if !one.Observed["grid"].Power.Valid || one.At.IsZero() || one.Memory == nil {
			t.Errorf("decision %d lacks what it was made on: %+v", i, one)
		}
		if i > 0 && one.Guard.Outcome == all[i-1].Guard.Outcome && one.Guard.Rule == all[i-1].Guard.Rule && one.Want.Setpoint == all[i-1].Want.Setpoint {
			t.Errorf("decision %d is the one before", i)
		}
	}
	if first := all[0]; first.Guard.Outcome != guard.Applied || first.Guard.Sent == nil {
		t.Errorf("%+v", first.Guard)
	}
}

func TestNote_RecordsWhatWasMeasuredAndOnlyThat(t *testing.T) {
	d := atDesk(t, gridSpec(), batterySpec(), boilerSpec())
	d.open()
	d.fakes["boiler"].say(func(o *devices.Observation) { o.Power = energy.Read(energy.Watts(1900), noon.Add(-time.Hour)) }) // stale
	d.fakes["battery"].say(func(o *devices.Observation) { o.Power.Value = -700 })
	d.cycle(10 * time.Second)
	for channel, want := range map[string]map[int]float64{
		"grid.power": {10: 500}, "grid.imported": {10: 1000}, "grid.exported": {10: 200}, "battery.power": {10: -700}, "battery.soc": {10: 0.5},
		"boiler.power": {}, "boiler.imported": {}, "boiler.soc": {}, "base.power": {},
	} {
		if got := d.readings(channel); !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", channel, got, want)
		}
	}
}

// The base load is what the house takes besides its devices, and is not known while one of them is not.
func TestNote_BaseLoadIsOnlyKnownWhole(t *testing.T) {
	d := atDesk(t, gridSpec(), batterySpec(), boilerSpec())
	d.open()
	d.agent.measures["boiler"] = true
	take := func(name string, p energy.Watts) {
		d.fakes[name].say(func(o *devices.Observation) { o.Power = known(p) })
	}
	take("grid", 1500)
	take("battery", -700)
	take("boiler", 1900)
	d.cycle(10 * time.Second)
	d.fakes["battery"].say(func(o *devices.Observation) { o.Power.Valid = false })
	d.cycle(10 * time.Second)
	take("battery", -700)
	d.fakes["grid"].say(func(o *devices.Observation) { o.Power.Valid = false })
	d.cycle(10 * time.Second)
	take("grid", 1500)
	d.cycle(10 * time.Second)
	// A device that has no meter at all is part of the base load, today as tomorrow.
	d.agent.measures["boiler"] = false
	d.fakes["boiler"].say(func(o *devices.Observation) { o.Power.Valid = false })
	d.cycle(10 * time.Second)
	if got, want := d.readings("base.power"), map[int]float64{10: 300, 40: 300, 50: 2200}; !maps.Equal(got, want) {
		t.Errorf("base load %v, want %v", got, want)
	}
	if got := d.agent.ledger.Base().Points; len(got) != 1 || got[0].Value != (300+300+2200)/3.0 {
		t.Errorf("history %+v", got)
	}
}

func TestNote_WithoutAGridMeterThereIsNoBaseLoad(t *testing.T) {
	d := atDesk(t, boilerSpec())
	d.open().cycle(10 * time.Second)
	if got := d.readings("base.power"); len(got) != 0 {
		t.Errorf("%v", got)
	}
	if home := d.agent.Home(); home.Grid != nil || home.Today.Imported != nil || home.Today.Cost != nil {
		t.Errorf("%+v", home)
	}
}

// The plan stops the home's clock while it is made, and only then.
func TestReplan_HoldsTheClockOfAHomeThatCanWait(t *testing.T) {
	d := cheapLater(t, gridSpec(), boilerSpec())
	var order []string
	d.agent.options.Hold = func() func() {
		order = append(order, fmt.Sprint("hold ", d.inputs()))
		return func() { order = append(order, fmt.Sprint("release ", d.inputs())) }
	}
	for range 4 {
		d.cycle(10 * time.Second)
	}
	if !slices.Equal(order, []string{"hold 0", "release 1"}) {
		t.Errorf("%v", order)
	}
}

// The next plan begins with the last one: its schedules go into the stored input.
func TestReplan_BeginsWithThePlanBefore(t *testing.T) {
	d := cheapLater(t, gridSpec(), boilerSpec())
	d.cycle(0)
	first := d.agent.plan
	d.cycle(5 * time.Minute)
	if d.agent.plan == first || !d.agent.plan.Made.Equal(noon.Add(5*time.Minute)) {
		t.Fatal("no second plan")
	}
	var befores [][]energy.Schedule
	if err := d.agent.store.Journal(inputJournal, energy.Span(noon, time.Hour), func(_ time.Time, record []byte) bool {
		var in decide.Input
		(&lived{T: t}).unpack(record, &in)
		befores = append(befores, in.Before)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	if len(befores) != 2 || befores[0] != nil || len(befores[1]) != 1 || befores[1][0].Device != "boiler" || !slices.Equal(befores[1][0].Power, first.Power("boiler")) || len(befores[1][0].Power) != 48 {
		t.Errorf("%+v", befores)
	}
	for name, p := range map[string]energy.Watts{"boiler": 0, "grid": -1, "nothing": -1} {
		got := d.agent.planned(name, d.clock.Now())
		if p < 0 && got != nil || p >= 0 && (got == nil || *got != p) {
			t.Errorf("%s is planned at %v", name, got)
		}
	}
	if got := d.agent.planned("boiler", noon.Add(48*time.Hour)); got != nil {
		t.Errorf("beyond the plan: %v", *got)
	}
}
