package tasmota

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"pgregory.net/rapid"

	"hearth/energy"
)

// desk is a plug without a network on a clock made by hand: what it publishes is written down.
type desk struct {
	*Plug
	hardware
	paho.Client // only Publish is called

	now  time.Time
	said []string // "topic payload", "!" before what is retained
}

func newDesk() *desk {
	d := &desk{now: time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)}
	d.Plug = New(Options{Topic: "lamp", Clock: d, Log: slog.New(slog.DiscardHandler)}, d)
	d.use(d)
	return d
}

func (d *desk) Now() time.Time                                 { return d.now }
func (d *desk) Sleep(_ context.Context, _ time.Duration) error { panic("nobody sleeps here") }

func (d *desk) Look() Reading {
	r := d.hardware.Look()
	r.At = d.now
	return r
}

func (d *desk) Publish(topic string, qos byte, isRetained bool, payload any) paho.Token {
	mark := ""
	if isRetained || qos != 0 {
		mark = "!"
	}
	d.said = append(d.said, fmt.Sprintf("%s%s %s", mark, topic, payload))
	return &paho.DummyToken{}
}

// answers are what the plug says to a command.
func (d *desk) answers(name, payload string) []string {
	d.said = nil
	d.command(name, payload)
	return d.said
}

// reports are what it says by itself after the time has passed.
func (d *desk) reports(last *told, after time.Duration) string {
	d.now, d.said = d.now.Add(after), nil
	d.tell(last)
	var kinds []string
	for _, s := range d.said {
		topic, _, _ := strings.Cut(s, " ")
		kinds = append(kinds, strings.TrimPrefix(topic, "tele/lamp/"))
	}
	return strings.Join(kinds, " ")
}

func (d *desk) expect(t *testing.T, name, payload string, want ...string) {
	t.Helper()
	if got := d.answers(name, payload); !slices.Equal(got, want) {
		t.Errorf("%s %q: %q, want %q", name, payload, got, want)
	}
}

// Each setting takes its bounds, refuses what is beyond them, and tells what holds; an empty payload asks.
func TestSettings_TakeTheirBoundsAndTellWhatHolds(t *testing.T) {
	for _, c := range []struct {
		name, form   string
		shop, lo, hi int // as it comes from the shop, and the bounds (docs/Commands)
	}{
		{"TelePeriod", `stat/lamp/RESULT {"TelePeriod":%d}`, 300, 10, 3600},
		{"PowerDelta1", `stat/lamp/RESULT {"PowerDelta1":%d}`, 0, 0, 32000},
		{"PowerOnState", `stat/lamp/RESULT {"PowerOnState":%d}`, 3, 0, 5},
		{"PulseTime1", `stat/lamp/RESULT {"PulseTime1":{"Remaining":%[1]d,"Set":%[1]d}}`, 0, 0, 64900},
	} {
		d := newDesk()
		say := func(n int) string { return fmt.Sprintf(c.form, n) }
		d.expect(t, c.name, "", say(c.shop))
		for _, n := range []int{c.lo, c.hi} {
			d.expect(t, c.name, fmt.Sprint(n), say(n))
			d.expect(t, c.name, "", say(n))
		}
		for _, bad := range []string{fmt.Sprint(c.lo - 1), fmt.Sprint(c.hi + 1), "x", "1.5", " 11", "1e2", "-", "99999999999999999999"} {
			d.expect(t, c.name, bad, say(c.hi))
		}
		d.expect(t, strings.ToLower(c.name), fmt.Sprint(c.lo), say(c.lo)) // the firmware does not mind the case
		if d.said = nil; d.IsOnNow() {
			t.Errorf("%s switched the relay", c.name)
		}
	}
}

func (d *desk) IsOnNow() bool { return d.Look().IsOn }

func TestPower_ObeysEveryWordForItAndAsksWithNone(t *testing.T) {
	d := newDesk()
	for _, c := range []struct {
		payload string
		want    string
	}{
		{"ON", "ON"}, {"", "ON"}, {"off", "OFF"}, {"", "OFF"}, {"1", "ON"}, {"0", "OFF"}, {"True", "ON"}, {"FALSE", "OFF"},
		{"toggle", "ON"}, {"2", "OFF"}, {"On", "ON"}, {"ON ", "ON"}, {"HOLD", "ON"}, {"3", "ON"}, {"OFF", "OFF"}, {"blink", "OFF"},
	} {
		for _, name := range []string{"POWER", "Power1"} {
			if name == "Power1" && (c.payload == "toggle" || c.payload == "2") {
				continue // once is enough
			}
			d.expect(t, name, c.payload, `stat/lamp/RESULT {"POWER":"`+c.want+`"}`, "stat/lamp/POWER "+c.want)
			if d.IsOnNow() != (c.want == "ON") {
				t.Errorf("%s %q: on is %t", name, c.payload, d.IsOnNow())
			}
		}
	}
}

func TestStatus_TellsTheMeterAndTheRelayAndRefusesTheRest(t *testing.T) {
	d := newDesk()
	d.set(func(r *Reading) { r.IsOn, r.Power, r.Energy = true, 1000.4, 3185 })
	const when = `"Time":"2026-03-29T01:00:00"`
	sensor := `{"StatusSNS":{` + when + `,"ENERGY":{"Total":3.185,"Power":1000,"Voltage":230,"Current":4.35}}}`
	d.expect(t, "STATUS", "10", "stat/lamp/STATUS10 "+sensor)
	d.expect(t, "Status", "8", "stat/lamp/STATUS8 "+sensor) // the older name of 10
	d.expect(t, "STATUS", "11", `stat/lamp/STATUS11 {"StatusSTS":{`+when+`,"Uptime":"0T00:00:00","UptimeSec":0,"POWER":"ON"}}`)
	d.expect(t, "STATE", "", `stat/lamp/RESULT {`+when+`,"Uptime":"0T00:00:00","UptimeSec":0,"POWER":"ON"}`)
	for _, other := range []string{"", "0", "1", "9", "12", "010", "10 ", "x"} { // what no agent of ours asks for
		d.expect(t, "STATUS", other, `stat/lamp/RESULT {"Command":"Error"}`)
	}
	for _, name := range []string{"", "Backlog", "Restart", "POWER2", "Reset", "TelePeriod2"} {
		d.expect(t, name, "1", `stat/lamp/RESULT {"Command":"Unknown"}`)
	}
	if !d.IsOnNow() {
		t.Error("a question switched the relay")
	}
}

func TestPulseTime_TellsWhatIsLeftOfARun(t *testing.T) {
	d := newDesk()
	d.answers("PulseTime1", "700")
	if r := d.Look(); r.Pulse != 10*time.Minute {
		t.Errorf("700 is a pulse of %v", r.Pulse)
	}
	d.set(func(r *Reading) { r.Left = 4*time.Minute + 300*time.Millisecond })
	d.expect(t, "PulseTime", "", `stat/lamp/RESULT {"PulseTime1":{"Remaining":341,"Set":700}}`)
	d.set(func(r *Reading) { r.Left = 1200 * time.Millisecond })
	d.expect(t, "PulseTime1", "", `stat/lamp/RESULT {"PulseTime1":{"Remaining":12,"Set":700}}`)
	d.expect(t, "PulseTime1", "0", `stat/lamp/RESULT {"PulseTime1":{"Remaining":0,"Set":0}}`)
}

// Whatever comes, the settings are those of the newest commands in bounds, every answer is JSON or a bare
// state, and nothing of it is retained: a retained answer would be taken for a fresh one.
func TestPlug_IsWhatTheNewestGoodCommandsMadeIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk()
		period, delta, powerOn, isOn := 300, 0, 3, false
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			name := rapid.SampledFrom([]string{"TelePeriod", "PowerDelta1", "PowerOnState", "POWER", "STATUS", "State", "what"}).Draw(t, "name")
			n := rapid.OneOf(rapid.IntRange(-2, 12), rapid.IntRange(-10, 40000)).Draw(t, "number")
			payload := fmt.Sprint(n)
			switch {
			case rapid.IntRange(0, 4).Draw(t, "empty") == 0:
				payload = ""
			case name == "TelePeriod" && n >= 10 && n <= 3600:
				period = n
			case name == "PowerDelta1" && n >= 0 && n <= 32000:
				delta = n
			case name == "PowerOnState" && n >= 0 && n <= 5:
				powerOn = n
			case name == "POWER" && n >= 0 && n <= 2:
				isOn = n == 1 || n == 2 && !isOn
			}
			said := d.answers(name, payload)
			if len(said) == 0 {
				t.Fatalf("%s %q was left without an answer", name, payload)
			}
			for _, s := range said {
				topic, body, _ := strings.Cut(s, " ")
				isState := topic == "stat/lamp/POWER" && (body == "ON" || body == "OFF")
				if !strings.HasPrefix(topic, "stat/lamp/") || !isState && !json.Valid([]byte(body)) {
					t.Fatalf("%s %q: said %q", name, payload, s)
				}
			}
		}
		got := d.settings
		if got.period != time.Duration(period)*time.Second || got.delta != delta || got.powerOn != powerOn || d.IsOnNow() != isOn {
			t.Fatalf("%+v on %t, want %d s, %d, %d, on %t", got, d.IsOnNow(), period, delta, powerOn, isOn)
		}
	})
}

func TestReport_ComesWithEachPeriodAndNotBetween(t *testing.T) {
	d, last := newDesk(), told{isFirst: true}
	d.answers("TelePeriod", "10")
	for i, c := range []struct {
		after time.Duration
		want  string
	}{
		{0, "STATE SENSOR"}, {time.Second, ""}, {8999 * time.Millisecond, ""}, {time.Millisecond, "STATE SENSOR"},
		{10 * time.Second, "STATE SENSOR"}, {0, ""}, {time.Minute, "STATE SENSOR"}, {9 * time.Second, ""},
	} {
		if got := d.reports(&last, c.after); got != c.want {
			t.Errorf("report %d: %q, want %q", i, got, c.want)
		}
	}
	d.answers("TelePeriod", "3600")
	d.reports(&last, time.Hour)
	d.answers("TelePeriod", "20") // a shorter period does not wait for the end of the longer
	if got := d.reports(&last, 0); got != "STATE SENSOR" {
		t.Errorf("after the period was shortened: %q", got)
	}
}

func TestReport_TellsChangesOfPowerAsPowerDeltaAsks(t *testing.T) {
	for _, c := range []struct {
		delta    string
		from, to energy.Watts
		isTold   bool
	}{
		{"0", 0, 2000, false},
		{"101", 460, 460.4, false}, {"101", 460, 461, true}, // 1 W
		{"105", 460, 464, false}, {"105", 460, 465, true}, {"105", 460, 455, true}, {"105", 0, 5, true}, {"105", 2, -3, true},
		{"10", 100, 109, false}, {"10", 100, 112, true}, {"10", 100, 89, true}, {"10", 0, 1, true}, {"100", 10, 2000, false},
	} {
		d, last := newDesk(), told{isFirst: true}
		d.answers("PowerDelta1", c.delta)
		d.set(func(r *Reading) { r.Power = c.from })
		d.reports(&last, 0)
		d.set(func(r *Reading) { r.Power = c.to })
		if got := d.reports(&last, time.Second); (got == "SENSOR") != c.isTold || got != "" && got != "SENSOR" {
			t.Errorf("PowerDelta %s from %v to %v: said %q", c.delta, c.from, c.to, got)
		}
		if got := d.reports(&last, time.Second); c.isTold && got != "" {
			t.Errorf("PowerDelta %s: told the same change twice: %q", c.delta, got)
		}
	}
}

func TestReport_TellsTheRelayOnceWhenItMovedByItself(t *testing.T) {
	d, last := newDesk(), told{isFirst: true}
	d.set(func(r *Reading) { r.IsOn = true }) // before it ever looked
	if got := d.reports(&last, 0); got != "STATE SENSOR" {
		t.Errorf("at its start: %q", got)
	}
	d.answers("POWER", "OFF")
	if got := d.reports(&last, time.Second); got != "" {
		t.Errorf("what a command moved was told again: %q", got)
	}
	d.set(func(r *Reading) { r.IsOn = true })
	if got := d.reports(&last, time.Second); got != "stat/lamp/RESULT stat/lamp/POWER" {
		t.Errorf("by the button: %q", got)
	}
	if got := d.reports(&last, time.Second); got != "" {
		t.Errorf("and again: %q", got)
	}
}

// A plug without a connection says nothing and keeps nothing to say later.
func TestPlug_LosesWhatItSaysWithoutAConnection(t *testing.T) {
	d := newDesk()
	d.use(nil)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { d.publish("stat", "POWER", []byte("ON"), false) })
	}
	all.Wait()
	d.use(d)
	d.expect(t, "POWER", "", `stat/lamp/RESULT {"POWER":"OFF"}`, "stat/lamp/POWER OFF")
}
