package respond

import (
	"context"
	"slices"
)

// Interruptible takes Power in Run slots of [Earliest, LatestEnd).
type Interruptible struct {
	Power               float64 // kW
	Run                 int     // slots
	Earliest, LatestEnd int
	Switching
}

// maxTable is the number of cells a table may have (two tables, 8 bytes a cell). What needs more is answered
// by a single run and bounded by the cheapest slots.
const maxTable = 1 << 20

// Reach is from nothing to Power.
func (d *Interruptible) Reach() (least, most float64) { return 0, d.Power }

// Respond chooses the cheapest slots. When not all runs can be had it takes as many slots as possible, and
// gives up the hold times when its past would not let it rest otherwise.
func (d *Interruptible) Respond(ctx context.Context, ask Ask, power []float64) (float64, Rigor, bool) {
	cost := make([]float64, d.LatestEnd-d.Earliest)
	for t := range cost {
		cost[t] = ask.Prices[d.Earliest+t].At(d.Power)
	}
	rest(power)
	if ask.IsStrict && ask.mustBeyond(d.Earliest, d.LatestEnd) {
		return inf, Strict, ctx.Err() == nil
	}
	must := make([]int, len(cost)+1) // how many slots before this one it has to be on
	for t := range cost {
		must[t+1] = must[t]
		if ask.must(d.Earliest + t) {
			must[t+1]++
		}
	}
	for _, rigor := range []Rigor{Strict, Loose} {
		may := *d
		if rigor == Loose {
			may.MinOn, may.MinOff = 1, 1
		}
		t := newTable(&may, cost, must)
		if t.cells() > maxTable {
			c, got, ok := may.singleRun(cost, power)
			if ask.IsStrict {
				return cheapestSlots(cost, d.Run), Strict, ok
			}
			return c, max(got, rigor), ok
		}
		if !t.fill(ctx) {
			return 0, rigor, false
		}
		if ask.IsStrict {
			c := t.first(d.Run, nil)
			if power != nil && c < inf {
				t.first(d.Run, power[d.Earliest:])
			}
			return c, Strict, true
		}
		for run := d.Run; run >= 0; run-- {
			if c := t.first(run, nil); c < inf {
				if power != nil {
					t.first(run, power[d.Earliest:])
				}
				if run < d.Run {
					rigor = max(rigor, Soft)
				}
				return c, rigor, true
			}
		}
	}
	return 0, Loose, true
}

// singleRun is one run in the cheapest place that allows it, at once when the device is on; it rests when no
// start is allowed, or no place is to be had. Its cost is that of the cheapest slots, which is less.
func (d *Interruptible) singleRun(cost, power []float64) (float64, Rigor, bool) {
	if d.Run > 0 && d.OnFor == 0 && d.MaxStarts == 0 {
		return 0, Soft, true
	}
	rigor := Strict
	if d.Run+d.OnFor > 0 && d.Run+d.OnFor < d.MinOn {
		rigor = Loose
	}
	best, at := inf, -1
	for s := 0; s+d.Run <= len(cost) && (s == 0 || d.OnFor == 0); s++ {
		if s+d.Earliest < d.MinOff-d.OffFor && d.OffFor > 0 {
			continue
		}
		if c := sum(cost[s : s+d.Run]); c < best {
			best, at = c, s
		}
	}
	if at < 0 { // several runs might do; giving up slots might cost even less
		least := 0.0
		for _, c := range cost {
			least += min(c, 0)
		}
		return least, Loose, true
	}
	if power != nil {
		window := power[d.Earliest:d.LatestEnd]
		for t := at; t < at+d.Run; t++ {
			window[t] = d.Power
		}
	}
	return cheapestSlots(cost, d.Run), rigor, true
}

// cheapestSlots is what so many slots cost at least; infinite where there are not as many. It sorts cost.
func cheapestSlots(cost []float64, run int) float64 {
	if run > len(cost) {
		return inf
	}
	slices.Sort(cost)
	return sum(cost[:run])
}

func sum(v []float64) (s float64) {
	for _, x := range v {
		s += x
	}
	return s
}

// table holds what is still to be paid from a slot of the window on. Its rows are slots, its columns the
// slots still to run, its layers the starts still allowed; there is one layer when any number is.
type table struct {
	d       Interruptible
	cost    []float64 // of running, each slot of the window
	must    []int     // slots before this one in which it has to run
	block   []float64 // of running MinOn slots from here on
	layers  int
	off, on []float64 // the device has been off, or on, long enough to be switched
}

func newTable(d *Interruptible, cost []float64, must []int) *table {
	t := &table{d: *d, cost: cost, must: must, layers: 1}
	if most := len(cost)/(d.MinOn+d.MinOff) + 1; d.MaxStarts >= 0 && d.MaxStarts < most {
		t.layers = d.MaxStarts + 1
	}
	return t
}

func (t *table) cells() int { return t.layers * (len(t.cost) + 1) * (t.d.Run + 1) }

func (t *table) at(layer, slot, run int) int {
	return (layer*(len(t.cost)+1)+slot)*(t.d.Run+1) + run
}

// fill computes the tables from the end of the window backwards. A run takes its first MinOn slots at once
// and a pause its first MinOff, so two states are enough.
func (t *table) fill(ctx context.Context) bool {
	n, d := len(t.cost), &t.d
	t.block = make([]float64, n)
	for s := range t.block {
		t.block[s] = inf
		if s+d.MinOn <= n {
			t.block[s] = sum(t.cost[s : s+d.MinOn])
		}
	}
	t.off, t.on = make([]float64, t.cells()), make([]float64, t.cells())
	for slot := n; slot >= 0; slot-- {
		if ctx.Err() != nil {
			return false
		}
		for layer := range t.layers {
			for run := range d.Run + 1 {
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

// start switches on for MinOn slots.
func (t *table) start(layer, slot, run int) float64 {
	after := slot + t.d.MinOn
	if after > len(t.cost) || run < t.d.MinOn || t.layers > 1 && layer == 0 || t.d.MaxStarts == 0 {
		return inf
	}
	if t.layers > 1 {
		layer--
	}
	return t.d.StartCost + t.block[slot] + t.on[t.at(layer, after, run-t.d.MinOn)]
}

// stay stays on for a slot.
func (t *table) stay(layer, slot, run int) float64 {
	if slot == len(t.cost) || run == 0 {
		return inf
	}
	return t.cost[slot] + t.on[t.at(layer, slot+1, run-1)]
}

// stop switches off for MinOff slots.
func (t *table) stop(layer, slot, run int) float64 {
	after := slot + t.d.MinOff
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

// first is the cost of run slots, from the device's past on; it sets power when that is not nil.
func (t *table) first(run int, power []float64) float64 {
	d, layer := &t.d, t.layers-1
	if d.OnFor > 0 {
		owed := max(d.MinOn-d.OnFor, 0)
		if owed > run || owed > len(t.cost) {
			return inf
		}
		if power != nil {
			t.take(power, 0, owed)
			t.path(power, layer, owed, run-owed, true)
		}
		return sum(t.cost[:owed]) + t.on[t.at(layer, owed, run-owed)]
	}
	slot := 0
	if d.OffFor > 0 {
		slot = max(d.MinOff-d.OffFor-d.Earliest, 0)
	}
	if slot > len(t.cost) {
		slot = len(t.cost)
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
			t.take(power, slot, slot+1)
			slot, run = slot+1, run-1
		case isOn:
			slot, isOn = slot+t.d.MinOff, false
		case t.wait(layer, slot, run) < t.start(layer, slot, run)-1e-12:
			slot++
		default:
			t.take(power, slot, slot+t.d.MinOn)
			slot, run, isOn = slot+t.d.MinOn, run-t.d.MinOn, true
			if t.layers > 1 {
				layer--
			}
		}
	}
}

func (t *table) take(power []float64, from, to int) {
	for s := from; s < to; s++ {
		power[s] = t.d.Power
	}
}
