package respond

import (
	"context"
	"math"
	"sort"
)

// Shiftable runs its profile once inside [Earliest, LatestEnd), or, when it is optional, not at all.
type Shiftable struct {
	Profile             []float64 // kW, of each step
	Earliest, LatestEnd int       // steps
	Optional            bool
	Value               float64 // earned by an optional run
	// Runs are its starts inside the window, Late those that end after it, each in order; nil: slots are steps,
	// and a run may begin in each.
	Runs, Late []Run
}

// Run is one way to place a profile on slots.
type Run struct {
	Step, Slot int       // in which it begins
	Power      []float64 // kW, of each slot from Slot on: the mean of what of the profile falls into it
}

// Place sets Runs and Late: a run may begin with a slot, or end with its window.
func (d *Shiftable) Place(s Steps) {
	if s == nil {
		return
	}
	d.Runs, d.Late = []Run{}, nil
	last := d.LatestEnd - len(d.Profile) // the step that ends with the window
	for t := range len(s) - 1 {
		switch step := s[t]; {
		case step < d.Earliest:
		case step <= last:
			d.Runs = append(d.Runs, d.placed(s, step))
		case step+len(d.Profile) <= s[len(s)-1]:
			d.Late = append(d.Late, d.placed(s, step))
		}
	}
	if k := d.find(last); last >= d.Earliest && (k == len(d.Runs) || d.Runs[k].Step != last) {
		d.Runs = append(d.Runs, d.placed(s, last))
	}
}

// placed is the run from a step on.
func (d *Shiftable) placed(s Steps, step int) Run {
	slot := sort.SearchInts(s, step+1) - 1
	r := Run{Step: step, Slot: slot}
	for k, kW := range d.Profile {
		for step+k >= s[slot+1] {
			slot++
		}
		for len(r.Power) <= slot-r.Slot {
			r.Power = append(r.Power, 0)
		}
		r.Power[slot-r.Slot] += kW / float64(s.In(slot))
	}
	return r
}

// find is the index of the first of Runs that begins in a step or later.
func (d *Shiftable) find(step int) int {
	return sort.Search(len(d.Runs), func(k int) bool { return d.Runs[k].Step >= step })
}

// Starts is the number of starts inside the window.
func (d *Shiftable) Starts() int {
	if d.Runs != nil {
		return len(d.Runs)
	}
	return max(d.LatestEnd-len(d.Profile)-d.Earliest+1, 0)
}

// Run is the k-th of them.
func (d *Shiftable) Run(k int) Run {
	if d.Runs != nil {
		return d.Runs[k]
	}
	return Run{d.Earliest + k, d.Earliest + k, d.Profile}
}

// Within is the device with no other starts than those in the steps [from, to) of its window.
func (d Shiftable) Within(from, to int) Shiftable {
	if d.Runs != nil {
		d.Runs = d.Runs[d.find(from):max(d.find(from), d.find(to))]
		return d
	}
	d.Earliest, d.LatestEnd = from, to-1+len(d.Profile)
	return d
}

// Span is the slots, of n, that it may act in: when it cannot but be late, all to the end.
func (d *Shiftable) Span(n int) (from, to int) {
	switch {
	case d.Starts() > 0:
		last := d.Run(d.Starts() - 1) // no other ends in a later slot
		return d.Run(0).Slot, last.Slot + len(last.Power)
	case d.Runs == nil && d.Earliest+len(d.Profile) <= n:
		return d.Earliest, n
	case len(d.Late) > 0:
		return d.Late[0].Slot, n
	}
	return n, n // it cannot run at all
}

// Reach is from nothing to the highest power of a run in any slot.
func (d *Shiftable) Reach() (least, most float64) {
	for _, p := range d.Profile {
		most = max(most, p)
	}
	if d.Runs == nil {
		return 0, most
	}
	high := 0.0
	for _, runs := range [][]Run{d.Runs, d.Late} {
		for _, r := range runs {
			for _, p := range r.Power {
				high = max(high, p)
			}
		}
	}
	return 0, min(high, most)
}

// Respond begins at the cheapest slot. Where no start within the window is possible, a run that must be
// comes as little late as possible; where none is possible at all it is left out.
func (d *Shiftable) Respond(ctx context.Context, ask Ask, power []float64) (float64, Rigor, bool) {
	run, cost := d.cheapest(ctx, ask.Prices)
	rigor := Strict
	if math.IsInf(cost, 1) && !d.Optional && !ask.IsStrict {
		rigor = Soft
		run, cost = d.late(ask.Prices)
	}
	if d.Optional && cost >= d.Value {
		run, cost = Run{}, 0
	} else if d.Optional {
		cost -= d.Value
	}
	if power != nil {
		rest(power)
		copy(power[run.Slot:], run.Power)
	}
	return cost, rigor, ctx.Err() == nil
}

// cheapest is the best start within the window, the first of equals.
func (d *Shiftable) cheapest(ctx context.Context, prices Prices) (best Run, cost float64) {
	cost = inf
	for k := 0; k < d.Starts() && ctx.Err() == nil; k++ {
		r := d.Run(k)
		if c := r.cost(prices); c < cost {
			best, cost = r, c
		}
	}
	return best, cost
}

// late is the first possible start that ends after the window; no run, and the cost of nothing, where there is
// none.
func (d *Shiftable) late(prices Prices) (Run, float64) {
	if d.Runs == nil {
		for s := max(d.Earliest, d.LatestEnd-len(d.Profile)+1); s+len(d.Profile) <= len(prices); s++ {
			r := Run{s, s, d.Profile}
			if c := r.cost(prices); c < inf {
				return r, c
			}
		}
	}
	for _, r := range d.Late {
		if c := r.cost(prices); c < inf {
			return r, c
		}
	}
	return Run{}, 0
}

// cost is what a run costs.
func (r Run) cost(prices Prices) float64 {
	sum := 0.0
	for k, p := range r.Power {
		if p > 0 { // nothing is always to be had
			sum += prices[r.Slot+k].At(p)
		}
	}
	return sum
}
