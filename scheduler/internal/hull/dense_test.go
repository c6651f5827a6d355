package hull

import (
	"math"
	"testing"
)

// leastMixture is the cheapest mixture of all legal combinations that is the point, where missing a coordinate
// costs bound per kW: by the simplex method on the whole tableau with Bland's rule, slow and plain. It is what
// the most violated cut with coefficients up to bound says about left at the point.
func leastMixture(all []legal, parts []Part, point *legal, bound float64) float64 {
	// The coordinates of the separator: an on-indicator counts as the part's highest power, and a part with
	// one power has no coordinate for it.
	coordinates := func(l *legal) []float64 {
		var out []float64
		for i := range parts {
			p := &parts[i]
			if high := p.highest(); high > 0 {
				if !p.isFixed() {
					out = append(out, l.power[i])
				}
				if !p.IsFree {
					out = append(out, l.on[i]*high)
				}
			}
			if p.Back > 0 {
				out = append(out, l.given[i])
			}
		}
		return append(out, 1)
	}
	target := coordinates(point)
	var columns [][]float64
	var costs []float64
	for k := range all {
		columns, costs = append(columns, coordinates(&all[k])), append(costs, all[k].left)
	}
	for r := range target {
		for _, sign := range []float64{1, -1} {
			c := make([]float64, len(target))
			c[r] = sign
			price := bound
			if r == len(target)-1 {
				price = 1e4 // the weights must add up to 1
			}
			columns, costs = append(columns, c), append(costs, price)
		}
	}
	return tableau(columns, costs, target)
}

// tableau minimises costs x subject to sum of x columns = target >= 0, x >= 0. The last 2 len(target) columns
// are units of both signs, of which the positive ones are the first basis.
func tableau(columns [][]float64, costs, target []float64) float64 {
	m, n := len(target), len(columns)
	rows := make([][]float64, m+1) // the last is the reduced costs
	for r := range m {
		rows[r] = make([]float64, n+1)
		for j, c := range columns {
			rows[r][j] = c[r]
		}
		rows[r][n] = target[r]
	}
	rows[m] = append(clone(costs), 0)
	pivot := func(r, j int) {
		f := rows[r][j]
		for k := range rows[r] {
			rows[r][k] /= f
		}
		for i := range rows {
			if f := rows[i][j]; i != r && f != 0 {
				for k, v := range rows[r] {
					rows[i][k] -= f * v
				}
			}
		}
	}
	basis := make([]int, m)
	for r := range m {
		basis[r] = n - 2*m + 2*r
		pivot(r, basis[r])
	}
	for range 10000 {
		enter := -1
		for j := range n {
			if rows[m][j] < -1e-9 {
				enter = j
				break
			}
		}
		if enter < 0 {
			return -rows[m][n]
		}
		leave := -1
		for r := range m {
			if rows[r][enter] <= 1e-9 {
				continue
			}
			if leave < 0 {
				leave = r
				continue
			}
			a, b := rows[r][n]/rows[r][enter], rows[leave][n]/rows[leave][enter]
			if a < b-1e-12 || a < b+1e-12 && basis[r] < basis[leave] {
				leave = r
			}
		}
		if leave < 0 {
			return math.Inf(-1)
		}
		basis[leave] = enter
		pivot(leave, enter)
	}
	panic("the simplex method goes round")
}

func TestTableau_KnowsASmallProgram(t *testing.T) {
	// min -x - 2y with x + y + s = 4, x + 3y + t = 6: at x = 3, y = 1.
	columns := [][]float64{{1, 1}, {1, 3}, {1, 0}, {0, 1}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}}
	costs := []float64{-1, -2, 0, 0, 100, 100, 100, 100}
	if got := tableau(columns, costs, []float64{4, 6}); math.Abs(got+5) > 1e-9 {
		t.Errorf("the least is %v, not -5", got)
	}
}
