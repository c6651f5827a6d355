package decide

import (
	"fmt"
	"time"

	"hearth/energy"
)

// Kind is what an operator asks for (docs/adr/0018).
type Kind string

// The kinds of an [Order].
const (
	ImportLimit Kind = "import_limit" // to take at most Power
	ExportLimit Kind = "export_limit" // to give at most Power
	Moderate    Kind = "moderate"     // to take less where that is cheap
	High        Kind = "high"         // to move what can be moved
	Emergency   Kind = "emergency"    // to take as little as can be
	Outage      Kind = "outage"       // to be ready for one
	Setpoint    Kind = "setpoint"     // to take Power
	Charge      Kind = "charge"       // to have stored SoC, or Stored, at the end
	Notice      Kind = "notice"       // nothing: people are warned
	Unfollowed  Kind = "unfollowed"   // something that cannot be followed, because of Effect
)

// Order is what an operator asks in an interval, and where he did. It is comparable.
type Order struct {
	energy.Interval
	Kind   Kind             `json:"kind"`
	Device string           `json:"device,omitempty"` // empty: the home
	Power  energy.Watts     `json:"power,omitempty"`  // of a limit or a setpoint; a magnitude
	SoC    energy.SoC       `json:"soc,omitempty"`
	Stored energy.WattHours `json:"stored,omitempty"` // above 0: it counts, and not SoC
	Level  int              `json:"level,omitempty"`  // SIMPLE; 0: it is none
	Title  string           `json:"title"`            // what it is, for people: "Flex alert"
	Text   string           `json:"text,omitempty"`   // the operator's own words, or the event's name
	Effect string           `json:"effect,omitempty"` // of one that is not followed: why
	Source string           `json:"source"`           // the operator: the VTN's name
	Event  string           `json:"event"`            // its id
}

// weight is how hard the order presses on what is taken from the grid, in dearest prices; below 0 it draws.
func (o Order) weight() energy.Price {
	if o.Device != "" {
		return 0
	}
	switch o.Kind {
	case Moderate:
		return 1
	case High:
		return 4 // more than any price, loss and wear of a battery together
	case Emergency:
		return 10
	case Setpoint:
		return -1
	}
	return 0
}

// limits says that the order bounds what the home takes, and to what.
func (o Order) limits() (energy.Watts, bool) {
	return o.Power, o.Device == "" && (o.Kind == ImportLimit || o.Kind == Setpoint)
}

// slots are those of the grid that the order touches, as a half-open range.
func (o Order) slots(grid energy.Grid) (from, to int) {
	from = max(0, int(o.Start.Sub(grid.Start)/grid.Step))
	if o.Start.Before(grid.Start) {
		from = 0
	}
	to = min(grid.Count(), ceil(max(0, o.End.Sub(grid.Start)), grid.Step))
	return min(from, to), to
}

// pressing is the order that presses hardest on what the home takes at t: an emergency before an alert, that before a
// level, a setpoint and a limit that is tighter than the home's own.
func (p *Planner) pressing(orders []Order, t time.Time) (hardest Order, ok bool) {
	rank := func(o Order) energy.Price {
		limit, isLimit := o.limits()
		switch {
		case o.weight() > 0:
			return 2 * o.weight()
		case isLimit && limit < p.home.MaxImport:
			return 1
		}
		return 0
	}
	for _, o := range orders {
		if o.Contains(t) && rank(o) > 0 && (!ok || rank(o) > rank(hardest)) {
			hardest, ok = o, true
		}
	}
	return hardest, ok
}

// ofDevice is the order of a kind that holds for a device at t; the first of several.
func ofDevice(orders []Order, k Kind, device string, t time.Time) (Order, bool) {
	for _, o := range orders {
		if o.Kind == k && o.Device == device && o.Contains(t) {
			return o, true
		}
	}
	return Order{}, false
}

// tightest is the order of a kind that holds for a device at t and allows least.
func tightest(orders []Order, k Kind, device string, t time.Time) (least Order, ok bool) {
	for _, o := range orders {
		if o.Kind == k && o.Device == device && o.Contains(t) && (!ok || o.Power < least.Power) {
			least, ok = o, true
		}
	}
	return least, ok
}

// code is the word of the reason that an order gives.
func (o Order) code() string {
	switch {
	case o.Level > 0:
		return "grid_level"
	case o.Kind == ImportLimit || o.Kind == ExportLimit:
		return "grid_limit"
	case o.Kind == Setpoint || o.Kind == Charge || o.Kind == Moderate:
		return "grid_setpoint"
	}
	return "grid_alert"
}

// asks is what the operator asks, for a sentence of now.
func (p *Planner) asks(o Order, now time.Time) string {
	const who = "the grid's operator "
	isNow := o.Contains(now)
	switch {
	case o.Kind == ImportLimit && isNow:
		return who + fmt.Sprintf("allows the home %v now%s", o.Power, o.note())
	case o.Kind == ImportLimit:
		return who + fmt.Sprintf("allows the home %v %s%s", o.Power, p.when(o, now), o.note())
	case o.Kind == Emergency && isNow:
		return who + "asks to take as little as can be until " + p.clockOn(o.End, now) + o.note()
	case o.Kind == Emergency:
		return who + "asks to take as little as can be " + p.when(o, now) + o.note()
	case o.Kind == Outage:
		return who + "warns of an outage " + p.when(o, now) + o.note()
	case o.Kind == Setpoint:
		return who + fmt.Sprintf("asks for %v %s%s", o.Power, p.when(o, now), o.note())
	case o.Kind == Charge:
		return who + "asks for " + o.charge() + " by " + p.clockOn(o.End, now) + o.note()
	}
	return who + "asks to shift use out of " + p.clockOn(o.Start, now) + " to " + p.clockOn(o.End, now) + o.note()
}

// note is what an order is called, and the operator's own words, in brackets.
func (o Order) note() string {
	text := o.Text
	if len(text) > maxNote { // the page has it whole
		text = ""
	}
	switch o.Kind {
	case ImportLimit, ExportLimit, Setpoint, Charge: // what they are is said in numbers
	default:
		if text != "" {
			text = ": " + text
		}
		text = o.Title + text
	}
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

func (o Order) charge() string {
	if o.Stored > 0 {
		return o.Stored.String()
	}
	return o.SoC.String()
}

// maxNote is the longest text in bytes that fits into the brackets of a sentence.
const maxNote = 30

// when says when an order holds, by the local clock.
func (p *Planner) when(o Order, now time.Time) string {
	if !o.Start.After(now) {
		return "until " + p.clockOn(o.End, now)
	}
	return "from " + p.clockOn(o.Start, now) + " to " + p.clockOn(o.End, now)
}

// clockOn is a local time of day, with the weekday where that is not today.
func (p *Planner) clockOn(t, now time.Time) string {
	if day := energy.Day(now, p.zone); t.Before(day.Start) || t.After(day.End) {
		return t.In(p.zone).Format("Mon 15:04")
	}
	return p.clock(t)
}
