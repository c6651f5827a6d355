package protect

import (
	"time"

	"hearth/energy"
)

// lack is what is still too much while devices are lowered, with the margin.
type lack struct {
	power, margin energy.Watts
	amps          energy.Amps
}

// isOver says that the limit itself is exceeded.
func (l lack) isOver() bool { return l.power > l.margin || l.amps > spare }

// isLeft says that something is to be lowered yet.
func (l lack) isLeft() bool { return l.power > 0 || l.amps > 0 }

// of is by how much a device of some phases would have to be lowered.
func (l lack) of(o *one) energy.Watts {
	return max(l.power, energy.Watts(l.amps)*voltage*energy.Watts(o.Phases))
}

func (l *lack) less(w energy.Watts, phases int) {
	l.power -= w
	l.amps -= energy.Amps(w) / voltage / energy.Amps(phases)
}

// lower takes from the devices, in their order, what is too much. What guards keep on for its own sake is stopped only
// where the limit cannot be kept otherwise.
func (t *turn) lower(limit Limit, l lack) {
	rule, why := limit.Rule, t.why(limit)
	if l.amps > 0 && l.power < energy.Watts(l.amps)*voltage*3 {
		rule, why = Phase, t.whyPhase()
	}
	for i := range t.ones {
		o := &t.ones[i]
		o.roomy = time.Time{}
		if !l.isLeft() {
			continue
		}
		taken := o.next()
		if target, ok := o.lowered(taken, l.of(o)); ok {
			t.lowerOne(o, bound{holds: true, power: target, rule: rule, why: why}, &l)
		}
	}
	if rule == Emergency {
		return // as far as it goes
	}
	for i := range t.ones {
		o := &t.ones[i]
		if isKept := o.MayChange && !o.MayStop && o.Kind != Battery && o.Kind != Appliance; isKept && l.isOver() && o.next() > idle {
			t.lowerOne(o, bound{true, 0, rule, why, true}, &l)
		}
	}
	if l.isOver() {
		t.state.trouble = Trouble{rule, t.tooMuch(rule, limit.Power)}
	}
}

// lowerOne bounds a device, and counts what that gives; of one that does not obey the others have to give it.
func (t *turn) lowerOne(o *one, b bound, l *lack) {
	taken, isDeaf := o.next(), o.isDeaf()
	if t.bound(o, b); !isDeaf {
		l.less(taken-b.power, o.Phases)
	}
}

// lowered is what the device can be brought to from what it takes, to take less by need or as much of it as it can.
func (o *one) lowered(taken, need energy.Watts) (energy.Watts, bool) {
	if !o.MayChange || taken <= idle {
		return 0, false
	}
	switch o.Kind {
	case Load:
		return 0, o.MayStop
	case Battery:
		target := o.down(taken - need)
		if target <= 2*idle {
			target = 0
		}
		return target, o.asked.Mode != energy.Release && target < taken // released, it follows the house by itself
	case Vehicle:
		target := o.down(taken - need)
		if target == 0 && !o.MayStop {
			target = o.Floor
		}
		if o.Max > 0 {
			target = min(target, o.Max) // whatever it says it takes
		}
		return target, target < taken
	}
	return 0, false
}

// isDeaf says that the device takes more than it was asked for, though it has had its time to obey.
func (o *one) isDeaf() bool {
	return o.asked == o.before && o.now == o.drawn && o.drawn > o.powerOf(o.asked)+2*idle
}

// bound lowers a device. One that was given something back a short time ago waits longer from now on.
func (t *turn) bound(o *one, b bound) {
	switch wait := t.patience(o); {
	case !o.raised.IsZero() && t.in.Now.Sub(o.raised) < 3*wait:
		o.wait, o.raised = min(2*wait, mostWait), time.Time{}
	case !o.cap.holds:
		o.wait = 0
	}
	o.cap, o.lift = b, bound{}
	o.ask()
}
