// Package bound turns prices for what devices share into a bound on the cost of every plan. At such prices
// each device and each slot can be looked at alone, and the sum of what they cost at least is a bound,
// whatever the prices are; good prices only make it better.
//
// # The bound
//
// With x the powers of a plan, imp, exp and curt its flows, the prices add nothing to the cost of a plan (the
// balance) or take something away (all the others, which are inequalities), so the cost is at least
//
//	sum over slots    least of  hours (buy imp - sell exp) + kappa imp - lambda hours (imp - exp - curt) - sum mu (A imp - B exp)
//	sum over devices  least of  own cost + lambda hours x + nu hours consumption + sum mu (Power consumption + On isOn - Back given back) + sum rho isOn
//	peak              least over its levels of  price (P - paid) - sum kappa P
//	+ lambda hours (base - solar) - sum nu hours limit + sum mu Constant - sum rho (what a count allows)
//
// Slots are minimised over their flows, never import with export; devices over all they may do.
package bound

import "hearth/scheduler/internal/home"

// Point is a set of prices.
type Point struct {
	Lambda []float64   // money per kWh of net need, each slot
	Kappa  []float64   // money per kW of each block's mean import, >= 0
	Nu     [][]float64 // money per kWh through each circuit, each slot, >= 0
	Rho    []float64   // money per slot beyond each tally of the limits, >= 0
	Cuts   []Cut
	Mu     []float64 // money per kW, of each cut, >= 0
}

// Cut says that in a slot, whatever the devices do there,
//
//	Import imp - Export exp >= Constant + sum over Terms (Power consumption + On isOn - Back given back)
type Cut struct {
	Slot           int
	Import, Export float64
	Constant       float64
	Terms          []Term
}

// Term is the part of a device in a Cut.
type Term struct {
	Device          int
	Power, On, Back float64
}

// NewPoint is prices of nothing.
func NewPoint(h *home.Home) *Point {
	return &Point{
		Lambda: make([]float64, len(h.Slots)), Kappa: make([]float64, len(h.Peak.Blocks)),
		Nu: home.Matrix(len(h.Circuits), len(h.Slots)),
	}
}
