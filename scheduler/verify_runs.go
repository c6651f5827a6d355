package scheduler

import (
	"maps"
	"math"
	"slices"
)

// run is one way of a Shiftable to run: from a step on, with a power (kW, the mean of each slot) in the slots
// from one on.
type run struct {
	step, slot int
	power      []float64
}

// runsOf are those inside the window: they begin with a slot, or end with the window.
func (v *verifier) runsOf(d Shiftable) (out []run) {
	last := d.LatestEnd - len(d.Profile)
	for step := d.Earliest; step <= last; step++ {
		slot, isFirst := slices.BinarySearch(v.firsts, step)
		if !isFirst {
			slot--
		}
		if !isFirst && step < last {
			continue
		}
		r := run{step: step, slot: slot}
		for t := slot; v.firsts[t] < step+len(d.Profile); t++ {
			sum := 0.0
			for k := max(v.firsts[t], step); k < min(v.firsts[t+1], step+len(d.Profile)); k++ {
				sum += kilos(d.Profile[k-step])
			}
			r.power = append(r.power, sum/float64(v.firsts[t+1]-v.firsts[t]))
		}
		out = append(out, r)
	}
	return out
}

// mostBands is how many powers of runs are told apart in a slot of several steps, where each start may have
// another one. It keeps the patterns of a cut few.
const mostBands = 4

// runReach is the powers that runs can bring to slot t.
func (v *verifier) runReach(runs []run, t int) (r reach) {
	for _, run := range runs {
		if k := t - run.slot; k >= 0 && k < len(run.power) && run.power[k] > 0 {
			r.bands = append(r.bands, band{run.power[k], run.power[k]})
		}
	}
	slices.SortFunc(r.bands, func(a, b band) int { return slices.Compare(a[:], b[:]) })
	r.bands = slices.CompactFunc(r.bands, func(a, b band) bool {
		return a == b || v.problem.Spans != nil && math.Abs(b[0]-a[0]) < 1e-9
	})
	if n := len(r.bands); v.problem.Spans != nil && n > mostBands {
		r.bands = []band{{r.bands[0][0], r.bands[n-1][1]}}
	}
	return r
}

// least tries every start, and to leave the run out.
func (d Shiftable) least(runs []run, f freedom, due tolls) float64 {
	least := math.Inf(1)
	if d.Optional && !f.mustRun {
		least = run{}.cost(f, due)
	}
	if f.mustRest {
		return least
	}
	earned := 0.0
	if d.Optional {
		earned = d.Value.Float()
	}
	for _, r := range runs {
		if r.step >= f.from && r.step < f.to {
			least = min(least, r.cost(f, due)-earned)
		}
	}
	return least
}

// cost is what a run pays; infinite when the leaf does not leave it.
func (r run) cost(f freedom, due tolls) float64 {
	sum := 0.0
	for t := range due.on {
		kW := 0.0
		if k := t - r.slot; k >= 0 && k < len(r.power) {
			kW = r.power[k]
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

// partsOf is, for each slot, the least and the greatest power (kW) of the device when it uses the slot in part;
// 0 and 0 where it cannot. It is the last slot that the device is on in, so the whole slots before it
// must leave just that part to run.
func (v *verifier) partsOf(d Interruptible) [][2]float64 {
	if v.problem.Spans == nil {
		return nil
	}
	out := make([][2]float64, v.slots)
	isSum := map[int]bool{0: true} // of the slots before
	for t := range v.slots {
		if !v.isWithin(t, d.Earliest, d.LatestEnd) {
			continue
		}
		span := v.problem.span(t)
		least, most := span, 0
		for sum := range isSum {
			if left := d.RunSlots - sum; left >= 1 && left < span {
				least, most = min(least, left), max(most, left)
			}
		}
		if most > 0 {
			out[t] = [2]float64{kilos(d.Power) * float64(least) / float64(span), kilos(d.Power) * float64(most) / float64(span)}
		}
		for _, sum := range slices.Collect(maps.Keys(isSum)) {
			if sum+span <= d.RunSlots {
				isSum[sum+span] = true
			}
		}
	}
	return out
}

// partBands are those powers of device i in slot t, all between the ends taken for possible.
func (v *verifier) partBands(i, t int) []band {
	if v.parts[i] == nil || v.parts[i][t][1] == 0 {
		return nil
	}
	return []band{v.parts[i][t]}
}

// leastRuns is the least cost of an interruptible: from the last slot back, for every state it may be in and
// every number of steps it still has to run.
func (v *verifier) leastRuns(d Interruptible, f freedom, due tolls) float64 {
	if d.RunSlots > d.LatestEnd-d.Earliest {
		return math.Inf(1)
	}
	states := v.statesOf(holding{"", d.MinOn, d.MinOff, d.MaxStarts, d.StartCost, d.OnFor, d.OffFor, false})
	next, now := make([][]float64, len(states)), make([][]float64, len(states))
	for i, s := range states {
		next[i] = slices.Repeat([]float64{math.Inf(1)}, d.RunSlots+1)
		now[i] = make([]float64, d.RunSlots+1)
		if !s.isOn || s.hold == 0 { // no run is cut short
			next[i][0] = 0
		}
	}
	rest := 0.0 // the cost of being off from here to the end
	for t := v.slots - 1; t >= 0; t-- {
		span, isIn := v.problem.span(t), v.isWithin(t, d.Earliest, d.LatestEnd)
		power := func(used int) float64 { return kilos(d.Power) * float64(used) / float64(span) }
		isWhole := isIn && f.allows(t, power(span))
		cost := due.consumed[t]*power(span) + due.on[t]
		for i, s := range states {
			for left := range now[i] {
				least := math.Inf(1)
				for _, a := range s.arcs[span] {
					switch {
					case a.isOn && isWhole && left >= span:
						least = min(least, a.cost+cost+next[a.to][left-span])
					case a.isOn && isIn && left > 0 && left < span && f.allows(t, power(left)) && a.least <= left:
						least = min(least, a.cost+due.consumed[t]*power(left)+due.on[t]+rest)
					case !a.isOn && f.mayRest(t):
						least = min(least, next[a.to][left])
					}
				}
				now[i][left] = least
			}
		}
		if !f.mayRest(t) {
			rest = math.Inf(1)
		}
		next, now = now, next
	}
	return next[0][d.RunSlots]
}
