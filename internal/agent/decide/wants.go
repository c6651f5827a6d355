package decide

import (
	"time"

	"hearth/energy"
)

// idle is the grid power below which the house counts as neither importing nor exporting, and the battery
// power below which it counts as resting: half of what a meter's and an inverter's own error add up to.
const idle energy.Watts = 50

// Want is what a device should do now, and why.
type Want struct {
	Device   string          `json:"device"`
	Setpoint energy.Setpoint `json:"setpoint"`
	Reason   Reason          `json:"reason"`
}

// Reason says why, as a word for programs and as a sentence for people.
type Reason struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Wants is what each controlled device should do now, in the order of the home's devices. Without a plan
// that covers now everything is left to its own control, but for what operators ask (Orders of the input).
func (p *Planner) Wants(in Input, plan *Plan) []Want {
	var wants []Want
	slot, isPlanned := plan.Slot(in.Now)
	news := unplanned(in, plan)
	var spare energy.Watts
	if isPlanned {
		spare = plan.Problem.ImportLimit[slot] - plan.Import[slot] + plan.Export[slot]
	}
	for _, d := range p.home.Devices {
		if d.Battery == nil && d.Vehicle == nil && d.Appliance == nil && d.Load == nil {
			continue
		}
		w := Want{Device: d.Name}
		switch {
		case !isPlanned && d.Load != nil:
			w.Reason = Reason{"no_plan", "Off: there is no plan that covers now."}
		case !isPlanned:
			w.Reason = Reason{"no_plan", "Left to itself: there is no plan that covers now."}
		case d.Battery != nil:
			w = p.batteryWant(d, in, plan, slot)
		case d.Vehicle != nil:
			w = p.vehicleWant(d, in, plan, slot)
		case d.Appliance != nil:
			w = p.applianceWant(d, in, plan)
		default:
			w = p.loadWant(d, in, plan, slot)
		}
		if isPlanned {
			spare = p.obey(d, &w, in, demand{plan, slot, spare})
		}
		if len(news) > 0 {
			p.obeyUnplanned(d, &w, in, news)
		}
		wants = append(wants, w)
	}
	return wants
}

// batteryWant lets the battery follow the house by itself wherever the plan has no exchange with the grid in
// the slot: its own control sees the kettle, the plan does not.
func (p *Planner) batteryWant(d Device, in Input, plan *Plan, slot int) Want {
	w := Want{Device: d.Name}
	power := plan.Power(d.Name)
	if power == nil {
		w.Reason = Reason{"unknown_state", "Left to itself: it does not say how full it is."}
		return w
	}
	planned, balance := power[slot], plan.Import[slot]-plan.Export[slot]
	isBalanced := balance > -idle && balance < idle
	price, grid := plan.price(slot), perKWh(plan.Problem.ImportPrice[slot], plan.Problem.Currency)
	switch {
	case isBalanced && planned < -idle:
		w.Reason = Reason{"covers_house", "Covers the house: the grid would cost " + grid + "."}
	case isBalanced && planned > idle:
		w.Reason = Reason{"stores_surplus", "Stores the sun that the house does not need."}
	case planned > idle && balance > idle:
		w.Reason = Reason{"charge_cheap", "Charges from the grid: at " + price + " it is cheaper than later."}
	case planned > idle:
		w.Reason = Reason{"stores_surplus", "Stores sun at the pace of the plan; the rest is sold."}
	case planned < -idle && balance < -idle:
		w.Reason = Reason{"sell", "Gives to the grid: it pays more now than later."}
	case planned < -idle:
		w.Reason = Reason{"discharge_dear", "Gives what it can: the grid costs " + grid + "."}
	case balance < -idle:
		w.Reason = Reason{"hold_sell", "Rests: sun sells for " + price + " now, and will fill it later."}
	default:
		w.Reason = Reason{"hold", "Rests: what is stored is worth more later than " + price + " now."}
	}
	switch {
	case planned > -idle && planned < idle:
		w.Setpoint = energy.Setpoint{Mode: energy.AtPower}
	case !isBalanced:
		w.Setpoint = energy.Setpoint{Mode: energy.AtPower, Power: planned}
	}
	if r, ok := p.ordered(plan, d.Name, slot, in.Now); ok {
		w.Reason = r
	}
	return w
}

func (p *Planner) vehicleWant(d Device, in Input, plan *Plan, slot int) Want {
	w := Want{Device: d.Name}
	isPlugged, ok := in.Observed[d.Name].Plugged.Fresh(in.Now, d.MaxAge)
	charged, isCounted := in.Observed[d.Name].Session.Fresh(in.Now, d.MaxAge)
	power := plan.Power(d.Name)
	emergency, isEmergency := p.emergency(plan.Orders, in.Now)
	switch {
	case ok && !isPlugged:
		w.Reason = Reason{"unplugged", "No car is plugged in."}
		return w
	case power == nil && isEmergency:
		w.Setpoint = energy.Setpoint{Mode: energy.AtPower}
		w.Reason = p.held(emergency, in.Now)
		return w
	case !ok:
		w.Reason = Reason{"unknown_state", "Left to itself: the charger does not answer."}
		return w
	case !isCounted:
		w.Reason = Reason{"unknown_state", "Left to itself: the charger does not say what the car has had."}
		return w
	case power == nil && !p.isCharged(d.Vehicle, charged):
		w.Reason = Reason{"not_planned", "Left to itself: it is not in the plan yet."}
		return w
	case power == nil:
		w.Setpoint = energy.Setpoint{Mode: energy.AtPower}
		w.Reason = Reason{"done", "Has what it needs."}
		return w
	}
	w.Setpoint = energy.Setpoint{Mode: energy.AtPower, Power: power[slot]}
	switch _, isPlanned := plan.Run(d.Name, in.Now); {
	case power[slot] > 0:
		w.Reason = p.going(plan, slot, in.Now, Reason{"charge_cheap", "Charges now at " + plan.price(slot) + "."})
	case !isPlanned && !isEmergency:
		w.Reason = Reason{"done", "Has what it needs."}
	default:
		w.Reason = p.waiting(plan, d.Name, in.Now)
	}
	return w
}

// applianceWant holds the plug off from the beginning of the window until the planned start, and leaves it
// on otherwise: a machine that nobody has loaded, or whose program is going on, has its current.
func (p *Planner) applianceWant(d Device, in Input, plan *Plan) Want {
	task := in.Memory[d.Name]
	w := Want{Device: d.Name}
	run, isPlanned := plan.Run(d.Name, in.Now)
	window := p.window(d.Daily, in.Now)
	emergency, isEmergency := p.emergency(plan.Orders, in.Now)
	switch {
	case !task.Began.IsZero():
		w.Setpoint.Mode = energy.On
		w.Reason = Reason{"running", "Its program runs until about " + p.clock(task.Began.Add(d.Appliance.Length())) + "."}
	case !window.Contains(in.Now):
		w.Reason = Reason{"outside_window", "Free to use; from " + p.clock(window.Start) + " on its program waits for its time."}
	case task.IsDone:
		w.Reason = Reason{"done", "Its program is done; free to use."}
	case !isPlanned && isEmergency:
		w.Setpoint.Mode = energy.Off
		w.Reason = p.held(emergency, in.Now)
	case !isPlanned:
		w.Reason = Reason{"not_planned", "Free to use: its program does not fit into what is left of its time."}
	case !run.Start.After(in.Now):
		w.Setpoint.Mode = energy.On
		w.Reason = Reason{"ready", "Has its current: the program starts as soon as it is chosen."}
	default:
		w.Setpoint.Mode = energy.Off
		w.Reason = p.waiting(plan, d.Name, in.Now)
	}
	return w
}

func (p *Planner) loadWant(d Device, in Input, plan *Plan, slot int) Want {
	w := Want{Device: d.Name, Setpoint: energy.Setpoint{Mode: energy.Off}}
	power := plan.Power(d.Name)
	switch {
	case power != nil && power[slot] > 0:
		w.Setpoint = energy.Setpoint{Mode: energy.On, Power: d.Load.Power}
		w.Reason = p.going(plan, slot, in.Now, Reason{"run_cheap", "Runs now at " + plan.price(slot) + "."})
	case in.Memory[d.Name].IsDone:
		w.Reason = Reason{"done", "Has had its time for today."}
	default:
		w.Reason = p.waiting(plan, d.Name, in.Now)
	}
	return w
}

// clock is a local time of day.
func (p *Planner) clock(t time.Time) string { return t.In(p.zone).Format("15:04") }
