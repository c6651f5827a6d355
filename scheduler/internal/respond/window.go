package respond

import (
	"cmp"
	"slices"
)

// window is what it costs an interruptible to be on in each slot of its window.
type window struct {
	cost  []float64   // of the whole slot
	parts [][]float64 // of 1, 2, ... of its steps, fewer than all, from its beginning on; nil where slots are steps
	steps []int       // before each slot, and in all
}

func (d *Interruptible) window(prices Prices) *window {
	n := d.LatestEnd - d.Earliest
	w := &window{cost: make([]float64, n), steps: make([]int, n+1)}
	if d.Steps != nil {
		w.parts = make([][]float64, n)
	}
	for t := range n {
		in := d.Steps.In(d.Earliest + t)
		w.cost[t], w.steps[t+1] = prices[d.Earliest+t].At(d.Power), w.steps[t]+in
		for used := 1; used < in; used++ {
			w.parts[t] = append(w.parts[t], prices[d.Earliest+t].At(d.PowerFor(d.Earliest+t, used)))
		}
	}
	return w
}

// in is the number of steps of a slot.
func (w *window) in(t int) int { return w.steps[t+1] - w.steps[t] }

// of is the cost of a slot with so many steps still to run, at least one.
func (w *window) of(t, left int) float64 {
	if left < w.in(t) {
		return w.parts[t][left-1]
	}
	return w.cost[t]
}

// run is the cost of so many steps from a slot on; false where the window ends before them.
func (w *window) run(t, left int) (cost float64, ok bool) {
	if w.steps[t]+left > w.steps[len(w.cost)] {
		return 0, false
	}
	for ; left > 0; t++ {
		cost += w.of(t, left)
		left -= w.in(t)
	}
	return cost, true
}

// least is the least that a slot costs, however many of its steps are used.
func (w *window) least(t int) float64 {
	if w.parts == nil || len(w.parts[t]) == 0 {
		return w.cost[t]
	}
	return min(w.cost[t], slices.Min(w.parts[t]))
}

// cheapest is what so many steps cost at least, wherever they are; infinite where there are not as many. A
// slot's steps are taken for as cheap as its cheapest part.
func (w *window) cheapest(run int) float64 {
	if run > w.steps[len(w.cost)] {
		return inf
	}
	type slot struct {
		each  float64 // cost of a step
		steps int
	}
	slots := make([]slot, len(w.cost))
	for t := range slots {
		slots[t] = slot{w.cost[t] / float64(w.in(t)), w.in(t)}
		for used := 1; used < w.in(t); used++ {
			slots[t].each = min(slots[t].each, w.parts[t][used-1]/float64(used))
		}
	}
	slices.SortFunc(slots, func(a, b slot) int { return cmp.Compare(a.each, b.each) })
	cost := 0.0
	for _, s := range slots {
		used := min(s.steps, run)
		if used == 0 {
			break
		}
		cost += s.each * float64(used)
		run -= used
	}
	return cost
}
