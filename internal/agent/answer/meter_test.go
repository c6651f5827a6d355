package answer

import (
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"hearth/api"
	"hearth/devices"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/agent/hand"
	"hearth/internal/config"
	"hearth/openadr"
	"hearth/openadr/report"
	"hearth/scheduler"
	"hearth/storage"
)

var noon = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

// house is a meter with a store behind it, in which a test writes.
type house struct {
	*Meter
	t     *testing.T
	clock *hand.Clock
	store *storage.Store
	order Order
	holds energy.Interval // in which there is the order; empty: always
	count func(from, to time.Time) (api.Energy, error)
}

func inHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, clock: hand.At(noon)}
	store, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "house.db"), storage.Options{Clock: h.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	h.store = store
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	cfg := &config.Config{
		Cycle: time.Minute,
		Home:  config.Home{Zone: zone},
		Devices: []config.Device{
			{Name: "grid", Kind: config.Grid}, {Name: "roof", Kind: config.Solar}, {Name: "cellar", Kind: config.Meter},
			{Name: "battery", Kind: config.Battery, Battery: &config.BatterySpec{Capacity: 10_000, Min: 0.1, Max: 0.9, MaxCharge: 4600, MaxDischarge: 3000}},
			{Name: "boiler", Kind: config.Load}, {Name: "washer", Kind: config.Appliance},
		},
	}
	h.Meter = New(cfg, store, func(from, to time.Time) (api.Energy, error) { return h.count(from, to) })
	return h
}

// ordered is the order in a time; what was said more than a day ago is forgotten.
func (h *house) ordered(within energy.Interval) Order {
	o := Order{}
	if h.holds.IsEmpty() || !h.holds.Overlap(within).IsEmpty() {
		o = h.order
	}
	o.IsKnown = within.Start.After(noon.Add(-22 * time.Hour))
	return o
}

// measure writes a value of a channel each minute of a time.
func (h *house) measure(channel string, from time.Time, length time.Duration, v float64) {
	for at := from; at.Before(from.Add(length)); at = at.Add(time.Minute) {
		h.store.Record(at, map[string]float64{channel: v})
	}
}

// says is the value that a report of one row has, with its quality where that is not OK; "none" where the device has no
// such thing.
func (h *house) says(resource, payload, units string, from, to time.Time, isForecast bool) string {
	h.t.Helper()
	a := report.Ask{Index: 0, Event: openadr.Event{
		Metadata: openadr.Metadata{ID: "e"}, ReportDescriptors: []openadr.ReportDescriptor{{PayloadType: payload, Units: units}},
	}}
	w := report.Window{Name: "w", IsForecast: isForecast, Rows: []report.Row{{Interval: energy.Interval{Start: from, End: to}}}}
	r, err := report.Make(a, w, []openadr.Resource{{Name: resource}}, h.For(h.ordered), "home")
	if errors.Is(err, report.ErrNothing) {
		return "none"
	}
	if err != nil {
		h.t.Fatal(err)
	}
	text := ""
	for _, p := range r.Resources[0].Intervals[0].Payloads {
		if text != "" {
			text += " "
		}
		text += string(p.Values[0])
	}
	return text
}

func (h *house) expect(want, resource, payload, units string, from, to time.Time, isForecast bool) {
	h.t.Helper()
	if got := h.says(resource, payload, units, from, to, isForecast); got != want {
		h.t.Errorf("%s of %s from %s to %s: %s, want %s", payload, resource, from.Format("15:04"), to.Format("15:04"), got, want)
	}
}

const missing = `"MISSING"`

func after(d time.Duration) time.Time { return noon.Add(d) }

// What the house connection has counted is told if all of it was; what was given is no usage.
func TestMeter_UsageOfTheConnectionIsWhatWasCounted(t *testing.T) {
	h := inHouse(t)
	h.Note(Now{At: after(2 * time.Hour)})
	imported, exported := 1234.0, 900.0
	h.count = func(from, to time.Time) (api.Energy, error) {
		if !from.Equal(noon) || !to.Equal(after(time.Hour)) {
			t.Errorf("asked for %v to %v", from, to)
		}
		return api.Energy{Imported: &imported, Exported: &exported, Coverage: 1}, nil
	}
	h.expect("1.234", "grid", "USAGE", "", noon, after(time.Hour), false)
	h.expect("1234", "grid", "DEMAND", "W", noon, after(time.Hour), false)
	for name, count := range map[string]func(from, to time.Time) (api.Energy, error){
		"in part": func(_, _ time.Time) (api.Energy, error) { return api.Energy{Imported: &imported, Coverage: 0.95}, nil },
		"nothing": func(_, _ time.Time) (api.Energy, error) { return api.Energy{}, nil },
		"a fault": func(_, _ time.Time) (api.Energy, error) { return api.Energy{}, errors.New("no meter") },
	} {
		t.Run(name, func(t *testing.T) {
			h.count = count
			h.expect(missing, "grid", "USAGE", "", noon, after(time.Hour), false)
		})
	}
}

func TestMeter_UsageOfADeviceIsItsMeanPower(t *testing.T) {
	h := inHouse(t)
	h.measure("boiler.power", noon, 30*time.Minute, 2000)
	h.measure("boiler.power", after(30*time.Minute), 30*time.Minute, 1000)
	h.measure("boiler.power", after(time.Hour), 9*time.Minute, 600)
	h.measure("battery.power", noon, time.Hour, -1000)
	h.Note(Now{At: after(2 * time.Hour)})
	h.expect("1.5", "boiler", "USAGE", "", noon, after(time.Hour), false)
	h.expect("1.5", "boiler", "DEMAND", "", noon, after(time.Hour), false)
	h.expect("1.5", "boiler", "DEMAND", "", after(20*time.Minute), after(40*time.Minute), false)
	h.expect(`0.6 "ESTIMATED"`, "boiler", "DEMAND", "", after(time.Hour), after(75*time.Minute), false)
	h.expect(missing, "boiler", "DEMAND", "", after(time.Hour), after(90*time.Minute), false)
	h.expect(missing, "boiler", "DEMAND", "", after(90*time.Minute), after(2*time.Hour), false)
	h.expect(missing, "boiler", "DEMAND", "", noon, after(3*time.Hour), false) // is not over
	h.expect(missing, "battery", "USAGE", "", noon, after(time.Hour), false)   // is never negative
	h.expect("none", "garage", "USAGE", "", noon, after(time.Hour), false)
}

func TestMeter_ReadingIsTheRegisterAtTheEnd(t *testing.T) {
	h := inHouse(t)
	h.measure("grid.imported", noon, 30*time.Minute, 1000)
	h.measure("grid.imported", after(30*time.Minute), 31*time.Minute, 1500)
	h.measure("grid.power", noon, 61*time.Minute, -700)
	counter := map[string]devices.Observation{"grid": {Imported: energy.Reading[energy.WattHours]{Valid: true}}}
	h.Note(Now{At: after(2 * time.Hour), Observed: counter})
	h.expect("1.5", "grid", "READING", "KWH", noon, after(time.Hour), false)
	h.expect("1", "grid", "READING", "KWH", noon, after(20*time.Minute), false)
	h.expect("-0.7", "grid", "READING", "KW", noon, after(time.Hour), false)
	h.expect(missing, "grid", "READING", "KWH", noon, after(90*time.Minute), false) // what was read then is too old
	h.expect("none", "boiler", "READING", "KWH", noon, after(time.Hour), false)     // has no register
}

func TestMeter_BaselineIsTheSameTimeOnEarlierDays(t *testing.T) {
	h := inHouse(t)
	h.Note(Now{At: after(10 * time.Minute)})
	h.measure("grid.power", noon, time.Hour, 9999) // today does not count
	for day := 1; day <= 2; day++ {
		h.measure("grid.power", noon.AddDate(0, 0, -day), time.Hour, float64(1000*day))
	}
	h.expect(missing, "grid", "BASELINE", "KW", noon, after(time.Hour), true) // two days are not enough
	h.measure("grid.power", noon.AddDate(0, 0, -4), time.Hour, 3000)
	h.expect(`2 "ESTIMATED"`, "grid", "BASELINE", "KW", noon, after(time.Hour), true)
	h.expect(`2 "ESTIMATED"`, "grid", "BASELINE", "KWH", noon, after(time.Hour), true)
	h.expect(`2 "ESTIMATED"`, "grid", "BASELINE", "KW", after(7*time.Minute), after(8*time.Minute), true)
}

func plan(from time.Time) *decide.Plan {
	grid := energy.NewGrid(from, 15*time.Minute, 8)
	p := &decide.Plan{Problem: &scheduler.Problem{Grid: grid, Solar: scheduler.Constant(2000, 8)}, Plan: &scheduler.Plan{Evaluation: scheduler.Evaluation{
		Import: scheduler.Constant(1000, 8), Export: scheduler.Constant(400, 8), Curtailed: scheduler.Constant(500, 8),
		Devices: []scheduler.DevicePlan{
			{ID: "battery", Power: []energy.Watts{4000, 4000, 0, 0, -2000, -2000, 0, 0}},
			{ID: "washer", Power: scheduler.Constant(800, 8)},
		},
	}}}
	return p
}

func TestMeter_ForecastIsThePlan(t *testing.T) {
	h := inHouse(t)
	h.Note(Now{At: noon, Plan: plan(noon)})
	h.expect(`0.6 "ESTIMATED"`, "grid", "USAGE_FORECAST", "", noon, after(time.Hour), true)
	h.expect(`-1.5 "ESTIMATED"`, "roof", "USAGE_FORECAST", "", noon, after(time.Hour), true)
	h.expect(`2 "ESTIMATED"`, "battery", "USAGE_FORECAST", "", noon, after(time.Hour), true)
	h.expect(`0.5 "ESTIMATED"`, "battery", "STORAGE_DISPATCH_FORECAST", "", after(22*time.Minute+30*time.Second), after(30*time.Minute), true)
	h.expect(`0 "ESTIMATED"`, "boiler", "USAGE_FORECAST", "", noon, after(time.Hour), true) // has nothing to do
	h.expect(missing, "cellar", "USAGE_FORECAST", "", noon, after(time.Hour), true)
	h.expect(missing, "grid", "USAGE_FORECAST", "", noon, after(3*time.Hour), true) // beyond the horizon
	h.expect(missing, "grid", "USAGE_FORECAST", "", after(-time.Hour), noon, true)
	h.Note(Now{At: noon})
	h.expect(missing, "grid", "USAGE_FORECAST", "", noon, after(time.Hour), true)
}

// What may be shed is what is driven by us and takes power; an appliance that runs is not stopped.
func TestMeter_SheddableIsWhatCanDoWithout(t *testing.T) {
	h := inHouse(t)
	h.Note(Now{At: noon, Plan: plan(noon)})
	h.expect(`2 "ESTIMATED"`, "battery", "LOAD_SHED_DELTA_AVAILABLE", "KWH", noon, after(2*time.Hour), true)
	h.expect(`2 "ESTIMATED"`, "grid", "LOAD_SHED_DELTA_AVAILABLE", "KWH", noon, after(2*time.Hour), true)
	h.expect("none", "washer", "LOAD_SHED_DELTA_AVAILABLE", "KWH", noon, after(2*time.Hour), true)
	h.Note(Now{At: noon})
	h.expect(missing, "grid", "LOAD_SHED_DELTA_AVAILABLE", "KWH", noon, after(2*time.Hour), true)
}

func TestMeter_StorageIsOfBatteriesOnly(t *testing.T) {
	h := inHouse(t)
	h.measure("battery.soc", noon, time.Hour, 0.42)
	h.Note(Now{At: after(30 * time.Minute)})
	for payload, want := range map[string]string{
		"STORAGE_USABLE_CAPACITY": "8", "STORAGE_MAX_CHARGE_POWER": "4.6", "STORAGE_MAX_DISCHARGE_POWER": "3", "STORAGE_CHARGE_LEVEL": "0.42",
	} {
		h.expect(want, "battery", payload, "", noon, after(time.Hour), false)
		h.expect("none", "boiler", payload, "", noon, after(time.Hour), false)
	}
	h.expect(missing, "battery", "STORAGE_CHARGE_LEVEL", "", after(time.Hour), after(2*time.Hour), true)
	h.expect(missing, "battery", "STORAGE_CHARGE_LEVEL", "", after(-2*time.Hour), after(-time.Hour), false)
}

func TestMeter_StateSaysWhetherAnOrderWasFollowed(t *testing.T) {
	h := inHouse(t)
	h.Note(Now{At: after(2 * time.Hour)})
	for _, name := range []string{"boiler", "washer", "grid"} {
		h.measure(name+".power", noon, time.Hour, 2000)
		h.measure(name+".power", after(time.Hour), time.Hour, 3)
	}
	for _, c := range []struct {
		order       Order
		boiler, run string
	}{
		{Order{}, "RUNNING_NORMAL", "RUNNING_NORMAL"},
		{Order{IsCurtailed: true}, "RUNNING_CURTAILED", "RUNNING_NORMAL"},
		{Order{IsCurtailed: true, IsOptedOut: true}, "RUNNING_OPTED_OUT", "RUNNING_OPTED_OUT"},
	} {
		h.order = c.order
		h.expect(`"`+c.boiler+`"`, "boiler", "OPERATING_STATE", "", noon, after(time.Hour), false)
		h.expect(`"`+c.run+`"`, "washer", "OPERATING_STATE", "", noon, after(time.Hour), false)
	}
	// What was ordered and done in the hour counts, and nothing that holds when it is reported.
	h.order, h.holds = Order{IsOptedOut: true}, energy.Interval{Start: after(time.Hour), End: after(2 * time.Hour)}
	h.expect(`"RUNNING_NORMAL"`, "grid", "OPERATING_STATE", "", noon, after(time.Hour), false)
	h.expect(`"IDLE_OPTED_OUT"`, "grid", "OPERATING_STATE", "", after(time.Hour), after(2*time.Hour), false)
	h.expect(missing, "grid", "OPERATING_STATE", "", after(3*time.Hour), after(4*time.Hour), true)
	h.expect(missing, "grid", "OPERATING_STATE", "", after(-25*time.Hour), after(-24*time.Hour), false) // too long ago to say
	h.expect(missing, "battery", "OPERATING_STATE", "", noon, after(time.Hour), false)                  // nothing was heard of it
}

// Of now the newest reading is told, where there is no mean yet.
func TestMeter_StateOfNowIsTheNewestReading(t *testing.T) {
	h := inHouse(t)
	power := devices.Observation{Power: energy.Reading[energy.Watts]{Value: 2000, At: noon, Valid: true}}
	h.Note(Now{At: noon, Observed: map[string]devices.Observation{"boiler": power}})
	h.expect(`"RUNNING_NORMAL"`, "boiler", "OPERATING_STATE", "", noon, after(time.Hour), false)
	h.Note(Now{At: after(time.Hour), Observed: map[string]devices.Observation{"boiler": power}})
	h.expect(missing, "boiler", "OPERATING_STATE", "", noon, after(time.Hour), false) // nothing was heard for an hour
	gone := map[string]devices.Observation{"boiler": {Online: energy.Reading[bool]{At: noon, Valid: true}}}
	h.Note(Now{At: noon, Observed: gone})
	h.expect(`"ERROR"`, "boiler", "OPERATING_STATE", "", noon, after(time.Hour), false)
}

func TestMeter_LevelIsTheOneThatHeld(t *testing.T) {
	h := inHouse(t)
	h.Note(Now{At: after(2 * time.Hour)})
	h.expect("0", "grid", "SIMPLE_LEVEL", "", noon, after(time.Hour), false)
	two := 2
	h.order, h.holds = Order{Level: &two}, energy.Interval{Start: noon, End: after(time.Hour)}
	h.expect("2", "grid", "SIMPLE_LEVEL", "", noon, after(time.Hour), false)
	h.expect("0", "grid", "SIMPLE_LEVEL", "", after(time.Hour), after(2*time.Hour), false)
	h.expect("2", "grid", "SIMPLE_LEVEL", "", after(30*time.Minute), after(3*time.Hour), false) // as far as it has come
	h.expect(missing, "grid", "SIMPLE_LEVEL", "", after(3*time.Hour), after(4*time.Hour), true)
	h.expect(missing, "grid", "SIMPLE_LEVEL", "", after(-25*time.Hour), after(-24*time.Hour), false)
}

// Every type that can be allowed is answered by something in some home, and by nothing in a home without it.
func TestPayloads_CanAllBeReported(t *testing.T) {
	h := inHouse(t)
	h.measure("battery.soc", noon, time.Hour, 0.42)
	h.Note(Now{At: after(30 * time.Minute), Plan: plan(noon)})
	h.count = func(_, _ time.Time) (api.Energy, error) { return api.Energy{}, nil }
	for _, payload := range Payloads() {
		units := map[string]string{"READING": "KW"}[payload]
		if got := h.says("battery", payload, units, noon, after(time.Hour), false); got == "none" {
			t.Errorf("%s is never told", payload)
		}
	}
	h.expect("none", "battery", "DELTA_USAGE", "", noon, after(time.Hour), false)
}
