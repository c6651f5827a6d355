package guard

import (
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
	for _, times := range [][]time.Time{s.Switches, s.Starts, s.Pauses, s.Flips} {
		for i, t := range times {
			times[i] = earlier(t, now)
		}
	}
	for i, b := range s.Blocked {
		s.Blocked[i] = Block{earlier(b.Start, now), earlier(b.End, now)}
	}
	for _, t := range []*time.Time{&s.Changed, &s.Ramping, &s.Phasing.Since, &s.Phasing.Quiet, &s.Phasing.Last} {
		*t = earlier(*t, now)
	}
	longest := max(r.OverrideHold, r.FaultHold)
	if s.Hold.Rule == Contested {
		longest = contestHold
	}
	s.Hold.Until = earlier(s.Hold.Until, now.Add(longest))
	s.WasLost = earlier(s.WasLost, now)
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
	newest := saidAt(o.On)
	switch r.Role {
	case BySwitch:
		return newest
	case ByHeat:
		newest = later(saidAt(o.Thermal), saidAt(o.Temperature))
	case ByCurtailment:
		newest = saidAt(o.Curtailment)
	}
	for _, t := range []time.Time{saidAt(o.Power), saidAt(o.Setpoint), saidAt(o.SoC), saidAt(o.Plugged), saidAt(o.Imported)} {
		newest = later(newest, t)
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
	case r.Role == ByHeat && o.Thermal.Value == devices.ThermalNormal:
		return energy.Setpoint{Mode: energy.Release}, o.Thermal.At, o.Thermal.Valid
	case r.Role == ByHeat:
		return energy.Setpoint{Mode: energy.Mode(o.Thermal.Value)}, o.Thermal.At, o.Thermal.Valid
	case r.Role == ByCurtailment:
		return energy.Setpoint{Mode: energy.AtMost, Power: -o.Curtailment.Value}, o.Curtailment.At, o.Curtailment.Valid
	case r.Role == ByPower && o.Setpoint.Valid:
		return energy.Setpoint{Mode: energy.AtPower, Power: o.Setpoint.Value}, o.Setpoint.At, true
	case r.Role == ByPower:
		at = r.heard(o)
		return energy.Setpoint{Mode: energy.Release}, at, !at.IsZero()
	case o.On.Value:
		return energy.Setpoint{Mode: energy.On}, o.On.At, o.On.Valid
	}
	return energy.Setpoint{Mode: energy.Off}, o.On.At, o.On.Valid
}

// isShown says that a reading agrees with a setpoint. Released, a device does what it likes; only a heat
// pump has a mode for it.
func (r Rules) isShown(told, shown energy.Setpoint) bool {
	return told.Mode == energy.Release && r.Role != ByHeat || r.isLike(told, shown)
}

// isLike says that a reading shows just this.
func (r Rules) isLike(told, shown energy.Setpoint) bool {
	if r.Role == ByCurtailment && told.Mode == energy.Release {
		return r.Min < 0 && shown.Power <= r.Min+r.Tolerance // bounded by what it can give anyway
	}
	return told.Mode == shown.Mode && magnitude(told.Power-shown.Power) <= r.Tolerance
}

// learn takes in the newest reading: it confirms the command that stands, counts against it, or shows
// that something else has switched the device.
func (s *State) learn(r Rules, in Input) {
	shown, at, ok := r.shown(in.Obs)
	if !ok || in.Now.Sub(at).Abs() > r.MaxAge {
		return
	}
	if s.Told == nil {
		if r.isLike(r.Safe, shown) {
			s.IsOwed = false
		}
		s.setActive(r, shown, at)
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
		s.setActive(r, shown, at)
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
	s.setActive(r, shown, at)
	// A guard that is served renews at a third of the lease, so past two thirds it was not served.
	hasLapsed := r.isLeased(s.Told.Setpoint) && at.Sub(s.Told.Renewed) >= r.Lease*2/3 && (r.Role != BySwitch || !isActive(shown))
	if hasLapsed || !s.WasLost.IsZero() || shown.Mode == energy.Release || s.IsStarting || r.Role == ByCurtailment && r.isLike(energy.Setpoint{}, shown) {
		s.Told = nil
		return
	}
	s.Told = &Command{Setpoint: shown, At: at, Renewed: at, IsConfirmed: true}
	s.flipped(r, now)
}

// setActive notes an edge. Of a device never heard before it is assumed that it has just changed.
func (s *State) setActive(r Rules, shown energy.Setpoint, at time.Time) {
	if shown.Mode == energy.Release && r.Role != ByHeat {
		return // under its own control it may do either
	}
	active := isActive(shown)
	if s.IsActive != active {
		s.Operations++ // whoever did it: the relay wears all the same, and so does the compressor
		if active {
			s.Starts = append(recent(s.Starts, at, 24*time.Hour), at)
		}
	}
	if s.IsActive != active || s.Since.IsZero() {
		s.IsActive, s.Since = active, at
	}
}

// isActive says that a setpoint makes the device take or give power, or a heat pump more than it would.
func isActive(s energy.Setpoint) bool {
	switch s.Mode {
	case energy.On, energy.Recommended, energy.Forced:
		return true
	case energy.AtPower, energy.AtMost:
		return s.Power != 0
	}
	return false
}
