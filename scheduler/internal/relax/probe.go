package relax

import (
	"context"
	"math"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/lp"
	"hearth/scheduler/internal/respond"
	"hearth/scheduler/internal/simplex"
)

// Prober tells what decisions would do to the bound of the program, one after the other, each from the same
// basis: a dual simplex needs a few steps for that, where the interior point would begin anew.
type Prober struct {
	r     *Relaxation
	solve simplex.Solver
	basis simplex.Basis
	rows  int
}

// Largest is the number of rows up to which probing pays: beyond, the first basis costs too much.
const Largest = 6000

// Rows of the program as it stands.
func (r *Relaxation) Rows() int { return r.model.Rows() }

// Prober is one for the program as it is restricted now; false when ctx has ended or it came to no basis.
func (r *Relaxation) Prober(ctx context.Context) (*Prober, bool) {
	r.prober.r, r.prober.rows = r, r.model.Rows()
	s := &r.prober.solve
	s.Load(&r.model)
	result := s.Solve(ctx, simplex.Options{Cutoff: math.Inf(1)})
	r.prober.basis = s.Basis()
	return &r.prober, result.Status == simplex.Optimal && ctx.Err() == nil
}

// Bound is that of the program with one decision more, or any value between cutoff and that.
func (p *Prober) Bound(ctx context.Context, d home.Decision, cutoff float64) float64 {
	p.apply(d)
	bound := p.solve.Solve(ctx, simplex.Options{Cutoff: cutoff}).Bound
	p.revert()
	return bound
}

// apply puts the program under a decision.
func (p *Prober) apply(d home.Decision) {
	r := p.r
	limit := func(column int, low, high float64) {
		l, h := r.model.Bounds(column)
		p.solve.SetBounds(column, max(l, low), min(h, high))
	}
	off := func(column int) { limit(column, 0, 0) }
	part := &r.parts[d.Device]
	switch d.Kind {
	case home.On:
		p.switched(d, part)
	case home.Start:
		for k, column := range part.starts {
			if start := part.at[k]; start < d.Slot == d.IsSecond {
				off(column)
			}
		}
		if d.IsSecond {
			p.solve.SetRow(part.choose, 1, 1)
		}
	case home.Run:
		if d.IsSecond {
			p.solve.SetRow(part.choose, 1, 1)
			return
		}
		for _, column := range part.starts {
			off(column)
		}
	case home.Count:
		p.count(d, part)
	case home.Level:
		p.level(d, part)
	case home.Flow:
		if d.IsSecond {
			off(r.exp[d.Slot])
		} else {
			off(r.imp[d.Slot])
		}
	case home.Peak:
		switch {
		case r.peak < 0: // it costs nothing
		case d.IsSecond:
			limit(r.peak, d.Power, math.Inf(1))
		default:
			limit(r.peak, math.Inf(-1), d.Power)
		}
	}
}

// switched has a device on or off in a slot. The program does not know when a battery is on.
func (p *Prober) switched(d home.Decision, part *part) {
	switch {
	case !d.IsSecond && part.isAlways:
		p.off(part.power[d.Slot])
	case !d.IsSecond:
		p.off(part.on[d.Slot])
	case len(part.on[d.Slot]) > 0:
		p.solve.AddRow(1, 1, part.on[d.Slot]...)
	}
}

// off takes all that columns could be.
func (p *Prober) off(terms []lp.Term) {
	for _, t := range terms {
		p.solve.SetBounds(t.Column, 0, 0)
	}
}

func (p *Prober) count(d home.Decision, part *part) {
	if part.isAlways {
		return
	}
	var terms []lp.Term
	for t := range d.Slot {
		terms = append(terms, part.on[t]...)
	}
	if d.IsSecond {
		p.solve.AddRow(float64(d.Count+1), math.Inf(1), terms...)
		return
	}
	p.solve.AddRow(math.Inf(-1), float64(d.Count), terms...)
}

func (p *Prober) level(d home.Decision, part *part) {
	if d.IsSecond {
		p.off(part.back[d.Slot])
	}
	if part.isAlways {
		if !d.IsSecond && d.Power == 0 {
			p.off(part.power[d.Slot])
		}
		return
	}
	ranges := p.r.h.Devices[d.Device].(*respond.Store).Ranges
	for k, u := range part.on[d.Slot] {
		if d.IsSecond && ranges[k][1] < d.Power || !d.IsSecond && (ranges[k][0] > d.Power || d.Power == 0) {
			p.off([]lp.Term{u})
		}
	}
	if d.IsSecond && d.Power > 0 && len(part.on[d.Slot]) > 0 {
		p.solve.AddRow(1, 1, part.on[d.Slot]...)
	}
}

// revert goes back to the program and the basis that all decisions begin from.
func (p *Prober) revert() {
	p.solve.DropRows(func(row int) bool { return row >= p.rows })
	for j := range p.r.model.Columns() {
		low, high := p.r.model.Bounds(j)
		p.solve.SetBounds(j, low, high)
	}
	for i := range p.r.parts {
		if row := p.r.parts[i].choose; row >= 0 {
			low, high := p.r.model.RowBounds(row)
			p.solve.SetRow(row, low, high)
		}
	}
	p.solve.Use(p.basis)
}
