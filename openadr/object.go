package openadr

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"hearth/energy"
)

// Metadata is what a VTN adds to every object it keeps. Only the id is relied upon.
type Metadata struct {
	ID         string `json:"id,omitempty"`
	Created    Stamp  `json:"createdDateTime,omitzero"`
	Modified   Stamp  `json:"modificationDateTime,omitzero"`
	ObjectType string `json:"objectType,omitempty"`
}

func (m Metadata) identity() Metadata { return m }

// maxID is the length of the longest id (schema, objectID).
const maxID = 128

func (m Metadata) check() error {
	if m.ID == "" || len(m.ID) > maxID {
		return fmt.Errorf("id %.40q: want 1 to %d characters", m.ID, maxID)
	}
	return nil
}

// Stamp is a time of the metadata. One that cannot be read is zero: real VTNs send times without a date,
// and no event is worth losing for that.
type Stamp struct{ time.Time }

// UnmarshalJSON never fails.
func (s *Stamp) UnmarshalJSON(b []byte) error {
	*s = Stamp{}
	var start Start
	if json.Unmarshal(b, &start) == nil {
		s.Time, _ = start.Time()
	}
	return nil
}

// Targets are the groups an object is meant for, or what a VEN may see. The pairs of 3.0 are written
// "TYPE:value", one text for each value; a value that is no text stands there as its JSON.
type Targets []string

// UnmarshalJSON reads texts and pairs. What is neither is left out, and nothing is fatal.
func (t *Targets) UnmarshalJSON(b []byte) error {
	*t = nil
	var elements []json.RawMessage
	if json.Unmarshal(b, &elements) != nil {
		return nil
	}
	for _, e := range elements {
		var name string
		var pair ValuesMap
		switch {
		case string(e) == "null":
		case json.Unmarshal(e, &name) == nil:
			*t = append(*t, name)
		case json.Unmarshal(e, &pair) == nil && pair.Type != "":
			for _, v := range pair.Values {
				if string(v) != "null" {
					*t = append(*t, pair.Type+":"+textOf(v))
				}
			}
		}
	}
	return nil
}

// textOf is a value as text: what a JSON string says, or any other JSON as it is written.
func textOf(v json.RawMessage) string {
	var text string
	if json.Unmarshal(v, &text) != nil {
		return string(v)
	}
	return text
}

// Attributes describe a program, a VEN or a resource: MAX_POWER_EXPORT, in kW.
type Attributes []ValuesMap

// UnmarshalJSON leaves out what is no attribute; nothing is fatal.
func (a *Attributes) UnmarshalJSON(b []byte) error {
	*a = nil
	var elements []json.RawMessage
	if json.Unmarshal(b, &elements) != nil {
		return nil
	}
	for _, e := range elements {
		var m ValuesMap
		if json.Unmarshal(e, &m) == nil && m.Type != "" {
			*a = append(*a, m)
		}
	}
	return nil
}

// Of is the values of the first attribute of the type; nil if there is none.
func (a Attributes) Of(kind string) []json.RawMessage {
	for _, m := range a {
		if m.Type == kind {
			return m.Values
		}
	}
	return nil
}

// Program is what a VTN offers.
type Program struct {
	Metadata
	ProgramName        string              `json:"programName"`
	IntervalPeriod     *IntervalPeriod     `json:"intervalPeriod,omitempty"` // of the program, perhaps years; nil too if unreadable
	PayloadDescriptors []PayloadDescriptor `json:"payloadDescriptors,omitempty"`
	Attributes         Attributes          `json:"attributes,omitempty"` // with those that are fields of their own in 3.0
	Targets            Targets             `json:"targets,omitempty"`

	// Raw is the whole object as the VTN sent it, without blanks; nil for one made here.
	Raw json.RawMessage `json:"-"`
}

// PayloadDescriptor says how values of a payload type are to be read. Programs list those of reports
// among those of events, told apart by ObjectType, which 3.0 leaves out.
type PayloadDescriptor struct {
	ObjectType  string `json:"objectType"`
	PayloadType string `json:"payloadType"`
	Units       string `json:"units,omitempty"`    // "KWH", in any spelling; private ones are legal
	Currency    string `json:"currency,omitempty"` // ISO 4217
}

// The object types and payload types that Hearth reads or writes (schema; event-interval-payloads).
const (
	ObjectProgram          = "PROGRAM"
	ObjectEvent            = "EVENT"
	ObjectReport           = "REPORT"
	ObjectSubscription     = "SUBSCRIPTION"
	ObjectVEN              = "VEN"
	ObjectResource         = "RESOURCE"
	ObjectEventDescriptor  = "EVENT_PAYLOAD_DESCRIPTOR"
	ObjectReportDescriptor = "REPORT_PAYLOAD_DESCRIPTOR"

	PayloadPrice       = "PRICE"        // of energy taken
	PayloadExportPrice = "EXPORT_PRICE" // of energy given
	PayloadGHG         = "GHG"          // marginal emission, g/kWh
)

// ValuesMap is a payload: values of one type. Each value is a number, text, bool or point, as JSON text.
type ValuesMap struct {
	Type   string            `json:"type"`
	Values []json.RawMessage `json:"values"`
}

// NewValuesMap is a payload of these values, exact to the last decimal.
func NewValuesMap[T energy.Price | energy.GramsPerKWh](kind string, values ...T) (ValuesMap, error) {
	m := ValuesMap{kind, make([]json.RawMessage, len(values))}
	for i, v := range values {
		text, err := json.Marshal(v)
		if err != nil {
			return ValuesMap{}, fmt.Errorf("payload %s: value %d: %w", kind, i, err)
		}
		m.Values[i] = text
	}
	return m, nil
}

// UnmarshalJSON reads a program as a VTN sends it: with an id.
func (p *Program) UnmarshalJSON(b []byte) (err error) {
	type plain Program // without this method
	var o struct {
		plain
		IntervalPeriod json.RawMessage `json:"intervalPeriod"`
	}
	if err := json.Unmarshal(b, &o); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	var period *IntervalPeriod
	if json.Unmarshal(o.IntervalPeriod, &period) == nil { // else it is worth no program
		o.plain.IntervalPeriod = period
	}
	o.Attributes = append(o.Attributes, attributes30(b, o.Attributes)...)
	o.Raw, err = compact(b)
	*p = Program(o.plain)
	return err
}

func compact(b []byte) (json.RawMessage, error) {
	var out bytes.Buffer
	out.Grow(len(b))
	err := json.Compact(&out, b)
	return out.Bytes(), err
}
