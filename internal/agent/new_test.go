package agent

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hearth/devices"
	"hearth/devices/guard"
	"hearth/devices/profiles"
	"hearth/energy"
	"hearth/internal/agent/hand"
	"hearth/internal/config"
	"hearth/storage"
)

// wired is the options of a home with a plug, a meter and a VTN that nobody answers for.
func wired(t *testing.T) Options {
	t.Helper()
	profile := func(id string) *profiles.Profile {
		p, err := profiles.Get(id)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	boiler := boilerSpec()
	boiler.Profile, boiler.Link, boiler.Params = profile("tasmota-plug"), "house", map[string]string{"topic": "boiler"}
	grid := gridSpec()
	grid.Profile, grid.Link, grid.Params = profile("eastron-sdm630"), "cabinet", map[string]string{"unit": "1"}
	return Options{
		Clock: hand.At(noon), Log: slog.New(slog.DiscardHandler), Version: "test",
		Config: &config.Config{
			Home:  config.Home{Name: "wired", Zone: time.UTC, Currency: "EUR", MaxImport: 17000, MaxExport: 10000, BaseLoad: 300},
			Cycle: 10 * time.Second, Planning: config.Planning{Slot: 15 * time.Minute, Horizon: 12 * time.Hour, Every: 5 * time.Minute, TimeLimit: time.Second},
			OpenADR: []config.VTN{{Name: "utility", URL: "http://127.0.0.1:1", Poll: time.Minute}},
			MQTT:    []config.Link{{Name: "house", URL: "tcp://127.0.0.1:1"}}, Modbus: []config.Link{{Name: "cabinet", URL: "tcp://127.0.0.1:1"}},
			Devices: []config.Device{grid, boiler}, Storage: filepath.Join(t.TempDir(), "deep", "hearth.db"), Listen: "127.0.0.1:0",
		},
	}
}

func TestNew_CloseBeforeRunAndTwice(t *testing.T) {
	a, err := New(t.Context(), wired(t))
	if err != nil {
		t.Fatal(err)
	}
	if a.Addr().(*net.TCPAddr).Port == 0 || a.grid != "grid" || !a.measures["boiler"] {
		t.Errorf("%v %q %v", a.Addr(), a.grid, a.measures)
	}
	for range 2 {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	if l, err := net.Listen("tcp", a.Addr().String()); err != nil {
		t.Errorf("the page's port is still taken: %v", err)
	} else {
		_ = l.Close()
	}
}

// Whatever step fails, what earlier steps took is free again: the store can be opened, and nothing runs on.
func TestNew_LetsGoOfEverythingWhenAStepFails(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	bad := filepath.Join(t.TempDir(), "bad.pem")
	if err := os.WriteFile(bad, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil func(*Options)
		is    error
		says  string
	}{
		"VTN's authority":       {func(o *Options) { o.Config.OpenADR[0].CAFile = bad }, ErrConfig, "openadr utility"},
		"VTN beyond loopback":   {func(o *Options) { o.Config.OpenADR[0].URL = "http://vtn.example" }, ErrConfig, "https"},
		"broker's authority":    {func(o *Options) { o.Config.MQTT[0].URL, o.Config.MQTT[0].CAFile = "ssl://127.0.0.1:1", bad }, ErrConfig, "mqtt house"},
		"broker's certificates": {func(o *Options) { o.Config.MQTT[0].CAFile = bad }, ErrConfig, "certificates need ssl"},
		"bus":                   {func(o *Options) { o.Config.Modbus[0].URL = "tcp://127.0.0.1?baud=1" }, ErrConfig, "modbus cabinet"},
		"device's parameter":    {func(o *Options) { o.Config.Devices[1].Params["topic"] = "a b" }, ErrConfig, "device boiler"},
		"unit of a meter":       {func(o *Options) { o.Config.Devices[0].Params["unit"] = "300" }, ErrConfig, "device grid"},
		"guard":                 {func(o *Options) { o.Config.Devices[1].Limits.MinOn = 48 * time.Hour }, ErrConfig, "guard boiler: a lease of at most 18h0m0s cannot keep it on for min_on 48h0m0s"},
		"page's address":        {func(o *Options) { o.Config.Listen = taken.Addr().String() }, syscall.EADDRINUSE, "page: "},
	} {
		t.Run(name, func(t *testing.T) {
			o := wired(t)
			c.spoil(&o)
			a, err := New(t.Context(), o)
			if a != nil || !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %v that says %q", err, c.is, c.says)
			}
			store, err := storage.Open(t.Context(), o.Config.Storage, storage.Options{Clock: o.Clock, Log: o.Log})
			if err != nil {
				t.Fatalf("the store is still taken: %v", err)
			}
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNew_StoreIsOneAgentsAlone(t *testing.T) {
	o := wired(t)
	a, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if b, err := New(t.Context(), o); b != nil || !errors.Is(err, storage.ErrLocked) || errors.Is(err, ErrConfig) {
		t.Errorf("two agents on one store: %v", err)
	}
}

// A broker throws out a second client of the same name: ours stays the same over restarts, and is not everybody's.
func TestNew_BrokerKnowsUsAgain(t *testing.T) {
	id := func(o Options) string {
		a, err := New(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		text, _, err := a.store.Get("mqtt/client-id/house")
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	o := wired(t)
	first := id(o)
	if again := id(o); again != first || !strings.HasPrefix(first, "hearth-") || len(first) != len("hearth-")+8 {
		t.Errorf("%q, then %q", first, again)
	}
	if other := id(wired(t)); other == first {
		t.Errorf("two homes are %q", first)
	}
}

// Run tells the service manager how it is, and leaves every device safe when it ends.
func TestRun_FromReadyToSafe(t *testing.T) {
	d := cheapLater(t, gridSpec(), boilerSpec(), ovenSpec())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.agent.options.Listener = listener
	if err := d.agent.openPage(t.Context()); err != nil {
		t.Fatal(err)
	}
	var told []string
	ctx, cancel := context.WithCancel(t.Context())
	d.agent.options.Notify = func(state string) {
		if told = append(told, state); state == "WATCHDOG=1" {
			cancel()
		}
	}
	if err := d.agent.Run(ctx); err != nil {
		t.Error(err)
	}
	if got := strings.Join(told, " "); got != "READY=1 WATCHDOG=1 STOPPING=1" {
		t.Errorf("told %q", got)
	}
	for name, want := range map[string]string{"boiler": "off, off", "oven": "off, on"} { // the first not confirmed yet
		if got := d.fakes[name].commands(); got != want {
			t.Errorf("%s is told %q, want %q", name, got, want)
		}
	}
	if err := d.agent.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
	d.agent = nil
}

// What stands in the way of one device's safe state is said by its name, and keeps no other from its own.
func TestMakeSafe_NamesWhoCouldNotBeReached(t *testing.T) {
	d := cheapLater(t, gridSpec(), boilerSpec(), ovenSpec())
	d.cycle(0)
	d.fakes["boiler"].commands()
	d.fakes["oven"].commands()
	d.fakes["boiler"].err = errors.New("wire cut")
	err := d.agent.makeSafe(t.Context())
	if err == nil || !strings.Contains(err.Error(), "leave boiler safe") || strings.Contains(err.Error(), "oven") || !errors.Is(err, d.fakes["boiler"].err) {
		t.Error(err)
	}
	if got := d.fakes["oven"].commands(); got != "on" {
		t.Errorf("the oven is told %q", got)
	}
}

func TestStart_SaysWhichPartStoppedWorking(t *testing.T) {
	d := atDesk(t, gridSpec()).open()
	ctx, cancel := context.WithCancel(t.Context())
	parts := map[string]func(context.Context) error{
		"broken":  func(context.Context) error { return errors.New("no such wire") },
		"content": func(context.Context) error { return nil },
		"stopped": func(ctx context.Context) error { cancel(); return context.Cause(ctx) },
	}
	for _, name := range []string{"broken", "content", "stopped"} {
		var running sync.WaitGroup
		d.agent.start(ctx, &running, name, parts[name])
		running.Wait()
	}
	if d.says("level=ERROR", "part stopped working", "part=broken", "no such wire") != 1 || d.says("part stopped working") != 1 {
		t.Error("want one line")
	}
}

func TestHomeOf_IsTheConfigurationCutToTheDevices(t *testing.T) {
	limited := func(c config.Device, minOn, minOff time.Duration) config.Device {
		c.Limits = config.Limits{MinOn: minOn, MinOff: minOff}
		return c
	}
	can := devices.Capabilities{Min: -3000, Max: 3500, Floor: 4600, MinOn: 5 * time.Minute, MinOff: 10 * time.Minute}
	if b := deviceOf(batterySpec(), can).Battery; b.MaxCharge != 3500 || b.MaxDischarge != 3000 || b.Capacity != 10000 || b.Min != 0.1 || b.Max != 0.95 || b.Efficiency != 0.95 {
		t.Errorf("%+v", b)
	}
	if b := deviceOf(batterySpec(), devices.Capabilities{}).Battery; b.MaxCharge != 4000 || b.MaxDischarge != 4000 {
		t.Errorf("a device that says nothing leaves the configuration: %+v", b)
	}
	if v := deviceOf(carSpec(), can).Vehicle; v.MaxCharge != 3500 || v.MinCharge != 4600 || v.Ready != 1200 || v.Need != 8000 {
		t.Errorf("%+v", v)
	}
	l := deviceOf(limited(boilerSpec(), 20*time.Minute, time.Minute), can)
	if l.Load.AtLeast != 20*time.Minute || l.MinOff != 10*time.Minute || l.MaxAge != time.Minute || l.Daily.Before != 1440 {
		t.Errorf("%+v %+v", l, l.Load)
	}
	if p := deviceOf(ovenSpec(), can).Appliance; p.Length() != 30*time.Minute {
		t.Errorf("%+v", p)
	}
	if m := deviceOf(gridSpec(), can); m.Battery != nil || m.Vehicle != nil || m.Appliance != nil || m.Load != nil || m.Name != "grid" {
		t.Errorf("%+v", m)
	}
	cfg := &config.Config{Home: config.Home{Zone: time.UTC, Currency: "EUR", MaxImport: 1, MaxExport: 2, BaseLoad: 3}, Carbon: energy.MoneyOf(60),
		Planning: config.Planning{Slot: time.Hour, Horizon: 4 * time.Hour}, Devices: []config.Device{gridSpec()}}
	if h := homeOf(cfg, map[string]*devices.Device{"grid": {}}); h.Zone != "UTC" || h.Currency != "EUR" || h.MaxImport != 1 || h.MaxExport != 2 || h.BaseLoad != 3 || h.CarbonPrice != energy.MoneyOf(60) || h.Slot != time.Hour || h.Horizon != 4*time.Hour || len(h.Devices) != 1 {
		t.Errorf("%+v", h)
	}
}

func TestRulesOf_EachKindHasItsSafeState(t *testing.T) {
	load := boilerSpec()
	load.Load.AtLeast, load.ConfirmWithin, load.Limits = 10*time.Minute, 20*time.Second, config.Limits{MinOff: time.Minute, MaxSwitchesADay: 7}
	explicit := boilerSpec()
	explicit.Load.AtLeast, explicit.Limits.MinOn = 10*time.Minute, time.Minute
	for name, c := range map[string]struct {
		spec config.Device
		want guard.Rules
	}{
		"a battery follows itself":     {batterySpec(), guard.Rules{Min: -4000, Max: 4000, MaxAge: time.Minute}},
		"a charger follows itself":     {carSpec(), guard.Rules{Max: 11000, Floor: 4140, MaxAge: time.Minute}},
		"an appliance has its current": {ovenSpec(), guard.Rules{Safe: energy.Setpoint{Mode: energy.On}, MaxAge: time.Minute}},
		"a load is off":                {load, guard.Rules{Safe: energy.Setpoint{Mode: energy.Off}, MinOn: 10 * time.Minute, MinOff: time.Minute, MaxSwitches: 7, ConfirmWithin: 20 * time.Second, MaxAge: time.Minute}},
		"a limit written is the limit": {explicit, guard.Rules{Safe: energy.Setpoint{Mode: energy.Off}, MinOn: time.Minute, MaxAge: time.Minute}},
	} {
		if got, isControlled := rulesOf(c.spec); !isControlled || got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	for _, kind := range []config.Kind{config.Grid, config.Solar, config.Meter} {
		if _, isControlled := rulesOf(config.Device{Kind: kind}); isControlled {
			t.Errorf("%s is controlled", kind)
		}
	}
}
