package guard

import (
	"slices"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// Input is what one step is decided on, besides the state.
type Input struct {
	Now  time.Time           `json:"now"`
	Want energy.Setpoint     `json:"want"`
	Obs  devices.Observation `json:"obs"`

	// Basis is the time of the oldest thing the want rests on (the house's meter, the plan); zero: on
	// nothing that ages.
	Basis time.Time `json:"basis,omitzero"`
	// IsForced says that a fuse or the grid's operator needs less: a want of less comes through at once.
	IsForced bool `json:"is_forced,omitempty"`
	// IsResident says that the want is the resident's own: it ends an override and outlives the relay's budget.
	IsResident bool `json:"is_resident,omitempty"`
}

// State is what a guard remembers. The zero value knows nothing of the device; the agent stores it after
// each request and hands it to [New] after a restart.
type State struct {
	Last     time.Time   `json:"last,omitzero"`   // time of the last step
	Jumped   time.Time   `json:"jumped,omitzero"` // the clock jumped then; only later readings count. Zero: not waiting
	Heard    time.Time   `json:"heard,omitzero"`  // time of the newest reading at the last step
	Old      time.Time   `json:"old,omitzero"`    // Heard before the jump
	Told     *Command    `json:"told,omitempty"`  // the command that stands; nil: none
	IsActive bool        `json:"is_active"`       // it takes or gives power, as far as is known
	Since    time.Time   `json:"since,omitzero"`  // of IsActive
	Switches []time.Time `json:"switches,omitempty"`
	Hold     Hold        `json:"hold,omitzero"`
	WasLost  time.Time   `json:"was_lost,omitzero"` // when it was last seen offline; zero: heard since
	IsOwed   bool        `json:"is_owed,omitempty"` // it was told something else than its safe state, and has not been seen to be left in it

	Starts     []time.Time `json:"starts,omitempty"`     // of the last 24 hours, whoever began them
	Pauses     []time.Time `json:"pauses,omitempty"`     // of the last hour, by us
	Flips      []time.Time `json:"flips,omitempty"`      // of the last hour, by somebody else
	Operations int         `json:"operations,omitempty"` // of its relay, in its life
	Ramping    time.Time   `json:"ramping,omitzero"`     // another power is wanted since; zero: the wanted one stands
	Phasing    Phasing     `json:"phasing,omitzero"`
	Changed    time.Time   `json:"changed,omitzero"` // of a mode of heat
	Blocked    []Block     `json:"blocked,omitempty"`

	// IsStarting says that nothing was heard since [New]; Stopped is the time of the last step before it.
	IsStarting bool      `json:"is_starting,omitempty"`
	Stopped    time.Time `json:"stopped,omitzero"`
}

// Command is a setpoint and how far it has got.
type Command struct {
	Setpoint    energy.Setpoint `json:"setpoint"`
	At          time.Time       `json:"at"`      // sent, or repeated because it did not show
	Renewed     time.Time       `json:"renewed"` // sent last, for its lease
	IsConfirmed bool            `json:"is_confirmed"`
	IsEdge      bool            `json:"is_edge"` // it starts or ends a run
	Tries       int             `json:"tries"`
	Seen        int             `json:"seen"` // readings since At that do not show it
	SeenAt      time.Time       `json:"seen_at,omitzero"`
}

// Hold keeps the guard's hands off until its end.
type Hold struct {
	Rule  Rule      `json:"rule"` // Override, Contested or Unconfirmed
	Until time.Time `json:"until"`
}

// isOfOthers says that the device is somebody else's until the hold ends.
func (h Hold) isOfOthers(now time.Time) bool {
	return (h.Rule == Override || h.Rule == Contested) && now.Before(h.Until)
}

// clone is a state that shares nothing with s.
func (s State) clone() State {
	for _, list := range []*[]time.Time{&s.Switches, &s.Starts, &s.Pauses, &s.Flips} {
		*list = slices.Clone(*list)
	}
	s.Blocked = slices.Clone(s.Blocked)
	if s.Told != nil {
		told := *s.Told
		s.Told = &told
	}
	return s
}

// isRefuted says that the device had its chance to show the command and did not.
func (c *Command) isRefuted(r Rules, now time.Time) bool {
	return !c.IsConfirmed && c.Seen >= minSeen && !now.Before(c.At.Add(r.ConfirmWithin))
}

// forget drops a command of which nobody knows how far it got: if it was an edge, that edge may come yet.
func (s *State) forget() {
	if s.Told.IsEdge {
		s.Since = time.Time{} // counted from the next reading
	}
	s.Told = nil
}
