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

// Targets are the groups an object is meant for. What is not text (the pairs of 3.0) is left out.
type Targets []string

// UnmarshalJSON never fails on valid JSON.
func (t *Targets) UnmarshalJSON(b []byte) error {
	*t = nil
	var elements []json.RawMessage
	if json.Unmarshal(b, &elements) != nil {
		return nil
	}
	for _, e := range elements {
		var name string
		if json.Unmarshal(e, &name) == nil {
			*t = append(*t, name)
		}
	}
	return nil
}

// Program is what a VTN offers.
type Program struct {
	Metadata
	ProgramName        string              `json:"programName"`
	PayloadDescriptors []PayloadDescriptor `json:"payloadDescriptors,omitempty"`
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
	ObjectProgram         = "PROGRAM"
	ObjectEvent           = "EVENT"
	ObjectEventDescriptor = "EVENT_PAYLOAD_DESCRIPTOR"

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
	var o plain
	if err := json.Unmarshal(b, &o); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	o.Raw, err = compact(b)
	*p = Program(o)
	return err
}

func compact(b []byte) (json.RawMessage, error) {
	var out bytes.Buffer
	out.Grow(len(b))
	err := json.Compact(&out, b)
	return out.Bytes(), err
}
