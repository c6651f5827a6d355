package respond

import (
	"context"
	"math"

	"hearth/scheduler/internal/pwl"
)

// Store is a device with a store of energy: battery, vehicle or heat. Between slots From and To it may
// move energy in and out; in the others its power is 0. In slot t of that span
//
//	stored = Keeps(t) x stored - Draw[t] + Gain[t] x power        (power > 0, or 0)
//	stored = Keeps(t) x stored - Draw[t] + Spills(t) x power      (power < 0)
//
// and what is stored stays within [Low, High], which must be wider than a point.
type Store struct {
	From, To  int
	Steps     Steps
	Keep      float64      // what remains of the store after a step, in (0, 1]
	Draw      []float64    // kWh, of each slot; nil: nothing
	Gain      []float64    // kWh for each kW, of each slot
	Ranges    [][2]float64 // kW, of power > 0
	Spill     float64      // kWh for each kW and step
	Back      float64      // kW, the most that is given back
	BackCost  float64      // for each kW and step
	Low, High float64
	Initial   float64
	Required  float64 // least at To; -Inf: none
	Worth     float64 // of each kWh at To
	AlwaysOn  bool    // no switching at all: a battery
	Switching

	// Penalties of the rigors after Strict, for each kWh missing: of each slot's band, and at To.
	BandPenalty, RequiredPenalty float64
}

// Keeps is what remains of the store after slot t.
func (d *Store) Keeps(t int) float64 {
	if d.Steps == nil || d.Keep == 1 {
		return d.Keep
	}
	return math.Pow(d.Keep, float64(d.Steps.In(t)))
}

// Spills is the kWh that each kW given back takes out in slot t.
func (d *Store) Spills(t int) float64 { return d.Spill * float64(d.Steps.In(t)) }

// BackCosts is the money that each kW given back costs in slot t.
func (d *Store) BackCosts(t int) float64 { return d.BackCost * float64(d.Steps.In(t)) }

// Reach is from what it gives back to the end of its highest range.
func (d *Store) Reach() (least, most float64) {
	for _, r := range d.Ranges {
		most = max(most, r[1])
	}
	return -d.Back, most
}

// Respond finds the cheapest behaviour. Where the band or the requirement cannot be kept it finds the one
// with the least penalties; where hold times stand even against that, it gives them up.
func (d *Store) Respond(ctx context.Context, ask Ask, power []float64) (float64, Rigor, bool) {
	if ask.IsStrict && ask.mustBeyond(d.From, d.To) {
		rest(power)
		return inf, Strict, ctx.Err() == nil
	}
	for rigor := Strict; ; rigor++ {
		cost, ok := d.within(ctx, ask, power, rigor)
		if !ok || cost < inf || rigor == Loose || ask.IsStrict {
			return cost, rigor, ok
		}
	}
}

// within is the cheapest behaviour with at most MaxStarts starts. It puts a price on starts; no behaviour that keeps to
// them can then be cheaper than the cost less the price of MaxStarts starts. As a function of the price that bound is
// concave, and each try gives a tangent of it: the next price is where the last tangents on both sides meet.
func (d *Store) within(ctx context.Context, ask Ask, power []float64, rigor Rigor) (float64, bool) {
	cost, starts, ok := d.solve(ctx, ask, power, rigor, 0)
	if !ok || math.IsInf(cost, 1) || d.MaxStarts < 0 || starts <= d.MaxStarts {
		return cost, ok
	}
	const tries, nothing = 24, 1e-9
	low, high := d.tangent(0, cost, starts), tangent{price: inf}
	best, price, last := cost, 0.1*(math.Abs(cost)+d.StartCost+1), 0.0
	for range tries {
		if cost, starts, ok = d.solve(ctx, ask, power, rigor, price); !ok {
			return 0, false
		}
		at := d.tangent(price, cost, starts)
		best, last = max(best, at.value), price
		if at.slope > 0 {
			low = at
		} else {
			high = at
		}
		switch {
		case high.slope == 0 && high.price < inf: // as many starts as there may be: nothing is better
			return best, ok && (last == high.price || d.again(ctx, ask, power, rigor, high.price))
		case math.IsInf(high.price, 1):
			price *= 8
			continue
		}
		price = low.meets(high)
		if !(price > low.price && price < high.price) || low.value+low.slope*(price-low.price) <= best+nothing {
			break
		}
	}
	if math.IsInf(high.price, 1) {
		return inf, true // no price is high enough: the band needs more starts than are allowed
	}
	return best, last == high.price || d.again(ctx, ask, power, rigor, high.price)
}

// again sets power to what the device does at a price of starts.
func (d *Store) again(ctx context.Context, ask Ask, power []float64, rigor Rigor, price float64) bool {
	_, _, ok := d.solve(ctx, ask, power, rigor, price)
	return ok
}

// tangent is a bound at a price of starts, and how it grows with the price.
type tangent struct{ price, value, slope float64 }

func (d *Store) tangent(price, cost float64, starts int) tangent {
	return tangent{price, cost - price*float64(d.MaxStarts), float64(starts - d.MaxStarts)}
}

// meets is the price at which two tangents do.
func (a tangent) meets(b tangent) float64 {
	return (b.value - a.value + a.slope*a.price - b.slope*b.price) / (a.slope - b.slope)
}

// solve is the recursion and the path through it, with startPrice on top of the cost of each start.
func (d *Store) solve(ctx context.Context, ask Ask, power []float64, rigor Rigor, startPrice float64) (cost float64, starts int, ok bool) {
	if power == nil && d.MaxStarts >= 0 {
		power = make([]float64, len(ask.Prices))
	}
	rest(power)
	r := d.begin(ask, rigor, startPrice, power != nil)
	for t := d.To - 1; t >= d.From; t-- {
		if ctx.Err() != nil {
			return 0, 0, false
		}
		r.back(t)
	}
	if cost = r.layer(d.From, r.first).At(d.Initial); cost < inf && r.isKept {
		starts = r.path(power)
	}
	return cost, starts, true
}

// band is the store's legal range at this rigor: when it may be left, everything it can come to.
func (d *Store) band(rigor Rigor) (low, high float64) {
	low, high = d.Low, d.High
	if rigor == Strict {
		return low, high
	}
	idle, full := d.Initial, d.Initial
	_, most := d.Reach()
	for t := d.From; t < d.To; t++ {
		keep := d.Keeps(t)
		idle = keep*idle - d.draw(t)
		full = keep*full - d.draw(t) + d.Gain[t]*most
		low, high = min(low, idle, full), max(high, idle, full)
	}
	low, high = min(low, d.Initial), max(high, d.Initial)
	return low - 1e-6, high + 1e-6
}

func (d *Store) draw(t int) float64 {
	if d.Draw == nil {
		return 0
	}
	return d.Draw[t]
}

// terminal is the value of what is left at the end, as a cost.
func (d *Store) terminal(low, high float64, rigor Rigor) pwl.Func {
	from := max(low, min(d.Required, high))
	value := pwl.Line(from, -d.Worth*from, high, -d.Worth*high)
	if rigor == Strict {
		if d.Required > high+1e-9 {
			return nil
		}
		if high-from < 1e-9 { // exactly full is wanted: a point, which functions cannot have
			return pwl.Line(high-1e-9, -d.Worth*high, high, -d.Worth*high)
		}
		return value
	}
	if from > low {
		short := max(d.Required, from)
		missing := pwl.Line(low, -d.Worth*low+d.RequiredPenalty*(short-low), from, -d.Worth*from+d.RequiredPenalty*(short-from))
		if high-from < 1e-9 {
			return missing
		}
		return append(missing, value...)
	}
	return value
}

// penalty is the cost of being outside the band after a slot; nil at Strict, where one cannot be.
func (d *Store) penalty(low, high float64, rigor Rigor) pwl.Func {
	if rigor == Strict {
		return nil
	}
	var f pwl.Func
	if low < d.Low {
		f = append(f, pwl.Seg{X0: low, Y0: d.BandPenalty * (d.Low - low), X1: d.Low})
	}
	f = append(f, pwl.Seg{X0: d.Low, X1: d.High})
	if high > d.High {
		f = append(f, pwl.Seg{X0: d.High, X1: high, Y1: d.BandPenalty * (high - d.High)})
	}
	return f
}
