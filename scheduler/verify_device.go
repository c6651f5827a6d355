package scheduler

import (
	"math"
	"slices"

	"hearth/energy"
)

// tolls are what a device pays in each slot besides its own costs. Prices of any sign may be among them.
type tolls struct {
	consumed []float64 // money per kW
	on       []float64 // money for being on
	back     []float64 // money per kW given back
}

// freedom is what a leaf leaves of what a device may do. The zero value leaves all but the starts of a Shiftable.
type freedom struct {
	isOff, isOn     []bool    // slots in which it must be so; nil: none
	atMost, atLeast []float64 // kW in each slot; nil: anything
	from, to        int       // of a Shiftable: it begins in [from, to)
	mustRun         bool      // of a Shiftable
	mustRest        bool      // of a Shiftable
}

// mayBeOn says that nothing forbids the device to be on in slot t; with how much is another matter.
func (f freedom) mayBeOn(t int) bool { return f.isOff == nil || !f.isOff[t] }

// mayRest says that the device need not be on in slot t.
func (f freedom) mayRest(t int) bool {
	return (f.isOn == nil || !f.isOn[t]) && (f.atLeast == nil || f.atLeast[t] <= 0)
}

// allows says that the device may have just this power (kW, >= 0) in slot t.
func (f freedom) allows(t int, kW float64) bool {
	if kW == 0 {
		return f.mayRest(t)
	}
	return f.mayBeOn(t) && len(f.within(t, reach{bands: []band{{kW, kW}}}).bands) > 0
}

// within is what a reach in slot t is left of. A limit gives way by a rounding error: it may be just the one
// power that a device has.
func (f freedom) within(t int, r reach) reach {
	const slip = 1e-12
	low, high := 0.0, math.Inf(1)
	if f.atMost != nil {
		high = f.atMost[t] * (1 + slip)
	}
	if f.atLeast != nil && f.atLeast[t] >= 0 {
		low, r.back = f.atLeast[t]*(1-slip), 0
	}
	var bands []band
	for _, b := range r.bands {
		if b = (band{max(b[0], low), min(b[1], high)}); b[0] <= b[1] && b[1] > 0 {
			bands = append(bands, b)
		}
	}
	r.bands = bands
	return r
}

// band is a legal range of consumption in kW, ends included. One from 0 on stands for all that is above 0:
// its end is never reached, but approached, and a least cost asks no more.
type band [2]float64

// reach is what a device can do in a slot, whatever it does in the others: rest, consume within a band, or
// give back up to a power in kW.
type reach struct {
	bands []band
	back  float64
}

// reach is what a device can do in slot t.
func (v *verifier) reach(d Device, t int) reach {
	switch d := d.(type) {
	case Shiftable:
		return d.reach(t)
	case Interruptible:
		if t >= d.Earliest && t < d.LatestEnd {
			return reach{bands: bandsOf(Range{d.Power, d.Power})}
		}
	case Vehicle:
		if t >= d.Arrive && t < d.Depart {
			return reach{bands: bandsOf(d.Ranges...), back: kilos(d.DischargeMax)}
		}
	case Battery:
		return reach{bands: bandsOf(Range{0, d.ChargeMax}), back: kilos(d.DischargeMax)}
	case Thermal:
		return reach{bands: bandsOf(Range{d.PowerMin, d.PowerMax})}
	}
	return reach{}
}

// reach is the powers of the profile that a run inside the window can bring to slot t.
func (d Shiftable) reach(t int) (r reach) {
	for k, w := range d.Profile {
		if start := t - k; w > 0 && start >= d.Earliest && start+len(d.Profile) <= d.LatestEnd {
			r.bands = append(r.bands, band{kilos(w), kilos(w)})
		}
	}
	slices.SortFunc(r.bands, func(a, b band) int { return slices.Compare(a[:], b[:]) })
	r.bands = slices.Compact(r.bands)
	return r
}

// bandsOf are ranges in kW without those in which nothing is ever on.
func bandsOf(ranges ...Range) (out []band) {
	for _, r := range ranges {
		if r.Max > 0 {
			out = append(out, band{kilos(r.Min), kilos(r.Max)})
		}
	}
	return out
}

// kilos is a power in kW or an energy in kWh.
func kilos[T energy.Watts | energy.WattHours](v T) float64 { return float64(v) / 1000 }

// least is the least that the device can cost, with its own costs and tolls; infinite when it has no legal
// behaviour.
func (v *verifier) least(d Device, f freedom, due tolls) float64 {
	switch d := d.(type) {
	case Shiftable:
		return d.least(f, due)
	case Interruptible:
		return v.leastRuns(d, f, due)
	case Vehicle:
		return v.leastStored(v.vehicle(d, f, due), f)
	case Battery:
		return v.leastStored(v.battery(d, f, due), f)
	case Thermal:
		return v.leastStored(v.thermal(d, f, due), f)
	}
	return math.Inf(1)
}

// least tries every start, and to leave the run out.
func (d Shiftable) least(f freedom, due tolls) float64 {
	least := math.Inf(1)
	if d.Optional && !f.mustRun {
		least = d.cost(len(due.on), f, due) // it begins when all is over
	}
	if f.mustRest {
		return least
	}
	earned := 0.0
	if d.Optional {
		earned = d.Value.Float()
	}
	for start := max(f.from, d.Earliest); start < f.to && start+len(d.Profile) <= d.LatestEnd; start++ {
		least = min(least, d.cost(start, f, due)-earned)
	}
	return least
}

// cost is what a run from a start pays; infinite when the leaf does not leave it.
func (d Shiftable) cost(start int, f freedom, due tolls) float64 {
	sum := 0.0
	for t := range due.on {
		kW := 0.0
		if k := t - start; k >= 0 && k < len(d.Profile) {
			kW = kilos(d.Profile[k])
		}
		if !f.allows(t, kW) {
			return math.Inf(1)
		}
		if kW > 0 {
			sum += due.consumed[t]*kW + due.on[t]
		}
	}
	return sum
}

// leastRuns is the least cost of an interruptible: from the last slot back, for every state it may be in and
// every number of slots it still has to run.
func (v *verifier) leastRuns(d Interruptible, f freedom, due tolls) float64 {
	if d.RunSlots > d.LatestEnd-d.Earliest {
		return math.Inf(1)
	}
	n := v.slots
	states := statesOf(holding{"", d.MinOn, d.MinOff, d.MaxStarts, d.StartCost, d.OnFor, d.OffFor, false}, n)
	next, now := make([][]float64, len(states)), make([][]float64, len(states))
	for i, s := range states {
		next[i] = slices.Repeat([]float64{math.Inf(1)}, d.RunSlots+1)
		now[i] = make([]float64, d.RunSlots+1)
		if !s.isOn || s.hold == 0 { // no run is cut short
			next[i][0] = 0
		}
	}
	for t := n - 1; t >= 0; t-- {
		isIn := t >= d.Earliest && t < d.LatestEnd && f.allows(t, kilos(d.Power))
		cost := due.consumed[t]*kilos(d.Power) + due.on[t]
		for i, s := range states {
			for left := range now[i] {
				least := math.Inf(1)
				for _, a := range s.arcs {
					switch {
					case a.isOn && isIn && left > 0:
						least = min(least, a.cost+cost+next[a.to][left-1])
					case !a.isOn && f.mayRest(t):
						least = min(least, next[a.to][left])
					}
				}
				now[i][left] = least
			}
		}
		next, now = now, next
	}
	return next[0][d.RunSlots]
}

// grossOf is about the most that the device can cost or earn, each part counted as positive.
func (v *verifier) grossOf(d Device, due tolls) float64 {
	sum := 0.0
	switch d := d.(type) {
	case Vehicle:
		return v.vehicle(d, freedom{}, due).gross()
	case Battery:
		return v.battery(d, freedom{}, due).gross()
	case Thermal:
		return v.thermal(d, freedom{}, due).gross()
	case Shiftable:
		sum = math.Abs(d.Value.Float())
	case Interruptible:
		sum = d.StartCost.Float() * float64(v.slots)
	}
	for t := range due.on {
		most := 0.0
		for _, b := range v.reach(d, t).bands {
			most = max(most, math.Abs(due.consumed[t]*b[1])+math.Abs(due.on[t]))
		}
		sum += most
	}
	return sum
}
