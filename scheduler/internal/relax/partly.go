package relax

import (
	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/lp"
	"hearth/scheduler/internal/respond"
)

// Of the last slot that an interruptible is on in, it may use a part. With u on in slot t, w on in part there,
// and e what is used less than the most that a part may be,
//
//	power = Power u - (Power - most) w - e,   w <= u,   e <= (most - least) w,   sum of w <= 1

// use is how a slot may be used in part.
type use struct {
	least, most float64 // kW, the mean power of the slot; 0: it is used whole or not at all
	isPart      int     // column w; -1: none
	less        int     // column e; -1: none
}

// partly adds the columns of slots used in part.
func (p *part) partly(r *Relaxation, d *respond.Interruptible) {
	parts := d.Parts()
	isAny := false
	for _, steps := range parts {
		isAny = isAny || steps[1] > 0
	}
	if !isAny {
		return
	}
	p.used = make([]use, len(parts))
	for k, steps := range parts {
		t := d.Earliest + k
		u := use{isPart: -1, less: -1}
		if steps[1] > 0 {
			u.least, u.most = d.PowerFor(t, steps[0]), d.PowerFor(t, steps[1])
			u.isPart = r.model.Column(0, 0, 1)
			p.power[t] = append(p.power[t], lp.Term{Column: u.isPart, Value: u.most - d.Power})
			if u.most > u.least {
				u.less = r.model.Column(0, 0, u.most-u.least)
				p.power[t] = append(p.power[t], lp.Term{Column: u.less, Value: -1})
			}
		}
		p.used[k] = u
	}
}

// usedRows ties those columns to being on.
func (p *part) usedRows(r *Relaxation, d *respond.Interruptible) {
	var once []lp.Term
	for k, u := range p.used {
		if u.isPart < 0 {
			continue
		}
		isPart := lp.Term{Column: u.isPart, Value: 1}
		once = append(once, isPart)
		r.model.Row(-home.Infinite, 0, isPart, lp.Term{Column: p.on[d.Earliest+k][0].Column, Value: -1})
		if u.less >= 0 {
			r.model.Row(-home.Infinite, 0, lp.Term{Column: u.less, Value: 1}, lp.Term{Column: u.isPart, Value: u.least - u.most})
		}
	}
	if len(once) > 0 {
		r.model.Row(-home.Infinite, 1, once...)
	}
}

// fixPart holds slot t to being used as it is at a power.
func (p *part) fixPart(r *Relaxation, t int, kW float64, d *respond.Interruptible) {
	if p.used == nil || p.used[t-d.Earliest].isPart < 0 {
		return
	}
	u := p.used[t-d.Earliest]
	isPart, less := 0.0, 0.0
	if kW > 0 && kW < (d.Power+u.most)/2 {
		isPart, less = 1, min(max(u.most-kW, 0), u.most-u.least)
	}
	r.model.SetBounds(u.isPart, isPart, isPart)
	if u.less >= 0 {
		r.model.SetBounds(u.less, less, less)
	}
}

// usable is the powers that an interruptible may have in a slot while it is on.
func (p *part) usable(d *respond.Interruptible, t int) [][2]float64 {
	whole := [2]float64{d.Power, d.Power}
	if p.used == nil || p.used[t-d.Earliest].isPart < 0 {
		return [][2]float64{whole}
	}
	return [][2]float64{{p.used[t-d.Earliest].least, p.used[t-d.Earliest].most}, whole}
}
