package respond

import "context"

// table holds what is still to be paid from a slot of the window on. Its rows are slots, its columns the
// steps still to run, its layers the starts still allowed; there is one layer when any number is.
type table struct {
	*window
	d             Interruptible
	must          []int     // slots before this one in which it has to run
	block         []float64 // of running all slots that MinOn takes from here on
	onEnd, offEnd []int     // the slot after those that MinOn and MinOff take from here on
	layers        int
	off, on       []float64 // the device has been off, or on, long enough to be switched
}

func newTable(d *Interruptible, w *window, must []int) *table {
	t := &table{window: w, d: *d, must: must, layers: 1}
	if most := w.steps[len(w.cost)]/(d.MinOn+d.MinOff) + 1; d.MaxStarts >= 0 && d.MaxStarts < most {
		t.layers = d.MaxStarts + 1
	}
	return t
}

func (t *table) cells() int { return t.layers * (len(t.cost) + 1) * (t.d.Run + 1) }

func (t *table) at(layer, slot, run int) int {
	return (layer*(len(t.cost)+1)+slot)*(t.d.Run+1) + run
}

// holds finds where least times end that begin in each slot.
func (t *table) holds() {
	n, d := len(t.cost), &t.d
	t.block, t.onEnd, t.offEnd = make([]float64, n), make([]int, n+1), make([]int, n+1)
	for s := range n + 1 {
		t.onEnd[s] = d.Steps.After(d.Earliest+s, d.MinOn) - d.Earliest
		t.offEnd[s] = d.Steps.After(d.Earliest+s, d.MinOff) - d.Earliest
		if t.onEnd[s] <= n {
			t.block[s] = sum(t.cost[s:t.onEnd[s]])
		}
	}
}

// fill computes the tables from the end of the window backwards. A run takes its first MinOn steps at once
// and a pause its first MinOff, so two states are enough.
func (t *table) fill(ctx context.Context) bool {
	t.holds()
	t.off, t.on = make([]float64, t.cells()), make([]float64, t.cells())
	for slot := len(t.cost); slot >= 0; slot-- {
		if ctx.Err() != nil {
			return false
		}
		for layer := range t.layers {
			for run := range t.d.Run + 1 {
				t.off[t.at(layer, slot, run)] = min(t.wait(layer, slot, run), t.start(layer, slot, run))
				t.on[t.at(layer, slot, run)] = min(t.stay(layer, slot, run), t.stop(layer, slot, run))
			}
		}
	}
	return true
}

// wait stays off for a slot.
func (t *table) wait(layer, slot, run int) float64 {
	switch {
	case run == 0:
		return t.restFrom(slot)
	case slot == len(t.cost) || t.must[slot+1] > t.must[slot]:
		return inf
	}
	return t.off[t.at(layer, slot+1, run)]
}

// start switches on for MinOn steps, and to the end of the slot in which they end if there is so much to run.
func (t *table) start(layer, slot, run int) float64 {
	after := t.onEnd[slot]
	if after > len(t.cost) || run < t.d.MinOn || t.layers > 1 && layer == 0 || t.d.MaxStarts == 0 {
		return inf
	}
	if t.layers > 1 {
		layer--
	}
	if taken := t.steps[after] - t.steps[slot]; taken <= run {
		return t.d.StartCost + t.block[slot] + t.on[t.at(layer, after, run-taken)]
	}
	cost, _ := t.run(slot, run) // the last slot is used in part
	return t.d.StartCost + cost + t.on[t.at(layer, after, 0)]
}

// stay stays on for a slot.
func (t *table) stay(layer, slot, run int) float64 {
	if slot == len(t.cost) || run == 0 {
		return inf
	}
	return t.of(slot, run) + t.on[t.at(layer, slot+1, max(run-t.in(slot), 0))]
}

// stop switches off for MinOff steps.
func (t *table) stop(layer, slot, run int) float64 {
	after := t.offEnd[slot]
	switch {
	case run == 0:
		return t.restFrom(slot)
	case after > len(t.cost) || t.must[after] > t.must[slot]:
		return inf
	}
	return t.off[t.at(layer, after, run)]
}

// restFrom is the cost of being off from a slot on: none, where that is allowed.
func (t *table) restFrom(slot int) float64 {
	if t.must[len(t.cost)] > t.must[slot] {
		return inf
	}
	return 0
}

// first is the cost of run steps, from the device's past on; it sets power when that is not nil.
func (t *table) first(run int, power []float64) float64 {
	d, layer, n := &t.d, t.layers-1, len(t.cost)
	if d.OnFor > 0 {
		owed := max(d.MinOn-d.OnFor, 0)
		slot := d.Steps.From(d.Steps.At(d.Earliest)+owed) - d.Earliest
		if owed > run || slot > n {
			return inf
		}
		left := max(run-t.steps[slot], 0)
		if power != nil {
			t.take(power, 0, slot, run)
			t.path(power, layer, slot, left, true)
		}
		cost, _ := t.run(0, run-left)
		return cost + t.on[t.at(layer, slot, left)]
	}
	slot := 0
	if d.OffFor > 0 {
		slot = max(d.Steps.From(max(d.MinOff-d.OffFor, 0))-d.Earliest, 0)
	}
	if slot > n {
		slot = n
	}
	if t.must[slot] > 0 {
		return inf
	}
	if power != nil {
		t.path(power, layer, slot, run, false)
	}
	return t.off[t.at(layer, slot, run)]
}

// path follows the tables and sets the powers they stand for; of equals it takes to start and to stay.
func (t *table) path(power []float64, layer, slot, run int, isOn bool) {
	for run > 0 && slot <= len(t.cost) {
		switch {
		case isOn && t.stay(layer, slot, run) <= t.stop(layer, slot, run):
			run = t.take(power, slot, slot+1, run)
			slot++
		case isOn:
			slot, isOn = t.offEnd[slot], false
		case t.wait(layer, slot, run) < t.start(layer, slot, run)-1e-12:
			slot++
		default:
			run = t.take(power, slot, t.onEnd[slot], run)
			slot, isOn = t.onEnd[slot], true
			if t.layers > 1 {
				layer--
			}
		}
	}
}

// take sets the powers of being on in [from, to) with so many steps to run, and returns those still to run.
func (t *table) take(power []float64, from, to, run int) int {
	for s := from; s < to; s++ {
		power[s] = t.d.PowerFor(t.d.Earliest+s, run)
		run = max(run-t.in(s), 0)
	}
	return run
}
