package simplex

import "math"

// prepare makes the state that the steps keep: a factor, reduced costs, variables on the right bounds, values.
func (s *Solver) prepare() {
	s.program.transpose()
	s.y = resized(s.y, s.m)
	clear(s.y)
	if s.perturbed > 0 {
		s.trueCosts()
	}
	switch {
	case !s.isFactored:
		s.refresh()
	case s.isStale:
		s.renew()
	default:
		s.followBounds()
	}
}

// refresh factorises the basis and works all that hangs on it out anew.
func (s *Solver) refresh() {
	s.keepWeights()
	s.basics = s.basics[:0]
	for v, at := range s.at {
		if at == basic {
			s.basics = append(s.basics, int32(v))
		}
	}
	s.serial++
	s.factor.serial = s.serial
	head := s.factoriser.run(&s.program, &s.factor, s.basics)
	for _, v := range s.basics {
		s.at[v] = atLow // those left out
	}
	s.head, s.weight = append(s.head[:0], head...), resized(s.weight, s.m)
	for k, v := range s.head {
		if k >= s.factoriser.given {
			s.kept[v] = 1
		}
		s.at[v] = basic
		s.weight[k] = s.kept[v]
	}
	s.factor.origin, s.asked = s.asked, 0
	if s.factoriser.given < s.m || len(s.basics) > s.m {
		s.factor.origin = 0 // it was repaired
	}
	s.isFactored = true
	s.lay()
	s.renew()
}

// lay gives the vectors their lengths.
func (s *Solver) lay() {
	if len(s.alpha.value) != s.n {
		s.alpha.resize(s.n)
	}
	if len(s.rho.value) != s.m {
		s.rho.resize(s.m)
		s.pivotColumn.resize(s.m)
		s.tau.resize(s.m)
		s.flips.resize(s.m)
	}
	s.value, s.least, s.most = resized(s.value, s.m), resized(s.least, s.m), resized(s.most, s.m)
	s.violated, s.banned = resized(s.violated, len(s.rho.set)), resized(s.banned, len(s.rho.set))
	clear(s.violated)
}

// renew works reduced costs and values out from the basis, and puts each nonbasic variable on the bound its
// reduced cost asks for.
func (s *Solver) renew() {
	s.price()
	for v, at := range s.at {
		if at == basic {
			continue
		}
		d := s.reduced[v]
		switch {
		case d > dual:
			at = atLow
		case d < -dual:
			at = atHigh
		case at == atLow && d < 0 || at == atHigh && d > 0:
			s.working[v] -= d
			s.reduced[v] = 0
		}
		s.at[v] = at
		s.x[v] = s.bound(int32(v))
	}
	s.evaluate()
	s.unmark()
	clear(s.banned)
	s.isStale = false
	s.total = s.workingCost()
}

// price works the reduced costs of all variables out.
func (s *Solver) price() {
	s.multipliers(s.working)
	copy(s.reduced, s.working)
	for k, y := range s.rho.value {
		if y == 0 {
			continue
		}
		row := int(s.factor.row[k])
		s.reduced[s.n+row] += y
		for _, e := range s.program.row(row) {
			s.reduced[e.index] -= y * e.value
		}
	}
	for _, v := range s.head {
		s.reduced[v] = 0
	}
}

// multipliers works out what each row is worth at the basis, for costs by variable: in rho, by position.
func (s *Solver) multipliers(cost []float64) {
	s.rho.clear()
	for k, v := range s.head {
		if c := cost[v]; c != 0 {
			s.rho.add(int32(k), c)
		}
	}
	s.factor.backward(&s.rho, false)
}

// evaluate works the basic variables' values out from those of the others.
func (s *Solver) evaluate() {
	s.flips.clear()
	for v, at := range s.at {
		if at != basic && s.x[v] != 0 {
			s.addColumn(&s.flips, int32(v), -s.x[v])
		}
	}
	s.factor.forward(&s.flips, false)
	copy(s.value, s.flips.value)
	s.flips.clear()
	for k, v := range s.head {
		s.least[k], s.most[k] = s.low[v], s.high[v]
		s.check(int32(k))
	}
}

// followBounds takes changed bounds up.
func (s *Solver) followBounds() {
	isAny := false // of the basic ones
	for _, v := range s.changed {
		if s.at[v] == basic {
			isAny = true
			continue
		}
		// While a variable was fixed its reduced cost may have taken either sign.
		if d := s.reduced[v]; d > 0 {
			s.at[v] = atLow
		} else if d < 0 {
			s.at[v] = atHigh
		}
		s.moveTo(v, s.bound(v))
	}
	s.settle()
	if isAny {
		s.rebound()
	}
	s.unmark()
	clear(s.banned)
}

// rebound takes changed bounds of basic variables up.
func (s *Solver) rebound() {
	for k, v := range s.head {
		if s.isMarked[v] {
			s.least[k], s.most[k] = s.low[v], s.high[v]
			s.check(int32(k))
		}
	}
}

// workingCost is the point's, in the working costs.
func (s *Solver) workingCost() float64 {
	sum := 0.0
	for v, at := range s.at {
		if at != basic {
			sum += s.working[v] * s.x[v]
		}
	}
	for k, v := range s.head {
		sum += s.working[v] * s.value[k]
	}
	return sum
}

// perturb makes the reduced costs of nonbasic columns a bit larger, each by another amount, so that fewer of
// them come to zero at once. More each time.
func (s *Solver) perturb() {
	s.perturbed++
	size := 1e-6 * math.Pow(10, float64(s.perturbed-1))
	for v := range s.n {
		by := size * (1 + math.Abs(s.cost[v])) * (0.5 + noise(v))
		switch s.at[v] {
		case basic:
			continue
		case atHigh:
			by = -by
		}
		s.working[v] += by
		s.reduced[v] += by
	}
	s.total = s.workingCost()
}

// noise is a number in [0, 1) that looks random but is always the same for v.
func noise(v int) float64 {
	x := uint64(v) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return float64((x^x>>31)>>11) * 0x1p-53
}

// trueCosts goes back to the costs of the model; reduced costs do not fit any more.
func (s *Solver) trueCosts() {
	copy(s.working, s.cost)
	s.isStale, s.perturbed = true, 0
}

// bound is the one a nonbasic variable is on.
func (s *Solver) bound(v int32) float64 {
	if s.at[v] == atHigh {
		return s.high[v]
	}
	return s.low[v]
}
