package lp

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestModel_KeepsWhatItIsGiven(t *testing.T) {
	m := new(Model)
	a, b := m.Column(1, 0, 2), m.Column(-3, -1, 1)
	row := m.Row(-5, math.Inf(1), Term{a, 1}, Term{b, 2}, Term{a, 0.5})
	if m.Columns() != 2 || m.Rows() != 1 || a != 0 || b != 1 || row != 0 {
		t.Fatalf("%d columns, %d rows", m.Columns(), m.Rows())
	}
	if got, want := m.Terms(row), []Term{{a, 1.5}, {b, 2}}; !slices.Equal(got, want) {
		t.Errorf("terms %v, want %v: a column that occurs twice counts with the sum", got, want)
	}
	if low, high := m.RowBounds(row); low != -5 || !math.IsInf(high, 1) {
		t.Errorf("row bounds %v, %v", low, high)
	}
	if got := m.Activity(row, []float64{2, -1}); got != 1 {
		t.Errorf("activity %v, want 1", got)
	}
	if got := m.Objective([]float64{2, -1}); got != 5 {
		t.Errorf("objective %v, want 5", got)
	}
	m.SetCost(b, 4)
	m.SetBounds(a, -1, 0)
	m.SetRow(row, 0, 3)
	low, high := m.Bounds(a)
	rowLow, rowHigh := m.RowBounds(row)
	if m.Cost(b) != 4 || low != -1 || high != 0 || rowLow != 0 || rowHigh != 3 {
		t.Errorf("after the changes: %v %v %v %v %v", m.Cost(b), low, high, rowLow, rowHigh)
	}
	if got := m.Violation([]float64{0.5, 2}); got != 1.75 {
		t.Errorf("violation %v, want 1.75, of the row", got)
	}
	if got := m.Violation([]float64{-3.5, 1}); got != 3.25 {
		t.Errorf("violation %v, want 3.25, of the row again", got)
	}
	if got := m.Violation([]float64{-1, 2}); got != 1 {
		t.Errorf("violation %v, want 1, of the second column", got)
	}
}

func TestModel_RefusesAColumnThatIsNotThere(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic: the mistake would show in the middle of a solve")
		}
	}()
	m := new(Model)
	m.Column(0, 0, 1)
	m.Row(0, 1, Term{1, 1})
}

func TestModel_CutRowsLeavesTheFirst(t *testing.T) {
	m := new(Model)
	a, b := m.Column(0, 0, 1), m.Column(0, 0, 1)
	m.Row(0, 1, Term{a, 1})
	m.Row(0, 2, Term{a, 2}, Term{b, 3})
	m.Row(0, 3, Term{b, 4})
	m.CutRows(1)
	// Where the cut rows were, the same columns must not be taken for ones that occur twice.
	i := m.Row(0, 4, Term{b, 5}, Term{a, 6})
	if _, high := m.RowBounds(i); m.Rows() != 2 || high != 4 || !slices.Equal(m.Terms(i), []Term{{b, 5}, {a, 6}}) || !slices.Equal(m.Terms(0), []Term{{a, 1}}) {
		t.Errorf("%d rows, %v, %v", m.Rows(), m.Terms(0), m.Terms(i))
	}
	m.CutRows(0)
	if m.Rows() != 0 || m.Row(1, 2, Term{b, 7}) != 0 || !slices.Equal(m.Terms(0), []Term{{b, 7}}) {
		t.Errorf("after all rows were cut: %v", m.Terms(0))
	}
}

func TestModel_ResetKeepsNothingButMemory(t *testing.T) {
	fill := func(m *Model) {
		a, b := m.Column(1, 0, 1), m.Column(1, 0, 1)
		m.Row(1, 1, Term{a, 1}, Term{b, 1})
		m.Row(0, 1, Term{a, 1}, Term{b, -1})
	}
	m := new(Model)
	fill(m)
	if allocations := testing.AllocsPerRun(10, func() { m.Reset(); fill(m) }); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
	m.Reset()
	if m.Columns() != 0 || m.Rows() != 0 {
		t.Errorf("%d columns and %d rows are left", m.Columns(), m.Rows())
	}
}

func TestModel_BoundIsTheFormula(t *testing.T) {
	m := new(Model)
	a, b := m.Column(3, 1, 2), m.Column(-1, -4, 5)
	m.Row(2, 6, Term{a, 1}, Term{b, 2})
	m.Row(math.Inf(-1), 7, Term{b, 1})
	for _, c := range []struct {
		name string
		y    []float64
		want float64
	}{
		{"nothing", []float64{0, 0}, 3*1 - 5},
		{"lower side", []float64{1, 0}, 1*2 + 2*1 - 3*5},        // d = 2, -3
		{"upper side", []float64{-1, 0}, -1*6 + 4*1 + 1*-4},     // d = 4, 1
		{"one-sided", []float64{0, -2}, -2*7 + 3*1 + 1*-4},      // d = 3, 1
		{"a side that is not there", []float64{0, 2}, 3*1 - 5},  // clipped
		{"no number", []float64{math.NaN(), 0}, 3*1 - 5},        // clipped
		{"infinite", []float64{0, math.Inf(-1)}, 3*1 - 5},       // clipped
		{"both", []float64{1, -0.5}, 2 - 3.5 + 2*1 + -2.5*5},    // d = 2, -2.5
		{"both, second wrong", []float64{1, 1}, 2 + 2*1 - 3*5.}, // d = 2, -3
	} {
		got := m.Bound(c.y)
		if got > c.want || got < c.want-1e-12 {
			t.Errorf("%s: %v, want %v and not above", c.name, got, c.want)
		}
	}
}

// The law the whole optimizer stands on: no multipliers prove more than a feasible point costs.
func TestModel_NoMultipliersProveTooMuch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, point := drawFeasible(t)
		y := rapid.SliceOfN(rapid.Float64(), m.Rows(), m.Rows()).Draw(t, "y")
		if rapid.Bool().Draw(t, "small") {
			for i := range y {
				y[i] = math.Remainder(y[i], 10)
			}
		}
		if bound := m.Bound(y); bound > m.Objective(point) {
			t.Fatalf("the bound %v is above the cost %v of a feasible point", bound, m.Objective(point))
		}
	})
}

// What rounding does to the bound is never to its favour, and little.
func TestModel_BoundIsSafeInFloatingPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := new(Model)
		value := rapid.Float64Range(-1e3, 1e3)
		for range rapid.IntRange(1, 6).Draw(t, "columns") {
			low := value.Draw(t, "low")
			m.Column(value.Draw(t, "cost"), low, low+math.Abs(value.Draw(t, "range")))
		}
		var y []float64
		for range rapid.IntRange(0, 6).Draw(t, "rows") {
			low := value.Draw(t, "side")
			var terms []Term
			for j := range m.Columns() {
				terms = append(terms, Term{j, value.Draw(t, "value")})
			}
			m.Row(low, low+math.Abs(value.Draw(t, "width")), terms...)
			y = append(y, value.Draw(t, "y"))
		}
		exact, size := exactBound(m, y)
		got := new(big.Float).SetFloat64(m.Bound(y))
		if got.Cmp(exact) > 0 {
			t.Fatalf("%v is above the exact %v", got, exact)
		}
		const least = 1e-300 // below, sizes have no thousandth
		if low := new(big.Float).Sub(exact, big.NewFloat(1e-12*size+least)); got.Cmp(low) < 0 {
			t.Fatalf("%v is far below the exact %v", got, exact)
		}
	})
}

// exactBound is the bound without rounding, for rows with two sides, and the size of what goes into it.
func exactBound(m *Model, y []float64) (bound *big.Float, size float64) {
	number := func(v float64) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(v) }
	times := func(a, b *big.Float) *big.Float { return number(0).Mul(a, b) }
	bound = number(0)
	reduced := make([]*big.Float, m.Columns())
	sizes := make([]float64, m.Columns())
	for j := range reduced {
		reduced[j], sizes[j] = number(m.Cost(j)), math.Abs(m.Cost(j))
	}
	for i, v := range y {
		low, high := m.RowBounds(i)
		side := low
		if v < 0 {
			side = high
		}
		bound.Add(bound, times(number(v), number(side)))
		size += math.Abs(v * side)
		for _, t := range m.Terms(i) {
			reduced[t.Column].Sub(reduced[t.Column], times(number(v), number(t.Value)))
			sizes[t.Column] += math.Abs(v * t.Value)
		}
	}
	for j, d := range reduced {
		low, high := m.Bounds(j)
		a, b := times(d, number(low)), times(d, number(high))
		if a.Cmp(b) > 0 {
			a = b
		}
		bound.Add(bound, a)
		size += sizes[j] * max(math.Abs(low), math.Abs(high))
	}
	return bound, size
}
