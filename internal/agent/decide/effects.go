package decide

import (
	"fmt"
	"slices"
	"time"

	"hearth/energy"
	"hearth/scheduler"
)

// Effect says in a sentence what becomes of an order: what the plan does about it, or why nothing.
func (p *Planner) Effect(o Order, plan *Plan, now time.Time) string {
	switch o.Kind {
	case Notice:
		return "For people: it asks nothing of the devices."
	case Unfollowed:
		return "Not followed: " + o.Effect + "."
	}
	_, isPlanned := plan.Slot(now)
	from, to := 0, 0
	if isPlanned {
		from, to = o.slots(plan.Problem.Grid)
	}
	isAhead := isPlanned && (from == to || o.Kind == Charge && o.End.After(plan.Problem.Grid.End))
	switch {
	case isAhead && (o.Device == "" || o.Kind == Charge):
		return "Is planned for as soon as prices are known that far."
	case !isAhead && !plan.isFor(o, now):
		return p.unplannedEffect(o)
	case o.Kind == Outage || o.Kind == Charge:
		return p.storeEffect(o, plan, now)
	case o.Device != "":
		return "Followed while it holds, within what the device can do."
	}
	switch o.Kind {
	case ImportLimit:
		return exceeded(plan, scheduler.ImportLimit, from, to, plan.within(plan.Import[from:to]))
	case ExportLimit:
		return exceeded(plan, scheduler.ExportLimit, from, to, plan.within(plan.Export[from:to]))
	case Setpoint:
		return exceeded(plan, scheduler.ImportLimit, from, to, "What can be moved is drawn to it, and no more is taken: "+plan.taken(from, to))
	case Moderate:
		return "What is cheap to move goes to other times: " + plan.taken(from, to)
	case High:
		return "What can be moved goes to other times: " + plan.taken(from, to)
	}
	return exceeded(plan, scheduler.ImportLimit, from, to, "Nothing is charged from the grid, nothing new is begun, and a battery covers the house: "+plan.taken(from, to))
}

// taken is what is planned to be taken from the grid in some slots.
func (p *Plan) taken(from, to int) string {
	sum := energy.WattHours(0)
	for _, w := range p.Import[from:to] {
		sum += w.Over(p.Problem.Grid.Step)
	}
	if sum < 50 {
		return "nothing is planned to be taken from the grid."
	}
	return fmt.Sprintf("%.1f kWh are planned to be taken from the grid.", float64(sum)/1000)
}

// within is what is planned under a limit.
func (p *Plan) within(power []energy.Watts) string {
	return fmt.Sprintf("Kept to: at most %.1f kW are planned.", float64(slices.Max(power))/1000)
}

// exceeded is the sentence, or that the plan cannot keep a limit in some slots.
func exceeded(plan *Plan, c scheduler.Constraint, from, to int, text string) string {
	for _, v := range plan.Violations {
		if v.Constraint == c && v.Slot != nil && *v.Slot >= from && *v.Slot < to {
			return "The home cannot do with that; the plan comes as close as it can."
		}
	}
	return text
}

// storeEffect is of what is asked of a battery, whether the home has one and whether it can.
func (p *Planner) storeEffect(o Order, plan *Plan, now time.Time) string {
	for _, d := range p.home.Devices {
		if d.Battery == nil || o.Device != "" && o.Device != d.Name {
			continue
		}
		switch power := plan.Power(d.Name); {
		case power == nil:
			return "Nobody knows how full the battery is: nothing can be kept."
		case o.Kind == Charge:
			return chargedBy(o, plan, d)
		case o.Contains(now):
			return "The battery keeps what it has until it is over."
		}
		return "The battery is full when it begins, as far as there is time, and keeps that until it is over."
	}
	return "There is no battery that could be filled."
}

// chargedBy says whether a battery has by the end of an order what it asks for.
func chargedBy(o Order, plan *Plan, d Device) string {
	planned, _ := plan.Device(d.Name)
	by := slotsBefore(plan.Problem.Grid, o.End)
	if have := planned.Energy[max(by, 1)-1]; have < o.stored(d.Battery.Capacity)-50 {
		return fmt.Sprintf("The battery has %.1f kWh by then: there is no time or no room for more.", float64(have)/1000)
	}
	return "The battery has at least that by then."
}
