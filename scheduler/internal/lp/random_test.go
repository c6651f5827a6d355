package lp

import (
	"math"
	"math/rand/v2"

	"pgregory.net/rapid"
)

// drawModel draws a small model full of ties: small whole numbers, fixed columns, empty and equal rows, columns
// that occur twice in a row, equations, ranges and one-sided rows.
func drawModel(t *rapid.T) *Model {
	m := new(Model)
	small := rapid.IntRange(-3, 3)
	for range rapid.IntRange(1, 7).Draw(t, "columns") {
		low := small.Draw(t, "low")
		m.Column(float64(small.Draw(t, "cost")), float64(low), float64(low+rapid.IntRange(0, 4).Draw(t, "range")))
	}
	column := rapid.IntRange(0, m.Columns()-1)
	for range rapid.IntRange(0, 7).Draw(t, "rows") {
		if m.Rows() > 0 && rapid.IntRange(0, 9).Draw(t, "again") == 0 {
			i := rapid.IntRange(0, m.Rows()-1).Draw(t, "row")
			low, high := m.RowBounds(i)
			m.Row(low, high, m.Terms(i)...)
			continue
		}
		var terms []Term
		for range rapid.IntRange(0, 4).Draw(t, "terms") {
			terms = append(terms, Term{column.Draw(t, "column"), float64(small.Draw(t, "value"))})
		}
		low, high := drawSides(t)
		m.Row(low, high, terms...)
	}
	return m
}

func drawSides(t *rapid.T) (low, high float64) {
	low = float64(rapid.IntRange(-4, 4).Draw(t, "side"))
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		return low, low
	case 1:
		return low, math.Inf(1)
	case 2:
		return math.Inf(-1), low
	case 3:
		return math.Inf(-1), math.Inf(1)
	}
	return low, low + float64(rapid.IntRange(0, 3).Draw(t, "width"))
}

// drawFeasible draws a model of some size with a point that keeps its rows, many of them with nothing to spare.
func drawFeasible(t *rapid.T) (m *Model, point []float64) {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	return randomFeasible(r, 1+r.IntN(30), r.IntN(25), r.IntN(3) == 0)
}

// randomFeasible has, when it is roomy, an interior: the point is in the middle of the box, and all rows that are
// no equations have something to spare there.
func randomFeasible(r *rand.Rand, columns, rows int, isRoomy bool) (m *Model, point []float64) {
	m = new(Model)
	room := 0.0
	if isRoomy {
		room = 0.25
	}
	// Quarters, not reals: a model without interior whose numbers are arbitrary can be as ill-conditioned as you like,
	// and then neither method is right.
	number := func() float64 { return float64(r.IntN(17)-8) / 4 }
	for range columns {
		low, width := number(), math.Abs(number())
		m.Column(number(), low, low+width)
		if isRoomy {
			point = append(point, low+width/2)
		} else {
			point = append(point, low+width*float64(r.IntN(3))/2)
		}
	}
	for range rows {
		var terms []Term
		for range 1 + r.IntN(min(columns, 6)) {
			terms = append(terms, Term{r.IntN(columns), number()})
		}
		i := m.Row(0, 0, terms...)
		at := m.Activity(i, point)
		low, high := at, at
		if r.IntN(3) > 0 {
			low -= room
			high += room
			if r.IntN(3) > 0 {
				low -= math.Abs(number())
			}
			if r.IntN(3) > 0 {
				high += math.Abs(number())
			}
		}
		if r.IntN(4) == 0 {
			low = math.Inf(-1)
		} else if r.IntN(4) == 0 {
			high = math.Inf(1)
		}
		m.SetRow(i, low, high)
	}
	return m, point
}
