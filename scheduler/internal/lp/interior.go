package lp

import "math"

// far stands for the distance to a side that is infinite: its multiplier is then so small that it vanishes
// against any other, and nothing needs to ask which sides are there.
const far = 1e60

// interior is the state of the iteration on a core. Variables are the columns, then the slacks.
type interior struct {
	c *core
	f *factor

	x      []float64 // by variable
	toLow  []float64 // by variable: x minus its lower bound, above 0
	toHigh []float64 // by variable: its upper bound minus x, above 0
	zLow   []float64 // by variable: multiplier of its lower bound, above 0
	zHigh  []float64 // by variable: multiplier of its upper bound, above 0
	y      []float64 // by row

	reduced []float64 // by variable: cost minus A'y; for the slack of row i that is y[i]
	dual    []float64 // by variable: what reduced misses to zLow - zHigh
	primal  []float64 // by row: what is missing in its equation
	missing float64   // the most of it, relative to the row's entries
	priced  float64   // all of it, at the prices y: what meeting the equations may still cost
	mu      float64   // mean product of a distance and its multiplier
	cost    float64   // of x, without the offset
	bound   float64   // as y proves it, but for multipliers that point to infinite sides

	perLow, perHigh     []float64 // by variable: 1 over toLow and toHigh
	ratioLow, ratioHigh []float64 // by variable: zLow over toLow, zHigh over toHigh
	weight              []float64 // by variable: 1 over the sum of the ratios
	extra               []float64 // by row: weight of its slack
	rowSize             []float64 // by row: its largest entry, at least 1

	isRefining      bool      // whether rounding has been seen to spoil directions
	aimLow, aimHigh []float64 // by variable: scratch of a direction
	refined         []float64 // by row: scratch of a direction
	aim, correction direction
}

// attach makes room for a core.
func (p *interior) attach(c *core, f *factor) {
	p.c, p.f, p.isRefining = c, f, false
	f.hold()
	variables := c.columns + c.slacks
	for _, s := range []*[]float64{&p.x, &p.toLow, &p.toHigh, &p.zLow, &p.zHigh, &p.reduced, &p.dual, &p.perLow,
		&p.perHigh, &p.ratioLow, &p.ratioHigh, &p.weight, &p.aimLow, &p.aimHigh} {
		*s = resized(*s, variables)
	}
	for _, s := range []*[]float64{&p.y, &p.primal, &p.extra, &p.rowSize, &p.refined} {
		*s = resized(*s, c.rows)
	}
	clear(p.extra) // for equations it stays zero
	p.aim.resize(variables, c.rows)
	p.correction.resize(variables, c.rows)
	for i := range c.rows {
		p.rowSize[i] = 1
		for _, a := range c.rowValue[c.rowStart[i]:c.rowStart[i+1]] {
			p.rowSize[i] = max(p.rowSize[i], math.Abs(a))
		}
	}
}

// activity of a row at x, without its slack.
func (p *interior) activity(i int) float64 {
	c, sum := p.c, 0.0
	from, to := c.rowStart[i], c.rowStart[i+1]
	values := c.rowValue[from:to]
	for e, j := range c.rowColumn[from:to] {
		sum += values[e] * p.x[j]
	}
	return sum
}

// transposed is column j of A times a vector by row.
func (c *core) transposed(j int, y []float64) float64 {
	sum := 0.0
	from, to := c.colStart[j], c.colStart[j+1]
	values := c.colValue[from:to]
	for e, i := range c.colRow[from:to] {
		sum += values[e] * y[i]
	}
	return sum
}

// measure works out residuals, products, cost and bound of the iterate.
func (p *interior) measure() {
	p.missRows()
	p.reduce()
	c := p.c
	p.cost, p.bound, p.mu = 0, 0, 0
	p.priced = 0
	for i, b := range c.rhs {
		p.bound += b * p.y[i]
		p.priced += math.Abs(p.primal[i] * p.y[i])
	}
	for j, x := range p.x[:c.columns] {
		d := p.reduced[j]
		p.cost += c.cost[j] * x
		p.bound += min(d*c.low[j], d*c.high[j])
	}
	for v := c.columns; v < len(p.x); v++ {
		d, side := p.reduced[v], c.low[v]
		if d < 0 {
			side = c.high[v]
		}
		if !math.IsInf(side, 0) {
			p.bound += d * side
		}
	}
	for k, d := range p.reduced {
		low, high := p.zLow[k], p.zHigh[k]
		p.dual[k] = d - low + high
		p.mu += low*p.toLow[k] + high*p.toHigh[k]
	}
	p.mu /= float64(max(2*len(p.x), 1))
}

// missRows works out what is missing in the equations.
func (p *interior) missRows() {
	c := p.c
	p.missing = 0
	for i, b := range c.rhs {
		r := b - p.rowOf(i, p.x)
		p.primal[i] = r
		p.missing = max(p.missing, math.Abs(r)/p.rowSize[i])
	}
}

// reduce works out the reduced costs.
func (p *interior) reduce() {
	c := p.c
	for j := range c.columns {
		p.reduced[j] = c.cost[j] - c.transposed(j, p.y)
	}
	for k, i := range c.slackRow {
		p.reduced[c.columns+k] = p.y[i]
	}
}

// factorise sets the normal equations of the iterate up and factorises them.
func (p *interior) factorise() {
	c := p.c
	for k := range p.x {
		perLow, perHigh := 1/p.toLow[k], 1/p.toHigh[k]
		low, high := p.zLow[k]*perLow, p.zHigh[k]*perHigh
		p.perLow[k], p.perHigh[k] = perLow, perHigh
		p.ratioLow[k], p.ratioHigh[k] = low, high
		p.weight[k] = 1 / (low + high)
	}
	for k, i := range c.slackRow {
		p.extra[i] = p.weight[c.columns+k]
	}
	p.f.form(c, p.weight, p.extra)
	if p.f.isLoose {
		p.f.loosen()
	}
	p.f.factorise()
}

// advance takes the step.
func (p *interior) advance() {
	d := &p.aim
	for k, s := range d.x {
		s *= d.primal
		p.x[k] += s
		p.toLow[k] += s
		p.toHigh[k] -= s
		p.zLow[k] += d.dual * d.zLow[k]
		p.zHigh[k] += d.dual * d.zHigh[k]
	}
	for i, s := range d.y {
		p.y[i] += d.dual * s
	}
}

// step is one iteration: one factorisation, two directions or more from it, and the measure of where they lead.
func (p *interior) step(feasibility float64) {
	p.factorise()
	mu := p.correct(p.predict())
	for range p.corrections() {
		if !p.centre(mu) {
			break
		}
	}
	before := p.missing
	p.advance()
	p.measure()
	// A step leaves so much of what was missing. What else is missing then comes from rounding.
	if p.missing > (1-p.aim.primal)*before+spoiled*feasibility {
		p.isRefining = true
	}
}

// spoiled is how much rounding may add to what rows miss, in what they may miss at the end, before directions are
// refined.
const spoiled = 1e-2

// corrections is how often one factorisation is used for centring: more often where it is dear against a solve.
func (p *interior) corrections() int {
	if p.f.operations > 16*p.f.nonzeros {
		return 2
	}
	return 1
}

// isFinite says that the iterate can be gone on with.
func (p *interior) isFinite() bool {
	sum := p.bound + p.cost + p.mu + p.missing
	return sum-sum == 0
}
