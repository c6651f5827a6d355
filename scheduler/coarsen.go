package scheduler

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Rule says how long slots are up to some time after the beginning of a grid.
type Rule struct {
	Slot  time.Duration // whole steps of the grid; a shorter one means a step
	Until time.Duration // 0: to the end of the grid, of the last rule alone
}

// Coarse is a problem with fewer slots, made of one in which slots are steps. It holds on to that one, which must not
// change, and shares what is the same in both.
type Coarse struct {
	*Problem // on the same grid
	fine     *Problem
}

// Coarsen merges the slots of a problem, whose slots are steps, by rules that each hold from where the one
// before ends; the last one holds to the end. Slots end at whole multiples of their length on the clock of UTC,
// as prices do, and also where a rule ends, where the window of an [Interruptible] or [Vehicle] begins or ends,
// and with the blocks of a peak that costs anything, so that no slot lies in two of them.
//
//	5m until 15m, then 15m, from 10:05     | | | |     |     |
//	                                      :05 :20   :30   :45
//
// Prices, carbon, solar, base load and COP of a slot are the means of its steps, Draw is their sum. A limit is what
// leaves devices as much as in the step in which it leaves them least. What the means hide, the coarse
// problem does not know: the price of an hour in its single steps, the solar that a dip in base load gives away,
// the phases of a run within a slot. Where everything is constant within each slot, a plan without such phases
// costs the same on both.
//
// Its errors are [Faults] of the problem, a problem that has Spans, and rules that make no slots.
func Coarsen(p *Problem, rules ...Rule) (*Coarse, error) {
	if p.Spans != nil {
		return nil, errors.New("coarsen: slots hold several steps already")
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if err := checkRules(rules, p.Grid.Step); err != nil {
		return nil, fmt.Errorf("coarsen: %w", err)
	}
	isEnd := p.ends(rules) // a slot ends before this step
	q := *p
	q.Spans = nil
	from := 0
	for to := 1; to < len(isEnd); to++ {
		if isEnd[to] {
			q.Spans = append(q.Spans, to-from)
			from = to
		}
	}
	q.merge(p)
	if err := q.Validate(); err != nil {
		return nil, err
	}
	return &Coarse{&q, p}, nil
}

func checkRules(rules []Rule, step time.Duration) error {
	if len(rules) == 0 {
		return errors.New("no rules")
	}
	for i, r := range rules {
		before := time.Duration(0)
		if i > 0 {
			before = rules[i-1].Until
		}
		switch isLast := i == len(rules)-1; {
		case r.Slot <= 0 || r.Slot > longestSlot:
			return fmt.Errorf("slots of %v: want up to %v", r.Slot, longestSlot)
		case r.Slot > step && r.Slot%step != 0:
			return fmt.Errorf("slots of %v: no whole steps of %v", r.Slot, step)
		case r.Until == 0 && !isLast:
			return fmt.Errorf("slots of %v to the end, but there are more rules", r.Slot)
		case r.Until != 0 && r.Until <= before:
			return fmt.Errorf("slots of %v until %v, which is no later than %v", r.Slot, r.Until, before)
		}
	}
	return nil
}

// ends marks the steps before which a slot ends, of which the first is none and the last is the end of the grid.
func (p *Problem) ends(rules []Rule) []bool {
	n := p.Grid.Count()
	isEnd := make([]bool, n+1)
	offset := p.Grid.Start.Sub(p.Grid.Start.Truncate(p.Grid.Step)) // of a grid that is not on the clock
	rule := 0
	for t := range n {
		since := p.Grid.Step * time.Duration(t)
		for rule < len(rules)-1 && since >= rules[rule].Until {
			rule, isEnd[t] = rule+1, true
		}
		at := p.Grid.Start.Add(since - offset)
		isEnd[t] = isEnd[t] || rules[rule].Slot <= p.Grid.Step || at.Equal(at.Truncate(rules[rule].Slot))
	}
	for _, d := range p.Devices {
		switch d := d.(type) {
		case Interruptible:
			isEnd[d.Earliest], isEnd[d.LatestEnd] = true, true
		case Vehicle:
			isEnd[d.Arrive], isEnd[d.Depart] = true, true
		}
	}
	isEnd[0], isEnd[n] = false, true
	if p.Peak.Price > 0 {
		p.alignBlocks(isEnd)
	}
	return isEnd
}

// alignBlocks ends slots where blocks do that they would be in with a part of another, or that count and follow one
// that does not.
func (p *Problem) alignBlocks(isEnd []bool) {
	n, block := len(isEnd)-1, p.Peak.block()
	counts := func(from int) bool { return p.Peak.counts(from, min(from+block, n)) }
	for b := block; b < n; b += block {
		isEnd[b] = isEnd[b] || counts(b) != counts(b-block)
	}
	for from := 0; from < n; {
		to := from + 1 + slices.Index(isEnd[from+1:], true)
		first, last := (from+block-1)/block*block, to/block*block // ends of blocks within the slot
		if to == n {
			last = n
		}
		if first < to { // it is not inside one block
			isEnd[first], isEnd[last] = isEnd[first] || first > 0, isEnd[last] || last > 0
		}
		from = to
	}
}
