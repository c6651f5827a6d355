package house

import "hearth/energy"

// The tank: 300 l, an element of 2 kW, a bimetal thermostat.
const (
	HeaterPower   energy.Watts = 2000
	tankPerKelvin              = 300 * 1.163 // Wh/K
	tankLoss                   = 1.3         // W/K of a well insulated tank, 1.2 kWh a day
	tankHot                    = 60.0        // degrees Celsius: the thermostat ends heating
	tankCalls                  = 57.0        // and begins it
	tankRoom                   = 20.0        // around the tank
	tankInlet                  = 10.0        // of the mains
	tankTepid                  = 38.0        // below this a shower is cold
)

// Heater is an electric hot water tank, fully mixed.
type Heater struct {
	Celsius   float64
	IsCalling bool         // the thermostat asks for heat
	Power     energy.Watts // of the last step
	Missed    int          // draws that ran cold
	isCold    bool         // within such a draw
}

// Stored is the heat in the tank above the mains' temperature.
func (h *Heater) Stored() energy.WattHours {
	return energy.WattHours((h.Celsius - tankInlet) * tankPerKelvin)
}

func (h *Heater) step(hasPower bool, o Outside) {
	switch {
	case h.Celsius <= tankCalls:
		h.IsCalling = true
	case h.Celsius >= tankHot:
		h.IsCalling = false
	}
	h.Power = 0
	if hasPower && h.IsCalling {
		h.Power = HeaterPower
	}
	heat := h.Power - h.losses() - h.give(o.Draw)
	h.Celsius += float64(heat.Over(o.Span.Length())) / tankPerKelvin
}

func (h *Heater) losses() energy.Watts { return energy.Watts(tankLoss * (h.Celsius - tankRoom)) }

// give is the heat a draw really gets; from a tepid tank it is less than was asked for.
func (h *Heater) give(draw energy.Watts) energy.Watts {
	wasCold := h.isCold
	h.isCold = draw > 0 && h.Celsius < tankTepid
	if !h.isCold {
		return draw
	}
	if !wasCold {
		h.Missed++
	}
	return draw * energy.Watts(max(0, h.Celsius-tankInlet)/(tankTepid-tankInlet))
}
