package appliance

import (
	"math"
	"time"
)

// slack is how far a clock may be set back without meaning anything.
const slack = 2 * time.Second

// restedFor is how long a machine is quiet before a start is taken for one: inside a program it never is for
// more than one minute.
const restedFor = 2 * time.Minute

// Step is what follows from one more look at a machine. It is pure; the state handed in is not changed.
func (r Rules) Step(s State, in Input) (State, Output) {
	r = r.WithDefaults()
	s.Trace = s.Trace.clone()
	isJumped := !s.Last.IsZero() && in.Now.Before(s.Last.Add(-slack))
	s.Last = in.Now
	if isJumped {
		s.jumped(in.Now)
	}
	s.look(r, in)
	var out Output
	switch s.Phase {
	case Armed:
		s.whileArmed(r, in)
	case Held:
		s.whileHeld(r, in, isJumped)
	case Running:
		out = s.whileRunning(r, in)
	default:
		s.whileIdle(r, in)
	}
	out.On, out.Phase, out.Why = s.Phase != Held, s.Phase, s.Why
	if s.Phase == Held {
		out.Until = s.Until
	}
	return s, out
}

// jumped forgets what was timed by a clock that was set back.
func (s *State) jumped(now time.Time) {
	s.Above, s.Below, s.Seen, s.IsHot, s.Trace.IsBroken = time.Time{}, time.Time{}, time.Time{}, true, true
	for _, t := range []*time.Time{&s.Armed, &s.Resumed, &s.Trace.Began} {
		if t.After(now) {
			*t = now
		}
	}
}

// look takes in the newest reading of its power.
func (s *State) look(r Rules, in Input) {
	age := in.Now.Sub(in.Power.At)
	isPower := in.Power.Valid && !math.IsNaN(float64(in.Power.Value)) && !math.IsInf(float64(in.Power.Value), 0)
	isNew := isPower && in.Power.At.After(s.Seen) && age.Abs() <= r.MaxGap
	if !isNew {
		if in.Now.Sub(s.Seen) > r.MaxGap {
			s.blind()
		}
		return
	}
	at, power := in.Power.At, in.Power.Value
	if !s.Seen.IsZero() && at.Sub(s.Seen) > r.MaxGap {
		s.blind()
	}
	if s.Phase == Armed || s.Phase == Running {
		s.Trace.add(s.Seen, at, power)
	}
	s.Seen, s.Trace.Power = at, power
	switch {
	case power <= r.ArmAbove:
		s.Above = time.Time{}
	case s.Above.IsZero():
		s.Above = at
		if s.Phase == Idle || s.Phase == Done {
			s.Trace = begun(at, power)
			// Of what was not seen to rest before, nobody knows how far its program is.
			s.IsHot = s.Below.IsZero() || at.Sub(s.Below) < restedFor
			s.Trace.IsBroken = s.IsHot
		}
	case s.Phase == Idle || s.Phase == Done:
		s.Trace.add(s.Trace.Until, at, power)
	}
	switch {
	case power >= r.DoneBelow, in.On.Valid && !in.On.Value: // without current, quiet is no rest
		s.Below = time.Time{}
	case s.Below.IsZero():
		s.Below = at
	}
	s.IsHot = s.IsHot || power > r.HotAbove
}

// blind notes that nobody knows what it took for a while: it may have heated.
func (s *State) blind() {
	s.Above, s.Below = time.Time{}, time.Time{}
	s.IsHot, s.Trace.IsBroken = true, true
}

func (s *State) whileIdle(r Rules, in Input) {
	s.Why = Free
	if s.Above.IsZero() || s.Seen.Sub(s.Above) < r.ArmFor {
		return
	}
	*s = State{
		Phase: Armed, Why: Starting, Last: s.Last, Seen: s.Seen, Above: s.Above, Armed: in.Now, IsHot: s.IsHot,
		IsGoing: true, Finished: s.Finished, Trace: s.Trace,
	}
	s.whileArmed(r, in)
}

// whileArmed cuts it, where it may be cut and the plan has a better time.
func (s *State) whileArmed(r Rules, in Input) {
	switch {
	case r.IsUnsafeToResume:
		s.run(in.Now, Unsafe)
	case s.IsHot:
		s.run(in.Now, TooHot)
	case in.Now.Sub(s.Armed) > r.ColdFor:
		s.run(in.Now, TooLate)
	case in.IsStopping:
		s.run(in.Now, Stopping)
	case in.IsTapped:
		s.run(in.Now, Tapped)
	case in.Slot == nil:
		s.Why = Starting // a plan that knows of it may yet come
	case !in.Now.Before(in.Slot.Latest):
		s.run(in.Now, Late)
	case !in.Now.Before(in.Slot.Start):
		s.run(in.Now, ItsTime)
	case in.Now.Sub(s.Seen) > r.ArmFor: // it may heat by now: the next reading tells
	default:
		s.Phase, s.Why, s.Cut, s.Latest = Held, Waits, in.Now, in.Slot.Latest
		s.Above, s.Below = time.Time{}, time.Time{}
		s.until(r, *in.Slot)
	}
}

// until is when a hold ends: at the planned time, and no later than its machine and its first deadline allow.
func (s *State) until(r Rules, slot Slot) {
	s.Until = slot.Start
	for _, end := range []time.Time{s.Latest, slot.Latest} {
		if end.Before(s.Until) {
			s.Until = end
		}
	}
	if end := s.Cut.Add(r.MaxHold); r.MaxHold > 0 && end.Before(s.Until) {
		s.Until = end
	}
}

// whileHeld gives the current back as soon as anything says so.
func (s *State) whileHeld(r Rules, in Input, isJumped bool) {
	if in.Slot != nil {
		s.until(r, *in.Slot)
	}
	isOff := in.On.Valid && !in.On.Value && in.On.At.After(s.Cut)
	isOn := in.On.Valid && in.On.Value && in.On.At.After(s.Cut)
	s.IsCut = s.IsCut || isOff
	switch {
	case isJumped:
		s.run(in.Now, ClockJumped)
	case in.IsStopping:
		s.run(in.Now, Stopping)
	case in.IsTapped:
		s.run(in.Now, Tapped)
	case s.IsCut && isOn:
		s.run(in.Now, ByHand)
	case !s.IsCut && (s.IsHot && isOn || in.Now.Sub(s.Armed) > r.ColdFor):
		s.run(in.Now, NotCut) // what has not been cut by now must not be cut any more
	case in.Slot == nil:
		s.run(in.Now, NoPlan)
	case !in.Now.Before(s.Until):
		s.run(in.Now, s.ended(r, *in.Slot))
	}
}

// ended is why a hold is over.
func (s *State) ended(r Rules, slot Slot) Why {
	switch {
	case s.Until.Equal(slot.Start):
		return ItsTime
	case r.MaxHold > 0 && s.Until.Equal(s.Cut.Add(r.MaxHold)):
		return MaxHeld
	}
	return Late
}

// run gives a machine its current until its program is over.
func (s *State) run(now time.Time, why Why) {
	if s.Phase == Held {
		s.Resumed, s.IsGoing = now, false
		s.Above, s.Below = time.Time{}, time.Time{}
		s.Trace.resume(s.IsCut)
	}
	s.Phase, s.Why = Running, why
}

// whileRunning looks for the end of the program, and for a machine that did not go on.
func (s *State) whileRunning(r Rules, in Input) (out Output) {
	began := s.Armed
	if !s.Resumed.IsZero() {
		began = s.Resumed
	}
	if !s.Above.IsZero() && s.Above.After(s.Resumed) {
		s.IsGoing = true
	}
	ran := in.Now.Sub(began)
	if !s.IsGoing && ran >= r.RestartWithin && !s.IsSaid {
		s.IsSaid, s.Why, out.Notice = true, NotStarted, NotStarted
	}
	if in.Length > 0 && ran > in.Length*3/2 && s.IsGoing && !s.IsLong {
		s.IsLong, out.Notice = true, TooLong
	}
	if ran < r.DoneAfter || s.Below.IsZero() || s.Seen.Sub(s.Below) < r.DoneFor {
		return out
	}
	if s.IsGoing {
		out.Run = s.Trace.ended(s.Below)
	}
	finished := s.Below
	*s = State{Phase: Done, Why: Free, Last: s.Last, Seen: s.Seen, Below: s.Below, Finished: finished}
	return out
}
