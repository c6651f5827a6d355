package lp

import "math"

// gradient is the memory of conjugate gradients.
type gradient struct {
	missing, solved, search []float64 // by row
	move                    []float64 // by variable
}

// refine makes up for what the rows of a direction miss of what is given, by conjugate gradients on the normal
// equations with the factor as preconditioner. Lost pivots are all that is wrong with the factor: a few rounds more
// than there are of them are enough.
func (p *interior) refine(d *direction, rows []float64) {
	const (
		rounds  = 8
		endless = 1e-10 // of what the factor says a step costs: below, rows depend on each other exactly
	)
	g := &p.gradient
	for i := range g.missing {
		g.missing[i] = -p.rowOf(i, d.x)
	}
	for i, r := range rows {
		g.missing[i] += r
	}
	product, stiffness := 0.0, 0.0 // of what is missing with itself solved; of the search, as the factor has it
	for round := range rounds {
		copy(g.solved, g.missing)
		p.f.solve(g.solved)
		before := product
		product = dot(g.missing, g.solved)
		if !(product > 0) {
			return
		}
		share := 0.0
		if round > 0 {
			share = product / before
		}
		for i, v := range g.solved {
			g.search[i] = v + share*g.search[i]
		}
		stiffness = product + share*share*stiffness
		curvature := p.spread(g.search, g.move)
		if !(curvature > endless*stiffness) {
			return
		}
		if p.follow(d, product/curvature) {
			return
		}
	}
}

// follow takes a step along the search, and says whether next to nothing is missing then.
func (p *interior) follow(d *direction, step float64) bool {
	const good = 1e-12
	g, worst := &p.gradient, 0.0
	for i, v := range g.search {
		d.y[i] += step * v
	}
	for k, v := range g.move {
		d.x[k] += step * v
	}
	for i := range g.missing {
		g.missing[i] -= step * p.rowOf(i, g.move)
		worst = max(worst, math.Abs(g.missing[i]))
	}
	return worst < good
}

// spread is how variables move with a change of the multipliers: W A' y, and -W y for slacks. It says the product of the
// change with what that moves in the rows.
func (p *interior) spread(y, move []float64) (curvature float64) {
	c := p.c
	for j := range c.columns {
		v := c.transposed(j, y)
		move[j] = v * p.weight[j]
		curvature += v * move[j]
	}
	for k, i := range c.slackRow {
		v := -y[i]
		move[c.columns+k] = v * p.weight[c.columns+k]
		curvature += v * move[c.columns+k]
	}
	return curvature
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}
