package scheduler

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"hearth/energy"
)

// Verify recomputes the bound that a certificate proves, from the problem alone: it shares no code with the
// solver, and takes the certificate's word for nothing. Every plan that violates nothing costs at least what
// it returns.
//
// An error says what is wrong: [Faults] of the problem, a tree that is none, a branch of which a plan could
// keep neither statement, prices out of shape or negative where they must not be, or a problem that nothing
// satisfies. Of a certificate that claims more than it proves (by more than 1e-6 and a billionth of it), the
// bound comes with the error.
//
// How it works. With prices on what devices share (the balance, the peak, circuits, what a cut or a count
// says) instead of the rules on it, the least cost falls apart into a least for each slot's exchange with the
// grid and one for each device. Each is found exactly, or from below. Whatever the prices, their sum is not
// above the cost of any plan of the leaf: such a plan keeps the rules, so what is paid or earned at the prices
// is at most 0. The least leaf is a bound for all plans, because no branch leaves any out.
//
// Plans are taken at their word: a power is on when it is above 0, and the slips that [Evaluate] forgives are
// not granted. Time goes with the leaves: of a home with 200 slots each takes from a hundredth of a
// second to a few seconds, the most where a tank of one power is indifferent between many hours.
func Verify(p *Problem, c *Certificate) (energy.Money, error) {
	if err := p.Validate(); err != nil {
		return 0, err
	}
	bound, err := newVerifier(p).bound(c)
	if err != nil {
		return 0, fmt.Errorf("verify: %w", err)
	}
	if claimed := c.Bound.Float(); claimed > bound+1e-6+1e-9*math.Abs(bound) {
		err = fmt.Errorf("verify: claims a bound of %v, proves %.9f", c.Bound, bound)
	}
	return inMoney(bound), err
}

// inMoney is the amount, rounded down; one beyond what fits is cut off, which is down too.
func inMoney(bound float64) energy.Money {
	return energy.Money(math.Floor(min(bound, mostMoney) * 1e9))
}

// mostMoney is about the most that [energy.Money] holds.
const mostMoney = 9e9

// verifier holds what all leaves need of a problem.
type verifier struct {
	problem   *Problem
	slots     int
	firsts    []int              // the steps with which slots begin
	runs      [][]run            // of each Shiftable inside its window, in order; nil for other devices
	parts     [][][2]float64     // of each Interruptible: see partsOf
	blocks    [][2]int           // those that count for the peak
	blockOf   []int              // for each slot, the index of its block; -1: none that counts
	circuits  [][]int            // for each device, the circuits it is in
	imports   []float64          // kW, the most that can be imported in each slot
	exports   []float64          // and exported
	constants map[string]float64 // of cuts, by their text
}

func newVerifier(p *Problem) *verifier {
	n := p.Slots()
	v := &verifier{
		problem: p, slots: n, firsts: p.firstSteps(), blockOf: slices.Repeat([]int{-1}, n),
		circuits: make([][]int, len(p.Devices)), constants: map[string]float64{},
	}
	for from, to := range p.blocks() {
		for t := from; t < to; t++ {
			v.blockOf[t] = len(v.blocks)
		}
		v.blocks = append(v.blocks, [2]int{from, to})
	}
	v.runs, v.parts = make([][]run, len(p.Devices)), make([][][2]float64, len(p.Devices))
	for i, d := range p.Devices {
		switch d := d.(type) {
		case Shiftable:
			v.runs[i] = v.runsOf(d)
		case Interruptible:
			v.parts[i] = v.partsOf(d)
		}
		for k, c := range p.Circuits {
			if slices.Contains(c.Devices, d.Name()) {
				v.circuits[i] = append(v.circuits[i], k)
			}
		}
	}
	for t := range n {
		low, high := v.span(t, nil)
		v.imports = append(v.imports, max(0, min(high, kilos(p.ImportLimit[t]))))
		v.exports = append(v.exports, max(0, min(-low, kilos(p.ExportLimit[t]))))
	}
	return v
}

// span is the least and the greatest net power (kW, curtailment included) of slot t that base load, solar and
// the devices can make, but for those left out.
func (v *verifier) span(t int, without func(device int) bool) (low, high float64) {
	p := v.problem
	low = kilos(p.BaseLoad[t] - p.Solar[t])
	high = low
	if p.SolarCurtailable {
		high = kilos(p.BaseLoad[t])
	}
	for i := range p.Devices {
		if without != nil && without(i) {
			continue
		}
		r, most := v.reach(i, t), 0.0
		for _, b := range r.bands {
			most = max(most, b[1])
		}
		low, high = low-r.back, high+most
	}
	return low, high
}

// slotHours is the length of slot t.
func (v *verifier) slotHours(t int) float64 { return v.problem.hours(t) }

// weight is that of slot t in the mean of its block.
func (v *verifier) weight(t int) float64 {
	b := v.blocks[v.blockOf[t]]
	return float64(v.problem.span(t)) / float64(v.firsts[b[1]]-v.firsts[b[0]])
}

// bound is the least of the leaves.
func (v *verifier) bound(c *Certificate) (float64, error) {
	if c == nil {
		return 0, errors.New("no certificate")
	}
	t, err := treeOf(c.Nodes)
	if err != nil {
		return 0, err
	}
	for i, n := range c.Nodes { // all that is quick to say, before any leaf is bounded
		if n.Branch != nil {
			err = v.checkBranch(n.Branch)
		} else {
			err = v.checkDuals(n.Duals, t.counts[i])
		}
		if err != nil {
			return 0, fmt.Errorf("node %d: %w", i, err)
		}
	}
	least := math.Inf(1)
	for i, n := range c.Nodes {
		if n.Branch == nil {
			x, err := v.leaf(t.path(i), n.Duals)
			if err != nil {
				return 0, fmt.Errorf("node %d: %w", i, err)
			}
			least = min(least, x)
		}
	}
	switch {
	case math.IsInf(least, 1):
		return 0, v.emptiness()
	case !(least > -mostMoney):
		return 0, errors.New("proves no bound that money could say")
	}
	return least, nil
}

// emptiness is why every leaf is empty: no leaf would be, if each device had something it could do.
func (v *verifier) emptiness() error {
	for i, d := range v.problem.Devices {
		if math.IsInf(v.least(i, freedom{to: v.problem.Grid.Count()}, newTolls(v.slots)), 1) {
			return fmt.Errorf("nothing satisfies device %s", d.Name())
		}
	}
	return errors.New("every leaf is empty")
}
