package modbus

import (
	"errors"
	"fmt"
	"math"
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
	phases     float64
	leastAmps  float64 // when not zero
	mostAmps   float64
	mayUseOne  bool    // it may be told to charge on one phase
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
	if !isUnit(unit) {
		faults = append(faults, fmt.Errorf("param unit: %v is not from 1 to 247, or 255", unit))
	}
	if sign != 1 && sign != -1 {
		faults = append(faults, fmt.Errorf("param sign: %v is neither 1 nor -1", sign))
	}
	s := settings{unit: byte(unit), isReversed: sign == -1}
	s.phases = number("phases", 0, 1, 3)
	s.perAmpere = s.phases * number("voltage", 0, 50, 300)
	s.mayUseOne = number("one_phase", 0, 0, 1) != 0

	limits := profile.Limits
	s.caps = devices.Capabilities{
		Min:   -watts("max_discharge", -limits.MinW),
		Max:   watts("max_charge", limits.MaxW),
		Floor: energy.Watts(limits.FloorW),
		Step:  energy.Watts(limits.StepW),
		MinOn: seconds(limits.MinOnS), MinOff: seconds(limits.MinOffS), MaxSwitches: limits.MaxSwitchesDay,
	}
	if _, isInAmperes := p["max_current"]; isInAmperes {
		s.leastAmps, s.mostAmps = number("min_current", 6, 0, 80), number("max_current", 16, 0, 80)
		s.caps.Floor, s.caps.Max = energy.Watts(s.leastAmps*s.perAmpere), energy.Watts(s.mostAmps*s.perAmpere)
		if s.mayUseOne {
			s.caps.Floor /= energy.Watts(max(s.phases, 1))
		}
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

// resolution is the step in which the writes take a power, where it is coarse: whole amperes, tenths of them.
func resolution(writes []write) (step energy.Watts) {
	for _, w := range writes {
		if w.Value == theValue && !w.kind.isFloat {
			step = max(step, energy.Watts(math.Abs(w.Scale)*w.watts))
		}
	}
	if step < 10 { // what is finer, the tolerance of a reading hides
		return 0
	}
	return step
}

// isUnit says that a number names one device: 0 is everybody, 248 to 254 are reserved.
func isUnit(v float64) bool { return v == float64(byte(v)) && v >= 1 && (v <= 247 || v == 255) }

// unitOf is the Modbus unit a point or write names itself, or the device's.
func (s settings) unitOf(text string) (byte, error) {
	if text == "" {
		return s.unit, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !isUnit(v) {
		return 0, fmt.Errorf("unit id %q: want 1 to 247, or 255", text)
	}
	return byte(v), nil
}
