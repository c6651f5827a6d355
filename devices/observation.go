package devices

import "hearth/energy"

// Observation is everything a device says of itself at one moment. What it cannot say is an invalid reading.
type Observation struct {
	Online   energy.Reading[bool]             `json:"online,omitzero"`
	Power    energy.Reading[energy.Watts]     `json:"power,omitzero"`
	Imported energy.Reading[energy.WattHours] `json:"imported,omitzero"`
	Exported energy.Reading[energy.WattHours] `json:"exported,omitzero"`
	On       energy.Reading[bool]             `json:"on,omitzero"`
	Setpoint energy.Reading[energy.Watts]     `json:"setpoint,omitzero"`
	SoC      energy.Reading[energy.SoC]       `json:"soc,omitzero"`
	Plugged  energy.Reading[bool]             `json:"plugged,omitzero"`
	Session  energy.Reading[energy.WattHours] `json:"session,omitzero"`

	PhaseCount  energy.Reading[int]            `json:"phases,omitzero"`
	Currents    [3]energy.Reading[energy.Amps] `json:"currents,omitzero"`
	Temperature energy.Reading[energy.Celsius] `json:"temperature,omitzero"`
	Thermal     energy.Reading[ThermalMode]    `json:"thermal,omitzero"`
	Curtailment energy.Reading[energy.Watts]   `json:"curtailment,omitzero"`
}

// Observe asks every role the device has. It never blocks.
func (d *Device) Observe() Observation {
	var o Observation
	if d.Availability != nil {
		o.Online = d.Availability.Online()
	}
	if d.Meter != nil {
		o.Power = d.Meter.Power()
	}
	if d.Counter != nil {
		o.Imported, o.Exported = d.Counter.Imported(), d.Counter.Exported()
	}
	if d.Switch != nil {
		o.On = d.Switch.On()
	}
	if d.Setpoint != nil {
		o.Setpoint = d.Setpoint.Setpoint()
	}
	if d.Battery != nil {
		o.SoC = d.Battery.SoC()
	}
	if d.Charger != nil {
		o.Plugged, o.Session = d.Charger.Plugged(), d.Charger.Session()
	}
	if d.PhaseSwitch != nil {
		o.PhaseCount = d.PhaseSwitch.Phases()
	}
	if d.Phases != nil {
		o.Currents = d.Phases.Currents()
	}
	if d.Thermal != nil {
		o.Temperature, o.Thermal = d.Thermal.Temperature(), d.Thermal.Mode()
	}
	if d.Curtailer != nil {
		o.Curtailment = d.Curtailer.Curtailment()
	}
	return o
}
