package decide

import (
	"fmt"
	"time"

	"hearth/energy"
)

// price is what taking one more kWh costs in a slot, for a sentence.
func (p *Plan) price(slot int) string {
	return perKWh(p.MarginalPrice[slot], p.Problem.Currency)
}

// waiting says until when a device waits, and what waiting saves.
func (p *Planner) waiting(plan *Plan, device string, now time.Time) Reason {
	run, ok := plan.Run(device, now)
	if !ok {
		return Reason{"not_planned", "Is not in the plan."}
	}
	slot, _ := plan.Slot(now)
	first, _ := plan.Slot(run.Start)
	here, there := plan.MarginalPrice[slot], plan.mean(device, first)
	text := "Waits until " + p.clock(run.Start)
	if limit := plan.Problem.ImportLimit; slot < len(limit) && limit[slot] < p.home.MaxImport {
		return Reason{"grid_limit", fmt.Sprintf("%s: the grid's operator allows the home %v now.", text, limit[slot])}
	}
	if there >= here {
		return Reason{"wait", text + "."}
	}
	c := plan.Problem.Currency
	return Reason{"wait_cheaper", fmt.Sprintf("%s: a kWh then costs %s instead of %s now.", text, perKWh(there, c), perKWh(here, c))}
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
