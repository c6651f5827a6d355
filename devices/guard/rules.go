package guard

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// Rules bound one actuator. The agent fills in what the configuration says; [New] adds what the device
// says and takes the stricter of both. Zero means the device's own value, then the default named here.
type Rules struct {
	Safe energy.Setpoint `json:"safe"` // what Close leaves: off for a load, on for an appliance, release for a charger or a battery

	MinOn       time.Duration `json:"min_on"`
	MinOff      time.Duration `json:"min_off"`
	MaxSwitches int           `json:"max_switches"` // in any 24 hours; the way to the safe state stays open

	Min       energy.Watts `json:"min"` // signed, of a device that takes powers
	Max       energy.Watts `json:"max"`
	Floor     energy.Watts `json:"floor"`     // least power when not zero; less becomes zero
	Step      energy.Watts `json:"step"`      // powers are cut down to multiples of it
	Tolerance energy.Watts `json:"tolerance"` // of a power read back; 50 W

	Lease         time.Duration `json:"lease"`          // 10 minutes, where the device ends a command by itself
	ConfirmWithin time.Duration `json:"confirm_within"` // 10 seconds
	OverrideHold  time.Duration `json:"override_hold"`  // 2 hours
	FaultHold     time.Duration `json:"fault_hold"`     // 1 hour
	MaxAge        time.Duration `json:"max_age"`        // of a reading that may carry a command; 5 minutes
	MaxGap        time.Duration `json:"max_gap"`        // a longer one between two requests is a jump of the clock; 10 minutes

	// Facts of the device, set by New.
	LeaseKind  devices.LeaseKind `json:"lease_kind"`
	HasPowers  bool              `json:"has_powers"`  // takes a power, not only on and off
	IsReadBack bool              `json:"is_readback"` // a command shows in a later reading
	IsWatched  bool              `json:"is_watched"`  // says whether it is online
}

// complete adds the device's own bounds and the defaults.
func (r Rules) complete(d *devices.Device) (Rules, error) {
	if d.Setpoint == nil && d.Switch == nil {
		return r, errors.New("takes no commands")
	}
	c := d.Capabilities
	r.LeaseKind, r.IsReadBack = c.Lease, c.ReadBack
	r.HasPowers, r.IsWatched = d.Setpoint != nil, d.Availability != nil

	r.MinOn, r.MinOff = max(r.MinOn, c.MinOn), max(r.MinOff, c.MinOff)
	if c.MaxSwitches > 0 && (r.MaxSwitches == 0 || c.MaxSwitches < r.MaxSwitches) {
		r.MaxSwitches = c.MaxSwitches
	}
	r.Min, r.Max = narrower(r.Min, c.Min), narrower(r.Max, c.Max)
	r.Floor, r.Step = max(r.Floor, c.Floor), max(r.Step, c.Step)
	r.Tolerance = cmp.Or(r.Tolerance, c.Tolerance, 50)
	r.ConfirmWithin = cmp.Or(r.ConfirmWithin, c.ConfirmWithin, 10*time.Second)
	r.OverrideHold = cmp.Or(r.OverrideHold, 2*time.Hour)
	r.FaultHold = cmp.Or(r.FaultHold, time.Hour)
	r.MaxAge = cmp.Or(r.MaxAge, 5*time.Minute)
	r.MaxGap = cmp.Or(r.MaxGap, 10*time.Minute)
	r.Lease = r.leaseWithin(c)
	return r, r.validate()
}

// leaseWithin is the lease to ask for. It outlasts MinOn: a lease that lapsed sooner would cut a run short.
func (r Rules) leaseWithin(c devices.Capabilities) time.Duration {
	if c.Lease == devices.Unguarded {
		return 0
	}
	lease := max(cmp.Or(r.Lease, 10*time.Minute), r.MinOn, c.LeaseMin)
	if c.LeaseMax > 0 {
		lease = min(lease, c.LeaseMax)
	}
	return lease
}

func (r *Rules) validate() error {
	var errs []error
	if r.HasPowers && r.Min >= r.Max {
		errs = append(errs, fmt.Errorf("no power lies between %v and %v", r.Min, r.Max))
	}
	if r.Lease > 0 && r.Lease < r.MinOn {
		errs = append(errs, fmt.Errorf("a lease of at most %v cannot keep it on for min_on %v", r.Lease, r.MinOn))
	}
	if !r.HasPowers && r.Safe.Mode == energy.Release {
		errs = append(errs, errors.New("a switch has no control of its own: its safe state is on or off"))
	} else if safe, _, err := r.bound(r.Safe); err != nil {
		errs = append(errs, fmt.Errorf("safe state %v: %w", r.Safe, err))
	} else {
		r.Safe = safe
	}
	return errors.Join(errs...)
}

var errUnable = errors.New("the device cannot do this")

// bound is the setpoint the device can be sent for a want, and whether the want was cut.
func (r Rules) bound(want energy.Setpoint) (target energy.Setpoint, isCut bool, err error) {
	switch {
	case want.Mode == energy.Release && !r.HasPowers:
		return r.Safe, false, nil
	case want.Mode == energy.Release:
		return energy.Setpoint{}, false, nil
	case !r.HasPowers && (want.Mode == energy.On || want.Mode == energy.Off):
		return energy.Setpoint{Mode: want.Mode}, false, nil
	case want.Mode == energy.Off:
		return energy.Setpoint{Mode: energy.AtPower}, false, nil
	case want.Mode == energy.On && r.Max > 0:
		want = energy.Setpoint{Mode: energy.AtPower, Power: r.Max}
	case want.Mode != energy.AtPower || !r.HasPowers:
		return want, false, errUnable
	}
	if p := float64(want.Power); math.IsNaN(p) || math.IsInf(p, 0) {
		return want, false, fmt.Errorf("%v is no power", p)
	}
	power := r.quantised(min(max(want.Power, r.Min), r.Max))
	return energy.Setpoint{Mode: energy.AtPower, Power: power}, power != want.Power, nil
}

// quantised cuts towards zero: never more than was asked for, in either direction.
func (r Rules) quantised(p energy.Watts) energy.Watts {
	if r.Step > 0 {
		// A millionth of a step forgives 3 x 230.1 being a hair less than 690.3.
		steps := math.Floor(math.Abs(float64(p))/float64(r.Step) + 1e-6)
		p = energy.Watts(math.Copysign(min(steps*float64(r.Step), math.Abs(float64(p))), float64(p)))
	}
	if energy.Watts(math.Abs(float64(p))) < r.Floor || p == 0 { // p == 0 also for -0
		return 0
	}
	return p
}

// isLeased says that the device leaves the setpoint by itself when we fall silent.
func (r Rules) isLeased(s energy.Setpoint) bool {
	if r.Lease == 0 || s == r.Safe || s.Mode == energy.Release {
		return false
	}
	// A plug's timer only switches off: it cannot end an "off".
	return r.HasPowers || r.LeaseKind == devices.Silence || (s.Mode == energy.On && r.Safe.Mode == energy.Off)
}

// lease is the one to send with a setpoint.
func (r Rules) lease(s energy.Setpoint) time.Duration {
	if !r.isLeased(s) {
		return 0
	}
	return r.Lease
}

// narrower is the configured bound where it lies inside the device's own.
func narrower(configured, own energy.Watts) energy.Watts {
	if configured == 0 || (own > 0) != (configured > 0) || math.Abs(float64(configured)) > math.Abs(float64(own)) {
		return own
	}
	return configured
}
