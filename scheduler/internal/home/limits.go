package home

import (
	"math"

	"hearth/scheduler/internal/respond"
)

// Kind is what a decision is about.
type Kind int

// The kinds of decisions. Each has two sides, of which every plan keeps at least one.
const (
	On    Kind = iota // the device is off in the slot; it is on
	Start             // a shiftable begins before step Slot, or not at all; it begins in that step or later
	Run               // an optional shiftable is left out; it runs
	Count             // the device is on in at most Count slots before the slot; in more
	Flow              // nothing is imported in the slot; nothing is exported
	Peak              // the peak is at most Power; at least
	Level             // the device's power in the slot is at most Power, which is not negative; at least
)

// Decision is one side of a branch.
type Decision struct {
	Kind         Kind
	Device, Slot int
	Count        int
	Power        float64
	IsSecond     bool
}

// Limits is what decisions leave to a plan.
type Limits struct {
	Must, MustNot   [][]bool // for each device, each slot; nil: no slot
	Starts          [][2]int // the steps in which a shiftable may still begin, the second exclusive
	MayRun, MayRest []bool   // for each device: a shiftable may run, may be left out
	Counts          []Tally
	Levels          []Bar
	NoImport        []bool // nil: no slot
	NoExport        []bool
	PeakLow         float64
	PeakHigh        float64 // +Inf: any
}

// Tally limits the slots before Slot in which a device is on: to at most Count, or to at least.
type Tally struct {
	Device, Slot, Count int
	IsLeast             bool
}

// Bar limits the power of a device in a slot: to at most Power, or to at least. None is below 0.
type Bar struct {
	Device, Slot int
	Power        float64
	IsLeast      bool
}

// Limits are those of some decisions; of none, they limit nothing.
func (h *Home) Limits(decisions []Decision) *Limits {
	n, k := len(h.Slots), len(h.Devices)
	l := &Limits{
		Must: make([][]bool, k), MustNot: make([][]bool, k), Starts: make([][2]int, k), MayRun: make([]bool, k), MayRest: make([]bool, k),
		PeakHigh: math.Inf(1),
	}
	for i, d := range h.Devices {
		l.MayRun[i] = true
		if s, ok := d.(*respond.Shiftable); ok {
			l.Starts[i] = [2]int{s.Earliest, s.LatestEnd - len(s.Profile) + 1}
			l.MayRest[i] = s.Optional
		}
	}
	for _, d := range decisions {
		l.add(d, n)
	}
	return l
}

func (l *Limits) add(d Decision, n int) {
	mark := func(row *[]bool, t int) {
		if *row == nil {
			*row = make([]bool, n)
		}
		(*row)[t] = true
	}
	switch d.Kind {
	case On:
		if d.IsSecond {
			mark(&l.Must[d.Device], d.Slot)
		} else {
			mark(&l.MustNot[d.Device], d.Slot)
		}
	case Start:
		if d.IsSecond {
			l.Starts[d.Device][0] = max(l.Starts[d.Device][0], d.Slot)
			l.MayRest[d.Device] = false
		} else {
			l.Starts[d.Device][1] = min(l.Starts[d.Device][1], d.Slot)
		}
	case Run:
		if d.IsSecond {
			l.MayRest[d.Device] = false
		} else {
			l.MayRun[d.Device] = false
		}
	case Count:
		tally := Tally{d.Device, d.Slot, d.Count, d.IsSecond}
		if d.IsSecond {
			tally.Count++
		}
		l.Counts = append(l.Counts, tally)
	case Flow:
		if d.IsSecond {
			mark(&l.NoExport, d.Slot)
		} else {
			mark(&l.NoImport, d.Slot)
		}
	case Level:
		l.Levels = append(l.Levels, Bar{d.Device, d.Slot, d.Power, d.IsSecond})
		if d.IsSecond && d.Power > 0 {
			mark(&l.Must[d.Device], d.Slot)
		}
	case Peak:
		if d.IsSecond {
			l.PeakLow = max(l.PeakLow, d.Power)
		} else {
			l.PeakHigh = min(l.PeakHigh, d.Power)
		}
	}
}

// Is says that a mark of a row that may be nil is set.
func Is(row []bool, t int) bool { return row != nil && row[t] }
