package relax

import (
	"math"
	"slices"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/lp"
	"hearth/scheduler/internal/respond"
)

// store has, for each slot of its span, an on column and one for what it takes beyond the least of each range
// of powers, a column for what it gives back, and one for what is stored after the slot.
func (p *part) store(r *Relaxation, d *respond.Store) {
	p.isAlways = d.AlwaysOn
	for t := d.From; t < d.To; t++ {
		for _, band := range d.Ranges {
			p.take(r, t, band, d.AlwaysOn)
		}
		if d.Back > 0 {
			column := r.model.Column(d.BackCosts(t), 0, d.Back)
			p.back[t] = []lp.Term{{Column: column, Value: 1}}
		}
	}
	p.begins(r, d.Switching, d.From, d.To)
	if d.AlwaysOn {
		p.begin = nil
	}
	if p.isSimple = isSimple(d); p.isSimple {
		return
	}
	p.stored = make([]int, d.To-d.From)
	low, high := d.Low, d.High
	for k := range p.stored {
		cost := 0.0
		if k == len(p.stored)-1 {
			cost = -d.Worth
			low = min(max(low, d.Required), high)
		}
		p.stored[k] = r.model.Column(cost, low, high)
	}
}

// take adds the columns of one range of powers in a slot.
func (p *part) take(r *Relaxation, t int, band [2]float64, isAlways bool) {
	if isAlways {
		column := r.model.Column(0, 0, band[1])
		p.power[t] = append(p.power[t], lp.Term{Column: column, Value: 1})
		return
	}
	on := r.model.Column(0, 0, 1)
	p.on[t] = append(p.on[t], lp.Term{Column: on, Value: 1})
	p.power[t] = append(p.power[t], lp.Term{Column: on, Value: band[0]})
	if band[1] > band[0] {
		above := r.model.Column(0, 0, band[1]-band[0])
		p.power[t] = append(p.power[t], lp.Term{Column: above, Value: 1})
		p.above = append(p.above, [2]int{on, above})
	}
}

// isSimple says that only the sum of what a store takes matters: nothing is lost, drawn or given back, and
// its band allows any order.
func isSimple(d *respond.Store) bool {
	return d.Keep == 1 && d.Draw == nil && d.Back == 0 && d.Worth == 0 && d.Low <= d.Initial
}

func (p *part) storeRows(r *Relaxation, d *respond.Store) {
	for _, pair := range p.above {
		_, most := r.model.Bounds(pair[1])
		r.model.Row(-home.Infinite, 0, lp.Term{Column: pair[1], Value: 1}, lp.Term{Column: pair[0], Value: -most})
	}
	for t := d.From; t < d.To; t++ {
		p.eitherWay(r, t, d)
	}
	p.switchingRows(r, true)
	if p.isSimple {
		var terms []lp.Term
		for t := d.From; t < d.To; t++ {
			terms = scaled(terms, p.power[t], d.Gain[t])
		}
		r.model.Row(max(d.Required-d.Initial, math.Inf(-1)), d.High-d.Initial, terms...)
		return
	}
	var terms []lp.Term
	for t := d.From; t < d.To; t++ {
		k := t - d.From
		terms = append(terms[:0], lp.Term{Column: p.stored[k], Value: 1})
		right := 0.0
		if d.Draw != nil {
			right = -d.Draw[t]
		}
		if k > 0 {
			terms = append(terms, lp.Term{Column: p.stored[k-1], Value: -d.Keeps(t)})
		} else {
			right += d.Keeps(t) * d.Initial
		}
		terms = scaled(terms, p.power[t], -d.Gain[t])
		terms = scaled(terms, p.back[t], d.Spills(t))
		r.model.Row(right, right, terms...)
	}
}

// eitherWay has a store be on in one range, or give back, but no two of it. A battery does both only to waste energy,
// which is worth a row where that is paid for.
func (p *part) eitherWay(r *Relaxation, t int, d *respond.Store) {
	terms := slices.Clone(p.on[t])
	if d.Back > 0 {
		terms = scaled(terms, p.back[t], 1/d.Back)
	}
	if _, most := d.Reach(); d.AlwaysOn && most > 0 && min(r.h.Slots[t].Buy, r.h.Slots[t].Sell) < 0 {
		terms = scaled(terms, p.power[t], 1/most)
	}
	if len(terms) > 1 {
		r.model.Row(-home.Infinite, 1, terms...)
	}
}

func scaled(dst, terms []lp.Term, by float64) []lp.Term {
	for _, t := range terms {
		dst = append(dst, lp.Term{Column: t.Column, Value: t.Value * by})
	}
	return dst
}
