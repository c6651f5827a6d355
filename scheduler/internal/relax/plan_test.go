package relax

import (
	"pgregory.net/rapid"

	"hearth/scheduler/internal/hometest"
	"hearth/scheduler/internal/respond"
)

// point is the columns of a plan.
func (r *Relaxation) point(plan hometest.Plan) []float64 {
	x := make([]float64, r.model.Columns())
	for j := range x {
		if low, high := r.defaults[j][0], r.defaults[j][1]; low == high {
			x[j] = low
		}
	}
	for t, net := range plan.Net {
		x[r.imp[t]], x[r.exp[t]] = max(net, 0), max(-net, 0)
		if r.curt[t] >= 0 {
			x[r.curt[t]] = plan.Curt[t]
		}
	}
	if r.peak >= 0 {
		x[r.peak] = max(plan.Top, r.h.Peak.SoFar)
	}
	for i, d := range r.h.Devices {
		r.parts[i].point(x, d, plan.Power[i])
	}
	return x
}

func (p *part) point(x []float64, d respond.Device, power []float64) {
	switch d := d.(type) {
	case *respond.Shiftable:
		if k := startOf(d, power); k >= 0 {
			x[p.starts[k]] = 1
		}
	case *respond.Interruptible:
		for t := d.Earliest; t < d.LatestEnd; t++ {
			if power[t] > 0 {
				x[p.on[t][0].Column] = 1
				p.partPoint(x, d, t, power[t])
			}
		}
	case *respond.Store:
		p.storePoint(x, d, power)
	}
	wasOn := p.switching.OnFor > 0 && p.span[0] == 0
	for k, column := range p.begin {
		isOn := power[p.span[0]+k] > 0
		if isOn && !wasOn {
			x[column] = 1
		}
		wasOn = isOn
	}
}

// partPoint is the columns of a slot that may be used in part.
func (p *part) partPoint(x []float64, d *respond.Interruptible, t int, kW float64) {
	if p.used == nil || kW > d.Power-1e-9 {
		return
	}
	u := p.used[t-d.Earliest]
	x[u.isPart] = 1
	if u.less >= 0 {
		x[u.less] = u.most - kW
	}
}

func (p *part) storePoint(x []float64, d *respond.Store, power []float64) {
	stored := d.Initial
	for t := d.From; t < d.To; t++ {
		stored = d.Keeps(t)*stored + d.Gain[t]*max(power[t], 0) + d.Spills(t)*min(power[t], 0)
		if d.Draw != nil {
			stored -= d.Draw[t]
		}
		if !p.isSimple {
			x[p.stored[t-d.From]] = stored
		}
		if power[t] < 0 {
			x[p.back[t][0].Column] = -power[t]
		}
		if power[t] <= 0 {
			continue
		}
		if d.AlwaysOn {
			x[p.power[t][0].Column] = power[t]
			continue
		}
		band := within(d.Ranges, power[t])
		on := p.on[t][band].Column
		x[on] = 1
		for _, pair := range p.above {
			if pair[0] == on {
				x[pair[1]] = power[t] - d.Ranges[band][0]
			}
		}
	}
}

// dice draws by rapid.
type dice struct{ *rapid.T }

func (d dice) Int(label string, least, most int) int {
	return rapid.IntRange(least, most).Draw(d.T, label)
}
