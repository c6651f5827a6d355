package scheduler

import (
	"fmt"
	"time"
)

// longestSlot is the longest one believed: of a plan that is the same for longer, no hour is worth planning.
const longestSlot = 24 * time.Hour

// validateSpans wants slots that fill the grid, and none that lies in two blocks of the peak, unless it is made
// of whole ones.
func (p *Problem) validateSpans(c checker) {
	if p.Spans == nil {
		return
	}
	sum, block, count := 0, p.Peak.block(), p.Grid.Count()
	most := int(longestSlot / max(p.Grid.Step, 1))
	for t, span := range p.Spans {
		c.need(span >= 1 && span <= most, fmt.Sprintf("must be from 1 to %d steps, a day", most), fmt.Sprintf("spans[%d]", t), "slot_minutes")
		if span < 1 || span > most {
			return
		}
		into := sum % block
		isInOne := into+span <= block || sum-into+block >= count // the last block is as long as it can be
		isWhole := into == 0 && (span%block == 0 || sum+span == count)
		c.need(p.Peak.Price <= 0 || isInOne || isWhole, "lies in two blocks that the peak is averaged over", fmt.Sprintf("spans[%d]", t), "peak_averaging_slots")
		sum += span
	}
	c.need(sum == count, fmt.Sprintf("add up to %d steps, want the %d of the grid", sum, count), "spans", "slots", "slot_minutes")
}

// ruler is what windows are measured on.
type ruler struct {
	count   int          // of steps
	unit    string       // of them
	longest int          // steps of a slot
	bounds  map[int]bool // steps with which slots begin, and that with which the grid ends; nil: all
}

func newRuler(p *Problem) ruler {
	g := ruler{count: p.Grid.Count(), unit: "slots", longest: p.longest()}
	if p.Spans != nil {
		g.unit, g.bounds = "steps", map[int]bool{}
		for _, step := range p.firstSteps() {
			g.bounds[step] = true
		}
	}
	return g
}

// boundaries wants a window of whole slots.
func (c checker) boundaries(from, to int, g ruler, first, last string) {
	if g.bounds == nil {
		return
	}
	for _, end := range []struct {
		step int
		key  string
	}{{from, first}, {to, last}} {
		c.need(g.bounds[end.step], fmt.Sprintf("step %d is within a slot: a window begins and ends with slots", end.step), end.key, "spans")
	}
}
