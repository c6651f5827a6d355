// Package pwl is an algebra of piecewise-linear functions of one variable, made for the recursion that plans
// a store: shift a function along its axis at a price, take the lower of two, change the variable.
//
// # Basics
//
// A [Func] is a row of segments. It may jump and have gaps; outside its segments it is infinite, and where
// two segments meet at different heights the lower one counts. So every function attains its minimum, and
// [Machine.Slide], the heart of the recursion, is exact.
//
// # Caveats
//
// Segments shorter than 1e-12 are dropped, and collinear neighbours joined when that moves the function by
// less than 1e-11. A domain that should be a point must be made a little wider by its owner.
package pwl

import (
	"math"
	"sort"
)

// Seg is a straight line from (X0, Y0) to (X1, Y1), with X0 < X1.
type Seg struct{ X0, Y0, X1, Y1 float64 }

// Func is segments from left to right, with no two over the same open interval.
type Func []Seg

const (
	narrow  = 1e-12 // segments below are dropped
	collide = 1e-11 // joining neighbours moves the function by less
	snap    = 1e-9  // what rounding may have moved a variable by
)

// Line is the function with one segment.
func Line(x0, y0, x1, y1 float64) Func { return Func{{x0, y0, x1, y1}} }

// slope of a segment.
func (s Seg) slope() float64 { return (s.Y1 - s.Y0) / (s.X1 - s.X0) }

// at is the height of the segment's line at x.
func (s Seg) at(x float64) float64 {
	switch x {
	case s.X0:
		return s.Y0
	case s.X1:
		return s.Y1
	}
	return s.Y0 + (x-s.X0)*s.slope()
}

// At is the value at x; infinite outside. At a jump or a border it is the least within a rounding error.
func (f Func) At(x float64) float64 {
	y := math.Inf(1)
	for i := f.after(x - snap); i < len(f) && f[i].X0 <= x+snap; i++ {
		y = min(y, f[i].at(min(max(x, f[i].X0), f[i].X1)))
	}
	return y
}

// after is the index of the first segment that does not end before x.
func (f Func) after(x float64) int {
	return sort.Search(len(f), func(i int) bool { return f[i].X1 >= x })
}

// push adds a segment, joined to the last one where they lie on one line.
func (f Func) push(s Seg) Func {
	if s.X1-s.X0 < narrow {
		return f
	}
	if n := len(f); n > 0 {
		last := &f[n-1]
		if math.Abs(last.X1-s.X0) < narrow && math.Abs(last.Y1-s.Y0) < collide {
			joined := last.Y0 + (s.X0-last.X0)*(s.Y1-last.Y0)/(s.X1-last.X0)
			if math.Abs(joined-s.Y0) < collide {
				last.X1, last.Y1 = s.X1, s.Y1
				return f
			}
		}
	}
	return append(f, s)
}

// Moved appends f, moved by dx and dy, to dst.
func (f Func) Moved(dst Func, dx, dy float64) Func {
	for _, s := range f {
		dst = append(dst, Seg{s.X0 + dx, s.Y0 + dy, s.X1 + dx, s.Y1 + dy})
	}
	return dst
}

// Stretched appends to dst the function of x that has the value of f at scale*x - offset, cut to [low, high].
// Scale must be positive.
func (f Func) Stretched(dst Func, scale, offset, low, high float64) Func {
	for _, s := range f {
		t := Seg{(s.X0 + offset) / scale, s.Y0, (s.X1 + offset) / scale, s.Y1}
		dst = dst.push(t.cut(low, high))
	}
	return dst
}

// Cut appends to dst the part of f over [low, high].
func (f Func) Cut(dst Func, low, high float64) Func {
	for _, s := range f {
		dst = dst.push(s.cut(low, high))
	}
	return dst
}

// cut is the part of a segment over [low, high]; empty when there is none.
func (s Seg) cut(low, high float64) Seg {
	c := s
	if s.X0 < low {
		c.X0, c.Y0 = low, s.at(low)
	}
	if s.X1 > high {
		c.X1, c.Y1 = high, s.at(high)
	}
	return c
}

// Lower appends to dst the lower envelope of a and b.
func Lower(dst, a, b Func) Func {
	x := math.Inf(-1)
	for i, j := 0, 0; ; {
		for i < len(a) && a[i].X1 <= x+narrow {
			i++
		}
		for j < len(b) && b[j].X1 <= x+narrow {
			j++
		}
		if i == len(a) && j == len(b) {
			return dst
		}
		inA, inB := i < len(a) && a[i].X0 <= x+narrow, j < len(b) && b[j].X0 <= x+narrow
		next := math.Inf(1)
		if i < len(a) {
			next = border(a[i], inA)
		}
		if j < len(b) {
			next = min(next, border(b[j], inB))
		}
		if !(next > x) { // what is not a number would never end
			return dst
		}
		switch {
		case inA && inB:
			dst = lower(dst, Seg{x, a[i].at(x), next, a[i].at(next)}, Seg{x, b[j].at(x), next, b[j].at(next)})
		case inA:
			dst = dst.push(Seg{x, a[i].at(x), next, a[i].at(next)})
		case inB:
			dst = dst.push(Seg{x, b[j].at(x), next, b[j].at(next)})
		}
		x = next
	}
}

// border is where a segment ends when we are in it, else where it begins.
func border(s Seg, isInside bool) float64 {
	if isInside {
		return s.X1
	}
	return s.X0
}

// lower pushes the lower of two segments over the same interval, both where they cross.
func lower(dst Func, a, b Seg) Func {
	left, right := a.Y0-b.Y0, a.Y1-b.Y1
	switch {
	case left <= 0 && right <= 0:
		return dst.push(a)
	case left >= 0 && right >= 0:
		return dst.push(b)
	}
	x := a.X0 + (a.X1-a.X0)*left/(left-right)
	y := a.at(x)
	if left < 0 {
		return dst.push(Seg{a.X0, a.Y0, x, y}).push(Seg{x, y, b.X1, b.Y1})
	}
	return dst.push(Seg{b.X0, b.Y0, x, y}).push(Seg{x, y, a.X1, a.Y1})
}

// Add appends to dst the sum of f and g, over where both are finite.
func Add(dst, f, g Func) Func {
	for i, j := 0, 0; i < len(f) && j < len(g); {
		from, to := max(f[i].X0, g[j].X0), min(f[i].X1, g[j].X1)
		if from < to {
			dst = dst.push(Seg{from, f[i].at(from) + g[j].at(from), to, f[i].at(to) + g[j].at(to)})
		}
		if f[i].X1 < g[j].X1 {
			i++
		} else {
			j++
		}
	}
	return dst
}
