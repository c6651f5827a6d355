package decide

import "hearth/energy"

// demand is what is planned in a slot, and what the connection has room for beyond it.
type demand struct {
	plan  *Plan
	slot  int
	spare energy.Watts
}

// obey makes of a want what an operator asks of this one device now, within its own bounds and what the connection has
// room for. What is left of that room is returned. A device whose state nobody knows stays left to itself.
func (p *Planner) obey(d Device, w *Want, in Input, now demand) (spare energy.Watts) {
	planned := energy.Watts(0)
	if power := now.plan.Power(d.Name); power != nil {
		planned = power[now.slot]
	}
	if o, ok := ofDevice(now.plan.Orders, Setpoint, d.Name, in.Now); ok {
		reason := Reason{o.code(), "As the grid's operator asks, " + p.when(o, in.Now) + o.note() + "."}
		if taken, isSet := set(d, w, in, min(o.Power, max(0, planned)+max(0, now.spare))); isSet {
			w.Reason = reason
			return now.spare - max(0, taken-planned)
		}
	}
	if o, ok := ofDevice(now.plan.Orders, ImportLimit, d.Name, in.Now); ok && demanded(d, *w) > o.Power {
		if _, isSet := set(d, w, in, o.Power); isSet {
			w.Reason = Reason{o.code(), "Takes no more than " + o.Power.String() + ": so the grid's operator says, " + p.when(o, in.Now) + o.note() + "."}
		}
	}
	return now.spare
}

// set asks a device to take a power, or the most below that it can; false where it cannot be asked now.
func set(d Device, w *Want, in Input, power energy.Watts) (taken energy.Watts, ok bool) {
	switch {
	case w.Reason.Code == "unknown_state" || w.Reason.Code == "unplugged":
		return 0, false
	case d.Battery != nil:
		taken = min(power, d.Battery.MaxCharge)
		w.Setpoint = energy.Setpoint{Mode: energy.AtPower, Power: taken}
	case d.Vehicle != nil:
		if power >= d.Vehicle.MinCharge {
			taken = min(power, d.Vehicle.MaxCharge)
		}
		w.Setpoint = energy.Setpoint{Mode: energy.AtPower, Power: taken}
	case d.Load != nil:
		w.Setpoint = energy.Setpoint{Mode: energy.Off}
		if d.Load.Power <= power {
			taken = d.Load.Power
			w.Setpoint = energy.Setpoint{Mode: energy.On, Power: taken}
		}
	default: // a program that has begun is not cut, and one that fits may begin as planned
		if !in.Memory[d.Name].Began.IsZero() || d.Appliance.most() <= power {
			return 0, false
		}
		w.Setpoint = energy.Setpoint{Mode: energy.Off}
	}
	return taken, true
}

// demanded is what a device may take as it is wanted.
func demanded(d Device, w Want) energy.Watts {
	switch {
	case d.Appliance != nil && w.Setpoint.Mode != energy.Off:
		return d.Appliance.most()
	case d.Vehicle != nil && w.Setpoint.Mode == energy.Release:
		return d.Vehicle.MaxCharge
	}
	return w.Setpoint.Power
}

// most is the highest power of a program.
func (p Program) most() (most energy.Watts) {
	for _, w := range p.Power {
		most = max(most, w)
	}
	return most
}
