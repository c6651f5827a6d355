package agent

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/api"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/openadr/vtn"
	"hearth/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// From a price feed to a switched plug: in the evening the dishwasher is held, at its planned time it gets
// its current, and everything says why.
func TestAgent_FromThePriceFeedToTheSwitchedPlug(t *testing.T) {
	l := live(t, 17, 0, 1200)
	l.isReady()
	l.eventually(4*time.Hour, "the dishwasher's plug held off", func() bool { return !l.home.State().DishPlug.IsOn })
	l.eventually(time.Hour, "the page to say until when", func() bool {
		d := l.device(sim.Dishwasher)
		return d.NextRun != nil && strings.HasPrefix(d.Why, "Waits until ")
	})
	l.eventually(12*time.Hour, "the plug on and the program running", func() bool {
		now := l.home.State()
		return now.DishPlug.IsOn && now.Power.Dishwasher > idlePower
	})
	l.eventually(3*time.Hour, "the agent to see it", func() bool { return l.device(sim.Dishwasher).State == "on" })
	if l.says("setpoint applied", "device=dishwasher", "setpoint=on") == 0 {
		t.Error("an applied setpoint is not in the log")
	}
	for _, part := range []string{`hearth_device_power_watts{device="dishwasher"}`, "hearth_plan_gap{", `hearth_commands_total{device="dishwasher"}`, "hearth_price_age_seconds{"} {
		if !strings.Contains(l.get("/metrics"), part) {
			t.Errorf("no %s in the metrics", part)
		}
	}
}

func TestAgent_LeavesEveryDeviceSafe(t *testing.T) {
	l := live(t, 18, 40, 600)
	l.isReady()
	l.eventually(2*time.Hour, "the dishwasher held off", func() bool { return !l.home.State().DishPlug.IsOn })
	if err := l.stop(); err != nil {
		t.Fatal(err)
	}
	l.eventually(10*time.Minute, "the safe states", func() bool {
		now := l.home.State()
		return now.DishPlug.IsOn && !now.BoilerPlug.IsOn && !l.home.State().Battery.IsForced
	})
	if err := l.agent.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

// What was decided can be decided again from the store, without a home.
func TestAgent_DecisionsCanBeMadeAgain(t *testing.T) {
	l := live(t, 17, 0, 600)
	l.isReady()
	l.eventually(6*time.Hour, "a few decisions", func() bool { return l.says("setpoint applied") >= 6 })
	if err := l.stop(); err != nil {
		t.Fatal(err)
	}
	store := l.openStore()
	always := energy.Interval{End: l.clock.Now().Add(time.Hour)}
	var home decide.Home
	if err := store.Journal(homeJournal, always, func(_ time.Time, record []byte) bool {
		l.unpack(record, &home)
		return true
	}); err != nil || home.Zone == "" {
		t.Fatalf("no home in the store: %v", err)
	}
	planner, err := decide.New(home)
	if err != nil {
		t.Fatal(err)
	}
	plans := map[int64]*decide.Plan{}
	if err := store.Journal(inputJournal, always, func(_ time.Time, record []byte) bool {
		var in decide.Input
		l.unpack(record, &in)
		plan, err := planner.Solve(context.Background(), in, l.agent.solverOptions())
		if err != nil {
			t.Errorf("plan of %v: %v", in.Now, err)
			return true
		}
		plans[in.Now.UnixNano()] = plan
		return true
	}); err != nil {
		t.Fatal(err)
	}
	again := 0
	if err := store.Journal(wantJournal, always, func(_ time.Time, record []byte) bool {
		var d Decision
		l.unpack(record, &d)
		plan := plans[d.PlanMade.UnixNano()]
		if plan == nil {
			t.Errorf("the plan of %v is not in the store", d.PlanMade)
			return true
		}
		for _, w := range planner.Wants(decide.Input{Now: d.At, Observed: d.Observed, Memory: d.Memory}, plan) {
			if w.Device == d.Want.Device {
				again++
				if w.Reason.Code != d.Want.Reason.Code || w.Setpoint.Mode != d.Want.Setpoint.Mode {
					t.Errorf("%s at %v: now %+v, was %+v", w.Device, d.At, w, d.Want)
				}
			}
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
	if again < 6 || len(plans) < 2 {
		t.Errorf("%d decisions of %d plans were made again", again, len(plans))
	}
}

func TestAgent_SwitchesNothingBeforeTheClockIsSane(t *testing.T) {
	l := live(t, 18, 40, 600)
	l.isReady()
	if err := l.stop(); err != nil {
		t.Fatal(err)
	}
	planned := func() int {
		return l.says("setpoint applied") - l.says("setpoint applied", "setpoint=release", "reason=clock")
	}
	commands := planned()
	l.floor = l.clock.Now().AddDate(1, 0, 0)
	l.start()
	l.eventually(3*time.Hour, "the first cycles", func() bool { return strings.Contains(l.get("/readyz"), "not ready: clock") })
	l.eventually(3*time.Hour, "an hour without a command", func() bool { return l.home.State().At.Hour() >= 21 })
	if got := planned(); got != commands { // what an earlier run has left unsafe is put right all the same
		t.Errorf("%d commands", got-commands)
	}
	if l.says("clock cannot be believed") == 0 || !strings.Contains(l.get("/metrics"), "hearth_clock_sane 0") {
		t.Error("it is not said")
	}
}

// Each way a VTN can fail leaves the last good prices, says so once, and is over when the VTN is.
func TestAgent_KeepsPricesWhenTheVTNFails(t *testing.T) {
	l := live(t, 14, 0, 600)
	l.isReady()
	prices := func() int {
		n := 0
		for _, p := range l.agent.Timeline().Prices {
			if p.Import != nil && p.Export != nil && p.Carbon != nil {
				n++
			}
		}
		return n
	}
	l.eventually(2*time.Hour, "prices of today and tomorrow", func() bool { return prices() == 192 })
	for _, fault := range []vtn.Fault{vtn.HTML, vtn.Empty, vtn.HalfPage, vtn.NothingThere, vtn.Huge, vtn.Words} {
		l.home.VTN().Break(fault, nil)
		l.eventually(5*time.Hour, string(fault)+": said on the page", func() bool { return !l.health("vtn utility").OK })
		if got := prices(); got != 192 {
			t.Errorf("%s: %d prices are left", fault, got)
		}
		// Metrics are told at the end of a cycle, a moment after the page.
		l.eventually(time.Hour, string(fault)+": said in the metrics", func() bool {
			m := l.get("/metrics")
			return strings.Contains(m, `hearth_vtn_up{vtn="utility"} 0`) || strings.Contains(m, `hearth_vtn_rejected{vtn="utility"} 8`)
		})
		l.home.VTN().Heal()
		l.eventually(5*time.Hour, string(fault)+": over", func() bool { return l.health("vtn utility").OK })
	}
}

func TestAgent_BeginsWithoutNetworkWhereItStopped(t *testing.T) {
	l := live(t, 14, 0, 600)
	l.isReady()
	if err := l.stop(); err != nil {
		t.Fatal(err)
	}
	l.home.VTN().Break(vtn.Broken, func(*http.Request) bool { return true })
	if err := l.home.StopBroker(); err != nil {
		t.Fatal(err)
	}
	l.start()
	l.isReady()
	h := l.agent.Home()
	if h.Price == nil || h.Carbon == nil || h.Plan.Status == "none" {
		t.Errorf("price %v, carbon %v, plan %v", h.Price, h.Carbon, h.Plan.Status)
	}
	if err := l.home.StartBroker(); err != nil { // so that the devices can be left safe
		t.Fatal(err)
	}
	l.eventually(12*time.Hour, "the broker back", func() bool { return l.health("broker house").OK && l.device(sim.Boiler).State != "offline" })
}

func TestAgent_ReplaysNoCommandWhenTheBrokerIsBack(t *testing.T) {
	l := live(t, 18, 0, 600)
	l.isReady()
	l.eventually(3*time.Hour, "the dishwasher held off", func() bool { return !l.home.State().DishPlug.IsOn })
	if err := l.home.StopBroker(); err != nil {
		t.Fatal(err)
	}
	l.eventually(2*time.Hour, "the loss noticed", func() bool { return !l.health("broker house").OK })
	applied := l.says("setpoint applied", "device=dishwasher")
	l.home.PressButton(sim.Dishwasher) // the resident wants it now, and has a hand
	if err := l.home.StartBroker(); err != nil {
		t.Fatal(err)
	}
	l.eventually(6*time.Hour, "the broker back", func() bool { return l.health("broker house").OK && l.device(sim.Dishwasher).Seen != nil })
	l.eventually(2*time.Hour, "an hour more", func() bool { return l.device(sim.Dishwasher).State != "offline" })
	if got := l.says("setpoint applied", "device=dishwasher"); got > applied {
		t.Errorf("%d commands after the broker was back", got-applied)
	}
}

func TestAgent_NoticesAPlugThatLies(t *testing.T) {
	l := live(t, 18, 20, 600)
	l.isReady()
	l.home.PlugLies(sim.Dishwasher, true) // it stays on, and says it goes off
	l.eventually(4*time.Hour, "the fault", func() bool { return l.device(sim.Dishwasher).State == "fault" })
	if l.says("level=ERROR", "device does not do as it is told", "device=dishwasher") != 1 {
		t.Error("it is not said, or not once")
	}
	if !strings.Contains(l.get("/metrics"), `hearth_command_failures_total{device="dishwasher",rule="unconfirmed"} 1`) {
		t.Error("the metric does not tell")
	}
}

func TestAgent_LeavesAloneWhatTheResidentSwitches(t *testing.T) {
	l := live(t, 18, 20, 600)
	l.isReady()
	l.eventually(3*time.Hour, "the dishwasher held off", func() bool { return !l.home.State().DishPlug.IsOn && l.device(sim.Dishwasher).State == "waiting" })
	l.pass(20 * time.Minute) // the plug has shown that it obeyed: what comes now is somebody else's doing
	l.home.PressButton(sim.Dishwasher)
	l.eventually(time.Hour, "the override seen", func() bool { return l.device(sim.Dishwasher).State == "held" })
	if !l.home.State().DishPlug.IsOn {
		t.Error("the resident's word did not hold")
	}
}

// Prometheus's own tool is content with what we say.
func TestMetrics_PleasePromtool(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("HEARTH_REQUIRE_PEERS") != "" {
			t.Fatal("promtool is not here; it comes with Debian's prometheus")
		}
		t.Skip("promtool is not here; it comes with Debian's prometheus")
	}
	l := live(t, 18, 0, 600)
	l.isReady()
	l.eventually(2*time.Hour, "a command", func() bool { return l.says("setpoint applied") > 0 })
	check := exec.CommandContext(t.Context(), tool, "check", "metrics")
	check.Stdin = strings.NewReader(l.get("/metrics"))
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

func (l *lived) device(name string) api.Device {
	for _, d := range l.agent.Home().Devices {
		if d.Name == name {
			return d
		}
	}
	return api.Device{}
}

func (l *lived) health(part string) api.Health {
	for _, h := range l.agent.Home().Health {
		if h.Part == part {
			return h
		}
	}
	return api.Health{}
}

// unpack reads what pack has written.
func (l *lived) unpack(record []byte, into any) {
	l.Helper()
	r, err := gzip.NewReader(bytes.NewReader(record))
	if err != nil {
		l.Fatal(err)
	}
	if err := json.NewDecoder(r).Decode(into); err != nil {
		l.Fatal(err)
	}
}
