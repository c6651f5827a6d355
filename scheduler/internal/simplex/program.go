package simplex

import (
	"math"

	"hearth/scheduler/internal/lp"
)

// entry is a nonzero of a row or a column.
type entry struct {
	value float64
	index int32
}

// program is the model as it stands, scaled by powers of two, so that no digit is lost: rows until their
// largest entry is in [1/2, 1), costs until their geometric mean is about 1.
//
// Variables are the columns 0..n-1 and then the logicals: n+i is the activity of row i, with the column -e_i.
type program struct {
	n, m      int
	costScale float64
	rowScale  []float64 // by row

	cost      []float64 // by variable; zero for logicals
	low, high []float64 // by variable; for logicals boxed

	sideLow, sideHigh   []float64 // by row: the sides as they were given, scaled; may be infinite
	reachLow, reachHigh []float64 // by column: the widest bounds it has had. The boxes of the logicals rest on them.
	id                  []int32   // by row: ascending, and never used for another row again

	rowReach  []float64 // by row: the most the magnitudes of its terms can add up to
	costReach float64   // likewise of the objective

	rowStart []int32 // by row: its entries are rowEntry[rowStart[i]:rowStart[i+1]], index = column
	rowEntry []entry
	colStart []int32 // likewise by column, index = row
	colEntry []entry

	isTransposed bool // the entries by column are those by row
	isUnsound    bool // a number was infinite or not a number where it must not be
	crossed      int  // variables whose low bound is above their high one
	nextID       int32
	sum          []float64 // by column: room to add terms up; zero between uses
}

// load takes a model over.
func (p *program) load(m *lp.Model) {
	p.n, p.m = m.Columns(), 0
	p.isTransposed, p.isUnsound, p.crossed, p.nextID = false, false, 0, 0
	p.rowScale, p.sideLow, p.sideHigh, p.rowReach = p.rowScale[:0], p.sideLow[:0], p.sideHigh[:0], p.rowReach[:0]
	p.id = nil
	p.rowStart, p.rowEntry = append(p.rowStart[:0], 0), p.rowEntry[:0]
	p.cost, p.low, p.high = resized(p.cost, p.n), resized(p.low, p.n), resized(p.high, p.n)
	p.sum = resized(p.sum, p.n)
	clear(p.sum)
	exponents, nonzero := 0, 0
	for j := range p.n {
		p.cost[j] = m.Cost(j)
		p.low[j], p.high[j] = m.Bounds(j)
		p.isUnsound = p.isUnsound || !isFinite(p.cost[j]) || !isFinite(p.low[j]) || !isFinite(p.high[j])
		if p.low[j] > p.high[j] {
			p.crossed++
		}
		if p.cost[j] != 0 && isFinite(p.cost[j]) {
			_, exponent := math.Frexp(p.cost[j])
			exponents += exponent
			nonzero++
		}
	}
	p.reachLow = append(p.reachLow[:0], p.low...)
	p.reachHigh = append(p.reachHigh[:0], p.high...)
	p.costScale = math.Ldexp(1, min(max(-exponents/max(nonzero, 1), -200), 200))
	p.costReach = 0
	for j := range p.cost {
		p.cost[j] *= p.costScale
		p.costReach += math.Abs(p.cost[j]) * max(math.Abs(p.low[j]), math.Abs(p.high[j]))
	}
	for i := range m.Rows() {
		low, high := m.RowBounds(i)
		p.addRow(low, high, m.Terms(i))
	}
}

// unitScale is the power of two that takes x into [1/2, 1), within a range in which products do not overflow.
func unitScale(x float64) float64 {
	if x == 0 || !isFinite(x) {
		return 1
	}
	_, exponent := math.Frexp(x)
	return math.Ldexp(1, min(max(-exponent, -200), 200))
}

func isFinite(x float64) bool { return x-x == 0 }

// addRow appends a row with its logical.
func (p *program) addRow(low, high float64, terms []lp.Term) {
	largest := 0.0
	for _, t := range terms {
		p.isUnsound = p.isUnsound || !isFinite(t.Value)
		p.sum[t.Column] += t.Value
	}
	from := len(p.rowEntry)
	for _, t := range terms {
		if v := p.sum[t.Column]; v != 0 {
			p.rowEntry = append(p.rowEntry, entry{v, int32(t.Column)})
			largest = max(largest, math.Abs(v))
		}
		p.sum[t.Column] = 0
	}
	scale := unitScale(largest)
	for k := from; k < len(p.rowEntry); k++ {
		p.rowEntry[k].value *= scale
	}
	p.rowStart = append(p.rowStart, int32(len(p.rowEntry)))
	p.rowScale = append(p.rowScale, scale)
	p.sideLow = append(p.sideLow, 0)
	p.sideHigh = append(p.sideHigh, 0)
	p.rowReach = append(p.rowReach, 0)
	p.cost = append(p.cost, 0)
	p.low = append(p.low, 0)
	p.high = append(p.high, 0)
	p.id = append(p.id, p.nextID)
	p.nextID++
	p.m++
	p.isTransposed = false
	p.setSides(p.m-1, low, high)
}

// setSides gives a row its sides and boxes its logical.
func (p *program) setSides(row int, low, high float64) {
	if math.IsNaN(low) || math.IsNaN(high) || math.IsInf(low, 1) || math.IsInf(high, -1) {
		p.isUnsound = true
	}
	p.count(p.sideLow[row], p.sideHigh[row], -1)
	p.sideLow[row], p.sideHigh[row] = low*p.rowScale[row], high*p.rowScale[row]
	p.count(p.sideLow[row], p.sideHigh[row], 1)
	p.box(row)
}

// count keeps the number of crossed pairs.
func (p *program) count(low, high float64, by int) {
	if low > high {
		p.crossed += by
	}
}

// box bounds a logical by the sides of its row, and where they are beyond what the columns can reach, by that
// and a bit more: so no point of the model lies on a side that was made up.
func (p *program) box(row int) {
	least, most, size := 0.0, 0.0, 0.0
	for _, e := range p.row(row) {
		a, b := e.value*p.reachLow[e.index], e.value*p.reachHigh[e.index]
		least += min(a, b)
		most += max(a, b)
		size += max(math.Abs(a), math.Abs(b))
	}
	p.rowReach[row] = size
	low, high := p.sideLow[row], p.sideHigh[row]
	beyondLow, beyondHigh := least-1-1e-3*math.Abs(least), most+1+1e-3*math.Abs(most)
	p.low[p.n+row] = max(low, min(beyondLow, high))
	p.high[p.n+row] = min(high, max(beyondHigh, low))
}

// setBounds gives a column its bounds. It is true when they are wider than any before, so that the logicals of
// its rows have new bounds too.
func (p *program) setBounds(column int, low, high float64) (isWider bool) {
	if !isFinite(low) || !isFinite(high) {
		p.isUnsound = true
	}
	p.count(p.low[column], p.high[column], -1)
	p.low[column], p.high[column] = low, high
	p.count(low, high, 1)
	if low >= p.reachLow[column] && high <= p.reachHigh[column] {
		return false
	}
	p.reachLow[column], p.reachHigh[column] = min(p.reachLow[column], low), max(p.reachHigh[column], high)
	p.costReach += math.Abs(p.cost[column]) * max(math.Abs(low), math.Abs(high))
	p.transpose()
	for _, e := range p.column(int32(column)) {
		p.box(int(e.index))
	}
	return true
}

// dropRows takes out the rows for which drop says so.
func (p *program) dropRows(drop func(row int) bool) {
	to, entries := 0, int32(0)
	id := make([]int32, 0, p.m) // bases share the old ones
	for i := range p.m {
		if drop(i) {
			p.count(p.sideLow[i], p.sideHigh[i], -1)
			continue
		}
		row := p.row(i)
		copy(p.rowEntry[entries:], row)
		entries += int32(len(row))
		p.rowScale[to], p.sideLow[to], p.sideHigh[to] = p.rowScale[i], p.sideLow[i], p.sideHigh[i]
		p.low[p.n+to], p.high[p.n+to], p.rowReach[to] = p.low[p.n+i], p.high[p.n+i], p.rowReach[i]
		id = append(id, p.id[i])
		to++
		p.rowStart[to] = entries // of a row that has been copied already: to <= i+1
	}
	if to == p.m {
		return
	}
	p.m, p.id, p.isTransposed = to, id, false
	p.rowStart, p.rowEntry = p.rowStart[:to+1], p.rowEntry[:entries]
	p.rowScale, p.sideLow, p.sideHigh, p.rowReach = p.rowScale[:to], p.sideLow[:to], p.sideHigh[:to], p.rowReach[:to]
	p.cost, p.low, p.high = p.cost[:p.n+to], p.low[:p.n+to], p.high[:p.n+to]
}

func (p *program) row(i int) []entry { return p.rowEntry[p.rowStart[i]:p.rowStart[i+1]] }

// column is the entries of a column; [program.transpose] must have been called.
func (p *program) column(j int32) []entry { return p.colEntry[p.colStart[j]:p.colStart[j+1]] }

// transpose writes the entries by column.
func (p *program) transpose() {
	if p.isTransposed {
		return
	}
	p.isTransposed = true
	p.colStart, p.colEntry = transpose(p.n, p.rowStart, p.rowEntry, p.colStart, p.colEntry)
}

// transpose writes the lists of entries by their index, in [0, n), into the memory of start and list.
func transpose(n int, fromStart []int32, from []entry, start []int32, list []entry) ([]int32, []entry) {
	start = resized(start, n+2)
	list = resized(list, len(from))
	clear(start)
	for _, e := range from {
		start[e.index+2]++
	}
	for j := range n {
		start[j+2] += start[j+1]
	}
	for i := range len(fromStart) - 1 {
		for _, e := range from[fromStart[i]:fromStart[i+1]] {
			list[start[e.index+1]] = entry{e.value, int32(i)}
			start[e.index+1]++
		}
	}
	return start[:n+1], list
}
