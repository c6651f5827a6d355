package lp

import (
	"math"
	"testing"
)

// The optima of these relaxations were found by another solver as well, to the digits given.
func TestSolve_ReproducesTheRelaxationsOfTheCorpus(t *testing.T) {
	iterations := 0
	for _, c := range []struct {
		name string
		want float64
	}{
		{"S0", 6.7631}, {"S3", -3.9764}, {"M0", 0.9574}, {"M1", 11.7498}, {"M4", -1.0159}, {"L0", 18.7325},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := relax(readProblem(t, c.name))
			s := new(Solver).Solve(t.Context(), m, Options{Tolerance: 2e-5})
			if s.Status != Optimal || math.Abs(s.Objective-c.want) > 7e-5 || math.Abs(s.Bound-c.want) > 7e-5 || s.Violation > 1e-6 {
				t.Errorf("%v: objective %.6f, bound %.6f, violation %v; want %v", s.Status, s.Objective, s.Bound, s.Violation, c.want)
			}
			iterations += s.Iterations
		})
	}
	if iterations > 92 {
		t.Errorf("%d iterations in all, want at most 92", iterations)
	}
	t.Logf("%d iterations in all", iterations)
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
