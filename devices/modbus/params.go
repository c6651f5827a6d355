package modbus

import (
	"errors"
	"fmt"
	"strconv"

	"hearth/devices"
	"hearth/devices/profiles"
	"hearth/energy"
)

// params are the profile's parameters, defaults filled in.
type params map[string]string

// number is a parameter between low and high; standard when the profile does not declare it.
func (p params) number(name string, standard, low, high float64) (float64, error) {
	text, isDeclared := p[name]
	if !isDeclared {
		return standard, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= low && v <= high) {
		return 0, fmt.Errorf("param %s: %q is not a number from %v to %v", name, text, low, high)
	}
	return v, nil
}

func (p params) watts(name string, standard energy.Watts) (energy.Watts, error) {
	text, isDeclared := p[name]
	if !isDeclared {
		return standard, nil
	}
	w, err := energy.ParseWatts(text)
	if err == nil && w < 0 {
		err = errors.New("want a magnitude")
	}
	if err != nil {
		return 0, fmt.Errorf("param %s: %w", name, err)
	}
	return w, nil
}

// settings are the parameters the driver itself understands.
type settings struct {
	unit       byte
	isReversed bool    // the meter is wired the other way round
	perAmpere  float64 // watts of one ampere on all phases; 0: the profile does not say
	leaseAdd   float64 // what the device's timer counts from
	caps       devices.Capabilities
}

func newSettings(p params, profile *profiles.Profile) (settings, error) {
	var faults []error
	number := func(name string, standard, low, high float64) float64 {
		v, err := p.number(name, standard, low, high)
		faults = append(faults, err)
		return v
	}
	watts := func(name string, standard float64) energy.Watts {
		v, err := p.watts(name, energy.Watts(standard))
		faults = append(faults, err)
		return v
	}
	unit, sign := number("unit", 1, 1, 255), number("sign", 1, -1, 1)
	if unit != float64(byte(unit)) || unit > 247 && unit != 255 { // 0 is everybody, 248 to 254 are reserved
		faults = append(faults, fmt.Errorf("param unit: %v is not from 1 to 247, or 255", unit))
	}
	if sign != 1 && sign != -1 {
		faults = append(faults, fmt.Errorf("param sign: %v is neither 1 nor -1", sign))
	}
	s := settings{unit: byte(unit), isReversed: sign == -1}
	s.perAmpere = number("phases", 0, 1, 3) * number("voltage", 0, 50, 300)

	limits := profile.Limits
	s.caps = devices.Capabilities{
		Min:   -watts("max_discharge", -limits.MinW),
		Max:   watts("max_charge", limits.MaxW),
		Floor: energy.Watts(limits.FloorW),
		Step:  energy.Watts(limits.StepW),
		MinOn: seconds(limits.MinOnS), MinOff: seconds(limits.MinOffS), MaxSwitches: limits.MaxSwitchesDay,
	}
	if _, isInAmperes := p["max_current"]; isInAmperes {
		s.caps.Floor = energy.Watts(number("min_current", 6, 0, 80) * s.perAmpere)
		s.caps.Max = energy.Watts(number("max_current", 16, 0, 80) * s.perAmpere)
	}
	if s.caps.Floor > s.caps.Max {
		faults = append(faults, fmt.Errorf("the least power %v is above the most %v", s.caps.Floor, s.caps.Max))
	}
	if c := profile.Confirm; c != nil {
		s.caps.ReadBack = true
		s.caps.ConfirmWithin, s.caps.Tolerance = seconds(c.WithinS), energy.Watts(c.Tolerance)
	}
	if l := profile.Lease; l != nil {
		s.caps.Lease, s.caps.LeaseMin, s.caps.LeaseMax = devices.LeaseKind(l.Kind), seconds(l.MinS), seconds(l.MaxS)
		s.leaseAdd = float64(l.Add)
	}
	return s, errors.Join(faults...)
}
