package simplex

// takePoint keeps the point of the present basis, within the bounds of its columns, and gives its cost.
func (s *Solver) takePoint() float64 {
	copy(s.point, s.x[:s.n])
	for k, v := range s.head {
		if int(v) < s.n {
			s.point[v] = min(max(s.value[k], s.low[v]), s.high[v])
		}
	}
	sum := 0.0
	for j, x := range s.point {
		sum += s.cost[j] * x
	}
	return sum
}

// isFeasible says that the point keeps the rows. It asks the rows themselves: values that are followed step by
// step may have been followed wrongly.
func (s *Solver) isFeasible() bool {
	for _, word := range s.violated {
		if word != 0 {
			return false
		}
	}
	for i := range s.m {
		activity := 0.0
		for _, e := range s.program.row(i) {
			activity += e.value * s.point[e.index]
		}
		if !(activity >= s.sideLow[i]-rowKept && activity <= s.sideHigh[i]+rowKept) {
			return false
		}
	}
	return true
}
