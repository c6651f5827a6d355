package answer

import (
	"math"

	"hearth/energy"
	"hearth/internal/config"
	"hearth/openadr/report"
)

// planned is what the plan has for the device in a time that it covers whole.
func (q question) planned() report.Answer {
	return q.ofPlan(func(power energy.Watts) energy.Watts { return power })
}

// sheddable is what the device is planned to take and could do without for a while. The house connection has what all
// its devices have.
func (q question) sheddable() report.Answer {
	if q.device.Kind == config.Grid {
		return q.ofAll()
	}
	if !q.isControlled() {
		return report.None()
	}
	return q.ofPlan(func(power energy.Watts) energy.Watts { return max(0, power) })
}

// isControlled says that the device is planned and driven.
func (q question) isControlled() bool {
	switch q.device.Kind {
	case config.Battery, config.Vehicle, config.Load:
		return true
	}
	return false // an appliance that runs is not stopped
}

func (q question) ofAll() report.Answer {
	var total energy.WattHours
	for _, d := range q.cfg.Devices {
		one := q
		if one.device = d; !one.isControlled() {
			continue
		}
		e, ok := one.energy(func(power energy.Watts) energy.Watts { return max(0, power) })
		if !ok {
			return report.Answer{}
		}
		total += e
	}
	return report.EnergyOf(total, report.Estimated)
}

func (q question) ofPlan(part func(energy.Watts) energy.Watts) report.Answer {
	e, ok := q.energy(part)
	if !ok {
		return report.Answer{}
	}
	return report.EnergyOf(e, report.Estimated)
}

// energy is what the plan has for the device in the time; false where it does not cover it. A device that has nothing
// to do is not in the plan.
func (q question) energy(part func(energy.Watts) energy.Watts) (sum energy.WattHours, ok bool) {
	plan := q.now.Plan
	if plan == nil || q.IsEndless || !q.Span.Start.Before(q.Span.End) {
		return 0, false
	}
	grid := plan.Problem.Grid
	if q.Span.Start.Before(grid.Start) || q.Span.End.After(grid.End) {
		return 0, false
	}
	power := plan.Power(q.device.Name)
	switch q.device.Kind {
	case config.Grid:
		power = make([]energy.Watts, grid.Count())
		for i := range power {
			power[i] = plan.Import[i] - plan.Export[i]
		}
	case config.Solar:
		power = make([]energy.Watts, grid.Count())
		for i := range power {
			power[i] = plan.Curtailed[i] - plan.Problem.Solar[i]
		}
	case config.Meter:
		return 0, false
	}
	for i := range power {
		if within := grid.Slot(i).Overlap(q.Span); !within.IsEmpty() {
			sum += part(power[i]).Over(within.Length())
		}
	}
	return sum, !math.IsNaN(float64(sum))
}
