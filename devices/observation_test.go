package devices_test

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/devices"
	"hearth/energy"
)

// thing plays every role by heart and counts how often it is asked.
type thing struct {
	says  devices.Observation
	asked map[string]int
}

func (x *thing) Power() energy.Reading[energy.Watts] { x.asked["Power"]++; return x.says.Power }
func (x *thing) Imported() energy.Reading[energy.WattHours] {
	x.asked["Imported"]++
	return x.says.Imported
}
func (x *thing) Exported() energy.Reading[energy.WattHours] {
	x.asked["Exported"]++
	return x.says.Exported
}
func (x *thing) On() energy.Reading[bool] { x.asked["On"]++; return x.says.On }
func (x *thing) Setpoint() energy.Reading[energy.Watts] {
	x.asked["Setpoint"]++
	return x.says.Setpoint
}
func (x *thing) SoC() energy.Reading[energy.SoC] { x.asked["SoC"]++; return x.says.SoC }
func (x *thing) Plugged() energy.Reading[bool]   { x.asked["Plugged"]++; return x.says.Plugged }
func (x *thing) Session() energy.Reading[energy.WattHours] {
	x.asked["Session"]++
	return x.says.Session
}
func (x *thing) Online() energy.Reading[bool] { x.asked["Online"]++; return x.says.Online }

func (x *thing) Phases() energy.Reading[int] { x.asked["Phases"]++; return x.says.PhaseCount }
func (x *thing) Currents() [3]energy.Reading[energy.Amps] {
	x.asked["Currents"]++
	return x.says.Currents
}
func (x *thing) Temperature() energy.Reading[energy.Celsius] {
	x.asked["Temperature"]++
	return x.says.Temperature
}
func (x *thing) Mode() energy.Reading[devices.ThermalMode] { x.asked["Mode"]++; return x.says.Thermal }
func (x *thing) Curtailment() energy.Reading[energy.Watts] {
	x.asked["Curtailment"]++
	return x.says.Curtailment
}

// What acts must never be called by who only looks.
func (x *thing) Turn(context.Context, bool, time.Duration) error { panic("turned") }
func (x *thing) SetPower(context.Context, energy.Watts, time.Duration) error {
	panic("told a power")
}
func (x *thing) Release(context.Context) error        { panic("released") }
func (x *thing) SetPhases(context.Context, int) error { panic("told phases") }
func (x *thing) SetMode(context.Context, devices.ThermalMode, time.Duration) error {
	panic("told a mode")
}
func (x *thing) Curtail(context.Context, energy.Watts, time.Duration) error { panic("curtailed") }
func (x *thing) Lift(context.Context) error                                 { panic("lifted") }
func (x *thing) Run(context.Context) error                                  { panic("run") }
func (x *thing) Close() error                                               { panic("closed") }

// fields are what each role of a device tells of it.
var fields = map[string][]string{
	"Meter": {"Power"}, "Counter": {"Imported", "Exported"}, "Switch": {"On"}, "Setpoint": {"Setpoint"},
	"Battery": {"SoC"}, "Charger": {"Plugged", "Session"}, "Availability": {"Online"},
	"PhaseSwitch": {"PhaseCount"}, "Phases": {"Currents"}, "Thermal": {"Temperature", "Thermal"}, "Curtailer": {"Curtailment"},
}

// with is a device that has these roles, all played by x.
func with(x *thing, roles ...string) *devices.Device {
	d := &devices.Device{Name: "it", Driver: x}
	for _, role := range roles {
		reflect.ValueOf(d).Elem().FieldByName(role).Set(reflect.ValueOf(x))
	}
	return d
}

// roleNames are the interfaces of a device that can be asked something.
func roleNames() (out []string) {
	of := reflect.TypeFor[devices.Device]()
	for i := range of.NumField() {
		if f := of.Field(i); f.Type.Kind() == reflect.Interface && f.Name != "Driver" {
			out = append(out, f.Name)
		}
	}
	return out
}

func read[T any](t *rapid.T, name string, value *rapid.Generator[T]) energy.Reading[T] {
	return energy.Reading[T]{
		Value: value.Draw(t, name),
		At:    time.Unix(rapid.Int64Range(0, 1<<31).Draw(t, name+" at"), 0).UTC(),
		Valid: rapid.Bool().Draw(t, name+" valid"),
	}
}

func drawThing(t *rapid.T) *thing {
	watts := rapid.Map(rapid.Float64Range(-1e5, 1e5), func(v float64) energy.Watts { return energy.Watts(v) })
	counted := rapid.Map(rapid.Float64Range(0, 1e9), func(v float64) energy.WattHours { return energy.WattHours(v) })
	share := rapid.Map(rapid.Float64Range(0, 1), func(v float64) energy.SoC { return energy.SoC(v) })
	amps := rapid.Map(rapid.Float64Range(-1e3, 1e3), func(v float64) energy.Amps { return energy.Amps(v) })
	heat := rapid.Map(rapid.Float64Range(-50, 150), func(v float64) energy.Celsius { return energy.Celsius(v) })
	mode := rapid.SampledFrom([]devices.ThermalMode{devices.ThermalBlocked, devices.ThermalNormal, devices.ThermalRecommended, devices.ThermalForced})
	return &thing{asked: map[string]int{}, says: devices.Observation{
		Online: read(t, "online", rapid.Bool()), Power: read(t, "power", watts), Imported: read(t, "imported", counted),
		Exported: read(t, "exported", counted), On: read(t, "on", rapid.Bool()), Setpoint: read(t, "setpoint", watts),
		SoC: read(t, "soc", share), Plugged: read(t, "plugged", rapid.Bool()), Session: read(t, "session", counted),
		PhaseCount:  read(t, "phases", rapid.SampledFrom([]int{1, 3})),
		Currents:    [3]energy.Reading[energy.Amps]{read(t, "l1", amps), read(t, "l2", amps), read(t, "l3", amps)},
		Temperature: read(t, "temperature", heat), Thermal: read(t, "mode", mode), Curtailment: read(t, "curtailment", watts),
	}}
}

// A role that was added to Device and forgotten in Observe would be silent for ever.
func TestObserve_KnowsEveryRole(t *testing.T) {
	seen := map[string]bool{}
	for _, role := range roleNames() {
		told, isKnown := fields[role]
		if !isKnown {
			t.Errorf("%s: a role this test does not know", role)
		}
		for _, f := range told {
			seen[f] = true
		}
	}
	of := reflect.TypeFor[devices.Observation]()
	for i := range of.NumField() {
		if name := of.Field(i).Name; !seen[name] {
			t.Errorf("%s: no role tells it", name)
		}
	}
}

// Each reading comes as the role says it, value, time and validity, old ones too, and nothing comes from a
// role the device does not have.
func TestObserve_SaysWhatItsRolesSayAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawThing(t)
		var roles []string
		for _, role := range roleNames() {
			if rapid.Bool().Draw(t, role) {
				roles = append(roles, role)
			}
		}
		got := reflect.ValueOf(with(x, roles...).Observe())
		want := reflect.New(got.Type()).Elem()
		for _, role := range roles {
			for _, f := range fields[role] {
				want.FieldByName(f).Set(reflect.ValueOf(x.says).FieldByName(f))
			}
		}
		if !reflect.DeepEqual(got.Interface(), want.Interface()) {
			t.Errorf("with %v: %+v, want %+v", roles, got, want)
		}
		for name, n := range x.asked { // a second answer might be another
			if n != 1 {
				t.Errorf("%s was asked %d times", name, n)
			}
		}
	})
}

func TestObserve_OfNothingIsNothing(t *testing.T) {
	if o := (&devices.Device{Name: "brick"}).Observe(); o != (devices.Observation{}) {
		t.Errorf("%+v", o)
	}
}

// Unknown is not zero, in JSON neither: what a device cannot say is left out, a zero it said is there.
func TestObservation_TellsUnknownFromZero(t *testing.T) {
	at := time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)
	x := &thing{asked: map[string]int{}, says: devices.Observation{
		Power: energy.Read(energy.Watts(0), at), On: energy.Read(false, at),
		Setpoint: energy.Reading[energy.Watts]{At: at}, // was told, follows its own control
	}}
	text, err := json.Marshal(with(x, "Meter", "Switch", "Setpoint", "Battery").Observe())
	if err != nil {
		t.Fatal(err)
	}
	const when = `"at":"2026-03-29T01:00:00Z"`
	want := `{"power":{"value":0,` + when + `,"valid":true},"on":{"value":false,` + when + `,"valid":true},"setpoint":{"value":0,` + when + `,"valid":false}}`
	if string(text) != want {
		t.Errorf("%s, want %s", text, want)
	}
	var back devices.Observation
	if err := json.Unmarshal(text, &back); err != nil || back.SoC.Valid || back.Power != x.says.Power {
		t.Errorf("back as %+v, %v", back, err)
	}
}

// Powers have no place in the JSON of capabilities: they are W as numbers here and text with units there.
func TestCapabilities_SayTheirTimesAndNoPowers(t *testing.T) {
	c := devices.Capabilities{
		ReadBack: true, Lease: devices.Silence, LeaseMin: 10 * time.Second, LeaseMax: time.Minute,
		Min: energy.Watts(math.Inf(-1)), Max: energy.Watts(math.Inf(1)), ConfirmWithin: time.Second, MaxSwitches: 3,
	}
	text, err := json.Marshal(c) // infinite powers would fail it
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"read_back":true`, `"lease":"silent"`, `"lease_min":10000000000`, `"lease_max":60000000000`, `"max_switches":3`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s lacks %s", text, want)
		}
	}
}
