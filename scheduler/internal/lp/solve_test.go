package lp

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// check solves and holds the answer against the laws every solution keeps.
func check(t *rapid.T, s *Solver, m *Model, o Options) *Solution {
	t.Helper()
	out := s.Solve(t.Context(), m, o)
	for j, x := range out.X {
		if low, high := m.Bounds(j); !(x >= low && x <= high) && low <= high {
			t.Fatalf("column %d is %v, not within %v and %v", j, x, low, high)
		}
	}
	if got := m.Objective(out.X); got != out.Objective {
		t.Fatalf("objective %v, but X costs %v", out.Objective, got)
	}
	if got := m.Violation(out.X); got != out.Violation {
		t.Fatalf("violation %v, but X has %v", out.Violation, got)
	}
	if got := m.Bound(out.Y); got != out.Bound {
		t.Fatalf("bound %v, but Y proves %v", out.Bound, got)
	}
	return out
}

func TestSolve_AgreesWithTheSimplexMethod(t *testing.T) {
	solver := new(Solver)
	rapid.Check(t, func(t *rapid.T) { agrees(t, solver) })
}

func FuzzSolve(f *testing.F) {
	solver := new(Solver)
	for seed := range byte(20) {
		text := make([]byte, 4000) // every draw takes eight
		_, _ = rand.NewChaCha8([32]byte{seed}).Read(text)
		f.Add(text)
	}
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { agrees(t, solver) }))
}

func agrees(t *rapid.T, solver *Solver) {
	m := drawModel(t)
	want, isFeasible := simplex(m)
	s := check(t, solver, m, Options{Tolerance: 1e-6})
	if !isFeasible {
		if s.Status != Infeasible {
			t.Fatalf("%v with violation %v and bound %v, but no point is feasible", s.Status, s.Violation, s.Bound)
		}
		return
	}
	if s.Status != Optimal || math.Abs(s.Objective-want) > 2e-6 || s.Bound > want+1e-9 || s.Violation > 1e-6 {
		t.Fatalf("%v after %d: objective %v, bound %v, violation %v; want %v", s.Status, s.Iterations, s.Objective, s.Bound, s.Violation, want)
	}
}

func TestSolve_AgreesWithTheSimplexMethodOnModelsOfSomeSize(t *testing.T) {
	solver := new(Solver)
	rapid.Check(t, func(t *rapid.T) {
		m, point := drawFeasible(t)
		want, isFeasible := simplex(m)
		if !isFeasible || want > m.Objective(point)+1e-6 {
			t.Fatalf("the oracle is wrong: %v %v", want, isFeasible)
		}
		s := check(t, solver, m, Options{Tolerance: 1e-6})
		// Such a model may have no interior, and then multipliers without end: a violation at the edge of what is
		// allowed may be worth more than the tolerance. The bound has no such excuse.
		if s.Status != Optimal || s.Objective > want+2e-6 || s.Bound < want-2e-6 || s.Bound > want+1e-9 || s.Violation > 1e-6 {
			t.Fatalf("%v after %d: objective %v, bound %v, violation %v; want %v", s.Status, s.Iterations, s.Objective, s.Bound, s.Violation, want)
		}
	})
}

// permuted is the model with its rows and columns in another order.
func permuted(r *rand.Rand, m *Model) *Model {
	to, from := make([]int, m.Columns()), r.Perm(m.Columns())
	p := new(Model)
	for k, j := range from {
		low, high := m.Bounds(j)
		to[j] = p.Column(m.Cost(j), low, high)
		if to[j] != k {
			panic("columns are numbered in order")
		}
	}
	for _, i := range r.Perm(m.Rows()) {
		terms := slices.Clone(m.Terms(i))
		for k := range terms {
			terms[k].Column = to[terms[k].Column]
		}
		r.Shuffle(len(terms), func(a, b int) { terms[a], terms[b] = terms[b], terms[a] })
		low, high := m.RowBounds(i)
		p.Row(low, high, terms...)
	}
	return p
}

// scaled is the model with money, columns and rows in other units. The objective is times the first.
func scaled(r *rand.Rand, m *Model) (scale float64, s *Model) {
	unit := func() float64 { return math.Ldexp(1, r.IntN(9)-4) }
	scale = unit()
	s = new(Model)
	columns := make([]float64, m.Columns())
	for j := range columns {
		columns[j] = unit()
		low, high := m.Bounds(j)
		s.Column(m.Cost(j)*scale/columns[j], low*columns[j], high*columns[j])
	}
	for i := range m.Rows() {
		row := unit()
		low, high := m.RowBounds(i)
		terms := slices.Clone(m.Terms(i))
		for k := range terms {
			terms[k].Value *= row / columns[terms[k].Column]
		}
		s.Row(low*row, high*row, terms...)
	}
	return scale, s
}

func TestSolve_OrderAndUnitsChangeNothing(t *testing.T) {
	solver := new(Solver)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		r := rand.New(rand.NewPCG(seed, 5))
		m, _ := randomFeasible(r, 1+r.IntN(40), r.IntN(30), true)
		want := check(t, solver, m, Options{Tolerance: 1e-6})
		other := check(t, solver, permuted(r, m), Options{Tolerance: 1e-6})
		if other.Status != want.Status || math.Abs(other.Bound-want.Bound) > 3e-6 {
			t.Fatalf("in another order %v %v, was %v %v", other.Status, other.Bound, want.Status, want.Bound)
		}
		scale, m := scaled(r, m)
		other = check(t, solver, m, Options{Tolerance: 1e-6 * scale})
		if other.Status != want.Status || math.Abs(other.Bound/scale-want.Bound) > 3e-6 {
			t.Fatalf("in other units %v %v, was %v %v", other.Status, other.Bound/scale, want.Status, want.Bound)
		}
	})
}

// What a solver has solved before must not show: not in its memory, and not in a layout it should have renewed.
func TestSolve_APastSolverAnswersAsAFreshOne(t *testing.T) {
	used := new(Solver)
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		if rapid.Bool().Draw(t, "some size") {
			m, _ = drawFeasible(t)
		}
		a, b := used.Solve(t.Context(), m, Options{}), new(Solver).Solve(t.Context(), m, Options{})
		if a.Status != b.Status || a.Iterations != b.Iterations || !slices.Equal(a.X, b.X) || !slices.Equal(a.Y, b.Y) {
			t.Fatalf("%v after %d: %v %v; fresh %v after %d: %v %v", a.Status, a.Iterations, a.X, a.Y, b.Status, b.Iterations, b.X, b.Y)
		}
	})
}

func TestSolve_StopsWithAValidBound(t *testing.T) {
	m := relax(readProblem(t, "S2"))
	s := new(Solver)
	want := s.Solve(t.Context(), m, Options{Tolerance: 1e-6})
	before := math.Inf(-1)
	for limit := 1; limit < want.Iterations; limit++ {
		out := s.Solve(t.Context(), m, Options{Tolerance: 1e-6, Limit: limit})
		if out.Status != Stopped || out.Iterations != limit {
			t.Errorf("limit %d: %v after %d", limit, out.Status, out.Iterations)
		}
		if out.Bound > want.Objective || out.Bound < before {
			t.Errorf("limit %d: bound %v, before %v, optimum %v", limit, out.Bound, before, want.Objective)
		}
		before = out.Bound
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if out := s.Solve(ctx, m, Options{}); out.Status != Stopped || out.Iterations != 0 || out.Bound > want.Objective {
		t.Errorf("cancelled: %v after %d, bound %v", out.Status, out.Iterations, out.Bound)
	}
}

func TestSolve_RefusesNumbersThatAreNone(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, spoil := range map[string]func(m *Model){
		"cost":       func(m *Model) { m.SetCost(0, nan) },
		"low":        func(m *Model) { m.SetBounds(0, -inf, 1) },
		"high":       func(m *Model) { m.SetBounds(0, 0, inf) },
		"row":        func(m *Model) { m.SetRow(0, nan, 1) },
		"row at inf": func(m *Model) { m.SetRow(0, inf, inf) },
		"term":       func(m *Model) { m.Row(0, 1, Term{0, nan}) },
	} {
		m := new(Model)
		m.Column(1, 0, 1)
		m.Column(1, 0, 1)
		m.Row(1, 2, Term{0, 1}, Term{1, 1})
		spoil(m)
		if s := new(Solver).Solve(t.Context(), m, Options{}); s.Status != Stopped || !math.IsInf(s.Bound, -1) {
			t.Errorf("%s: %v with bound %v", name, s.Status, s.Bound)
		}
	}
}

// A column in many rows must not make the factor a full matrix. Here one column is an upper limit of all others.
func TestSolve_LongColumnsAreCutIntoCopies(t *testing.T) {
	const n = 400
	m := new(Model)
	peak := m.Column(0.5, 0, 10)
	for i := range n {
		// Each others' cost drops with its place: x = 1 is worth it for the last half, once the peak is paid.
		x, y := m.Column(-float64(i)/n, 0, 1), m.Column(0, 0, 1)
		m.Row(math.Inf(-1), 0, Term{x, 1}, Term{y, 0.5}, Term{peak, -1})
		m.Row(0.5, math.Inf(1), Term{x, 1}, Term{y, 1})
	}
	want := 0.5 // and all x at 1
	for i := range n {
		want -= float64(i) / n
	}
	s := new(Solver)
	out := s.Solve(t.Context(), m, Options{Tolerance: 1e-6})
	if out.Status != Optimal || math.Abs(out.Objective-want) > 1e-6 || math.Abs(out.Bound-want) > 1e-6 || out.Violation > 1e-6 {
		t.Errorf("%v: objective %v, bound %v, violation %v, want %v", out.Status, out.Objective, out.Bound, out.Violation, want)
	}
	if most := 20 * n; s.symbolic.nonzeros > most {
		t.Errorf("%d nonzeros, want at most %d", s.symbolic.nonzeros, most)
	}
}

func TestSolve_OnlyTheSolutionIsAllocated(t *testing.T) {
	m := relax(readProblem(t, "S0"))
	s := new(Solver)
	count := func(limit int) float64 {
		return testing.AllocsPerRun(5, func() { s.Solve(t.Context(), m, Options{Limit: limit, Tolerance: 1e-5}) })
	}
	few, many := count(5), count(50)
	if few != many {
		t.Errorf("%v allocations with 5 iterations, %v with all", few, many)
	}
	if many > 5 { // the solution, its X and Y, and the two of its waypoint
		t.Errorf("%v allocations", many)
	}
}
