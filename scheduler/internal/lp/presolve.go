package lp

import "math"

// What presolve takes for equal. Bounds and activities are sums of a few rounded products.
const (
	closeTo  = 1e-9  // relative: bounds that cross by less are a feasible point
	redundat = 1e-12 // relative: a row that can leave its side by less is left out
)

// presolve takes out of a model what needs no iteration: columns without room, rows that cannot bind, rows
// that hold all their columns at bounds, and rows with one column, which become bounds of the column. What it
// did is undone in reverse order, to find the multipliers of those rows.
type presolve struct {
	low, high []float64 // by column: bounds, tightened
	value     []float64 // by column: where it is fixed
	isFixed   []bool    // by column
	lowFrom   []int32   // by column: the row that gave its lower bound, or -1
	highFrom  []int32   // by column: the row that gave its upper bound, or -1
	forcedBy  []int32   // by column: the row that forced it to a bound, or -1
	isGone    []bool    // by row
	rowLow    []float64 // by row: its sides; infinite where they cannot bind
	rowHigh   []float64
	steps     []step // what is to be undone
	reduced   []float64
	changed   bool // in this pass
	broken    contradiction
}

// contradiction is a row that cannot be kept.
type contradiction struct {
	row   int     // -1: the bounds of a column cross
	miss  float64 // by how much its nearer side is missed
	isLow bool    // whether that is the lower one
}

// step is a row that was taken out and may need a multiplier.
type step struct {
	row    int32
	column int32 // of a row that became a bound; -1 for a row that forced its columns
	value  float64
}

// passes bounds the work of presolve. What is left after them is left to the iteration.
const passes = 10

// run presolves and says whether the model may have a feasible point.
func (p *presolve) run(m *Model) bool {
	p.reset(m)
	for j := range m.cost {
		if !p.fixNarrow(j) {
			return false
		}
	}
	for range passes {
		p.changed = false
		for i := range m.rowLow {
			if !p.isGone[i] && !p.row(m, i) {
				return false
			}
		}
		if !p.changed {
			break
		}
	}
	return true
}

func (p *presolve) reset(m *Model) {
	n, rows := len(m.cost), len(m.rowLow)
	p.low = append(p.low[:0], m.low...)
	p.high = append(p.high[:0], m.high...)
	p.value = resized(p.value, n)
	p.isFixed = resized(p.isFixed, n)
	p.lowFrom = resized(p.lowFrom, n)
	p.highFrom = resized(p.highFrom, n)
	p.forcedBy = resized(p.forcedBy, n)
	for j := range n {
		p.isFixed[j], p.lowFrom[j], p.highFrom[j], p.forcedBy[j] = false, -1, -1, -1
	}
	p.isGone = resized(p.isGone, rows)
	clear(p.isGone)
	p.rowLow = append(p.rowLow[:0], m.rowLow...)
	p.rowHigh = append(p.rowHigh[:0], m.rowHigh...)
	p.steps, p.broken = p.steps[:0], contradiction{row: -1}
}

// fixNarrow fixes a column without room between its bounds. It says no when the bounds cross.
func (p *presolve) fixNarrow(j int) bool {
	low, high := p.low[j], p.high[j]
	slack := closeTo * (1 + math.Abs(low))
	switch {
	case low > high+slack:
		return false
	case low > high-0.1*slack:
		p.fix(j, low)
	}
	return true
}

func (p *presolve) fix(j int, value float64) {
	p.isFixed[j], p.value[j], p.changed = true, value, true
}

// activity is what a row's live columns can make of it.
type activity struct {
	live       int     // columns
	only       Term    // the last of them
	fixed      float64 // contribution of the fixed ones
	least      float64 // of all
	most       float64
	magnitudes float64 // sum of what was added
}

func (p *presolve) activity(terms []Term) (a activity) {
	for _, t := range terms {
		j := t.Column
		if p.isFixed[j] {
			v := t.Value * p.value[j]
			a.fixed += v
			a.least += v
			a.most += v
			a.magnitudes += math.Abs(v)
			continue
		}
		if t.Value == 0 {
			continue
		}
		a.live++
		a.only = t
		low, high := t.Value*p.low[j], t.Value*p.high[j]
		a.least += min(low, high)
		a.most += max(low, high)
		a.magnitudes += max(math.Abs(low), math.Abs(high))
	}
	return a
}

// row reduces one row. It says no when the row cannot be kept.
func (p *presolve) row(m *Model, i int) bool {
	terms := m.Terms(i)
	a := p.activity(terms)
	low, high := p.rowLow[i], p.rowHigh[i]
	slack := closeTo * (1 + a.magnitudes)
	if a.least > high+slack || a.most < low-slack || low > high+slack {
		p.broken = contradiction{i, max(a.least-high, low-a.most), a.least-high < low-a.most}
		return false
	}
	tiny := redundat * (1 + a.magnitudes)
	if a.least >= low-tiny {
		p.rowLow[i] = math.Inf(-1)
	}
	if a.most <= high+tiny {
		p.rowHigh[i] = math.Inf(1)
	}
	switch {
	case a.live == 0, math.IsInf(p.rowLow[i], -1) && math.IsInf(p.rowHigh[i], 1):
		p.take(i, -1, 0, false)
	case a.least >= high-tiny:
		p.force(terms, i, false)
	case a.most <= low+tiny:
		p.force(terms, i, true)
	case a.live == 1:
		return p.bound(i, a)
	}
	return true
}

// take takes a row out; with a memory, where it may need a multiplier.
func (p *presolve) take(i, column int, value float64, remember bool) {
	p.isGone[i] = true
	if remember {
		p.steps = append(p.steps, step{int32(i), int32(column), value})
	}
}

// force fixes the columns of a row whose activity can only just reach its side: the most it can be, or the
// least.
func (p *presolve) force(terms []Term, i int, atMost bool) {
	for _, t := range terms {
		j := t.Column
		if p.isFixed[j] || t.Value == 0 {
			continue
		}
		if (t.Value > 0) == atMost {
			p.fix(j, p.high[j])
		} else {
			p.fix(j, p.low[j])
		}
		p.forcedBy[j] = int32(i)
	}
	p.take(i, -1, 0, true)
}

// bound turns a row with one live column into bounds of the column.
func (p *presolve) bound(i int, a activity) bool {
	j, v := a.only.Column, a.only.Value
	low, high := (p.rowLow[i]-a.fixed)/v, (p.rowHigh[i]-a.fixed)/v
	if v < 0 {
		low, high = high, low
	}
	slack := closeTo * (1 + math.Abs(p.low[j]) + math.Abs(p.high[j]))
	if low > p.high[j]+slack || high < p.low[j]-slack {
		isAbove := low-p.high[j] > p.low[j]-high // the least that the row wants is more than there may be
		p.broken = contradiction{i, math.Abs(v) * max(low-p.high[j], p.low[j]-high), isAbove == (v > 0)}
		return false
	}
	if low > p.low[j] {
		p.low[j], p.lowFrom[j] = min(low, p.high[j]), int32(i)
	}
	if high < p.high[j] {
		p.high[j], p.highFrom[j] = max(high, p.low[j]), int32(i)
	}
	p.changed = true
	p.take(i, j, v, true)
	return p.fixNarrow(j)
}

// disprove writes multipliers that prove a contradiction: that of the broken row so large that it outweighs all costs, and
// from it those of the rows that narrowed its columns.
func (p *presolve) disprove(m *Model, y []float64) {
	if p.broken.row < 0 {
		return
	}
	const enough, most = 2, 1e8 // what a checker still believes
	v := min((enough*(m.ceiling()-m.floor())+1)/p.broken.miss, most)
	if !p.broken.isLow {
		v = -v
	}
	y[p.broken.row] = v
	p.undo(m, y)
}

// undo gives the rows that were taken out their multipliers: y has those of all other rows, and zero for them.
func (p *presolve) undo(m *Model, y []float64) {
	if len(p.steps) == 0 {
		return
	}
	p.reduced = append(p.reduced[:0], m.cost...)
	for i, v := range y {
		p.charge(m, i, v)
	}
	for k := len(p.steps) - 1; k >= 0; k-- {
		s := p.steps[k]
		i := int(s.row)
		if s.column >= 0 {
			y[i] = p.boundMultiplier(s)
		} else {
			y[i] = p.forceMultiplier(m, i)
		}
		p.charge(m, i, y[i])
	}
}

// charge takes a row with its multiplier off the reduced costs.
func (p *presolve) charge(m *Model, i int, y float64) {
	if y == 0 {
		return
	}
	for _, t := range m.Terms(i) {
		p.reduced[t.Column] -= t.Value * y
	}
}

// boundMultiplier of a row that became a bound: it takes over the reduced cost of its column where the column
// rests on that bound.
func (p *presolve) boundMultiplier(s step) float64 {
	d := p.reduced[s.column]
	if d > 0 && p.lowFrom[s.column] == s.row || d < 0 && p.highFrom[s.column] == s.row {
		return d / s.value
	}
	return 0
}

// forceMultiplier of a row that forced its columns: the least that gives their reduced costs the right sign.
func (p *presolve) forceMultiplier(m *Model, i int) float64 {
	y, atMost := 0.0, false
	for _, t := range m.Terms(i) {
		j := t.Column
		if p.forcedBy[j] != int32(i) {
			continue
		}
		atMost = (t.Value > 0) == (p.value[j] == p.high[j])
		if d := p.reduced[j] / t.Value; atMost {
			y = max(y, d)
		} else {
			y = min(y, d)
		}
	}
	return y
}

// resized is a slice of n values, which may be anything, in the memory of s where that is enough.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}
