package modbus

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// giveRoles fills in what the profile has points and actions for; has says so of any of them.
func (d *driver) giveRoles(device *devices.Device, has func(...string) bool) {
	if has("power") {
		device.Meter = d
	}
	if has("energy_import", "energy_export") {
		device.Counter = d
	}
	if has("switch") && has("on") && has("off") {
		device.Switch = d
	}
	if has("set_power") && has("release") {
		device.Setpoint = d
	}
	if has("soc") {
		device.Battery = d
	}
	if has("plugged") {
		device.Charger = d
	}
	if has("current_l1", "current_l2", "current_l3") {
		device.Phases = currents{d}
	}
	if d.mayUseOne && has("phases_1") {
		device.PhaseSwitch = d
	}
	if has("mode_normal") {
		device.Thermal = d
	}
	if has("curtail") && has("lift") {
		device.Curtailer = d
	}
}

// The roles. Each reading is the newest there is, invalid when it is older than its point allows.

func (d *driver) Power() energy.Reading[energy.Watts] { return quantity[energy.Watts](d.read("power")) }
func (d *driver) SoC() energy.Reading[energy.SoC]     { return quantity[energy.SoC](d.read("soc")) }
func (d *driver) On() energy.Reading[bool]            { return statement(d.read("switch")) }
func (d *driver) Plugged() energy.Reading[bool]       { return statement(d.read("plugged")) }

func (d *driver) Imported() energy.Reading[energy.WattHours] {
	return quantity[energy.WattHours](d.read("energy_import"))
}

func (d *driver) Exported() energy.Reading[energy.WattHours] {
	return quantity[energy.WattHours](d.read("energy_export"))
}

func (d *driver) Session() energy.Reading[energy.WattHours] {
	return quantity[energy.WattHours](d.read("session_energy"))
}

func (d *driver) Setpoint() energy.Reading[energy.Watts] {
	return quantity[energy.Watts](d.read("setpoint"))
}

// currents is the role Phases, beside which the driver has a method of that name.
type currents struct{ *driver }

// Currents are those of the phases the profile has points for.
func (c currents) Currents() (out [3]energy.Reading[energy.Amps]) {
	for i := range out {
		out[i] = quantity[energy.Amps](c.read(fmt.Sprintf("current_l%d", i+1)))
	}
	return out
}

// Phases is how many phases the device says it charges on.
func (d *driver) Phases() energy.Reading[int] {
	r := d.read("phases")
	return energy.Reading[int]{Value: int(r.Value), At: r.At, Valid: r.Valid}
}

// SetPhases is refused while the device does not say on how many phases it charges: then it cannot switch.
func (d *driver) SetPhases(ctx context.Context, n int) error {
	if n != 1 && n != 3 || !d.Phases().Valid {
		return fmt.Errorf("set phases of %s to %d: want 1 or 3, of a device that says what it has", d.Name, n)
	}
	return d.act(ctx, fmt.Sprintf("phases_%d", n), 0, 0)
}

// thermalModes are the numbers by which a reading holds a mode.
var thermalModes = []devices.ThermalMode{devices.ThermalBlocked, devices.ThermalNormal, devices.ThermalRecommended, devices.ThermalForced}

func (d *driver) Temperature() energy.Reading[energy.Celsius] {
	return quantity[energy.Celsius](d.read("temperature"))
}

// Mode is the state the device says it is in.
func (d *driver) Mode() energy.Reading[devices.ThermalMode] {
	r := d.read("thermal_mode")
	if !r.Valid {
		return energy.Reading[devices.ThermalMode]{At: r.At}
	}
	return energy.Reading[devices.ThermalMode]{Value: thermalModes[int(r.Value)], At: r.At, Valid: true}
}

// SetMode refuses a state the profile has no action for.
func (d *driver) SetMode(ctx context.Context, mode devices.ThermalMode, lease time.Duration) error {
	name := "mode_" + string(mode)
	if !slices.Contains(thermalModes, mode) || d.actions[name] == nil {
		return fmt.Errorf("set mode of %s: it has no mode %q", d.Name, mode)
	}
	return d.act(ctx, name, 0, lease)
}

func (d *driver) Curtailment() energy.Reading[energy.Watts] {
	return quantity[energy.Watts](d.read("curtail"))
}

// Curtail sends the most the device may give, a magnitude.
func (d *driver) Curtail(ctx context.Context, most energy.Watts, lease time.Duration) error {
	if !(most >= 0) {
		return fmt.Errorf("curtail %s: %v is no magnitude", d.Name, most)
	}
	return d.act(ctx, "curtail", most, lease)
}

// Lift ends the bound.
func (d *driver) Lift(ctx context.Context) error { return d.act(ctx, "lift", 0, 0) }

// Online says whether the device answered the last request.
func (d *driver) Online() energy.Reading[bool] {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.online
}
