package simplex

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/lp"
)

// small is to make x + y >= 1.5 with x, y in [0, 1], at the costs 1 and 2: x = 1, y = 0.5.
func small() *twin {
	m := new(lp.Model)
	x, y := m.Column(1, 0, 1), m.Column(2, 0, 1)
	m.Row(1.5, math.Inf(1), lp.Term{Column: x, Value: 1}, lp.Term{Column: y, Value: 1})
	return newTwin(m)
}

func TestSolve_Small(t *testing.T) {
	w := small()
	r := w.solve(t, noCutoff)
	if r.Status != Optimal || math.Abs(r.Objective-2) > 1e-9 {
		t.Errorf("%v %v, want 2", r.Status, r.Objective)
	}
	if x := w.solver.X(nil); math.Abs(x[0]-1) > 1e-9 || math.Abs(x[1]-0.5) > 1e-9 {
		t.Errorf("x = %v", x)
	}
	if y := w.solver.Y(nil); math.Abs(y[0]-2) > 1e-9 {
		t.Errorf("y = %v, want 2: one more costs a y", y)
	}
	if w.solver.IsSlack(0) {
		t.Error("the row is tight, and its logical basic")
	}
	w.setBounds(1, 0, 0.25)
	if r := w.solve(t, noCutoff); r.Status != Infeasible {
		t.Errorf("%v, want infeasible", r.Status)
	}
	w.setRow(0, math.Inf(-1), 1.5)
	if r := w.solve(t, noCutoff); r.Status != Optimal || r.Objective != 0 {
		t.Errorf("%v %v, want 0", r.Status, r.Objective)
	}
}

func TestSolve_CrossedBoundsHaveNoPoint(t *testing.T) {
	w := small()
	w.setBounds(0, 1, 0)
	w.setRow(0, 3, 2)
	if r := w.solve(t, noCutoff); r.Status != Infeasible {
		t.Errorf("%v, want infeasible", r.Status)
	}
	if y := w.solver.Y(nil); y[0] != 0 {
		t.Errorf("multipliers %v, want none", y)
	}
	w.setBounds(0, 0, 1)
	if r := w.solve(t, noCutoff); r.Status != Infeasible {
		t.Errorf("%v with a row that is crossed still, want infeasible", r.Status)
	}
	w.addRow(1, 0)
	w.setRow(0, 1.5, 2)
	if r := w.solve(t, noCutoff); r.Status != Infeasible {
		t.Errorf("%v with an added row that is crossed, want infeasible", r.Status)
	}
	w.dropRows(func(row int) bool { return row == 1 })
	if r := w.solve(t, noCutoff); r.Status != Optimal {
		t.Errorf("%v, want optimal", r.Status)
	}
}

func TestSolve_UnsoundNumbersProveNothing(t *testing.T) {
	for name, spoil := range map[string]func(m *lp.Model){
		"cost":     func(m *lp.Model) { m.SetCost(0, math.NaN()) },
		"bound":    func(m *lp.Model) { m.SetBounds(0, 0, math.Inf(1)) },
		"side":     func(m *lp.Model) { m.SetRow(0, math.NaN(), 1) },
		"infinity": func(m *lp.Model) { m.SetRow(0, math.Inf(1), math.Inf(1)) },
		"entry":    func(m *lp.Model) { m.Row(0, 1, lp.Term{Value: math.Inf(1)}) },
	} {
		t.Run(name, func(t *testing.T) {
			w := small()
			spoil(w.model)
			w.solver.Load(w.model)
			if r := w.solver.Solve(t.Context(), noCutoff); r.Status != Stopped || !math.IsInf(r.Bound, -1) {
				t.Errorf("%v with bound %v", r.Status, r.Bound)
			}
		})
	}
}

func TestSolve_StopsAtTheCutoff(t *testing.T) {
	w := newTwin(relax(readProblem(t, "S0")))
	full := w.solve(t, noCutoff)
	for _, share := range []float64{0.5, 0.9, 0.99} {
		w.solver.Load(w.model)
		o := Options{Cutoff: share * full.Objective}
		r := w.solve(t, o)
		if r.Status != Cutoff || r.Iterations >= full.Iterations {
			t.Errorf("cutoff %v: %v after %d of %d iterations", o.Cutoff, r.Status, r.Iterations, full.Iterations)
		}
	}
	if r := w.solve(t, Options{Cutoff: full.Objective + 1e-3}); r.Status != Optimal {
		t.Errorf("cutoff above the optimum: %v", r.Status)
	}
}

func TestSolve_LimitAndContextStopIt(t *testing.T) {
	w := newTwin(relax(readProblem(t, "S0")))
	if r := w.solve(t, Options{Cutoff: math.Inf(1), Limit: 20}); r.Status != Stopped || r.Iterations != 20 {
		t.Errorf("%v after %d iterations", r.Status, r.Iterations)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := w.solver.Solve(ctx, noCutoff); r.Status != Stopped || r.Iterations > patience {
		t.Errorf("%v after %d iterations", r.Status, r.Iterations)
	}
	if r := w.solve(t, noCutoff); r.Status != Optimal { // it goes on
		t.Errorf("%v", r.Status)
	}
}

func TestSolve_TheSameAgain(t *testing.T) {
	run := func(s *Solver) (out []float64) {
		m := relax(readProblem(t, "S2"))
		s.Load(m)
		s.Solve(t.Context(), noCutoff)
		root := s.Basis()
		for _, p := range probes(m, s.X(nil)) {
			s.Use(root)
			s.SetBounds(p.column, p.value, p.value)
			r := s.Solve(t.Context(), noCutoff)
			out = append(append(append(out, r.Objective, r.Bound, float64(r.Iterations)), s.X(nil)...), s.Y(nil)...)
			s.SetBounds(p.column, 0, 1)
		}
		return out
	}
	used := new(Solver)
	first := run(used)
	if !slices.Equal(first, run(new(Solver))) {
		t.Error("two solvers differ")
	}
	if !slices.Equal(first, run(used)) {
		t.Error("a used solver differs from a fresh one")
	}
}

func TestSolve_AllocatesNothingWhenWarm(t *testing.T) {
	m := relax(readProblem(t, "S0"))
	s := new(Solver)
	s.Load(m)
	s.Solve(t.Context(), noCutoff)
	root := s.Basis()
	all := probes(m, s.X(nil))
	x, y := s.X(nil), s.Y(nil)
	run := func() {
		for _, p := range all {
			s.Use(root)
			s.SetBounds(p.column, p.value, p.value)
			s.Solve(context.Background(), noCutoff)
			x, y = s.X(x), s.Y(y)
			s.SetBounds(p.column, 0, 1)
		}
	}
	run()
	if n := testing.AllocsPerRun(5, run); n > 0 {
		t.Errorf("%v allocations in %d solves", n, len(all))
	}
}

// Whatever the rule, the basis it ends at is optimal.
func TestStep_TheRuleOfBlandEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newTwin(drawModel(t, 8, 8))
		want := newTwin(w.model).solve(t, noCutoff)
		s := w.solver
		s.prepare()
		for range 10_000 {
			s.isBland = true
			if out := s.step(); out == none {
				break
			} else if out == unbounded {
				if !s.proveInfeasible() {
					t.Fatal("nothing enters, and that proves nothing")
				}
				if want.Status != Infeasible {
					t.Fatalf("infeasible, want %v", want.Status)
				}
				return
			}
		}
		if s.iterations >= 10_000 {
			t.Fatal("it went in a circle")
		}
		if r := w.solve(t, noCutoff); r.Status != want.Status || math.Abs(r.Objective-want.Objective) > 1e-6*max(1, math.Abs(want.Objective)) {
			t.Fatalf("%v %v, want %v %v", r.Status, r.Objective, want.Status, want.Objective)
		}
	})
}

// The weights of steepest edge are the squared norms of the rows of the inverse, and stay it.
func TestWeights_AreNormsOfTheInverse(t *testing.T) {
	s := new(Solver)
	s.Load(relax(readProblem(t, "S0")))
	s.Solve(t.Context(), Options{Cutoff: math.Inf(1), Limit: 60})
	var v vector
	for p := range int32(s.m) {
		v.resize(s.m)
		v.add(p, 1)
		s.factor.backward(&v, false)
		norm := 0.0
		for _, x := range v.value {
			norm += x * x
		}
		if math.Abs(norm-s.weight[p]) > 1e-6*norm {
			t.Errorf("position %d: weight %v, norm %v", p, s.weight[p], norm)
		}
	}
}
