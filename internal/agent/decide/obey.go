package decide

import "hearth/energy"

// demand is what is planned in a slot, and what the connection has room for beyond it.
type demand struct {
	plan  *Plan
	slot  int
	spare energy.Watts
}

// obey makes of a want what an operator asks of this one device now, within its own bounds and what the connection has
// room for. What is left of that room is returned. To a device whose state nobody knows no setpoint is given; a limit
// holds whatever is known of it.
func (p *Planner) obey(d Device, w *Want, in Input, now demand) (spare energy.Watts) {
	planned := energy.Watts(0)
	if power := now.plan.Power(d.Name); power != nil {
		planned = power[now.slot]
	}
	limit, isLimited := tightest(now.plan.Orders, ImportLimit, d.Name, in.Now)
	if o, ok := ofDevice(now.plan.Orders, Setpoint, d.Name, in.Now); ok && w.Reason.Code != "unknown_state" {
		power := min(o.Power, max(0, planned)+max(0, now.spare))
		if isLimited {
			power = min(power, limit.Power)
		}
		reason := Reason{o.code(), "As the grid's operator asks, " + p.when(o, in.Now) + o.note() + "."}
		if taken, isSet := set(d, w, in, power); isSet {
			w.Reason = reason
			return now.spare - max(0, taken-planned)
		}
	}
	if isLimited {
		p.bound(d, w, in, bound{limit, planned})
	}
	return now.spare
}

// bound is a limit of a device, and what is planned for it.
type bound struct {
	Order
	planned energy.Watts
}

// bound keeps a device within a limit of its own. A battery that follows the house by itself is held at what is planned
// for it: no wire says "at most" to a battery, and the limit itself would be an order to charge.
func (p *Planner) bound(d Device, w *Want, in Input, b bound) {
	if demanded(d, *w) <= b.Power {
		return
	}
	power := b.Power
	if d.Battery != nil {
		power = min(power, b.planned)
	}
	if _, isSet := set(d, w, in, power); isSet {
		w.Reason = Reason{b.code(), "Takes no more than " + b.Power.String() + ": so the grid's operator says, " + p.when(b.Order, in.Now) + b.note() + "."}
	}
}

// set asks a device to take a power, or the most below that it can; false where it cannot be asked now.
func set(d Device, w *Want, in Input, power energy.Watts) (taken energy.Watts, ok bool) {
	switch {
	case w.Reason.Code == "unplugged":
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
		if task := in.Memory[d.Name]; !task.Began.IsZero() || task.IsOn || d.Appliance.most() <= power {
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
	case d.Battery != nil && w.Setpoint.Mode == energy.Release:
		return d.Battery.MaxCharge // from the sun
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
