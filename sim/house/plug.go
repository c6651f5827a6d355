package house

import (
	"time"

	"hearth/energy"
)

// Plug is a switchable socket that measures.
type Plug struct {
	IsOn   bool             // the relay
	Pulse  time.Duration    // an "on" ends by itself after this; 0: never
	Left   time.Duration    // of the pulse that runs
	Power  energy.Watts     // of the last step
	Energy energy.WattHours // counted since it was made
	Sticks bool             // the relay no longer moves, a fault
}

// Turn moves the relay; each "on" begins the pulse anew.
func (p *Plug) Turn(on bool) {
	if p.Sticks {
		return
	}
	p.IsOn, p.Left = on, 0
	if on {
		p.Left = p.Pulse
	}
}

// step counts what went through for d and ends a pulse that has run out.
func (p *Plug) step(power energy.Watts, d time.Duration) {
	p.Power = power
	p.Energy += power.Over(d)
	if !p.IsOn || p.Left <= 0 {
		return
	}
	if p.Left -= d; p.Left <= 0 {
		p.Turn(false)
	}
}
