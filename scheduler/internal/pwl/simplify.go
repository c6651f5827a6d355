package pwl

import "math"

// Simplify appends to dst a function with fewer segments that is nowhere above f and nowhere more than eps
// below it, over the same domain. Bounds made with it stay bounds.
//
// It walks from left to right and keeps the cone of lines from a point eps/2 below the run's first that stay
// within the band so far; when the cone is empty the run ends. A run of one segment is kept as it is.
func Simplify(dst, f Func, eps float64) Func {
	for i := 0; i < len(f); {
		x0, y0 := f[i].X0, f[i].Y0-eps/2
		low, high := math.Inf(-1), math.Inf(1)
		goodLow, goodHigh := low, high
		k := i
		for ; k < len(f) && (k == i || f[k].X0-f[k-1].X1 < narrow); k++ {
			if k > i {
				low, high = narrowed(low, high, f[k].X0-x0, f[k].Y0-y0, eps)
			}
			low, high = narrowed(low, high, f[k].X1-x0, f[k].Y1-y0, eps)
			if low > high {
				break
			}
			goodLow, goodHigh = low, high
		}
		if k <= i+1 {
			dst = append(dst, f[i])
			i++
			continue
		}
		last := f[k-1].X1
		dst = append(dst, Seg{x0, y0, last, y0 + (last-x0)*(goodLow+goodHigh)/2})
		i = k
	}
	return dst
}

// narrowed cuts a cone of slopes to the lines that pass dx to the right between dy-eps and dy.
func narrowed(low, high, dx, dy, eps float64) (float64, float64) {
	if dx < narrow {
		return low, high
	}
	return max(low, (dy-eps)/dx), min(high, dy/dx)
}
