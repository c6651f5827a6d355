package appliance

import (
	"slices"
	"time"

	"hearth/energy"
)

// typical is the power and length of a program from its runs: the median of each step, after each run was
// shifted to where it fits the newest best, and scaled so that the energy is the median of theirs.
//
//	run 1   ▁▁████▁▁▁▂▂        heating begins a step later in run 2 (a slow tap);
//	run 2   ▁▁▁████▁▁▁▂▂  <-   without the shift the median of both would be a smear
func typical(runs []Run) ([]energy.Watts, time.Duration) {
	newest := runs[len(runs)-1]
	lengths, energies := make([]time.Duration, len(runs)), make([]energy.WattHours, len(runs))
	aligned := make([][]energy.WattHours, len(runs))
	for i, r := range runs {
		lengths[i], energies[i] = r.Length, r.Energy()
		aligned[i] = shifted(r.Steps, shift(newest.Steps, r.Steps))
	}
	length, sum := median(lengths), median(energies)
	steps := make([]energy.WattHours, (length+StepLength-1)/StepLength)
	at := make([]energy.WattHours, len(runs))
	for i := range steps {
		for j, a := range aligned {
			at[j] = 0
			if i < len(a) {
				at[j] = a[i]
			}
		}
		steps[i] = median(slices.Clone(at))
	}
	if total(steps) <= 0 { // runs that share no step: the newest is as good as any
		steps = slices.Clone(newest.Steps)
	}
	scale := sum / total(steps)
	for i := range steps {
		steps[i] *= scale
	}
	return powers(steps), length
}

// shift is by how many steps to move a run so that it is least apart from another: -1, 0 or 1.
func shift(like, steps []energy.WattHours) int {
	best, least := 0, apart(like, steps)
	for _, by := range []int{-1, 1} {
		if d := apart(like, shifted(steps, by)); d < least {
			best, least = by, d
		}
	}
	return best
}

// shifted is the steps moved; what falls off the front is added to the first, so that no energy is lost.
func shifted(steps []energy.WattHours, by int) []energy.WattHours {
	switch {
	case by > 0:
		return append(make([]energy.WattHours, by), steps...)
	case by < 0 && len(steps) > -by:
		out := slices.Clone(steps[-by:])
		out[0] += total(steps[:-by])
		return out
	}
	return steps
}

func apart(a, b []energy.WattHours) energy.WattHours {
	var sum energy.WattHours
	for i := range max(len(a), len(b)) {
		var d energy.WattHours
		if i < len(a) {
			d = a[i]
		}
		if i < len(b) {
			d -= b[i]
		}
		sum += max(d, -d)
	}
	return sum
}

// median is the middle of the values, and of two middles the lower. It sorts them.
func median[T time.Duration | energy.WattHours](values []T) T {
	slices.Sort(values)
	return values[(len(values)-1)/2]
}

// powers is the mean power of each step.
func powers(steps []energy.WattHours) []energy.Watts {
	out := make([]energy.Watts, len(steps))
	for i, e := range steps {
		out[i] = e.Mean(StepLength)
	}
	return out
}
