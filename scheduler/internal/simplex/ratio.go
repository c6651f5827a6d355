package simplex

import (
	"math"
	"math/bits"
)

// ratio is the room and the result of a ratio test.
type ratio struct {
	position int32       // that leaves
	sign     float64     // +1 when its value rises to its low bound, -1 when it falls to its high one
	heap     []candidate // least ratio first
	popped   []candidate // in the order of their ratios
	groups   []group
	passed   []candidate // to be flipped
}

// candidate is a nonbasic variable whose reduced cost goes to zero in the direction of the step.
type candidate struct {
	ratio    float64 // the step at which it does
	alpha    float64 // magnitude of its entry in the row
	reduced  float64 // magnitude of its reduced cost
	variable int32
}

func (c *candidate) less(d *candidate) bool {
	return c.ratio < d.ratio || c.ratio == d.ratio && c.variable < d.variable
}

// group is candidates passed in one go, since they are equal within the tolerance.
type group struct {
	end   int // in popped
	best  int // the one with the largest entry
	alpha float64
}

// entering chooses the variable that enters. Variables whose reduced cost would change its sign are passed, to
// be flipped to their other bounds, as long as the leaving one stays violated: slope is by how much. Among those
// of nearly the same ratio (Harris) the one with the largest entry enters. It is false when all have been passed.
func (s *Solver) entering(slope float64) (int32, bool) {
	r := &s.ratio
	r.gather(s)
	r.popped, r.groups, r.passed = r.popped[:0], r.groups[:0], r.passed[:0]
	if s.isBland {
		return r.bland()
	}
	for len(r.heap) > 0 && slope >= 0 {
		slope -= r.popGroup(s)
	}
	if slope > primal || len(r.groups) == 0 {
		return 0, false
	}
	most := 0.0
	for _, g := range r.groups {
		most = max(most, g.alpha)
	}
	least := min(0.1*most, 1)
	last := len(r.groups) - 1
	for r.groups[last].alpha < least {
		last--
	}
	from := 0
	if last > 0 {
		from = r.groups[last-1].end
	}
	r.passed = append(r.passed, r.popped[:from]...)
	return r.popped[r.groups[last].best].variable, true
}

// popGroup moves the next group from the heap and gives by how much passing it lowers the slope.
func (r *ratio) popGroup(s *Solver) float64 {
	g := group{best: len(r.popped)}
	limit, sum := math.Inf(1), 0.0
	for len(r.heap) > 0 && r.heap[0].ratio <= limit {
		c := r.pop()
		limit = min(limit, (c.reduced+dual)/c.alpha)
		sum += c.alpha * (s.high[c.variable] - s.low[c.variable])
		if c.alpha > g.alpha {
			g.alpha, g.best = c.alpha, len(r.popped)
		}
		r.popped = append(r.popped, c)
	}
	g.end = len(r.popped)
	r.groups = append(r.groups, g)
	return sum
}

// bland is the first variable of the least ratio.
func (r *ratio) bland() (int32, bool) {
	for len(r.heap) > 0 {
		if c := r.pop(); c.alpha > leastPivot {
			return c.variable, true
		}
	}
	return 0, false
}

// gather makes a heap of the candidates.
func (r *ratio) gather(s *Solver) {
	r.heap = r.heap[:0]
	for w, word := range s.alpha.set {
		for ; word != 0; word &= word - 1 {
			v := int32(w<<6 | bits.TrailingZeros64(word))
			r.consider(s, v, s.alpha.value[v]*r.sign)
		}
	}
	for w, word := range s.rho.set {
		for ; word != 0; word &= word - 1 {
			k := w<<6 | bits.TrailingZeros64(word)
			r.consider(s, int32(s.n)+s.factor.row[k], -s.rho.value[k]*r.sign)
		}
	}
	for k := len(r.heap)/2 - 1; k >= 0; k-- {
		r.sink(k)
	}
}

// consider appends a variable when it can enter.
func (r *ratio) consider(s *Solver, v int32, alpha float64) {
	switch s.at[v] {
	case basic:
		return
	case atLow:
		alpha = -alpha
	}
	if alpha <= 1e-9 || s.low[v] == s.high[v] {
		return
	}
	d := math.Abs(s.reduced[v])
	r.heap = append(r.heap, candidate{d / alpha, alpha, d, v})
}

func (r *ratio) pop() candidate {
	top := r.heap[0]
	last := len(r.heap) - 1
	r.heap[0] = r.heap[last]
	r.heap = r.heap[:last]
	r.sink(0)
	return top
}

func (r *ratio) sink(k int) {
	h := r.heap
	for {
		c := 2*k + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && h[c+1].less(&h[c]) {
			c++
		}
		if !h[c].less(&h[k]) {
			return
		}
		h[k], h[c] = h[c], h[k]
		k = c
	}
}
