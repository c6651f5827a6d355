package mqtt

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"hearth/devices"
	"hearth/devices/profiles"
	"hearth/energy"
)

// scales are what the parameters say of the device's powers.
type scales struct {
	phases, voltage        float64 // zero: the profile does not say
	minCurrent, maxCurrent float64 // A
	rated                  float64 // W, of a generator
	isReversed             bool    // the meter is wired the other way round
}

// perAmpere is the power of one ampere on all phases that are in use.
func (s scales) perAmpere(phases float64) float64 { return s.voltage * phases }

// newScales reads the parameters the driver itself understands. The error names each that is no such value.
func newScales(params map[string]string) (scales, error) {
	var faults []error
	number := func(name string, standard, low, high float64) float64 {
		text, isDeclared := params[name]
		if !isDeclared {
			return standard
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v >= low && v <= high) {
			faults = append(faults, fmt.Errorf("%s: %q is not a number from %v to %v", name, text, low, high))
		}
		return v
	}
	s := scales{
		phases: number("phases", 0, 1, 3), voltage: number("voltage", 0, 50, 300),
		minCurrent: number("min_current", 6, 0, 80), maxCurrent: number("max_current", 16, 0, 80),
	}
	if sign := number("sign", 1, -1, 1); math.Abs(sign) != 1 {
		faults = append(faults, fmt.Errorf("sign: %v is neither 1 nor -1", sign))
	} else {
		s.isReversed = sign < 0
	}
	rated, err := magnitude(params, "rated", 0)
	s.rated = float64(rated)
	if s.minCurrent > s.maxCurrent {
		faults = append(faults, fmt.Errorf("min_current: %v is more than max_current %v", s.minCurrent, s.maxCurrent))
	}
	return s, errors.Join(append(faults, err)...)
}

func magnitude(params map[string]string, name string, standard energy.Watts) (energy.Watts, error) {
	text, isDeclared := params[name]
	if !isDeclared {
		return standard, nil
	}
	w, err := energy.ParseWatts(text)
	if err == nil && w < 0 {
		err = errors.New("want a magnitude")
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return w, nil
}

// capabilities are the profile's, narrowed by its parameters.
func capabilities(p *profiles.Profile, params map[string]string, s scales) (devices.Capabilities, error) {
	l := p.Limits
	charge, err1 := magnitude(params, "max_charge", energy.Watts(l.MaxW))
	discharge, err2 := magnitude(params, "max_discharge", energy.Watts(-l.MinW))
	c := devices.Capabilities{
		Min: -discharge, Max: charge, Floor: energy.Watts(l.FloorW), Step: energy.Watts(l.StepW),
		MinOn: seconds(l.MinOnS), MinOff: seconds(l.MinOffS), MaxSwitches: l.MaxSwitchesDay,
	}
	if c.Min == 0 {
		c.Min = 0 // not -0
	}
	if p.Confirm != nil {
		c.ReadBack = true
		c.ConfirmWithin, c.Tolerance = seconds(p.Confirm.WithinS), energy.Watts(p.Confirm.Tolerance)
	}
	if _, isInAmperes := params["max_current"]; isInAmperes {
		phases := s.phases
		if p.Has("phases") {
			phases = 3 // the guard counts in thirds of it while it charges on one
		}
		c.Step = energy.Watts(s.perAmpere(phases))
		c.Floor, c.Max = energy.Watts(s.minCurrent)*c.Step, energy.Watts(s.maxCurrent)*c.Step
	}
	if p.Lease != nil {
		c.Lease = devices.LeaseKind(p.Lease.Kind)
		c.LeaseMin, c.LeaseMax = seconds(p.Lease.MinS), seconds(p.Lease.MaxS)
	}
	return c, errors.Join(err1, err2)
}
