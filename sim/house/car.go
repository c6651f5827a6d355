package house

import "hearth/energy"

// The car: 58 kWh, told by its owner to stop at 80 %.
const (
	CarCapacity   energy.WattHours = 58000
	CarLimit      energy.SoC       = 0.8
	CarEfficiency                  = 0.92 // of the on-board charger
	carMax        energy.Watts     = 11040
	carTolerance  energy.WattHours = 2900 // 5 % less than promised is not worth a complaint
)

// Car is an electric car that is away by day.
type Car struct {
	IsHome bool
	Stored energy.WattHours // in its battery
	Driven energy.WattHours // all it has driven since it was made
	Missed int              // departures with less than promised
}

// SoC is how full the car is.
func (c *Car) SoC() energy.SoC { return energy.SoC(c.Stored / CarCapacity) }

// move lets the car come and go.
func (c *Car) move(o Outside) {
	limit := CarCapacity * energy.WattHours(CarLimit)
	switch {
	case c.IsHome && o.IsAway:
		c.IsHome = false
		if c.Stored < limit-carTolerance {
			c.Missed++
		}
	case !c.IsHome && !o.IsAway:
		c.IsHome = true
		used := min(c.Stored, o.Driven)
		c.Stored -= used
		c.Driven += used
	}
}

// charge takes at most the offered power for the step and says what it took.
func (c *Car) charge(offered energy.Watts, o Outside) energy.Watts {
	if !c.IsHome {
		return 0
	}
	d := o.Span.Length()
	room := max(0, CarCapacity*energy.WattHours(CarLimit)-c.Stored)
	power := min(offered, carMax, (room / CarEfficiency).Mean(d))
	c.Stored += power.Over(d) * CarEfficiency
	return power
}
