package simplex

import "math/bits"

// flip takes the variables the ratio test has passed to their other bounds.
func (s *Solver) flip() {
	if len(s.ratio.passed) == 0 {
		return
	}
	for _, c := range s.ratio.passed {
		s.move(c.variable)
	}
	s.settle()
}

// move takes a nonbasic variable to its other bound; [Solver.settle] takes the basic ones along.
func (s *Solver) move(v int32) {
	s.at[v] = atLow + atHigh - s.at[v]
	s.moveTo(v, s.bound(v))
}

func (s *Solver) moveTo(v int32, to float64) {
	by := to - s.x[v]
	if by == 0 {
		return
	}
	s.x[v] = to
	s.total += s.reduced[v] * by
	s.addColumn(&s.flips, v, by)
}

// settle makes the basic variables follow the nonbasic ones that have been moved.
func (s *Solver) settle() {
	s.factor.forward(&s.flips, false)
	for w, word := range s.flips.set {
		for ; word != 0; word &= word - 1 {
			k := int32(w<<6 | bits.TrailingZeros64(word))
			s.value[k] -= s.flips.value[k]
			s.check(k)
		}
	}
	s.flips.clear()
}

// check keeps the set of violated positions.
func (s *Solver) check(k int32) {
	if x := s.value[k]; x < s.least[k]-primal || x > s.most[k]+primal {
		s.violated.add(k)
	} else {
		s.violated.remove(k)
	}
}

// pivot lets q enter at position p.
func (s *Solver) pivot(p, q int32) {
	pivot := s.pivotColumn.value[p]
	leaving := s.head[p]
	bound, at := s.most[p], atHigh
	if s.ratio.sign > 0 {
		bound, at = s.least[p], atLow
	}
	step := (s.value[p] - bound) / pivot
	s.total += s.reduced[q] * step
	theta := -s.reduced[q] / s.entryOf(q)
	s.updateReduced(theta)
	s.reduced[q], s.reduced[leaving] = 0, theta
	s.updateWeights(p, pivot)
	s.updateValues(step)

	s.value[p] = s.x[q] + step
	s.least[p], s.most[p] = s.low[q], s.high[q]
	s.head[p] = q
	s.at[q], s.at[leaving], s.x[leaving] = basic, at, bound
	s.check(p)
	clear(s.banned)
	s.serial++
	s.factor.replace(update{pivot: pivot, position: p, leaving: leaving, serial: s.serial})
}

// updateReduced takes a multiple of the row to the reduced costs. What got the wrong sign within the tolerance
// of the ratio test has its cost shifted.
func (s *Solver) updateReduced(theta float64) {
	for w, word := range s.alpha.set {
		for ; word != 0; word &= word - 1 {
			v := w<<6 | bits.TrailingZeros64(word)
			if s.at[v] != basic {
				s.raise(v, theta*s.alpha.value[v])
			}
		}
	}
	for w, word := range s.rho.set {
		for ; word != 0; word &= word - 1 {
			k := w<<6 | bits.TrailingZeros64(word)
			if v := s.n + int(s.factor.row[k]); s.at[v] != basic {
				s.raise(v, -theta*s.rho.value[k])
			}
		}
	}
}

func (s *Solver) raise(v int, by float64) {
	d := s.reduced[v] + by
	if s.low[v] < s.high[v] && (d < 0) == (s.at[v] == atLow) && d != 0 {
		s.working[v] -= d
		s.total -= d * s.x[v]
		d = 0
	}
	s.reduced[v] = d
}

// updateWeights keeps the weights of steepest edge.
func (s *Solver) updateWeights(p int32, pivot float64) {
	own := 0.0
	s.tau.clear()
	for w, word := range s.rho.set {
		for ; word != 0; word &= word - 1 {
			k := w<<6 | bits.TrailingZeros64(word)
			x := s.rho.value[k]
			own += x * x
			s.tau.value[k] = x
		}
		s.tau.set[w] = s.rho.set[w]
	}
	s.factor.forward(&s.tau, false)
	for w, word := range s.pivotColumn.set {
		for ; word != 0; word &= word - 1 {
			k := w<<6 | bits.TrailingZeros64(word)
			if r := s.pivotColumn.value[k] / pivot; r != 0 {
				s.weight[k] = max(s.weight[k]+r*(r*own-2*s.tau.value[k]), leastWeight)
			}
		}
	}
	s.weight[p] = max(own/(pivot*pivot), leastWeight)
}

func (s *Solver) updateValues(step float64) {
	if step == 0 {
		return
	}
	for w, word := range s.pivotColumn.set {
		for ; word != 0; word &= word - 1 {
			k := int32(w<<6 | bits.TrailingZeros64(word))
			s.value[k] -= step * s.pivotColumn.value[k]
			s.check(k)
		}
	}
}
