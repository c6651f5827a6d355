package respond

import "context"

// Interruptible takes Power in Run steps of [Earliest, LatestEnd). It is on for whole slots, but for the last
// slot that it is on in: of that it takes what is left to run, from its beginning on.
type Interruptible struct {
	Power               float64 // kW
	Run                 int     // steps
	Earliest, LatestEnd int     // slots
	Steps               Steps
	Switching
}

// maxTable is the number of cells a table may have (two tables, 8 bytes a cell). What needs more is answered
// by a single run and bounded by the cheapest slots.
const maxTable = 1 << 20

// Reach is from nothing to Power.
func (d *Interruptible) Reach() (least, most float64) { return 0, d.Power }

// PowerFor is the mean power of slot t, when so many steps of it are used; at least all of them is Power.
func (d *Interruptible) PowerFor(t, used int) float64 {
	if in := d.Steps.In(t); used < in {
		return d.Power * float64(used) / float64(in)
	}
	return d.Power
}

// Parts is, for each slot of the window, the least and the most steps that may be used of it when not all are;
// 0 and 0 where that cannot be. Where slots are steps it is nil.
func (d *Interruptible) Parts() [][2]int {
	if d.Steps == nil {
		return nil
	}
	parts := make([][2]int, d.LatestEnd-d.Earliest)
	if d.Run > d.Steps.At(d.LatestEnd)-d.Steps.At(d.Earliest) {
		return parts // it cannot run so much at all
	}
	sums := make([]bool, d.Run+1) // so many steps may have been used before the slot
	sums[0] = true
	for k := range parts {
		in := d.Steps.In(d.Earliest + k)
		for used := 1; used < in && used <= d.Run; used++ {
			if !sums[d.Run-used] {
				continue
			}
			if parts[k][0] == 0 {
				parts[k][0] = used
			}
			parts[k][1] = used
		}
		for sum := d.Run; sum >= in; sum-- {
			sums[sum] = sums[sum] || sums[sum-in]
		}
	}
	return parts
}

// Respond chooses the cheapest slots. When not all runs can be had it takes as many steps as possible, and
// gives up the hold times when its past would not let it rest otherwise.
func (d *Interruptible) Respond(ctx context.Context, ask Ask, power []float64) (float64, Rigor, bool) {
	w := d.window(ask.Prices)
	rest(power)
	if ask.IsStrict && ask.mustBeyond(d.Earliest, d.LatestEnd) {
		return inf, Strict, ctx.Err() == nil
	}
	must := make([]int, len(w.cost)+1) // how many slots before this one it has to be on
	for t := range w.cost {
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
		t := newTable(&may, w, must)
		if t.cells() > maxTable {
			c, got, ok := may.singleRun(w, power)
			if ask.IsStrict {
				return w.cheapest(d.Run), Strict, ok
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
func (d *Interruptible) singleRun(w *window, power []float64) (float64, Rigor, bool) {
	if d.Run > 0 && d.OnFor == 0 && d.MaxStarts == 0 {
		return 0, Soft, true
	}
	rigor := Strict
	if d.Run+d.OnFor > 0 && d.Run+d.OnFor < d.MinOn {
		rigor = Loose
	}
	best, at := inf, -1
	for s := 0; s < len(w.cost) && (s == 0 || d.OnFor == 0); s++ {
		if d.Steps.At(d.Earliest+s) < d.MinOff-d.OffFor && d.OffFor > 0 {
			continue
		}
		c, ok := w.run(s, d.Run)
		if !ok {
			break
		}
		if c < best {
			best, at = c, s
		}
	}
	if at < 0 { // several runs might do; giving up slots might cost even less
		least := 0.0
		for t := range w.cost {
			least += min(w.least(t), 0)
		}
		return least, Loose, true
	}
	if power != nil {
		own, left := power[d.Earliest:d.LatestEnd], d.Run
		for t := at; left > 0; t++ {
			own[t] = d.PowerFor(d.Earliest+t, left)
			left -= d.Steps.In(d.Earliest + t)
		}
	}
	return w.cheapest(d.Run), rigor, true
}

func sum(v []float64) (s float64) {
	for _, x := range v {
		s += x
	}
	return s
}
