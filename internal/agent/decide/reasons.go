package decide

import (
	"fmt"
	"strings"
	"time"

	"hearth/energy"
)

// price is what taking one more kWh costs in a slot, for a sentence.
func (p *Plan) price(slot int) string {
	return perKWh(p.MarginalPrice[slot], p.Problem.Currency)
}

// waiting says until when a device waits, what an operator asks of the home meanwhile, and what waiting saves.
func (p *Planner) waiting(plan *Plan, device string, now time.Time) Reason {
	run, ok := plan.Run(device, now)
	order, isPressed := p.pressing(plan.Orders, now)
	switch {
	case !ok && isPressed && order.Kind == Emergency:
		return p.held(order, now)
	case !ok:
		return Reason{"not_planned", "Is not in the plan."}
	}
	slot, _ := plan.Slot(now)
	first, _ := plan.Slot(run.Start)
	here, there := plan.MarginalPrice[slot], plan.mean(device, first)
	text, c := "Waits until "+p.clock(run.Start), plan.Problem.Currency
	saving := fmt.Sprintf("a kWh then costs %s instead of %s now.", perKWh(there, c), perKWh(here, c))
	switch {
	case isPressed && there < here:
		return Reason{order.code(), text + ": " + p.asks(order, now) + ", and " + saving}
	case isPressed:
		return Reason{order.code(), text + ": " + p.asks(order, now) + "."}
	case there < here:
		return Reason{"wait_cheaper", text + ": " + saving}
	}
	return Reason{"wait", text + "."}
}

// going is the reason of what runs, where an operator asks to take less: then no price is why.
func (p *Planner) going(plan *Plan, slot int, now time.Time, otherwise Reason) Reason {
	o, isPressed := p.pressing(plan.Orders, now)
	verb, _, _ := strings.Cut(otherwise.Text, " at ")
	switch {
	case isPressed && o.weight() > 0 && plan.Import[slot] < idle:
		return Reason{"own_energy", verb + " from the sun or the battery: nothing is taken from the grid."}
	case isPressed && o.weight() > (Order{Kind: Moderate}).weight():
		return Reason{"no_other_time", verb + " in spite of what the grid's operator asks: there is no better time left for it."}
	}
	return otherwise
}

// held is the reason of what waits for the end of an order, without a time of its own.
func (p *Planner) held(o Order, now time.Time) Reason {
	return Reason{o.code(), "Waits: " + p.asks(o, now) + "."}
}

// ordered is a battery's reason where an operator's word moves it; false where prices do.
func (p *Planner) ordered(plan *Plan, device string, slot int, now time.Time) (Reason, bool) {
	planned, balance := plan.Power(device)[slot], plan.Import[slot]-plan.Export[slot]
	because := func(o Order, text string) (Reason, bool) {
		return Reason{o.code(), text + p.asks(o, now) + "."}, true
	}
	order, isPressed := p.pressing(plan.Orders, now)
	switch isDown := isPressed && order.weight() > 0; {
	case isDown && planned < -idle && balance < idle:
		return because(order, "Covers the house: ")
	case isDown && planned < -idle:
		return because(order, "Gives what it can: ")
	}
	for _, o := range plan.Orders {
		isOurs := o.Device == "" || o.Device == device
		switch isKept := isOurs && (o.Kind == Outage || o.Kind == Charge) && o.End.After(now); {
		case isKept && planned > idle && balance > idle:
			return because(o, "Charges from the grid: ")
		case isKept && o.Kind == Outage && o.Contains(now) && planned > -idle && planned < idle:
			return because(o, "Keeps what it has: ")
		}
	}
	if planned <= idle || balance <= idle || plan.isWorthIt(device, slot) {
		return Reason{}, false
	}
	for _, o := range plan.Orders {
		if o.weight() > 0 && o.Start.After(now) {
			return because(o, "Charges from the grid: ")
		}
	}
	return Reason{}, false
}

// isWorthIt says that what a battery takes in a slot replaces something dearer later.
func (p *Plan) isWorthIt(device string, slot int) bool {
	for t, power := range p.Power(device) {
		if t > slot && power < -idle && p.MarginalPrice[t] > p.MarginalPrice[slot] {
			return true
		}
	}
	return false
}

// mean is the price of the energy that a device's run takes, from its first slot on.
func (p *Plan) mean(device string, first int) energy.Price {
	cost, taken := 0.0, 0.0
	for i, power := range p.Power(device)[first:] {
		if power == 0 {
			break
		}
		cost += p.MarginalPrice[first+i].Float() * float64(power)
		taken += float64(power)
	}
	return energy.PriceOf(cost / taken)
}

// perKWh is a price as people read it: three decimals are a tenth of a cent.
func perKWh(p energy.Price, c energy.Currency) string {
	return fmt.Sprintf("%.3f %s/kWh", p.Float(), c)
}
