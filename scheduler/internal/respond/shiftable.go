package respond

import (
	"context"
	"math"
)

// Shiftable runs its profile once inside [Earliest, LatestEnd), or, when it is optional, not at all.
type Shiftable struct {
	Profile             []float64 // kW
	Earliest, LatestEnd int
	Optional            bool
	Value               float64 // earned by an optional run
}

// Reach is from nothing to the highest value of the profile.
func (d *Shiftable) Reach() (least, most float64) {
	for _, p := range d.Profile {
		most = max(most, p)
	}
	return 0, most
}

// Respond begins at the cheapest slot. Where no start within the window is possible, a run that must be
// comes as little late as possible; where none is possible at all it is left out.
func (d *Shiftable) Respond(ctx context.Context, ask Ask, power []float64) (float64, Rigor, bool) {
	prices := ask.Prices
	start, cost := d.cheapest(ctx, prices)
	rigor := Strict
	if math.IsInf(cost, 1) && !d.Optional && !ask.IsStrict {
		rigor = Soft
		start, cost = d.late(prices)
	}
	if d.Optional && cost >= d.Value {
		start, cost = -1, 0
	} else if d.Optional {
		cost -= d.Value
	}
	if power != nil {
		d.run(start, power)
	}
	return cost, rigor, ctx.Err() == nil
}

// cheapest is the best start within the window, the first of equals.
func (d *Shiftable) cheapest(ctx context.Context, prices Prices) (start int, cost float64) {
	start, cost = -1, inf
	for s := d.Earliest; s+len(d.Profile) <= d.LatestEnd && ctx.Err() == nil; s++ {
		if c := d.cost(prices, s); c < cost {
			start, cost = s, c
		}
	}
	return start, cost
}

// late is the first possible start that ends after the window; -1 and the cost of nothing where there is none.
func (d *Shiftable) late(prices Prices) (start int, cost float64) {
	for s := max(d.Earliest, d.LatestEnd-len(d.Profile)+1); s+len(d.Profile) <= len(prices); s++ {
		if c := d.cost(prices, s); c < inf {
			return s, c
		}
	}
	return -1, 0
}

// cost is what a run from slot s on costs.
func (d *Shiftable) cost(prices Prices, s int) float64 {
	sum := 0.0
	for k, p := range d.Profile {
		if p > 0 { // nothing is always to be had
			sum += prices[s+k].At(p)
		}
	}
	return sum
}

// run sets the powers of a run from slot start on; of none when start is negative.
func (d *Shiftable) run(start int, power []float64) {
	rest(power)
	if start >= 0 {
		copy(power[start:], d.Profile)
	}
}
