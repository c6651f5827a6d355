package lp

// direction is a step of all variables, and how far it can be taken.
type direction struct {
	x, zLow, zHigh []float64 // by variable
	y              []float64 // by row
	// The longest steps, of at most 1, that stay just short of where a distance (primal) or a multiplier (dual) is zero.
	primal, dual float64
}

// short is the share of the way to the boundary that a step may take.
const short = 0.995

func (d *direction) resize(variables, rows int) {
	for _, s := range []*[]float64{&d.x, &d.zLow, &d.zHigh} {
		*s = resized(*s, variables)
	}
	d.y = resized(d.y, rows)
}

// solve finds the direction whose rows add up to what is given (nil: zero) and whose products change as aimed at.
// With g = aimHigh - aimLow, into which the caller has put what the dual equations miss, it is
//
//	(A W A' + E) dy = rows + A W g - (W g of the slacks),   dx = W (A' dy - g)
//
// for the columns; slacks have -dy in place of A'dy. Only x and y of the direction are set.
func (p *interior) solve(d *direction, rows []float64) {
	c := p.c
	step, weight, low, high := d.x, p.weight[:len(d.x)], p.aimLow[:len(d.x)], p.aimHigh[:len(d.x)]
	for k := range step {
		step[k] = (high[k] - low[k]) * weight[k]
	}
	for i := range d.y {
		d.y[i] = p.rowOf(i, step)
	}
	for i, r := range rows {
		d.y[i] += r
	}
	p.f.solve(d.y)
	for j := range c.columns {
		step[j] = c.transposed(j, d.y)*weight[j] - step[j]
	}
	slackStep, slackWeight := step[c.columns:], weight[c.columns:]
	for k, i := range c.slackRow {
		slackStep[k] = -d.y[i]*slackWeight[k] - slackStep[k]
	}
	if p.isRefining {
		p.refine(d, rows)
	}
}

// refine makes up for what the rows of a direction miss of what is given, by one more solve.
func (p *interior) refine(d *direction, rows []float64) {
	c, missing := p.c, p.refined
	for i := range missing {
		missing[i] = -p.rowOf(i, d.x)
	}
	for i, r := range rows {
		missing[i] += r
	}
	p.f.solve(missing)
	for i, v := range missing {
		d.y[i] += v
	}
	for j := range c.columns {
		d.x[j] += c.transposed(j, missing) * p.weight[j]
	}
	for k, i := range c.slackRow {
		d.x[c.columns+k] -= missing[i] * p.weight[c.columns+k]
	}
}

// rowOf is row i, with its slack, of a vector by variable.
func (p *interior) rowOf(i int, x []float64) float64 {
	c, sum := p.c, 0.0
	from, to := c.rowStart[i], c.rowStart[i+1]
	values := c.rowValue[from:to]
	for e, j := range c.rowColumn[from:to] {
		sum += values[e] * x[j]
	}
	if k := c.rowSlack[i]; k >= 0 {
		sum -= x[k]
	}
	return sum
}

// predict finds the direction that aims at products of zero, and says to which mean product it would lead if taken
// as far as possible.
func (p *interior) predict() float64 {
	d := &p.aim
	n := len(d.x)
	zLow, zHigh := p.zLow[:n], p.zHigh[:n]
	for k, missing := range p.dual {
		p.aimLow[k], p.aimHigh[k] = -zLow[k]-missing, -zHigh[k]
	}
	p.solve(d, p.primal)
	toLow, toHigh, ratioLow, ratioHigh := p.toLow[:n], p.toHigh[:n], p.ratioLow[:n], p.ratioHigh[:n]
	stepLow, stepHigh := d.zLow[:n], d.zHigh[:n]
	var first, second float64 // sums of z dx and of dz dx
	primal, dual := 1/short, 1/short
	for k, s := range d.x {
		low, high := zLow[k], zHigh[k]
		a, b := -low-ratioLow[k]*s, ratioHigh[k]*s-high
		stepLow[k], stepHigh[k] = a, b
		first += (low - high) * s
		second += (a - b) * s
		if s*primal < -toLow[k] {
			primal = -toLow[k] / s
		} else if s*primal > toHigh[k] {
			primal = toHigh[k] / s
		}
		if a*dual < -low {
			dual = -low / a
		}
		if b*dual < -high {
			dual = -high / b
		}
	}
	primal, dual = short*primal, short*dual
	d.primal, d.dual = primal, dual
	all := p.mu * float64(2*n)
	return (all + primal*first - dual*(all+first) + primal*dual*second) / float64(max(2*n, 1))
}

// correct adds to the prediction what leads to equal products, of a size that the prediction found within
// reach, and what makes up for its second order.
func (p *interior) correct(reached float64) (mu float64) {
	d := &p.aim
	share := reached / p.mu
	mu = share * share * share * p.mu
	n := len(d.x)
	zLow, zHigh, perLow, perHigh := d.zLow[:n], d.zHigh[:n], p.perLow[:n], p.perHigh[:n]
	aimLow, aimHigh := p.aimLow[:n], p.aimHigh[:n]
	for k, s := range d.x {
		aimLow[k] = (mu - s*zLow[k]) * perLow[k]
		aimHigh[k] = (mu + s*zHigh[k]) * perHigh[k]
	}
	p.findCorrection()
	p.blend(max(d.primal*d.dual, 0.05), 0, 0)
	return mu
}

// findCorrection finds the correction that aims at what is set.
func (p *interior) findCorrection() {
	d := &p.correction
	p.solve(d, nil)
	n := len(d.x)
	ratioLow, ratioHigh, aimLow, aimHigh := p.ratioLow[:n], p.ratioHigh[:n], p.aimLow[:n], p.aimHigh[:n]
	zLow, zHigh := d.zLow[:n], d.zHigh[:n]
	for k, s := range d.x {
		zLow[k] = aimLow[k] - ratioLow[k]*s
		zHigh[k] = aimHigh[k] + ratioHigh[k]*s
	}
}

// centre tries to get a little farther, by drawing products that would come out far off back towards mu
// (Gondzio 1996). It says whether that was worth it.
func (p *interior) centre(mu float64) bool {
	const (
		ahead      = 0.3  // how much farther it looks
		least      = 0.1  // of mu, a product should be
		most       = 10   // of mu, a product should be
		worthwhile = 0.03 // gain of both steps
	)
	d := &p.aim
	n := len(d.x)
	primal, dual := min(1, d.primal+ahead), min(1, d.dual+ahead)
	toLow, toHigh, zLow, zHigh := p.toLow[:n], p.toHigh[:n], p.zLow[:n], p.zHigh[:n]
	perLow, perHigh, stepLow, stepHigh := p.perLow[:n], p.perHigh[:n], d.zLow[:n], d.zHigh[:n]
	aimLow, aimHigh := p.aimLow[:n], p.aimHigh[:n]
	floor, ceiling := least*mu, most*mu
	for k, s := range d.x {
		s *= primal
		low := (toLow[k] + s) * (zLow[k] + dual*stepLow[k])
		high := (toHigh[k] - s) * (zHigh[k] + dual*stepHigh[k])
		aimLow[k] = max(min(max(low, floor), ceiling)-low, -ceiling) * perLow[k]
		aimHigh[k] = max(min(max(high, floor), ceiling)-high, -ceiling) * perHigh[k]
	}
	p.findCorrection()
	before := d.primal + d.dual
	p.blend(primal*dual, d.primal, d.dual)
	return d.primal+d.dual > before+worthwhile
}

// blend adds as much of the correction to the direction as makes its steps longest: a share from least to 1, and
// one for the primal side and one for the dual side. Steps no longer than the primal and dual ones given are not
// worth a share.
func (p *interior) blend(least, primal, dual float64) {
	const shares = 3
	d, n := &p.aim, &p.correction
	primalShare, dualShare := 0.0, 0.0
	for k := range shares {
		share := 1 - (1-least)*float64(k)/(shares-1)
		if primal < 1 && p.keepsPrimal(share, min(1, 1.01*primal)) {
			primal, primalShare = p.longestPrimal(share), share
		}
		if dual < 1 && p.keepsDual(share, min(1, 1.01*dual)) {
			dual, dualShare = p.longestDual(share), share
		}
	}
	for k, s := range n.x {
		d.x[k] += primalShare * s
	}
	if dualShare != 0 {
		for k := range n.zLow {
			d.zLow[k] += dualShare * n.zLow[k]
			d.zHigh[k] += dualShare * n.zHigh[k]
		}
		for i, s := range n.y {
			d.y[i] += dualShare * s
		}
	}
	d.primal, d.dual = primal, dual
}

// keepsPrimal says whether the direction with a share of the correction can be taken so far.
func (p *interior) keepsPrimal(share, step float64) bool {
	base, more := p.aim.x, p.correction.x[:len(p.aim.x)]
	toLow, toHigh := p.toLow[:len(base)], p.toHigh[:len(base)]
	step /= short
	for k, s := range base {
		s = (s + share*more[k]) * step
		if s < -toLow[k] || s > toHigh[k] {
			return false
		}
	}
	return true
}

func (p *interior) longestPrimal(share float64) float64 {
	base, more := p.aim.x, p.correction.x[:len(p.aim.x)]
	toLow, toHigh := p.toLow[:len(base)], p.toHigh[:len(base)]
	step := 1 / short
	for k, s := range base {
		s += share * more[k]
		if s*step < -toLow[k] {
			step = -toLow[k] / s
		} else if s*step > toHigh[k] {
			step = toHigh[k] / s
		}
	}
	return short * step
}

// keepsDual says whether the direction with a share of the correction can be taken so far.
func (p *interior) keepsDual(share, step float64) bool {
	n := len(p.zLow)
	zLow, zHigh := p.zLow, p.zHigh[:n]
	baseLow, baseHigh := p.aim.zLow[:n], p.aim.zHigh[:n]
	moreLow, moreHigh := p.correction.zLow[:n], p.correction.zHigh[:n]
	step /= short
	for k, z := range zLow {
		if (baseLow[k]+share*moreLow[k])*step < -z || (baseHigh[k]+share*moreHigh[k])*step < -zHigh[k] {
			return false
		}
	}
	return true
}

func (p *interior) longestDual(share float64) float64 {
	n := len(p.zLow)
	zLow, zHigh := p.zLow, p.zHigh[:n]
	baseLow, baseHigh := p.aim.zLow[:n], p.aim.zHigh[:n]
	moreLow, moreHigh := p.correction.zLow[:n], p.correction.zHigh[:n]
	step := 1 / short
	for k, z := range zLow {
		if s := baseLow[k] + share*moreLow[k]; s*step < -z {
			step = -z / s
		}
		if s := baseHigh[k] + share*moreHigh[k]; s*step < -zHigh[k] {
			step = -zHigh[k] / s
		}
	}
	return short * step
}
