package relax

import (
	"math"

	"hearth/scheduler/internal/respond"
)

// Fix holds device i to the switching of a plan: what is on stays on, in the same range of powers, and only
// how much it takes is left open.
func (r *Relaxation) Fix(i int, power []float64) { r.FixBut(i, power, 0, 0) }

// FixBut is Fix, but for the slots [from, to), in which switching is left open as well.
func (r *Relaxation) FixBut(i int, power []float64, from, to int) {
	isFree := func(t int) bool { return from <= t && t < to }
	p := &r.parts[i]
	set := func(column int, v float64) { r.model.SetBounds(column, v, v) }
	switch d := r.h.Devices[i].(type) {
	case *respond.Shiftable:
		start := startOf(d, power)
		isIn := func(k int) bool { return k >= 0 && k < d.Starts() && isFree(d.Run(k).Slot) } // one of an older plan may be outside the window
		for k, column := range p.starts {
			switch {
			case isIn(start) && isIn(k):
			case k == start:
				set(column, 1)
			default:
				set(column, 0)
			}
		}
		if start < 0 {
			r.model.SetRow(p.choose, 0, 1)
		}
		return
	case *respond.Store:
		if d.AlwaysOn {
			return
		}
		for t := d.From; t < d.To; t++ {
			if isFree(t) {
				continue
			}
			band := within(d.Ranges, power[t])
			for k, u := range p.on[t] {
				if k == band {
					set(u.Column, 1)
					p.floor(r, u.Column, d.Ranges[k])
				} else {
					set(u.Column, 0)
				}
			}
			if band >= 0 {
				for _, g := range p.back[t] {
					set(g.Column, 0)
				}
			}
		}
	case *respond.Interruptible:
		for t := d.Earliest; t < d.LatestEnd; t++ {
			switch {
			case isFree(t):
				continue
			case power[t] > 0:
				set(p.on[t][0].Column, 1)
			default:
				set(p.on[t][0].Column, 0)
			}
			p.fixPart(r, t, power[t], d)
		}
	}
	wasOn := p.switching.OnFor > 0 && p.span[0] == 0
	for k, column := range p.begin {
		t := p.span[0] + k
		isOn := power[t] > 0
		switch {
		case isFree(t), to > from && t == to: // whether that is a beginning hangs on what is open
		case isOn && !wasOn:
			set(column, 1)
		default:
			set(column, 0)
		}
		wasOn = isOn
	}
}

// floor has a device that is on take at least what certainly counts as that.
func (p *part) floor(r *Relaxation, on int, band [2]float64) {
	if p.switching.IsFree() || band[0] >= r.h.Floor {
		return
	}
	for _, pair := range p.above {
		if pair[0] == on {
			_, most := r.model.Bounds(pair[1])
			r.model.SetBounds(pair[1], min(r.h.Floor-band[0], most), most)
		}
	}
}

// startOf is which of its starts a shiftable has; negative: none.
func startOf(d *respond.Shiftable, power []float64) int {
	start := first(power)
	if start < 0 {
		return -1
	}
	if d.Runs == nil {
		return start - first(d.Profile) - d.Earliest
	}
	best, least := -1, 0.0
	for k, run := range d.Runs {
		off := 0.0
		for t, kW := range power {
			want := 0.0
			if j := t - run.Slot; j >= 0 && j < len(run.Power) {
				want = run.Power[j]
			}
			off += math.Abs(kW - want)
		}
		if best < 0 || off < least {
			best, least = k, off
		}
	}
	return best
}

// first is the first slot with a power above 0; -1: none.
func first(power []float64) int {
	for t, p := range power {
		if p > 0 {
			return t
		}
	}
	return -1
}

// within is the range that a power lies in, or the nearest; -1 when it is off.
func within(ranges [][2]float64, power float64) int {
	if power <= 0 {
		return -1
	}
	best, off := -1, 0.0
	for k, b := range ranges {
		if o := max(b[0]-power, power-b[1], 0); best < 0 || o < off {
			best, off = k, o
		}
	}
	return best
}
