package lp

import "math"

// simplex is the least cost of a small model, by the dictionary method with the rule of Bland, which cannot
// cycle (Chvatal, "Linear Programming", 1983). It shares nothing with the solver but the model.
func simplex(m *Model) (value float64, isFeasible bool) {
	d := newDictionary(m)
	if !d.makeFeasible() {
		return 0, false
	}
	d.setObjective(m.cost)
	d.maximise()
	for j, c := range m.cost {
		value += c * m.low[j]
	}
	return value - d.objective[0], true
}

// dictionary has a row for each basic variable: the variable is row[0] plus the sum of row[1+k] times nonbasic k.
// Variables are numbered: the columns less their lower bounds, then the slacks, then the artificial one.
type dictionary struct {
	columns   int
	basic     []int
	nonbasic  []int
	rows      [][]float64
	objective []float64
}

const tiny = 1e-9

// newDictionary writes everything as sums that are at most a right side: ranges, upper sides, lower sides negated.
func newDictionary(m *Model) *dictionary {
	n := m.Columns()
	d := &dictionary{columns: n}
	add := func(coefficients []float64, right float64) {
		row := append([]float64{right}, coefficients...)
		for k := range n {
			row[1+k] = -row[1+k]
		}
		d.rows = append(d.rows, append(row, 1)) // the artificial variable helps every row
		d.basic = append(d.basic, n+len(d.basic))
	}
	for j := range n {
		one := make([]float64, n)
		one[j] = 1
		add(one, m.high[j]-m.low[j])
		d.nonbasic = append(d.nonbasic, j)
	}
	for i := range m.Rows() {
		plus, minus, base := make([]float64, n), make([]float64, n), 0.0
		for _, t := range m.Terms(i) {
			plus[t.Column] += t.Value
			minus[t.Column] -= t.Value
			base += t.Value * m.low[t.Column]
		}
		low, high := m.RowBounds(i)
		if !math.IsInf(high, 1) {
			add(plus, high-base)
		}
		if !math.IsInf(low, -1) {
			add(minus, base-low)
		}
	}
	d.nonbasic = append(d.nonbasic, n+len(d.basic))
	return d
}

// makeFeasible brings the artificial variable down to zero and out, and says whether that can be done.
func (d *dictionary) makeFeasible() bool {
	artificial := len(d.nonbasic) - 1
	name := d.nonbasic[artificial]
	worst := 0
	for i, row := range d.rows {
		if row[0] < d.rows[worst][0] {
			worst = i
		}
	}
	if len(d.rows) > 0 && d.rows[worst][0] < 0 {
		d.objective = make([]float64, 2+artificial)
		d.objective[1+artificial] = -1
		d.pivot(worst, artificial)
		d.maximise()
		if d.objective[0] < -tiny {
			return false
		}
	}
	for i, b := range d.basic {
		if b != name {
			continue
		}
		for k := range d.nonbasic {
			if math.Abs(d.rows[i][1+k]) > tiny {
				d.pivot(i, k)
				break
			}
		}
	}
	for k, b := range d.nonbasic {
		if b == name { // it stays at zero
			for _, row := range d.rows {
				row[1+k] = 0
			}
		}
	}
	return true
}

// setObjective expresses minus the cost in the nonbasic variables.
func (d *dictionary) setObjective(cost []float64) {
	d.objective = make([]float64, 1+len(d.nonbasic))
	for k, b := range d.nonbasic {
		if b < d.columns {
			d.objective[1+k] -= cost[b]
		}
	}
	for i, b := range d.basic {
		if b < d.columns {
			for k, v := range d.rows[i] {
				d.objective[k] -= cost[b] * v
			}
		}
	}
}

func (d *dictionary) maximise() {
	for {
		enter := -1
		for k, b := range d.nonbasic {
			if d.objective[1+k] > tiny && (enter < 0 || b < d.nonbasic[enter]) {
				enter = k
			}
		}
		if enter < 0 {
			return
		}
		leave, least := -1, math.Inf(1)
		for i, row := range d.rows {
			if row[1+enter] >= -tiny {
				continue
			}
			ratio := max(row[0], 0) / -row[1+enter]
			if ratio < least-tiny || ratio < least+tiny && d.basic[i] < d.basic[leave] {
				leave, least = i, min(ratio, least)
			}
		}
		if leave < 0 {
			return // only a zero column can have no limit: everything is boxed
		}
		d.pivot(leave, enter)
	}
}

// pivot exchanges a basic variable for a nonbasic one.
func (d *dictionary) pivot(leave, enter int) {
	row := d.rows[leave]
	scale := -1 / row[1+enter]
	row[1+enter] = -1
	for k := range row {
		row[k] *= scale
	}
	substitute := func(other []float64) {
		v := other[1+enter]
		other[1+enter] = 0
		for k := range other {
			other[k] += v * row[k]
		}
	}
	for i, other := range d.rows {
		if i != leave {
			substitute(other)
		}
	}
	substitute(d.objective)
	d.basic[leave], d.nonbasic[enter] = d.nonbasic[enter], d.basic[leave]
}
