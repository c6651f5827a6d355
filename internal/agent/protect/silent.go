package protect

import (
	"time"

	"hearth/energy"
)

// stage is how far the way to the safe side has been gone while the meter is silent.
type stage int

const (
	heard  stage = iota
	frozen       // nothing is raised
	atFloor
	paused
)

// age is how long the meter has been silent.
func (t *turn) age() time.Duration {
	since := t.state.heard
	if since.Before(t.state.began) {
		since = t.state.began
	}
	return max(0, t.in.Now.Sub(since))
}

// isSilent says that the meter cannot be gone by at all.
func (t *turn) isSilent() bool {
	age, s := t.age(), &t.state
	switch {
	case age > 3*t.period+pauseAfter:
		s.silence = paused
	case age > 3*t.period:
		s.silence = max(atFloor, s.silence)
	case age > t.period*3/2 || !t.in.Grid.Valid:
		s.silence = max(frozen, s.silence)
	default:
		s.silence = heard
	}
	return s.silence != heard
}

// degrade freezes what is asked for; later it brings chargers to their floor and batteries to their own control, and then
// pauses the chargers. What a guard holds on stays at its floor until then.
func (t *turn) degrade() {
	for i := range t.ones {
		o := &t.ones[i]
		o.roomy, o.lift = time.Time{}, bound{}
		limit := bound{holds: true, power: max(0, o.powerOf(o.before)), rule: Silent, why: whySilent}
		if o.changed.IsZero() {
			limit.power = max(0, o.drawn)
		}
		if limit.power > 0 {
			limit.power = max(limit.power, o.Floor) // what takes less by itself is not to be cut for that
		}
		if o.cap.holds {
			limit.power = min(limit.power, o.cap.power)
		}
		switch {
		case o.Kind == Appliance || o.Kind == Vehicle && o.Want.Mode == energy.Release && !o.MayChange:
			o.ask()
			continue
		case t.state.silence == frozen:
			t.freeze(o, limit)
			continue
		case o.Kind == Vehicle && t.state.silence == paused && (o.MayStop || limit.power == 0):
			limit.power = 0
		case o.Kind == Vehicle:
			limit.power = min(limit.power, o.Floor)
		case o.Kind == Battery:
			o.released = o.Want.Mode != energy.Release
			o.ask()
			continue
		}
		if !o.cap.holds || limit.power < o.cap.power {
			o.cap = limit
		}
		o.ask()
	}
	t.state.trouble = Trouble{}
	if t.state.silence >= atFloor {
		t.state.trouble = Trouble{Silent, troubleSilent}
	}
}

// freeze asks for no more than before, for this turn only.
func (t *turn) freeze(o *one, limit bound) {
	kept := o.cap
	if (o.Want.Mode != energy.Release || o.cap.holds) && o.wanted() > limit.power {
		if o.cap.holds {
			limit.rule, limit.why = o.cap.rule, o.cap.why
		}
		o.cap = limit
	}
	o.ask()
	o.frozen = o.cap
	o.cap = kept
}
