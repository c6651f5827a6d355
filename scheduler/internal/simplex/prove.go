package simplex

import "math"

// proof is room for the bound.
type proof struct {
	left     []float64 // by column
	trial    []float64 // by row: multipliers to be compared with others
	costless []float64 // by column: zero
}

// unit is the relative error of one rounded operation.
const unit = 0x1p-53

// prove keeps the multipliers of the present basis and gives the bound they prove, scaled. Costs that were
// perturbed make it weaker than it could be, so then the multipliers under the model's own costs are tried too.
func (s *Solver) prove() float64 {
	for i := range s.y {
		s.y[i] = s.reduced[s.n+i] - s.working[s.n+i]
	}
	bound := s.proven(s.cost, s.y)
	if s.perturbed == 0 {
		return bound
	}
	s.multipliers(s.cost)
	s.trial = resized(s.trial, s.m)
	for k, row := range s.factor.row {
		s.trial[row] = s.rho.value[k]
	}
	if other := s.proven(s.cost, s.trial); other > bound {
		bound = other
		copy(s.y, s.trial)
	}
	return bound
}

// proven is the least any point of the box that keeps the rows can cost, as far as multipliers prove it: see
// [lp.Model.Bound]. A multiplier that points to an infinite side is made zero.
func (s *Solver) proven(cost, y []float64) float64 {
	s.left = resized(s.left, s.n)
	left := s.left
	copy(left, cost)
	sum, sizes := 0.0, s.costReach
	longest := 0
	for i, v := range y {
		if v == 0 {
			continue
		}
		side := s.sideLow[i]
		if v < 0 {
			side = s.sideHigh[i]
		}
		if !isFinite(side) || !isFinite(v) {
			y[i] = 0
			continue
		}
		sum += v * side
		sizes += math.Abs(v) * (s.rowReach[i] + math.Abs(side))
		longest++
		for _, e := range s.program.row(i) {
			left[e.index] -= e.value * v
		}
	}
	for j, d := range left {
		sum += min(d*s.low[j], d*s.high[j])
	}
	// Every partial sum is at most sizes in magnitude, and no value goes through more than this many roundings.
	sum -= 2 * float64(longest+s.n+4) * unit * sizes
	if math.IsNaN(sum) {
		return math.Inf(-1)
	}
	return sum
}

// proveInfeasible takes the row of the inverse that found nothing to enter as multipliers without costs: when
// their bound is above zero no point keeps the rows. Then multipliers are kept whose bound is above the cost of
// every point.
func (s *Solver) proveInfeasible() bool {
	s.costless = resized(s.costless, s.n)
	clear(s.costless)
	for k, row := range s.factor.row {
		s.y[row] = -s.ratio.sign * s.rho.value[k]
	}
	won := s.proven(s.costless, s.y)
	if won <= 0 {
		return false
	}
	least, most := 0.0, 0.0
	for j, c := range s.cost[:s.n] {
		a, b := c*s.low[j], c*s.high[j]
		least += min(a, b)
		most += max(a, b)
	}
	by := 2 * (most - least + 1) / won
	for i := range s.y {
		s.y[i] *= by
	}
	return true
}
