package protect

import (
	"time"

	"hearth/energy"
)

// raise gives back what was lowered, ends what was raised, and follows the sun: one of them a turn, and none before the
// meter has shown the one before.
func (t *turn) raise(limit Limit) {
	in, s := t.in, t.state
	isSettled := s.power.left() == 0 && t.change(1) == 0
	for i := len(t.ones) - 1; i >= 0; i-- {
		o := &t.ones[i]
		var next func()
		switch {
		case o.cap.holds:
			next = t.giveBack(o, limit)
		case o.lift.holds && o.lift.rule == Export:
			next = t.giveUp(o)
		default:
			next = t.followUp(o)
		}
		switch {
		case next == nil:
			o.roomy = time.Time{}
			continue
		case o.roomy.IsZero():
			o.roomy = in.Now
		}
		if isSettled && in.Now.Sub(o.roomy) >= t.patience(o) {
			next()
			o.ask()
			o.roomy, isSettled = in.Now, false
		}
	}
}

// room is how much more the device may take from the connection.
func (t *turn) room(o *one, limit Limit) energy.Watts {
	room := limit.Power - margin(limit.Power) - t.load
	if t.hasAmps {
		room = min(room, energy.Watts(t.in.PhaseFuse-spare-t.worst)*voltage*energy.Watts(o.Phases))
	}
	return room
}

// giveBack raises the cap by half of the room; nil where there is none.
func (t *turn) giveBack(o *one, limit Limit) func() {
	missing := o.wanted() - o.cap.power
	least := o.least()
	switch {
	case o.Kind == Load:
		least = missing
	case o.cap.power < o.Floor:
		least = o.Floor - o.cap.power
	}
	least = min(least, missing)
	top := o.next() + t.room(o, limit)
	if top-o.cap.power < least {
		return nil
	}
	power := min(o.wanted(), o.cap.power+max(least, (top-o.cap.power)/2))
	if power < o.wanted() {
		power = o.down(power)
	}
	if power <= o.cap.power {
		return nil
	}
	return func() { o.cap.power, o.cap.isForced, o.raised = power, false, t.in.Now }
}

// absorb has batteries and cars take what may not be given to the grid.
func (t *turn) absorb(limit Limit) {
	over, why := t.given()-limit.Power, t.whyExport(limit)
	need := over + margin(limit.Power)
	for _, kind := range [...]Kind{Battery, Vehicle} {
		for i := range t.ones {
			o := &t.ones[i]
			taken := o.next()
			if o.Kind != kind || need <= 0 || !o.MayAbsorb || !o.MayChange || o.Want.Mode != energy.AtPower || taken >= o.Max {
				continue
			}
			target := min(o.up(taken+need), o.Max)
			if o.cap, o.roomy = (bound{}), (time.Time{}); target <= o.Want.Power {
				continue // the plan has it take that much, and the cap was all that kept it
			}
			o.lift = bound{holds: true, power: target, rule: Export, why: why}
			o.ask()
			need -= target - taken
			over -= target - taken
		}
	}
	if over > 0 {
		t.state.trouble = Trouble{Export, t.tooMuch(Export, limit.Power)}
	}
}

// giveUp lowers a lift by half of what may be given to the grid; nil where that is not worth it.
func (t *turn) giveUp(o *one) func() {
	limit := t.tightest(true)
	room, extra := limit.Power-margin(limit.Power)+t.load, o.lift.power-o.Want.Power
	least := min(o.least(), extra)
	if room < least {
		return nil
	}
	power := max(o.Want.Power, o.up(o.lift.power-max(least, room/2)))
	if o.lift.power-power > room || power >= o.lift.power {
		power = o.Want.Power
		if extra > room {
			return nil
		}
	}
	return func() { o.lift.power = power }
}

// followUp raises what follows the sun, from what is given to the grid and within what it has missed of its slot; nil
// where there is nothing.
func (t *turn) followUp(o *one) func() {
	p := o.affordable(t)
	from := max(o.Want.Power, o.asked.Power)
	p = o.down(min(p, from+t.given()-margin(0)))
	isTaking := o.drawn >= o.asked.Power*8/10
	if p < from+o.least() || !isTaking || !o.MayChange {
		return nil
	}
	why := t.whySurplus()
	return func() { o.lift = bound{holds: true, power: p, rule: Surplus, why: why} }
}

// affordable is the power with which the device would take, until the end of the slot, all that was planned for it.
func (o *one) affordable(t *turn) energy.Watts {
	if !t.in.FollowsExport || o.Planned <= 0 || o.Want.Mode != energy.AtPower || o.Want.Power <= 0 || o.Kind > Battery {
		return 0
	}
	left := t.in.Slot.End.Sub(t.in.Now) + t.settle()
	return min(max(o.Max, o.Want.Power), o.Want.Power+o.owed.Mean(left))
}

// followDown lowers again what was raised: at once where the grid would have to give it, batteries first, for they can
// hold any power; and what follows the sun as its energy is used up. What would then have to be given though it may not
// be stays: better bought than that.
func (t *turn) followDown() {
	t.measure()
	for i := len(t.ones) - 1; i >= 0; i-- {
		o := &t.ones[i]
		if !o.lift.holds {
			continue
		}
		isExport := o.lift.rule == Export
		power := o.lift.power
		if !isExport {
			power = min(power, max(o.Want.Power, o.down(o.affordable(t))))
		}
		if t.load > 0 {
			power = max(o.Want.Power, o.down(o.lift.power-t.load-margin(0)))
		}
		isTooMuch := isExport && o.lift.power-power-t.load > t.tightest(true).Power
		if power == o.lift.power || isTooMuch {
			continue
		}
		if o.lift.power = power; !isExport {
			o.roomy = time.Time{}
		}
		o.ask()
		t.measure()
	}
}
