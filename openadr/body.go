package openadr

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxName is the length of the longest name, in characters (schema: venName, clientName, target, units).
const maxName = 128

func isName(s string) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= maxName
}

// report is the body for a report: without metadata, and no list in it is null. In 3.0 it names its program, and
// its periods have starts.
func (d Dialect) report(r Report) (any, error) {
	r.Metadata, r.ClientID = Metadata{}, ""
	if d == Dialect31 {
		r.ProgramID = ""
	} else if !isID(r.ProgramID) {
		return nil, errors.New("report: OpenADR 3.0 wants a program id")
	}
	if !isID(r.EventID) || !isName(r.ClientName) {
		return nil, errors.New("report: wants an event id and a client name")
	}
	r.PayloadDescriptors = slices.Clone(r.PayloadDescriptors)
	for i := range r.PayloadDescriptors {
		if err := r.PayloadDescriptors[i].complete(); err != nil {
			return nil, err
		}
	}
	r.Resources = append([]ReportResource{}, r.Resources...)
	for i := range r.Resources {
		if err := d.rows(&r.Resources[i]); err != nil {
			return nil, fmt.Errorf("report of %.40q: %w", r.Resources[i].ResourceName, err)
		}
	}
	return r, nil
}

// complete adds the object type that 3.1 demands.
func (p *ReportPayloadDescriptor) complete() error {
	p.ObjectType = ObjectReportDescriptor
	tooLong := func(s string) bool { return s != "" && !isName(s) }
	switch {
	case !isName(p.PayloadType), tooLong(p.ReadingType), tooLong(p.Units):
		return fmt.Errorf("descriptor of %.40q: its texts want 1 to %d characters", p.PayloadType, maxName)
	case p.Accuracy != nil && (math.IsNaN(*p.Accuracy) || math.IsInf(*p.Accuracy, 0)):
		return fmt.Errorf("descriptor of %s: accuracy is no number", p.PayloadType)
	case p.Confidence != nil && (*p.Confidence < 0 || *p.Confidence > 100):
		return fmt.Errorf("descriptor of %s: confidence %d: want 0 to 100", p.PayloadType, *p.Confidence)
	}
	return nil
}

func (d Dialect) rows(r *ReportResource) error {
	if !isName(r.ResourceName) {
		return fmt.Errorf("name: want 1 to %d characters", maxName)
	}
	if err := d.period(r.IntervalPeriod); err != nil {
		return err
	}
	r.Intervals = append([]Interval{}, r.Intervals...)
	for i := range r.Intervals {
		row := &r.Intervals[i]
		if err := d.period(row.IntervalPeriod); err != nil {
			return fmt.Errorf("interval %d: %w", row.ID, err)
		}
		payloads, err := written(row.Payloads)
		if err != nil {
			return fmt.Errorf("interval %d: %w", row.ID, err)
		}
		row.Payloads = payloads
	}
	return nil
}

// period refuses one that the dialect cannot say: in 3.0 each has a start, which is an instant.
func (d Dialect) period(p *IntervalPeriod) error {
	if p == nil {
		return nil
	}
	at, isInstant := p.Start.Time()
	if d != Dialect31 && !isInstant {
		return errors.New("period: OpenADR 3.0 wants the instant of its start")
	}
	if isInstant && (at.Year() < 0 || at.Year() > 9999) {
		return fmt.Errorf("period: the year %d cannot be written", at.Year())
	}
	for _, length := range []*Duration{p.Duration, p.Randomize} {
		if length == nil {
			continue
		}
		if _, err := ParseDuration(length.String()); err != nil {
			return fmt.Errorf("period: %w", err)
		}
	}
	return nil
}

// written is a copy in which no list of values is null.
func written(maps []ValuesMap) ([]ValuesMap, error) {
	out := append([]ValuesMap{}, maps...)
	for i := range out {
		if !isName(out[i].Type) {
			return nil, fmt.Errorf("values of %.40q: the type wants 1 to %d characters", out[i].Type, maxName)
		}
		out[i].Values = append([]json.RawMessage{}, out[i].Values...)
		for _, v := range out[i].Values {
			if !isValue(v) {
				return nil, fmt.Errorf("%s: %.40q is no number, text, bool or point", out[i].Type, v)
			}
		}
	}
	return out, nil
}

func isValue(v json.RawMessage) bool {
	v = bytes.TrimSpace(v)
	if !json.Valid(v) {
		return false
	}
	switch v[0] {
	case '[', 'n':
		return false
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		_, err := strconv.ParseFloat(string(v), 64)
		return err == nil // 1e400 is JSON, but nobody could read it
	case '{':
		var point struct{ X, Y *float64 }
		return json.Unmarshal(v, &point) == nil && point.X != nil && point.Y != nil
	}
	return true
}

// enrolBody is that of a VEN or of a resource, as a VEN writes them. Its targets are of 3.0 only: there a
// replacement without them might take them away.
type enrolBody struct {
	ObjectType   string      `json:"objectType,omitempty"`
	VENName      string      `json:"venName,omitempty"`
	ResourceName string      `json:"resourceName,omitempty"`
	VENID        string      `json:"venID,omitempty"`
	Attributes   []ValuesMap `json:"attributes,omitempty"`
	Targets      any         `json:"targets,omitempty"`
}

func (d Dialect) ven(v VENObject) (any, error) {
	if !isName(v.Name) {
		return nil, fmt.Errorf("ven name %.40q: want 1 to %d characters", v.Name, maxName)
	}
	return d.enrol(enrolBody{ObjectType: "VEN_VEN_REQUEST", VENName: v.Name}, v.Attributes, v.Targets)
}

func (d Dialect) resource(r Resource) (any, error) {
	if !isName(r.Name) {
		return nil, fmt.Errorf("resource name %.40q: want 1 to %d characters", r.Name, maxName)
	}
	return d.enrol(enrolBody{ObjectType: "VEN_RESOURCE_REQUEST", ResourceName: r.Name, VENID: r.VENID}, r.Attributes, r.Targets)
}

func (d Dialect) enrol(b enrolBody, attributes Attributes, targets Targets) (_ any, err error) {
	if b.Attributes, err = written(attributes); err != nil {
		return nil, err
	}
	if d != Dialect31 {
		b.ObjectType, b.VENID = "", "" // the one is metadata there, the other in the path
		b.Targets, err = d.targets(targets)
	}
	return b, err
}

// subscriptionBody shows the bearer token, which [Subscription] does not.
type subscriptionBody struct {
	ClientName       string          `json:"clientName"`
	ProgramID        string          `json:"programID,omitempty"`
	ObjectOperations []operationBody `json:"objectOperations"`
	Targets          any             `json:"targets,omitempty"`
}

type operationBody struct {
	Objects     []string `json:"objects"`
	Operations  []string `json:"operations"`
	CallbackURL string   `json:"callbackUrl"`
	BearerToken string   `json:"bearerToken,omitempty"`
}

func (d Dialect) subscription(s Subscription) (_ any, err error) {
	switch {
	case !isName(s.ClientName):
		return nil, errors.New("subscription: wants a client name")
	case d != Dialect31 && s.ProgramID == "":
		return nil, errors.New("subscription: OpenADR 3.0 wants a program id")
	case s.ProgramID != "" && !isID(s.ProgramID):
		return nil, fmt.Errorf("subscription to program %.40q: %w", s.ProgramID, errNoID)
	}
	b := subscriptionBody{ClientName: s.ClientName, ProgramID: s.ProgramID, ObjectOperations: []operationBody{}}
	for _, o := range s.ObjectOperations {
		w, err := d.callback(o)
		if err != nil {
			return nil, fmt.Errorf("subscription: %w", err)
		}
		b.ObjectOperations = append(b.ObjectOperations, w)
	}
	b.Targets, err = d.targets(s.Targets)
	return b, err
}

func (d Dialect) callback(o ObjectOperation) (operationBody, error) {
	w := operationBody{append([]string{}, o.Objects...), []string{}, o.CallbackURL, string(o.BearerToken)}
	known := []string{ObjectProgram, ObjectEvent, ObjectReport, ObjectSubscription, ObjectVEN, ObjectResource}
	for _, object := range o.Objects {
		if !slices.Contains(known, object) {
			return w, fmt.Errorf("object %.40q: want for example %q", object, ObjectEvent)
		}
	}
	for _, word := range o.Operations {
		operation, err := d.operation(word)
		if err != nil {
			return w, err
		}
		w.Operations = append(w.Operations, operation)
	}
	const longest = 8000 // schema, callbackUrl
	u, err := url.Parse(o.CallbackURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || len(o.CallbackURL) > longest {
		return w, errors.New("callback: want for example \"https://home.example/openadr\"")
	}
	return w, nil
}
