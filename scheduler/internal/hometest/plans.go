package hometest

import (
	"math"
	"slices"

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
func behaviours(steps respond.Steps, d respond.Device) (out []behaviour) {
	switch d := d.(type) {
	case *respond.Shiftable:
		if d.Optional {
			out = append(out, behaviour{make([]float64, Slots), 0})
		}
		for s := d.Earliest; s+len(d.Profile) <= d.LatestEnd; s++ {
			if row, ok := placed(steps, d.Profile, s, s+len(d.Profile) == d.LatestEnd); ok {
				out = append(out, behaviour{row, -d.Value})
			}
		}
	case *respond.Interruptible:
		all := func(s int) (out []float64) {
			for used := range steps.In(s) + 1 {
				out = append(out, d.Power*float64(used)/float64(steps.In(s)))
			}
			return out
		}
		for row := range rows(all, d.Earliest, d.LatestEnd) {
			if cost, ok := running(d, row); ok {
				out = append(out, behaviour{row, cost})
			}
		}
	case *respond.Store:
		for row := range rows(func(int) []float64 { return levels(d) }, d.From, d.To) {
			if cost, ok := storing(d, row); ok {
				out = append(out, behaviour{row, cost})
			}
		}
	}
	return out
}

// placed is the mean power in each slot of a profile that begins in a step; false when it may not begin there.
func placed(steps respond.Steps, profile []float64, step int, isLast bool) (row []float64, ok bool) {
	row = make([]float64, Slots)
	for s := range Slots {
		ok = ok || steps.At(s) == step || isLast
		for k := steps.At(s); k < steps.At(s+1); k++ {
			if k >= step && k < step+len(profile) {
				row[s] += profile[k-step] / float64(steps.In(s))
			}
		}
	}
	return row, ok
}

// running is what the starts of an interruptible cost; false when it does not run for just its steps, whole
// slots but for the last, or its switching is not kept.
func running(d *respond.Interruptible, row []float64) (cost float64, ok bool) {
	sum, isPart := 0, false
	lengths := make([]int, len(row))
	for s, kW := range row {
		lengths[s] = d.Steps.In(s)
		if kW == 0 {
			continue
		}
		used := int(math.Round(kW / d.Power * float64(d.Steps.In(s))))
		if isPart || math.Abs(kW-d.Power*float64(used)/float64(d.Steps.In(s))) > near {
			return 0, false
		}
		lengths[s], isPart = used, used < d.Steps.In(s)
		sum += used
	}
	if sum != d.Run {
		return 0, false
	}
	return switching(d.Switching, row, lengths, false)
}

// levels are some powers of a store: those between which its costs are straight.
func levels(d *respond.Store) []float64 {
	if d.AlwaysOn {
		return []float64{-1.6, -0.8, 0, 1, 2} // each moves half or all of what a slot can
	}
	out := []float64{0}
	for _, r := range d.Ranges {
		if out = append(out, r[0]); r[1] > r[0] {
			out = append(out, r[1])
		}
	}
	if d.Back > 0 {
		out = append(out, -d.Back)
	}
	return out
}

// rows yields every row of powers out of each slot's levels, in memory of its own, that is 0 outside [from, to).
func rows(levels func(s int) []float64, from, to int) func(yield func([]float64) bool) {
	return func(yield func([]float64) bool) {
		choice := make([]int, Slots)
		for {
			row := make([]float64, Slots)
			for s := from; s < to; s++ {
				row[s] = levels(s)[choice[s]]
			}
			if !yield(row) {
				return
			}
			s := from
			for ; s < to && choice[s] == len(levels(s))-1; s++ {
				choice[s] = 0
			}
			if s == to {
				return
			}
			choice[s]++
		}
	}
}

// ons is the number of Slots in which a row is on.
func ons(row []float64) (n int) {
	for _, kW := range row {
		if kW > 0 {
			n++
		}
	}
	return n
}

// switching is what starts cost in a row of slots of so many steps; false when a hold time or the number of starts is not kept.
func switching(s respond.Switching, row []float64, steps []int, mayBeCut bool) (cost float64, ok bool) {
	isOn, length, starts := s.OnFor > 0, max(s.OnFor, s.OffFor), 0
	if s.OnFor+s.OffFor == 0 {
		length = s.MinOff // long enough
	}
	for t, kW := range row {
		if on := kW > 0; on != isOn {
			if isOn && length < s.MinOn || on && length < s.MinOff {
				return 0, false
			}
			if on {
				starts++
			}
			isOn, length = on, 0
		}
		length += steps[t]
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
		n := float64(d.Steps.In(s))
		stored = math.Pow(d.Keep, n)*stored + d.Gain[s]*max(row[s], 0) + n*d.Spill*min(row[s], 0)
		if d.Draw != nil {
			stored -= d.Draw[s]
		}
		if stored < d.Low-slip || stored > d.High+slip {
			return 0, false
		}
		cost += n * d.BackCost * max(-row[s], 0)
	}
	cost -= d.Worth * stored
	if stored < d.Required-slip {
		return 0, false
	}
	if d.AlwaysOn {
		return cost, true
	}
	lengths := make([]int, len(row))
	for s := range row {
		lengths[s] = d.Steps.In(s)
	}
	switched, ok := switching(d.Switching, row, lengths, true)
	return cost + switched, ok
}

// Plan is a plan that violates nothing.
type Plan struct {
	Power     [][]float64
	Net, Curt []float64 // kW of each slot: import less export, and what is curtailed
	Top       float64   // the highest mean import of a block that counts
	Own, Cost float64   // of the devices beside energy, and of everything
	Devices   []respond.Device
}

// Plans yields plans that keep to decisions: all combinations of behaviours, each with the cheapest flows
// under no cap and under others.
func Plans(h *home.Home, decisions []home.Decision) func(yield func(Plan) bool) {
	lists := make([][]behaviour, len(h.Devices))
	for i, d := range h.Devices {
		lists[i] = thin(behaviours(h.Steps, d), []int{800, 60, 24}[len(h.Devices)-1])
	}
	caps := []float64{math.Inf(1), h.Peak.SoFar}
	for _, d := range decisions {
		if d.Kind == home.Peak && !d.IsSecond {
			caps = append(caps, d.Power)
		}
	}
	return func(yield func(Plan) bool) {
		power := make([][]float64, len(h.Devices))
		var choose func(i int, cost float64) bool
		choose = func(i int, cost float64) bool {
			if i == len(power) {
				for _, most := range caps {
					p := Plan{Power: power, Own: cost, Cost: cost, Devices: h.Devices}
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
func (p *Plan) flow(h *home.Home, decisions []home.Decision, most float64) bool {
	for _, c := range h.Circuits {
		for s := range Slots {
			load := 0.0
			for _, i := range c.Devices {
				load += max(p.Power[i][s], 0)
			}
			if load > c.Limit+1e-9 {
				return false
			}
		}
	}
	p.Net, p.Curt = make([]float64, Slots), make([]float64, Slots)
	for s, slot := range h.Slots {
		need := h.Need[s]
		for _, row := range p.Power {
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
		p.Net[s] = low
		for _, net := range []float64{min(max(0, low), high), high} {
			if trade(slot, net) < trade(slot, p.Net[s]) {
				p.Net[s] = net
			}
		}
		p.Curt[s] = p.Net[s] - need
		p.Cost += trade(slot, p.Net[s])
	}
	for _, b := range h.Peak.Blocks {
		sum := 0.0
		for s := b[0]; s < b[1]; s++ {
			sum += max(p.Net[s], 0) * float64(h.Steps.In(s))
		}
		p.Top = max(p.Top, sum/float64(h.Steps.At(b[1])-h.Steps.At(b[0])))
	}
	p.Cost += h.Peak.Price * max(p.Top-h.Peak.SoFar, 0)
	return true
}

func trade(s supply.Slot, net float64) float64 {
	return s.Hours * (s.Buy*max(net, 0) + s.Sell*min(net, 0))
}

func (p *Plan) keepsAll(decisions []home.Decision) bool {
	for _, d := range decisions {
		if !p.keeps(d) {
			return false
		}
	}
	return true
}

// keeps says that a plan is on a decision's side.
func (p *Plan) keeps(d home.Decision) bool {
	const slip = 1e-9
	switch {
	case d.Kind == home.Flow && d.IsSecond:
		return p.Net[d.Slot] >= -slip
	case d.Kind == home.Flow:
		return p.Net[d.Slot] <= slip
	case d.Kind == home.Peak && d.IsSecond:
		return p.Top >= d.Power-slip
	case d.Kind == home.Peak:
		return p.Top <= d.Power+slip
	}
	return rowKeeps(p.Devices[d.Device], p.Power[d.Device], d)
}

// rowKeeps says that what a device does is on a decision's side; where the decision is not about it, it is.
func rowKeeps(of respond.Device, row []float64, d home.Decision) bool {
	isRun := slices.ContainsFunc(row, func(kW float64) bool { return kW > 0 })
	begin := -1
	if s, ok := of.(*respond.Shiftable); ok && isRun {
		begin = beginOf(s, row)
	}
	switch d.Kind {
	case home.On:
		return row[d.Slot] > 0 == d.IsSecond
	case home.Level:
		if d.IsSecond {
			return row[d.Slot] >= d.Power
		}
		return row[d.Slot] <= d.Power
	case home.Start:
		return (begin >= 0 && begin >= d.Slot) == d.IsSecond
	case home.Run:
		return isRun == d.IsSecond
	case home.Count:
		return ons(row[:d.Slot]) > d.Count == d.IsSecond
	}
	return true
}

// Price is the cost of a plan's powers with the cheapest flows; it is false when they violate anything.
func Price(h *home.Home, power [][]float64) (cost float64, ok bool) {
	own := 0.0
	for i, d := range h.Devices {
		c, ok := priced(h.Steps, d, power[i])
		if !ok {
			return 0, false
		}
		own += c
	}
	cost = math.Inf(1)
	for _, most := range []float64{math.Inf(1), h.Peak.SoFar} {
		p := Plan{Power: power, Own: own, Cost: own, Devices: h.Devices}
		if p.flow(h, nil, most) {
			cost = min(cost, p.Cost)
		}
	}
	return cost, !math.IsInf(cost, 1)
}

// priced is what a device's powers cost beside energy; false when it may not have them.
func priced(steps respond.Steps, d respond.Device, row []float64) (float64, bool) {
	switch d := d.(type) {
	case *respond.Shiftable:
		for _, b := range behaviours(steps, d) {
			if isNear(b.row, row) {
				return b.cost, true
			}
		}
		return 0, false
	case *respond.Interruptible:
		if ons(row[:d.Earliest])+ons(row[d.LatestEnd:]) > 0 {
			return 0, false
		}
		return running(d, row)
	case *respond.Store:
		for s, kW := range row {
			if kW != 0 && (s < d.From || s >= d.To || !isLegal(d, kW)) {
				return 0, false
			}
		}
		return storing(d, row)
	}
	return 0, false
}

// beginOf is the step in which a run begins.
func beginOf(d *respond.Shiftable, row []float64) int {
	if d.Runs == nil {
		return slices.IndexFunc(row, func(kW float64) bool { return kW > 0 })
	}
	for _, r := range d.Runs {
		if isNear(append(append(make([]float64, r.Slot), r.Power...), make([]float64, len(row)-r.Slot-len(r.Power))...), row) {
			return r.Step
		}
	}
	return -1
}

const near = 1e-6

func isNear(a, b []float64) bool {
	for s := range a {
		if math.Abs(a[s]-b[s]) > near {
			return false
		}
	}
	return true
}

// isLegal says that a store may have a power other than 0.
func isLegal(d *respond.Store, kW float64) bool {
	if kW < 0 {
		return kW >= -d.Back-near
	}
	for _, r := range d.Ranges {
		if kW >= r[0]-near && kW <= r[1]+near {
			return true
		}
	}
	return false
}
