package hand

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"hearth/openadr"
)

// VTN is an OpenADR server without a wire: one program, and what a test publishes.
type VTN struct {
	Said []openadr.Event
	Err  error // of every question
}

// Programs are one.
func (v *VTN) Programs(context.Context, openadr.Query) (openadr.List[openadr.Program], error) {
	var p openadr.Program
	err := json.Unmarshal([]byte(`{"id":"p","programName":"prices"}`), &p)
	return openadr.List[openadr.Program]{Items: []openadr.Program{p}}, errors.Join(err, v.Err)
}

// Events is what was published.
func (v *VTN) Events(context.Context, openadr.Query) (openadr.List[openadr.Event], error) {
	return openadr.List[openadr.Event]{Items: v.Said}, v.Err
}

// Event finds nothing.
func (v *VTN) Event(context.Context, string) (openadr.Event, error) {
	return openadr.Event{}, &openadr.Error{Op: "get event", Kind: openadr.NotFound, Status: 404}
}

// Publish adds an event with hourly prices of one kind.
func (v *VTN) Publish(kind string, from time.Time, prices ...float64) {
	var intervals []string
	for i, p := range prices {
		intervals = append(intervals, fmt.Sprintf(`{"id":%d,"payloads":[{"type":%q,"values":[%g]}]}`, i, kind, p))
	}
	var e openadr.Event
	text := fmt.Sprintf(`{"id":"%s-%d","programID":"p","intervalPeriod":{"start":%q,"duration":"PT1H"},"intervals":[%s]}`,
		kind, from.Unix(), from.UTC().Format(time.RFC3339), strings.Join(intervals, ","))
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		panic(err)
	}
	v.Said = append(v.Said, e)
}
