package scheduler

// holdState is what the past of a device asks of its next slots.
type holdState struct {
	holdKey
	arcs []holdArc
}

// holdKey tells states apart.
type holdKey struct {
	isOn   bool
	hold   int // slots it has to stay so
	starts int // still allowed; negative: any number
}

// holdArc is a way through one slot.
type holdArc struct {
	isOn bool
	cost float64 // of the start
	to   int     // index of the state after it
}

// statesOf are the states that a device can come into within n slots, first the one it is in.
func statesOf(h holding, n int) []holdState {
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
		return []holdState{{holdKey: first, arcs: []holdArc{{isOn: false}, {isOn: true}}}}
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
		stay := holdArc{isOn: k.isOn, to: to(holdKey{k.isOn, max(k.hold-1, 0), k.starts})}
		states[i].arcs = append(states[i].arcs, stay)
		switch {
		case k.hold > 0:
		case k.isOn:
			states[i].arcs = append(states[i].arcs, holdArc{isOn: false, to: to(holdKey{false, minOff - 1, k.starts})})
		case k.starts != 0:
			start := holdArc{isOn: true, cost: h.startCost.Float(), to: to(holdKey{true, minOn - 1, max(k.starts-1, -1)})}
			states[i].arcs = append(states[i].arcs, start)
		}
	}
	return states
}
