package scheduler

import (
	"cmp"
	"slices"

	"hearth/energy"
)

// elsewhere is the cheapest other place of the run the slot is in; of several the nearest, of these the
// earlier. Starts are put in order with the rest of the home as one load, which is quick, and tried in that
// order until one is found that violates nothing new in the whole home either.
func (s *situation) elsewhere() *Alternative {
	type place struct {
		start int
		cost  energy.Money
	}
	var places []place
	home, window := s.alone(), s.window()
	planned := evaluate(home, [][]energy.Watts{s.power})
	for start := window.from; start < window.to; start++ {
		row, ok := s.placed(&s.run, start)
		if !ok {
			continue
		}
		if e := evaluate(home, [][]energy.Watts{row}); !violatesMore(e.Violations, planned.Violations) {
			places = append(places, place{start, e.Objective})
		}
	}
	far := func(p place) int { return max(p.start-s.run.from, s.run.from-p.start) }
	slices.SortStableFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(far(a), far(b)))
	})
	for _, p := range places {
		if alt, _ := s.moved(&s.run, p.start); alt != nil {
			return alt
		}
	}
	return nil
}

// alone is the home with this device only: what the others take is base load. The circuits are left out.
func (s *situation) alone() *Problem {
	home := *s.problem
	home.Devices, home.Circuits = []Device{s.device}, nil
	home.BaseLoad = slices.Clone(home.BaseLoad)
	for i, d := range s.planned.Devices {
		for t, w := range d.Power {
			if i != s.index {
				home.BaseLoad[t] += w
			}
		}
	}
	return &home
}

// here is the cheapest way to have a run begin in the slot, of any of the device's runs or an optional one that
// was left out; or, when there is none, what would be violated.
func (s *situation) here() (best *Alternative, over []Violation) {
	try := func(run *span) {
		alt, v := s.moved(run, s.slot)
		over = append(over, v...)
		if alt != nil && (best == nil || alt.Extra < best.Extra) {
			best = alt
		}
	}
	for i := range s.runs {
		try(&s.runs[i])
	}
	if s.isLeftOut() {
		try(nil)
	}
	if best != nil {
		return best, nil
	}
	return nil, over
}

// beside is what would be violated if the run the slot is in began a slot earlier, or a slot later.
func (s *situation) beside() []Violation {
	_, earlier := s.moved(&s.run, s.run.from-1)
	_, later := s.moved(&s.run, s.run.from+1)
	return append(earlier, later...)
}

// isLeftOut says that the device has an optional run that the plan does without.
func (s *situation) isLeftOut() bool {
	d, ok := s.device.(Shiftable)
	return ok && d.Optional && len(s.runs) == 0
}

// moved is the plan with a run beginning in another slot. When it would violate more than the plan does, it
// is nil, and that is returned; when there is no room for it, it is nil as well. A nil run is the one of a
// Shiftable that was left out.
func (s *situation) moved(run *span, start int) (*Alternative, []Violation) {
	row, ok := s.placed(run, start)
	if !ok {
		return nil, nil
	}
	power := s.planned.powers()
	power[s.index] = row
	e := evaluate(s.problem, power)
	if over := beyond(e.Violations, s.planned.Violations); len(over) > 0 {
		return nil, over
	}
	alt := &Alternative{From: -1, Start: start, Extra: e.Objective - s.planned.Objective}
	if run != nil {
		alt.From = run.from
	}
	return alt, nil
}

// placed is the device's power with a run beginning in another slot; false when that is outside its window, in
// the way of what else the device does, or where the run is now.
func (s *situation) placed(run *span, start int) ([]energy.Watts, bool) {
	var shape []energy.Watts
	if d, ok := s.device.(Shiftable); ok {
		shape = d.Profile
	}
	if run != nil {
		shape = s.power[run.from:run.to]
	}
	w := s.window()
	if start < w.from || start+len(shape) > w.to || run != nil && start == run.from {
		return nil, false
	}
	row := slices.Clone(s.power)
	if run != nil {
		clear(row[run.from:run.to])
	}
	isTaken := func(w energy.Watts) bool { return w > onAbove || w < -onAbove }
	if slices.ContainsFunc(row[start:start+len(shape)], isTaken) {
		return nil, false
	}
	copy(row[start:], shape)
	return row, true
}

// window is the slots in which the device may be on.
func (s *situation) window() span {
	switch d := s.device.(type) {
	case Shiftable:
		return span{d.Earliest, d.LatestEnd}
	case Interruptible:
		return span{d.Earliest, d.LatestEnd}
	case Vehicle:
		return span{d.Arrive, d.Depart}
	}
	return span{0, len(s.power)}
}
