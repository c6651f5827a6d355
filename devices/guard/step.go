package guard

import (
	"time"

	"hearth/energy"
)

// tries is how often a command is sent before the device counts as faulty.
const tries = 2

// minSeen is how many readings have to contradict a command before it counts as not obeyed: one may have
// been on its way when the command was sent.
const minSeen = 2

// Decide answers one request. It is pure: the same rules, state and input give the same decision, and the
// state handed in is not changed. What the decision says is sent is taken as sent. The rules must be
// complete ([Guard.Rules]).
func (r Rules) Decide(s State, in Input) (State, Decision) {
	s = s.clone()
	wear, wasContested := s.Operations, s.Hold.Rule == Contested
	s.catchUp(r, in.Now)
	unfit := s.unfit(r, in)
	if unfit == "" {
		s.learn(r, in)
		if s.IsStarting {
			s.begin(r, in)
		}
		s.countPhases(r, in)
	}
	d := s.answer(r.on(s.Phasing.Count), in, unfit)
	d.Notice = r.worn(wear, s.Operations)
	if s.Hold.Rule == Contested && !wasContested {
		d.Notice = Contested
	}
	return s, d
}

// answer finds what may be commanded for the want, and commands it.
func (s *State) answer(r Rules, in Input, unfit Rule) Decision {
	target, isCut, err := r.bound(in.Want)
	switch {
	case err != nil:
		return Decision{Outcome: Refused, Rule: Invalid, Err: err}
	case unfit != "":
		return Decision{Outcome: Refused, Rule: unfit}
	}
	if d, isPut := s.putRight(r, in, target); isPut {
		return d
	}
	d := s.decide(r, in, target)
	if isCut && d.Rule == "" {
		d.Rule = Clamp
	}
	return d
}

// decide is the part that knows how the device is and may command it.
func (s *State) decide(r Rules, in Input, target energy.Setpoint) Decision {
	if in.IsResident && s.Hold.Rule != Unconfirmed {
		s.Hold = Hold{}
	}
	if in.Now.Before(s.Hold.Until) {
		d := Decision{Outcome: Held, Rule: s.Hold.Rule, Until: s.Hold.Until}
		switch s.Hold.Rule {
		case Unconfirmed:
			d.Outcome = Fault
		case Contested:
			d.Outcome = Refused // nor is its lease renewed: that is the other's business
		default:
			return s.renewed(r, in.Now, d)
		}
		return d
	}
	s.Hold = Hold{}
	target, rule, isUrgent := s.narrowed(r, in, target)
	var phaseRule Rule
	if rule != Silent {
		d, led, isLed := s.phased(r, in, target)
		if isLed {
			return d
		}
		phaseRule = led
	}
	d := s.stand(r, in, target, isUrgent)
	if rule == "" {
		rule = phaseRule
	}
	if d.Rule == "" && rule != "" {
		d.Rule = rule
		if rule == Silent && target != r.Safe {
			d.Outcome = Held // with what stands
		}
	}
	return d
}

// stand sees to it that the target is the command that stands.
func (s *State) stand(r Rules, in Input, target energy.Setpoint, isUrgent bool) Decision {
	told, now := s.Told, in.Now
	switch {
	case told == nil || told.Setpoint != target:
		return s.command(r, in, target, isUrgent)
	case told.IsConfirmed:
		return s.renewed(r, now, Decision{Outcome: Kept})
	case !told.isRefuted(r, now):
		return Decision{Outcome: Kept, Rule: Unconfirmed, Until: told.At.Add(r.ConfirmWithin)}
	case told.Tries < tries:
		d := s.tell(r, now, target)
		d.Rule, s.Told.Tries, s.Told.IsEdge = Retry, told.Tries+1, told.IsEdge
		return d
	}
	return s.fault(r, now)
}

// command sends a new setpoint, unless it comes too soon or too often.
func (s *State) command(r Rules, in Input, target energy.Setpoint, isUrgent bool) Decision {
	isEdge := r.isEdge(s, target)
	if d := s.tooSoonForHeat(r, in.Now); d.Outcome == Held && !isUrgent {
		return s.renewed(r, in.Now, d)
	}
	if isEdge {
		if d := s.tooSoon(r, in.Now); d.Outcome == Held && !isUrgent {
			return s.renewed(r, in.Now, d)
		}
		if d, isHeld := s.tooOften(r, in, target); isHeld {
			return s.renewed(r, in.Now, d)
		}
	}
	s.operate(r, in.Now, target)
	d := s.tell(r, in.Now, target)
	s.Told.IsEdge = isEdge
	return d
}

// tooSoon holds an edge until the run or pause that stands has lasted long enough. While it is not known
// whether the last edge took place, it may have done so just now.
func (s *State) tooSoon(r Rules, now time.Time) Decision {
	wait, rule := r.MinOff, MinOff
	if s.IsActive {
		wait, rule = r.MinOn, MinOn
	}
	until := s.Since.Add(wait)
	if told := s.Told; told != nil && told.IsEdge && !told.IsConfirmed {
		if told.isRefuted(r, now) {
			return Decision{}
		}
		until = now.Add(wait)
	} else if s.Since.IsZero() {
		return Decision{} // it follows its own control: nobody knows, and nothing is cut short
	}
	if !now.Before(until) {
		return Decision{}
	}
	return Decision{Outcome: Held, Rule: rule, Until: until}
}

// tooSoonForHeat holds a change of mode until the last one has lasted: its controller only looks so often.
func (s *State) tooSoonForHeat(r Rules, now time.Time) Decision {
	if until := s.Changed.Add(r.MinHold); r.Role == ByHeat && !s.Changed.IsZero() && now.Before(until) {
		return Decision{Outcome: Held, Rule: MinHold, Until: until}
	}
	return Decision{}
}

// tell notes a command as sent.
func (s *State) tell(r Rules, now time.Time, target energy.Setpoint) Decision {
	isShown := r.IsReadBack && (target.Mode != energy.Release || r.Role == ByHeat)
	s.Told = &Command{Setpoint: target, At: now, Renewed: now, Tries: 1, IsConfirmed: !isShown}
	s.IsOwed = s.IsOwed || target != r.Safe
	return Decision{Outcome: Applied, Sent: &target, Lease: r.lease(target)}
}

// renewed adds the renewal of the lease of what stands, when it is due, to a decision that changes
// nothing. A load switched on by hand is kept on with it; a power somebody else has set is not ours.
func (s *State) renewed(r Rules, now time.Time, d Decision) Decision {
	told := s.Told
	if told == nil || !told.IsConfirmed || !r.isLeased(told.Setpoint) || now.Before(told.Renewed.Add(r.Lease/3)) {
		return d
	}
	if d.Rule == Override && r.Role != BySwitch {
		return d
	}
	told.Renewed = now
	sent := told.Setpoint
	d.Sent, d.Lease = &sent, r.Lease
	return d
}

// fault gives up on a device that does not do as it is told: the safe state once, then nothing.
func (s *State) fault(r Rules, now time.Time) Decision {
	safe := r.Safe
	s.forget()
	s.Phasing.Step = ""
	s.Hold = Hold{Unconfirmed, now.Add(r.FaultHold)}
	return Decision{Outcome: Fault, Rule: Unconfirmed, Until: s.Hold.Until, Sent: &safe}
}
