package scheduler

import (
	"slices"

	"pgregory.net/rapid"

	"hearth/energy"
)

// lengthen makes slots of one to three steps of a drawn problem, or leaves it as it is. A step is as long as a
// slot was.
func lengthen(t *rapid.T, p *Problem) {
	if p.Spans = drawSpans(t, p.Grid.Count(), 3); p.Spans == nil {
		return
	}
	p.Grid = energy.NewGrid(p.Grid.Start, p.Grid.Step, p.steps(0, len(p.Spans)))
	for i, d := range p.Devices {
		p.Devices[i] = onSteps(t, p, d)
	}
	if p.Validate() != nil { // a slot is in two blocks
		p.Peak.Averaging = 1
	}
}

// drawSpans are of n slots, each of up to so many steps; nil, as often as not.
func drawSpans(t *rapid.T, n, most int) []int {
	if rapid.Bool().Draw(t, "slots are steps") {
		return nil
	}
	return rapid.SliceOfN(rapid.IntRange(1, most), n, n).Draw(t, "spans")
}

// onSteps is a device whose window was drawn in slots, and what it runs in it in steps.
func onSteps(t *rapid.T, p *Problem, d Device) Device {
	firsts := p.firstSteps()
	more := func(hold int) int { return hold + rapid.IntRange(0, 2).Draw(t, "longer") }
	switch d := d.(type) {
	case Shiftable:
		d.Earliest, d.LatestEnd = firsts[d.Earliest], firsts[d.LatestEnd]
		if d.LatestEnd-d.Earliest > 1 { // its window need not be one of slots
			d.Earliest += rapid.IntRange(0, 1).Draw(t, "later")
			d.LatestEnd -= rapid.IntRange(0, d.LatestEnd-d.Earliest-1).Draw(t, "earlier")
		}
		d.Profile = append(d.Profile, drawWatts(t, rapid.IntRange(0, 2).Draw(t, "length"), 4, "profile")...)
		return d
	case Interruptible:
		d.Earliest, d.LatestEnd = firsts[d.Earliest], firsts[d.LatestEnd]
		d.RunSlots = rapid.IntRange(0, d.LatestEnd-d.Earliest).Draw(t, "run")
		d.MinOn, d.MinOff = more(d.MinOn), more(d.MinOff)
		return d
	case Vehicle:
		d.Arrive, d.Depart = firsts[d.Arrive], firsts[d.Depart]
		return d
	case Thermal:
		d.MinOn, d.MinOff = more(d.MinOn), more(d.MinOff)
		return d
	}
	return d
}

// runRows are the schedules of all runs that the grid has room for, at rest but for the run.
func runRows(p *Problem, d Shiftable) (out [][]energy.Watts) {
	firsts := p.firstSteps()
	for _, start := range p.starts(d, firsts) {
		row := make([]energy.Watts, p.Slots())
		slot, mean := p.placed(d.Profile, start, firsts)
		copy(row[slot:], mean)
		out = append(out, row)
	}
	return out
}

// startsOf are the steps that a run with these powers may have begun in: of a short one within a slot, several.
func startsOf(p *Problem, d Shiftable, power []energy.Watts) (out []int) {
	first, ok := p.find(d, power)
	if !ok || p.Spans == nil {
		return slices.Repeat([]int{first}, map[bool]int{true: 1}[ok])
	}
	for k, row := range runRows(p, d) {
		start := p.starts(d, p.firstSteps())[k]
		if isInside := start >= d.Earliest && start+len(d.Profile) <= d.LatestEnd; isInside && isPlaced(power, 0, row, 0, len(row)) {
			out = append(out, start)
		}
	}
	return out
}

// problemIn is a problem with one of its devices, where energy costs nothing.
func problemIn(p *Problem, d Device) *Problem {
	q := problemOf(p.Slots(), p.Spans, d)
	q.Grid = p.Grid
	return q
}
