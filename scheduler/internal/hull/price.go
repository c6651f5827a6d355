package hull

import (
	"math"
	"math/bits"
	"slices"
)

// keep is how many of the cheapest combinations of a search are handed on, besides the very cheapest.
const keep = 4

// most is how many combinations of choices Constant will look at: a minute's worth.
const most = 1e9

// terms are a cut's coefficients for the parts of a model: left per kW consumed, left while on, left per kW
// given back.
type terms struct{ power, on, back []float64 }

// resize makes room for n parts and clears them.
func (t *terms) resize(n int) {
	t.power, t.on, t.back = zeros(t.power, n), zeros(t.on, n), zeros(t.back, n)
}

// zeros is s with length n and nothing in it.
func zeros(s []float64, n int) []float64 {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

// found is a combination of choices with its cheapest powers: h less what the terms give for them.
type found struct {
	value   float64
	code    int // the choices, as digits of a number
	stretch int
}

// pricer searches all legal points for the one that is cheapest at given terms. It is exact: for a
// combination of choices the powers are intervals, their terms are linear, so the most a given sum of
// them can earn is a concave function of the sum, filled in the order of the coefficients; the least of a convex
// stretch of the curve less that is found by filling until the curve is steeper than the next coefficient.
type pricer struct {
	model model
	curve curve
	need  float64
	// forced is 1 plus the part that must be on; 0: none.
	forced int

	weight []float64 // of segments, falling
	width  []float64 // in the same order
	order  []int     // segment of each
	place  []int     // of each segment in that order
	moves  []move    // one for each choice that may pay
	spans  []span    // one for each part
	found  []found   // cheapest first
	filled []float64
}

// move is a choice at given terms.
type move struct {
	low, width, cost float64 // cost of being at low
	mask             uint64  // of its segments, as places in the order
	choice           int     // of the model; of no meaning in a sum of moves
}

// plus is two moves of different parts together.
func (m move) plus(o *move) move {
	return move{low: m.low + o.low, width: m.width + o.width, cost: m.cost + o.cost, mask: m.mask | o.mask}
}

// span is the choices of a part that a search goes through: moves[from:to], and their number as a digit.
type span struct {
	from, to int
	digit    int
}

// build prepares for the parts at a supply.
func (p *pricer) build(s *supply, parts []Part) {
	p.model.build(parts)
	p.need = s.need
	p.curve.build(s, s.need+p.model.low, s.need+p.model.high)
}

// cheapest is the least of h - (power c + on u - back g) over all legal points; +Inf when there is none,
// and -Inf when they are more than limit combinations. Then p.found holds the cheapest combinations.
func (p *pricer) cheapest(t *terms, limit float64) float64 {
	p.found = p.found[:0]
	if len(p.model.segments) > 64 {
		return math.Inf(-1)
	}
	p.sortSegments(t)
	if p.setMoves(t) > limit {
		return math.Inf(-1)
	}
	if len(p.curve.stretches) > 0 {
		p.search(0, move{low: p.need}, 0)
	}
	if len(p.found) == 0 {
		return math.Inf(1)
	}
	return p.found[0].value
}

// sortSegments puts the segments in the order in which they are filled.
func (p *pricer) sortSegments(t *terms) {
	n := len(p.model.segments)
	p.weight, p.width = zeros(p.weight, n), zeros(p.width, n)
	p.order, p.place = p.order[:0], slices.Grow(p.place[:0], n)[:n]
	value := func(g int) float64 {
		s := &p.model.segments[g]
		if s.isBack {
			return t.back[s.part]
		}
		return t.power[s.part]
	}
	for g := range n {
		w, k := value(g), len(p.order)
		p.order = append(p.order, g)
		for ; k > 0 && value(p.order[k-1]) < w; k-- {
			p.order[k] = p.order[k-1]
		}
		p.order[k] = g
	}
	for k, g := range p.order {
		p.place[g], p.weight[k], p.width[k] = k, value(g), p.model.segments[g].width
	}
}

// setMoves prices the choices and leaves out those that never pay. It returns how many combinations are left.
func (p *pricer) setMoves(t *terms) float64 {
	p.moves, p.spans = p.moves[:0], p.spans[:0]
	digit, count := 1, 1.0
	for i, u := range p.model.menus {
		from, to := u.from, u.to
		if u.isBoth {
			if t.back[i] >= t.power[i] {
				to = from + 1
			} else {
				from++
			}
		}
		s := span{from: len(p.moves), digit: digit}
		for j := from; j < to; j++ {
			c := &p.model.choices[j]
			m := p.price(c, t, i)
			if i == p.forced-1 {
				if !c.isOn {
					continue
				}
			} else if p.isIdle(c, &m, t.power[i]) {
				continue
			}
			m.choice = j
			p.moves = append(p.moves, m)
		}
		s.to = len(p.moves)
		digit *= s.to - s.from
		count *= float64(s.to - s.from)
		p.spans = append(p.spans, s)
	}
	return count
}

// price is a choice of part i at the terms.
func (p *pricer) price(c *choice, t *terms, i int) move {
	m := move{low: c.low, cost: -c.low * t.power[i]}
	if c.low < 0 {
		m.cost = -c.low * t.back[i]
	}
	if c.isOn {
		m.cost -= t.on[i]
	}
	for _, g := range c.segments {
		if g >= 0 {
			m.mask |= 1 << p.place[g]
			m.width += p.model.segments[g].width
		}
	}
	return m
}

// isIdle says that being off is at least as good as the move of an on-choice, whatever the others do: it
// costs something, and on a rising curve what it consumes never helps.
func (p *pricer) isIdle(c *choice, m *move, power float64) bool {
	return p.curve.isRising && c.isOn && m.cost >= max(power, 0)*m.width
}

// search goes through the choices of part i and all after it, given the sums of the parts before.
func (p *pricer) search(i int, sum move, code int) {
	if i == len(p.spans) {
		p.weigh(&sum, code)
		return
	}
	s := &p.spans[i]
	for j := s.from; j < s.to; j++ {
		m := &p.moves[j]
		p.search(i+1, sum.plus(m), code+(j-s.from)*s.digit)
	}
}

// weigh finds the cheapest powers of a combination of choices and remembers it when it is among the cheapest.
func (p *pricer) weigh(sum *move, code int) {
	for k, st := range p.curve.stretches {
		if sum.low > st[len(st)-1].x+near || sum.low+sum.width < st[0].x-near {
			continue
		}
		v := p.fill(st, sum, nil)
		n := len(p.found)
		switch {
		case n <= keep:
			p.found = append(p.found, found{})
			n++
		case v >= p.found[n-1].value:
			continue
		}
		at := n - 1
		for ; at > 0 && p.found[at-1].value > v; at-- {
			p.found[at] = p.found[at-1]
		}
		p.found[at] = found{v, code, k}
	}
}

// fill is the least of the stretch less what the terms earn, over the powers of a combination. Filled, if not
// nil, gets how much of each of its segments that takes, by the segment's place.
func (p *pricer) fill(st stretch, sum *move, filled []float64) float64 {
	x, cost, j, last := sum.low, sum.cost, 0, len(st)-1
	for j < last && st[j+1].x <= x {
		j++
	}
	isFull := false
	for m := sum.mask; m != 0 && !isFull; m &= m - 1 {
		g := bits.TrailingZeros64(m)
		w, room := p.weight[g], p.width[g]
		for room > 0 {
			var end float64
			if x < st[0].x { // what the limits cannot do without
				end = st[0].x
			} else if j < last && w > st[j].slope {
				end = st[j+1].x
			} else {
				isFull = true
				break
			}
			if end-x > room {
				x, cost, room = x+room, cost-w*room, 0
				break
			}
			cost, room, x = cost-w*(end-x), room-(end-x), end
			for j < last && st[j+1].x <= x {
				j++
			}
		}
		if filled != nil {
			filled[g] = p.width[g] - room
		}
	}
	switch {
	case x <= st[0].x:
		return st[0].y + cost
	case j == last:
		return st[j].y + cost
	}
	return st[j].y + (x-st[j].x)*st[j].slope + cost
}

// point writes the powers of a found combination to at, which is made for terms but has the same shape, and
// returns the sum of its net powers. It is good until the next search.
func (p *pricer) point(f *found, at *terms) float64 {
	sum := move{low: p.need}
	for i := range p.spans {
		sum = sum.plus(p.chosen(f, i))
	}
	p.filled = zeros(p.filled, len(p.width))
	p.fill(p.curve.stretches[f.stretch], &sum, p.filled)
	total := 0.0
	for i := range p.spans {
		c := &p.model.choices[p.chosen(f, i).choice]
		net := c.low
		for _, g := range c.segments {
			if g >= 0 {
				net += p.filled[p.place[g]]
			}
		}
		at.power[i], at.back[i], at.on[i] = max(net, 0), max(-net, 0), 0
		if c.isOn {
			at.on[i] = 1
		}
		total += net
	}
	return total
}

// chosen is the move of part i in a found combination.
func (p *pricer) chosen(f *found, i int) *move {
	s := &p.spans[i]
	return &p.moves[s.from+f.code/s.digit%(s.to-s.from)]
}
