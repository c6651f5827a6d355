package protect

import (
	"math"
	"slices"
	"time"

	"hearth/energy"
)

// voltage is between a phase and neutral.
const voltage = 230

// turn is one step while it is made.
type turn struct {
	in     Input
	state  State
	ones   []one // in the order in which they are lowered
	period time.Duration
	load   energy.Watts // that the connection will carry by all that is asked for

	hasAmps bool
	phase   int                         // the one that has most
	shown   energy.Reading[energy.Amps] // of it, as the meter says
	worst   energy.Amps                 // of it, as load
}

// one is a device in a turn.
type one struct {
	Device
	own
	before energy.Setpoint // asked until now
	drawn  energy.Watts
	now    energy.Watts // what it takes, or will as soon as it has obeyed
	frozen bound        // for this turn
}

func newTurn(s State, in Input) *turn {
	t := &turn{in: in, state: s.clone(), ones: make([]one, len(in.Devices))}
	t.listen()
	for i, d := range in.Devices {
		o := one{Device: d, own: t.state.own[d.Name]}
		if o.Phases == 0 {
			o.Phases = 3
		}
		o.Floor = o.up(o.Floor)
		o.before = o.asked
		o.drawn = o.takes(in.Now, max(30*time.Second, 3*t.period))
		o.now = o.drawn
		if !o.changed.IsZero() && in.Now.Before(o.changed.Add(t.settle())) {
			o.now = o.powerOf(o.asked)
		}
		if d.Kind == Load && o.drawn > idle {
			o.full = o.drawn
		}
		t.ones[i] = o
	}
	slices.SortStableFunc(t.ones, func(a, b one) int {
		if a.Kind != b.Kind {
			return int(a.Kind - b.Kind)
		}
		return a.Priority - b.Priority
	})
	return t
}

// settle is how long what was asked for may take until the meter shows it.
func (t *turn) settle() time.Duration { return max(leastSettle, 2*t.period) }

// patience is how long there has to be room before a device is given something back.
func (t *turn) patience(o *one) time.Duration { return max(leastWait, 2*t.period, o.wait) }

// takes is what the device takes now, as it says, or else as it was asked to.
func (o *one) takes(now time.Time, maxAge time.Duration) energy.Watts {
	power, isFresh := o.Power.Fresh(now, maxAge)
	switch {
	case isFresh && isNumber(float64(power)):
		return power
	case o.changed.IsZero():
		return 0
	case o.asked.Mode == energy.Release && o.Kind == Vehicle:
		return o.Max
	case o.asked.Mode == energy.Release:
		return 0
	}
	return o.powerOf(o.asked)
}

// count keeps account of what was planned for the slot and not taken.
func (t *turn) count() {
	passed := t.in.Now.Sub(t.state.last)
	isNew := t.state.last.IsZero() || passed <= 0 || passed > 3*t.period || !t.in.Slot.Start.Equal(t.state.slot)
	for i := range t.ones {
		if o := &t.ones[i]; isNew || o.Planned <= 0 {
			o.owed = 0
		} else {
			o.owed += (o.Planned - max(0, o.drawn)).Over(passed)
		}
	}
	t.state.last, t.state.slot = t.in.Now, t.in.Slot.Start
}

// measure reckons what the connection will carry.
func (t *turn) measure() {
	in, s := t.in, t.state
	t.load = in.Grid.Value + s.power.left() + t.change(1)
	t.worst = t.shown.Value + s.amps.left() + energy.Amps(t.change(voltage))
}

// change is what this turn's setpoints will make of the connection's power; over volts, of each phase.
func (t *turn) change(volts float64) (sum energy.Watts) {
	for i := range t.ones {
		o := &t.ones[i]
		if o.asked == o.before && !o.changed.IsZero() {
			continue
		}
		delta := float64(o.powerOf(o.asked) - o.now)
		if volts != 1 {
			delta /= volts * float64(o.Phases)
		}
		sum += energy.Watts(delta)
	}
	return sum
}

// powerOf is what the device will take with a setpoint.
func (o *one) powerOf(s energy.Setpoint) energy.Watts {
	switch s.Mode {
	case energy.Off:
		return 0
	case energy.AtPower:
		return s.Power
	case energy.On:
		return max(s.Power, o.full)
	}
	return o.drawn
}

// wanted is the most the device would take as the plan wants it.
func (o *one) wanted() energy.Watts {
	if o.Want.Mode == energy.Release && o.Kind == Vehicle {
		return max(o.Max, o.drawn)
	}
	return o.powerOf(o.Want)
}

// next is what it takes when it has obeyed this turn.
func (o *one) next() energy.Watts {
	if o.asked == o.before && !o.changed.IsZero() {
		return o.now
	}
	return o.powerOf(o.asked)
}

// least is the smallest change worth asking for.
func (o *one) least() energy.Watts { return max(o.Step, 100) }

// down cuts a power to what the device can hold: a multiple of its step, at least its floor, or nothing.
func (o *one) down(p energy.Watts) energy.Watts {
	if o.Step > 0 {
		p = energy.Watts(math.Floor(float64(p/o.Step)+1e-6)) * o.Step
	}
	if p <= 0 || p < o.Floor {
		return 0
	}
	return p
}

// up is the smallest power it can hold that is at least p.
func (o *one) up(p energy.Watts) energy.Watts {
	if o.Step > 0 {
		p = energy.Watts(math.Ceil(float64(p/o.Step)-1e-6)) * o.Step
	}
	return max(p, o.Floor)
}

// ask makes of the want what the bounds leave of it, and drops bounds that do not bind.
func (o *one) ask() {
	isLeft := o.Want.Mode == energy.Release && (o.Kind != Vehicle || !o.MayChange) // as a charger without a car
	if o.cap.holds && (isLeft || o.wanted() <= o.cap.power) {
		o.cap, o.roomy = bound{}, time.Time{}
	}
	if o.lift.holds && (o.Want.Mode != energy.AtPower || o.Want.Power >= o.lift.power) {
		o.lift = bound{}
	}
	switch o.asked = o.Want; {
	case o.released:
		o.asked = energy.Setpoint{}
	case o.cap.holds && o.Kind == Load:
		o.asked = energy.Setpoint{Mode: energy.Off}
	case o.cap.holds:
		o.asked = energy.Setpoint{Mode: energy.AtPower, Power: o.cap.power, Phases: o.Want.Phases}
	case o.lift.holds:
		o.asked.Power = o.lift.power
	}
}
