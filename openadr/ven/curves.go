package ven

import (
	"encoding/json"
	"fmt"
	"strings"

	"hearth/energy"
)

// Curves is the timeline of one VTN: what holds when, and what could not be used. Powers are magnitudes
// unless a field says otherwise.
type Curves struct {
	ImportPrice    energy.Series[energy.Price]
	ExportPrice    energy.Series[energy.Price]
	AlternatePrice energy.Series[energy.Price]       // of a second form of energy, which the program names
	Carbon         energy.Series[energy.GramsPerKWh] // marginal
	RenewableShare energy.Series[energy.Share]       // of a private payload type, by [Config].Private

	// MaxImport and MaxExport are the operator's limits: *_CAPACITY_LIMIT, and *_CAPACITY_SUBSCRIPTION where
	// no limit holds, as when the schedule of limits ran out in a long outage (UG 8.10.1). 0 is a limit:
	// nothing may flow. After an outage of the grid only the subscriptions are to be used.
	MaxImport          energy.Series[Told[energy.Watts]]
	MaxExport          energy.Series[Told[energy.Watts]]
	ImportSubscription energy.Series[Told[energy.Watts]]
	ExportSubscription energy.Series[Told[energy.Watts]]
	ImportReservation  energy.Series[Told[energy.Watts]] // granted beyond the subscription; in no limit above
	ExportReservation  energy.Series[Told[energy.Watts]]

	Level          energy.Series[Told[int]]          // SIMPLE: 0 normal, 1 moderate, 2 high, 3 emergency shed
	Dispatch       energy.Series[Told[energy.Watts]] // consumption asked for
	DispatchChange energy.Series[Told[energy.Watts]] // signed: more consumption is positive
	Charge         energy.Series[Told[Charge]]
	Control        energy.Series[Told[Control]]
	LoadShape      energy.Series[Told[energy.Share]] // OLS: share of the event's usage
	Inverter       energy.Series[Told[[]Curve]]      // CURVE, volt-var or volt-watt for example

	Alerts   []Alert // by start; all of them, for what warns people does not contradict
	Rejected []Rejection

	// Resources is what holds for a resource where events name it, by its name in [Config].Resources: the
	// events of the home and its own, by priority. A resource without events of its own is not listed, for
	// the home's curves hold for it.
	Resources map[string]Curves
}

// Told is a value that the operator asks for, and where he did.
type Told[T any] struct {
	Value   T      `json:"value"`
	Payload string `json:"payload"` // its type: a limit may be a subscription
	Cause   *Cause `json:"cause"`   // shared, never changed
}

// String reads "4.2kW (IMPORT_CAPACITY_LIMIT of e, priority 0)".
func (t Told[T]) String() string { return fmt.Sprintf("%v (%s of %v)", t.Value, t.Payload, t.Cause) }

// Cause is the event that a value comes from.
type Cause struct {
	EventID   string `json:"event"`
	EventName string `json:"name,omitempty"`
	ProgramID string `json:"program"`
	Priority  *int   `json:"priority,omitempty"` // 0 is the highest, nil the lowest
}

// String reads "e, priority 0".
func (c *Cause) String() string {
	if c.Priority == nil {
		return c.EventID
	}
	return fmt.Sprintf("%s, priority %d", c.EventID, *c.Priority)
}

// Alert is a warning for people, over the part of its interval inside the window.
type Alert struct {
	energy.Interval
	Kind   string         `json:"kind"` // "ALERT_FLEX_ALERT"
	Text   string         `json:"text"`
	Cause  *Cause         `json:"cause"`
	Origin *energy.Origin `json:"origin"`
}

// Charge is the state of charge that a storage is to have: a fraction, or an energy.
type Charge struct {
	SoC      energy.SoC       `json:"soc,omitempty"`
	Energy   energy.WattHours `json:"energy,omitempty"`
	IsEnergy bool             `json:"is_energy,omitempty"` // Energy counts, and not SoC
}

// String reads "80%" or "7.5kWh".
func (c Charge) String() string {
	if c.IsEnergy {
		return c.Energy.String()
	}
	return c.SoC.String()
}

// Control is a setting whose meaning only the program knows: a number, text, bool or point, as JSON.
type Control struct {
	Value json.RawMessage `json:"value"`
	Units string          `json:"units,omitempty"`
}

// String is the setting with its unit.
func (c Control) String() string { return strings.TrimSpace(string(c.Value) + " " + c.Units) }

// Curve is points of an inverter's curve, in the order they came.
type Curve []CurvePoint

// CurvePoint is one of them; the program knows its units.
type CurvePoint struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Rejection is an interval, or a whole event, that gives nothing. What a higher priority hides anyway is
// not looked at.
type Rejection struct {
	EventID  string `json:"event"`
	Interval int    `json:"interval"` // position in the event, not its id; -1: all of them
	Payload  string `json:"payload,omitempty"`
	Reason   string `json:"reason"`
}

// String reads "event e1 interval 3 PRICE: no value".
func (r Rejection) String() string {
	text := "event " + r.EventID
	if r.Interval >= 0 {
		text += fmt.Sprintf(" interval %d", r.Interval)
	}
	return strings.TrimRight(text+" "+r.Payload, " ") + ": " + r.Reason
}
