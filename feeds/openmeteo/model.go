package openmeteo

import (
	"hearth/energy"
)

// The model is that of PVWatts (A. Dobos, PVWatts Version 5 Manual, NREL/TP-6A20-62641, 2014): panels give their peak at
// 1000 W/m² and 25 °C, less for each degree above, and what is lost on the way is a share of it. How warm cells get is by
// R. G. Ross (Design Techniques for Flat-Plate Photovoltaic Arrays, 15th IEEE PVSC, 1981): in proportion to what shines.
//
//	cell  = air + (noct - 20) / 800 x irradiance
//	power = peak x irradiance / 1000 x (1 + perDegree x (cell - 25)) x (1 - losses)
const (
	noct          = 45.0    // °C of a cell at 800 W/m², 20 °C and a light wind: what data sheets of glass modules say
	perDegree     = -0.0035 // PVWatts' "premium" module
	defaultLosses = 0.14    // PVWatts' default: dirt, shade, mismatch, wires, age
)

// power is what the roof gives at an instant, as far as the inverter lets it through. Irradiance is in W/m² on the
// plane, and air in °C.
func (cfg Config) power(irradiance, air float64) energy.Watts {
	cell := air + (noct-20)/800*irradiance
	share := irradiance / 1000 * (1 + perDegree*(cell-25)) * (1 - float64(cfg.Losses))
	return cfg.Roof.Limited(cfg.Roof.Peak * energy.Watts(max(0, share)))
}
