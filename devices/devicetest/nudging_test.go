package devicetest

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// heater is what can be bounded and nudged, device and peer in one.
type heater struct {
	*memory
	bound   energy.Watts
	isBound bool
	mode    devices.ThermalMode
}

// boiler is a right one with what spoil makes of it; nil: nothing.
func boiler(spoil func(*heater, *devices.Device)) Factory {
	return func(*testing.T) Rig {
		h := &heater{memory: newMemory(), mode: devices.ThermalNormal}
		d := &devices.Device{Name: "boiler", Driver: h, Curtailer: h, Thermal: heat{h}, Capabilities: devices.Capabilities{ReadBack: true}}
		if spoil != nil {
			spoil(h, d)
		}
		return Rig{Device: d, Peer: h, Clock: h.clock, MaxAge: time.Minute}
	}
}

func (h *heater) obey(do func()) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.commands++
	do()
	return nil
}

func (h *heater) Curtailment() energy.Reading[energy.Watts] {
	h.mu.Lock()
	defer h.mu.Unlock()
	return energy.Read(h.bound, h.clock.Now())
}

func (h *heater) Curtail(_ context.Context, most energy.Watts, _ time.Duration) error {
	if !(most >= 0) || math.IsInf(float64(most), 0) {
		return errors.New("no magnitude")
	}
	return h.obey(func() { h.bound, h.isBound = most, true })
}

func (h *heater) Lift(context.Context) error { return h.obey(func() { h.isBound = false }) }

func (h *heater) Bound() (energy.Watts, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.bound, h.isBound
}

func (h *heater) ThermalMode() devices.ThermalMode {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.mode
}

type heat struct{ *heater }

func (heat) Temperature() energy.Reading[energy.Celsius] { return energy.Reading[energy.Celsius]{} }

func (h heat) Mode() energy.Reading[devices.ThermalMode] {
	return energy.Read(h.ThermalMode(), h.clock.Now())
}

func (h heat) SetMode(_ context.Context, mode devices.ThermalMode, _ time.Duration) error {
	switch mode {
	case devices.ThermalBlocked, devices.ThermalNormal, devices.ThermalRecommended:
		return h.obey(func() { h.mode = mode })
	}
	return errors.New("no such mode")
}

// curtailerOf and thermalOf spoil one method.
type curtailerOf struct {
	devices.Curtailer
	curtail func(context.Context, energy.Watts, time.Duration) error
}

func (c curtailerOf) Curtail(ctx context.Context, p energy.Watts, lease time.Duration) error {
	return c.curtail(ctx, p, lease)
}

type thermalOf struct {
	devices.Thermal
	set func(context.Context, devices.ThermalMode, time.Duration) error
}

func (x thermalOf) SetMode(ctx context.Context, mode devices.ThermalMode, lease time.Duration) error {
	return x.set(ctx, mode, lease)
}

func nudgingDefects() []defect {
	return []defect{
		{"bounds to nothing", "CurtailmentShowsInAReading", "it is bounded to 400W", boiler(func(h *heater, d *devices.Device) {
			d.Curtailer = curtailerOf{h, func(context.Context, energy.Watts, time.Duration) error { return nil }}
		})},
		{"takes a negative bound", "CurtailmentShowsInAReading", "a bound of -1 was not refused", boiler(func(h *heater, d *devices.Device) {
			d.Curtailer = curtailerOf{h, func(ctx context.Context, p energy.Watts, lease time.Duration) error {
				return h.Curtail(ctx, max(p, 0), lease)
			}}
		})},
		{"blocked for recommended", "ThermalModeShowsInAReading", "it is recommended", boiler(func(h *heater, d *devices.Device) {
			d.Thermal = thermalOf{heat{h}, func(ctx context.Context, _ devices.ThermalMode, lease time.Duration) error {
				return heat{h}.SetMode(ctx, devices.ThermalBlocked, lease)
			}}
		})},
		{"takes any mode", "ThermalModeShowsInAReading", "a mode nobody knows was not refused", boiler(func(h *heater, d *devices.Device) {
			d.Thermal = thermalOf{heat{h}, func(_ context.Context, mode devices.ThermalMode, _ time.Duration) error {
				return h.obey(func() {
					if mode != "hot" {
						h.mode = mode
					}
				})
			}}
		})},
	}
}
