package feeds

import "time"

// EndOf is when the slot that begins at the i-th of some ascending starts is over, for publishers that give no ends: a
// step after its start, where the step is the shorter distance to a neighbour, so that a hole in the list stays one. The
// first and the last go by their one neighbour's shorter distance. A start without neighbours has no end: the zero time.
func EndOf(starts []time.Time, i int) time.Time {
	step := time.Duration(0)
	for _, k := range []int{i - 1, i, i + 1, i + 2} {
		isFar := k == i-1 && i+1 < len(starts) || k == i+2 && i > 0 // only who has one neighbour asks that one's
		if isFar || k < 1 || k >= len(starts) {
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
