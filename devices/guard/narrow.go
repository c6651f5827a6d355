package guard

import (
	"time"

	"hearth/energy"
)

// narrowed is what may be commanded for a target now, and the rule that made it another. isUrgent: no run
// or pause is kept for it.
func (s *State) narrowed(r Rules, in Input, target energy.Setpoint) (out energy.Setpoint, rule Rule, isUrgent bool) {
	if r.Role == ByHeat {
		target, rule = s.warmed(r, in, target)
		isUrgent = rule != ""
	}
	age := in.Now.Sub(in.Basis).Abs()
	isUrgent = isUrgent || in.IsForced && s.isLess(target)
	switch {
	case in.Basis.IsZero() || in.IsResident || age < r.FreezeAfter || target == r.Safe:
	case age >= r.SafeAfter:
		return r.Safe, Silent, true
	case !s.isLess(target):
		return s.standing(r), Silent, false
	}
	if r.Role != ByPower {
		return target, rule, isUrgent
	}
	if s.isPauseTooMuch(r, in, target) {
		target, rule = energy.Setpoint{Mode: energy.AtPower, Power: r.Floor}, MaxPauses
		if r.Floor == 0 {
			target = s.standing(r)
		}
	}
	if slow, isSlowed := s.ramped(r, in, target); isSlowed {
		return slow, Ramp, isUrgent
	}
	return target, rule, isUrgent
}

// standing is the command that stands; the safe state where there is none.
func (s *State) standing(r Rules) energy.Setpoint {
	if s.Told == nil {
		return r.Safe
	}
	return s.Told.Setpoint
}

// isLess says that a target takes or gives no more than the command that stands. Of its own control nobody
// knows what it will take: only nothing is less.
func (s *State) isLess(target energy.Setpoint) bool {
	if s.Told == nil || s.Told.Setpoint.Mode == energy.Release {
		return target.Mode != energy.Release && !isActive(target)
	}
	told := s.Told.Setpoint
	switch target.Mode {
	case energy.Off, energy.Blocked:
		return true
	case energy.AtPower, energy.AtMost:
		return target.Mode == told.Mode && magnitude(target.Power) <= magnitude(told.Power) && target.Power*told.Power >= 0
	case energy.Recommended:
		return told.Mode == energy.Recommended || told.Mode == energy.Forced
	}
	return target == told
}

// isPauseTooMuch says that a charger was paused so often in the last hour that it is rather kept at its
// least power: each pause is a contactor's operation and a handshake with the vehicle.
func (s *State) isPauseTooMuch(r Rules, in Input, target energy.Setpoint) bool {
	if target != (energy.Setpoint{Mode: energy.AtPower}) || target == r.Safe || !s.IsActive || in.IsForced {
		return false
	}
	s.Pauses = recent(s.Pauses, in.Now, time.Hour)
	_, ok := free(s.Pauses, r.MaxPauses, time.Hour)
	return !ok
}

// ramped is the power on the way to the target. A change towards zero is never slowed: a fuse may need it.
func (s *State) ramped(r Rules, in Input, target energy.Setpoint) (energy.Setpoint, bool) {
	if r.Ramp <= 0 || target.Mode != energy.AtPower || target == r.Safe || s.Told != nil && s.Told.Setpoint == target {
		s.Ramping = time.Time{}
		return target, false
	}
	if s.Ramping.IsZero() {
		s.Ramping = in.Now
	}
	since, from := s.Ramping, energy.Watts(0)
	switch power, isKnown := in.Obs.Power.Fresh(in.Now, r.MaxAge); {
	case s.Told != nil && s.Told.Setpoint.Mode == energy.AtPower:
		since, from = later(since, s.Told.At), s.Told.Setpoint.Power
	case isKnown:
		from = power
	}
	if from*target.Power < 0 {
		from = 0 // the way to zero is free
	}
	limit := magnitude(from) + r.Ramp*energy.Watts(max(0, in.Now.Sub(since).Seconds()))
	if magnitude(target.Power) <= limit {
		return target, false
	}
	power := r.quantised(min(max(limit*sign(target.Power), r.Min), r.Max))
	return energy.Setpoint{Mode: energy.AtPower, Power: power}, power != target.Power
}

func sign(w energy.Watts) energy.Watts {
	if w < 0 {
		return -1
	}
	return 1
}
