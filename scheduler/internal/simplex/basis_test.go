package simplex

import (
	"math"
	"math/rand/v2"
	"testing"

	"hearth/scheduler/internal/lp"
)

// checkUsed says that a solver is where the basis says.
func checkUsed(t *testing.T, s *Solver, b Basis) {
	t.Helper()
	for v := range s.at {
		if s.at[v] == basic != (b.place(v) == basic) {
			t.Fatalf("variable %d: basic %v, in the basis %v", v, s.at[v] == basic, b.place(v) == basic)
		}
	}
	checkState(t, s)
}

// Whichever way the solver has gone since, and whether the factor is gone back to or made anew.
func TestUse_GoesBackExactly(t *testing.T) {
	m := relax(readProblem(t, "S0"))
	s := new(Solver)
	s.Load(m)
	s.Solve(t.Context(), noCutoff)
	random := rand.New(rand.NewPCG(9, 10))
	bases := []Basis{s.Basis()}
	objectives := []float64{s.takePoint()}
	rewound, anew := 0, 0
	for range 300 {
		switch random.IntN(5) {
		case 0:
			s.refresh()
		case 1, 2:
			j := random.IntN(m.Columns())
			low, high := m.Bounds(j)
			s.SetBounds(j, low, (low+high)/2)
			s.Solve(t.Context(), Options{Cutoff: math.Inf(1), Limit: 1 + random.IntN(5)})
			s.SetBounds(j, low, high)
		case 3:
			bases = append(bases, s.Basis())
			s.prepare()
			objectives = append(objectives, s.takePoint())
		case 4:
			k := random.IntN(len(bases))
			s.Use(bases[k])
			if s.isFactored {
				rewound++
			} else {
				anew++
			}
			s.prepare()
			checkUsed(t, s, bases[k])
			if math.Abs(s.takePoint()-objectives[k]) > 1e-7 {
				t.Fatalf("cost %v, was %v", s.takePoint(), objectives[k])
			}
		}
	}
	if rewound == 0 || anew == 0 {
		t.Errorf("%d times gone back, %d made anew: the law was not put to the test", rewound, anew)
	}
}

func TestUse_BasisOfAnotherSolver(t *testing.T) {
	m := relax(readProblem(t, "S0"))
	a, b := new(Solver), new(Solver)
	a.Load(m)
	b.Load(m)
	a.Solve(t.Context(), noCutoff)
	b.Solve(t.Context(), Options{Cutoff: math.Inf(1), Limit: 9})
	basis, own := a.Basis(), b.Basis()
	basis.key = own.key // names are of one solver, so they may be the same
	b.Use(basis)
	b.prepare()
	checkUsed(t, b, basis)
	b.Use(own)
	b.prepare()
	checkUsed(t, b, own)
	b.Use(basis)
	if r := b.Solve(t.Context(), noCutoff); r.Iterations > 0 {
		t.Errorf("%d iterations from an optimal basis", r.Iterations)
	}
	b.Load(new(lp.Model)) // other columns: the basis of all logicals
	b.Use(basis)
	if r := b.Solve(t.Context(), noCutoff); r.Status != Optimal {
		t.Errorf("%v", r.Status)
	}
}

// A basis may be singular by now, since its rows are others. It is repaired each time.
func TestUse_RepairsWhatIsSingular(t *testing.T) {
	m := new(lp.Model)
	x, y := m.Column(1, 0, 1), m.Column(2, 0, 1)
	for range 2 {
		m.Row(1.5, 2, lp.Term{Column: x, Value: 1}, lp.Term{Column: y, Value: 1})
	}
	w := newTwin(m)
	s := w.solver
	s.at[x], s.at[y], s.at[2], s.at[3] = basic, basic, atLow, atLow
	b := s.Basis()
	for range 3 {
		s.Use(b)
		s.prepare()
		checkState(t, s)
		if r := w.solve(t, noCutoff); r.Status != Optimal || math.Abs(r.Objective-2) > 1e-9 {
			t.Fatalf("%v %v", r.Status, r.Objective)
		}
		checkState(t, s)
	}
}

// Weights go with their variables, whatever rows are gone.
func TestUse_KeepsWeights(t *testing.T) {
	m := relax(readProblem(t, "S0"))
	s := new(Solver)
	s.Load(m)
	s.Solve(t.Context(), noCutoff)
	b := s.Basis()
	want := map[int32]float64{} // by column, and by identity of row after them
	name := func(v int32) int32 {
		if int(v) < s.n {
			return v
		}
		return int32(s.n) + s.id[int(v)-s.n]
	}
	for k, v := range s.head {
		want[name(v)] = float64(float32(s.weight[k]))
	}
	s.DropRows(func(row int) bool { return row%3 == 0 && s.IsSlack(row) })
	for v, at := range s.at {
		if at == basic && float64(float32(s.kept[v])) != want[name(int32(v))] {
			t.Errorf("variable %d: weight %v after rows are gone, want %v", v, s.kept[v], want[name(int32(v))])
		}
	}
	s.AddRow(0, 1, lp.Term{Column: 0, Value: 1})
	s.Use(b)
	for v, at := range s.at {
		if at != basic {
			continue
		}
		weight, ok := want[name(int32(v))]
		if !ok {
			weight = 1
		}
		if s.kept[v] != weight {
			t.Errorf("variable %d: weight %v, want %v", v, s.kept[v], weight)
		}
	}
}

// A basis that is used again and again gets a factor without updates, and that one is gone back to.
func TestUse_AgainAndAgain(t *testing.T) {
	s := new(Solver)
	s.Load(relax(readProblem(t, "S0")))
	s.Solve(t.Context(), Options{Cutoff: math.Inf(1), Limit: 2 * fewUpdates})
	b := s.Basis()
	for k, isFactored := range []bool{true, false, true, true} {
		s.Use(b)
		if s.isFactored != isFactored {
			t.Errorf("use %d: factored %v", k, s.isFactored)
		}
		s.prepare()
		checkUsed(t, s, b)
		s.step()
	}
	if n := len(s.factor.updates); n != 1 {
		t.Errorf("%d updates after one step", n)
	}
}
