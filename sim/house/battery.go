package house

import (
	"time"

	"hearth/energy"
)

// The house battery, with the cut-offs its inverter is set to.
const (
	BatteryCapacity   energy.WattHours = 10000
	BatteryPower      energy.Watts     = 4000
	BatteryEfficiency                  = 0.95 // each way
	BatteryMin        energy.SoC       = 0.10
	BatteryMax        energy.SoC       = 0.95
)

// Battery is a house battery behind an inverter that, left alone, keeps the grid at zero.
type Battery struct {
	Stored   energy.WattHours
	Power    energy.Watts // of the last step: positive charges
	IsForced bool         // holds Setpoint while Left > 0, else its own control
	Setpoint energy.Watts
	Left     time.Duration
	Taken    energy.WattHours // charged since it was made, at its terminals
	Given    energy.WattHours // discharged since it was made, at its terminals
}

// Force makes it hold a power, signed, for a while; then it falls back to its own control.
func (b *Battery) Force(power energy.Watts, d time.Duration) {
	b.IsForced, b.Setpoint, b.Left = d > 0, power, d
}

// Release hands it back to its own control.
func (b *Battery) Release() { b.IsForced, b.Setpoint, b.Left = false, 0, 0 }

// SoC is how full it is.
func (b *Battery) SoC() energy.SoC { return energy.SoC(b.Stored / BatteryCapacity) }

// step moves the battery on; rest is what the grid would read without it.
func (b *Battery) step(rest energy.Watts, d time.Duration) {
	want := -rest
	if b.IsForced {
		want = b.Setpoint
	}
	b.Power = b.clip(want, d)
	e := b.Power.Over(d)
	if e >= 0 {
		b.Taken += e
		b.Stored += e * BatteryEfficiency
	} else {
		b.Given -= e
		b.Stored += e / BatteryEfficiency
	}
	if b.IsForced {
		if b.Left -= d; b.Left <= 0 {
			b.Release()
		}
	}
}

// clip keeps a power inside the inverter's and the battery's limits for the step.
func (b *Battery) clip(want energy.Watts, d time.Duration) energy.Watts {
	room := max(0, BatteryCapacity*energy.WattHours(BatteryMax)-b.Stored)
	left := max(0, b.Stored-BatteryCapacity*energy.WattHours(BatteryMin))
	most := min(BatteryPower, (room / BatteryEfficiency).Mean(d))
	least := -min(BatteryPower, (left * BatteryEfficiency).Mean(d))
	return min(most, max(least, want))
}
