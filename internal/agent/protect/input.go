package protect

import (
	"time"

	"hearth/energy"
)

// Kind is what a device is to the connection.
type Kind int

// The kinds, in the order in which they are lowered.
const (
	Vehicle   Kind = iota // a charger with a car
	Battery               // a house battery
	Load                  // on or off, may be interrupted
	Appliance             // runs a program: never lowered
)

// Rule is the stable short word of why a setpoint is not the plan's, for logs and the page.
type Rule string

// The rules.
const (
	Fuse      Rule = "fuse"         // the connection's main fuse
	Phase     Rule = "phase"        // the fuse of one phase
	Operator  Rule = "grid_limit"   // what the grid's operator allows
	Emergency Rule = "grid_alert"   // the operator asks to take as little as can be; kept as far as it goes
	Silent    Rule = "silent"       // the connection's meter says nothing
	Surplus   Rule = "surplus"      // sun that would be given away
	Export    Rule = "export_limit" // more would be given than is allowed
)

// Limit bounds the connection: what it takes, or with [Export] what it gives. Power is a magnitude.
type Limit struct {
	Rule  Rule
	Power energy.Watts
}

// Input is what one step is decided on, besides the state.
type Input struct {
	Now    time.Time
	Period time.Duration // between two readings of the meter, as far as is known; more is learnt from it
	Grid   energy.Reading[energy.Watts]
	Limits []Limit // those in force now; the tightest of each direction counts

	Amps      [3]energy.Reading[energy.Amps] // of the phases, taking positive; invalid: not known
	PhaseFuse energy.Amps                    // what each phase bears; 0: not watched

	Slot          energy.Interval // of the plan, that holds Now; empty: there is no plan
	FollowsExport bool            // devices make up for what they have missed of their slot, from export
	Devices       []Device
}

// Device is what the plan wants of a device, and what may be asked of it instead.
type Device struct {
	Name     string
	Kind     Kind
	Priority int // within the kind the smaller is lowered first
	Want     energy.Setpoint
	Power    energy.Reading[energy.Watts] // what it takes; invalid: taken to be what it was asked for

	Floor  energy.Watts // least power when not zero
	Step   energy.Watts // powers are multiples of it; 0: any
	Max    energy.Watts // it can take; 0: what it wants
	Phases int          // it takes its power from; 0 is 3, which lowers rather too much

	Planned   energy.Watts // its mean in the slot, of a device that may follow the sun; else 0
	MayChange bool         // its guard takes another power now
	MayStop   bool         // its guard lets it go to zero now, unforced
	MayAbsorb bool         // it may charge more than planned where that cannot be given to the grid
}

// Lowered is what to ask of a device instead of what is wanted. In spite of its name it may be more, by [Surplus] and
// [Export].
type Lowered struct {
	Device   string          `json:"device"`
	Setpoint energy.Setpoint `json:"setpoint"`
	Rule     Rule            `json:"rule"`
	Text     string          `json:"text"`                // a sentence
	IsForced bool            `json:"is_forced,omitempty"` // the limit counts for more than the time its guard would keep it on
}
