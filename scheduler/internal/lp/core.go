package lp

import "math"

// A column with more entries than these is cut into linked copies of at most so many entries: in the normal
// equations a column is a clique of its rows, so a long one alone would fill the factor.
const (
	longColumn = 64
	copyLength = 8
)

// core is what presolve leaves, in the form the iteration works on: columns (with the copies of long ones),
// then one slack for each row that is not an equation. All are variables; row i reads
//
//	sum over its entries - (its slack, or nothing) = rhs[i]
//
// and the slack of a row has the row's sides as its bounds, of which one may be infinite.
type core struct {
	columns int // without slacks
	rows    int
	slacks  int

	cost []float64 // by column
	low  []float64 // by variable
	high []float64 // by variable
	rhs  []float64 // by row; zero where there is a slack

	slackRow []int32 // by slack
	rowSlack []int32 // by row: the variable that is its slack, or -1

	rowStart  []int32 // by row, and the end
	rowColumn []int32
	rowValue  []float64
	colStart  []int32 // by column, and the end
	colRow    []int32 // ascending within a column
	colValue  []float64

	source    []int32 // by row: the row of the model, or -1 for the link between two copies
	column    []int32 // by column of the model: its column here (the first copy), or -1
	copies    []int32 // by column of the model: how many columns it has here
	offset    float64 // objective of what presolve fixed
	ceiling   float64 // the most any point of the box can cost, without the offset
	filled    []int32 // by column of the model: entries so far; scratch
	positions []int32 // by column here: scratch
}

// build sets the core up from what presolve left of the model. Columns without an entry are fixed at their
// cheaper bound.
func (c *core) build(m *Model, p *presolve) {
	c.countEntries(m, p)
	c.addColumns(m, p)
	c.addRows(m, p)
	c.addLinks()
	c.transpose()
	c.addSlacks(m, p)
}

// countEntries counts the entries of the model's columns in the rows that are left.
func (c *core) countEntries(m *Model, p *presolve) {
	c.filled = resized(c.filled, len(m.cost))
	clear(c.filled)
	for i := range m.rowLow {
		if p.isGone[i] {
			continue
		}
		for _, t := range m.Terms(i) {
			if t.Value != 0 {
				c.filled[t.Column]++
			}
		}
	}
}

func (c *core) addColumns(m *Model, p *presolve) {
	n := len(m.cost)
	c.column, c.copies = resized(c.column, n), resized(c.copies, n)
	c.cost, c.low, c.high = c.cost[:0], c.low[:0], c.high[:0]
	c.offset = 0
	for j := range n {
		c.column[j], c.copies[j] = -1, 0
		if !p.isFixed[j] && c.filled[j] == 0 {
			value := p.low[j]
			if m.cost[j] < 0 {
				value = p.high[j]
			}
			p.fix(j, value)
		}
		if p.isFixed[j] {
			c.offset += m.cost[j] * p.value[j]
			continue
		}
		copies := int32(1)
		if c.filled[j] > longColumn {
			copies = (c.filled[j] + copyLength - 1) / copyLength
		}
		c.column[j], c.copies[j] = int32(len(c.cost)), copies
		for k := range copies {
			cost := 0.0
			if k == 0 {
				cost = m.cost[j]
			}
			c.cost = append(c.cost, cost)
			c.low = append(c.low, p.low[j])
			c.high = append(c.high, p.high[j])
		}
	}
	c.columns = len(c.cost)
	c.ceiling = 0
	for j, cost := range c.cost {
		c.ceiling += max(cost*c.low[j], cost*c.high[j])
	}
}

func (c *core) addRows(m *Model, p *presolve) {
	c.rowStart, c.rowColumn, c.rowValue = append(c.rowStart[:0], 0), c.rowColumn[:0], c.rowValue[:0]
	c.source, c.rhs = c.source[:0], c.rhs[:0]
	clear(c.filled)
	for i := range m.rowLow {
		if p.isGone[i] {
			continue
		}
		fixed := 0.0
		for _, t := range m.Terms(i) {
			j := t.Column
			if p.isFixed[j] {
				fixed += t.Value * p.value[j]
				continue
			}
			if t.Value == 0 {
				continue
			}
			k := c.column[j]
			if c.copies[j] > 1 {
				k += c.filled[j] / copyLength
				c.filled[j]++
			}
			c.rowColumn = append(c.rowColumn, k)
			c.rowValue = append(c.rowValue, t.Value)
		}
		c.rowStart = append(c.rowStart, int32(len(c.rowColumn)))
		c.source = append(c.source, int32(i))
		c.rhs = append(c.rhs, -fixed)
	}
	c.rows = len(c.source)
}

// addLinks adds the equations that hold the copies of a column together: each with the next one.
func (c *core) addLinks() {
	for j, k := range c.column {
		for copy := int32(1); copy < c.copies[j]; copy++ {
			c.rowColumn = append(c.rowColumn, k+copy-1, k+copy)
			c.rowValue = append(c.rowValue, 1, -1)
			c.rowStart = append(c.rowStart, int32(len(c.rowColumn)))
			c.source = append(c.source, -1)
			c.rhs = append(c.rhs, 0)
		}
	}
	c.rows = len(c.source)
}

// transpose derives the columns' entries from the rows'.
func (c *core) transpose() {
	n := c.columns
	c.colStart = resized(c.colStart, n+1)
	clear(c.colStart)
	for _, j := range c.rowColumn {
		c.colStart[j+1]++
	}
	for j := range n {
		c.colStart[j+1] += c.colStart[j]
	}
	c.positions = append(c.positions[:0], c.colStart[:n]...)
	c.colRow = resized(c.colRow, len(c.rowColumn))
	c.colValue = resized(c.colValue, len(c.rowColumn))
	for i := range c.rows {
		for e := c.rowStart[i]; e < c.rowStart[i+1]; e++ {
			j := c.rowColumn[e]
			at := c.positions[j]
			c.positions[j]++
			c.colRow[at], c.colValue[at] = int32(i), c.rowValue[e]
		}
	}
}

// addSlacks gives every row that is not an equation its slack, and every equation its right side. Until now
// rhs holds what fixed columns take from the right.
func (c *core) addSlacks(m *Model, p *presolve) {
	c.rowSlack, c.slackRow = resized(c.rowSlack, c.rows), c.slackRow[:0]
	for i, source := range c.source {
		low, high := 0.0, 0.0
		if source >= 0 {
			low, high = p.rowLow[source]+c.rhs[i], p.rowHigh[source]+c.rhs[i]
		}
		if !math.IsInf(low, -1) && high-low <= redundat*(1+math.Abs(low)) {
			c.rowSlack[i], c.rhs[i] = -1, low
			continue
		}
		c.rowSlack[i], c.rhs[i] = int32(c.columns+len(c.slackRow)), 0
		c.slackRow = append(c.slackRow, int32(i))
		c.low = append(c.low, low)
		c.high = append(c.high, high)
	}
	c.slacks = len(c.slackRow)
}
