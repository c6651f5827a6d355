package lp

import "math"

// A pivot below lostPivot of its row's diagonal before the elimination is nothing but rounding: the row depends
// on others, exactly or nearly so. As a rule it becomes so large that the row's multiplier stays where it is. Rows
// that contradict others would never show that way. When they are suspected, lost pivots become small instead, and
// smaller each time; the multipliers of such rows then run away, which proves it.
const (
	lostPivot   = 3e-15
	heldPivot   = 1e40
	loosePivot  = 1e-6 // of the diagonal when rows are let loose
	loosenPivot = 0.3  // each time
)

// factor is the numeric Cholesky factor of the normal equations A D A' + E, laid out by a symbolic.
type factor struct {
	*symbolic
	value    []float64 // by block
	diag     []float64 // by position: the diagonal before the elimination
	inverse  []float64 // by position: 1 over the diagonal of the factor
	permuted []float64 // by position: scratch of a solve
	lost     int       // pivots lost in the last factorisation
	instead  []float64 // by position: what a lost pivot becomes
	isLoose  bool      // whether rows were let loose
}

func (f *factor) lay(s *symbolic) {
	f.symbolic = s
	f.value = resized(f.value, int(s.block[len(s.block)-1]))
	f.diag = resized(f.diag, s.n)
	f.inverse = resized(f.inverse, s.n)
	f.instead = resized(f.instead, s.n)
	f.hold()
	f.permuted = resized(f.permuted, s.n)
}

// hold makes lost pivots hold their rows' multipliers where they are.
func (f *factor) hold() {
	f.isLoose = false
	for k := range f.instead {
		f.instead[k] = heldPivot
	}
}

// loosen lets rows with lost pivots loose, as the diagonals of the matrix just formed have it, or more so.
func (f *factor) loosen() {
	for k, d := range f.diag {
		switch {
		case f.isLoose:
			f.instead[k] *= loosenPivot
		case d > 0:
			f.instead[k] = loosePivot * d
		}
	}
	f.isLoose = true
}

// form writes A diag(weight) A' + diag(extra) where the factor will be. Weights are by column, extra by row.
func (f *factor) form(c *core, weight, extra []float64) {
	clear(f.value)
	for i, at := range f.diagonal {
		f.value[at] = extra[i]
	}
	value := f.value
	for j, d := range weight[:c.columns] {
		entries := c.colValue[c.colStart[j]:c.colStart[j+1]]
		places := f.products[f.productStart[j]:f.productStart[j+1]]
		for k, a := range entries {
			a *= d
			row := places[:k+1]
			places = places[k+1:]
			for l, at := range row {
				value[at] += a * entries[l]
			}
		}
	}
	for k, i := range f.order {
		f.diag[k] = f.value[f.diagonal[i]]
	}
}

// factorise replaces the matrix by its factor.
func (f *factor) factorise() {
	f.lost = 0
	for node := range len(f.first) - 1 {
		from, to := f.first[node], f.first[node+1]
		width := int(to - from)
		height := int(f.rowStart[node+1] - f.rowStart[node])
		block := f.value[f.block[node]:f.block[node+1]]
		f.lost += pivots(block, width, f.diag[from:to], f.instead[from:to], f.inverse[from:to])
		below(block, width, f.inverse[from:to])
		for _, u := range f.updates[f.update[node]:f.update[node+1]] {
			target := f.value[f.block[u.target]:f.block[u.target+1]]
			below := block[int(u.at)*width:]
			relative := f.relative[u.relative:][:height-int(u.at)]
			columns := f.rows[f.rowStart[node]+u.at : f.rowStart[node]+u.end]
			subtract(target, below, width, relative, columns, f.first[u.target])
		}
	}
}

// pivots factorises the square on top of a block. It says how many pivots were lost.
func pivots(block []float64, width int, diag, instead, inverse []float64) (lost int) {
	for k := range width {
		row := block[k*width : k*width+k+1]
		for l := range k {
			above := block[l*width : l*width+l]
			sum := row[l]
			for m, v := range above {
				sum -= v * row[m]
			}
			row[l] = sum * inverse[l]
		}
		pivot := row[k]
		for _, v := range row[:k] {
			pivot -= v * v
		}
		if least := lostPivot * diag[k]; !(pivot > least) {
			pivot = instead[k]
			lost++
		}
		root := math.Sqrt(pivot)
		row[k], inverse[k] = root, 1/root
	}
	return lost
}

// below solves the rows below the square of a block.
func below(block []float64, width int, inverse []float64) {
	rows := block[width*width:]
	if width == 1 {
		scale := inverse[0]
		for i := range rows {
			rows[i] *= scale
		}
		return
	}
	for len(rows) >= 4*width {
		a, b, c, d := rows[:width], rows[width:2*width], rows[2*width:3*width], rows[3*width:4*width]
		for l := range width {
			above := block[l*width : l*width+l]
			s, t, u, v := a[l], b[l], c[l], d[l]
			pa, pb, pc, pd := a[:len(above)], b[:len(above)], c[:len(above)], d[:len(above)]
			for m, x := range above {
				s -= x * pa[m]
				t -= x * pb[m]
				u -= x * pc[m]
				v -= x * pd[m]
			}
			scale := inverse[l]
			a[l], b[l], c[l], d[l] = s*scale, t*scale, u*scale, v*scale
		}
		rows = rows[4*width:]
	}
	for len(rows) > 0 {
		a := rows[:width]
		for l := range width {
			above := block[l*width : l*width+l]
			s := a[l]
			for m, x := range above {
				s -= x * a[m]
			}
			a[l] = s * inverse[l]
		}
		rows = rows[width:]
	}
}

// solve replaces b, by row of the core, by the solution.
func (f *factor) solve(b []float64) {
	x := f.permuted
	for k, i := range f.order {
		x[k] = b[i]
	}
	f.forward(x)
	f.backward(x)
	for k, i := range f.order {
		b[i] = x[k]
	}
}

// forward solves with the factor, supernode by supernode.
func (f *factor) forward(x []float64) {
	for node := range len(f.first) - 1 {
		from, to := f.first[node], f.first[node+1]
		width := int(to - from)
		block := f.value[f.block[node]:f.block[node+1]]
		rows := f.rows[int(f.rowStart[node])+width : f.rowStart[node+1]]
		own := x[from:to]
		solveSquare(block, f.inverse[from:to], own)
		forwardBelow(block[width*width:], own, rows, x)
	}
}

// backward solves with the transposed factor, in reverse order.
func (f *factor) backward(x []float64) {
	for node := len(f.first) - 2; node >= 0; node-- {
		from, to := f.first[node], f.first[node+1]
		width := int(to - from)
		block := f.value[f.block[node]:f.block[node+1]]
		rows := f.rows[int(f.rowStart[node])+width : f.rowStart[node+1]]
		own := x[from:to]
		backwardBelow(block[width*width:], own, rows, x)
		solveSquareTransposed(block, f.inverse[from:to], own)
	}
}
