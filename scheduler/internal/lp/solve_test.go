package lp

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
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
	for i, y := range out.Y {
		if low, high := m.RowBounds(i); y > 0 && math.IsInf(low, -1) || y < 0 && math.IsInf(high, 1) {
			t.Fatalf("row %d between %v and %v has multiplier %v", i, low, high, y)
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
		if s.Bound <= m.ceiling() {
			t.Fatalf("multipliers %v prove no more than %v, but a point may cost %v", s.Y, s.Bound, m.ceiling())
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

// Models that were found among 400,000 random ones because they are answered wrongly, or not at all, when one of the
// solver's precautions is left out. Other machines round differently and find other models hard.
func TestSolve_HardModels(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("what is hard depends on rounding")
	}
	s := new(Solver)
	for _, seed := range []uint64{3192, 55544, 61344, 117843, 120725, 150060, 647, 1503, 2689, 15677, 19889, 50845} {
		r := rand.New(rand.NewPCG(seed, 1))
		m, _ := randomFeasible(r, 1+r.IntN(30), r.IntN(25), r.IntN(3) == 0)
		want, _ := simplex(m)
		out := s.Solve(t.Context(), m, Options{Tolerance: 1e-6})
		if out.Status != Optimal || out.Objective > want+2e-6 || math.Abs(out.Bound-want) > 2e-6 || out.Violation > 1e-6 || out.Iterations > 30 {
			t.Errorf("%d: %v after %d: objective %v, bound %v, violation %v; want %v", seed, out.Status, out.Iterations, out.Objective, out.Bound, out.Violation, want)
		}
		scale, m := scaled(r, permuted(r, m))
		out = s.Solve(t.Context(), m, Options{Tolerance: 1e-6 * scale})
		if out.Status != Optimal || math.Abs(out.Bound/scale-want) > 2e-6 || out.Iterations > 30 {
			t.Errorf("%d in other units: %v after %d: bound %v, want %v", seed, out.Status, out.Iterations, out.Bound/scale, want)
		}
	}
}

// Equations that contradict each other leave the normal equations singular; that must not hide it.
func TestSolve_SeesEquationsContradict(t *testing.T) {
	s := new(Solver)
	for name, rows := range map[string][][4]float64{ // low, high, values
		"parallel":              {{-2, -2, -2, -2}, {-2, -2, -3, -3}},
		"parallel, near":        {{1, 1, 1, 1}, {1.001, 1.001, 1, 1}},
		"opposite":              {{1, 1, 1, -1}, {1, 1, -1, 1}},
		"a third":               {{1, 1, 1, 1}, {0, 0, 1, -1}, {2.5, 2.5, 3, 1}},
		"an equation and a row": {{1, 1, 1, 1}, {1.01, 9, 1, 1}},
	} {
		m := new(Model)
		m.Column(-1, -2, 2)
		m.Column(0, -2, 2)
		for _, row := range rows {
			m.Row(row[0], row[1], Term{0, row[2]}, Term{1, row[3]})
		}
		if out := s.Solve(t.Context(), m, Options{}); out.Status != Infeasible {
			t.Errorf("%s: %v after %d, violation %v", name, out.Status, out.Iterations, out.Violation)
		}
		m.CutRows(1)
		if out := s.Solve(t.Context(), m, Options{}); out.Status != Optimal {
			t.Errorf("%s, the first alone: %v", name, out.Status)
		}
	}
}

// Far from zero a bound and what is added to it no longer fit into one number.
func TestSolve_KeepsBoundsFarFromZero(t *testing.T) {
	solver := new(Solver)
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 8))
		m, point := randomFeasible(r, 1+r.IntN(20), r.IntN(10), true)
		far := new(Model)
		for j := range m.Columns() {
			low, high := m.Bounds(j)
			offset := (r.Float64() - 0.5) * 1e7
			point[j] += offset
			far.Column(m.Cost(j), low+offset, high+offset)
		}
		for i := range m.Rows() {
			k := far.Row(0, 0, m.Terms(i)...)
			at := far.Activity(k, point)
			far.SetRow(k, at-0.5, at+0.25)
		}
		if out := check(t, solver, far, Options{Tolerance: 1e-4}); out.Status != Optimal || out.Violation > 1e-6 {
			t.Fatalf("%v after %d, violation %v", out.Status, out.Iterations, out.Violation)
		}
	})
}

// However early a run ends, it does not call optimal what is not.
func TestSolve_IsNotOptimalTooEarly(t *testing.T) {
	solver := new(Solver)
	rapid.Check(t, func(t *rapid.T) {
		m, _ := drawFeasible(t)
		want, _ := simplex(m)
		out := check(t, solver, m, Options{Tolerance: 1e-4, Limit: rapid.IntRange(1, 10).Draw(t, "limit")})
		if out.Bound > want+1e-9 {
			t.Fatalf("bound %v, optimum %v", out.Bound, want)
		}
		if out.Status == Optimal && (out.Objective > want+1.1e-4 || out.Violation > 1e-6) || out.Status == Infeasible {
			t.Fatalf("%v after %d: objective %v, violation %v; want %v", out.Status, out.Iterations, out.Objective, out.Violation, want)
		}
	})
}

// Two patterns may list the same columns and part them into other rows.
func TestSolve_RenewsTheLayoutForOtherRows(t *testing.T) {
	s := new(Solver)
	for _, split := range []int{2, 3, 2, 4} {
		m := new(Model)
		for range 6 {
			m.Column(-1, 0, 1)
		}
		list := []Term{{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}}
		m.Row(math.Inf(-1), 1, list[:split]...)
		m.Row(math.Inf(-1), 1, list[split:]...)
		if out := s.Solve(t.Context(), m, Options{}); out.Status != Optimal || math.Abs(out.Objective+2) > 1e-5 {
			t.Errorf("parted at %d: %v %v", split, out.Status, out.Objective)
		}
	}
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

// looked is a context that ends after it was looked at so many times.
type looked struct {
	context.Context
	left int
}

func (c *looked) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// On a large program the elimination order alone takes a tenth of a second: a context is obeyed within it, and what
// was left half done is done anew.
func TestSolve_ObeysAContextWhileItOrders(t *testing.T) {
	m := relax(readProblem(t, "M0"))
	want := new(Solver).Solve(t.Context(), m, Options{Tolerance: 1e-6})
	s := new(Solver)
	for looks := range 4 {
		out := s.Solve(&looked{t.Context(), looks}, m, Options{Tolerance: 1e-6})
		if s.laidOut || out.Status != Stopped || out.Iterations != 0 || out.Bound > want.Objective {
			t.Errorf("after %d looks: %v after %d iterations, bound %v", looks, out.Status, out.Iterations, out.Bound)
		}
	}
	if out := s.Solve(t.Context(), m, Options{Tolerance: 1e-6}); !slices.Equal(out.X, want.X) {
		t.Errorf("then %v at %v, a fresh solver %v at %v", out.Status, out.Objective, want.Status, want.Objective)
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
