package protect

import (
	"maps"
	"time"

	"hearth/energy"
)

// What the times are where the meter is quick; a slow one makes them longer.
const (
	leastSettle = 5 * time.Second  // a car follows its charger within this (IEC 61851-1, table A.6)
	leastWait   = 20 * time.Second // room must have been there so long before something is given back
	mostWait    = 15 * time.Minute
	pauseAfter  = 40 * time.Second // at the floor, while the meter is silent
	slowest     = 2 * time.Minute  // a meter that speaks less often is a silent one
)

// idle is what counts as nothing: half of what a meter's and a device's own error add up to.
const idle energy.Watts = 50

// State is what is remembered between two steps. The zero value knows nothing. It is replaced, never changed.
type State struct {
	own map[string]own

	last    time.Time     // of the last step
	slot    time.Time     // its start
	began   time.Time     // of the first step, or the first after the clock has jumped
	heard   time.Time     // of the newest reading
	gap     time.Duration // between the last two
	rhythm  time.Duration
	power   pending[energy.Watts] // asked for, and not yet seen by the meter
	amps    pending[energy.Amps]  // of the phase that has most
	silence stage
	trouble Trouble
}

// Trouble is what cannot be helped. It is comparable.
type Trouble struct {
	Rule Rule
	Text string // a sentence; empty: there is none
}

// Trouble says what is wrong in spite of all that was lowered; the zero value: nothing.
func (s State) Trouble() Trouble { return s.trouble }

// own is what is remembered of one device.
type own struct {
	asked   energy.Setpoint
	changed time.Time // of asked; zero: never asked
	full    energy.Watts

	cap, lift bound
	released  bool // a battery, for the meter is silent

	roomy  time.Time // since when there has been room to give back; zero: there is none
	raised time.Time // when it was given back last
	wait   time.Duration
	owed   energy.WattHours // of what was planned for the slot, and not taken
}

// bound is a power that is not to be left, and why.
type bound struct {
	holds bool
	power energy.Watts
	rule  Rule
	why   string // the second half of the sentence

	isForced bool // against what its guard would keep
}

func (s State) clone() State {
	s.own = maps.Clone(s.own)
	if s.own == nil {
		s.own = map[string]own{}
	}
	return s
}

// pending is what was asked for and the meter has not shown. What the meter moves in the same direction counts as part of
// it.
type pending[T ~float64] struct {
	up, down T // above and below 0
	reading  T
	until    time.Time
}

// seen takes in a reading.
func (p pending[T]) seen(reading T, at time.Time) pending[T] {
	if moved := reading - p.reading; moved > 0 {
		p.up = max(0, p.up-moved)
	} else {
		p.down = min(0, p.down-moved)
	}
	if p.reading = reading; !at.Before(p.until) {
		p.up, p.down = 0, 0
	}
	return p
}

// plus adds a change asked for now.
func (p pending[T]) plus(change T, until time.Time) pending[T] {
	if change == 0 {
		return p
	}
	p.up, p.down, p.until = p.up+max(0, change), p.down+min(0, change), until
	return p
}

// left is what is still to come.
func (p pending[T]) left() T { return p.up + p.down }
