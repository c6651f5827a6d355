package mqtt

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"hearth/devices"
	"hearth/devices/devicetest"
	"hearth/devices/profiles"
	"hearth/energy"
)

// wallbox has all that a plug has not: a power to hold, a battery, a plugged vehicle, a session, an export.
const wallbox = `{
  "schema": 1, "id": "wallbox", "title": "A bidirectional wall box", "transport": "mqtt", "source": ["made up"],
  "params": [{"name": "topic", "required": true, "about": "its topic"}],
  "points": [
    {"name": "power", "unit": "kW", "sign": -1, "topic": "{topic}/state", "path": "p"},
    {"name": "energy_export", "unit": "kWh", "topic": "{topic}/state", "path": "out", "min": 0},
    {"name": "soc", "unit": "%", "topic": "{topic}/state", "path": "car.soc", "min": 0, "max": 1},
    {"name": "plugged", "unit": "bool", "topic": "{topic}/state", "path": "car.here", "map": {"true": true, "false": false}},
    {"name": "session_energy", "unit": "Wh", "topic": "{topic}/state", "path": "car.session", "min": 0},
    {"name": "setpoint", "unit": "W", "topic": "{topic}/told", "min": -7000, "max": 7000}
  ],
  "actions": [
    {"name": "set_power", "publish": [{"topic": "{topic}/set", "payload": "{\"w\":{value},\"min\":{lease_min},\"s\":{lease_s}}"}]},
    {"name": "release", "publish": [{"topic": "{topic}/set", "payload": "auto"}]}
  ],
  "confirm": {"point": "setpoint", "tolerance": 20, "within_s": 5},
  "lease": {"kind": "timer", "min_s": 60, "max_s": 3600},
  "limits": {"min_w": -7000, "max_w": 7000, "floor_w": 1400, "step_w": 100}
}`

func newWallbox(t *testing.T, l *Link) *devices.Device {
	t.Helper()
	p, err := profiles.Load("wallbox.json", []byte(wallbox))
	if err != nil {
		t.Fatal(err)
	}
	d, err := New(Config{Name: "box", Profile: p, Params: map[string]string{"topic": "garage"}, Link: l})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestNew_HasEveryRoleAProfileCanGive(t *testing.T) {
	d := newWallbox(t, quietLink(t, Options{URL: "tcp://127.0.0.1:1", ClientID: "x"}, devicetest.NewClock(start)))
	if d.Meter == nil || d.Counter == nil || d.Setpoint == nil || d.Battery == nil || d.Charger == nil {
		t.Error("a role is missing")
	}
	if d.Switch != nil || d.Availability != nil {
		t.Error("has a role its profile does not give")
	}
	want := devices.Capabilities{
		ReadBack: true, Lease: devices.Timer, LeaseMin: time.Minute, LeaseMax: time.Hour, ConfirmWithin: 5 * time.Second,
		Tolerance: 20, Min: -7000, Max: 7000, Floor: 1400, Step: 100,
	}
	if d.Capabilities != want {
		t.Errorf("capabilities %+v, want %+v", d.Capabilities, want)
	}
}

func TestDevice_ReadsEveryRoleInOurUnitsAndSign(t *testing.T) {
	link := quietLink(t, Options{URL: "tcp://127.0.0.1:1", ClientID: "x"}, devicetest.NewClock(start))
	dev := newWallbox(t, link)
	d := dev.Driver.(*device)
	d.read(t.Context(), message{topic: "garage/state", payload: []byte(`{"p":2.5,"out":1.25,"car":{"soc":37,"here":true,"session":640}}`), at: start})
	d.read(t.Context(), message{topic: "garage/told", payload: []byte("-2500"), at: start})
	want := devices.Observation{
		Power: energy.Read(energy.Watts(-2500), start), Exported: energy.Read(energy.WattHours(1250), start),
		Plugged: energy.Read(true, start), Session: energy.Read(energy.WattHours(640), start), Setpoint: energy.Read(energy.Watts(-2500), start),
	}
	got := dev.Observe()
	if soc := got.SoC; !soc.Valid || math.Abs(float64(soc.Value)-0.37) > 1e-9 {
		t.Errorf("state of charge %v", soc)
	}
	if got.SoC = (energy.Reading[energy.SoC]{}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	link.clock.(*devicetest.Clock).Advance(defaultMaxAge)
	if o := dev.Observe(); !o.Setpoint.Valid || !o.Plugged.Valid {
		t.Error("not valid at its greatest age")
	}
	link.clock.(*devicetest.Clock).Advance(time.Nanosecond)
	if o := dev.Observe(); o.Setpoint.Valid || o.Plugged.Valid || o.SoC.Valid || o.Session.Valid || o.Power.Valid || o.Setpoint.At != start {
		t.Errorf("older than it may be: %+v", o)
	}
}

func TestDevice_SendsPowersAsItsProfileWritesThemAndNoOthers(t *testing.T) {
	broker := quickBroker(t)
	witness := dial(t, broker, "witness")
	heard := make(chan string, 64)
	witness.Subscribe("garage/set", 1, func(_ paho.Client, m paho.Message) { heard <- string(m.Payload()) }).WaitTimeout(patience)
	link, _ := runLink(t, Options{URL: broker}, devicetest.NewClock(start))
	d := newWallbox(t, link)
	ended := make(chan error, 1)
	go func() { ended <- d.Driver.Run(t.Context()) }()
	defer func() { _ = d.Driver.Close(); <-ended }()
	eventually(t, "it takes commands", func() bool { return d.Setpoint.Release(t.Context()) == nil })

	for _, p := range []energy.Watts{7001, -7001, energy.Watts(math.NaN()), energy.Watts(math.Inf(1)), energy.Watts(math.Inf(-1))} {
		if err := d.Setpoint.SetPower(t.Context(), p, time.Minute); err == nil || !strings.Contains(err.Error(), "is not between -7kW and 7kW") {
			t.Errorf("%v: %v", float64(p), err)
		}
	}
	for _, lease := range []time.Duration{-time.Second, time.Second, 59 * time.Second, time.Hour + 1} {
		if err := d.Setpoint.SetPower(t.Context(), 2000, lease); err == nil || !strings.Contains(err.Error(), "a lease of") {
			t.Errorf("a lease of %v: %v", lease, err)
		}
	}
	for _, c := range []struct {
		power energy.Watts
		lease time.Duration
	}{{2000, time.Minute}, {-6999.6, 61 * time.Second}, {0, time.Hour}, {7000, 0}} {
		if err := d.Setpoint.SetPower(t.Context(), c.power, c.lease); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"auto", `{"w":2000,"min":1,"s":60}`, `{"w":-7000,"min":2,"s":61}`, `{"w":0,"min":60,"s":3600}`, `{"w":7000,"min":0,"s":0}`}
	var got []string
	for range want {
		select {
		case m := <-heard:
			got = append(got, m)
		case <-time.After(patience):
			t.Fatalf("only %q arrived", got)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

const heatPump = `{
  "schema": 1, "id": "pump", "title": "A heat pump", "transport": "mqtt", "source": ["made up"],
  "params": [{"name": "topic", "required": true, "about": "its topic"}],
  "points": [
    {"name": "temperature", "unit": "°C", "topic": "{topic}/t"},
    {"name": "thermal_mode", "unit": "enum", "topic": "{topic}/sg", "map": {"1": "blocked", "2": "normal", "3": "recommended"}}
  ],
  "actions": [
    {"name": "mode_normal", "publish": [{"topic": "{topic}/set", "payload": "2"}]},
    {"name": "mode_recommended", "publish": [{"topic": "{topic}/set", "payload": "3"}]}
  ],
  "confirm": {"point": "thermal_mode", "within_s": 10}, "unguarded": "it stays so"
}`

func TestDevice_ReadsAndNudgesHeat(t *testing.T) {
	broker := quickBroker(t)
	heard := make(chan string, 8)
	dial(t, broker, "witness").Subscribe("pump/set", 1, func(_ paho.Client, m paho.Message) { heard <- string(m.Payload()) }).WaitTimeout(patience)
	link, _ := runLink(t, Options{URL: broker}, devicetest.NewClock(start))
	p, err := profiles.Load("pump.json", []byte(heatPump))
	if err != nil {
		t.Fatal(err)
	}
	dev, err := New(Config{Name: "pump", Profile: p, Params: map[string]string{"topic": "pump"}, Link: link})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- dev.Driver.Run(t.Context()) }()
	defer func() { _ = dev.Driver.Close(); <-ended }()
	eventually(t, "it takes commands", func() bool { return dev.Thermal.SetMode(t.Context(), devices.ThermalNormal, 0) == nil })
	if err := dev.Thermal.SetMode(t.Context(), devices.ThermalForced, 0); err == nil {
		t.Error("a mode it does not know was taken")
	}
	if err := dev.Thermal.SetMode(t.Context(), devices.ThermalRecommended, 0); err != nil {
		t.Error(err)
	}
	if got := <-heard + <-heard; got != "23" {
		t.Errorf("heard %s", got)
	}
	d := dev.Driver.(*device)
	for _, m := range []message{{topic: "pump/t", payload: []byte("48.5"), at: start}, {topic: "pump/sg", payload: []byte("3"), at: start}} {
		d.read(t.Context(), m)
	}
	if o := dev.Observe(); o.Temperature.Value != 48.5 || !o.Temperature.Valid || o.Thermal.Value != devices.ThermalRecommended || !o.Thermal.Valid {
		t.Errorf("%+v", o)
	}
	d.read(t.Context(), message{topic: "pump/sg", payload: []byte("9"), at: start})
	if got := dev.Thermal.Mode(); got.Value != devices.ThermalRecommended {
		t.Errorf("a word nobody knows was read as %v", got)
	}
}

// No parameter makes a device listen to, or command, more than itself.
func TestNew_RefusesWildcardsInNames(t *testing.T) {
	link := quietLink(t, Options{URL: "tcp://127.0.0.1:1", ClientID: "x"}, devicetest.NewClock(start))
	for _, p := range mqttProfiles(t) {
		for _, bad := range []string{"a/#", "+", "a b", "$SYS", "{reply}", "a\"b", "\xff", "", "a\x00"} {
			for _, d := range p.Params {
				given := params(p)
				given[d.Name] = bad
				if _, err := New(Config{Name: "it", Profile: p, Params: given, Link: link}); err == nil || !strings.Contains(err.Error(), d.Name) {
					t.Errorf("%s: %s %q: %v", p.ID, d.Name, bad, err)
				}
			}
		}
	}
}
