package simplex

import (
	"math"
	"math/rand/v2"
	"testing"

	"hearth/scheduler/internal/lp"
)

// scatter is a model of some size without any structure. Most of its rows are kept by one point.
func scatter(random *rand.Rand) *lp.Model {
	m := new(lp.Model)
	x := make([]float64, 5+random.IntN(150))
	for j := range x {
		low, width := random.NormFloat64(), math.Abs(random.NormFloat64())
		cost := random.NormFloat64()
		if random.IntN(4) == 0 {
			cost = 0
		}
		m.Column(cost, low, low+width)
		x[j] = low + width*float64(random.IntN(3))/2
	}
	for range random.IntN(len(x)) {
		low, high, terms := scatteredRow(random, x, 1+random.IntN(6))
		m.Row(low, high, terms...)
	}
	return m
}

func scatteredRow(random *rand.Rand, x []float64, entries int) (low, high float64, terms []lp.Term) {
	at := 0.0
	for range entries {
		t := lp.Term{Column: random.IntN(len(x)), Value: random.NormFloat64()}
		if random.IntN(2) == 0 {
			t.Value = float64(random.IntN(5) - 2)
		}
		terms = append(terms, t)
		at += t.Value * x[t.Column]
	}
	slack := math.Abs(random.NormFloat64()) * float64(random.IntN(2))
	if random.IntN(100) == 0 {
		at -= 3 // not by that point
	}
	switch random.IntN(4) {
	case 0:
		return at, at, terms
	case 1:
		return at - slack, math.Inf(1), terms
	case 2:
		return math.Inf(-1), at + slack, terms
	}
	return at - slack, at + 2*slack, terms
}

func TestSolve_EndsWithAProofThroughAnyChanges(t *testing.T) {
	ends := map[Status]int{}
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 1))
		w := newTwin(scatter(random))
		ends[w.solve(t, noCutoff).Status]++
		bases := []Basis{w.solver.Basis()}
		for range 20 {
			n, m := w.model.Columns(), w.model.Rows()
			j := random.IntN(n)
			low, high := w.model.Bounds(j)
			middle := low + (high-low)*random.Float64()
			undo := func() { w.setBounds(j, low, high) }
			switch random.IntN(8) {
			case 0, 1:
				w.setBounds(j, middle, middle)
			case 2:
				w.setBounds(j, low, middle)
			case 3:
				w.setBounds(j, low-1, high+1)
			case 4:
				w.solver.Use(bases[random.IntN(len(bases))])
			case 5:
				low, high, terms := scatteredRow(random, w.solver.X(nil), 1+random.IntN(n))
				w.addRow(low, high, terms...)
				undo = func() { w.dropRows(func(row int) bool { return row == m }) }
			case 6:
				w.dropRows(func(row int) bool { return row%5 == 0 && w.solver.IsSlack(row) })
			case 7:
				bases = append(bases, w.solver.Basis())
			}
			r := w.solve(t, noCutoff)
			ends[r.Status]++
			if r.Status == Infeasible {
				undo()
			}
		}
	}
	t.Log(ends)
	if ends[Stopped] > 0 || ends[Optimal] < 1000 || ends[Infeasible] < 100 {
		t.Errorf("ends: %v", ends)
	}
}
