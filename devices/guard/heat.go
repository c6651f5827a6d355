package guard

import (
	"slices"
	"time"

	"hearth/energy"
)

// Block is a time a heat pump was blocked; a zero End: it still is.
type Block struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end,omitzero"`
}

// block notes that a heat pump is blocked from now on, or no longer.
func (s *State) block(now time.Time, target energy.Setpoint) {
	s.Blocked = slices.DeleteFunc(s.Blocked, func(b Block) bool { return !b.End.IsZero() && now.Sub(b.End) >= 24*time.Hour })
	last := len(s.Blocked) - 1
	isBlocked := last >= 0 && s.Blocked[last].End.IsZero()
	switch {
	case target.Mode == energy.Blocked && !isBlocked:
		s.Blocked = append(s.Blocked, Block{Start: now})
	case target.Mode != energy.Blocked && isBlocked:
		s.Blocked[last].End = now
	}
}

// blockedFor is how long it was blocked in the last 24 hours.
func (s *State) blockedFor(now time.Time) time.Duration {
	var total time.Duration
	for _, b := range s.Blocked {
		end := b.End
		if end.IsZero() {
			end = now
		}
		total += max(0, end.Sub(later(b.Start, now.Add(-24*time.Hour))))
	}
	return total
}

// warmed leaves a heat pump to its own control where it must not be blocked.
func (s *State) warmed(r Rules, in Input, target energy.Setpoint) (energy.Setpoint, Rule) {
	temperature, isKnown := in.Obs.Temperature.Fresh(in.Now, r.MaxAge)
	switch {
	case target.Mode != energy.Blocked:
		return target, ""
	case isKnown && temperature < r.Coldest:
		return energy.Setpoint{}, Frost
	case s.blockedFor(in.Now) >= r.MaxBlocked:
		return energy.Setpoint{}, MaxBlocked
	}
	return target, ""
}
