package guard

import (
	"time"

	"hearth/energy"
)

// staleness is how far a stored state may be behind what was done: stores are written once a minute where
// each write wears them.
const staleness = time.Minute

// afterRestart forgets what was under way: a command is never replayed, and the time that passed is no
// jump of the clock.
func (s State) afterRestart() State {
	s = s.clone()
	if s.Told != nil && !s.Told.IsConfirmed {
		s.forget()
	}
	if !s.Last.IsZero() {
		s.Stopped = s.Last
	}
	s.IsStarting, s.Last, s.Jumped, s.Ramping = true, time.Time{}, time.Time{}, time.Time{}
	if s.Phasing.Step == pausing {
		s.Phasing.Step = ""
	}
	return s
}

// begin is done once, with the first reading after a start: the state may be older than the last command
// of the run before, and that command's edge (or the end of its lease) later than the state knows.
func (s *State) begin(r Rules, in Input) {
	if s.Stopped.IsZero() {
		return
	}
	now, latest := in.Now, s.Stopped.Add(staleness)
	if p := &s.Phasing; r.HasPhases && p.Last.Before(latest) {
		p.Last = earlier(latest, now)
		if shown, _, ok := r.shown(in.Obs); ok && !isActive(shown) && in.Obs.PhaseCount.Valid {
			p.Step, p.To, p.Since = settling, in.Obs.PhaseCount.Value, p.Last // its contactor may just have moved
		}
	}
	if r.Role == ByHeat && s.Changed.Before(latest) {
		s.Changed = earlier(latest, now)
	}
	if !s.IsActive {
		latest = latest.Add(r.Lease)
	}
	if latest = earlier(latest, now); !s.Since.IsZero() && s.Since.Before(latest) {
		s.Since = latest
	}
	s.Stopped = time.Time{}
}

// putRight sends the safe state to a device that nothing else would bring there: it has no timer of its
// own, and an earlier run has left it in another state than is wanted now.
func (s *State) putRight(r Rules, in Input, target energy.Setpoint) (Decision, bool) {
	isStarting := s.IsStarting
	s.IsStarting = false
	shown, _, ok := r.shown(in.Obs)
	switch {
	case !isStarting || !ok || r.isLeased(shown) || s.Hold.isOfOthers(in.Now):
		return Decision{}, false
	case r.isLike(r.Safe, shown) || r.isLike(target, shown):
		return Decision{}, false // safe, or as it should be: it is taken over as it is
	}
	s.operate(r, in.Now, r.Safe)
	d := s.tell(r, in.Now, r.Safe)
	d.Rule = Start
	return d, true
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
