package appliance

import (
	"cmp"
	"slices"
	"time"

	"hearth/energy"
)

const (
	maxPrograms = 8 // of a machine: what residents use of the two dozen on its dial
	keepRuns    = 5 // of a program: enough for a median, few enough to follow a change of detergent
	enoughRuns  = 3 // before a median is believed

	// Two runs are of one program when their lengths differ by at most a sixth or ten minutes, and their
	// energies by at most a quarter or 100 Wh: cold water and a full drum move a program by about half of
	// that, and the next program on the dial is twice as far away.
	lengthShare, lengthSlack = 6, 10 * time.Minute
	energyShare, energySlack = 4, energy.WattHours(100)
)

// Library is the programs of one machine. The zero value knows none. It is replaced, never changed.
type Library struct {
	Programs []Program `json:"programs,omitempty"`
	Runs     int       `json:"runs,omitempty"` // seen so far
}

// Program is what a machine takes when it runs, by steps of [StepLength].
type Program struct {
	Power    []energy.Watts `json:"power"`
	Length   time.Duration  `json:"length"`
	Seed     []energy.Watts `json:"seed,omitempty"` // as configured, until enough runs were measured
	Runs     []Run          `json:"runs,omitempty"` // the newest, oldest first
	Count    int            `json:"count"`          // of runs ever
	LastSeen int            `json:"last_seen"`      // number of the run it was last seen in
}

// IsLearned says that the power was measured, not configured.
func (p Program) IsLearned() bool { return len(p.Runs) >= enoughRuns || len(p.Seed) == 0 }

// Energy is what one run takes.
func (p Program) Energy() energy.WattHours {
	var sum energy.WattHours
	for _, w := range p.Power {
		sum += w.Over(StepLength)
	}
	return sum
}

// Seeded is a library that knows the configured program and nothing else. Its energy is kept: a step that
// straddles two of ours is shared between them.
func Seeded(step time.Duration, power []energy.Watts) Library {
	if step <= 0 || len(power) == 0 {
		return Library{}
	}
	length := step * time.Duration(len(power))
	steps := make([]energy.WattHours, min(maxSteps, (length+StepLength-1)/StepLength))
	for i := range steps {
		from, to := time.Duration(i)*StepLength, time.Duration(i+1)*StepLength
		for j := int(from / step); j < len(power) && time.Duration(j)*step < to; j++ {
			start, end := max(from, time.Duration(j)*step), min(to, time.Duration(j+1)*step)
			steps[i] += max(0, power[j]).Over(end - start)
		}
	}
	seed := powers(steps)
	return Library{Programs: []Program{{Power: seed, Length: min(length, maxSteps*StepLength), Seed: seed}}}
}

// Learn is the library after one more run, which joins the program that is most like it or begins one.
func (l Library) Learn(run Run) Library {
	if run.Length <= 0 || run.Energy() <= 0 || len(run.Steps) > maxSteps {
		return l
	}
	run.Steps = slices.Clone(run.Steps)
	for i, e := range run.Steps {
		run.Steps[i] = max(0, e)
	}
	l.Runs++
	l.Programs = slices.Clone(l.Programs)
	i := l.nearest(run)
	if i < 0 {
		if len(l.Programs) >= maxPrograms {
			l.Programs = slices.Delete(l.Programs, l.oldest(), l.oldest()+1)
		}
		l.Programs = append(l.Programs, Program{})
		i = len(l.Programs) - 1
	}
	l.Programs[i] = l.Programs[i].with(run, l.Runs)
	return l
}

// with is the program after one more of its runs.
func (p Program) with(run Run, number int) Program {
	runs := append(slices.Clone(p.Runs), run)
	p.Runs = runs[max(0, len(runs)-keepRuns):]
	p.Count, p.LastSeen = p.Count+1, number
	if p.IsLearned() {
		p.Power, p.Length = typical(p.Runs)
	}
	return p
}

// nearest is the program a run is one of; -1 for none. Of several the nearest in energy: residents choose
// temperatures more than lengths.
func (l Library) nearest(run Run) int {
	best, distance := -1, energy.WattHours(0)
	for i, p := range l.Programs {
		apart, longer := run.Energy()-p.Energy(), (run.Length - p.Length).Abs()
		apart = max(apart, -apart)
		if longer > max(p.Length/lengthShare, lengthSlack) || apart > max(p.Energy()/energyShare, energySlack) {
			continue
		}
		if best < 0 || apart < distance {
			best, distance = i, apart
		}
	}
	return best
}

// oldest is the program that was not seen for longest.
func (l Library) oldest() int {
	oldest := 0
	for i, p := range l.Programs {
		if p.LastSeen < l.Programs[oldest].LastSeen {
			oldest = i
		}
	}
	return oldest
}

// Likely is the program that will probably be chosen next: of those measured often enough (before there is
// one: of the configured) the most frequent, and of equals the one seen last. False: none is known.
func (l Library) Likely() (Program, bool) {
	if len(l.Programs) == 0 {
		return Program{}, false
	}
	return slices.MaxFunc(l.Programs, func(a, b Program) int {
		return cmp.Or(cmp.Compare(a.trust(), b.trust()), cmp.Compare(a.Count, b.Count), cmp.Compare(a.LastSeen, b.LastSeen))
	}), true
}

// trust ranks what is known of a program: seen once or twice, configured, measured.
func (p Program) trust() int {
	switch {
	case len(p.Runs) >= enoughRuns:
		return 2
	case len(p.Seed) > 0:
		return 1
	}
	return 0
}

// Longest is the length to keep free before a deadline, whichever program is chosen.
func (l Library) Longest() time.Duration {
	var longest time.Duration
	for _, p := range l.Programs {
		longest = max(longest, p.Length)
	}
	return longest
}
