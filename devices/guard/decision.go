package guard

import (
	"time"

	"hearth/energy"
)

// Outcome is what became of a request.
type Outcome string

// The outcomes.
const (
	Applied Outcome = "applied" // a new command was sent
	Kept    Outcome = "kept"    // the wanted command already stands; Sent shows a renewal of its lease
	Held    Outcome = "held"    // a rule says not now
	Refused Outcome = "refused" // it cannot be done: the want, the device, the link or the clock is not fit
	Fault   Outcome = "fault"   // the device does not do as it is told
)

// Rule is the stable short word of the rule behind an outcome, for logs and the page.
type Rule string

// The rules. The zero value means that the request met none.
const (
	Clamp       Rule = "clamp"        // applied or kept: the want was cut to the device's powers
	Unconfirmed Rule = "unconfirmed"  // kept: no reading shows the command yet; fault: none ever did
	Retry       Rule = "retry"        // applied: sent again, because it did not show
	MinOn       Rule = "min_on"       // held
	MinOff      Rule = "min_off"      // held
	MinHold     Rule = "min_hold"     // held: its heat mode has changed too lately
	MaxSwitches Rule = "max_switches" // held
	MaxStarts   Rule = "max_starts"   // held: its compressor has started often enough for a day
	Override    Rule = "override"     // held: the resident has switched it
	Offline     Rule = "offline"      // refused: the device cannot be reached
	Stale       Rule = "stale"        // refused: the device was not heard lately
	Clock       Rule = "clock"        // refused: the clock jumped and the device was not heard since
	Invalid     Rule = "invalid"      // refused: the want is nothing this device can do
	Send        Rule = "send"         // refused: the driver could not send it
	Closed      Rule = "closed"       // refused: the guard is closed, or the request was given up waiting
	Wear        Rule = "wear"         // refused: its relay is worn; as a notice: nearly so
	Contested   Rule = "contested"    // refused: something else switches it too

	// Rules that put another command in the place of the wanted one: applied, kept or held with it.
	Start      Rule = "start"       // its safe state: an earlier run has left it in another
	Silent     Rule = "silent"      // what the want rests on is old: nothing more, then the safe state
	Ramp       Rule = "ramp"        // on the way to the wanted power
	MaxPauses  Rule = "max_pauses"  // its least power: it was paused too often this hour
	PhasePause Rule = "phase_pause" // paused to change its phases
	PhaseRest  Rule = "phase_rest"  // on as many phases as before: they were changed lately
	Frost      Rule = "frost"       // its own control: too cold to be blocked
	MaxBlocked Rule = "max_blocked" // its own control: it was blocked long enough for a day
)

// Decision is what became of one request.
type Decision struct {
	Outcome Outcome          `json:"outcome"`
	Rule    Rule             `json:"rule,omitempty"`
	Until   time.Time        `json:"until,omitzero"`   // when the rule lets go; zero: not known
	Sent    *energy.Setpoint `json:"sent,omitempty"`   // handed to the driver, renewals included; nil: nothing was
	Lease   time.Duration    `json:"lease,omitempty"`  // sent with it
	Notice  Rule             `json:"notice,omitempty"` // said once, beside any outcome, for somebody to act on: Wear, Contested
	Err     error            `json:"-"`                // what went wrong in sending, or what is wrong with the want
}
