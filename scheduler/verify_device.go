package scheduler

import (
	"math"

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
	from, to        int       // of a Shiftable: it begins in the steps [from, to)
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

// reach is what device i can do in slot t.
func (v *verifier) reach(i, t int) reach {
	switch d := v.problem.Devices[i].(type) {
	case Shiftable:
		return v.runReach(v.runs[i], t)
	case Interruptible:
		if v.isWithin(t, d.Earliest, d.LatestEnd) {
			return reach{bands: append(bandsOf(Range{d.Power, d.Power}), v.partBands(i, t)...)}
		}
	case Vehicle:
		return v.vehicleReach(d, t)
	case Battery:
		return batteryReach(d)
	case Thermal:
		return thermalReach(d)
	}
	return reach{}
}

// isWithin says that slot t is in a window of steps, which is one of slots.
func (v *verifier) isWithin(t, from, to int) bool { return v.firsts[t] >= from && v.firsts[t] < to }

func (v *verifier) vehicleReach(d Vehicle, t int) reach {
	if !v.isWithin(t, d.Arrive, d.Depart) {
		return reach{}
	}
	return reach{bands: bandsOf(d.Ranges...), back: kilos(d.DischargeMax)}
}

func batteryReach(d Battery) reach {
	return reach{bands: bandsOf(Range{0, d.ChargeMax}), back: kilos(d.DischargeMax)}
}

func thermalReach(d Thermal) reach { return reach{bands: bandsOf(Range{d.PowerMin, d.PowerMax})} }

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

// least is the least that device i can cost, with its own costs and tolls; infinite when it has no legal
// behaviour.
func (v *verifier) least(i int, f freedom, due tolls) float64 {
	switch d := v.problem.Devices[i].(type) {
	case Shiftable:
		return d.least(v.runs[i], f, due)
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

// grossOf is about the most that device i can cost or earn, each part counted as positive.
func (v *verifier) grossOf(i int, due tolls) float64 {
	sum := 0.0
	switch d := v.problem.Devices[i].(type) {
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
		for _, b := range v.reach(i, t).bands {
			most = max(most, math.Abs(due.consumed[t]*b[1])+math.Abs(due.on[t]))
		}
		sum += most
	}
	return sum
}
