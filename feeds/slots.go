package feeds

import "time"

// EndOf is when the slot that begins at the i-th of some ascending starts is over, for publishers that give no ends: a
// step after its start, where the step is the shorter distance to a neighbour, so that a hole in the list stays one. A
// start without neighbours has no end: the zero time.
func EndOf(starts []time.Time, i int) time.Time {
	step := time.Duration(0)
	for _, k := range []int{i, i + 1} {
		if k < 1 || k >= len(starts) {
			continue
		}
		if d := starts[k].Sub(starts[k-1]); step == 0 || d < step {
			step = d
		}
	}
	if step == 0 {
		return time.Time{}
	}
	return starts[i].Add(step)
}
