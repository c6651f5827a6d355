package bound

import (
	"math"

	"hearth/scheduler/internal/home"
	"hearth/scheduler/internal/respond"
	"hearth/scheduler/internal/supply"
)

// Plans are listed one by one and priced in a way of their own.

// behaviour is what a device may do, and what it costs beside energy.
type behaviour struct {
	row  []float64
	cost float64
}

// behaviours are all that a device may do; of one with a choice of powers, those with a few of them.
func behaviours(d respond.Device) (out []behaviour) {
	switch d := d.(type) {
	case *respond.Shiftable:
		if d.Optional {
			out = append(out, behaviour{make([]float64, slots), 0})
		}
		for s := d.Earliest; s+len(d.Profile) <= d.LatestEnd; s++ {
			row := make([]float64, slots)
			copy(row[s:], d.Profile)
			out = append(out, behaviour{row, -d.Value})
		}
	case *respond.Interruptible:
		for row := range rows([]float64{0, d.Power}, d.Earliest, d.LatestEnd) {
			if cost, ok := switching(d.Switching, row, false); ok && ons(row) == d.Run {
				out = append(out, behaviour{row, cost})
			}
		}
	case *respond.Store:
		for row := range rows(levels(d), d.From, d.To) {
			if cost, ok := storing(d, row); ok {
				out = append(out, behaviour{row, cost})
			}
		}
	}
	return out
}

// levels are some powers of a store: those between which its costs are straight.
func levels(d *respond.Store) []float64 {
	if d.AlwaysOn {
		return []float64{-1.6, -0.8, 0, 1, 2} // each moves half or all of what a slot can
	}
	out := []float64{0}
	for _, r := range d.Ranges {
		if out = append(out, max(r[0], 0.25)); r[1] > r[0] {
			out = append(out, r[1])
		}
	}
	if d.Back > 0 {
		out = append(out, -d.Back)
	}
	return out
}

// rows yields every row of powers out of levels, in memory of its own, that is 0 outside [from, to).
func rows(levels []float64, from, to int) func(yield func([]float64) bool) {
	return func(yield func([]float64) bool) {
		choice := make([]int, slots)
		for {
			row := make([]float64, slots)
			for s := from; s < to; s++ {
				row[s] = levels[choice[s]]
			}
			if !yield(row) {
				return
			}
			s := from
			for ; s < to && choice[s] == len(levels)-1; s++ {
				choice[s] = 0
			}
			if s == to {
				return
			}
			choice[s]++
		}
	}
}

// ons is the number of slots in which a row is on.
func ons(row []float64) (n int) {
	for _, kW := range row {
		if kW > 0 {
			n++
		}
	}
	return n
}

// switching is what starts cost; false when a hold time or the number of starts is not kept.
func switching(s respond.Switching, row []float64, mayBeCut bool) (cost float64, ok bool) {
	isOn, length, starts := s.OnFor > 0, max(s.OnFor, s.OffFor), 0
	if s.OnFor+s.OffFor == 0 {
		length = slots + s.MinOff // long enough
	}
	for _, kW := range row {
		if on := kW > 0; on != isOn {
			if isOn && length < s.MinOn || on && length < s.MinOff {
				return 0, false
			}
			if on {
				starts++
			}
			isOn, length = on, 0
		}
		length++
	}
	if isOn && length < s.MinOn && !mayBeCut {
		return 0, false
	}
	return float64(starts) * s.StartCost, s.MaxStarts < 0 || starts <= s.MaxStarts
}

// storing is what a store costs beside energy; false when its band, its requirement or its switching is not kept.
func storing(d *respond.Store, row []float64) (cost float64, ok bool) {
	const slip = 1e-6
	stored := d.Initial
	for s := d.From; s < d.To; s++ {
		stored = d.Keep*stored + d.Gain[s]*max(row[s], 0) + d.Spill*min(row[s], 0)
		if d.Draw != nil {
			stored -= d.Draw[s]
		}
		if stored < d.Low-slip || stored > d.High+slip {
			return 0, false
		}
		cost += d.BackCost * max(-row[s], 0)
	}
	cost -= d.Worth * stored
	if stored < d.Required-slip {
		return 0, false
	}
	if d.AlwaysOn {
		return cost, true
	}
	switched, ok := switching(d.Switching, row, true)
	return cost + switched, ok
}

// plan is a plan that violates nothing.
type plan struct {
	power     [][]float64
	net, curt []float64 // kW of each slot: import less export, and what is curtailed
	top       float64   // the highest mean import of a block that counts
	own, cost float64   // of the devices beside energy, and of everything
}

// plans yields plans that keep to decisions: all combinations of behaviours, each with the cheapest flows
// under no cap and under others.
func plans(h *home.Home, decisions []home.Decision) func(yield func(plan) bool) {
	lists := make([][]behaviour, len(h.Devices))
	for i, d := range h.Devices {
		lists[i] = thin(behaviours(d), []int{800, 60, 24}[len(h.Devices)-1])
	}
	caps := []float64{math.Inf(1), h.Peak.SoFar}
	for _, d := range decisions {
		if d.Kind == home.Peak && !d.IsSecond {
			caps = append(caps, d.Power)
		}
	}
	return func(yield func(plan) bool) {
		power := make([][]float64, len(h.Devices))
		var choose func(i int, cost float64) bool
		choose = func(i int, cost float64) bool {
			if i == len(power) {
				for _, most := range caps {
					p := plan{power: power, own: cost, cost: cost}
					if p.flow(h, decisions, most) && p.keepsAll(decisions) && !yield(p) {
						return false
					}
				}
				return true
			}
			for _, b := range lists[i] {
				if power[i] = b.row; !choose(i+1, cost+b.cost) {
					return false
				}
			}
			return true
		}
		choose(0, 0)
	}
}

// thin leaves out behaviours where there are too many.
func thin(all []behaviour, most int) []behaviour {
	if len(all) <= most {
		return all
	}
	var out []behaviour
	for k := range most {
		out = append(out, all[k*len(all)/most])
	}
	return out
}

// flow lets a plan trade as cheaply as it can with at most so much import, and adds what that costs. It is false
// when a limit of the home stands against it.
func (p *plan) flow(h *home.Home, decisions []home.Decision, most float64) bool {
	for _, c := range h.Circuits {
		for s := range slots {
			load := 0.0
			for _, i := range c.Devices {
				load += max(p.power[i][s], 0)
			}
			if load > c.Limit+1e-9 {
				return false
			}
		}
	}
	p.net, p.curt = make([]float64, slots), make([]float64, slots)
	for s, slot := range h.Slots {
		need := h.Need[s]
		for _, row := range p.power {
			need += row[s]
		}
		low, high := max(need, -slot.ExportLimit), min(need+slot.Curtailable, slot.ImportLimit, most)
		for _, d := range decisions {
			if d.Kind == home.Flow && d.Slot == s && d.IsSecond {
				low = max(low, 0)
			} else if d.Kind == home.Flow && d.Slot == s {
				high = min(high, 0)
			}
		}
		if low > high+1e-9 {
			return false
		}
		p.net[s] = low
		for _, net := range []float64{min(max(0, low), high), high} {
			if trade(slot, net) < trade(slot, p.net[s]) {
				p.net[s] = net
			}
		}
		p.curt[s] = p.net[s] - need
		p.cost += trade(slot, p.net[s])
	}
	for _, b := range h.Peak.Blocks {
		sum := 0.0
		for s := b[0]; s < b[1]; s++ {
			sum += max(p.net[s], 0)
		}
		p.top = max(p.top, sum/float64(b[1]-b[0]))
	}
	p.cost += h.Peak.Price * max(p.top-h.Peak.SoFar, 0)
	return true
}

func trade(s supply.Slot, net float64) float64 {
	return s.Hours * (s.Buy*max(net, 0) + s.Sell*min(net, 0))
}

func (p *plan) keepsAll(decisions []home.Decision) bool {
	for _, d := range decisions {
		if !p.keeps(d) {
			return false
		}
	}
	return true
}

// keeps says that a plan is on a decision's side.
func (p *plan) keeps(d home.Decision) bool {
	switch {
	case d.Kind == home.Flow && d.IsSecond:
		return p.net[d.Slot] >= -slip
	case d.Kind == home.Flow:
		return p.net[d.Slot] <= slip
	case d.Kind == home.Peak && d.IsSecond:
		return p.top >= d.Power-slip
	case d.Kind == home.Peak:
		return p.top <= d.Power+slip
	}
	return rowKeeps(p.power[d.Device], d)
}

// rowKeeps says that what a device does is on a decision's side; where the decision is not about it, it is.
func rowKeeps(row []float64, d home.Decision) bool {
	begin := 0
	for begin < len(row) && row[begin] <= 0 {
		begin++
	}
	switch d.Kind {
	case home.On:
		return row[d.Slot] > 0 == d.IsSecond
	case home.Start:
		return (begin < len(row) && begin >= d.Slot) == d.IsSecond
	case home.Run:
		return begin < len(row) == d.IsSecond
	case home.Count:
		return ons(row[:d.Slot]) > d.Count == d.IsSecond
	case home.Level:
		if d.IsSecond {
			return row[d.Slot] >= d.Power-slip
		}
		return row[d.Slot] <= d.Power+slip
	}
	return true
}
