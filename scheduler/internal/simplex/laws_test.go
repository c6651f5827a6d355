package simplex

import (
	"context"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/lp"
)

// twin is a solver with a model that goes through the same changes, to judge it by.
type twin struct {
	model  *lp.Model
	solver *Solver
}

func newTwin(m *lp.Model) *twin {
	w := &twin{m, new(Solver)}
	w.solver.Load(m)
	return w
}

func (w *twin) setBounds(column int, low, high float64) {
	w.model.SetBounds(column, low, high)
	w.solver.SetBounds(column, low, high)
}

func (w *twin) setRow(row int, low, high float64) {
	w.model.SetRow(row, low, high)
	w.solver.SetRow(row, low, high)
}

func (w *twin) addRow(low, high float64, terms ...lp.Term) {
	w.model.Row(low, high, terms...)
	w.solver.AddRow(low, high, terms...)
}

func (w *twin) dropRows(drop func(row int) bool) {
	next := new(lp.Model)
	for j := range w.model.Columns() {
		low, high := w.model.Bounds(j)
		next.Column(w.model.Cost(j), low, high)
	}
	for i := range w.model.Rows() {
		if !drop(i) {
			low, high := w.model.RowBounds(i)
			next.Row(low, high, w.model.Terms(i)...)
		}
	}
	w.solver.DropRows(drop)
	w.model = next
}

type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

var noCutoff = Options{Cutoff: math.Inf(1)}

// solve solves and judges the answer by the model alone.
func (w *twin) solve(t failer, o Options) Result {
	t.Helper()
	r := w.solver.Solve(context.Background(), o)
	judge(t, w.model, w.solver, o, r)
	return r
}

// judge checks what a result says: an optimum by its point and its multipliers, which prove each other, a
// cutoff by its multipliers, and that there is no point by multipliers whose bound no point of the box can cost.
func judge(t failer, m *lp.Model, s *Solver, o Options, r Result) {
	t.Helper()
	x, y := s.X(nil), s.Y(nil)
	scale := max(1, math.Abs(r.Objective))
	switch r.Status {
	case Optimal:
		if v := violation(m, x); v > 1e-6 {
			t.Errorf("optimal, but the point violates something by %v", v)
		}
		if math.Abs(m.Objective(x)-r.Objective) > 1e-9*scale {
			t.Errorf("objective %v, but the point costs %v", r.Objective, m.Objective(x))
		}
		if math.Abs(r.Objective-r.Bound) > 1e-5*scale {
			t.Errorf("optimal, but objective %v and bound %v", r.Objective, r.Bound)
		}
	case Cutoff:
		if r.Bound < o.Cutoff {
			t.Errorf("cutoff %v, but bound %v", o.Cutoff, r.Bound)
		}
	case Infeasible:
		if !math.IsInf(r.Bound, 1) {
			t.Errorf("infeasible, but bound %v", r.Bound)
		}
		for i := range m.Rows() {
			if low, high := m.RowBounds(i); low > high {
				return
			}
		}
		dearest := 0.0
		for j := range m.Columns() {
			low, high := m.Bounds(j)
			if low > high {
				return
			}
			dearest += max(m.Cost(j)*low, m.Cost(j)*high)
		}
		if proof := m.Bound(y); proof <= dearest {
			t.Errorf("infeasible, but the multipliers prove %v, and the dearest point of the box costs %v", proof, dearest)
		}
		return
	}
	for i, v := range y {
		if low, high := m.RowBounds(i); v > 0 && math.IsInf(low, -1) || v < 0 && math.IsInf(high, 1) {
			t.Errorf("row %d: the multiplier %v points to an infinite side", i, v)
		}
	}
	if proof := m.Bound(y); math.Abs(proof-r.Bound) > 1e-9*max(1, math.Abs(proof)) && r.Bound != math.Inf(-1) {
		t.Errorf("bound %v, but the multipliers prove %v", r.Bound, proof)
	}
}

// violation is the most by which a point leaves a bound, or a side relative to the row's largest entry.
func violation(m *lp.Model, x []float64) float64 {
	worst := 0.0
	for j, v := range x {
		low, high := m.Bounds(j)
		if v < low || v > high {
			return math.Inf(1)
		}
	}
	for i := range m.Rows() {
		largest := 1.0
		for _, t := range m.Terms(i) {
			largest = max(largest, math.Abs(t.Value))
		}
		low, high := m.RowBounds(i)
		v := m.Activity(i, x)
		worst = max(worst, (low-v)/largest, (v-high)/largest)
	}
	return worst
}

// drawModel is a small model of small whole numbers: degenerate, often, and sometimes infeasible.
func drawModel(t *rapid.T, columns, rows int) *lp.Model {
	m := new(lp.Model)
	for range rapid.IntRange(1, columns).Draw(t, "columns") {
		low := float64(rapid.IntRange(-3, 2).Draw(t, "low"))
		width := float64(rapid.IntRange(0, 4).Draw(t, "width"))
		m.Column(float64(rapid.IntRange(-3, 3).Draw(t, "cost")), low, low+width)
	}
	for range rapid.IntRange(0, rows).Draw(t, "rows") {
		low, high, terms := drawRow(t, m)
		m.Row(low, high, terms...)
	}
	return m
}

func drawRow(t *rapid.T, m *lp.Model) (low, high float64, terms []lp.Term) {
	for range rapid.IntRange(0, 4).Draw(t, "terms") {
		terms = append(terms, lp.Term{
			Column: rapid.IntRange(0, m.Columns()-1).Draw(t, "column"),
			Value:  float64(rapid.IntRange(-3, 3).Draw(t, "value")),
		})
	}
	low, high = drawSides(t)
	return low, high, terms
}

func drawSides(t *rapid.T) (low, high float64) {
	low = float64(rapid.IntRange(-6, 4).Draw(t, "side"))
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		return low, low
	case 1:
		return low, math.Inf(1)
	case 2:
		return math.Inf(-1), low
	case 3:
		return low, low + float64(rapid.IntRange(0, 5).Draw(t, "width"))
	}
	return math.Inf(-1), math.Inf(1)
}

func TestSolve_EndsWithAProof(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newTwin(drawModel(t, 8, 8))
		if r := w.solve(t, noCutoff); r.Status != Optimal && r.Status != Infeasible {
			t.Fatalf("%v", r.Status)
		}
	})
}

func TestSolve_AgreesWithTheInteriorPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t, 12, 10)
		r := newTwin(m).solve(t, noCutoff)
		other := new(lp.Solver).Solve(context.Background(), m, lp.Options{})
		switch {
		case other.Status == lp.Stopped:
			return
		case (other.Status == lp.Infeasible) != (r.Status == Infeasible):
			t.Fatalf("%v, the interior point says %v", r.Status, other.Status)
		case r.Status == Optimal && math.Abs(r.Objective-other.Objective) > 1e-5*max(1, math.Abs(r.Objective)):
			t.Fatalf("%v, the interior point says %v", r.Objective, other.Objective)
		}
	})
}

// exactBound is the bound of multipliers without any rounding.
func exactBound(m *lp.Model, y []float64) *big.Rat {
	number := func(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }
	reduced := make([]*big.Rat, m.Columns())
	for j := range reduced {
		reduced[j] = number(m.Cost(j))
	}
	sum := new(big.Rat)
	for i, v := range y {
		low, high := m.RowBounds(i)
		if v == 0 {
			continue
		}
		side := low
		if v < 0 {
			side = high
		}
		if math.IsInf(side, 0) {
			panic("a multiplier that points nowhere")
		}
		sum.Add(sum, new(big.Rat).Mul(number(v), number(side)))
		for _, term := range m.Terms(i) {
			reduced[term.Column].Sub(reduced[term.Column], new(big.Rat).Mul(number(v), number(term.Value)))
		}
	}
	for j, d := range reduced {
		low, high := m.Bounds(j)
		a, b := new(big.Rat).Mul(d, number(low)), new(big.Rat).Mul(d, number(high))
		if a.Cmp(b) > 0 {
			a = b
		}
		sum.Add(sum, a)
	}
	return sum
}

func TestSolve_BoundIsSafeWhereverItStops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newTwin(drawModel(t, 10, 10))
		for j := range w.model.Columns() { // numbers that do not end in binary
			low, high := w.model.Bounds(j)
			w.setBounds(j, low/7, high/7)
		}
		o := Options{Cutoff: math.Inf(1), Limit: rapid.IntRange(1, 6).Draw(t, "limit")}
		if rapid.Bool().Draw(t, "isCut") {
			o.Cutoff = float64(rapid.IntRange(-20, 20).Draw(t, "cutoff")) / 3
		}
		r := w.solve(t, o)
		if r.Iterations > o.Limit {
			t.Errorf("%d iterations, limit %d", r.Iterations, o.Limit)
		}
		if r.Status == Infeasible {
			return
		}
		if exact := exactBound(w.model, w.solver.Y(nil)); exact.Cmp(new(big.Rat).SetFloat64(r.Bound)) < 0 {
			f, _ := exact.Float64()
			t.Errorf("bound %v, but it is %v", r.Bound, f)
		}
		full := newTwin(w.model).solve(t, noCutoff)
		if full.Status == Optimal && r.Bound > full.Objective+1e-6*max(1, math.Abs(full.Objective)) {
			t.Errorf("bound %v, but the optimum is %v", r.Bound, full.Objective)
		}
	})
}

// change makes a random change to both, and may go to another basis.
func (w *twin) change(t *rapid.T, bases *[]Basis) {
	columns, rows := w.model.Columns(), w.model.Rows()
	switch rapid.IntRange(0, 6).Draw(t, "change") {
	case 0, 1:
		j := rapid.IntRange(0, columns-1).Draw(t, "of")
		low := float64(rapid.IntRange(-4, 3).Draw(t, "low"))
		w.setBounds(j, low, low+float64(rapid.IntRange(0, 4).Draw(t, "width")))
	case 2:
		if rows > 0 {
			low, high := drawSides(t)
			w.setRow(rapid.IntRange(0, rows-1).Draw(t, "of"), low, high)
		}
	case 3:
		low, high, terms := drawRow(t, w.model)
		w.addRow(low, high, terms...)
	case 4:
		mask := rapid.Uint16().Draw(t, "drop")
		w.dropRows(func(row int) bool { return mask>>(row%16)&1 != 0 && (row%2 == 0 || w.solver.IsSlack(row)) })
	case 5:
		*bases = append(*bases, w.solver.Basis())
	case 6:
		if len(*bases) > 0 {
			w.solver.Use(rapid.SampledFrom(*bases).Draw(t, "basis"))
		}
	}
}

func TestSolve_WarmEqualsCold(t *testing.T) { rapid.Check(t, warmEqualsCold) }

// FuzzSolve looks for changes after which a warm solve is wrong.
func FuzzSolve(f *testing.F) {
	f.Add([]byte{})
	for seed := range byte(4) { // sizes, bounds, rows and changes are drawn from these
		text := make([]byte, 4096)
		for k := range text {
			text[k] = byte(k*k*int(2*seed+1)>>3) + seed
		}
		f.Add(text)
	}
	f.Fuzz(rapid.MakeFuzz(warmEqualsCold))
}

// warmEqualsCold is the law: wherever the solver comes from, it ends where a new one does.
func warmEqualsCold(t *rapid.T) {
	w := newTwin(drawModel(t, 8, 6))
	var bases []Basis
	for range rapid.IntRange(1, 12).Draw(t, "rounds") {
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			w.change(t, &bases)
		}
		warm := w.solve(t, noCutoff)
		cold := newTwin(w.model).solve(t, noCutoff)
		if warm.Status != cold.Status || warm.Status == Optimal && math.Abs(warm.Objective-cold.Objective) > 1e-6*max(1, math.Abs(cold.Objective)) {
			t.Fatalf("warm %v %v, cold %v %v", warm.Status, warm.Objective, cold.Status, cold.Objective)
		}
	}
}
