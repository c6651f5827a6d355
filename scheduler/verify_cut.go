package scheduler

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// maxPatterns is how many ways to be on or off are tried to find the constant of one cut: about a second.
const maxPatterns = 1 << 20

// choice is one way of a device to be in a slot: its net power (kW, negative: it gives back) lies in
// [low, high], and the right side of the cut has fixed + slope x net power.
type choice struct{ low, high, slope, fixed float64 }

// choices are the ways of a term's device: at rest, on within one of its bands, giving back.
func (v *verifier) choices(term CutTerm, t int) []choice {
	r := v.reach(term.Device, t)
	out := []choice{{}}
	for _, b := range r.bands {
		out = append(out, choice{b[0], b[1], term.Power, term.On})
	}
	if r.back > 0 {
		out = append(out, choice{-r.back, 0, term.Back, 0}) // minus Back times minus the net power
	}
	return out
}

// coefficients are all numbers of the cut but its price.
func (q SlotCut) coefficients() []float64 {
	out := []float64{q.Import, q.Export}
	for _, term := range q.Terms {
		out = append(out, term.Power, term.On, term.Back)
	}
	return out
}

// constant is the greatest with which the cut is true of all that is legal in its slot, whatever a leaf says;
// infinite when nothing is.
func (v *verifier) constant(q SlotCut) float64 {
	key := fmt.Sprint(q.Slot, q.Import, q.Export, q.Terms)
	if _, ok := v.constants[key]; !ok {
		v.constants[key] = v.hullOf(q).least(nil)
	}
	return v.constants[key]
}

// hull is what a cut's constant depends on: all net powers of a slot's exchange with the grid that the
// devices' choices can make.
type hull struct {
	imports, exports float64    // the cut's coefficients
	low, high        float64    // net power (kW) that the limits of the connection allow
	rest             choice     // all but the devices with a term; it has no part in the right side
	choices          [][]choice // of the devices with one
}

// hullOf takes the devices without a term for one that can have any power between their least and their
// greatest.
func (v *verifier) hullOf(q SlotCut) *hull {
	p, t := v.problem, q.Slot
	h := &hull{imports: q.Import, exports: q.Export, low: -kilos(p.ExportLimit[t]), high: kilos(p.ImportLimit[t])}
	slip := 1e-12 * (1 + h.high - h.low) // what just fits does so in spite of rounding
	h.low, h.high = h.low-slip, h.high+slip
	h.rest.low, h.rest.high = v.span(t, func(device int) bool {
		return slices.ContainsFunc(q.Terms, func(term CutTerm) bool { return term.Device == device })
	})
	for _, term := range q.Terms {
		h.choices = append(h.choices, v.choices(term, t))
	}
	return h
}

// least is the least that the cut's left side can be above the terms of the right one, once the first
// devices have made their choices.
func (h *hull) least(made []choice) float64 {
	if len(made) == len(h.choices) {
		return h.leastOf(append(slices.Clone(made), h.rest))
	}
	least := math.Inf(1)
	for _, c := range h.choices[len(made)] {
		least = min(least, h.least(append(made, c)))
	}
	return least
}

// leastOf is the least for given choices. For a net power of the home the terms are greatest when the devices
// are filled from their low ends in the order of their slopes, so over the net power both sides are made of
// straight lines, and the least is at an end of one: where a device is full, at a limit, or at 0, where import
// turns into export.
func (h *hull) leastOf(made []choice) float64 {
	slices.SortStableFunc(made, func(a, b choice) int { return cmp.Compare(b.slope, a.slope) })
	net, terms := 0.0, 0.0
	for _, c := range made {
		net, terms = net+c.low, terms+c.fixed+c.slope*c.low
	}
	least := math.Inf(1)
	for _, c := range made {
		end := net + (c.high - c.low)
		for _, at := range [5]float64{net, end, 0, h.low, h.high} {
			if at >= max(net, h.low) && at <= min(end, h.high) {
				least = min(least, h.left(at)-(terms+c.slope*(at-net)))
			}
		}
		net, terms = end, terms+c.slope*(c.high-c.low)
	}
	return least
}

// left is the left side of the cut at a net power.
func (h *hull) left(net float64) float64 {
	if net < 0 {
		return h.exports * net
	}
	return h.imports * net
}
