package guard

import (
	"errors"
	"fmt"
	"math"

	"hearth/energy"
)

// Gap is powers the device cannot hold: more than From and less than To, signed, on one side of zero. The
// zero value is none.
type Gap struct {
	From energy.Watts `json:"from"`
	To   energy.Watts `json:"to"`
}

var errUnable = errors.New("the device cannot do this")

// bound is the setpoint the device can be sent for a want, and whether the want was cut.
func (r Rules) bound(want energy.Setpoint) (target energy.Setpoint, isCut bool, err error) {
	switch {
	case want.Mode == energy.Release && r.Role == BySwitch:
		return r.Safe, false, nil
	case want.Mode == energy.Release:
		return energy.Setpoint{}, false, nil
	}
	switch r.Role {
	case BySwitch:
		if want.Mode == energy.On || want.Mode == energy.Off {
			return energy.Setpoint{Mode: want.Mode}, false, nil
		}
	case ByHeat:
		return boundHeat(want)
	case ByCurtailment:
		return r.boundGiving(want)
	case ByPower:
		return r.boundPower(want)
	}
	return want, false, errUnable
}

func (r Rules) boundPower(want energy.Setpoint) (energy.Setpoint, bool, error) {
	switch {
	case want.Mode == energy.Off:
		return energy.Setpoint{Mode: energy.AtPower}, false, nil
	case want.Mode == energy.On && r.Max > 0:
		want.Power = r.Max
	case want.Mode != energy.AtPower:
		return want, false, errUnable
	case want.Phases != 0 && want.Phases != 1 && want.Phases != 3:
		return want, false, fmt.Errorf("%d phases: %w", want.Phases, errUnable)
	}
	if err := isPower(want.Power); err != nil {
		return want, false, err
	}
	power := r.quantised(min(max(want.Power, r.Min), r.Max))
	return energy.Setpoint{Mode: energy.AtPower, Power: power}, power != want.Power, nil
}

// boundHeat takes on and off for the mild modes either way: a forced start is asked for by its name.
func boundHeat(want energy.Setpoint) (energy.Setpoint, bool, error) {
	switch want.Mode {
	case energy.On:
		want.Mode = energy.Recommended
	case energy.Off:
		want.Mode = energy.Blocked
	case energy.Blocked, energy.Recommended, energy.Forced:
	default:
		return want, false, errUnable
	}
	return energy.Setpoint{Mode: want.Mode}, false, nil
}

// boundGiving is for what a generator may give: less is always safe to ask, on is as much as it can.
func (r Rules) boundGiving(want energy.Setpoint) (energy.Setpoint, bool, error) {
	switch {
	case want.Mode == energy.On:
		return energy.Setpoint{}, false, nil
	case want.Mode == energy.Off:
		return energy.Setpoint{Mode: energy.AtMost}, false, nil
	case want.Mode != energy.AtMost:
		return want, false, errUnable
	}
	if err := isPower(want.Power); err != nil {
		return want, false, err
	}
	power := min(want.Power, 0)
	if r.Min < 0 {
		power = max(power, r.Min)
	}
	power = r.quantised(power)
	return energy.Setpoint{Mode: energy.AtMost, Power: power}, power != want.Power, nil
}

func isPower(w energy.Watts) error {
	if p := float64(w); math.IsNaN(p) || math.IsInf(p, 0) {
		return fmt.Errorf("%v is no power", p)
	}
	return nil
}

// quantised cuts towards zero, to a step and out of every gap: never more than was asked for, in either
// direction.
func (r Rules) quantised(p energy.Watts) energy.Watts {
	for {
		cut := r.outOfGaps(r.stepped(p))
		if cut == p {
			break
		}
		p = cut // the edge of a gap may lie between two steps, and a step in another gap
	}
	if magnitude(p) < r.Floor || p == 0 { // p == 0 also for -0
		return 0
	}
	return p
}

func (r Rules) stepped(p energy.Watts) energy.Watts {
	if r.Step <= 0 {
		return p
	}
	// A millionth of a step forgives 3 x 230.1 being a hair less than 690.3.
	steps := math.Floor(float64(magnitude(p))/float64(r.Step) + 1e-6)
	return energy.Watts(math.Copysign(min(steps*float64(r.Step), float64(magnitude(p))), float64(p)))
}

func (r Rules) outOfGaps(p energy.Watts) energy.Watts {
	for _, g := range r.Gaps {
		switch {
		case p <= g.From || p >= g.To:
		case p > 0:
			p = g.From
		default:
			p = g.To
		}
	}
	return p
}

func magnitude(w energy.Watts) energy.Watts { return energy.Watts(math.Abs(float64(w))) }

// on is the rules of a charger on a number of phases: on one it takes a third, in steps of a third.
func (r Rules) on(phases int) Rules {
	if r.HasPhases && phases == 1 {
		r.Max, r.Floor, r.Step = r.Max/3, r.Floor/3, r.Step/3
	}
	return r
}

// narrower is the configured bound where it lies inside the device's own.
func narrower(configured, own energy.Watts) energy.Watts {
	if configured == 0 || (own > 0) != (configured > 0) || magnitude(configured) > magnitude(own) {
		return own
	}
	return configured
}
