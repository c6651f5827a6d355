package scheduler

import (
	"math"
	"sort"

	"hearth/energy"
)

// find is the step in which the one run of the device's profile begins; false when the powers are anything else.
func (p *Problem) find(d Shiftable, power []energy.Watts) (start int, ok bool) {
	if p.Spans == nil {
		return d.find(power)
	}
	from, to := activeSlots(power)
	firsts := p.firstSteps()
	for _, start := range p.starts(d, firsts) {
		isInside := start >= d.Earliest && start+len(d.Profile) <= d.LatestEnd
		if from == to && !isInside || from < to && (start >= firsts[to] || start+len(d.Profile) <= firsts[from]) {
			continue // what is at rest is a run of nothing in its window, or none
		}
		slot, mean := p.placed(d.Profile, start, firsts)
		if isPlaced(power, slot, mean, min(from, slot), max(to, slot+len(mean))) {
			return start, true
		}
	}
	return 0, false
}

// find is the same where slots are steps.
func (d Shiftable) find(power []energy.Watts) (start int, ok bool) {
	isOn := func(w energy.Watts) bool { return math.Abs(float64(w)) > powerSlip }
	lead := first(d.Profile, isOn)
	if lead == len(d.Profile) { // a profile of nothing runs wherever it fits
		return d.Earliest, d.Earliest+lead <= d.LatestEnd && isRest(power)
	}
	start = first(power, isOn) - lead
	if start < 0 || start+len(d.Profile) > len(power) {
		return 0, false
	}
	return start, isPlaced(power, start, d.Profile, 0, len(power))
}

// isPlaced says that in the slots [from, to) the powers are those of a run, and none beside it.
func isPlaced(power []energy.Watts, slot int, run []energy.Watts, from, to int) bool {
	for t := from; t < to; t++ {
		want := energy.Watts(0)
		if k := t - slot; k >= 0 && k < len(run) {
			want = run[k]
		}
		if math.Abs(float64(power[t]-want)) > powerSlip {
			return false
		}
	}
	return true
}

// activeSlots are the slots [from, to) outside of which there is no power.
func activeSlots(power []energy.Watts) (from, to int) {
	isOn := func(w energy.Watts) bool { return math.Abs(float64(w)) > powerSlip }
	from = first(power, isOn)
	for to = len(power); to > from && !isOn(power[to-1]); to-- {
	}
	return from, to
}

// starts are the steps in which a run may begin for what the slots are: those inside the window first, in order,
// then the others that the grid has room for.
func (p *Problem) starts(d Shiftable, firsts []int) (out []int) {
	last := d.LatestEnd - len(d.Profile) // ends with the window
	n := len(firsts) - 1
	for _, start := range firsts[:n] {
		if start >= d.Earliest && start <= last {
			out = append(out, start)
		}
	}
	if last >= d.Earliest && (len(out) == 0 || out[len(out)-1] != last) {
		out = append(out, last)
	}
	for _, start := range firsts[:n] {
		if (start < d.Earliest || start > last) && start+len(d.Profile) <= firsts[n] {
			out = append(out, start)
		}
	}
	return out
}

// placed is the mean powers of a run in the slots from the one that holds its first step on.
func (p *Problem) placed(profile []energy.Watts, start int, firsts []int) (slot int, mean []energy.Watts) {
	slot = sort.SearchInts(firsts, start+1) - 1
	t := slot
	for k, w := range profile {
		for firsts[t+1] <= start+k {
			t++
		}
		for len(mean) <= t-slot {
			mean = append(mean, 0)
		}
		mean[t-slot] += w
	}
	for k := range mean {
		mean[k] /= energy.Watts(p.span(slot + k))
	}
	return slot, mean
}
