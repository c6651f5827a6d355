package decide

import (
	"math"
	"time"

	"hearth/energy"
	"hearth/scheduler"
)

// battery is planned where it says how full it is.
func (p *Planner) battery(d Device, in Input, problem *scheduler.Problem) scheduler.Device {
	soc, ok := in.Observed[d.Name].SoC.Fresh(in.Now, d.MaxAge)
	if !ok {
		return nil
	}
	b := d.Battery
	within := func(s energy.SoC) energy.WattHours { return energy.WattHours(float64(b.Capacity) * float64(s)) }
	out := scheduler.Battery{
		ID: d.Name, EnergyMin: within(b.Min), EnergyMax: within(b.Max),
		EnergyInitial: within(min(max(soc, b.Min), b.Max)), // what is outside the band is not ours to use
		ChargeMax:     b.MaxCharge, DischargeMax: b.MaxDischarge,
		ChargeEfficiency: b.Efficiency, DischargeEfficiency: b.Efficiency,
		Wear: b.Wear, TerminalValue: terminalValue(problem, b),
	}
	r, ok := p.reserve(out, in, problem.Grid)
	switch {
	case !ok:
		return out
	case r.by == 0 || r.energy <= out.EnergyInitial:
		out.EnergyMin = max(out.EnergyMin, min(r.energy, out.EnergyInitial))
		return out
	}
	return filling(out, r, problem.Grid)
}

// reserve is what a battery is to have stored by a slot, and to keep from there on.
type reserve struct {
	energy energy.WattHours
	by     int // 0: now
}

// reserve is the first that an operator asks for. While there is an emergency, nothing is kept for an outage.
func (p *Planner) reserve(b scheduler.Battery, in Input, grid energy.Grid) (first reserve, ok bool) {
	_, isEmergency := p.emergency(in.Orders, in.Now)
	for _, o := range in.Orders {
		r := reserve{by: grid.Count() + 1}
		switch from, to := o.slots(grid); {
		case from == to || o.Device != "" && o.Device != b.ID:
		case o.Kind == Outage && !isEmergency:
			r = reserve{b.EnergyMax, from}
			if o.Contains(in.Now) {
				r = reserve{b.EnergyInitial, 0}
			}
		case o.Kind == Charge && !o.End.After(grid.End):
			r = reserve{min(o.stored(p.capacity(b.ID)), b.EnergyMax), max(1, slotsBefore(grid, o.End))}
		}
		if r.by <= grid.Count() && (!ok || r.by < first.by) {
			first, ok = r, true
		}
	}
	return first, ok
}

// emergency is the one that holds at t.
func (p *Planner) emergency(orders []Order, t time.Time) (Order, bool) {
	o, ok := p.pressing(orders, t)
	return o, ok && o.Kind == Emergency
}

// stored is the energy that a store of a capacity is to have.
func (o Order) stored(capacity energy.WattHours) energy.WattHours {
	if o.Stored > 0 {
		return o.Stored
	}
	return energy.WattHours(float64(capacity) * float64(o.SoC))
}

func (p *Planner) capacity(battery string) energy.WattHours {
	for _, d := range p.home.Devices {
		if d.Name == battery {
			return d.Battery.Capacity
		}
	}
	return 0
}

// filling is a battery that must have a reserve by a slot: a store with a deadline, as a car is one. From then on it
// rests, in this plan: with what it has then the next plans begin, whatever comes before. What cannot be charged until
// then is not asked for.
func filling(b scheduler.Battery, r reserve, grid energy.Grid) scheduler.Vehicle {
	most := float64(b.ChargeMax.Over(grid.Step)) * float64(r.by) * b.ChargeEfficiency
	missing := energy.WattHours(math.Min(float64(r.energy-b.EnergyInitial), most))
	return scheduler.Vehicle{
		ID: b.ID, Depart: r.by, Ranges: []scheduler.Range{{Max: b.ChargeMax}}, ChargeEfficiency: b.ChargeEfficiency,
		Required: missing, Room: b.EnergyMax - b.EnergyInitial, EnergyInitial: b.EnergyInitial, EnergyMin: b.EnergyMin,
		DischargeMax: b.DischargeMax, DischargeEfficiency: b.DischargeEfficiency, Wear: b.Wear,
	}
}

// terminalValue is what a stored kWh is worth at the end of the horizon: what it will replace is not known,
// so it counts as the mean of what is known, after its loss and wear.
func terminalValue(problem *scheduler.Problem, b *Battery) energy.Price {
	sum := 0.0
	for t, price := range problem.ImportPrice {
		sum += price.Float() + problem.CarbonPrice.Float()*float64(problem.Carbon[t])*1e-6
	}
	value := (sum/float64(len(problem.ImportPrice)) - b.Wear.Float()) * b.Efficiency
	return energy.PriceOf(math.Max(0, value))
}
