package openadr

import (
	"encoding/json"
	"errors"
	"time"
)

// Event is the timed payloads of a program.
type Event struct {
	Metadata
	ProgramID          string              `json:"programID"`
	EventName          string              `json:"eventName,omitempty"`
	Duration           *Duration           `json:"duration,omitempty"` // loops or cuts the intervals (UG 7.3)
	Priority           *int                `json:"priority"`           // 0 is the highest, nil the lowest
	Targets            Targets             `json:"targets,omitempty"`
	PayloadDescriptors []PayloadDescriptor `json:"payloadDescriptors,omitempty"`
	IntervalPeriod     *IntervalPeriod     `json:"intervalPeriod,omitempty"` // what intervals inherit, field by field
	ReportDescriptors  []ReportDescriptor  `json:"reportDescriptors,omitempty"`
	Intervals          []Interval          `json:"intervals,omitempty"`

	// Raw is the whole object as the VTN sent it, without blanks; nil for one made here.
	Raw json.RawMessage `json:"-"`
}

// Interval is one row of an event. Its ID is neither an hour nor a sequence (UG 7.5): order is by position.
type Interval struct {
	ID             int32           `json:"id"`
	IntervalPeriod *IntervalPeriod `json:"intervalPeriod,omitempty"`
	Payloads       []ValuesMap     `json:"payloads"`
}

// IntervalPeriod is when intervals are. An absent field is inherited; Start and a nil Duration may be absent.
type IntervalPeriod struct {
	Start     Start     `json:"start,omitzero"`
	Duration  *Duration `json:"duration,omitempty"`
	Randomize *Duration `json:"randomizeStart,omitempty"` // the start may shift by as much, either way (UG 7.3)
}

// Period is the period of length d from start on.
func Period(start time.Time, d time.Duration) *IntervalPeriod {
	length := DurationOf(d)
	return &IntervalPeriod{Start: At(start), Duration: &length}
}

// UnmarshalJSON reads an event as a VTN sends it: with an id. An event whose timing cannot be read is
// refused whole, for leaving out one interval would move all that follow it; values are not looked at.
func (e *Event) UnmarshalJSON(b []byte) (err error) {
	type plain Event // without this method
	var o plain
	if err := json.Unmarshal(b, &o); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	switch {
	case o.ProgramID == "":
		return errors.New("event has no programID")
	case o.Priority != nil && *o.Priority < 0:
		return errors.New("event has a negative priority") // it would rank above 0, the highest there is
	}
	o.Raw, err = compact(b)
	*e = Event(o)
	return err
}
