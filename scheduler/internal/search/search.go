// Package search looks for the plan of a home: devices answer in turn to the prices that the others leave
// them, until none can do better; then parts are torn up and planned anew. Beside it a set of prices for the
// shared need is raised, whose value is a bound on every plan.
//
// Units are kW, kWh and money. The package does not price plans: it believes the judge it is given.
package search

import (
	"context"
	"math"
	"math/rand/v2"

	"hearth/scheduler/internal/respond"
	"hearth/scheduler/internal/supply"
)

// Home is what is planned.
type Home struct {
	Slots    []supply.Slot
	Need     []float64 // kW of each slot before any device: base load less solar
	Peak     supply.Peak
	Circuits []Circuit
	Devices  []respond.Device
	// Order is the devices in the order in which they give way: comfort, stored energy, runs.
	Order []int
	Scale float64 // a high price of energy (money per kWh): slacks are parts of it
	// Penalty is what a kWh beyond a limit costs while the limit is only leaned against: far above all prices.
	Penalty float64
}

// Circuit limits what devices consume together.
type Circuit struct {
	Limit   float64
	Devices []int
}

// Score is how bad a plan is, the weightiest first: beyond import limit and circuits, beyond the export
// limit, energy and runs missing, stores outside their band, cost.
type Score [5]float64

// less says that s is better; differences below a thousandth of a unit (a millionth of money) are none.
func (s Score) less(o Score) bool {
	for i := range s {
		slip := 1e-3
		if i == len(s)-1 {
			slip = 1e-6
		}
		if math.Abs(s[i]-o[i]) > slip {
			return s[i] < o[i]
		}
	}
	return false
}

// isWhole says that nothing is violated.
func (s Score) isWhole() bool { return s[0] == 0 && s[1] == 0 && s[2] == 0 && s[3] == 0 }

// Options of a search.
type Options struct {
	Judge func(power [][]float64) Score
	Gap   float64
	Seed  uint64
	Warm  [][]float64 // powers to begin with, of each device; nil: none
	First func()      // called when there is a plan
}

// Result is the best plan found.
type Result struct {
	Power  [][]float64
	Bound  float64 // -Inf until there is one; of no meaning when something is violated
	Rounds int
	Prices int
}

// A search ends after this many rounds in a row that found nothing; more rarely find anything. Counted, not
// timed, so that a search that ends by itself can be repeated.
const (
	patience    = 50
	priceRounds = 25 // sets of prices tried between two rounds of tearing up
)

// Run searches until the gap is small enough, nothing more is found, or limited ends. The first plan is
// made even when limited has ended; ctx is obeyed at once, and the plan is then whatever there is.
func Run(ctx, limited context.Context, h *Home, o Options) Result {
	s := newState(h, o)
	random := rand.New(rand.NewPCG(o.Seed, 0))
	if o.Warm != nil {
		s.adopt(o.Warm)
	}
	s.construct(ctx, blends[0])
	o.First()
	if ctx.Err() != nil {
		return Result{s.bestPower, math.Inf(-1), s.rounds, 0}
	}
	s.again(limited)
	s.levels(limited)
	d := newDual(h, s)
	d.climb(ctx, 1, s.best) // a plan without any bound would say nothing
	for idle := 0; idle < patience && limited.Err() == nil; {
		if d.rounds < maxPrices {
			d.climb(limited, priceRounds, s.best)
			s.lambda = d.best.lambda
		}
		before := s.best
		if idle == 0 || d.isFresh {
			s.resweep(limited, d.power)
		}
		for range 5 {
			s.tear(limited, random)
		}
		if s.best.isWhole() && s.best[4]-d.value <= o.Gap {
			break
		}
		idle++
		if s.best.less(before) {
			idle = 0
		}
	}
	return Result{s.bestPower, d.value, s.rounds, d.rounds}
}
