package relax

import (
	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/lp"
	"hearth/scheduler/internal/respond"
)

// The columns of what is switched: on in a slot (for each range of powers), and begins in a slot.

// interruptible has an on and a begin column for each slot of its window.
func (p *part) interruptible(r *Relaxation, d *respond.Interruptible) {
	for t := d.Earliest; t < d.LatestEnd; t++ {
		column := r.model.Column(0, 0, 1)
		p.power[t] = []lp.Term{{Column: column, Value: d.Power}}
		p.on[t] = []lp.Term{{Column: column, Value: 1}}
	}
	p.partly(r, d)
	p.begins(r, d.Switching, d.Earliest, d.LatestEnd)
}

// begins adds columns for beginning to run, where that costs or limits anything.
func (p *part) begins(r *Relaxation, s respond.Switching, from, to int) {
	p.switching, p.span = s, [2]int{from, to}
	if s.IsFree() {
		return
	}
	p.begin = make([]int, to-from)
	for k := range p.begin {
		p.begin[k] = r.model.Column(s.StartCost, 0, 1)
	}
}

func (p *part) interruptibleRows(r *Relaxation, d *respond.Interruptible) {
	var terms []lp.Term
	for t := d.Earliest; t < d.LatestEnd; t++ {
		if p.used == nil {
			terms = scaled(terms, p.on[t], float64(r.h.Steps.In(t)))
		} else {
			terms = scaled(terms, p.power[t], float64(r.h.Steps.In(t))/d.Power)
		}
	}
	r.model.Row(float64(d.Run), float64(d.Run), terms...)
	p.usedRows(r, d)
	p.switchingRows(r, false)
}

// switchingRows is the polytope of hold times (Rajan and Takriti, 2005), without the columns for stops: with
// on u and begin v,
//
//	v(t) >= u(t) - u(t-1),   sum of v over the last MinOn slots <= u(t),   sum of v over the last MinOff slots <= 1 - u(t-MinOff)
//
// Where slots hold several steps, the last slots are those that begin less than so many steps before slot t.
// A run that must end before the span does so many slots before its end begins no later than that.
func (p *part) switchingRows(r *Relaxation, mayBeCut bool) {
	if p.begin == nil {
		return
	}
	s, from, to, steps := p.switching, p.span[0], p.span[1], r.h.Steps
	wasOn := 0.0
	if s.OnFor > 0 && from == 0 {
		wasOn = 1
	}
	var terms []lp.Term
	begin := func(t int) lp.Term { return lp.Term{Column: p.begin[t-from], Value: 1} }
	for t := from; t < to; t++ {
		terms = negated(append(terms[:0], begin(t)), p.on[t])
		low := 0.0
		if t > from {
			terms = append(terms, p.on[t-1]...)
		} else {
			low = -wasOn
		}
		r.model.Row(low, home.Infinite, terms...) // v(t) - u(t) + u(t-1) >= 0
		if s.MinOn > 1 {
			terms = terms[:0]
			for k := max(steps.Since(t, s.MinOn), from); k <= t; k++ {
				terms = append(terms, begin(k))
			}
			r.model.Row(-home.Infinite, 0, negated(terms, p.on[t])...)
		} else {
			r.model.Row(-home.Infinite, 0, negated(append(terms[:0], begin(t)), p.on[t])...)
		}
		terms = terms[:0]
		since := steps.Since(t, s.MinOff)
		for k := max(since, from); k <= t; k++ {
			terms = append(terms, begin(k))
		}
		high := 1.0
		if before := since - 1; before >= from {
			terms = append(terms, p.on[before]...)
		} else if wasOn > 0 {
			high = 0 // it has been on in that slot of the past, or would have to have been off since
			if before < from-1 {
				high = 1
			}
		}
		r.model.Row(-home.Infinite, high, terms...)
		if !mayBeCut && steps.After(t, s.MinOn) > to {
			r.model.SetBounds(p.begin[t-from], 0, 0)
		}
	}
	if s.MaxStarts >= 0 {
		terms = terms[:0]
		for t := from; t < to; t++ {
			terms = append(terms, begin(t))
		}
		r.model.Row(-home.Infinite, float64(s.MaxStarts), terms...)
	}
}

// past fixes what the past leaves no choice in: a run that is too short goes on, a pause as well.
func (p *part) past(r *Relaxation) {
	s := p.switching
	for t := p.span[0]; t < p.span[1]; t++ {
		switch {
		case s.OnFor > 0 && p.span[0] == 0 && r.h.Steps.At(t) < s.MinOn-s.OnFor:
			p.force(r, t)
		case s.OffFor > 0 && r.h.Steps.At(t) < s.MinOff-s.OffFor:
			p.forbid(r, t)
		}
	}
}

// force has the device on in slot t. Where it has several ranges, that takes a row: one of them is on. The
// program does not know when a battery is on.
func (p *part) force(r *Relaxation, t int) {
	switch len(p.on[t]) {
	case 0:
	case 1:
		r.model.SetBounds(p.on[t][0].Column, 1, 1)
	default:
		r.model.Row(1, 1, p.on[t]...)
	}
}

// forbid has the device off in slot t.
func (p *part) forbid(r *Relaxation, t int) {
	for _, u := range p.on[t] {
		r.model.SetBounds(u.Column, 0, 0)
	}
	if p.isAlways {
		for _, u := range p.power[t] {
			r.model.SetBounds(u.Column, 0, 0)
		}
	}
}
