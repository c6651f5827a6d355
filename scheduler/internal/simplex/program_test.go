package simplex

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hearth/scheduler/internal/lp"
)

// drawWide is a model whose numbers are of many orders of magnitude.
func drawWide(t *rapid.T) *lp.Model {
	m := new(lp.Model)
	number := func(name string) float64 {
		return rapid.SampledFrom([]float64{-0.7, -0.1, 0, 0.3, 1}).Draw(t, name) * math.Pow(10, float64(rapid.IntRange(-3, 6).Draw(t, "exponent")))
	}
	for range rapid.IntRange(1, 6).Draw(t, "columns") {
		low := number("low")
		m.Column(number("cost"), low, low+math.Abs(number("width")))
	}
	for range rapid.IntRange(1, 6).Draw(t, "rows") {
		var terms []lp.Term
		for range rapid.IntRange(0, 5).Draw(t, "terms") {
			terms = append(terms, lp.Term{Column: rapid.IntRange(0, m.Columns()-1).Draw(t, "column"), Value: number("value")})
		}
		low := number("side")
		m.Row(low, low+math.Abs(number("width")), terms...)
	}
	return m
}

func isPowerOfTwo(x float64) bool {
	fraction, _ := math.Frexp(x)
	return fraction == 0.5
}

// Scaling loses no digit: all numbers come back as they were.
func TestProgram_ScalesWithoutLoss(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawWide(t)
		var p program
		p.load(m)
		if !isPowerOfTwo(p.costScale) {
			t.Fatalf("costs scaled by %v", p.costScale)
		}
		for j := range m.Columns() {
			low, high := m.Bounds(j)
			if p.cost[j]/p.costScale != m.Cost(j) || p.low[j] != low || p.high[j] != high {
				t.Fatalf("column %d: cost %v in [%v, %v]", j, p.cost[j]/p.costScale, p.low[j], p.high[j])
			}
		}
		for i := range m.Rows() {
			scale := p.rowScale[i]
			low, high := m.RowBounds(i)
			if !isPowerOfTwo(scale) || p.sideLow[i]/scale != low || p.sideHigh[i]/scale != high {
				t.Fatalf("row %d: scale %v, sides %v, %v", i, scale, p.sideLow[i]/scale, p.sideHigh[i]/scale)
			}
			want := make([]float64, m.Columns())
			for _, term := range m.Terms(i) {
				want[term.Column] += term.Value
			}
			largest := 0.0
			for _, e := range p.row(i) {
				if e.value == 0 || e.value/scale != want[e.index] {
					t.Fatalf("row %d, column %d: %v, want %v", i, e.index, e.value/scale, want[e.index])
				}
				want[e.index] = 0 // once only
				largest = max(largest, math.Abs(e.value))
			}
			for j, v := range want {
				if v != 0 {
					t.Fatalf("row %d, column %d is missing", i, j)
				}
			}
			if len(p.row(i)) > 0 && (largest < 0.5 || largest >= 1) {
				t.Fatalf("row %d: largest entry %v", i, largest)
			}
		}
	})
}

func TestProgram_ColumnsAreTheRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p program
		p.load(drawWide(t))
		p.transpose()
		count := 0
		for j := range p.n {
			last := int32(-1)
			for _, e := range p.column(int32(j)) {
				if e.index <= last {
					t.Fatalf("column %d: row %d after %d", j, e.index, last)
				}
				last = e.index
				if !slices.Contains(p.row(int(e.index)), entry{e.value, int32(j)}) {
					t.Fatalf("row %d has no %v in column %d", e.index, e.value, j)
				}
				count++
			}
		}
		if count != len(p.rowEntry) {
			t.Fatalf("%d entries by column, %d by row", count, len(p.rowEntry))
		}
	})
}

// A logical's bounds are the sides where the columns can reach them, and beyond reach elsewhere: no point of the
// box lies on a bound that is not a side.
func TestProgram_BoxesLogicalsBeyondReach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t, 6, 6)
		var p program
		p.load(m)
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			low := float64(rapid.IntRange(-5, 5).Draw(t, "low"))
			p.setBounds(rapid.IntRange(0, p.n-1).Draw(t, "column"), low, low+float64(rapid.IntRange(0, 5).Draw(t, "width")))
		}
		for i := range p.m {
			least, most := 0.0, 0.0
			for _, e := range p.row(i) {
				least += min(e.value*p.low[e.index], e.value*p.high[e.index])
				most += max(e.value*p.low[e.index], e.value*p.high[e.index])
			}
			low, high := p.low[p.n+i], p.high[p.n+i]
			switch {
			case !isFinite(low) || !isFinite(high):
				t.Fatalf("row %d: in [%v, %v]", i, low, high)
			case low != p.sideLow[i] && low != p.sideHigh[i] && low >= least-0.5:
				t.Fatalf("row %d: low bound %v is no side, and the least activity is %v", i, low, least)
			case high != p.sideHigh[i] && high != p.sideLow[i] && high <= most+0.5:
				t.Fatalf("row %d: high bound %v is no side, and the most activity is %v", i, high, most)
			case low < p.sideLow[i] || high > p.sideHigh[i]:
				t.Fatalf("row %d: [%v, %v] is wider than [%v, %v]", i, low, high, p.sideLow[i], p.sideHigh[i])
			case low > high && p.sideLow[i] <= p.sideHigh[i]:
				t.Fatalf("row %d: [%v, %v] is crossed, [%v, %v] is not", i, low, high, p.sideLow[i], p.sideHigh[i])
			}
		}
	})
}

// After rows have gone the program is that of a model without them, and identities are those of the rest.
func TestProgram_DropsRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawWide(t)
		mask := rapid.Uint8().Draw(t, "mask")
		gone := func(row int) bool { return mask>>(row%8)&1 != 0 }
		rest := new(lp.Model)
		for j := range m.Columns() {
			low, high := m.Bounds(j)
			rest.Column(m.Cost(j), low, high)
		}
		var ids []int32
		for i := range m.Rows() {
			if !gone(i) {
				low, high := m.RowBounds(i)
				rest.Row(low, high, m.Terms(i)...)
				ids = append(ids, int32(i))
			}
		}
		var p, want program
		p.load(m)
		before := slices.Clone(p.id)
		shared := p.id
		p.dropRows(gone)
		want.load(rest)
		if !slices.Equal(p.id, ids) || !slices.Equal(shared, before) {
			t.Fatalf("identities %v, want %v; kept by others %v, were %v", p.id, ids, shared, before)
		}
		if p.m != want.m || p.crossed != want.crossed ||
			!slices.Equal(p.rowStart, want.rowStart) || !slices.Equal(p.rowEntry, want.rowEntry) ||
			!slices.Equal(p.rowScale, want.rowScale) || !slices.Equal(p.rowReach, want.rowReach) ||
			!slices.Equal(p.sideLow, want.sideLow) || !slices.Equal(p.sideHigh, want.sideHigh) ||
			!slices.Equal(p.low, want.low) || !slices.Equal(p.high, want.high) || !slices.Equal(p.cost, want.cost) {
			t.Fatalf("%+v\nwant\n%+v", p, want)
		}
		p.addRow(0, 1, nil)
		if last := p.id[len(p.id)-1]; slices.Contains(before, last) {
			t.Fatalf("identity %d was another row's", last)
		}
	})
}

// What the error of the bound rests on is never less than the terms it stands for.
func TestProgram_ReachCoversAllTerms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p program
		p.load(drawModel(t, 6, 6))
		for range rapid.IntRange(0, 5).Draw(t, "changes") {
			low := float64(rapid.IntRange(-9, 9).Draw(t, "low"))
			p.setBounds(rapid.IntRange(0, p.n-1).Draw(t, "column"), low, low+float64(rapid.IntRange(0, 9).Draw(t, "width")))
		}
		most := func(j int32) float64 { return max(math.Abs(p.low[j]), math.Abs(p.high[j])) }
		for i := range p.m {
			sum := 0.0
			for _, e := range p.row(i) {
				sum += math.Abs(e.value) * most(e.index)
			}
			if p.rowReach[i] < sum*(1-1e-12) {
				t.Fatalf("row %d: reach %v, terms %v", i, p.rowReach[i], sum)
			}
		}
		sum := 0.0
		for j := range int32(p.n) {
			sum += math.Abs(p.cost[j]) * most(j)
		}
		if p.costReach < sum*(1-1e-12) {
			t.Fatalf("costs: reach %v, terms %v", p.costReach, sum)
		}
	})
}
