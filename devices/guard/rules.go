package guard

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// Role says by which of a device's roles it is commanded.
type Role string

// The roles, in the order they are looked for.
const (
	ByPower       Role = "power"       // devices.PowerSetpoint
	BySwitch      Role = "switch"      // devices.Switch
	ByHeat        Role = "thermal"     // devices.Thermal
	ByCurtailment Role = "curtailment" // devices.Curtailer
)

// Rules bound one actuator. The agent fills in what the configuration says; [New] adds what the device
// says and takes the stricter of both. Zero means the device's own value, then the default named here; of
// what has neither, any.
type Rules struct {
	Role Role            `json:"role"` // by which it is commanded; the first it has
	Safe energy.Setpoint `json:"safe"` // what Close leaves: off for a load, on for an appliance, release for anything with its own control

	MinOn       time.Duration `json:"min_on"`
	MinOff      time.Duration `json:"min_off"`
	MaxSwitches int           `json:"max_switches"` // in any 24 hours; the way to the safe state stays open
	MaxStarts   int           `json:"max_starts"`   // of a compressor in any 24 hours, whoever started it
	MaxPauses   int           `json:"max_pauses"`   // of a charger in any hour; one more is spent at Floor
	MaxWear     int           `json:"max_wear"`     // operations in its relay's life; warns at nine tenths

	Min       energy.Watts `json:"min"` // signed, of a device that takes powers
	Max       energy.Watts `json:"max"`
	Floor     energy.Watts `json:"floor"`     // least power when not zero; less becomes zero
	Step      energy.Watts `json:"step"`      // powers are cut down to multiples of it
	Gaps      [4]Gap       `json:"gaps"`      // more powers it cannot hold
	Ramp      energy.Watts `json:"ramp"`      // a second, away from zero: less is never slowed
	Tolerance energy.Watts `json:"tolerance"` // of a power read back; 50 W

	PhaseRest time.Duration `json:"phase_rest"` // between two changes of phases; 10 minutes. Max, Floor and Step are those of three

	MaxBlocked time.Duration  `json:"max_blocked"` // of a heat pump in any 24 hours; 2 hours
	MinHold    time.Duration  `json:"min_hold"`    // of a mode of heat; 10 minutes
	Coldest    energy.Celsius `json:"coldest"`     // not blocked below; 5 °C

	Lease         time.Duration `json:"lease"`          // 10 minutes, where the device ends a command by itself
	ConfirmWithin time.Duration `json:"confirm_within"` // 10 seconds
	OverrideHold  time.Duration `json:"override_hold"`  // 2 hours
	FaultHold     time.Duration `json:"fault_hold"`     // 1 hour
	MaxAge        time.Duration `json:"max_age"`        // of a reading that may carry a command; 5 minutes
	MaxGap        time.Duration `json:"max_gap"`        // a longer one between two requests is a jump of the clock; 10 minutes
	FreezeAfter   time.Duration `json:"freeze_after"`   // age of Input.Basis from which nothing is raised; 30 seconds
	SafeAfter     time.Duration `json:"safe_after"`     // age of Input.Basis from which it is put into its safe state; 2 minutes

	// Facts of the device, set by New.
	LeaseKind  devices.LeaseKind `json:"lease_kind"`
	HasPhases  bool              `json:"has_phases"`  // can charge on one phase or three
	IsReadBack bool              `json:"is_readback"` // a command shows in a later reading
	IsWatched  bool              `json:"is_watched"`  // says whether it is online
}

// complete adds the device's own bounds and the defaults.
func (r Rules) complete(d *devices.Device) (Rules, error) {
	role, err := r.roleOf(d)
	if err != nil {
		return r, err
	}
	c := d.Capabilities
	r.Role, r.LeaseKind, r.IsReadBack = role, c.Lease, c.ReadBack
	r.HasPhases, r.IsWatched = r.Role == ByPower && d.PhaseSwitch != nil, d.Availability != nil

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
	r.FreezeAfter = cmp.Or(r.FreezeAfter, 30*time.Second)
	r.SafeAfter = max(cmp.Or(r.SafeAfter, 2*time.Minute), r.FreezeAfter)
	if r.HasPhases {
		r.PhaseRest = cmp.Or(r.PhaseRest, 10*time.Minute)
	}
	if r.Role == ByHeat {
		r.MaxBlocked, r.MinHold = cmp.Or(r.MaxBlocked, 2*time.Hour), cmp.Or(r.MinHold, 10*time.Minute)
		r.Coldest = cmp.Or(r.Coldest, 5)
	}
	r.Lease = r.leaseWithin(c)
	return r, r.validate()
}

// roleOf is the role to command the device by.
func (r Rules) roleOf(d *devices.Device) (Role, error) {
	for _, has := range []struct {
		role Role
		is   bool
	}{{ByPower, d.Setpoint != nil}, {BySwitch, d.Switch != nil}, {ByHeat, d.Thermal != nil}, {ByCurtailment, d.Curtailer != nil}} {
		if has.is && (r.Role == "" || r.Role == has.role) {
			return has.role, nil
		}
	}
	if r.Role != "" {
		return "", fmt.Errorf("takes no commands by %s", r.Role)
	}
	return "", errors.New("takes no commands")
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
	if r.Role == ByPower && r.Min >= r.Max {
		errs = append(errs, fmt.Errorf("no power lies between %v and %v", r.Min, r.Max))
	}
	if r.Lease > 0 && r.Lease < r.MinOn {
		errs = append(errs, fmt.Errorf("a lease of at most %v cannot keep it on for min_on %v", r.Lease, r.MinOn))
	}
	if most := max(r.MaxSwitches, r.MaxStarts, r.MaxPauses); most >= maxTimes {
		errs = append(errs, fmt.Errorf("%d times are too many to count: less than %d, or none for any", most, maxTimes))
	}
	for _, g := range r.Gaps {
		if g != (Gap{}) && (g.From >= g.To || g.From < 0 && g.To > 0) {
			errs = append(errs, fmt.Errorf("a gap from %v to %v: its powers lie in order, on one side of zero", g.From, g.To))
		}
	}
	if r.Role == BySwitch && r.Safe.Mode == energy.Release {
		errs = append(errs, errors.New("a switch has no control of its own: its safe state is on or off"))
	} else if safe, _, err := r.bound(r.Safe); err != nil {
		errs = append(errs, fmt.Errorf("safe state %v: %w", r.Safe, err))
	} else {
		r.Safe = safe
	}
	return errors.Join(errs...)
}

// isLeased says that the device leaves the setpoint by itself when we fall silent.
func (r Rules) isLeased(s energy.Setpoint) bool {
	if r.Lease == 0 || s == r.Safe || s.Mode == energy.Release {
		return false
	}
	if r.Role != BySwitch || r.LeaseKind == devices.Silence || r.LeaseKind == devices.Heartbeat {
		return true
	}
	return s.Mode == energy.On && r.Safe.Mode == energy.Off // a plug's timer only switches off: it cannot end an "off"
}

// lease is the one to send with a setpoint.
func (r Rules) lease(s energy.Setpoint) time.Duration {
	if !r.isLeased(s) {
		return 0
	}
	return r.Lease
}
