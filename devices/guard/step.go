package guard

import (
	"slices"
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
	s.catchUp(r, in.Now)
	unfit := s.unfit(r, in)
	if unfit == "" {
		s.learn(r, in)
	}
	target, isCut, err := r.bound(in.Want)
	switch {
	case err != nil:
		return s, Decision{Outcome: Refused, Rule: Invalid, Err: err}
	case unfit != "":
		return s, Decision{Outcome: Refused, Rule: unfit}
	}
	d := s.decide(r, in.Now, target)
	if isCut && d.Rule == "" {
		d.Rule = Clamp
	}
	return s, d
}

// decide is the part that knows how the device is and may command it.
func (s *State) decide(r Rules, now time.Time, target energy.Setpoint) Decision {
	if now.Before(s.Hold.Until) {
		if s.Hold.Rule == Unconfirmed {
			return Decision{Outcome: Fault, Rule: Unconfirmed, Until: s.Hold.Until}
		}
		return s.renewed(r, now, Decision{Outcome: Held, Rule: Override, Until: s.Hold.Until})
	}
	s.Hold = Hold{}
	told := s.Told
	switch {
	case told == nil || told.Setpoint != target:
		return s.command(r, now, target)
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
func (s *State) command(r Rules, now time.Time, target energy.Setpoint) Decision {
	isEdge := target.Mode != energy.Release && isActive(target) != s.IsActive // released, nobody knows what it will do
	if isEdge {
		if d := s.tooSoon(r, now); d.Outcome == Held {
			return s.renewed(r, now, d)
		}
		s.Switches = slices.DeleteFunc(s.Switches, func(t time.Time) bool { return now.Sub(t) >= 24*time.Hour })
		if over := len(s.Switches) - r.MaxSwitches; r.MaxSwitches > 0 && over >= 0 && target != r.Safe {
			until := s.Switches[over].Add(24 * time.Hour)
			return s.renewed(r, now, Decision{Outcome: Held, Rule: MaxSwitches, Until: until})
		}
		s.Switches = append(s.Switches, now)
		s.IsActive, s.Since = !s.IsActive, now
	}
	d := s.tell(r, now, target)
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

// tell notes a command as sent.
func (s *State) tell(r Rules, now time.Time, target energy.Setpoint) Decision {
	s.Told = &Command{Setpoint: target, At: now, Renewed: now, Tries: 1, IsConfirmed: !r.IsReadBack || target.Mode == energy.Release}
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
	if d.Rule == Override && r.HasPowers {
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
	s.Hold = Hold{Unconfirmed, now.Add(r.FaultHold)}
	return Decision{Outcome: Fault, Rule: Unconfirmed, Until: s.Hold.Until, Sent: &safe}
}
