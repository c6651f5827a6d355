package simplex

import "math/bits"

// leaving chooses the position that leaves: the largest violation for its weight.
func (s *Solver) leaving() int32 {
	best, square, weight := int32(-1), 0.0, 1.0
	for w, word := range s.violated {
		for word &^= s.banned[w]; word != 0; word &= word - 1 {
			k := int32(w<<6 | bits.TrailingZeros64(word))
			if s.isBland {
				if best < 0 || s.head[k] < s.head[best] {
					best = k
				}
				continue
			}
			d := max(s.least[k]-s.value[k], s.value[k]-s.most[k])
			if d*d*weight > square*s.weight[k] {
				best, square, weight = k, d*d, s.weight[k]
			}
		}
	}
	return best
}

// multiply works out row p of the inverse, in rho, and its products with all columns, in alpha.
func (s *Solver) multiply(p int32) {
	s.rho.clear()
	s.rho.add(p, 1)
	s.factor.backward(&s.rho, true)
	s.alpha.clear()
	value, set := s.alpha.value, s.alpha.set
	for w, word := range s.rho.set {
		for ; word != 0; word &= word - 1 {
			k := w<<6 | bits.TrailingZeros64(word)
			x := s.rho.value[k]
			if x == 0 {
				continue
			}
			for _, e := range s.program.row(int(s.factor.row[k])) {
				value[e.index] += x * e.value
				set.add(e.index)
			}
		}
	}
}

// entryOf is a variable's product with the row of the inverse.
func (s *Solver) entryOf(v int32) float64 {
	if int(v) < s.n {
		return s.alpha.value[v]
	}
	return -s.rho.value[s.factor.position[int(v)-s.n]]
}

// addColumn adds a multiple of a variable's column to a vector, by position.
func (s *Solver) addColumn(v *vector, variable int32, by float64) {
	if int(variable) >= s.n {
		v.add(s.factor.position[int(variable)-s.n], -by)
		return
	}
	for _, e := range s.program.column(variable) {
		v.add(s.factor.position[e.index], by*e.value)
	}
}
