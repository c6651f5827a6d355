package mqtt

import (
	"math"

	"hearth/devices"
	"hearth/energy"
)

// The roles that read. They return the newest value; one older than its point may be is not valid.

func (d *device) Power() energy.Reading[energy.Watts] {
	r := reading[energy.Watts](d, "power")
	if d.scales.isReversed {
		r.Value = -r.Value
	}
	return r
}

func (d *device) Imported() energy.Reading[energy.WattHours] {
	if d.scales.isReversed {
		return reading[energy.WattHours](d, "energy_export")
	}
	return reading[energy.WattHours](d, "energy_import")
}

func (d *device) Exported() energy.Reading[energy.WattHours] {
	if d.scales.isReversed {
		return reading[energy.WattHours](d, "energy_import")
	}
	return reading[energy.WattHours](d, "energy_export")
}

// Setpoint is in W, of a charger that says amperes by the phases it charges on.
func (d *device) Setpoint() energy.Reading[energy.Watts] {
	r := reading[energy.Watts](d, "setpoint")
	if d.isInAmperes("setpoint") {
		r.Value *= energy.Watts(d.scales.perAmpere(d.phasesNow()))
	}
	return r
}

func (d *device) isInAmperes(point string) bool {
	for _, p := range d.profile.Points {
		if p.Name == point && (p.Unit == "A" || p.Unit == "mA") {
			return true
		}
	}
	return false
}

// phasesNow is what the device says, or else what the parameter says.
func (d *device) phasesNow() float64 {
	if r := d.newest("phases"); r.Valid && (r.Value == 1 || r.Value == 3) {
		return r.Value
	}
	return d.scales.phases
}

func (d *device) SoC() energy.Reading[energy.SoC] { return reading[energy.SoC](d, "soc") }

func (d *device) Session() energy.Reading[energy.WattHours] {
	return reading[energy.WattHours](d, "session_energy")
}

func (d *device) On() energy.Reading[bool]      { return truth(d, "switch") }
func (d *device) Plugged() energy.Reading[bool] { return truth(d, "plugged") }

// Online is what the device's own status topic says, however long ago; not valid while the link is down.
func (d *device) Online() energy.Reading[bool] { return truth(d, "online") }

func (d *device) Phases() energy.Reading[int] {
	r := d.newest("phases")
	return energy.Reading[int]{Value: int(r.Value), At: r.At, Valid: r.Valid && (r.Value == 1 || r.Value == 3)}
}

func (d *device) Currents() (out [3]energy.Reading[energy.Amps]) {
	for i, name := range [3]string{"current_l1", "current_l2", "current_l3"} {
		out[i] = reading[energy.Amps](d, name)
		if d.scales.isReversed {
			out[i].Value = -out[i].Value
		}
	}
	return out
}

// Curtailment is in W, of an inverter that says a part by its rated power.
func (d *device) Curtailment() energy.Reading[energy.Watts] {
	r := reading[energy.Watts](d, "curtail")
	for _, p := range d.profile.Points {
		if p.Name == "curtail" && p.Unit == "%" {
			r.Valid = r.Valid && r.Value <= 1.01 // AhoyDTU says 6553.5 % before it has asked the inverter
			r.Value *= energy.Watts(d.scales.rated)
			break
		}
	}
	return r
}

// thermal is the device in the role whose Mode would clash with others' names.
type thermal struct{ *device }

func (d thermal) Temperature() energy.Reading[energy.Celsius] {
	return reading[energy.Celsius](d.device, "temperature")
}

func (d thermal) Mode() energy.Reading[devices.ThermalMode] {
	r, modes := d.newest("thermal_mode"), thermalModes()
	if i := int(r.Value); i >= 0 && i < len(modes) && !r.At.IsZero() {
		return energy.Reading[devices.ThermalMode]{Value: modes[i], At: r.At, Valid: r.Valid}
	}
	return energy.Reading[devices.ThermalMode]{At: r.At}
}

func reading[T ~float64](d *device, name string) energy.Reading[T] {
	r := d.newest(name)
	if math.IsNaN(r.Value) {
		r.Valid = false
	}
	return energy.Reading[T]{Value: T(r.Value), At: r.At, Valid: r.Valid}
}

func truth(d *device, name string) energy.Reading[bool] {
	r := d.newest(name)
	return energy.Reading[bool]{Value: r.Value != 0, At: r.At, Valid: r.Valid}
}
