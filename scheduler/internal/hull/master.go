package hull

import (
	"math"
	"slices"
)

const (
	pivotLeast = 1e-9 // entries of a column below it cannot be pivots
	priceLeast = 1e-9 // reduced costs, relative to the scale of slopes, below it are nothing
)

// master is the linear program over the points known so far: the cheapest mixture of points that is the
// target,
//
//	min sum theta h + bound |target - sum theta point|,  sum theta = 1,  theta >= 0
//
// solved by the revised simplex method with an explicit inverse, for it has one row for each coordinate and
// one for the sum: 20 at most. Its multipliers are the coefficients of a cut; the price of missing the
// target is what bounds them.
type master struct {
	n      int       // coordinates
	points []float64 // n for each point
	costs  []float64
	target []float64
	bound  float64

	inverse []float64 // (n+1) x (n+1), by rows
	basis   []int     // of each row: a point, or ^(2r) and ^(2r+1) for missing coordinate r upwards and downwards
	theta   []float64 // values of the basis
	price   []float64 // multipliers: n coefficients and the constant
	column  []float64 // the entering column in terms of the basis
}

// keep takes n coordinates and forgets the basis and all but the first points.
func (m *master) keep(n, points int) {
	m.n = n
	m.points, m.costs, m.basis = m.points[:n*points], m.costs[:points], m.basis[:0]
}

// add takes a point, whose n coordinates it lets the caller write, and its cost.
func (m *master) add(cost float64) []float64 {
	k := len(m.points)
	m.points = slices.Grow(m.points, m.n)[:k+m.n]
	m.costs = append(m.costs, cost)
	return m.points[k:]
}

// start makes the basis of the first point and, for each coordinate, of missing the target.
func (m *master) start() {
	w := m.n + 1
	m.inverse = zeros(m.inverse, w*w)
	m.basis = slices.Grow(m.basis[:0], w)[:w]
	m.theta, m.price, m.column = zeros(m.theta, w), zeros(m.price, w), zeros(m.column, w)
	m.price[m.n] = m.costs[0]
	for r, x := range m.points[:m.n] {
		miss, sign, code := m.target[r]-x, 1.0, ^(2 * r)
		if miss < 0 {
			miss, sign, code = -miss, -1, ^(2*r + 1)
		}
		m.inverse[r*w+r], m.inverse[r*w+m.n] = sign, -sign*x
		m.basis[r], m.theta[r] = code, miss
		m.price[r] = sign * m.bound
		m.price[m.n] -= sign * m.bound * x
	}
	m.inverse[w*w-1], m.basis[m.n], m.theta[m.n] = 1, 0, 1
}

// value is what the mixture costs; it never rises.
func (m *master) value() float64 { return m.at(m.target) + m.price[m.n] }

// at is the coefficients' part of the cut at a place.
func (m *master) at(place []float64) float64 {
	v := 0.0
	for r, p := range m.price[:len(place)] {
		v += p * place[r]
	}
	return v
}

// improve brings the known columns to their optimum, in at most limit steps, and returns how many it took.
func (m *master) improve(limit int) int {
	for step := range limit {
		code, reduced := m.entering()
		if reduced >= -priceLeast*m.bound || !m.enter(code, reduced) {
			return step
		}
	}
	return limit
}

// entering is the column with the least reduced cost.
func (m *master) entering() (code int, reduced float64) {
	for r, p := range m.price[:m.n] {
		if d := m.bound - math.Abs(p); d < reduced {
			code, reduced = ^(2 * r), d
			if p < 0 {
				code--
			}
		}
	}
	constant := m.price[m.n]
	for k, c := range m.costs {
		if d := c - constant - m.at(m.points[k*m.n:][:m.n]); d < reduced {
			code, reduced = k, d
		}
	}
	return code, reduced
}

// enter brings a column into the basis; false when it cannot.
func (m *master) enter(code int, reduced float64) bool {
	m.express(code)
	row, least := -1, math.Inf(1)
	for i, d := range m.column {
		if d <= pivotLeast {
			continue
		}
		t := m.theta[i] / d
		if row < 0 || t < least-pivotLeast || t < least+pivotLeast && d > m.column[row] {
			row, least = i, min(t, least)
		}
	}
	if row < 0 {
		return false
	}
	least = max(m.theta[row]/m.column[row], 0)
	m.pivot(row, reduced)
	for i, d := range m.column {
		m.theta[i] = max(m.theta[i]-least*d, 0)
	}
	m.theta[row], m.basis[row] = least, code
	return true
}

// express writes a column in terms of the basis.
func (m *master) express(code int) {
	w := m.n + 1
	if code < 0 {
		r, sign := ^code/2, float64(1-2*(^code%2))
		for i := range m.column {
			m.column[i] = sign * m.inverse[i*w+r]
		}
		return
	}
	point := m.points[code*m.n:][:m.n]
	for i := range m.column {
		row := m.inverse[i*w:][:w]
		d := row[m.n]
		for r, x := range point {
			d += row[r] * x
		}
		m.column[i] = d
	}
}

// pivot updates the inverse and the multipliers for the expressed column to take a row of the basis.
func (m *master) pivot(row int, reduced float64) {
	w := m.n + 1
	pivot := m.inverse[row*w:][:w]
	f := 1 / m.column[row]
	for r := range pivot {
		pivot[r] *= f
		m.price[r] += reduced * pivot[r]
	}
	for i, d := range m.column {
		if i == row || d == 0 {
			continue
		}
		other := m.inverse[i*w:][:w]
		for r, p := range pivot {
			other[r] -= d * p
		}
	}
}
