package milp

import "hearth/energy"

// holding is what limits and prices the switching of a device. The zero value limits nothing.
type holding struct {
	minOn, minOff int // slots; 0 means 1
	maxStarts     *int
	startCost     energy.Money
	onFor, offFor int  // the past; at most one is positive
	mayBeCut      bool // the end of the grid may cut the last run
}

// isFree says that switching costs nothing and forbids nothing.
func (h holding) isFree() bool {
	return h.minOn <= 1 && h.minOff <= 1 && h.maxStarts == nil && h.startCost == 0
}

// switching ties turning on and off to being on, an expression that is 0 or 1 in every slot:
//
//	on(t) - on(t-1) = turn on(t) - turn off(t)
//	turned on in the last minOn slots:   on(t)      (also: never both in a slot)
//	turned off in the last minOff slots: not on(t)
func (b *builder) switching(id string, on []sum, h holding) {
	if h.isFree() {
		return
	}
	turnsOn, turnsOff := make([]sum, b.slots), make([]sum, b.slots)
	for t := range b.slots {
		turnsOn[t] = one(b.decision(h.startCost.Float(), "%s_turn_on_%d", id, t))
		turnsOff[t] = one(b.decision(0, "%s_turn_off_%d", id, t))
	}
	for t := range b.slots {
		change := on[t].add(turnsOn[t].times(-1)).add(turnsOff[t])
		before := 0.0
		switch {
		case t > 0:
			change = change.add(on[t-1].times(-1))
		case h.onFor > 0:
			before = 1
		}
		b.row(change, Equal, before, "%s_switch_%d", id, t)

		recent := total(turnsOn[max(t-max(h.minOn, 1)+1, 0) : t+1])
		b.row(recent.add(on[t].times(-1)), AtMost, 0, "%s_min_on_%d", id, t)
		recent = total(turnsOff[max(t-max(h.minOff, 1)+1, 0) : t+1])
		b.row(recent.add(on[t]), AtMost, 1, "%s_min_off_%d", id, t)
	}
	b.past(id, on, h)
	if !h.mayBeCut && h.minOn > 1 {
		// A run that begins later than this would be cut by the end of the grid.
		late := turnsOn[max(b.slots-h.minOn+1, 0):]
		b.row(total(late), Equal, 0, "%s_too_late", id)
	}
	if h.maxStarts != nil {
		b.row(total(turnsOn), AtMost, float64(*h.maxStarts), "%s_max_starts", id)
	}
}

// past makes the run or the pause that is going on last as long as it has to.
func (b *builder) past(id string, on []sum, h holding) {
	switch {
	case h.onFor > 0:
		left := h.minOn - h.onFor
		for t := range min(left, b.slots) {
			b.row(on[t], Equal, 1, "%s_stays_on_%d", id, t)
		}
		if left > b.slots && !h.mayBeCut {
			b.row(nil, AtLeast, 1, "%s_cannot_last", id)
		}
	case h.offFor > 0:
		for t := range min(h.minOff-h.offFor, b.slots) {
			b.row(on[t], Equal, 0, "%s_stays_off_%d", id, t)
		}
	}
}
