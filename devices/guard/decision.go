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
	MaxSwitches Rule = "max_switches" // held
	Override    Rule = "override"     // held: the resident has switched it
	Offline     Rule = "offline"      // refused: the device cannot be reached
	Stale       Rule = "stale"        // refused: the device was not heard lately
	Clock       Rule = "clock"        // refused: the clock jumped and the device was not heard since
	Invalid     Rule = "invalid"      // refused: the want is nothing this device can do
	Send        Rule = "send"         // refused: the driver could not send it
	Closed      Rule = "closed"       // refused: the guard is closed, or the request was given up waiting
)

// Decision is what became of one request.
type Decision struct {
	Outcome Outcome          `json:"outcome"`
	Rule    Rule             `json:"rule,omitempty"`
	Until   time.Time        `json:"until,omitzero"`  // when the rule lets go; zero: not known
	Sent    *energy.Setpoint `json:"sent,omitempty"`  // handed to the driver, renewals included; nil: nothing was
	Lease   time.Duration    `json:"lease,omitempty"` // sent with it
	Err     error            `json:"-"`               // what went wrong in sending, or what is wrong with the want
}
