package respond

import "sort"

// Steps is the step of the fine grid at which each slot begins and, last, the one at which the grid ends; nil:
// slots are steps. Slots hold prices and powers, steps are what devices count their times in.
//
//	step   0 1 2 3 4 5 6 7 8 9
//	slot   0 1 2     3     | end      Steps{0, 1, 2, 5, 8}
type Steps []int

// At is the step at which slot t begins.
func (s Steps) At(t int) int {
	if s == nil {
		return t
	}
	return s[t]
}

// In is the number of steps of slot t.
func (s Steps) In(t int) int {
	if s == nil {
		return 1
	}
	return s[t+1] - s[t]
}

// From is the first slot that begins at a step or later. Beyond the end of the grid it is the step by which it
// is beyond, more than the slots.
func (s Steps) From(step int) int {
	if s == nil {
		return step
	}
	if n := len(s) - 1; step > s[n] {
		return n + step - s[n]
	}
	return sort.SearchInts(s, step)
}

// After is the first slot that begins so many steps after slot t, or later.
func (s Steps) After(t, steps int) int { return s.From(s.At(t) + steps) }

// Since is the first slot that begins less than so many steps before slot t; of slots that are steps it may be
// negative, before the grid.
func (s Steps) Since(t, steps int) int {
	if s == nil {
		return t - steps + 1
	}
	return sort.SearchInts(s, s[t]-steps+1)
}
