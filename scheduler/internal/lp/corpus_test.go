package lp

import (
	"math"
	"testing"
)

// The optima of these relaxations were found by another solver as well, to the digits given.
func TestSolve_ReproducesTheRelaxationsOfTheCorpus(t *testing.T) {
	for _, c := range []struct {
		name string
		want float64
		most int // iterations
	}{
		{"S0", 6.7631, 12}, {"S3", -3.9764, 12}, {"M0", 0.9574, 20}, {"M1", 11.7498, 20}, {"M4", -1.0159, 22}, {"L0", 18.7325, 28},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := relax(readProblem(t, c.name))
			s := new(Solver).Solve(t.Context(), m, Options{Tolerance: 2e-5})
			if s.Status != Optimal || math.Abs(s.Objective-c.want) > 7e-5 || math.Abs(s.Bound-c.want) > 7e-5 || s.Violation > 1e-6 {
				t.Errorf("%v: objective %.6f, bound %.6f, violation %v; want %v", s.Status, s.Objective, s.Bound, s.Violation, c.want)
			}
			if s.Iterations > c.most {
				t.Errorf("%d iterations, want at most %d", s.Iterations, c.most)
			}
		})
	}
}

// A house that is asked for more than it can do: the relaxation has no point, and the bound says so.
func TestSolve_ProvesThatAHouseCannot(t *testing.T) {
	for _, name := range []string{"S0", "M0", "M4"} {
		p := readProblem(t, name)
		p.ImportLimit = series{30}
		if s := new(Solver).Solve(t.Context(), relax(p), Options{}); s.Status != Infeasible {
			t.Errorf("%s: %v after %d, violation %v", name, s.Status, s.Iterations, s.Violation)
		}
	}
}
