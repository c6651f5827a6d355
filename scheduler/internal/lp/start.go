package lp

import "math"

// How the iteration starts.
const (
	widest    = 10   // a range counts as this at most, when the rows are to be met by moving variables little
	apart     = 1    // that a slack with one side keeps from it
	inside    = 0.25 // share of its range that a variable keeps from its bounds
	leastMu   = 0.1  // products, in the scale of costs
	warmKeep  = 0.1  // share of its range, and distance, that a variable keeps from its bounds in a warm start
	warmMu    = 5    // products in a warm start, in those of the waypoint
	warmLeast = 1e-3 // the same, at least, in the scale of costs
)

// start puts the iterate near the point that meets the rows with the least move from the middle of the box, and
// at the multipliers that leave the least reduced costs, both weighted by the columns' ranges; then well
// inside the box, with all products alike (after Mehrotra 1992). Rows may be let loose from here on.
func (p *interior) start(isLoose bool) {
	c := p.c
	for k := range p.x {
		low, high := c.low[k], c.high[k]
		half := min((high-low)/2, widest)
		p.weight[k] = half * half
		p.reduced[k], p.dual[k] = 0, 0
		if k < c.columns {
			p.x[k] = low + (high-low)/2
		}
	}
	for k, i := range c.slackRow {
		v := c.columns + k
		p.place(v, p.activity(int(i)), inside, apart)
		p.extra[i] = p.weight[v]
	}
	p.missRows()
	p.f.form(c, p.weight, p.extra)
	if p.f.hold(); isLoose {
		p.f.loosen()
	}
	p.f.factorise()
	clear(p.aimLow)
	clear(p.aimHigh)
	p.solve(&p.aim, p.primal)
	for k, s := range p.aim.x {
		p.x[k] += s
	}
	copy(p.aimHigh, c.cost)
	p.solve(&p.aim, nil)
	copy(p.y, p.aim.y)
	p.reduce()
	scale := 0.0
	for k, d := range p.reduced {
		p.place(k, p.x[k], inside, apart)
		scale += math.Abs(d) * min(p.toLow[k], p.toHigh[k])
	}
	p.balance(max(scale/float64(max(len(p.x), 1)), leastMu*p.costScale()))
}

// costScale is the mean cost of moving a column to its nearer bound; 1 when nothing costs anything.
func (p *interior) costScale() float64 {
	sum := 0.0
	for j, cost := range p.c.cost {
		sum += math.Abs(cost) * min(p.toLow[j], p.toHigh[j])
	}
	if sum == 0 {
		return 1
	}
	return sum / float64(len(p.x))
}

// place puts a variable near a value, at least a share of its range inside its bounds, or so far from its only one.
func (p *interior) place(k int, value, share, distance float64) {
	low, high := p.c.low[k], p.c.high[k]
	switch {
	case math.IsInf(low, -1):
		value = min(value, high-distance)
		p.toLow[k], p.toHigh[k] = far, high-value
	case math.IsInf(high, 1):
		value = max(value, low+distance)
		p.toLow[k], p.toHigh[k] = value-low, far
	default:
		margin := (high - low) * share
		value = min(max(value, low+margin), high-margin)
		p.toLow[k], p.toHigh[k] = value-low, high-value
	}
	p.x[k] = value
}

// balance chooses the multipliers of the bounds: both products about mu, where the reduced cost is small, and
// with the reduced cost as their difference, where the variable has two bounds.
func (p *interior) balance(mu float64) {
	for k, d := range p.reduced {
		low, high := mu/p.toLow[k], mu/p.toHigh[k]
		switch {
		case p.toLow[k] == far:
			p.zLow[k], p.zHigh[k] = low, softly(-d, high)
		case p.toHigh[k] == far:
			p.zLow[k], p.zHigh[k] = softly(d, low), high
		default:
			p.zLow[k], p.zHigh[k] = softly(d, low), softly(-d, high)
		}
	}
}

// softly is about the positive part of d, and about least where that is small.
func softly(d, least float64) float64 {
	return d/2 + math.Sqrt(d*d/4+least*least)
}

// resume puts the iterate near a waypoint, whose x and y are set for the columns and rows.
func (p *interior) resume(mu float64) {
	c := p.c
	for j := range c.columns {
		p.place(j, p.x[j], warmKeep, warmKeep)
	}
	for k, i := range c.slackRow {
		p.place(c.columns+k, p.activity(int(i)), warmKeep, warmKeep)
	}
	p.reduce()
	p.balance(max(warmMu*mu, warmLeast*p.costScale()))
}
