package house

import (
	"time"

	"hearth/energy"
)

// House is a home at one moment. It holds no pointers: a copy is a snapshot.
type House struct {
	At         time.Time
	DishPlug   Plug
	BoilerPlug Plug
	Dishwasher Dishwasher
	Heater     Heater
	Car        Car
	Charger    Charger
	Battery    Battery
	Power      Power // of the last step
	Grid       Meter
	Solar      Meter
}

// Power is the flows of one step, signed.
type Power struct {
	Grid, Solar, Base, Battery, Car, Dishwasher, Boiler energy.Watts
}

// Sum is everything behind the grid's meter.
func (p Power) Sum() energy.Watts {
	return p.Solar + p.Base + p.Battery + p.Car + p.Dishwasher + p.Boiler
}

// Meter counts what goes through it; neither counter ever falls.
type Meter struct {
	Imported, Exported energy.WattHours
}

func (m *Meter) count(p energy.Watts, d time.Duration) {
	if e := p.Over(d); e >= 0 {
		m.Imported += e
	} else {
		m.Exported -= e
	}
}

// New is a home at t that nobody steers.
func New(t time.Time) House {
	return House{
		At:         t,
		DishPlug:   Plug{IsOn: true},
		BoilerPlug: Plug{IsOn: true},
		Heater:     Heater{Celsius: tankHot},
		Car:        Car{IsHome: true, Stored: CarCapacity * energy.WattHours(CarLimit)},
		Charger:    newCharger(),
		Battery:    Battery{Stored: BatteryCapacity / 2},
	}
}

// Step moves the home on by what the world brings.
func (h *House) Step(o Outside) {
	d := o.Span.Length()
	h.Dishwasher.step(h.DishPlug.IsOn, o)
	h.DishPlug.step(h.Dishwasher.Power, d)
	h.Heater.step(h.BoilerPlug.IsOn, o)
	h.BoilerPlug.step(h.Heater.Power, d)
	h.Charger.step(&h.Car, o)

	p := Power{
		Solar: -o.Sun, Base: o.Base, Car: h.Charger.Power,
		Dishwasher: h.Dishwasher.Power, Boiler: h.Heater.Power,
	}
	h.Battery.step(p.Sum(), d)
	p.Battery = h.Battery.Power
	p.Grid = p.Sum()
	h.Power = p
	h.Grid.count(p.Grid, d)
	h.Solar.count(p.Solar, d)
	h.At = o.Span.End
}

// Stored is what the home could do without later, as electricity: what the battery can give, what was
// charged into the car, the heat in the tank, less what a started program still takes.
func (h *House) Stored() energy.WattHours {
	return h.Battery.Stored*BatteryEfficiency + h.Car.Stored/CarEfficiency +
		h.Heater.Stored() - h.Dishwasher.Left()
}

// Plus adds two flows.
func (p Power) Plus(o Power) Power {
	return Power{
		p.Grid + o.Grid, p.Solar + o.Solar, p.Base + o.Base, p.Battery + o.Battery,
		p.Car + o.Car, p.Dishwasher + o.Dishwasher, p.Boiler + o.Boiler,
	}
}
