// Package home is a planning problem in the words of the solver: what the devices share, and what a branch
// of a proof allows of it. Units are kW, kWh and money; power is positive when it consumes.
package home

import (
	"hearth/scheduler/internal/respond"
	"hearth/scheduler/internal/supply"
)

// Home is what is planned.
type Home struct {
	Slots    []supply.Slot
	Steps    respond.Steps
	Need     []float64 // kW of each slot before any device: base load less solar
	Peak     supply.Peak
	Circuits []Circuit
	Devices  []respond.Device
	// Order is the devices in the order in which they give way: comfort, stored energy, runs.
	Order []int
	// Floor is the least power, kW, of plans that certainly counts as on.
	Floor float64
	Scale float64 // a high price of energy (money per kWh): slacks are parts of it
	// Penalty is what a kWh beyond a limit costs while the limit is only leaned against: far above all prices.
	Penalty float64
}

// Circuit limits what devices consume together.
type Circuit struct {
	Limit   float64
	Devices []int
}
