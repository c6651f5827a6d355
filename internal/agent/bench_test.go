package agent

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"hearth/devices"
	"hearth/devices/guard"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/config"
)

// still is a plug that says what it was last told, at once.
type still struct {
	now  func() time.Time
	isOn bool
}

func (s *still) Power() energy.Reading[energy.Watts] { return energy.Read(energy.Watts(900), s.now()) }
func (s *still) Imported() energy.Reading[energy.WattHours] {
	return energy.Read(energy.WattHours(1e6), s.now())
}
func (s *still) Exported() energy.Reading[energy.WattHours] {
	return energy.Read(energy.WattHours(0), s.now())
}
func (s *still) Online() energy.Reading[bool] { return energy.Read(true, s.now()) }
func (s *still) On() energy.Reading[bool]     { return energy.Read(s.isOn, s.now()) }
func (s *still) Turn(_ context.Context, on bool, _ time.Duration) error {
	s.isOn = on
	return nil
}

// tick is a clock that moves on by itself with every cycle.
type tick struct{ now time.Time }

func (c *tick) Now() time.Time                             { return c.now }
func (c *tick) Sleep(context.Context, time.Duration) error { return nil }

// twenty is an agent with twenty plugs at hand, and no wires.
func twenty(b *testing.B, c *tick) *Agent {
	b.Helper()
	buy, sell, carbon := energy.PriceOf(0.3), energy.PriceOf(0.08), energy.GramsPerKWh(380)
	cfg := &config.Config{
		Home:     config.Home{Name: "bench", Zone: time.UTC, Currency: "EUR", MaxImport: 40000, MaxExport: 10000, BaseLoad: 300},
		Cycle:    10 * time.Second,
		Planning: config.Planning{Slot: 15 * time.Minute, Horizon: 36 * time.Hour, Every: 10000 * time.Hour, TimeLimit: time.Second},
		Fallback: config.Fallback{Import: &buy, Export: &sell, Carbon: &carbon},
		Storage:  filepath.Join(b.TempDir(), "bench.db"),
	}
	a := blank(Options{Config: cfg, Clock: c, Log: slog.New(slog.DiscardHandler), Version: "bench"})
	if err := a.openStore(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = a.Close() })
	built := map[string]*devices.Device{}
	for i := range 20 {
		s := &still{now: c.Now}
		d := &devices.Device{Name: fmt.Sprintf("plug%d", i), Meter: s, Counter: s, Switch: s, Availability: s, Capabilities: devices.Capabilities{ReadBack: true}}
		spec := config.Device{
			Name: d.Name, Title: d.Name, Kind: config.Load, MaxAge: 5 * time.Minute, Daily: config.Window{Before: 24 * 60},
			Load: &config.RunSpec{Power: 900, For: 24 * time.Hour}, // never done, so nothing asks for a new plan
		}
		rules, _ := rulesOf(spec)
		g, err := guard.New(d, rules, guard.State{})
		if err != nil {
			b.Fatal(err)
		}
		cfg.Devices, a.devices, built[d.Name], a.guards[d.Name], a.measures[d.Name] = append(cfg.Devices, spec), append(a.devices, d), d, g, true
	}
	planner, err := decide.New(homeOf(cfg, built))
	if err != nil {
		b.Fatal(err)
	}
	a.planner = planner
	return a
}

// A cycle of 20 devices without planning, everything but the wires: the target is 5 ms on a gateway.
func BenchmarkCycle(b *testing.B) {
	c := &tick{noon}
	a := twenty(b, c)
	a.cycle(b.Context()) // makes the plan
	if a.plan == nil {
		b.Fatal("no plan")
	}
	plan, grid := a.plan, a.plan.Problem.Grid
	b.ReportAllocs()
	for b.Loop() {
		c.now = c.now.Add(10 * time.Second)
		if !grid.Contains(c.now) {
			c.now = noon
		}
		a.cycle(b.Context())
	}
	if a.plan != plan {
		b.Error("a cycle has planned")
	}
}
