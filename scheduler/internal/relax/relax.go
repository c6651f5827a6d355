// Package relax is the linear program behind a home: every plan is one of its points, but it also has points
// that are no plan, in which devices run by halves. Its optimum is a bound, its multipliers are prices for
// what devices share, and cuts take away points that are no plan.
//
// Two families of cuts are made. What devices can do together in one slot is the convex hull of a few points
// (package hull). What one device can do over all slots is bounded at given prices by its exact answer
// (package bound): a half-space in which all its behaviours lie. Together they come near to the best bound that
// looks at devices and slots one by one.
//
// Columns and rows are in kW, kWh and money.
package relax

import (
	"hearth/scheduler/internal/bound"
	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/hull"
	"hearth/scheduler/internal/lp"
	"hearth/scheduler/internal/respond"
)

// Relaxation is the linear program of a home under limits.
type Relaxation struct {
	h       *home.Home
	bounder *bound.Bounder
	model   lp.Model
	solver  lp.Solver

	imp, exp, curt []int   // columns of each slot; curt -1: none
	short, spill   []int   // columns of need beyond the limits of import and export; -1: none
	peak           int     // column; -1: none
	balance        []int   // row of each slot
	blocks         []int   // row of each block
	circuits       [][]int // rows; -1: cannot bind
	shared         int     // rows up to here are shared, then come the devices' own
	base           int     // rows up to here are the plain relaxation
	parts          []part

	defaults [][2]float64 // bounds of the columns without limits
	limits   *home.Limits
	tallies  []int // rows of the limits' tallies
	slots    []slotRow
	devices  []deviceRow
	solution *lp.Solution
	prober   Prober

	hulls     hull.Separator
	hullParts []hull.Part
	inSlot    []int // the devices of hullParts
}

// part is the columns of one device, and how its behaviour is read from them.
type part struct {
	from, to        int         // columns
	power, on, back [][]lp.Term // of each slot: kW consumed, 1 when on, kW given back
	isAlways        bool        // has no on-indicator

	choose int   // row by which a shiftable begins once; -1
	starts []int // columns of a shiftable's starts
	at     []int // and the steps of these

	switching respond.Switching
	span      [2]int   // slots in which it may act
	begin     []int    // columns, of each slot of the span; nil: beginning costs and limits nothing
	used      []use    // of each slot of the span of an interruptible; nil: only whole slots
	above     [][2]int // on columns with those of the power beyond the least
	stored    []int    // columns, of each slot of the span
	isSimple  bool     // no stored columns
}

// slotRow is a cut of a slot and its row.
type slotRow struct {
	bound.Cut
	row int
}

// deviceRow is a half-space and its row.
type deviceRow struct {
	HalfSpace
	row int
}

// New is the plain relaxation of a home.
func New(h *home.Home, b *bound.Bounder) *Relaxation {
	r := &Relaxation{h: h, bounder: b, peak: -1, parts: make([]part, len(h.Devices))}
	r.flows()
	for i, d := range h.Devices {
		r.parts[i].columns(r, d)
	}
	r.share()
	r.shared = r.model.Rows()
	for i, d := range h.Devices {
		r.parts[i].rows(r, d)
	}
	for i := range r.parts {
		r.parts[i].past(r)
	}
	r.base = r.model.Rows()
	for j := range r.model.Columns() {
		low, high := r.model.Bounds(j)
		r.defaults = append(r.defaults, [2]float64{low, high})
	}
	return r
}

// flows adds the columns of import, export and curtailment, and of the peak.
func (r *Relaxation) flows() {
	imp, exp := r.bounder.Flows()
	least, most := r.h.Reach()
	for t, s := range r.h.Slots {
		r.imp = append(r.imp, r.model.Column(s.Buy*s.Hours, 0, imp[t]))
		r.exp = append(r.exp, r.model.Column(-s.Sell*s.Hours, 0, exp[t]))
		curt := -1
		if s.Curtailable > 0 {
			curt = r.model.Column(0, 0, s.Curtailable)
		}
		r.curt = append(r.curt, curt)
		r.lean(t, least[t], most[t])
	}
	if k := r.h.Peak; k.Price > 0 && len(k.Blocks) > 0 {
		r.peak = r.model.Column(k.Price, k.SoFar, r.highest())
		r.model.Column(-k.Price*k.SoFar, 1, 1) // what is paid already
	}
}

// lean adds columns for need beyond the limits of a slot, where it may come to that, at a price far above all
// others. Without them a program that nothing satisfies would have no multipliers that say so.
func (r *Relaxation) lean(t int, least, most float64) {
	s := r.h.Slots[t]
	isLimited := r.h.Peak.Price > 0 || s.Sell > s.Buy // by decisions
	short, spill := -1, -1
	if beyond := most + s.Curtailable; beyond > 0 && (isLimited || most > s.ImportLimit) {
		short = r.model.Column(r.h.Penalty*s.Hours, 0, beyond)
	}
	if least < 0 && (isLimited || least < -s.ExportLimit) {
		spill = r.model.Column(r.h.Penalty*s.Hours, 0, -least)
	}
	r.short, r.spill = append(r.short, short), append(r.spill, spill)
}

// highest is a level that no peak exceeds.
func (r *Relaxation) highest() float64 {
	imp, _ := r.bounder.Flows()
	most := r.h.Peak.SoFar
	for _, v := range imp {
		most = max(most, v)
	}
	return most + 1
}

// share adds the rows of what devices share.
func (r *Relaxation) share() {
	imp, exp := r.bounder.Flows()
	var terms []lp.Term
	for t := range r.h.Slots {
		terms = append(terms[:0], lp.Term{Column: r.imp[t], Value: 1}, lp.Term{Column: r.exp[t], Value: -1})
		if r.curt[t] >= 0 {
			terms = append(terms, lp.Term{Column: r.curt[t], Value: -1})
		}
		if r.short[t] >= 0 {
			terms = append(terms, lp.Term{Column: r.short[t], Value: 1})
		}
		if r.spill[t] >= 0 {
			terms = append(terms, lp.Term{Column: r.spill[t], Value: -1})
		}
		for i := range r.parts {
			terms = negated(terms, r.parts[i].power[t])
			terms = append(terms, r.parts[i].back[t]...)
		}
		r.balance = append(r.balance, r.model.Row(r.h.Need[t], r.h.Need[t], terms...))
	}
	if r.peak >= 0 {
		for _, b := range r.h.Peak.Blocks {
			terms = terms[:0]
			for t := b[0]; t < b[1]; t++ {
				terms = append(terms, lp.Term{Column: r.imp[t], Value: r.h.Peak.Weight(b, t)})
			}
			terms = append(terms, lp.Term{Column: r.peak, Value: -1})
			r.blocks = append(r.blocks, r.model.Row(-home.Infinite, 0, terms...))
		}
	}
	for _, c := range r.h.Circuits {
		rows := make([]int, len(r.h.Slots))
		for t := range rows {
			terms, rows[t] = terms[:0], -1
			most := 0.0
			for _, i := range c.Devices {
				terms = append(terms, r.parts[i].power[t]...)
				if len(r.parts[i].power[t]) > 0 {
					_, high := r.h.Devices[i].Reach()
					most += high
				}
			}
			if most > c.Limit {
				over := r.model.Column(r.h.Penalty*r.h.Slots[t].Hours, 0, most-c.Limit)
				terms = append(terms, lp.Term{Column: over, Value: -1})
				rows[t] = r.model.Row(-home.Infinite, c.Limit, terms...)
			}
		}
		r.circuits = append(r.circuits, rows)
	}
	for t, s := range r.h.Slots { // where selling pays more than buying costs, not both at once
		if s.Sell > s.Buy && imp[t] > 0 && exp[t] > 0 {
			r.model.Row(-home.Infinite, 1, lp.Term{Column: r.imp[t], Value: 1 / imp[t]}, lp.Term{Column: r.exp[t], Value: 1 / exp[t]})
		}
	}
}

func negated(dst, terms []lp.Term) []lp.Term {
	for _, t := range terms {
		dst = append(dst, lp.Term{Column: t.Column, Value: -t.Value})
	}
	return dst
}

// columns adds the columns of a device.
func (p *part) columns(r *Relaxation, d respond.Device) {
	n := len(r.h.Slots)
	p.power, p.on, p.back = make([][]lp.Term, n), make([][]lp.Term, n), make([][]lp.Term, n)
	p.from, p.choose = r.model.Columns(), -1
	switch d := d.(type) {
	case *respond.Shiftable:
		p.shiftable(r, d)
	case *respond.Interruptible:
		p.interruptible(r, d)
	case *respond.Store:
		p.store(r, d)
	}
	p.to = r.model.Columns()
}

// rows adds the rows of a device.
func (p *part) rows(r *Relaxation, d respond.Device) {
	switch d := d.(type) {
	case *respond.Shiftable:
		terms := make([]lp.Term, len(p.starts))
		for k, column := range p.starts {
			terms[k] = lp.Term{Column: column, Value: 1}
		}
		low := 1.0
		if d.Optional {
			low = 0
		}
		p.choose = r.model.Row(low, 1, terms...)
	case *respond.Interruptible:
		p.interruptibleRows(r, d)
	case *respond.Store:
		p.storeRows(r, d)
	}
}

// shiftable has a column for each start.
func (p *part) shiftable(r *Relaxation, d *respond.Shiftable) {
	cost := 0.0
	if d.Optional {
		cost = -d.Value
	}
	for k := range d.Starts() {
		run, column := d.Run(k), r.model.Column(cost, 0, 1)
		p.starts, p.at = append(p.starts, column), append(p.at, run.Step)
		for k, kW := range run.Power {
			if t := run.Slot + k; kW > 0 {
				p.power[t] = append(p.power[t], lp.Term{Column: column, Value: kW})
				p.on[t] = append(p.on[t], lp.Term{Column: column, Value: 1})
			}
		}
	}
}
