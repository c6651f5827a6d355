package scheduler

import (
	"math"
	"time"

	"hearth/energy"
)

// Slots is the number of slots: that of the values in every series of the problem and of its plans.
func (p *Problem) Slots() int {
	if p.Spans != nil {
		return len(p.Spans)
	}
	return p.Grid.Count()
}

// Slot is the interval of the i-th slot, counted from 0.
func (p *Problem) Slot(i int) energy.Interval {
	start := p.Grid.Start.Add(p.Grid.Step * time.Duration(p.steps(0, i)))
	return energy.Span(start, p.Grid.Step*time.Duration(p.span(i)))
}

// span is the number of steps of slot t.
func (p *Problem) span(t int) int {
	if p.Spans != nil {
		return p.Spans[t]
	}
	return 1
}

// hours is the length of slot t.
func (p *Problem) hours(t int) float64 { return p.Grid.Step.Hours() * float64(p.span(t)) }

// steps is the number of steps of the slots [from, to).
func (p *Problem) steps(from, to int) (sum int) {
	if p.Spans == nil {
		return to - from
	}
	for _, span := range p.Spans[from:to] {
		sum += span
	}
	return sum
}

// firstSteps are the steps with which the slots begin and, last, that with which the grid ends.
func (p *Problem) firstSteps() []int {
	out := make([]int, p.Slots()+1)
	for t := range p.Slots() {
		out[t+1] = out[t] + p.span(t)
	}
	return out
}

// longest is the greatest number of steps in a slot.
func (p *Problem) longest() (most int) {
	most = 1
	for _, span := range p.Spans {
		most = max(most, span)
	}
	return most
}

// mean is that of the powers of the slots [from, to), in W.
func (p *Problem) mean(w []energy.Watts, from, to int) float64 {
	sum := 0.0
	for t := from; t < to; t++ {
		sum += float64(w[t]) * float64(p.span(t))
	}
	return sum / float64(p.steps(from, to))
}

// blocks yields the blocks of slots that count for the peak. A slot that holds several blocks is one for all
// of them, for its power is the same in each.
//
//	averaging 2   [   ][   ][   ][   ]       steps
//	slots         0 1  2    3                yields 0-2, 2-3, 3-4
func (p *Problem) blocks() func(yield func(from, to int) bool) {
	return func(yield func(from, to int) bool) {
		n := p.Slots()
		for from, to := 0, 0; from < n; from = to {
			for left := p.Peak.block(); left > 0 && to < n; to++ {
				left -= p.span(to)
			}
			if p.Peak.counts(from, to) && !yield(from, to) {
				return
			}
		}
	}
}

// compound is what is left, after so many steps, of 1 that was there before them, and of 1 that has come in
// evenly during them, when a part of it is left after each step.
func compound(keep float64, steps int) (old, even float64) {
	if steps == 1 {
		return keep, 1
	}
	for range steps {
		even = even*keep + 1/float64(steps)
	}
	return math.Pow(keep, float64(steps)), even
}
