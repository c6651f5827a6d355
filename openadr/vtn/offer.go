package vtn

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"hearth/openadr"
)

// programDesk is where the business side publishes programs, and all clients read them.
func (v *VTN) programDesk() *desk {
	return &desk{
		rack:    &v.programs,
		seen:    v.visiblePrograms,
		writers: v.businessOnly,
		adapt:   withID,
		check:   func(o any, _ *http.Request) *refusal { return v.checkProgram(o.(*openadr.Program)) },
		admit:   v.admitProgram,
	}
}

func (v *VTN) admitProgram(x, _ any) *refusal {
	o := x.(*openadr.Program)
	for i := range v.programs.items {
		if other := &v.programs.items[i]; other.ProgramName == o.ProgramName && other.ID != o.ID {
			return &refusal{http.StatusConflict, "there is a program of this name"}
		}
	}
	return nil
}

// eventDesk is the same for events. The API lists no 404 for their programs, so a missing one is a conflict.
func (v *VTN) eventDesk() *desk {
	return &desk{
		rack:    &v.events,
		seen:    v.visibleEvents,
		writers: v.businessOnly,
		adapt:   withID,
		check:   func(o any, _ *http.Request) *refusal { return v.checkEvent(o.(*openadr.Event)) },
		admit: func(o, _ any) *refusal {
			if !has(&v.programs, o.(*openadr.Event).ProgramID) {
				return &refusal{http.StatusConflict, "no program with this id"}
			}
			return nil
		},
	}
}

// withID gives a request the id without which the model reads no object; the one it has does not count.
func withID(text []byte) ([]byte, error) {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	if fields == nil {
		return nil, errors.New("the body is null")
	}
	fields["id"] = json.RawMessage(`"new"`)
	for _, metadata := range []string{"createdDateTime", "modificationDateTime", "objectType"} {
		delete(fields, metadata)
	}
	return json.Marshal(fields)
}

// carried is what the model has no fields for and a program keeps all the same.
type carried struct {
	Descriptors  []json.RawMessage `json:"payloadDescriptors,omitempty"` // those of reports have more than the model
	Descriptions json.RawMessage   `json:"programDescriptions,omitempty"`
	TimeZone     json.RawMessage   `json:"timeZoneOffset,omitempty"` // of 3.0
}

// whole is a program with what it carries.
func whole(p openadr.Program) any {
	var c carried
	if p.Raw == nil || json.Unmarshal(p.Raw, &c) != nil || len(c.Descriptors) != len(p.PayloadDescriptors) { // changed since
		return p
	}
	type model struct{ openadr.Program } // so that what is carried counts where both have it
	return struct {
		model
		carried
	}{model{p}, c}
}

type description struct {
	URL string `json:"URL"`
}

// checkProgram is strict where reading is not: what would be left out is refused, lest a publisher believes that it
// was published.
func (v *VTN) checkProgram(o *openadr.Program) *refusal {
	var said struct {
		Period       json.RawMessage   `json:"intervalPeriod"`
		Targets      json.RawMessage   `json:"targets"`
		Attributes   []json.RawMessage `json:"attributes"`
		Descriptions []description     `json:"programDescriptions"`
	}
	if err := json.Unmarshal(o.Raw, &said); err != nil {
		return bad("%v", err)
	}
	switch {
	case !isName(o.ProgramName):
		return bad("programName: want 1 to %d characters", maxName)
	case isGiven(said.Period) && o.IntervalPeriod == nil:
		return bad("intervalPeriod: cannot be read")
	case len(o.Attributes) < len(said.Attributes):
		return bad("attributes: each wants a type and values")
	case slices.Contains(said.Descriptions, description{}):
		return bad("programDescriptions: each wants a URL")
	}
	if why := checkValues("attributes", o.Attributes); why != nil {
		return why
	}
	if why := v.checkDescriptors(o.PayloadDescriptors, openadr.ObjectEventDescriptor, openadr.ObjectReportDescriptor); why != nil {
		return why
	}
	return v.checkTargets(said.Targets)
}

func (v *VTN) checkEvent(o *openadr.Event) *refusal {
	var said struct {
		Targets json.RawMessage `json:"targets"`
	}
	if err := json.Unmarshal(o.Raw, &said); err != nil {
		return bad("%v", err)
	}
	o.Raw = nil // all of it is in the model
	if !isID(o.ProgramID) {
		return bad("programID: not an object id")
	}
	if v.cfg.Dialect != openadr.Dialect31 && o.Intervals == nil {
		return bad("intervals are missing")
	}
	for _, i := range o.Intervals {
		if i.Payloads == nil {
			return bad("interval %d has no payloads", i.ID)
		}
		if why := checkValues("interval", i.Payloads); why != nil {
			return why
		}
	}
	for _, d := range o.ReportDescriptors {
		if !isName(d.PayloadType) {
			return bad("reportDescriptors: each wants a payloadType")
		}
	}
	if why := v.checkDescriptors(o.PayloadDescriptors, openadr.ObjectEventDescriptor); why != nil {
		return why
	}
	for i := range o.PayloadDescriptors {
		o.PayloadDescriptors[i].ObjectType = openadr.ObjectEventDescriptor // which 3.0 may leave out
	}
	return v.checkTargets(said.Targets)
}

func isGiven(text json.RawMessage) bool { return len(text) > 0 && string(text) != "null" }

// checkDescriptors wants one of the object types, which 3.0 does not ask for.
func (v *VTN) checkDescriptors(list []openadr.PayloadDescriptor, kinds ...string) *refusal {
	for _, d := range list {
		if !isName(d.PayloadType) || v.cfg.Dialect == openadr.Dialect31 && !slices.Contains(kinds, d.ObjectType) {
			return bad("payloadDescriptors: each wants a payloadType and the objectType %s", kinds[0])
		}
	}
	return nil
}

func checkValues(where string, maps []openadr.ValuesMap) *refusal {
	for _, m := range maps {
		if !isName(m.Type) || m.Values == nil {
			return bad("%s: want a type and values", where)
		}
		for _, value := range m.Values {
			if !isValue(value) {
				return bad("%s: %.40q of %.40s is no number, text, bool or point", where, value, m.Type)
			}
		}
	}
	return nil
}

func isValue(v json.RawMessage) bool {
	switch v = bytes.TrimSpace(v); v[0] {
	case 'n', '[':
		return false
	case '{':
		var point struct{ X, Y *float64 }
		return json.Unmarshal(v, &point) == nil && point.X != nil && point.Y != nil
	case '"', 't', 'f':
		return true
	}
	var number float64
	return json.Unmarshal(v, &number) == nil // 1e400 is JSON, but nobody could read it
}

// checkTargets wants texts, or in 3.0 pairs of a type and values.
func (v *VTN) checkTargets(text json.RawMessage) *refusal {
	if !isGiven(text) {
		return nil
	}
	var flat []string
	var pairs []struct {
		Type   string            `json:"type"`
		Values []json.RawMessage `json:"values"`
	}
	if v.cfg.Dialect == openadr.Dialect31 {
		if json.Unmarshal(text, &flat) != nil || slices.ContainsFunc(flat, func(s string) bool { return !isName(s) }) {
			return bad("targets: want texts of 1 to %d characters", maxName)
		}
		return nil
	}
	err := json.Unmarshal(text, &pairs)
	for _, p := range pairs {
		if !isName(p.Type) || p.Values == nil || slices.ContainsFunc(p.Values, func(v json.RawMessage) bool { return !isValue(v) }) {
			err = errors.New("no pair")
		}
	}
	if err != nil {
		return bad("targets: each wants a type and values")
	}
	return nil
}
