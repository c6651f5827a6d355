package protect

import (
	"math"

	"hearth/energy"
)

// Step says what to ask of devices instead of what the plan wants, so that the connection stays within its limits. A
// device that is not in the answer is asked for what is wanted. The state handed in is not changed.
func Step(s State, in Input) (State, []Lowered) {
	t := newTurn(s, in)
	t.count()
	if t.isSilent() {
		t.degrade()
		return t.end()
	}
	for i := range t.ones {
		t.ones[i].released = false
		t.ones[i].ask()
	}
	t.state.trouble = Trouble{}
	t.followDown()
	t.measure()
	limit := t.tightest(false)
	excess := t.excess(limit)
	switch {
	case excess.isLeft():
		t.lower(limit, excess)
	case t.load < 0 && t.given() > t.tightest(true).Power:
		t.absorb(t.tightest(true))
	default:
		t.raise(limit)
	}
	return t.end()
}

// end notes what was asked for, and says what is not as wanted.
func (t *turn) end() (State, []Lowered) {
	in, s := t.in, &t.state
	until := in.Now.Add(t.settle())
	s.power = s.power.plus(t.change(1), until)
	s.amps = s.amps.plus(energy.Amps(t.change(voltage)), until)
	var out []Lowered
	for i := range t.ones {
		o := &t.ones[i]
		if o.asked != o.before || o.changed.IsZero() {
			o.changed = in.Now
		}
		s.own[o.Name] = o.own
		if o.asked != o.Want {
			out = append(out, o.told())
		}
	}
	return *s, out
}

// tightest is the limit that counts in a direction.
func (t *turn) tightest(isExport bool) Limit {
	out := Limit{Power: energy.Watts(math.Inf(1))}
	for _, l := range t.in.Limits {
		if (l.Rule == Export) == isExport && l.Power < out.Power {
			out = l
		}
	}
	return out
}

// margin is how far below a limit the connection is brought: what meters and chargers err by.
func margin(limit energy.Watts) energy.Watts {
	if math.IsInf(float64(limit), 0) {
		return 0
	}
	return max(100, limit/50)
}

// spare is what a phase is kept below its fuse by.
const spare energy.Amps = 0.5

// excess is what is too much, with the margin; nothing where nothing is.
func (t *turn) excess(limit Limit) lack {
	l := lack{margin: margin(limit.Power)}
	if t.load > limit.Power {
		l.power = t.load - limit.Power + l.margin
	}
	if t.hasAmps && t.worst > t.in.PhaseFuse {
		l.amps = t.worst - t.in.PhaseFuse + spare
	}
	return l
}

// given is what flows to the grid.
func (t *turn) given() energy.Watts { return max(0, -t.load) }
