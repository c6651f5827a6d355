package guard

import (
	"slices"
	"time"

	"hearth/energy"
)

// contestedBy is how many flips by others in an hour are another controller and not a resident.
const contestedBy = 3

// contestHold is how long a device is left to another controller: long enough to be read of, short enough
// to heal when that one is gone.
const contestHold = 24 * time.Hour

// operate notes that a run begins or ends, or that a mode of heat changes, by our command.
func (s *State) operate(r Rules, now time.Time, target energy.Setpoint) {
	isEdge := r.isEdge(s, target)
	if r.Role == ByHeat && (s.Told != nil || target != r.Safe) { // the first word to one at rest changes nothing
		s.block(now, target)
		s.Changed = now
		s.Operations++
	}
	if !isEdge {
		return
	}
	if r.Role != ByHeat {
		s.Operations++
	}
	s.Switches = append(recent(s.Switches, now, 24*time.Hour), now)
	s.IsActive, s.Since = !s.IsActive, now
	if s.IsActive {
		s.Starts = append(recent(s.Starts, now, 24*time.Hour), now)
	} else {
		s.Pauses = append(recent(s.Pauses, now, time.Hour), now)
	}
}

// isEdge says that a command begins or ends a run.
func (r Rules) isEdge(s *State, target energy.Setpoint) bool {
	switch {
	case r.Role == ByCurtailment:
		return false // a generator neither wears nor rests
	case target.Mode == energy.Release && r.Role != ByHeat:
		return false // nobody knows what it will do
	}
	return isActive(target) != s.IsActive
}

// tooOften holds an edge that the device has no more of today, or in its life. The way to the safe state
// stays open.
func (s *State) tooOften(r Rules, in Input, target energy.Setpoint) (Decision, bool) {
	if target == r.Safe {
		return Decision{}, false
	}
	if r.MaxWear > 0 && s.Operations >= r.MaxWear && !in.IsResident {
		return Decision{Outcome: Refused, Rule: Wear}, true
	}
	s.Switches, s.Starts = recent(s.Switches, in.Now, 24*time.Hour), recent(s.Starts, in.Now, 24*time.Hour)
	if until, ok := free(s.Switches, r.MaxSwitches, 24*time.Hour); !ok {
		return Decision{Outcome: Held, Rule: MaxSwitches, Until: until}, true
	}
	if until, ok := free(s.Starts, r.MaxStarts, 24*time.Hour); !ok && isActive(target) {
		return Decision{Outcome: Held, Rule: MaxStarts, Until: until}, true
	}
	return Decision{}, false
}

// worn is the notice that the relay's budget has come to its last tenth, or to its end.
func (r Rules) worn(before, after int) Rule {
	for _, mark := range []int{r.MaxWear - r.MaxWear/10, r.MaxWear} {
		if r.MaxWear > 0 && before < mark && after >= mark {
			return Wear
		}
	}
	return ""
}

// flipped notes that somebody else has switched the device, and hands it over: to the resident for a
// while, to another controller for a day.
func (s *State) flipped(r Rules, now time.Time) {
	s.Flips = append(recent(s.Flips, now, time.Hour), now)
	if len(s.Flips) >= contestedBy {
		s.Hold = Hold{Contested, now.Add(contestHold)}
		return
	}
	s.Hold = Hold{Override, now.Add(r.OverrideHold)}
}

// maxTimes bounds what is remembered of a device that flaps all day; no rule counts as far.
const maxTimes = 200

// recent is the times of the last while, with room for one more.
func recent(times []time.Time, now time.Time, within time.Duration) []time.Time {
	times = slices.DeleteFunc(times, func(t time.Time) bool { return now.Sub(t) >= within })
	return times[max(0, len(times)-maxTimes+1):]
}

// free says that one more fits under the most of a while, and otherwise when it will.
func free(times []time.Time, most int, within time.Duration) (until time.Time, ok bool) {
	over := len(times) - most
	if most <= 0 || over < 0 {
		return until, true
	}
	return times[over].Add(within), false
}
