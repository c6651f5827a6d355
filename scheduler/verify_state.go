package scheduler

import "slices"

// holdState is what the past of a device asks of its next slots.
type holdState struct {
	holdKey
	arcs map[int][]holdArc // through a slot of so many steps
}

// holdKey tells states apart.
type holdKey struct {
	isOn   bool
	hold   int // steps it has to stay so
	starts int // still allowed; negative: any number
}

// holdArc is a way through one slot.
type holdArc struct {
	isOn  bool
	cost  float64 // of the start
	to    int     // index of the state after it
	least int     // steps that it has to be on from the slot's first one
}

// statesOf are the states that a device can come into within the grid, first the one it is in.
func (v *verifier) statesOf(h holding) []holdState {
	n, spans := v.problem.Grid.Count(), v.spans()
	minOn, minOff := min(max(h.minOn, 1), n+1), min(max(h.minOff, 1), n+1) // more cannot be told from this
	first := holdKey{isOn: h.onFor > 0, starts: -1}
	switch {
	case h.onFor > 0:
		first.hold = min(max(h.minOn-h.onFor, 0), n)
	case h.offFor > 0:
		first.hold = min(max(h.minOff-h.offFor, 0), n)
	}
	if h.maxStarts != nil && *h.maxStarts < (n-1)/(minOn+minOff)+1 { // more than that there cannot be
		first.starts = *h.maxStarts
	}
	isFree := minOn == 1 && minOff == 1 && h.startCost == 0 && first.hold == 0 && first.starts < 0
	if isFree { // being on or off makes no difference
		free := holdState{holdKey: first, arcs: map[int][]holdArc{}}
		for _, span := range spans {
			free.arcs[span] = []holdArc{{isOn: false}, {isOn: true, least: 1}}
		}
		return []holdState{free}
	}
	states, index := []holdState{{holdKey: first}}, map[holdKey]int{first: 0}
	to := func(k holdKey) int {
		if _, ok := index[k]; !ok {
			index[k] = len(states)
			states = append(states, holdState{holdKey: k})
		}
		return index[k]
	}
	for i := 0; i < len(states); i++ {
		k := states[i].holdKey
		all := make(map[int][]holdArc, len(spans))
		for _, span := range spans {
			arcs := []holdArc{{isOn: k.isOn, to: to(holdKey{k.isOn, max(k.hold-span, 0), k.starts}), least: k.hold}}
			switch {
			case k.hold > 0:
			case k.isOn:
				arcs = append(arcs, holdArc{isOn: false, to: to(holdKey{false, max(minOff-span, 0), k.starts})})
			case k.starts != 0:
				start := holdKey{true, max(minOn-span, 0), max(k.starts-1, -1)}
				arcs = append(arcs, holdArc{isOn: true, cost: h.startCost.Float(), to: to(start), least: minOn})
			}
			all[span] = arcs
		}
		states[i].arcs = all
	}
	return states
}

// spans are the lengths of slots, in steps, each once.
func (v *verifier) spans() (out []int) {
	if v.problem.Spans == nil {
		return []int{1}
	}
	return slices.Compact(slices.Sorted(slices.Values(v.problem.Spans)))
}
