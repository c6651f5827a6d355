package home

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/respond"
	"hearth/scheduler/internal/supply"
)

const slots = 4

// plan is as much of a plan as decisions look at.
type plan struct {
	power [][]float64 // of each device
	net   []float64   // import less export
	peak  float64
}

// drawHome draws a home with one device of each kind, the shiftable optional or not.
func drawHome(t *rapid.T) *Home {
	h := &Home{Slots: make([]supply.Slot, slots), Need: make([]float64, slots), Order: []int{0, 1, 2, 3}}
	for s := range h.Need {
		h.Need[s] = halfKW(t, "need", -4, 4)
	}
	from := rapid.IntRange(0, 1).Draw(t, "from")
	free := respond.Switching{MinOn: 1, MinOff: 1, MaxStarts: -1}
	gain := []float64{1, 1, 1, 1}
	h.Devices = []respond.Device{
		&respond.Shiftable{
			Profile: []float64{2, 0, 1}[:rapid.IntRange(1, 3).Draw(t, "length")], Earliest: from, LatestEnd: rapid.IntRange(from+1, slots).Draw(t, "end"),
			Optional: rapid.Bool().Draw(t, "optional"), Value: 1,
		},
		&respond.Interruptible{Power: 1.5, Run: rapid.IntRange(0, 2).Draw(t, "run"), Earliest: from, LatestEnd: slots - from, Switching: free},
		&respond.Store{
			From: from, To: slots, Keep: 1, High: 3, Gain: gain, Ranges: [][2]float64{{0.5, 1}, {1.5, 2}}, Back: 1, Spill: 1.25,
			Required: math.Inf(-1), Switching: free,
		},
		&respond.Store{To: slots, Keep: 1, High: 3, Gain: gain, Ranges: [][2]float64{{0, 2}}, Back: 2, Spill: 1.25, Required: math.Inf(-1), AlwaysOn: true, Switching: free},
	}
	return h
}

func halfKW(t *rapid.T, label string, least, most int) float64 {
	return float64(rapid.IntRange(least, most).Draw(t, label)) / 2
}

// drawPlan draws powers that devices can have, though not whether their stores bear it. A shiftable runs
// inside its window.
func (h *Home) drawPlan(t *rapid.T) plan {
	p := plan{power: Matrix(len(h.Devices), slots), net: make([]float64, slots), peak: halfKW(t, "peak", 0, 6)}
	for s := range p.net {
		p.net[s] = float64(rapid.IntRange(-1, 1).Draw(t, "net"))
	}
	for i, d := range h.Devices {
		row := p.power[i]
		from, to := Span(d, slots)
		switch d := d.(type) {
		case *respond.Shiftable:
			starts := d.LatestEnd - len(d.Profile) - d.Earliest + 1
			if starts > 0 && (!d.Optional || rapid.Bool().Draw(t, "runs")) {
				copy(row[d.Earliest+rapid.IntRange(0, starts-1).Draw(t, "start"):], d.Profile)
			}
		case *respond.Interruptible:
			for s := from; s < to; s++ {
				row[s] = d.Power * float64(rapid.IntRange(0, 1).Draw(t, "on"))
			}
		case *respond.Store:
			for s := from; s < to; s++ {
				row[s] = rapid.SampledFrom([]float64{-d.Back, 0, d.Ranges[len(d.Ranges)-1][1]}).Draw(t, "power")
			}
		}
	}
	return p
}

// drawDecision draws one side of a decision; what is about a shiftable is about the first device.
func drawDecision(t *rapid.T) Decision {
	d := Decision{Kind: rapid.SampledFrom([]Kind{On, Start, Run, Count, Flow, Peak, Level}).Draw(t, "kind"), IsSecond: rapid.Bool().Draw(t, "side")}
	switch d.Kind {
	case On:
		d.Device, d.Slot = rapid.IntRange(0, 3).Draw(t, "device"), rapid.IntRange(0, slots-1).Draw(t, "slot")
	case Start:
		d.Slot = rapid.IntRange(0, slots).Draw(t, "slot")
	case Count:
		d.Device, d.Slot = rapid.IntRange(0, 3).Draw(t, "device"), rapid.IntRange(0, slots).Draw(t, "slot")
		d.Count = rapid.IntRange(0, slots).Draw(t, "count")
	case Flow:
		d.Slot = rapid.IntRange(0, slots-1).Draw(t, "slot")
	case Peak:
		d.Power = halfKW(t, "power", 0, 6)
	case Level:
		d.Device, d.Slot = rapid.IntRange(0, 3).Draw(t, "device"), rapid.IntRange(0, slots-1).Draw(t, "slot")
		d.Power = halfKW(t, "power", 0, 4)
	}
	return d
}

// keeps says that a plan is on a decision's side: the sentences that tell what the kinds mean.
func (p plan) keeps(d Decision) bool {
	row := p.power[d.Device]
	switch d.Kind {
	case On:
		return row[d.Slot] > 0 == d.IsSecond
	case Start:
		begin := begin(row)
		return (begin >= 0 && begin >= d.Slot) == d.IsSecond
	case Run:
		return begin(row) >= 0 == d.IsSecond
	case Count:
		return count(row[:d.Slot]) > d.Count == d.IsSecond
	case Flow:
		if d.IsSecond {
			return p.net[d.Slot] >= 0
		}
		return p.net[d.Slot] <= 0
	case Level:
		if d.IsSecond {
			return row[d.Slot] >= d.Power
		}
		return row[d.Slot] <= d.Power
	}
	if d.IsSecond {
		return p.peak >= d.Power
	}
	return p.peak <= d.Power
}

// begin is the first slot in which something runs; -1: none. Profiles here begin with a power.
func begin(row []float64) int {
	for s, kW := range row {
		if kW > 0 {
			return s
		}
	}
	return -1
}

func count(row []float64) (on int) {
	for _, kW := range row {
		if kW > 0 {
			on++
		}
	}
	return on
}

// fits says that limits leave a plan.
func (l *Limits) fits(p plan) bool {
	for i, row := range p.power {
		for s, kW := range row {
			if Is(l.Must[i], s) && kW <= 0 || Is(l.MustNot[i], s) && kW > 0 {
				return false
			}
		}
	}
	switch start := begin(p.power[0]); {
	case start < 0:
		if !l.MayRest[0] {
			return false
		}
	case !l.MayRun[0] || start < l.Starts[0][0] || start >= l.Starts[0][1]:
		return false
	}
	for _, tally := range l.Counts {
		on := count(p.power[tally.Device][:tally.Slot])
		if tally.IsLeast && on < tally.Count || !tally.IsLeast && on > tally.Count {
			return false
		}
	}
	for _, bar := range l.Levels {
		kW := p.power[bar.Device][bar.Slot]
		if bar.IsLeast && kW < bar.Power || !bar.IsLeast && kW > bar.Power {
			return false
		}
	}
	for s, net := range p.net {
		if Is(l.NoImport, s) && net > 0 || Is(l.NoExport, s) && net < 0 {
			return false
		}
	}
	return p.peak >= l.PeakLow && p.peak <= l.PeakHigh
}

// isOwed says that a shiftable which has to run does not: no start is in its window.
func (h *Home) isOwed(p plan) bool {
	return !h.Devices[0].(*respond.Shiftable).Optional && begin(p.power[0]) < 0
}

func TestDecision_EveryPlanKeepsAtLeastOneSide(t *testing.T) {
	both := 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		p, first := h.drawPlan(t), drawDecision(t)
		first.IsSecond = false
		second := first
		second.IsSecond = true
		onFirst, onSecond := h.Limits([]Decision{first}).fits(p), h.Limits([]Decision{second}).fits(p)
		if !onFirst && !onSecond && !h.isOwed(p) {
			t.Fatalf("%+v: neither side leaves %+v", first, p)
		}
		if onFirst && onSecond {
			both++
			if first.Kind != Flow && first.Kind != Peak && first.Kind != Level {
				t.Fatalf("%+v: both sides leave %+v", first, p)
			}
		}
	})
	if both == 0 {
		t.Error("a plan on both sides is never drawn")
	}
}

func TestLimits_LeaveExactlyThePlansThatKeepAllDecisions(t *testing.T) {
	left := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		decisions := rapid.SliceOfN(rapid.Custom(drawDecision), 0, 4).Draw(t, "decisions")
		l := h.Limits(decisions)
		for range 20 {
			p, want := h.drawPlan(t), true
			for _, d := range decisions {
				want = want && p.keeps(d)
			}
			if got := l.fits(p); got != (want && !h.isOwed(p)) {
				t.Fatalf("%+v leave %+v: %v, want %v", decisions, p, got, want)
			}
			left[want]++
		}
	})
	if left[true] == 0 || left[false] == 0 {
		t.Errorf("%v plans were left: a case is never drawn", left)
	}
}

func TestLimits_OfNoDecisionsLeaveEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		l, p := h.Limits(nil), h.drawPlan(t)
		if !l.fits(p) && !h.isOwed(p) {
			t.Fatalf("%+v is not left", p)
		}
		if !math.IsInf(l.PeakHigh, 1) || l.NoImport != nil || l.NoExport != nil || len(l.Counts)+len(l.Levels) != 0 {
			t.Fatalf("%+v limit something", l)
		}
	})
}

func TestLimits_DoNotHangOnTheOrderOfDecisions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHome(t)
		decisions := rapid.SliceOfN(rapid.Custom(drawDecision), 2, 5).Draw(t, "decisions")
		one, other := h.Limits(decisions), h.Limits(rapid.Permutation(decisions).Draw(t, "order"))
		for range 10 {
			if p := h.drawPlan(t); one.fits(p) != other.fits(p) {
				t.Fatalf("%+v: in one order %v, in another %v", p, one, other)
			}
		}
	})
}

func TestLimits_CountTheTalliesInTheOrderOfTheirDecisions(t *testing.T) {
	h := &Home{Slots: make([]supply.Slot, slots), Devices: make([]respond.Device, 2)}
	l := h.Limits([]Decision{
		{Kind: Count, Device: 1, Slot: 3, Count: 2},
		{Kind: On, Device: 0, Slot: 1},
		{Kind: Count, Device: 0, Slot: 4, Count: 0, IsSecond: true},
	})
	want := []Tally{{Device: 1, Slot: 3, Count: 2}, {Device: 0, Slot: 4, Count: 1, IsLeast: true}}
	if len(l.Counts) != 2 || l.Counts[0] != want[0] || l.Counts[1] != want[1] {
		t.Errorf("%+v, want %+v", l.Counts, want)
	}
}

func TestLimits_LeaveStartsThatEndInTheWindow(t *testing.T) {
	run := &respond.Shiftable{Profile: []float64{1, 1}, Earliest: 1, LatestEnd: 4, Optional: true}
	h := &Home{Slots: make([]supply.Slot, slots), Devices: []respond.Device{&respond.Interruptible{}, run}}
	for name, c := range map[string]struct {
		decisions []Decision
		want      [2]int
		mayRest   bool
	}{
		"all":            {nil, [2]int{1, 3}, true},
		"before slot 2":  {[]Decision{{Kind: Start, Device: 1, Slot: 2}}, [2]int{1, 2}, true},
		"from slot 2 on": {[]Decision{{Kind: Start, Device: 1, Slot: 2, IsSecond: true}}, [2]int{2, 3}, false},
		"from slot 0 on": {[]Decision{{Kind: Start, Device: 1, IsSecond: true}}, [2]int{1, 3}, false},
	} {
		l := h.Limits(c.decisions)
		if l.Starts[1] != c.want || l.MayRest[1] != c.mayRest || !l.MayRun[1] {
			t.Errorf("%s: starts %v (may rest %v), want %v", name, l.Starts[1], l.MayRest[1], c.want)
		}
	}
}

// A device asked for nothing but its cost is told of a power that it must have by being told that it must be on.
func TestLimits_ALeastPowerAboveNothingHasTheDeviceOn(t *testing.T) {
	h := &Home{Slots: make([]supply.Slot, slots), Devices: make([]respond.Device, 2)}
	for power, want := range map[float64]bool{0: false, 0.5: true} {
		l := h.Limits([]Decision{{Kind: Level, Device: 1, Slot: 2, Power: power, IsSecond: true}})
		if Is(l.Must[1], 2) != want || Is(l.Must[1], 1) || Is(l.Must[0], 2) {
			t.Errorf("at least %v kW: must be on %v", power, l.Must)
		}
		l = h.Limits([]Decision{{Kind: Level, Device: 1, Slot: 2, Power: power}})
		if l.Must[1] != nil || l.MustNot[1] != nil || len(l.Levels) != 1 {
			t.Errorf("at most %v kW: %+v", power, l)
		}
	}
}
