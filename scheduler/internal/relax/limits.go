package relax

import (
	"hearth/scheduler/internal/bound"
	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/lp"
	"hearth/scheduler/internal/respond"
)

// Pool is cuts to begin with.
type Pool struct {
	Slots   []bound.Cut
	Devices []HalfSpace
}

// HalfSpace holds all behaviours of a device: the sum of its terms is at least Low.
type HalfSpace struct {
	Device int
	Terms  []lp.Term
	Low    float64
}

// Restrict puts the program under limits, with the cuts of a pool and no others.
func (r *Relaxation) Restrict(l *home.Limits, pool Pool) {
	r.limits = l
	r.model.CutRows(r.base)
	r.tallies, r.slots, r.devices = r.tallies[:0], r.slots[:0], r.devices[:0]
	for j, b := range r.defaults {
		r.model.SetBounds(j, b[0], b[1])
	}
	for i := range r.parts {
		r.parts[i].restrict(r, l, i)
	}
	for _, bar := range l.Levels {
		r.parts[bar.Device].bar(r, bar)
	}
	for t := range r.imp {
		if home.Is(l.NoImport, t) {
			r.model.SetBounds(r.imp[t], 0, 0)
		}
		if home.Is(l.NoExport, t) {
			r.model.SetBounds(r.exp[t], 0, 0)
		}
	}
	if r.peak >= 0 {
		low, high := r.model.Bounds(r.peak)
		r.model.SetBounds(r.peak, max(low, l.PeakLow), min(max(l.PeakHigh, low), high))
	}
	var terms []lp.Term
	for _, tally := range l.Counts {
		if r.parts[tally.Device].isAlways { // the program does not know when a battery is on
			r.tallies = append(r.tallies, -1)
			continue
		}
		terms = terms[:0]
		for t := range tally.Slot {
			terms = append(terms, r.parts[tally.Device].on[t]...)
		}
		low, high := -home.Infinite, float64(tally.Count)
		if tally.IsLeast {
			low, high = high, home.Infinite
		}
		r.tallies = append(r.tallies, r.model.Row(low, high, terms...))
	}
	for _, cut := range pool.Slots {
		r.AddSlot(cut)
	}
	for _, half := range pool.Devices {
		r.AddDevice(half)
	}
}

// restrict sets the bounds of a device's columns.
func (p *part) restrict(r *Relaxation, l *home.Limits, i int) {
	for k, column := range p.starts {
		start := p.at[k]
		if !l.MayRun[i] || start < l.Starts[i][0] || start >= l.Starts[i][1] {
			r.model.SetBounds(column, 0, 0)
		}
	}
	if p.choose >= 0 {
		low := 1.0
		if l.MayRest[i] || !l.MayRun[i] {
			low = 0
		}
		r.model.SetRow(p.choose, low, 1)
		return
	}
	for t := p.span[0]; t < p.span[1]; t++ {
		if home.Is(l.MustNot[i], t) {
			p.forbid(r, t)
		}
		if home.Is(l.Must[i], t) {
			p.force(r, t)
		}
	}
}

// bar leaves a device the powers of a slot on one side of a level that lies between its ranges, or at 0.
func (p *part) bar(r *Relaxation, bar home.Bar) {
	if bar.IsLeast {
		for _, g := range p.back[bar.Slot] {
			r.model.SetBounds(g.Column, 0, 0)
		}
		if bar.Power > 0 {
			p.force(r, bar.Slot)
		}
	} else if bar.Power == 0 {
		p.forbid(r, bar.Slot)
	}
	d, ok := r.h.Devices[bar.Device].(*respond.Store)
	if !ok || p.isAlways {
		return
	}
	for k, u := range p.on[bar.Slot] {
		if low, high := d.Ranges[k][0], d.Ranges[k][1]; bar.IsLeast && high < bar.Power || !bar.IsLeast && low > bar.Power {
			r.model.SetBounds(u.Column, 0, 0)
		}
	}
}

// AddSlot adds a cut of a slot.
func (r *Relaxation) AddSlot(cut bound.Cut) {
	t := cut.Slot
	terms := make([]lp.Term, 0, 16)
	if cut.Import != 0 {
		terms = append(terms, lp.Term{Column: r.imp[t], Value: cut.Import})
	}
	if cut.Export != 0 {
		terms = append(terms, lp.Term{Column: r.exp[t], Value: -cut.Export})
	}
	for _, term := range cut.Terms {
		p := &r.parts[term.Device]
		if term.Power != 0 {
			terms = scaled(terms, p.power[t], -term.Power)
		}
		if term.On != 0 {
			terms = scaled(terms, p.on[t], -term.On)
		}
		if term.Back != 0 {
			terms = scaled(terms, p.back[t], term.Back)
		}
	}
	r.slots = append(r.slots, slotRow{cut, r.model.Row(cut.Constant, home.Infinite, terms...)})
}

// AddDevice adds a half-space of a device.
func (r *Relaxation) AddDevice(half HalfSpace) {
	r.devices = append(r.devices, deviceRow{half, r.model.Row(half.Low, home.Infinite, half.Terms...)})
}

// Pool is the cuts that hold the last solution: those with a multiplier.
func (r *Relaxation) Pool() Pool {
	var pool Pool
	for _, s := range r.slots {
		if r.solution.Y[s.row] > 1e-7 {
			pool.Slots = append(pool.Slots, s.Cut)
		}
	}
	for _, d := range r.devices {
		if r.solution.Y[d.row] > 1e-5 {
			pool.Devices = append(pool.Devices, d.HalfSpace)
		}
	}
	return pool
}
