package guard

import (
	"math"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// slack is how far a clock may be set back, or a reading be ahead of the request, without meaning anything:
// network time corrects in steps below it, and readings are taken while a cycle runs.
const slack = 2 * time.Second

// catchUp notices a jump of the clock. What was timed before it can no longer be trusted: readings have to
// be new, the run or pause that stands counts from the next one, a lease may have lapsed.
func (s *State) catchUp(r Rules, now time.Time) {
	last := s.Last
	s.Last = now
	gap := now.Sub(last)
	if last.IsZero() || (gap >= -slack && gap <= r.MaxGap) {
		return
	}
	s.Jumped, s.Old, s.Since = now, s.Heard, time.Time{}
	if s.Told != nil {
		s.Told.At, s.Told.SeenAt, s.Told.Seen = now, time.Time{}, 0
		s.Told.Renewed = now.Add(-r.Lease)
	}
	for i, t := range s.Switches {
		if t.After(now) {
			s.Switches[i] = now
		}
	}
	if end := now.Add(max(r.OverrideHold, r.FaultHold)); s.Hold.Until.After(end) {
		s.Hold.Until = end
	}
	if s.WasLost.After(now) {
		s.WasLost = now
	}
}

// unfit is the rule by which nothing may be sent now, because nobody knows how the device is.
func (s *State) unfit(r Rules, in Input) Rule {
	heard, online := r.heard(in.Obs), in.Obs.Online
	s.Heard = heard
	if r.IsWatched && !(online.Valid && online.Value) {
		if online.Valid {
			s.WasLost = in.Now
		}
		return Offline
	}
	if !r.IsReadBack {
		s.Jumped = time.Time{}
		return "" // it says nothing of its commands: there is nothing to wait for
	}
	if !s.Jumped.IsZero() {
		// A clock set back passes the time of an old reading once more: that one stays old.
		if !heard.After(s.Jumped) || heard.After(in.Now.Add(slack)) || heard.Equal(s.Old) {
			return Clock
		}
		s.Jumped = time.Time{}
	}
	if in.Now.Sub(heard).Abs() > r.MaxAge {
		return Stale
	}
	return ""
}

// heard is when the device last said something a command may go by: a switch its state, anything else
// any measured value. The zero time: never.
func (r Rules) heard(o devices.Observation) time.Time {
	if !r.HasPowers {
		return saidAt(o.On)
	}
	newest := saidAt(o.On)
	for _, t := range []time.Time{saidAt(o.Power), saidAt(o.Setpoint), saidAt(o.SoC), saidAt(o.Plugged), saidAt(o.Imported)} {
		if t.After(newest) {
			newest = t
		}
	}
	return newest
}

func saidAt[T any](r energy.Reading[T]) time.Time {
	if !r.Valid {
		return time.Time{}
	}
	return r.At
}

// shown is what the device says it was told, and when it said so; false when it does not say. A device
// that follows its own control has no setpoint to show.
func (r Rules) shown(o devices.Observation) (s energy.Setpoint, at time.Time, ok bool) {
	switch {
	case !r.IsReadBack:
		return s, at, false
	case r.HasPowers && o.Setpoint.Valid:
		return energy.Setpoint{Mode: energy.AtPower, Power: o.Setpoint.Value}, o.Setpoint.At, true
	case r.HasPowers:
		at = r.heard(o)
		return energy.Setpoint{Mode: energy.Release}, at, !at.IsZero()
	case o.On.Value:
		return energy.Setpoint{Mode: energy.On}, o.On.At, o.On.Valid
	}
	return energy.Setpoint{Mode: energy.Off}, o.On.At, o.On.Valid
}

// isShown says that a reading agrees with a setpoint. Released, a device does what it likes.
func (r Rules) isShown(told, shown energy.Setpoint) bool {
	if told.Mode == energy.Release {
		return true
	}
	return told.Mode == shown.Mode && math.Abs(float64(told.Power-shown.Power)) <= float64(r.Tolerance)
}

// learn takes in the newest reading: it confirms the command that stands, counts against it, or shows
// that something else has switched the device.
func (s *State) learn(r Rules, in Input) {
	shown, at, ok := r.shown(in.Obs)
	if !ok || in.Now.Sub(at).Abs() > r.MaxAge {
		return
	}
	if s.Told == nil {
		if shown.Mode == r.Safe.Mode && r.isShown(r.Safe, shown) {
			s.IsOwed = false
		}
		s.setActive(shown, at)
		s.WasLost = time.Time{}
		return
	}
	if !at.After(s.Told.At) {
		return // said before the command
	}
	switch told := s.Told; {
	case r.isShown(told.Setpoint, shown):
		if !told.IsConfirmed && told.IsEdge {
			s.Since = time.Time{} // the run began no later than it was seen: counted from here it is never cut short
		}
		s.setActive(shown, at)
		told.IsConfirmed = true
		if told.Setpoint == r.Safe {
			s.IsOwed = false
		}
	case !told.IsConfirmed && (told.IsEdge || shown.Mode == energy.Release || isActive(shown) == isActive(told.Setpoint)):
		if at.After(told.SeenAt) {
			told.Seen, told.SeenAt = told.Seen+1, at
		}
		return
	default: // also when a change of power finds that somebody has ended the run
		s.left(r, in.Now, shown, at)
	}
	if at.After(s.WasLost) {
		s.WasLost = time.Time{}
	}
}

// left handles a reading that no command of ours explains.
func (s *State) left(r Rules, now time.Time, shown energy.Setpoint, at time.Time) {
	s.setActive(shown, at)
	// A guard that is served renews at a third of the lease, so past two thirds it was not served.
	hasLapsed := r.isLeased(s.Told.Setpoint) && at.Sub(s.Told.Renewed) >= r.Lease*2/3 && (r.HasPowers || !isActive(shown))
	if hasLapsed || !s.WasLost.IsZero() || shown.Mode == energy.Release {
		s.Told = nil
		return
	}
	s.Told = &Command{Setpoint: shown, At: at, Renewed: at, IsConfirmed: true}
	s.Hold = Hold{Override, now.Add(r.OverrideHold)}
}

// setActive notes an edge. Of a device never heard before it is assumed that it has just changed.
func (s *State) setActive(shown energy.Setpoint, at time.Time) {
	if shown.Mode == energy.Release {
		return // under its own control it may do either
	}
	if active := isActive(shown); s.IsActive != active || s.Since.IsZero() {
		s.IsActive, s.Since = active, at
	}
}

// isActive says that a setpoint makes the device take or give power.
func isActive(s energy.Setpoint) bool {
	return s.Mode == energy.On || (s.Mode == energy.AtPower && s.Power != 0)
}
