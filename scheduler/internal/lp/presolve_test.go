package lp

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// solveWithout solves a model of which presolve should leave nothing: what is left of it is said too.
func solveWithout(t *testing.T, m *Model) (*Solution, int) {
	t.Helper()
	s := new(Solver)
	out := s.Solve(t.Context(), m, Options{Tolerance: 1e-9})
	return out, s.core.rows
}

func TestPresolve_LeavesNothingOfSimpleModels(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		name string
		make func(m *Model)
		want float64
	}{
		{"no rows", func(m *Model) { m.Column(2, -1, 3); m.Column(-1, 0, 4) }, -6},
		{"a fixed column", func(m *Model) {
			m.Column(1, 2, 2)
			m.Column(1, 0, 5)
			m.Row(3, inf, Term{0, 1}, Term{1, 1}) // x1 >= 1
		}, 3},
		{"a row that cannot bind", func(m *Model) {
			m.Column(1, 0, 1)
			m.Column(-1, 0, 1)
			m.Row(-1, 2, Term{0, 1}, Term{1, 1})
		}, -1},
		{"a row that can just reach its sides", func(m *Model) {
			m.Column(1, 0, 1)
			m.Column(-1, 0.1, 0.3)
			m.Row(0.1, 1.3, Term{0, 1}, Term{1, 1})
		}, -0.3},
		{"a row of one column, with a negative value", func(m *Model) {
			m.Column(1, -10, 10)
			m.Row(-inf, 6, Term{0, -2}) // x >= -3
		}, -3},
		{"two rows of one column, the tighter counts", func(m *Model) {
			m.Column(-1, 0, 10)
			m.Row(-inf, 8, Term{0, 1})
			m.Row(-inf, 6, Term{0, 1})
			m.Row(-inf, 21, Term{0, 3})
		}, -6},
		{"an equation fixes, and what it fixes makes the next row one of one column", func(m *Model) {
			m.Column(1, 0, 10)
			m.Column(1, 0, 10)
			m.Row(8, 8, Term{0, 1}, Term{1, 1})
			m.Row(6, 6, Term{0, 2})
		}, 8},
		{"a row at its least forces its columns", func(m *Model) {
			m.Column(-1, 0, 10)
			m.Column(-2, -1, 10)
			m.Row(-inf, -1, Term{0, 3}, Term{1, 1})
		}, 2},
		{"a row at its most forces its columns, of either sign", func(m *Model) {
			m.Column(5, 0, 2)
			m.Column(1, 0, 10)
			m.Row(2, inf, Term{0, 1}, Term{1, -1})
		}, 10},
		{"a forced column rests on a bound that was a row", func(m *Model) {
			m.Column(-1, 0, 10)
			m.Column(-1, 0, 10)
			m.Row(4, inf, Term{0, 1}) // x0 >= 4
			m.Row(-inf, 8, Term{0, 2}, Term{1, 1})
		}, -4},
		{"an empty row", func(m *Model) { m.Column(1, 0, 1); m.Row(-1, 1) }, 0},
		{"a row of zeros", func(m *Model) { m.Column(1, 0, 1); m.Row(0, 0, Term{0, 1}, Term{0, -1}) }, 0},
		{"bounds that cross by rounding", func(m *Model) {
			m.Column(1, 0.1+0.2, 5)
			m.Row(-inf, 0.3, Term{0, 1})
		}, 0.3},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := new(Model)
			c.make(m)
			s, rows := solveWithout(t, m)
			if rows != 0 {
				t.Errorf("%d rows are left to the iteration", rows)
			}
			if s.Status != Optimal || math.Abs(s.Objective-c.want) > 1e-9 || math.Abs(s.Bound-c.want) > 1e-9 || s.Violation > 1e-9 {
				t.Errorf("%v: objective %v, bound %v by %v, violation %v; want %v", s.Status, s.Objective, s.Bound, s.Y, s.Violation, c.want)
			}
		})
	}
}

func TestPresolve_SeesContradictions(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		name string
		make func(m *Model)
	}{
		{"bounds cross", func(m *Model) { m.Column(0, 1, 0.9) }},
		{"sides cross", func(m *Model) { m.Column(0, 0, 1); m.Column(0, 0, 1); m.Row(1.5, 1, Term{0, 1}, Term{1, 1}) }},
		{"out of reach above", func(m *Model) { m.Column(0, 0, 1); m.Row(1.1, inf, Term{0, 1}) }},
		{"out of reach below", func(m *Model) { m.Column(0, 0, 1); m.Column(0, 0, 1); m.Row(-inf, -0.1, Term{0, 1}, Term{1, 1}) }},
		{"an empty row", func(m *Model) { m.Column(0, 0, 1); m.Row(1, 2) }},
		{"two rows of one column", func(m *Model) {
			m.Column(0, 0, 9)
			m.Row(5, inf, Term{0, 1})
			m.Row(-inf, 4, Term{0, 1})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := new(Model)
			c.make(m)
			s, _ := solveWithout(t, m)
			if s.Status != Infeasible || s.Iterations != 0 {
				t.Errorf("%v after %d iterations", s.Status, s.Iterations)
			}
			if isProven := s.Bound > m.ceiling(); isProven == strings.HasSuffix(c.name, "cross") {
				t.Errorf("multipliers %v prove a cost of %v", s.Y, s.Bound)
			}
		})
	}
}

// What presolve takes out changes neither the optimum nor what the multipliers prove: many columns are fixed
// here, so that rows shrink, force and become bounds in long chains.
func TestPresolve_GivesMultipliersBack(t *testing.T) {
	solver := new(Solver)
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		for j := range m.Columns() {
			if low, _ := m.Bounds(j); rapid.IntRange(0, 2).Draw(t, "fixed") == 0 {
				m.SetBounds(j, low, low)
			}
		}
		want, isFeasible := simplex(m)
		s := check(t, solver, m, Options{Tolerance: 1e-7})
		if isFeasible != (s.Status == Optimal) {
			t.Fatalf("%v, but feasible: %v", s.Status, isFeasible)
		}
		if isFeasible && (math.Abs(s.Objective-want) > 1e-6 || math.Abs(s.Bound-want) > 1e-6) {
			t.Fatalf("objective %v, bound %v, want %v", s.Objective, s.Bound, want)
		}
		taken += len(solver.presolve.steps)
	})
	if taken == 0 {
		t.Error("no row was ever taken out with a multiplier to give back")
	}
}
