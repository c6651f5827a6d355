package house

import (
	"time"

	"hearth/energy"
)

// The installation: three phases, 16 A each.
const (
	Voltage   = 230 // V of each phase
	Phases    = 3
	MostAmps  = 16000 // mA the wiring allows, and the failsafe that an electrician leaves behind
	leastAmps = 6000  // mA: below it a car pauses (IEC 61851-1)
)

// ChargerState is register 1000 of a KEBA P30.
type ChargerState uint32

// The states a healthy charger can be in.
const (
	NotReady  ChargerState = 1 // no car
	Ready     ChargerState = 2 // a car that does not want
	Charging  ChargerState = 3
	Suspended ChargerState = 5 // a car that may not
)

// Charger is a wall box on three phases with a watchdog: where no command comes for Timeout it leaves
// what it was told and offers the failsafe current, until the next command.
type Charger struct {
	IsEnabled bool
	Limit     uint32 // mA it was told to offer
	Failsafe  uint32 // mA offered when nobody commands
	Timeout   time.Duration
	Silence   time.Duration    // since the last command
	Power     energy.Watts     // of the last step
	Energy    energy.WattHours // counted since it was made
	Session   energy.WattHours // of the car that is, or was last, plugged in
	State     ChargerState
}

func newCharger() Charger {
	return Charger{IsEnabled: true, Limit: MostAmps, Failsafe: MostAmps, State: NotReady}
}

// Heard feeds the watchdog; every command does.
func (c *Charger) Heard() { c.Silence = 0 }

// HasFallenBack says that the watchdog has run out.
func (c *Charger) HasFallenBack() bool { return c.Timeout > 0 && c.Silence >= c.Timeout }

// Amps is the current offered now, in mA per phase; zero pauses.
func (c *Charger) Amps() uint32 {
	amps := c.Limit
	switch {
	case c.HasFallenBack():
		amps = c.Failsafe
	case !c.IsEnabled:
		return 0
	}
	if amps < leastAmps {
		return 0
	}
	return min(amps, MostAmps)
}

func (c *Charger) step(car *Car, o Outside) {
	wasHome := car.IsHome
	car.move(o)
	if car.IsHome && !wasHome {
		c.Session = 0
	}
	offered := energy.Watts(c.Amps()) / 1000 * Voltage * Phases
	d := o.Span.Length()
	c.Power = car.charge(offered, o)
	c.Energy += c.Power.Over(d)
	c.Session += c.Power.Over(d)
	c.Silence += d
	switch {
	case !car.IsHome:
		c.State = NotReady
	case c.Power > 0:
		c.State = Charging
	case offered == 0:
		c.State = Suspended
	default:
		c.State = Ready
	}
}
