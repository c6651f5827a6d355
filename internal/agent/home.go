package agent

import (
	"cmp"

	"hearth/devices"
	"hearth/devices/guard"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/config"
)

// homeOf is the configuration in the planner's words, with what the devices say of themselves.
func homeOf(c *config.Config, built map[string]*devices.Device) decide.Home {
	h := decide.Home{
		Zone: c.Home.Zone.String(), Currency: c.Home.Currency,
		MaxImport: c.Home.MaxImport, MaxExport: c.Home.MaxExport, BaseLoad: c.Home.BaseLoad,
		CarbonPrice: c.Carbon, Slot: c.Planning.Slot, Horizon: c.Planning.Horizon,
	}
	for _, d := range c.Devices {
		h.MayExport = h.MayExport || d.Kind == config.Solar || d.Kind == config.Battery
		h.Devices = append(h.Devices, deviceOf(d, built[d.Name].Capabilities))
	}
	return h
}

func deviceOf(d config.Device, can devices.Capabilities) decide.Device {
	out := decide.Device{
		Name: d.Name, MaxAge: d.Oldest(),
		MinOff: max(d.Limits.MinOff, can.MinOff),
		Daily:  decide.Window{After: int(d.Daily.After), Before: int(d.Daily.Before)}, IsGreen: d.IsGreen,
	}
	switch {
	case d.Battery != nil:
		b := d.Battery
		out.Battery = &decide.Battery{
			Capacity: b.Capacity, Min: b.Min, Max: b.Max, Efficiency: float64(b.Efficiency), Wear: b.Wear,
			MaxCharge: within(b.MaxCharge, can.Max), MaxDischarge: within(b.MaxDischarge, -can.Min),
		}
	case d.Vehicle != nil:
		v := d.Vehicle
		out.Vehicle = &decide.Vehicle{
			Need: v.Need, Ready: int(v.Ready), Efficiency: float64(v.Efficiency),
			MaxCharge: within(v.MaxCharge, can.Max), MinCharge: max(v.MinCharge, can.Floor),
		}
	case d.Appliance != nil:
		out.Appliance = &decide.Program{Step: d.Appliance.Step, Power: d.Appliance.Power}
	case d.Load != nil:
		out.Load = &decide.Run{Power: d.Load.Power, For: d.Load.For, AtLeast: max(d.Load.AtLeast, d.Limits.MinOn, can.MinOn)}
	}
	return out
}

// within is the configured magnitude, cut to the device's own where it has one.
func within(configured, own energy.Watts) energy.Watts {
	if own <= 0 {
		return configured
	}
	return min(configured, own)
}

// rulesOf is what the guard of a controlled device goes by; false for a meter.
func rulesOf(d config.Device) (guard.Rules, bool) {
	r := guard.Rules{
		MinOn: d.Limits.MinOn, MinOff: d.Limits.MinOff, MaxSwitches: d.Limits.MaxSwitchesADay,
		ConfirmWithin: d.ConfirmWithin, MaxAge: d.Oldest(),
	}
	switch d.Kind {
	case config.Battery:
		r.Min, r.Max = -d.Battery.MaxDischarge, d.Battery.MaxCharge
	case config.Vehicle:
		r.Max, r.Floor = d.Vehicle.MaxCharge, d.Vehicle.MinCharge
	case config.Appliance:
		r.Safe.Mode = energy.On
	case config.Load:
		r.Safe.Mode = energy.Off
		r.MinOn = cmp.Or(r.MinOn, d.Load.AtLeast)
	default:
		return r, false
	}
	return r, true
}
