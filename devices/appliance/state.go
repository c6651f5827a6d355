package appliance

import (
	"cmp"
	"time"

	"hearth/energy"
)

// Phase is how far a machine has got.
type Phase string

// The phases. The zero value is idle.
const (
	Idle    Phase = ""        // nothing goes on; the plug is on
	Armed   Phase = "armed"   // a program was started, and is still cold
	Held    Phase = "held"    // cut until its time
	Running Phase = "running" // on, whatever happens
	Done    Phase = "done"    // its program is over; the next may begin at once
)

// Why is the stable short word of the reason for what a plug is told.
type Why string

// The reasons.
const (
	Free        Why = "free"         // idle or done: free to use
	Starting    Why = "starting"     // armed: a start was seen, and the plan is asked
	Waits       Why = "waits"        // held until its time
	ItsTime     Why = "its_time"     // running: the plan has it now
	Late        Why = "deadline"     // running: it would not be ready in time otherwise
	NoPlan      Why = "no_plan"      // running: there is no plan, or no price
	Tapped      Why = "tapped"       // running: the resident said now
	ByHand      Why = "by_hand"      // running: somebody has switched the plug on
	Stopping    Why = "stopping"     // running: the agent goes away
	TooHot      Why = "too_hot"      // running: it heats, or nobody knows that it does not
	TooLate     Why = "too_late"     // running: it was armed too long ago to be cut
	Unsafe      Why = "unsafe"       // running: it must not be cut
	ClockJumped Why = "clock"        // running: nobody knows how long it was held
	NotStarted  Why = "not_started"  // running, and as a notice: its program did not go on by itself
	TooLong     Why = "too_long"     // as a notice: it runs half as long again as it should
	NotCut      Why = "not_cut"      // running: the plug could not be switched off in time
	MaxHeld     Why = "longest_hold" // running: it may forget its program if it is held for longer
)

// Rules are what a machine bears. Zero means the default named here.
type Rules struct {
	ArmAbove      energy.Watts  `json:"arm_above"`      // 15 W: standby stays below 7 W
	ArmFor        time.Duration `json:"arm_for"`        // 30 seconds
	HotAbove      energy.Watts  `json:"hot_above"`      // 800 W: pumps and drums stay below 300 W, heaters above 1200 W
	ColdFor       time.Duration `json:"cold_for"`       // 5 minutes: the first heating was measured 7 to 14 minutes after the start
	DoneBelow     energy.Watts  `json:"done_below"`     // 15 W: the quietest pause of a program takes 27 W
	DoneFor       time.Duration `json:"done_for"`       // 5 minutes
	DoneAfter     time.Duration `json:"done_after"`     // 10 minutes of a run in which its end is not looked for
	RestartWithin time.Duration `json:"restart_within"` // 3 minutes
	MaxHold       time.Duration `json:"max_hold"`       // the longest hold that was tried with it; zero: up to the deadline
	MaxGap        time.Duration `json:"max_gap"`        // between two readings of its power; 90 seconds

	IsUnsafeToResume bool `json:"is_unsafe_to_resume,omitempty"`
}

// WithDefaults is the rules with every zero filled in.
func (r Rules) WithDefaults() Rules {
	r.ArmAbove, r.HotAbove, r.DoneBelow = cmp.Or(r.ArmAbove, 15), cmp.Or(r.HotAbove, 800), cmp.Or(r.DoneBelow, 15)
	r.ArmFor, r.ColdFor = cmp.Or(r.ArmFor, 30*time.Second), cmp.Or(r.ColdFor, 5*time.Minute)
	r.DoneFor, r.DoneAfter = cmp.Or(r.DoneFor, 5*time.Minute), cmp.Or(r.DoneAfter, 10*time.Minute)
	r.RestartWithin, r.MaxGap = cmp.Or(r.RestartWithin, 3*time.Minute), cmp.Or(r.MaxGap, 90*time.Second)
	return r
}

// Slot is when the plan has a machine begin.
type Slot struct {
	Start  time.Time `json:"start"`
	Latest time.Time `json:"latest"` // the end of its time less the length of its longest program
}

// Input is what one step is decided on, besides the state.
type Input struct {
	Now   time.Time                    `json:"now"`
	Power energy.Reading[energy.Watts] `json:"power"`
	On    energy.Reading[bool]         `json:"on"`             // of the plug
	Slot  *Slot                        `json:"slot,omitempty"` // nil: there is no plan that covers now, or no price it rests on

	Length     time.Duration `json:"length,omitempty"` // of the program it is likely to run; zero: unknown
	IsTapped   bool          `json:"is_tapped,omitempty"`
	IsStopping bool          `json:"is_stopping,omitempty"` // the agent goes away
}

// State is what is known of a machine. The zero value has seen nothing.
type State struct {
	Phase Phase     `json:"phase,omitempty"`
	Why   Why       `json:"why,omitempty"`
	Last  time.Time `json:"last,omitzero"`  // time of the last step
	Seen  time.Time `json:"seen,omitzero"`  // time of the newest reading of its power
	Above time.Time `json:"above,omitzero"` // it takes power since; zero: it does not
	Below time.Time `json:"below,omitzero"` // it is quiet since; zero: it is not

	Armed    time.Time `json:"armed,omitzero"`
	IsHot    bool      `json:"is_hot,omitempty"`   // in this run it has heated, or may have
	Cut      time.Time `json:"cut,omitzero"`       // the plug was told to be off
	IsCut    bool      `json:"is_cut,omitempty"`   // and was seen to be
	Until    time.Time `json:"until,omitzero"`     // of the hold
	Latest   time.Time `json:"latest,omitzero"`    // the hold ends then, whatever later plans say
	Resumed  time.Time `json:"resumed,omitzero"`   // it had its current back; zero: it was not held
	IsGoing  bool      `json:"is_going,omitempty"` // it has taken power since
	IsSaid   bool      `json:"is_said,omitempty"`  // that it did not go on was said
	IsLong   bool      `json:"is_long,omitempty"`  // that it runs too long was said
	Finished time.Time `json:"finished,omitzero"`  // its last program was over
	Trace    Trace     `json:"trace,omitzero"`
}

// Output is what the plug should do, and why.
type Output struct {
	On     bool      `json:"on"`
	Phase  Phase     `json:"phase"`
	Why    Why       `json:"why"`
	Until  time.Time `json:"until,omitzero"`   // of a hold
	Notice Why       `json:"notice,omitempty"` // said once, for the resident to act on: NotStarted, TooLong
	Run    *Run      `json:"run,omitempty"`    // a program that has just ended, and was seen from end to end
}
