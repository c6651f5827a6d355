package agent

import (
	"context"
	"strings"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/agent/hand"
	"hearth/internal/config"
)

// Currents is what a meter says of its phases.
func (f *fake) Currents() (out [3]energy.Reading[energy.Amps]) {
	for i := range out {
		out[i] = said(f, func(o devices.Observation) energy.Reading[energy.Amps] { return o.Currents[i] })
	}
	return out
}

// watched is a home in which the car charges with 11 kW, and whose connection is looked at every two seconds.
func watched(t *testing.T, specs ...config.Device) *desk {
	t.Helper()
	car := carSpec()
	car.Vehicle.Ready, car.Vehicle.Need = 13*60, 20000 // it needs all the time there is
	d := atDesk(t, append([]config.Device{gridSpec(), car}, specs...)...)
	d.cfg.Protection = config.Protection{Every: 2 * time.Second, Fuse: config.Fuse{Phases: 3, Amps: 25}, FollowsExport: true}
	d.open()
	d.agent.devices[0].Phases = d.fakes["grid"]
	if err := d.agent.openShield(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.fakes["car"].say(func(o *devices.Observation) { o.Plugged = known(true) })
	d.cycle(0)
	if got := d.fakes["car"].commands(); got != "power 11kW" {
		t.Fatalf("the car is told %q", got)
	}
	d.takes("car", 11000)
	d.takes("grid", 11500)
	for range 10 {
		d.watch(2 * time.Second)
	}
	d.commands()
	return d
}

// takes changes what a device says it takes.
func (d *desk) takes(name string, power energy.Watts) {
	d.fakes[name].say(func(o *devices.Observation) { o.Power = known(power) })
}

// watch moves the clock on and lets the agent look at the connection.
func (d *desk) watch(after time.Duration) {
	d.Helper()
	d.clock.Move(after)
	d.agent.watch(d.Context())
}

// commands forgets what was told so far.
func (d *desk) commands() {
	for _, f := range d.fakes {
		f.commands()
	}
}

// Between two cycles only what has to be told something else is told, and nothing is planned, shown or kept but that.
func TestWatch_TellsOnlyWhoHasToYield(t *testing.T) {
	d := watched(t, batterySpec(), ovenSpec())
	inputs, decisions, shown := d.inputs(), len(d.decisions()), d.agent.home.Load()
	for range 3 {
		d.watch(2 * time.Second)
	}
	for name, f := range d.fakes {
		if got := f.commands(); got != "" {
			t.Errorf("%s is told %q without need", name, got)
		}
	}
	d.takes("grid", 19500)
	d.watch(2 * time.Second)
	if got := d.fakes["car"].commands(); got != "power 8.16kW" {
		t.Errorf("the car is told %q", got)
	}
	if got := d.fakes["battery"].commands() + d.fakes["oven"].commands(); got != "" {
		t.Errorf("others are told %q", got)
	}
	if d.inputs() != inputs || len(d.decisions()) != decisions+1 || d.agent.home.Load() != shown {
		t.Error("it did more than look")
	}
	last := d.decisions()[decisions]
	if last.Lowered == nil || last.Lowered.Rule != "fuse" || last.Want.Setpoint.Power != 11000 {
		t.Errorf("%+v", last)
	}
	if n := d.says("setpoint applied", "device=car", `setpoint="power 8.16kW"`, "reason=fuse"); n != 1 {
		t.Errorf("said %d times", n)
	}
	d.takes("car", 8160)
	d.takes("grid", 16660)
	d.cycle(2 * time.Second)
	if why := d.device("car").Why; why != "Lowered to 8.2 kW: the house connection would carry 19.5 kW of 17 kW." {
		t.Error(why)
	}
	if part := d.health(connectionPart); !part.OK || part.Text != "is within its limits" {
		t.Errorf("%+v", part)
	}
}

func TestWatch_GoesByPhasesAndOperators(t *testing.T) {
	d := watched(t)
	d.fakes["grid"].say(func(o *devices.Observation) { o.Currents[1] = known(energy.Amps(31)) })
	d.watch(2 * time.Second)
	d.cycle(0)
	if why := d.device("car").Why; why != "Lowered to 6.5 kW: phase 2 would carry 31 A of 25 A." {
		t.Error(why)
	}
	d.fakes["grid"].say(func(o *devices.Observation) { o.Currents[1] = known(energy.Amps(24)) })
	d.agent.shield.orders = []decide.Order{
		{Kind: decide.ImportLimit, Power: 6000, Interval: energy.Span(d.clock.Now(), time.Hour)},
		{Kind: decide.ImportLimit, Power: 100, Interval: energy.Span(d.clock.Now(), time.Hour), Device: "boiler"},
		{Kind: decide.ImportLimit, Power: 10, Interval: energy.Span(noon.Add(-time.Hour), time.Hour)},
	}
	d.takes("car", 6520)
	d.takes("grid", 7020)
	d.watch(20 * time.Second)
	if r := d.agent.told["car"]; r.lowered == nil || r.lowered.Rule != "grid_limit" || !strings.HasPrefix(r.why().Text, "Lowered to 5.4 kW: the grid's operator allows the home 6 kW") {
		t.Errorf("%+v", r.lowered)
	}
	d.agent.shield.orders = []decide.Order{{Kind: decide.Emergency, Interval: energy.Span(d.clock.Now(), time.Hour)}}
	d.watch(2 * time.Second)
	if r := d.agent.told["car"]; r.lowered == nil || r.lowered.Rule != "grid_alert" || r.asked().Power != 0 {
		t.Errorf("%+v", r.lowered)
	}
}

// What cannot be helped is on the page and once in the log.
func TestWatch_SaysWhatCannotBeHelped(t *testing.T) {
	d := watched(t)
	d.takes("grid", 40000)
	for range 20 {
		d.takes("car", min(11000, d.agent.told["car"].asked().Power))
		d.watch(2 * time.Second)
	}
	d.cycle(0)
	if part := d.health(connectionPart); part.OK || part.Text != "the house connection carries 40 kW of 17 kW, and nothing is left that could be lowered" {
		t.Errorf("%+v", part)
	}
	if n := d.says("house connection is not within its limits"); n != 1 {
		t.Errorf("said %d times", n)
	}
}

func TestWatch_ASilentMeterIsSaidOnce(t *testing.T) {
	d := watched(t, batterySpec())
	last := d.clock.Now()
	d.fakes["grid"].say(func(o *devices.Observation) { o.Power.At = last })
	for range 60 {
		d.takes("car", d.agent.told["car"].asked().Power)
		d.watch(2 * time.Second)
	}
	if got := d.agent.told["car"].asked(); got.Mode != energy.AtPower || got.Power != 0 {
		t.Errorf("the car is asked for %v", got)
	}
	if got := d.agent.told["battery"].asked(); got.Mode != energy.Release {
		t.Errorf("the battery is asked for %v", got)
	}
	if n := d.says("level=WARN", "house connection is not measured"); n != 1 {
		t.Errorf("said %d times", n)
	}
}

// A fuse does not ask whether there are prices: what is left to itself for want of a plan is lowered as well.
func TestWatch_KeepsTheFuseWithoutAPlan(t *testing.T) {
	d := watched(t)
	d.takes("grid", 19500)
	d.agent.plan = nil
	d.watch(2 * time.Second)
	if got := d.fakes["car"].commands(); got != "power 8.16kW" {
		t.Errorf("the car is told %q", got)
	}
}

// Without a meter to go by or a clock to believe, nobody is told anything between two cycles.
func TestWatch_IsNotForAHomeWithoutAMeterOrAClock(t *testing.T) {
	d := watched(t)
	d.takes("grid", 30000)
	d.agent.sanity.floor = d.clock.Now().Add(time.Hour)
	d.watch(2 * time.Second)
	if got := d.fakes["car"].commands(); got != "" {
		t.Errorf("the car is told %q", got)
	}
	bare := atDesk(t, boilerSpec())
	bare.cfg.Protection.Every = 2 * time.Second
	bare.open()
	if err := bare.agent.openShield(t.Context()); err != nil || bare.agent.shield.every != 0 {
		t.Errorf("watched by what? %v, %v", bare.agent.shield, err)
	}
	if bare.cycle(0); bare.health(connectionPart).Text != "" {
		t.Errorf("%+v", bare.health(connectionPart))
	}
}

// quick is a clock by which a sleep takes no time of the wall.
type quick struct {
	*hand.Clock
	slept []time.Duration
}

func (q *quick) Sleep(ctx context.Context, d time.Duration) error {
	q.slept = append(q.slept, d)
	q.Move(d)
	return ctx.Err()
}

// A cycle's pause is as long as it was, with looks in between.
func TestRest_LooksBetweenTwoCycles(t *testing.T) {
	d := watched(t)
	q := &quick{Clock: d.clock}
	d.agent.clock = q
	d.takes("grid", 19500)
	before := d.clock.Now()
	if err := d.agent.rest(t.Context()); err != nil || d.clock.Now().Sub(before) != d.cfg.Cycle || len(q.slept) != 5 {
		t.Errorf("%v, slept %v", err, q.slept)
	}
	if got := d.fakes["car"].commands(); !strings.HasPrefix(got, "power 8.16kW") {
		t.Errorf("the car is told %q", got)
	}
	d.cfg.Cycle = 5 * time.Second // no whole number of looks
	q.slept, before = nil, d.clock.Now()
	if err := d.agent.rest(t.Context()); err != nil || d.clock.Now().Sub(before) != d.cfg.Cycle {
		t.Errorf("%v, slept %v", err, q.slept)
	}
	d.agent.clock = d.clock // it stands: only news ends the pause
	d.agent.news.Ring()
	if err := d.agent.rest(t.Context()); err != nil {
		t.Error(err)
	}
}

// While a plan is made the connection is looked at; who reads and who is told stays one goroutine.
func TestSolve_LooksMeanwhile(t *testing.T) {
	d := watched(t)
	d.agent.shield.every = 20 * time.Microsecond
	d.takes("grid", 19500)
	in := d.agent.planner.Input(d.clock.Now(), d.agent.expect(d.agent.signals(d.clock.Now()), d.clock.Now()), d.agent.observe(), d.agent.memory)
	for range 200 { // a plan of this home takes a millisecond
		if plan, err := d.agent.solve(t.Context(), in); err != nil || plan == nil {
			t.Fatal(err)
		}
		if d.agent.told["car"].lowered != nil {
			return
		}
	}
	t.Error("nobody looked")
}

func TestPollOf_IsWhatSomebodySaid(t *testing.T) {
	for _, c := range []struct {
		device config.Device
		want   time.Duration
	}{{config.Device{Poll: time.Second}, time.Second}, {config.Device{}, 0}} {
		if got := pollOf(c.device); got != c.want {
			t.Errorf("%+v: %v", c.device, got)
		}
	}
}
