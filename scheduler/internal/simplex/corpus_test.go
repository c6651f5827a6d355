package simplex

import (
	"math"
	"math/rand/v2"
	"testing"

	"hearth/scheduler/internal/lp"
)

func TestSolve_ReproducesTheRelaxationsOfTheCorpus(t *testing.T) {
	for name, want := range map[string]float64{
		"M0": 0.9574, "M1": 11.7498, "M4": -1.0159, "S0": 6.7631, "S3": -3.9764,
	} {
		t.Run(name, func(t *testing.T) {
			w := newTwin(relax(readProblem(t, name)))
			r := w.solve(t, noCutoff)
			if r.Status != Optimal || math.Abs(r.Objective-want) > 6e-5 {
				t.Errorf("%v %v, want %v", r.Status, r.Objective, want)
			}
		})
	}
}

// A flat tariff makes nearly every plan as good as another: most steps win nothing.
func TestSolve_EndsWhereNearlyAllIsEqual(t *testing.T) {
	m := relax(readProblem(t, "F-flat-tariff-M0"))
	if r := newTwin(m).solve(t, noCutoff); r.Status != Optimal || r.Iterations > m.Rows()+m.Columns() {
		t.Errorf("%v after %d iterations", r.Status, r.Iterations)
	}
	for j := range m.Columns() {
		m.SetCost(j, 0)
	}
	if r := newTwin(m).solve(t, noCutoff); r.Status != Optimal || r.Iterations > m.Rows()+m.Columns() {
		t.Errorf("without any cost: %v after %d iterations", r.Status, r.Iterations)
	}
}

// dive fixes fractional columns at random, in both directions, until there is no point left. After each the
// answer is judged; visit may look on.
func dive(t *testing.T, w *twin, random *rand.Rand, visit func(Result)) (steps int) {
	for {
		all := probes(w.model, w.solver.X(nil))
		if len(all) == 0 {
			return steps
		}
		p := all[random.IntN(len(all))]
		w.setBounds(p.column, p.value, p.value)
		r := w.solve(t, noCutoff)
		steps++
		visit(r)
		if r.Status == Infeasible {
			return steps
		}
		if r.Status != Optimal {
			t.Fatalf("step %d: %v", steps, r.Status)
		}
	}
}

func TestSolve_ChildrenEqualAColdSolve(t *testing.T) {
	for _, name := range []string{"S0", "S1", "S2", "S3", "T0", "T1", "T2", "T3", "T4", "T5"} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			for range 3 {
				w := newTwin(relax(readProblem(t, name)))
				w.solve(t, noCutoff)
				dive(t, w, random, func(r Result) {
					cold := newTwin(w.model).solve(t, noCutoff)
					if cold.Status != r.Status || r.Status == Optimal && math.Abs(cold.Objective-r.Objective) > 1e-6*max(1, math.Abs(cold.Objective)) {
						t.Errorf("warm %v %v, cold %v %v", r.Status, r.Objective, cold.Status, cold.Objective)
					}
				})
			}
		})
	}
}

func TestSolve_DivesThroughTheCorpus(t *testing.T) {
	for _, name := range []string{"M0", "M1", "M4", "F-flat-tariff-M0"} {
		t.Run(name, func(t *testing.T) {
			m := relax(readProblem(t, name))
			w := newTwin(m)
			root := w.solve(t, noCutoff)
			basis := w.solver.Basis()
			last := root.Objective
			steps := dive(t, w, rand.New(rand.NewPCG(3, 4)), func(r Result) {
				if r.Status == Optimal && r.Objective < last-1e-5 {
					t.Errorf("a child costs %v, its parent %v", r.Objective, last)
				}
				last = r.Objective
			})
			t.Logf("%d steps", steps)
			again := relax(readProblem(t, name))
			for j := range m.Columns() {
				low, high := again.Bounds(j)
				w.setBounds(j, low, high)
			}
			w.solver.Use(basis)
			if r := w.solve(t, noCutoff); r.Status != Optimal || math.Abs(r.Objective-root.Objective) > 1e-6 || r.Iterations > 20 {
				t.Errorf("back at the root: %v %v after %d iterations, was %v", r.Status, r.Objective, r.Iterations, root.Objective)
			}
		})
	}
}

// Cuts are rows that the point violates, of all kinds of density; slack ones are dropped again, and the
// solver goes back to bases from before.
func TestSolve_CutsComeAndGo(t *testing.T) {
	for _, name := range []string{"S0", "M0"} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(5, 6))
			w := newTwin(relax(readProblem(t, name)))
			rows := w.model.Rows()
			root := w.solve(t, noCutoff)
			basis := w.solver.Basis()
			last := root.Objective
			for range 6 {
				x := w.solver.X(nil)
				for range 10 {
					w.addRow(cut(w.model, x, random))
				}
				r := w.solve(t, noCutoff)
				if r.Status != Optimal || r.Objective < last-1e-6 {
					t.Fatalf("%v %v after cuts, was %v", r.Status, r.Objective, last)
				}
				w.dropRows(func(row int) bool { return row >= rows && w.solver.IsSlack(row) })
				if again := w.solve(t, noCutoff); again.Status != Optimal || math.Abs(again.Objective-r.Objective) > 1e-6 || again.Iterations > 5 {
					t.Fatalf("%v %v in %d iterations without slack cuts, was %v", again.Status, again.Objective, again.Iterations, r.Objective)
				}
				last = r.Objective
			}
			w.solver.Use(basis) // cuts become slack
			if r := w.solve(t, noCutoff); r.Status != Optimal || math.Abs(r.Objective-last) > 1e-6 {
				t.Errorf("%v %v from the root's basis, was %v", r.Status, r.Objective, last)
			}
			withCuts := w.solver.Basis()
			w.dropRows(func(row int) bool { return row >= rows })
			if r := w.solve(t, noCutoff); r.Status != Optimal || math.Abs(r.Objective-root.Objective) > 1e-6 {
				t.Errorf("%v %v without cuts, was %v", r.Status, r.Objective, root.Objective)
			}
			w.solver.Use(withCuts) // of rows that are gone
			if r := w.solve(t, noCutoff); r.Status != Optimal || math.Abs(r.Objective-root.Objective) > 1e-6 {
				t.Errorf("%v %v from a basis of rows that are gone, was %v", r.Status, r.Objective, root.Objective)
			}
		})
	}
}

// cut is a random row whose activity at x must fall a little.
func cut(m *lp.Model, x []float64, random *rand.Rand) (low, high float64, _ lp.Term, _ lp.Term, _ lp.Term) {
	pick := func() lp.Term {
		return lp.Term{Column: random.IntN(m.Columns()), Value: random.NormFloat64()}
	}
	a, b, c := pick(), pick(), pick()
	least := 0.0
	at := 0.0
	for _, t := range []lp.Term{a, b, c} {
		l, h := m.Bounds(t.Column)
		least += min(t.Value*l, t.Value*h)
		at += t.Value * x[t.Column]
	}
	return math.Inf(-1), at - 0.02*(at-least), a, b, c
}
