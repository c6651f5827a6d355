package simplex

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/lp"
)

// bench is a solver with some basis of a random model, and the basis matrix written out.
type bench struct {
	*Solver
	matrix [][]float64 // by row and position
}

// drawBench draws a model with a nearly random basis, factorised; where the matrix is singular it is repaired.
func drawBench(t *rapid.T) *bench {
	s := new(Solver)
	m := new(lp.Model)
	rows := rapid.IntRange(1, 30).Draw(t, "rows")
	columns := rapid.IntRange(1, 40).Draw(t, "columns")
	for range columns {
		m.Column(0, 0, 1)
	}
	for range rows {
		var terms []lp.Term
		for range rapid.IntRange(0, 6).Draw(t, "terms") {
			terms = append(terms, lp.Term{
				Column: rapid.IntRange(0, columns-1).Draw(t, "column"),
				Value:  float64(rapid.SampledFrom([]int{-3, -2, -1, 1, 2, 3, 5}).Draw(t, "value")),
			})
		}
		m.Row(0, 1, terms...)
	}
	s.Load(m)
	for v := range s.at { // any number of basic variables
		s.at[v] = rapid.SampledFrom([]place{basic, atLow, atHigh}).Draw(t, "at")
	}
	s.refresh()
	b := &bench{Solver: s}
	b.write()
	return b
}

func (b *bench) write() {
	b.matrix = make([][]float64, b.m)
	for i := range b.matrix {
		b.matrix[i] = make([]float64, b.m)
	}
	for k, v := range b.head {
		if int(v) >= b.n {
			b.matrix[int(v)-b.n][k] = -1
			continue
		}
		for _, e := range b.column(v) {
			b.matrix[e.index][k] = e.value
		}
	}
}

// drawVector is a vector with few or many nonzeros, as both kinds.
func (b *bench) drawVector(t *rapid.T) (vector, []float64) {
	var v vector
	v.resize(b.m)
	plain := make([]float64, b.m)
	for range rapid.IntRange(1, b.m).Draw(t, "nonzeros") {
		k := int32(rapid.IntRange(0, b.m-1).Draw(t, "at"))
		x := float64(rapid.IntRange(-5, 5).Draw(t, "x"))
		v.add(k, x)
		plain[k] += x
	}
	return v, plain
}

// checkForward says that B times the solution, by position, is the right side, by position of its rows.
func (b *bench) checkForward(t *rapid.T) {
	v, right := b.drawVector(t)
	b.factor.forward(&v, false)
	checkSet(t, &v)
	for k, row := range b.factor.row {
		sum, size := 0.0, 1.0
		for p, x := range v.value {
			sum += b.matrix[row][p] * x
			size += math.Abs(b.matrix[row][p] * x)
		}
		if math.Abs(sum-right[k]) > 1e-7*size {
			t.Fatalf("forward: row %d is %v, want %v", row, sum, right[k])
		}
	}
}

// checkBackward says that the solution, by position of its rows, times B is the right side, by position.
func (b *bench) checkBackward(t *rapid.T) {
	v, right := b.drawVector(t)
	b.factor.backward(&v, false)
	checkSet(t, &v)
	for p := range b.m {
		sum, size := 0.0, 1.0
		for k, row := range b.factor.row {
			sum += v.value[k] * b.matrix[row][p]
			size += math.Abs(v.value[k] * b.matrix[row][p])
		}
		if math.Abs(sum-right[p]) > 1e-7*size {
			t.Fatalf("backward: position %d is %v, want %v", p, sum, right[p])
		}
	}
}

func checkSet(t *rapid.T, v *vector) {
	for k, x := range v.value {
		if x != 0 && v.set[k/64]>>(k%64)&1 == 0 {
			t.Fatalf("value %v at %d is not in the set", x, k)
		}
	}
}

// swap lets a random nonbasic variable take a random position, if the matrix stays well away from singular.
func (b *bench) swap(t *rapid.T) {
	q := int32(rapid.IntRange(0, b.n+b.m-1).Draw(t, "entering"))
	p := int32(rapid.IntRange(0, b.m-1).Draw(t, "position"))
	if b.at[q] == basic {
		return
	}
	b.multiply(p)
	b.pivotColumn.clear()
	b.addColumn(&b.pivotColumn, q, 1)
	b.factor.forward(&b.pivotColumn, true)
	pivot := b.pivotColumn.value[p]
	if math.Abs(pivot-b.entryOf(q)) > 1e-8*(1+math.Abs(pivot)) {
		t.Fatalf("pivot %v by column, %v by row", pivot, b.entryOf(q))
	}
	if math.Abs(pivot) < 1e-2 {
		return
	}
	b.serial++
	b.factor.replace(update{pivot: pivot, position: p, leaving: b.head[p], serial: b.serial})
	b.at[b.head[p]], b.at[q] = atLow, basic
	b.head[p] = q
	b.write()
}

func TestFactor_SolvesWithTheBasisThroughUpdates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBench(t)
		b.checkForward(t)
		b.checkBackward(t)
		for range rapid.IntRange(0, 8).Draw(t, "swaps") {
			b.swap(t)
			b.checkForward(t)
			b.checkBackward(t)
		}
	})
}

func TestFactor_ForgetsUpdates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBench(t)
		for range rapid.IntRange(0, 4).Draw(t, "swaps before") {
			b.swap(t)
		}
		kept := b.Basis()
		for range rapid.IntRange(0, 4).Draw(t, "swaps after") {
			b.swap(t)
		}
		serial := b.factor.serial
		b.Use(kept)
		if !b.isFactored || b.factor.serial != serial {
			t.Fatalf("the factor was not gone back to")
		}
		b.write()
		b.checkForward(t)
		b.checkBackward(t)
		for v, at := range b.at {
			if at != kept.place(v) {
				t.Fatalf("variable %d is %v, was %v", v, at, kept.place(v))
			}
		}
		for _, v := range b.head {
			if b.at[v] != basic {
				t.Fatalf("variable %d has a position and is not basic", v)
			}
		}
	})
}

func TestFactoriser_RepairsWhatIsSingular(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBench(t)
		seen := map[int32]bool{}
		for k, v := range b.head {
			if seen[v] || b.at[v] != basic {
				t.Fatalf("position %d: variable %d, basic %v, twice %v", k, v, b.at[v] == basic, seen[v])
			}
			seen[v] = true
		}
		for v, at := range b.at {
			if at == basic && !seen[int32(v)] {
				t.Fatalf("variable %d is basic without a position", v)
			}
		}
	})
}

// A basis that needs no repair is the one that was asked for: here each column has a large entry in a row of
// its own.
func TestFactoriser_KeepsAGoodBasis(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		m := new(lp.Model)
		for range n {
			m.Column(0, 0, 1)
		}
		for i := range n {
			terms := []lp.Term{{Column: i, Value: 9}}
			for range rapid.IntRange(0, 3).Draw(t, "terms") {
				terms = append(terms, lp.Term{Column: rapid.IntRange(0, n-1).Draw(t, "column"), Value: 1})
			}
			m.Row(0, 1, terms...)
		}
		b := &bench{Solver: new(Solver)}
		b.Load(m)
		for v := range b.at {
			b.at[v] = atLow
			if v < n {
				b.at[v] = basic
			}
		}
		b.refresh()
		if b.factoriser.given != n {
			t.Fatalf("%d of %d columns found a pivot", b.factoriser.given, n)
		}
		b.write()
		b.checkForward(t)
		b.checkBackward(t)
	})
}

func TestVector_ClearLeavesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var v vector
		n := rapid.IntRange(1, 200).Draw(t, "n")
		v.resize(n)
		for range rapid.IntRange(0, 20).Draw(t, "adds") {
			v.add(int32(rapid.IntRange(0, n-1).Draw(t, "at")), 1)
		}
		v.clear()
		for k, x := range v.value {
			if x != 0 || v.set[k/64] != 0 {
				t.Fatalf("something is left at %d", k)
			}
		}
	})
}

func TestRatio_HeapGivesCandidatesInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r ratio
		for v := range rapid.IntRange(0, 50).Draw(t, "candidates") {
			r.heap = append(r.heap, candidate{ratio: float64(rapid.IntRange(0, 9).Draw(t, "ratio")), variable: int32(v)})
		}
		count := len(r.heap)
		for k := len(r.heap)/2 - 1; k >= 0; k-- {
			r.sink(k)
		}
		last := candidate{ratio: -1}
		for ; len(r.heap) > 0; count-- {
			c := r.pop()
			if c.ratio < last.ratio || c.ratio == last.ratio && c.variable <= last.variable {
				t.Fatalf("%v after %v", c, last)
			}
			last = c
		}
		if count != 0 {
			t.Fatalf("%d candidates are missing", count)
		}
	})
}
