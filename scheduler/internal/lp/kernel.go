package lp

// subtract takes the product of a block's rows with the first of them, transposed, off a target block. Only
// the lower triangle of the first rows counts. Row i of the block goes to the target's row that begins at
// relative[i]; the first rows go to the target's columns columns[j] - first.
func subtract(target, rows []float64, width int, relative, columns []int32, first int32) {
	switch width {
	case 1:
		subtract1(target, rows, relative, columns, first)
	case 2:
		subtract2(target, rows, relative, columns, first)
	default:
		subtractWide(target, rows, width, relative, columns, first)
	}
}

func subtract1(target, rows []float64, relative, columns []int32, first int32) {
	for j, column := range columns {
		offset := column - first
		left := rows[j:]
		at := relative[j:][:len(left)]
		a := left[0]
		for i, b := range left {
			target[at[i]+offset] -= a * b
		}
	}
}

func subtract2(target, rows []float64, relative, columns []int32, first int32) {
	for j, column := range columns {
		offset := column - first
		a, b := rows[2*j], rows[2*j+1]
		left := rows[2*j:]
		for _, at := range relative[j:] {
			if len(left) < 2 {
				break // never: there are two values for each row
			}
			target[at+offset] -= a*left[0] + b*left[1]
			left = left[2:]
		}
	}
}

// subtractWide works on three columns and two rows at a time: what fits into the registers of a machine with
// sixteen, and uses every value loaded more than once.
func subtractWide(target, rows []float64, width int, relative, columns []int32, first int32) {
	for len(columns) >= 3 {
		subtractThree(target, rows, width, relative, columns[0]-first, columns[1]-first, columns[2]-first)
		rows, relative, columns = rows[3*width:], relative[3:], columns[3:]
	}
	switch len(columns) {
	case 2:
		subtractTwo(target, rows, width, relative, columns[0]-first, columns[1]-first)
	case 1:
		subtractOne(target, rows, width, relative, columns[0]-first)
	}
}

func subtractThree(target, rows []float64, width int, relative []int32, p, q, r int32) {
	u, v, w := rows[:width], rows[width:2*width], rows[2*width:3*width]
	v, w = v[:len(u)], w[:len(u)]
	// The corner of the triangle: the first row has one column, the second has two.
	var up, vp, vq float64
	for m, x := range u {
		y := v[m]
		up += x * x
		vp += x * y
		vq += y * y
	}
	target[relative[0]+p] -= up
	target[relative[1]+p] -= vp
	target[relative[1]+q] -= vq
	left, at := rows[2*width:], relative[2:]
	for len(at) >= 2 {
		a, b := left[:width], left[width:2*width]
		a, b = a[:len(u)], b[:len(u)]
		var ap, aq, ar, bp, bq, br float64
		for m, x := range u {
			y, z, s, t := v[m], w[m], a[m], b[m]
			ap += s * x
			bp += t * x
			aq += s * y
			bq += t * y
			ar += s * z
			br += t * z
		}
		i, j := at[0], at[1]
		target[i+p] -= ap
		target[i+q] -= aq
		target[i+r] -= ar
		target[j+p] -= bp
		target[j+q] -= bq
		target[j+r] -= br
		left, at = left[2*width:], at[2:]
	}
	if len(at) > 0 {
		a := left[:width]
		a = a[:len(u)]
		var ap, aq, ar float64
		for m, x := range u {
			s := a[m]
			ap += s * x
			aq += s * v[m]
			ar += s * w[m]
		}
		i := at[0]
		target[i+p] -= ap
		target[i+q] -= aq
		target[i+r] -= ar
	}
}

func subtractTwo(target, rows []float64, width int, relative []int32, p, q int32) {
	u, v := rows[:width], rows[width:2*width]
	v = v[:len(u)]
	corner := 0.0
	for _, x := range u {
		corner += x * x
	}
	target[relative[0]+p] -= corner
	left, at := rows[width:], relative[1:]
	for len(at) >= 3 {
		a, b, c := left[:width], left[width:2*width], left[2*width:3*width]
		a, b, c = a[:len(u)], b[:len(u)], c[:len(u)]
		var ap, aq, bp, bq, cp, cq float64
		for m, x := range u {
			y, r, s, t := v[m], a[m], b[m], c[m]
			ap += r * x
			aq += r * y
			bp += s * x
			bq += s * y
			cp += t * x
			cq += t * y
		}
		i, j, k := at[0], at[1], at[2]
		target[i+p] -= ap
		target[i+q] -= aq
		target[j+p] -= bp
		target[j+q] -= bq
		target[k+p] -= cp
		target[k+q] -= cq
		left, at = left[3*width:], at[3:]
	}
	for _, i := range at {
		a := left[:width]
		a = a[:len(u)]
		var ap, aq float64
		for m, x := range u {
			s := a[m]
			ap += s * x
			aq += s * v[m]
		}
		target[i+p] -= ap
		target[i+q] -= aq
		left = left[width:]
	}
}

func subtractOne(target, rows []float64, width int, relative []int32, p int32) {
	u := rows[:width]
	left, at := rows, relative
	for len(at) >= 4 {
		a, b, c, d := left[:width], left[width:2*width], left[2*width:3*width], left[3*width:4*width]
		a, b, c, d = a[:len(u)], b[:len(u)], c[:len(u)], d[:len(u)]
		var ap, bp, cp, dp float64
		for m, x := range u {
			ap += a[m] * x
			bp += b[m] * x
			cp += c[m] * x
			dp += d[m] * x
		}
		target[at[0]+p] -= ap
		target[at[1]+p] -= bp
		target[at[2]+p] -= cp
		target[at[3]+p] -= dp
		left, at = left[4*width:], at[4:]
	}
	for _, i := range at {
		a := left[:width]
		a = a[:len(u)]
		ap := 0.0
		for m, x := range u {
			ap += a[m] * x
		}
		target[i+p] -= ap
		left = left[width:]
	}
}

// solveSquare solves with the square on top of a block.
func solveSquare(block, inverse, own []float64) {
	width := len(own)
	for k, sum := range own {
		row := block[k*width:][:k]
		for m, v := range row {
			sum -= v * own[m]
		}
		own[k] = sum * inverse[k]
	}
}

// solveSquareTransposed solves with its transpose.
func solveSquareTransposed(block, inverse, own []float64) {
	width := len(own)
	for k := width - 1; k >= 0; k-- {
		y := own[k] * inverse[k]
		own[k] = y
		row := block[k*width:][:k]
		for m, v := range row {
			own[m] -= v * y
		}
	}
}

// forwardBelow takes the rows below the square, times own, off x.
func forwardBelow(values, own []float64, rows []int32, x []float64) {
	width := len(own)
	if width == 1 {
		y := own[0]
		values = values[:len(rows)]
		for i, r := range rows {
			x[r] -= values[i] * y
		}
		return
	}
	for len(rows) >= 4 {
		a, b, c, d := values[:width], values[width:2*width], values[2*width:3*width], values[3*width:4*width]
		a, b, c, d = a[:len(own)], b[:len(own)], c[:len(own)], d[:len(own)]
		var s, t, u, v float64
		for m, y := range own {
			s += a[m] * y
			t += b[m] * y
			u += c[m] * y
			v += d[m] * y
		}
		x[rows[0]] -= s
		x[rows[1]] -= t
		x[rows[2]] -= u
		x[rows[3]] -= v
		values, rows = values[4*width:], rows[4:]
	}
	for _, r := range rows {
		a := values[:width]
		a = a[:len(own)]
		s := 0.0
		for m, y := range own {
			s += a[m] * y
		}
		x[r] -= s
		values = values[width:]
	}
}

// backwardBelow takes the transpose of the rows below the square, times x, off own.
func backwardBelow(values, own []float64, rows []int32, x []float64) {
	width := len(own)
	if width == 1 {
		y := own[0]
		values = values[:len(rows)]
		for i, r := range rows {
			y -= values[i] * x[r]
		}
		own[0] = y
		return
	}
	for len(rows) >= 4 {
		a, b, c, d := values[:width], values[width:2*width], values[2*width:3*width], values[3*width:4*width]
		a, b, c, d = a[:len(own)], b[:len(own)], c[:len(own)], d[:len(own)]
		s, t, u, v := x[rows[0]], x[rows[1]], x[rows[2]], x[rows[3]]
		for m := range own {
			own[m] -= (a[m]*s + b[m]*t) + (c[m]*u + d[m]*v)
		}
		values, rows = values[4*width:], rows[4:]
	}
	for _, r := range rows {
		a := values[:width]
		a = a[:len(own)]
		s := x[r]
		for m := range own {
			own[m] -= a[m] * s
		}
		values = values[width:]
	}
}
