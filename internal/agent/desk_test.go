package agent

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/api"
	"hearth/devices"
	"hearth/energy"
	"hearth/internal/agent/hand"
	"hearth/internal/config"
	"hearth/openadr/ven"
)

// fake is a device of any kind. What it says is fresh unless the reading has a time of its own; it notes what
// it is told, and obeys unless it is deaf.
type fake struct {
	clock *hand.Clock

	mu      sync.Mutex
	says    devices.Observation
	told    []energy.Setpoint
	err     error // of every command
	isDeaf  bool
	isStuck bool // commands wait for the end of their context
}

func said[T any](f *fake, r func(devices.Observation) energy.Reading[T]) energy.Reading[T] {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := r(f.says)
	if out.Valid && out.At.IsZero() {
		out.At = f.clock.Now()
	}
	return out
}

func (f *fake) Power() energy.Reading[energy.Watts] {
	return said(f, func(o devices.Observation) energy.Reading[energy.Watts] { return o.Power })
}

func (f *fake) Imported() energy.Reading[energy.WattHours] {
	return said(f, func(o devices.Observation) energy.Reading[energy.WattHours] { return o.Imported })
}

func (f *fake) Exported() energy.Reading[energy.WattHours] {
	return said(f, func(o devices.Observation) energy.Reading[energy.WattHours] { return o.Exported })
}

func (f *fake) Session() energy.Reading[energy.WattHours] {
	return said(f, func(o devices.Observation) energy.Reading[energy.WattHours] { return o.Session })
}

func (f *fake) SoC() energy.Reading[energy.SoC] {
	return said(f, func(o devices.Observation) energy.Reading[energy.SoC] { return o.SoC })
}

func (f *fake) Setpoint() energy.Reading[energy.Watts] {
	return said(f, func(o devices.Observation) energy.Reading[energy.Watts] { return o.Setpoint })
}

func (f *fake) On() energy.Reading[bool] {
	return said(f, func(o devices.Observation) energy.Reading[bool] { return o.On })
}

func (f *fake) Plugged() energy.Reading[bool] {
	return said(f, func(o devices.Observation) energy.Reading[bool] { return o.Plugged })
}

func (f *fake) Online() energy.Reading[bool] {
	return said(f, func(o devices.Observation) energy.Reading[bool] { return o.Online })
}

func (f *fake) send(ctx context.Context, s energy.Setpoint, obey func(*devices.Observation)) error {
	f.mu.Lock()
	f.told = append(f.told, s)
	err, isStuck := f.err, f.isStuck
	if err == nil && !f.isDeaf && !isStuck {
		obey(&f.says)
	}
	f.mu.Unlock()
	if isStuck {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return err
}

func (f *fake) Turn(ctx context.Context, on bool, _ time.Duration) error {
	mode := map[bool]energy.Mode{true: energy.On, false: energy.Off}[on]
	return f.send(ctx, energy.Setpoint{Mode: mode}, func(o *devices.Observation) { o.On = known(on) })
}

func (f *fake) SetPower(ctx context.Context, p energy.Watts, _ time.Duration) error {
	return f.send(ctx, energy.Setpoint{Mode: energy.AtPower, Power: p}, func(o *devices.Observation) { o.Setpoint = known(p) })
}

func (f *fake) Release(ctx context.Context) error {
	return f.send(ctx, energy.Setpoint{}, func(o *devices.Observation) { o.Setpoint = energy.Reading[energy.Watts]{} })
}

// say changes what the device says.
func (f *fake) say(change func(*devices.Observation)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.says)
}

// commands is what the device was told since it was asked last.
func (f *fake) commands() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var words []string
	for _, s := range f.told {
		words = append(words, s.String())
	}
	f.told = nil
	return strings.Join(words, ", ")
}

// known is a reading that is always fresh.
func known[T any](v T) energy.Reading[T] { return energy.Reading[T]{Value: v, Valid: true} }

// desk is an agent without wires: fake devices, a clock moved by hand, and a store in a folder of its own.
type desk struct {
	*testing.T
	clock *hand.Clock
	cfg   *config.Config
	log   *hand.Lines
	fakes map[string]*fake
	vtns  []ven.Config // of the VENs; their prices are in events
	prior map[string]*hand.VTN
	vens  map[string]*ven.VEN
	floor time.Time
	agent *Agent
}

// atDesk begins at noon with the devices given, a fallback tariff and a short horizon.
func atDesk(t *testing.T, specs ...config.Device) *desk {
	t.Helper()
	buy, sell, carbon := energy.PriceOf(0.3), energy.PriceOf(0.08), energy.GramsPerKWh(380)
	d := &desk{
		T: t, clock: hand.At(noon), log: &hand.Lines{}, fakes: map[string]*fake{}, prior: map[string]*hand.VTN{}, vens: map[string]*ven.VEN{},
		cfg: &config.Config{
			Home:     config.Home{Name: "desk", Zone: time.UTC, Currency: "EUR", MaxImport: 17000, MaxExport: 10000, BaseLoad: 300},
			Cycle:    10 * time.Second,
			Planning: config.Planning{Slot: 15 * time.Minute, Horizon: 12 * time.Hour, Every: 5 * time.Minute, TimeLimit: time.Second},
			Fallback: config.Fallback{Import: &buy, Export: &sell, Carbon: &carbon},
			Storage:  filepath.Join(t.TempDir(), "desk.db"), Devices: specs,
		},
	}
	for _, s := range specs {
		d.fakes[s.Name] = &fake{clock: d.clock, says: saidBy(s.Kind)}
	}
	t.Cleanup(func() {
		if d.agent != nil {
			_ = d.agent.Close()
		}
		if t.Failed() {
			t.Logf("log:\n%s", d.log)
		}
	})
	return d
}

// saidBy is what a device of a kind says when nothing goes on.
func saidBy(kind config.Kind) devices.Observation {
	o := devices.Observation{Online: known(true), Power: known(energy.Watts(0))}
	switch kind {
	case config.Grid:
		o.Power, o.Imported, o.Exported = known(energy.Watts(500)), known(energy.WattHours(1000)), known(energy.WattHours(200))
	case config.Battery:
		o.SoC = known(energy.SoC(0.5))
	case config.Vehicle:
		o.Plugged, o.Session = known(false), known(energy.WattHours(0))
	case config.Appliance:
		o.On = known(true)
	case config.Load:
		o.On = known(false)
	}
	return o
}

// built is the roles that a device of a kind has.
func (d *desk) built(s config.Device) *devices.Device {
	f := d.fakes[s.Name]
	out := &devices.Device{Name: s.Name, Driver: idle{}, Meter: f, Availability: f, Capabilities: devices.Capabilities{ReadBack: true}}
	switch s.Kind {
	case config.Grid:
		out.Counter = f
	case config.Battery:
		out.Battery, out.Setpoint, out.Capabilities.Min, out.Capabilities.Max = f, f, -5000, 5000
	case config.Vehicle:
		out.Charger, out.Setpoint, out.Capabilities.Max, out.Capabilities.Floor = f, f, 11000, 4140
	case config.Appliance, config.Load:
		out.Switch = f
	}
	return out
}

type idle struct{}

func (idle) Run(ctx context.Context) error { <-ctx.Done(); return nil }
func (idle) Close() error                  { return nil }

// open starts the agent, or starts it again on the store it has left.
func (d *desk) open() *desk {
	d.Helper()
	if d.agent != nil {
		if err := d.agent.Close(); err != nil {
			d.Fatal(err)
		}
	}
	log := slog.New(slog.NewTextHandler(d.log, nil))
	a := blank(Options{Config: d.cfg, Clock: d.clock, Log: log, Version: "desk", ClockFloor: d.floor})
	d.agent = a
	if err := a.openStore(d.Context()); err != nil {
		d.Fatal(err)
	}
	for _, c := range d.vtns {
		v := ven.New(c, ven.Parts{Client: d.prior[c.Name], Store: a.store, Clock: d.clock, Pace: newPace(time.Minute), Log: log})
		if err := v.Restore(); err != nil {
			d.Fatal(err)
		}
		a.chorus.Follow(c.Name, v)
		_ = v.Poll(d.Context())
		d.vens[c.Name] = v
	}
	if err := a.openSources(d.Context()); err != nil {
		d.Fatal(err)
	}
	for _, s := range d.cfg.Devices {
		built := d.built(s)
		a.devices, a.measures[s.Name] = append(a.devices, built), built.Meter != nil
	}
	a.grid = a.first(config.Grid)
	if err := a.openGuards(d.Context()); err != nil {
		d.Fatal(err)
	}
	return d
}

// cycle moves the clock on and lets the agent do one cycle.
func (d *desk) cycle(after time.Duration) *desk {
	d.Helper()
	d.clock.Move(after)
	d.agent.cycle(d.Context())
	return d
}

// says counts log lines that hold all the words.
func (d *desk) says(words ...string) int { return d.log.Says(words...) }

func (d *desk) device(name string) api.Device { return (&lived{agent: d.agent}).device(name) }

func (d *desk) health(part string) api.Health { return (&lived{agent: d.agent}).health(part) }

// decisions is what the journal holds, oldest first.
func (d *desk) decisions() []Decision {
	d.Helper()
	var out []Decision
	always := energy.Interval{Start: d.clock.Now().AddDate(0, 0, -10), End: d.clock.Now().Add(time.Hour)}
	if err := d.agent.store.Journal(wantJournal, always, func(_ time.Time, record []byte) bool {
		var one Decision
		(&lived{T: d.T}).unpack(record, &one)
		out = append(out, one)
		return true
	}); err != nil {
		d.Fatal(err)
	}
	return out
}

// inputs counts the plans whose input is kept.
func (d *desk) inputs() (n int) {
	d.Helper()
	always := energy.Interval{Start: d.clock.Now().AddDate(0, 0, -10), End: d.clock.Now().Add(time.Hour)}
	if err := d.agent.store.Journal(inputJournal, always, func(time.Time, []byte) bool { n++; return true }); err != nil {
		d.Fatal(err)
	}
	return n
}

// readings is every value of a channel, by the seconds after noon.
func (d *desk) readings(channel string) map[int]float64 {
	d.Helper()
	out := map[int]float64{}
	if err := d.agent.store.Readings(channel, energy.Span(noon.Add(-24*time.Hour), 72*time.Hour), func(at time.Time, v float64) bool {
		out[int(at.Sub(noon).Seconds())] = v
		return true
	}); err != nil {
		d.Fatal(err)
	}
	return out
}

// follow adds a VTN, before open.
func (d *desk) follow(name string, currency energy.Currency) *hand.VTN {
	d.vtns = append(d.vtns, ven.Config{Name: name, Currency: currency})
	d.prior[name] = &hand.VTN{}
	return d.prior[name]
}

// poll lets the VEN of that name ask.
func (d *desk) poll(name string) {
	d.Helper()
	_ = d.vens[name].Poll(d.Context())
}

// What the tests have at home.
func gridSpec() config.Device {
	return config.Device{Name: "grid", Title: "Grid", Kind: config.Grid, MaxAge: time.Minute}
}

func boilerSpec() config.Device {
	return config.Device{
		Name: "boiler", Title: "Boiler", Kind: config.Load, MaxAge: time.Minute, Daily: config.Window{Before: 24 * 60},
		Load: &config.RunSpec{Power: 2000, For: 2 * time.Hour},
	}
}

func ovenSpec() config.Device {
	return config.Device{
		Name: "oven", Title: "Oven", Kind: config.Appliance, MaxAge: time.Minute, Daily: config.Window{Before: 24 * 60},
		Appliance: &config.ProgramSpec{Step: 15 * time.Minute, Power: []energy.Watts{2000, 1000}},
	}
}

func batterySpec() config.Device {
	return config.Device{
		Name: "battery", Title: "Battery", Kind: config.Battery, MaxAge: time.Minute,
		Battery: &config.BatterySpec{Capacity: 10000, Min: 0.1, Max: 0.95, MaxCharge: 4000, MaxDischarge: 4000, Efficiency: 0.95},
	}
}

func carSpec() config.Device {
	return config.Device{
		Name: "car", Title: "Car", Kind: config.Vehicle, MaxAge: time.Minute,
		Vehicle: &config.VehicleSpec{Need: 8000, Ready: 20 * 60, MaxCharge: 11000, MinCharge: 4140, Efficiency: 0.9},
	}
}
