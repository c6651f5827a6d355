package pwl

import "math"

// Point is half a segment; packed functions share the points where segments meet. Two points in a row at one X are a
// jump. A point whose X is not a number stands for a gap: the next segment begins with a point of its own.
type Point struct{ X, Y float64 }

// Pack appends f to dst in half the memory. Ends that meet within a rounding error become one.
func Pack(dst []Point, f Func) []Point {
	for i, s := range f {
		switch {
		case i == 0 || s.X0-f[i-1].X1 > narrow:
			dst = append(dst, Point{math.NaN(), 0}, Point{s.X0, s.Y0})
		case math.Abs(s.Y0-f[i-1].Y1) > collide:
			dst = append(dst, Point{f[i-1].X1, s.Y0})
		}
		dst = append(dst, Point{s.X1, s.Y1})
	}
	return dst
}

// Unpack appends the function that was packed to dst.
func Unpack(dst Func, packed []Point) Func {
	for i := 1; i < len(packed); i++ {
		if from, to := packed[i-1], packed[i]; from.X < to.X {
			dst = append(dst, Seg{from.X, from.Y, to.X, to.Y})
		}
	}
	return dst
}
