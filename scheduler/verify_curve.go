package scheduler

import (
	"math"
	"slices"
)

// curve is a function of the energy in a store: segments in the order of x that share no more than their
// ends, with jumps and gaps between them. Where two meet the lower counts, and where none is the function is
// infinite, so that what cannot be reached is never bridged.
//
//	y |  \__          .      a jump down, a gap, a point, a gap, a rise
//	  |     |____  .    /
//	  +-------------------- x
type curve []segment

// segment is a straight piece from (x0, y0) to (x1, y1), both ends included; with x0 == x1 it is a point.
type segment struct{ x0, y0, x1, y1 float64 }

// at is the value at an x within the segment.
func (s segment) at(x float64) float64 {
	switch x {
	case s.x0:
		return s.y0
	case s.x1:
		return s.y1
	}
	return s.y0 + (s.y1-s.y0)*((x-s.x0)/(s.x1-s.x0))
}

// segmentOf is the segment between two ends of which rounding may have made one point: then the lower counts.
func segmentOf(x0, y0, x1, y1 float64) segment {
	if x0 < x1 {
		return segment{x0, y0, x1, y1}
	}
	y := min(y0, y1)
	return segment{x0, y, x0, y}
}

// at is the value at x, infinite in a gap.
func (c curve) at(x float64) float64 {
	i, _ := slices.BinarySearchFunc(c, x, func(s segment, x float64) int {
		if s.x1 < x {
			return -1
		}
		return 1
	})
	least := math.Inf(1)
	for ; i < len(c) && c[i].x0 <= x; i++ {
		least = min(least, c[i].at(x))
	}
	return least
}

// raised is the curve with a constant added.
func (c curve) raised(by float64) curve {
	out := make(curve, len(c))
	for i, s := range c {
		out[i] = segment{s.x0, s.y0 + by, s.x1, s.y1 + by}
	}
	return out
}

// clipped is the curve within [low, high].
func (c curve) clipped(low, high float64) curve {
	var out curve
	for _, s := range c {
		if a, b := max(s.x0, low), min(s.x1, high); a <= b {
			out = append(out, segmentOf(a, s.at(a), b, s.at(b)))
		}
	}
	return out
}

// before is the curve over what was stored before a slot, given the one over what is left of it: of x there
// remains keep x - draw.
func (c curve) before(keep, draw float64) curve {
	out := make(curve, len(c))
	for i, s := range c {
		out[i] = segmentOf((s.x0+draw)/keep, s.y0, (s.x1+draw)/keep, s.y1)
	}
	return out
}

// moved is the least of cost and what follows when one of the moves is made: at x the least of
// move(s) + c(x+s) over every s of every move. A move is a segment too: its x are what it stores (negative:
// what it takes out), its y what that costs.
func (c curve) moved(moves []segment) curve {
	var all []curve
	for _, m := range moves {
		if m.x0 == m.x1 {
			all = append(all, c.shifted(m))
			continue
		}
		parts := make([]curve, len(c))
		for i, s := range c {
			parts[i] = s.moved(m)
		}
		all = append(all, lowest(parts))
	}
	return lowest(all)
}

// shifted is the curve of a move that has no choice.
func (c curve) shifted(m segment) curve {
	out := make(curve, len(c))
	for i, s := range c {
		out[i] = segmentOf(s.x0-m.x0, s.y0+m.y0, s.x1-m.x0, s.y1+m.y0)
	}
	return out
}

// moved is the curve of one segment and one move. Both are straight, so all that is stored is best stored
// where it is cheaper until that is used up: of the two slopes the lower comes first.
//
//	      ____          x from (s.x0 - m.x1) to (s.x1 - m.x0)
//	     /    \___
//	s = /    , m = \    (drawn over the energy it leaves behind)
func (s segment) moved(m segment) curve {
	left, right := segment{x0: s.x0 - m.x1, y0: s.y0 + m.y1}, segment{x1: s.x1 - m.x0, y1: s.y1 + m.y0}
	bendX, bendY := s.x1-m.x1, s.y1+m.y1 // first along s
	if (s.y1-s.y0)*(m.x1-m.x0) > (m.y0-m.y1)*(s.x1-s.x0) {
		bendX, bendY = s.x0-m.x0, s.y0+m.y0 // first along the move
	}
	return curve{segmentOf(left.x0, left.y0, bendX, bendY), segmentOf(bendX, bendY, right.x1, right.y1)}
}

// lowest is the lower envelope of curves, halved until there is one.
func lowest(all []curve) curve {
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	half := len(all) / 2
	return lower(lowest(all[:half]), lowest(all[half:]))
}

// lower is the lower of two curves. It walks over the ends of their segments; from one end to the next each
// curve is one straight line or nothing.
func lower(a, b curve) curve {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	e := envelope{curve: make(curve, 0, len(a)+len(b))}
	x := math.Inf(-1)
	for len(a) > 0 || len(b) > 0 {
		to := min(a.edge(x), b.edge(x))
		e.between(a.over(x), b.over(x), x, to)
		x = to
		a, b = e.passed(a, x), e.passed(b, x)
	}
	return e.curve
}

// edge is the next end of a segment beyond x, where all segments end beyond x.
func (c curve) edge(x float64) float64 {
	switch {
	case len(c) == 0:
		return math.Inf(1)
	case c[0].x0 > x:
		return c[0].x0
	}
	return c[0].x1
}

// over is the segment that begins at x or before and ends beyond it; nil in a gap.
func (c curve) over(x float64) *segment {
	if len(c) == 0 || c[0].x0 > x {
		return nil
	}
	return &c[0]
}

// envelope is a curve while it grows.
type envelope struct {
	curve
	from *segment // of which its last segment is a part; nil: of none
}

// passed leaves out the segments that end at x, of which points have yet to be added.
func (e *envelope) passed(c curve, x float64) curve {
	for len(c) > 0 && c[0].x1 <= x {
		if c[0].x0 == x {
			e.point(c[0])
		}
		c = c[1:]
	}
	return c
}

// point adds a point, unless it is on or above what ends there.
func (e *envelope) point(s segment) {
	if n := len(e.curve); n > 0 && e.curve[n-1].x1 == s.x0 && e.curve[n-1].y1 <= s.y0 {
		return
	}
	e.curve, e.from = append(e.curve, s), nil
}

// between adds the lower of two segments, which both reach from x0 to x1 if they are there.
func (e *envelope) between(a, b *segment, x0, x1 float64) {
	switch {
	case a == nil && b == nil:
		return
	case b == nil:
		e.part(a, x0, x1)
		return
	case a == nil:
		e.part(b, x0, x1)
		return
	}
	left, right := a.at(x0)-b.at(x0), a.at(x1)-b.at(x1)
	if left > 0 {
		a, b, left, right = b, a, -left, -right
	}
	cross := x1
	if right > 0 { // a is the lower one only as far as they cross
		cross = min(x0+(x1-x0)*(left/(left-right)), x1)
	}
	if cross > x0 {
		e.part(a, x0, cross)
	}
	if cross < x1 {
		e.part(b, cross, x1)
	}
}

// part adds the part of a segment from x0 to x1. One that goes on is not cut, so that a curve has no more
// segments than it has to.
func (e *envelope) part(s *segment, x0, x1 float64) {
	n := len(e.curve)
	if n > 0 && e.from == s && e.curve[n-1].x1 == x0 {
		e.curve[n-1].x1, e.curve[n-1].y1 = x1, s.at(x1)
		return
	}
	y0 := s.at(x0)
	if n > 0 && e.curve[n-1].x0 == x0 && e.curve[n-1].y1 >= y0 { // a point that is now an end
		e.curve = e.curve[:n-1]
	}
	e.curve, e.from = append(e.curve, segment{x0, y0, x1, s.at(x1)}), s
}

// under is a curve that is nowhere above this one and nowhere more than slack below it, in the fewest
// segments that a walk from the left finds. It has the same gaps.
func (c curve) under(slack float64) curve {
	var out curve
	for len(c) > 0 {
		line, n := c.run(slack)
		out, c = append(out, line), c[n:]
	}
	return out
}

// run is a line that follows the first segments, and how many they are. It begins half the slack below the
// first; what is kept are the slopes with which it passes every end within the slack. One segment stays as it is.
func (c curve) run(slack float64) (segment, int) {
	x, y := c[0].x0, c[0].y0-slack/2
	least, most := math.Inf(-1), math.Inf(1)
	pass := func(atX, atY float64) bool {
		wide, high := atX-x, atY-y
		if wide == 0 {
			return high >= 0 && high <= slack
		}
		least, most = max(least, (high-slack)/wide), min(most, high/wide)
		return least <= most
	}
	n, slope := 1, 0.0
	for i, s := range c {
		if i > 0 && s.x0 > c[i-1].x1 || !pass(s.x0, s.y0) || !pass(s.x1, s.y1) {
			break // at a gap, or where no line passes
		}
		n = i + 1
		if s.x1 > x {
			slope = (least + most) / 2
		}
	}
	if n == 1 || math.IsNaN(slope) || math.IsInf(slope, 0) { // ends next to each other allow any slope
		return c[0], 1
	}
	x1 := c[n-1].x1
	return segment{x, y, x1, y + slope*(x1-x)}, n
}
