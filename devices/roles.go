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

// PhaseSwitch changes on how many phases a charger charges.
type PhaseSwitch interface {
	// Phases is 1 or 3.
	Phases() energy.Reading[int]
	// SetPhases sends 1 or 3. Who calls it has paused the vehicle before, and waits after it.
	SetPhases(ctx context.Context, n int) error
}

// Phases reads the current of each of three phases at the device, taking positive. A phase the device does
// not have, or says nothing of, is an invalid reading.
type Phases interface {
	Currents() [3]energy.Reading[energy.Amps]
}

// ThermalMode is one of the four SG-Ready states of a heat pump or heater.
type ThermalMode string

// The modes, from least to most heat.
const (
	ThermalBlocked     ThermalMode = "blocked"     // must not run; not for more than two hours
	ThermalNormal      ThermalMode = "normal"      // follows its own control: the safe state
	ThermalRecommended ThermalMode = "recommended" // may run more than it would
	ThermalForced      ThermalMode = "forced"      // runs as far as it can
)

// Thermal reads and nudges what heats.
type Thermal interface {
	// Temperature is of the storage or the room; invalid when the device does not say it.
	Temperature() energy.Reading[energy.Celsius]
	// Mode is the state the device says it is in.
	Mode() energy.Reading[ThermalMode]
	// SetMode sends the state. A state the device does not know is refused. Where the device has a timer of
	// its own it returns to normal after lease.
	SetMode(ctx context.Context, mode ThermalMode, lease time.Duration) error
}

// Curtailer bounds what a generator may give.
type Curtailer interface {
	// Curtailment is the most the generator says it may give now, as a magnitude: its rated power when
	// nothing bounds it.
	Curtailment() energy.Reading[energy.Watts]
	// Curtail sends the most it may give, a magnitude; zero stops it. Where the device has a timer of its
	// own it is unbounded again after lease.
	Curtail(ctx context.Context, most energy.Watts, lease time.Duration) error
	// Lift ends the bound.
	Lift(ctx context.Context) error
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
	Unguarded LeaseKind = ""          // nobody: the device keeps the last command
	Timer     LeaseKind = "timer"     // the device's own timer, set with or before each command
	Silence   LeaseKind = "silent"    // the device's watchdog, fed by any command
	Heartbeat LeaseKind = "heartbeat" // the device's watchdog, fed by the driver for as long as the lease was given
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
	PhaseSwitch  PhaseSwitch
	Phases       Phases
	Thermal      Thermal
	Curtailer    Curtailer
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
