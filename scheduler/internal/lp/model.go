package lp

import "math"

// Term is one entry of a row.
type Term struct {
	Column int
	Value  float64
}

// Model is a linear program: columns and rows in the order they were added. The zero value is empty and ready.
type Model struct {
	cost, low, high []float64 // by column
	rowLow, rowHigh []float64 // by row
	start           []int     // by row: its terms are terms[start[i]:start[i+1]]; empty while there are no rows
	terms           []Term
	last            []int // by column: where its latest term is, or was
}

// Reset takes all columns and rows out and keeps the memory.
func (m *Model) Reset() {
	m.cost, m.low, m.high, m.last = m.cost[:0], m.low[:0], m.high[:0], m.last[:0]
	m.CutRows(0)
}

// Column adds a column and says its index. Its bounds must be finite.
func (m *Model) Column(cost, low, high float64) int {
	m.cost = append(m.cost, cost)
	m.low = append(m.low, low)
	m.high = append(m.high, high)
	m.last = append(m.last, -1)
	return len(m.cost) - 1
}

// Row adds a row and says its index. The sides may be infinite. The terms are copied; a column that occurs
// more than once gets the sum of its values. All columns must have been added.
func (m *Model) Row(low, high float64, terms ...Term) int {
	if len(m.start) == 0 {
		m.start = append(m.start, 0)
	}
	begin := len(m.terms)
	for _, t := range terms {
		at := m.last[t.Column]
		if at >= begin && at < len(m.terms) && m.terms[at].Column == t.Column {
			m.terms[at].Value += t.Value
			continue
		}
		m.last[t.Column] = len(m.terms)
		m.terms = append(m.terms, t)
	}
	m.start = append(m.start, len(m.terms))
	m.rowLow = append(m.rowLow, low)
	m.rowHigh = append(m.rowHigh, high)
	return len(m.rowLow) - 1
}

// CutRows leaves the first n rows.
func (m *Model) CutRows(n int) {
	m.rowLow, m.rowHigh = m.rowLow[:n], m.rowHigh[:n]
	if n == 0 {
		m.start, m.terms = m.start[:0], m.terms[:0]
		return
	}
	m.start = m.start[:n+1]
	m.terms = m.terms[:m.start[n]]
}

// Columns is the number of columns.
func (m *Model) Columns() int { return len(m.cost) }

// Rows is the number of rows.
func (m *Model) Rows() int { return len(m.rowLow) }

// Cost of a column.
func (m *Model) Cost(column int) float64 { return m.cost[column] }

// Bounds of a column.
func (m *Model) Bounds(column int) (low, high float64) { return m.low[column], m.high[column] }

// RowBounds are the sides of a row.
func (m *Model) RowBounds(row int) (low, high float64) { return m.rowLow[row], m.rowHigh[row] }

// Terms of a row, each column once. They belong to the model: read them, and not after its next change.
func (m *Model) Terms(row int) []Term { return m.terms[m.start[row]:m.start[row+1]] }

// SetCost changes the cost of a column.
func (m *Model) SetCost(column int, cost float64) { m.cost[column] = cost }

// SetBounds changes the bounds of a column.
func (m *Model) SetBounds(column int, low, high float64) { m.low[column], m.high[column] = low, high }

// SetRow changes the sides of a row.
func (m *Model) SetRow(row int, low, high float64) { m.rowLow[row], m.rowHigh[row] = low, high }

// Activity is the value of a row at a point.
func (m *Model) Activity(row int, x []float64) float64 {
	sum := 0.0
	for _, t := range m.Terms(row) {
		sum += t.Value * x[t.Column]
	}
	return sum
}

// Objective is the cost of a point.
func (m *Model) Objective(x []float64) float64 {
	sum := 0.0
	for j, c := range m.cost {
		sum += c * x[j]
	}
	return sum
}

// Violation is the most by which a point leaves the bounds of a column or the sides of a row.
func (m *Model) Violation(x []float64) float64 {
	worst := 0.0
	for j, v := range x {
		worst = max(worst, m.low[j]-v, v-m.high[j])
	}
	for i := range m.rowLow {
		v := m.Activity(i, x)
		worst = max(worst, m.rowLow[i]-v, v-m.rowHigh[i])
	}
	return worst
}

// Bound is the least any feasible point can cost, as far as the row multipliers y prove it:
//
//	sum over columns of min(d Low, d High), with d = Cost - A'y,
//	plus sum over rows of y RowLow where y > 0 and of y RowHigh where y < 0.
//
// It is valid for any y: a multiplier that points to an infinite side, or is not a number, counts as zero. What
// rounding may have added is taken off again, so the value is safe in floating point too. An infeasible model may have a bound above the cost
// of every point of its box, and that proves it infeasible.
func (m *Model) Bound(y []float64) float64 {
	return m.bound(y, make([]float64, 2*len(m.cost)))
}

// What one rounded operation may be wrong by: a share of its result, or next to nothing where that is tiny.
const (
	unit     = 0x1p-53
	smallest = 0x1p-1022
)

// bound is [Model.Bound] with room for two values a column.
func (m *Model) bound(y, room []float64) float64 {
	n := len(m.cost)
	reduced, size := room[:n], room[n:2*n]
	copy(reduced, m.cost)
	for j, c := range m.cost {
		size[j] = math.Abs(c) // sum of the magnitudes that go into a reduced cost
	}
	var sum, sizes float64 // sizes gathers the magnitudes of all that is added, for the error
	longest := 0           // terms in the longest sum
	for i, v := range y[:len(m.rowLow)] {
		v = m.clipped(i, v)
		if v == 0 {
			continue
		}
		side := m.rowLow[i]
		if v < 0 {
			side = m.rowHigh[i]
		}
		sum += v * side
		sizes += math.Abs(v * side)
		longest++
		for _, t := range m.Terms(i) {
			w := t.Value * v
			reduced[t.Column] -= w
			size[t.Column] += math.Abs(w)
		}
	}
	for j, d := range reduced {
		sum += min(d*m.low[j], d*m.high[j])
		sizes += size[j] * max(math.Abs(m.low[j]), math.Abs(m.high[j]))
	}
	// Every partial sum is at most sizes in magnitude, and no value goes through more than this many roundings.
	roundings := float64(longest + n + 4)
	sum -= roundings * (2*unit*sizes + smallest)
	if math.IsNaN(sum) {
		return math.Inf(-1)
	}
	return sum
}

// clipped is a multiplier of a row, or zero where it points to an infinite side or is not a number.
func (m *Model) clipped(row int, y float64) float64 {
	switch {
	case y > 0 && !math.IsInf(m.rowLow[row], -1) && !math.IsInf(y, 1):
		return y
	case y < 0 && !math.IsInf(m.rowHigh[row], 1) && !math.IsInf(y, -1):
		return y
	}
	return 0
}
