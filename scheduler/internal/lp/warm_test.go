package lp

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// changed is the model after something that happens between two solves: other costs, bounds and sides, and
// more rows.
func changed(r *rand.Rand, m *Model, point []float64) *Model {
	c := new(Model)
	for j := range m.Columns() {
		low, high := m.Bounds(j)
		if r.IntN(4) == 0 { // as a branch does
			if r.IntN(2) == 0 {
				low = point[j]
			} else {
				high = point[j]
			}
		}
		c.Column(m.Cost(j)+float64(r.IntN(5)-2)/8, low, high)
	}
	for i := range m.Rows() {
		low, high := m.RowBounds(i)
		if r.IntN(4) == 0 {
			low, high = low-0.5, high+0.25
		}
		c.Row(low, high, m.Terms(i)...)
	}
	for range r.IntN(4) { // as cuts do
		i := c.Row(0, 0, Term{r.IntN(m.Columns()), 1}, Term{r.IntN(m.Columns()), -0.75})
		c.SetRow(i, c.Activity(i, point)-0.125, math.Inf(1))
	}
	return c
}

func TestSolve_WarmStartsLeadToTheSameOptimum(t *testing.T) {
	solver := new(Solver)
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 6))
		m, point := randomFeasible(r, 1+r.IntN(30), r.IntN(25), false)
		before := check(t, solver, m, Options{Tolerance: 1e-6})
		m = changed(r, m, point)
		want, isFeasible := simplex(m)
		if !isFeasible {
			t.Fatal("the point is feasible still")
		}
		warm := check(t, solver, m, Options{Tolerance: 1e-6, Warm: before})
		if warm.Status != Optimal || warm.Objective > want+2e-6 || warm.Bound < want-2e-6 || warm.Bound > want+1e-9 || warm.Violation > 1e-6 {
			t.Fatalf("%v after %d: objective %v, bound %v, violation %v; want %v", warm.Status, warm.Iterations, warm.Objective, warm.Bound, warm.Violation, want)
		}
		again := check(t, solver, m, Options{Tolerance: 1e-6, Warm: warm})
		if again.Status != Optimal || math.Abs(again.Bound-warm.Bound) > 3e-6 {
			t.Fatalf("once more: %v with bound %v, was %v", again.Status, again.Bound, warm.Bound)
		}
	})
}

// A solution of another model does no harm, it is not used.
func TestSolve_AWarmStartThatDoesNotFitIsLeft(t *testing.T) {
	m := relax(readProblem(t, "S0"))
	s := new(Solver)
	cold := s.Solve(t.Context(), m, Options{})
	for name, warm := range map[string]*Solution{
		"of another model": s.Solve(t.Context(), relax(readProblem(t, "S1")), Options{}),
		"without a way":    {X: cold.X, Y: cold.Y},
	} {
		if out := s.Solve(t.Context(), m, Options{Warm: warm}); out.Iterations != cold.Iterations || out.Objective != cold.Objective {
			t.Errorf("%s: %v after %d, without it %v after %d", name, out.Objective, out.Iterations, cold.Objective, cold.Iterations)
		}
	}
}

// A warm start is for cut rounds and branches: there it has to save iterations.
func TestSolve_WarmStartsSaveIterations(t *testing.T) {
	warm, cold := 0, 0
	for _, name := range []string{"S0", "S2", "M0", "M1", "M4"} {
		m := relax(readProblem(t, name))
		s := new(Solver)
		o := Options{Tolerance: 1e-4}
		before := s.Solve(t.Context(), m, o)
		r := rand.New(rand.NewPCG(1, 1))
		for range m.Columns() / 100 { // settle some columns, as a dive does
			j := r.IntN(m.Columns())
			if low, high := m.Bounds(j); before.X[j] < (low+high)/2 {
				m.SetBounds(j, low, before.X[j])
			} else {
				m.SetBounds(j, before.X[j], high)
			}
		}
		a := s.Solve(t.Context(), m, o)
		o.Warm = before
		b := s.Solve(t.Context(), m, o)
		if a.Status != Optimal || b.Status != Optimal || math.Abs(a.Objective-b.Objective) > 2e-4 {
			t.Errorf("%s: %v %v cold, %v %v warm", name, a.Status, a.Objective, b.Status, b.Objective)
		}
		cold, warm = cold+a.Iterations, warm+b.Iterations
	}
	if warm*10 > cold*9 {
		t.Errorf("%d iterations warm, %d cold", warm, cold)
	}
	t.Logf("%d iterations warm, %d cold", warm, cold)
}

// A run that is stopped at once still proves what the warm start has proven, where that holds still.
func TestSolve_AStoppedRunKeepsTheBoundOfItsWarmStart(t *testing.T) {
	m := relax(readProblem(t, "S0"))
	s := new(Solver)
	before := s.Solve(t.Context(), m, Options{Tolerance: 1e-5})
	m.Row(math.Inf(-1), 100, Term{0, 1}, Term{1, 1}) // no cut at all, but one row more
	for _, limit := range []int{1, 2, 3} {
		out := s.Solve(t.Context(), m, Options{Tolerance: 1e-9, Limit: limit, Warm: before})
		if out.Status != Stopped || out.Bound < before.Bound-1e-9 || out.Bound != m.Bound(out.Y) {
			t.Errorf("limit %d: %v with bound %v, was %v; Y proves %v", limit, out.Status, out.Bound, before.Bound, m.Bound(out.Y))
		}
	}
	other := relax(readProblem(t, "S1"))
	if out := s.Solve(t.Context(), other, Options{Limit: 1, Warm: before}); out.Bound != other.Bound(out.Y) {
		t.Errorf("bound %v, Y proves %v", out.Bound, other.Bound(out.Y))
	}
}

// The waypoint has multipliers for rows that presolve has taken out, too.
func TestSolve_TheWaypointProvesNearlyAsMuch(t *testing.T) {
	m := new(Model)
	a, b := m.Column(-100, 0, 10), m.Column(-1, 0, 10)
	m.Row(math.Inf(-1), 4, Term{a, 2})
	m.Row(math.Inf(-1), 3, Term{a, 1}, Term{b, 1})
	out := new(Solver).Solve(t.Context(), m, Options{Tolerance: 1e-6})
	if bound := m.Bound(out.way.y); bound < out.Bound-0.2*math.Abs(out.Bound) {
		t.Errorf("the waypoint proves %v, the solution %v", bound, out.Bound)
	}
}

// A run that lost its way falls back on what was proven before.
func TestRun_EndsWithTheBestBound(t *testing.T) {
	m := relax(readProblem(t, "S0"))
	s := new(Solver)
	out := s.Solve(t.Context(), m, Options{Tolerance: 1e-5})
	way := m.Bound(out.way.y)
	clear(s.bestY)
	s.bestY[0] = 1e9
	r := run{s: s, m: m, out: out, merit: 2}
	if r.end(); out.Status != Stopped || out.Bound != way || m.Bound(out.Y) != way {
		t.Errorf("%v with bound %v; the waypoint proves %v", out.Status, out.Bound, way)
	}
}

// A warm start from which nothing leads anywhere is given up, and the solve begins again.
func TestRun_GivesAWarmStartUp(t *testing.T) {
	m := relax(readProblem(t, "S0"))
	s := new(Solver)
	cold := s.Solve(t.Context(), m, Options{Tolerance: 1e-5})
	bad := *cold
	bad.way.y = make([]float64, m.Rows())
	for i := range bad.way.y {
		bad.way.y[i] = 1e12 * float64(i%3-1)
	}
	bad.way.mu = 1e-12
	out := s.Solve(t.Context(), m, Options{Tolerance: 1e-5, Warm: &bad})
	if out.Status != Optimal || math.Abs(out.Objective-cold.Objective) > 2e-5 {
		t.Errorf("%v after %d: %v, want %v", out.Status, out.Iterations, out.Objective, cold.Objective)
	}
}
