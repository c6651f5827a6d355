package hull

import (
	"math"
	"slices"
)

// near is how far, in kW, a sum of powers may miss a limit by rounding and still count as legal. Being
// generous here only makes constants smaller, which keeps cuts true.
const near = 1e-9

// knot is a corner of a curve: net need x (kW), the least left there, and the slope to the next knot.
type knot struct{ x, y, slope float64 }

// stretch is a convex piece of a curve, from its first knot to its last. The slope of the last means nothing.
type stretch []knot

// curve is the least left over all legal curtailments, as a function of the net need:
//
//	h(x) = min over y in [x, x+wide] and [-ExportLimit, ImportLimit] of A max(y, 0) - B max(-y, 0)
//
// over the net needs of some reach. It is continuous where it is finite. Where it is not convex it is cut at
// its concave corners, so that the least of h plus anything convex is the least over the stretches.
type curve struct {
	stretches []stretch
	knots     []knot
	cuts      []float64
	isRising  bool // h never falls, and no net need of the reach is too low to be legal
	isWhole   bool // every net need of the reach is legal
}

// supply is a slot as the curve needs it: what other devices may add is part of the need and of what may be
// curtailed, for both only widen what can be metered at a given net need of the parts.
type supply struct {
	need, wide      float64
	imports, export float64
	a, b            float64
	// beyond is by how much the net need may be above the import limit, at the steepest slope: as much as
	// parts may give back that are kept out of the hull.
	beyond float64
}

// supplyOf folds the other devices' range into the slot.
func supplyOf(s Slot, restLow, restHigh float64) supply {
	return supply{
		need:    s.Need + restLow,
		wide:    max(s.Curtailable, 0) + max(restHigh-restLow, 0),
		imports: max(s.ImportLimit, 0), export: max(s.ExportLimit, 0),
		a: s.A, b: s.B,
	}
}

// steepest is the greatest slope of the curve, >= 0.
func (s *supply) steepest() float64 { return max(s.a, s.b, 0) }

// scale is the greatest size of a slope.
func (s *supply) scale() float64 { return max(math.Abs(s.a), math.Abs(s.b)) }

// isRising says that left never falls with the net need, which never is below what can be curtailed and exported.
func (s *supply) isRising(parts []Part) bool {
	low := s.need
	for i := range parts {
		low -= max(parts[i].Back, 0)
	}
	return s.a >= 0 && s.b >= 0 && low >= -s.export-s.wide
}

// isTight says that the parts together can go above the import limit.
func (s *supply) isTight(parts []Part) bool {
	high := s.need
	for i := range parts {
		high += parts[i].highest()
	}
	return high > s.imports
}

// isLegal says that something can be metered at a net need of x.
func (s *supply) isLegal(x float64) bool {
	return -s.export-s.wide-near <= x && x <= s.imports+s.beyond+near
}

// metered is left when y crosses the meter.
func (s *supply) metered(y float64) float64 {
	if y >= 0 {
		return s.a * y
	}
	return s.b * y
}

// at is h(x) for a legal x. As metered has its only corner at 0, its least over an interval is at an end or there.
func (s *supply) at(x float64) float64 {
	if x > s.imports {
		return s.metered(s.imports) + (x-s.imports)*s.steepest()
	}
	low, high := max(x, -s.export), min(x+s.wide, s.imports)
	high = max(high, low)
	h := min(s.metered(low), s.metered(high))
	if low < 0 && high > 0 {
		h = min(h, 0)
	}
	return h
}

// build makes the curve for net needs from low to high, kW; it has no stretch when none of them is legal.
func (c *curve) build(s *supply, low, high float64) {
	c.stretches, c.knots, c.cuts = c.stretches[:0], c.knots[:0], c.cuts[:0]
	least := -s.export - s.wide
	from, to := max(low, least), min(high, s.imports+s.beyond)
	c.isRising, c.isWhole = low >= least-near, low >= least-near && high <= to+near
	if from > to+near {
		return
	}
	to = max(to, from)
	c.corners(s, from, to)
	for _, x := range c.cuts {
		c.add(knot{x: x, y: s.at(x)})
	}
	c.split()
	for i := range len(c.knots) - 1 {
		c.isRising = c.isRising && c.knots[i].slope >= 0
	}
}

// corners collects in order all net needs where the curve can have one: where an end of the interval of what
// is metered meets a limit or 0, and where two of the three candidates of at are equal.
func (c *curve) corners(s *supply, from, to float64) {
	add := func(x float64) {
		if x > from && x < to {
			c.cuts = append(c.cuts, x)
		}
	}
	c.cuts = append(c.cuts, from, to)
	for _, x := range [...]float64{-s.export, 0, -s.wide, s.imports - s.wide, s.imports} {
		add(x)
	}
	slices.Sort(c.cuts)
	for i := range len(c.cuts) - 1 {
		x0, x1 := c.cuts[i], c.cuts[i+1]
		if x1-x0 <= near || x0 >= s.imports {
			continue
		}
		var ends [2][3]float64 // the candidates at both ends; each is straight in between
		for e, x := range [...]float64{x0, x1} {
			ends[e] = [3]float64{s.metered(max(x, -s.export)), s.metered(min(x+s.wide, s.imports)), 0}
		}
		for j := range 3 {
			for k := range j {
				d0, d1 := ends[0][j]-ends[0][k], ends[1][j]-ends[1][k]
				if (d0 < 0) != (d1 < 0) && d0 != d1 {
					add(x0 + (x1-x0)*d0/(d0-d1))
				}
			}
		}
	}
	slices.Sort(c.cuts)
}

// add appends a knot and sets the slope of the one before; a knot that lies on the line through its
// neighbours is left out.
func (c *curve) add(k knot) {
	n := len(c.knots)
	if n > 0 && k.x-c.knots[n-1].x <= near {
		if n == 1 {
			return
		}
		// Two corners a rounding error apart are one; the later is kept, so that the end stays exact.
		n--
		c.knots = c.knots[:n]
	}
	if n > 0 {
		last := &c.knots[n-1]
		last.slope = (k.y - last.y) / (k.x - last.x)
		if n > 1 && math.Abs(last.slope-c.knots[n-2].slope) <= near*max(1, math.Abs(last.slope)) {
			before := &c.knots[n-2]
			before.slope = (k.y - before.y) / (k.x - before.x)
			c.knots = c.knots[:n-1]
		}
	}
	c.knots = append(c.knots, k)
}

// split cuts the knots into convex stretches; neighbours share the knot between them.
func (c *curve) split() {
	from := 0
	for i := 1; i < len(c.knots)-1; i++ {
		if c.knots[i].slope < c.knots[i-1].slope {
			c.stretches = append(c.stretches, c.knots[from:i+1])
			from = i
		}
	}
	c.stretches = append(c.stretches, c.knots[from:])
}
