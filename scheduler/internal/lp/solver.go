package lp

import (
	"context"
	"math"
	"slices"
)

// Solver solves models one after the other, in its own memory. The zero value is ready.
type Solver struct {
	presolve presolve
	core     core
	symbolic symbolic
	factor   factor
	interior interior

	laidOut  bool    // whether symbolic fits the pattern below
	rowStart []int32 // the pattern of the core that symbolic was made for
	pattern  []int32
	bestX    []float64 // by column of the core: the point of the best iterate
	bestY    []float64 // by row of the core: the multipliers with the best bound
	room     []float64 // scratch, two values by column of the model
	other    []float64 // scratch, by row of the model
}

// Limits where the options say nothing.
const (
	defaultLimit       = 200
	defaultFeasibility = 1e-7
	defaultTolerance   = 1e-6
)

// Solve minimises the model. The context is looked at before every iteration, and while the first one is prepared.
func (s *Solver) Solve(ctx context.Context, m *Model, o Options) *Solution {
	if o.Limit <= 0 {
		o.Limit = defaultLimit
	}
	if o.Feasibility <= 0 {
		o.Feasibility = defaultFeasibility
	}
	out := &Solution{Status: Stopped, X: make([]float64, m.Columns()), Y: make([]float64, m.Rows())}
	if !m.isSound() {
		out.Objective, out.Bound, out.Violation = math.NaN(), math.Inf(-1), math.Inf(1)
		return out
	}
	s.room = resized(s.room, 2*m.Columns())
	if !s.presolve.run(m) {
		copy(out.X, m.low)
		s.presolve.disprove(m, out.Y)
		s.finish(m, out)
		out.Status = Infeasible
		return out
	}
	s.core.build(m, &s.presolve)
	if !s.layOut(ctx) {
		s.finish(m, out)
		return out
	}
	r := run{s: s, m: m, o: o, out: out}
	r.iterate(ctx)
	return out
}

// isSound says that all numbers are what they should be.
func (m *Model) isSound() bool {
	for j, c := range m.cost {
		if sum := c - c + (m.low[j] - m.low[j]) + (m.high[j] - m.high[j]); sum != 0 {
			return false // one of them is infinite or not a number
		}
	}
	for i, low := range m.rowLow {
		if math.IsNaN(low) || math.IsNaN(m.rowHigh[i]) || math.IsInf(low, 1) || math.IsInf(m.rowHigh[i], -1) {
			return false
		}
	}
	for _, t := range m.terms {
		if t.Value-t.Value != 0 {
			return false
		}
	}
	return true
}

// layOut makes the symbolic factor, or keeps it where the pattern is still the same. It is false when ctx has ended
// before there is one.
func (s *Solver) layOut(ctx context.Context) bool {
	c := &s.core
	if s.laidOut && slices.Equal(s.rowStart, c.rowStart) && slices.Equal(s.pattern, c.rowColumn) {
		return true
	}
	if s.laidOut = s.symbolic.analyse(ctx, c); !s.laidOut {
		return false
	}
	s.factor.lay(&s.symbolic)
	s.rowStart = append(s.rowStart[:0], c.rowStart...)
	s.pattern = append(s.pattern[:0], c.rowColumn...)
	return true
}

// write takes the best point and multipliers back to the model.
func (s *Solver) write(m *Model, out *Solution) {
	c, p := &s.core, &s.presolve
	for j := range out.X {
		if p.isFixed[j] {
			out.X[j] = p.value[j]
			continue
		}
		out.X[j] = s.bestX[c.column[j]]
	}
	clear(out.Y)
	for i, source := range c.source {
		if source >= 0 {
			out.Y[source] = s.bestY[i]
		}
	}
	p.undo(m, out.Y)
	s.finish(m, out)
}

// finish completes a solution from its X and Y.
func (s *Solver) finish(m *Model, out *Solution) {
	for j, v := range out.X {
		out.X[j] = min(max(v, m.low[j]), m.high[j])
	}
	for i, y := range out.Y {
		out.Y[i] = m.clipped(i, y)
	}
	out.Objective = m.Objective(out.X)
	out.Bound = m.bound(out.Y, s.room)
	out.Violation = m.Violation(out.X)
}
