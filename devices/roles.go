package devices

import (
	"context"
	"time"

	"hearth/energy"
)

// Meter reads the power that flows into the device now; negative when it gives back.
type Meter interface {
	Power() energy.Reading[energy.Watts]
}

// Counter reads the energy counted since the device was made; both grow and never fall.
type Counter interface {
	Imported() energy.Reading[energy.WattHours]
	Exported() energy.Reading[energy.WattHours]
}

// Switch turns a load on and off.
type Switch interface {
	On() energy.Reading[bool]
	// Turn sends the command. Where the device has a timer of its own, an "on" ends by itself after lease.
	Turn(ctx context.Context, on bool, lease time.Duration) error
}

// PowerSetpoint takes a power to hold.
type PowerSetpoint interface {
	// Setpoint is the power the device says it was told to hold; invalid while it follows its own control.
	Setpoint() energy.Reading[energy.Watts]
	// SetPower sends the power, signed, already inside the device's limits. Where the device has a timer
	// of its own it returns to its own control after lease.
	SetPower(ctx context.Context, power energy.Watts, lease time.Duration) error
	// Release hands the device back to its own control.
	Release(ctx context.Context) error
}

// Battery reads how full a storage is.
type Battery interface {
	SoC() energy.Reading[energy.SoC]
}

// Charger reads whether a vehicle is connected and what this session has charged.
type Charger interface {
	Plugged() energy.Reading[bool]
	Session() energy.Reading[energy.WattHours]
}

// Availability reads whether the device can be reached at all.
type Availability interface {
	Online() energy.Reading[bool]
}

// Driver is the life of a device behind its roles: Run reads until ctx ends, Close may be called before,
// during and after Run, and twice.
type Driver interface {
	Run(ctx context.Context) error
	Close() error
}

// LeaseKind says who ends a command when we fall silent.
type LeaseKind string

// The kinds of lease.
const (
	Unguarded LeaseKind = ""       // nobody: the device keeps the last command
	Timer     LeaseKind = "timer"  // the device's own timer, set with or before each command
	Silence   LeaseKind = "silent" // the device's watchdog, fed by any command
)

// Capabilities is what the planner and the guard may rely on; devicetest holds a driver to it.
type Capabilities struct {
	ReadBack bool          `json:"read_back"` // a command shows in a later reading
	Lease    LeaseKind     `json:"lease"`
	LeaseMin time.Duration `json:"lease_min"` // shortest lease the device takes
	LeaseMax time.Duration `json:"lease_max"` // longest lease the device takes; zero: any
	Min, Max energy.Watts  `json:"-"`         // of PowerSetpoint, signed: Min < 0 gives back
	Floor    energy.Watts  `json:"-"`         // least power when not zero: a charger's six amperes
	Step     energy.Watts  `json:"-"`         // powers are multiples of it; zero: any

	ConfirmWithin time.Duration `json:"confirm_within"` // a command shows by then; zero: the guard's default
	Tolerance     energy.Watts  `json:"-"`              // of a setpoint read back; zero: the guard's default
	MinOn         time.Duration `json:"min_on"`         // shortest run the device bears
	MinOff        time.Duration `json:"min_off"`        // shortest pause the device bears
	MaxSwitches   int           `json:"max_switches"`   // a day; zero: any
}

// Device is a named bundle of roles; nil where the thing lacks one.
type Device struct {
	Name         string
	Driver       Driver
	Capabilities Capabilities

	Meter        Meter
	Counter      Counter
	Switch       Switch
	Setpoint     PowerSetpoint
	Battery      Battery
	Charger      Charger
	Availability Availability
}

// Clock is the time drivers go by; the demo's runs faster than the wall's.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// Pace says how long to wait before the next try: after success (err nil) the regular time, after a
// failure longer each time. The policy belongs to the agent; drivers only ask.
type Pace interface {
	Next(err error) time.Duration
}
