package agent

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hearth/devices"
	"hearth/devices/guard"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/agent/hand"
	"hearth/internal/config"
)

func TestState_IsOneWordForWhatItDoes(t *testing.T) {
	w := func(p float64) *float64 { return &p }
	on, off := devices.Observation{On: known(true)}, devices.Observation{On: known(false)}
	for _, c := range []struct {
		kind  config.Kind
		power *float64
		seen  devices.Observation
		told  result
		want  string
	}{
		{config.Battery, w(900), devices.Observation{}, result{}, "charging"},
		{config.Battery, w(-900), devices.Observation{}, result{}, "discharging"},
		{config.Battery, w(10), devices.Observation{}, result{}, "idle"},
		{config.Vehicle, w(4200), devices.Observation{}, result{}, "charging"},
		{config.Vehicle, w(-15), devices.Observation{}, result{}, "idle"},
		{config.Load, w(2000), on, result{}, "on"},
		{config.Load, w(0), on, result{}, "idle"},
		{config.Load, w(0), off, result{}, "waiting"},
		{config.Load, nil, on, result{}, "on"},
		{config.Load, nil, off, result{}, "waiting"},
		{config.Load, nil, devices.Observation{}, result{}, "unknown"},
		{config.Appliance, w(1800), on, result{}, "on"},
		{config.Appliance, w(3), on, result{}, "idle"},
		{config.Appliance, w(3), on, result{Want: decide.Want{Setpoint: energy.Setpoint{Mode: energy.Off}}}, "waiting"},
		{config.Appliance, nil, on, result{}, "idle"}, // a plug that is on, with nothing known of the machine
		{config.Grid, w(-3000), devices.Observation{}, result{}, "exporting"},
		{config.Grid, w(3000), devices.Observation{}, result{}, "importing"},
		{config.Solar, w(-3000), devices.Observation{}, result{}, "producing"},
		{config.Meter, w(100), devices.Observation{}, result{}, "on"},
		{config.Solar, w(0), devices.Observation{}, result{}, "idle"},
		{config.Meter, nil, devices.Observation{}, result{}, "unknown"},
		{config.Load, w(2000), devices.Observation{Online: known(false)}, result{}, "offline"},
		{config.Load, w(2000), on, result{Decision: guard.Decision{Outcome: guard.Fault}}, "fault"},
		{config.Load, w(2000), on, result{Decision: guard.Decision{Outcome: guard.Held, Rule: guard.Override}}, "held"},
		{config.Load, w(2000), on, result{Decision: guard.Decision{Outcome: guard.Held, Rule: guard.MinOn}}, "on"},
	} {
		if got := state(config.Device{Kind: c.kind}, c.seen, c.power, c.told); got != c.want {
			t.Errorf("%s with %+v and %+v is %s, want %s", c.kind, c.power, c.told.Decision, got, c.want)
		}
	}
}

// Each outcome of the guard has its sentence; where the want holds, it is the reason of the want.
func TestSentence_SaysWhyOrWhyNot(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	a := &Agent{cfg: &config.Config{Home: config.Home{Zone: zone}}}
	until := noon.Add(30 * time.Minute) // 14:30 in Berlin
	for _, c := range []struct {
		decision guard.Decision
		want     string
	}{
		{guard.Decision{}, "Because."},
		{guard.Decision{Outcome: guard.Applied}, "Because."},
		{guard.Decision{Outcome: guard.Applied, Rule: guard.Clamp}, "Because."},
		{guard.Decision{Outcome: guard.Applied, Rule: guard.Retry}, "Because."},
		{guard.Decision{Outcome: guard.Kept}, "Because."},
		{guard.Decision{Outcome: guard.Kept, Rule: guard.Unconfirmed, Until: until}, "Because."},
		{guard.Decision{Outcome: guard.Held, Rule: guard.MinOff, Until: until}, "Because. Rests until 14:30 first."},
		{guard.Decision{Outcome: guard.Held, Rule: guard.MinOn, Until: until}, "Because. Runs on until 14:30 first."},
		{guard.Decision{Outcome: guard.Held, Rule: guard.MaxSwitches, Until: until}, "Because. Was switched often enough for today; waits until 14:30."},
		{guard.Decision{Outcome: guard.Held, Rule: guard.MaxStarts, Until: until}, "Because. Was started often enough for today; waits until 14:30."},
		{guard.Decision{Outcome: guard.Held, Rule: guard.MinHold, Until: until}, "Because. Keeps its mode until 14:30 first."},
		{guard.Decision{Outcome: guard.Refused, Rule: guard.Wear}, "Its relay is worn out: it is left in its safe state."},
		{guard.Decision{Outcome: guard.Refused, Rule: guard.Contested, Until: until}, "Something else switches it too, so it is left alone until 14:30."},
		{guard.Decision{Outcome: guard.Held, Rule: guard.Override, Until: until}, "Switched by hand; left as it is until 14:30."},
		{guard.Decision{Outcome: guard.Fault, Rule: guard.Unconfirmed, Until: until}, "Does not do as it is told; left alone until 14:30."},
		{guard.Decision{Outcome: guard.Refused, Rule: guard.Offline}, "Cannot be reached."},
		{guard.Decision{Outcome: guard.Refused, Rule: guard.Stale}, "Has not been heard for a while, so it is not told anything."},
		{guard.Decision{Outcome: guard.Refused, Rule: guard.Clock}, "Is not told anything now (clock)."},
		{guard.Decision{Outcome: guard.Refused, Rule: guard.Send, Err: errors.New("wire cut")}, "Is not told anything now (send)."},
	} {
		r := result{Want: decide.Want{Reason: decide.Reason{Code: "x", Text: "Because."}}, Decision: c.decision}
		if got := a.sentence(r); got != c.want {
			t.Errorf("%+v: %q, want %q", c.decision, got, c.want)
		}
	}
}

func TestHome_BeforeTheFirstCycleSaysOnlyWhatIsConfigured(t *testing.T) {
	d := atDesk(t, gridSpec()).open()
	h := d.agent.Home()
	if h.Name != "desk" || h.Zone != "UTC" || h.Currency != "EUR" || !h.Now.Equal(noon) || h.Devices != nil || h.Grid != nil || h.Price != nil {
		t.Errorf("%+v", h)
	}
	if tl := d.agent.Timeline(); tl.Currency != "EUR" || tl.Prices != nil || tl.Revision != 0 {
		t.Errorf("%+v", tl)
	}
	if ready, why := d.agent.ready(); ready || why != "the first cycle is not done yet" {
		t.Errorf("%v %q", ready, why)
	}
}

// A number that is not known is no number: not zero, and not the last one.
func TestHome_UnknownIsNil(t *testing.T) {
	d := atDesk(t, gridSpec(), config.Device{Name: "roof", Kind: config.Solar, MaxAge: time.Minute}, batterySpec(), boilerSpec())
	d.open().cycle(0)
	h := d.agent.Home()
	if h.Grid == nil || *h.Grid != 500 || h.Solar == nil || *h.Solar != 0 || h.Price == nil || *h.Price != 0.3 || h.Carbon == nil || *h.Carbon != 380 {
		t.Errorf("%+v", h)
	}
	if b := d.device("battery"); b.SoC == nil || *b.SoC != 0.5 || b.Power == nil || b.Seen == nil || b.MaxAge != 60 {
		t.Errorf("%+v", b)
	}
	if b := d.device("boiler"); b.SoC != nil {
		t.Errorf("a boiler is %v full", *b.SoC)
	}
	for _, f := range d.fakes { // everybody falls silent
		f.say(func(o *devices.Observation) {
			o.Power.At, o.SoC.At, o.On.At, o.Imported.At, o.Exported.At, o.Setpoint.At = noon, noon, noon, noon, noon, noon
		})
	}
	d.cfg.Fallback = config.Fallback{}
	d.cycle(2 * time.Minute)
	h = d.agent.Home()
	if h.Grid != nil || h.Solar != nil || h.Price != nil || h.Carbon != nil {
		t.Errorf("%+v", h)
	}
	for _, name := range []string{"battery", "boiler", "roof", "grid"} {
		v := d.device(name)
		if v.Power != nil || v.SoC != nil || v.State != "unknown" || v.Seen == nil || !v.Seen.Equal(noon) {
			t.Errorf("%s: %+v", name, v)
		}
	}
	if got := seen(devices.Observation{}); got != nil {
		t.Errorf("never heard, and seen at %v", got)
	}
}

func TestHome_DayHasNoCostWhileSomeOfItHadNoPrice(t *testing.T) {
	d := atDesk(t, gridSpec()).open()
	grid := d.fakes["grid"]
	d.cycle(0)
	grid.say(func(o *devices.Observation) { o.Imported.Value += 2000 })
	d.cycle(time.Minute)
	today := d.agent.Home().Today
	if *today.Imported != 2000 || *today.Exported != 0 || *today.Cost != 0.6 || *today.Carbon != 760 {
		t.Errorf("%v %v %v %v", *today.Imported, *today.Exported, *today.Cost, *today.Carbon)
	}
	d.cfg.Fallback = config.Fallback{}
	grid.say(func(o *devices.Observation) { o.Exported.Value += 100 })
	d.cycle(time.Minute)
	if today = d.agent.Home().Today; today.Cost != nil || *today.Exported != 100 {
		t.Errorf("%+v", today)
	}
}

func TestHome_NextRunIsThePlansAndNotTheBatterys(t *testing.T) {
	d := cheapLater(t, gridSpec(), boilerSpec(), batterySpec())
	d.cycle(0)
	if run := d.device("boiler").NextRun; run == nil || !run.Start.Equal(noon.Add(2*time.Hour)) || !run.End.Equal(noon.Add(4*time.Hour)) {
		t.Errorf("%+v", run)
	}
	if run := d.device("battery").NextRun; run != nil {
		t.Errorf("a battery runs %+v", run)
	}
	if v := d.device("grid"); v.Why != "" || v.NextRun != nil {
		t.Errorf("a meter wants nothing: %+v", v)
	}
	info := d.agent.Home().Plan
	if info.Made == nil || !info.Made.Equal(noon) || info.Objective == nil || info.Gap == nil || *info.Gap < 0 {
		t.Errorf("%+v", info)
	}
}

func TestHealth_TellsOfEachPart(t *testing.T) {
	d := atDesk(t, gridSpec())
	v := d.follow("utility", "EUR")
	v.Err = errors.New("no route to host")
	var linkErr error
	d.open()
	d.agent.links = []link{{name: "house", err: func() error { return linkErr }}}
	d.cycle(0)
	if h := d.health("vtn utility"); h.OK || !strings.Contains(h.Text, "no route") || h.Since != nil {
		t.Errorf("%+v", h)
	}
	if h := d.health(pricePart); h.OK || h.Text != "nobody has published a price for now: the fallback tariff holds" {
		t.Errorf("%+v", h)
	}
	for _, part := range []string{clockPart, storePart, "broker house"} {
		if h := d.health(part); !h.OK {
			t.Errorf("%+v", h)
		}
	}
	linkErr = errors.New("refused")
	v.Err = nil
	v.Publish("PRICE", noon, 0.2)
	d.poll("utility")
	d.cycle(10 * time.Second)
	if h := d.health("vtn utility"); !h.OK || h.Text != "answers" || h.Since == nil || !h.Since.Equal(noon) {
		t.Errorf("%+v", h)
	}
	if h := d.health("broker house"); h.OK || h.Text != "refused" {
		t.Errorf("%+v", h)
	}
	v.Publish("PRICE", noon.Add(time.Hour), -1e30) // no price can be that
	d.poll("utility")
	d.cycle(10 * time.Second)
	if h := d.health("vtn utility"); h.OK || !strings.HasPrefix(h.Text, "answers, but 1 parts of its events cannot be used") {
		t.Errorf("%+v", h)
	}
	if ready, why := d.agent.ready(); !ready {
		t.Errorf("prices and brokers do not keep the agent from being ready: %s", why)
	}
}

// Prices are known until the first hour that nobody has published: by a gap, by the fallback, or by the end.
func TestHealth_PricesAreKnownUntilTheFirstGap(t *testing.T) {
	for name, c := range map[string]struct {
		publish  func(*hand.VTN)
		fallback bool
		want     string
	}{
		"the end":                  {func(v *hand.VTN) { v.Publish("PRICE", noon, 0.1, 0.1, 0.1) }, false, "known until Tue 15:00"},
		"the fallback":             {func(v *hand.VTN) { v.Publish("PRICE", noon, 0.1, 0.1) }, true, "known until Tue 14:00"},
		"a gap":                    {func(v *hand.VTN) { v.Publish("PRICE", noon, 0.1); v.Publish("PRICE", noon.Add(4*time.Hour), 0.1) }, false, "known until Tue 13:00"},
		"a gap, with the fallback": {func(v *hand.VTN) { v.Publish("PRICE", noon, 0.1); v.Publish("PRICE", noon.Add(4*time.Hour), 0.1) }, true, "known until Tue 13:00"},
		"beyond the horizon":       {func(v *hand.VTN) { v.Publish("PRICE", noon, make([]float64, 20)...) }, true, "known for as far as is planned"},
		"not yet":                  {func(v *hand.VTN) { v.Publish("PRICE", noon.Add(time.Hour), 0.1) }, false, "no price for now: nothing is driven by price"},
	} {
		t.Run(name, func(t *testing.T) {
			d := atDesk(t, gridSpec())
			c.publish(d.follow("utility", "EUR"))
			if !c.fallback {
				d.cfg.Fallback = config.Fallback{}
			}
			d.open().cycle(0)
			if got := d.health(pricePart); got.Text != c.want || got.OK != !strings.HasPrefix(c.want, "no price") {
				t.Errorf("%+v, want %q", got, c.want)
			}
		})
	}
}
