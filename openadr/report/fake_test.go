package report

import (
	"encoding/json"
	"time"

	"hearth/energy"
	"hearth/openadr"
)

var midnight = time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)

// defaults is a descriptor of which only the payload type was given.
func defaults(payload string) openadr.ReportDescriptor {
	var d openadr.ReportDescriptor
	if err := json.Unmarshal([]byte(`{"payloadType":"`+payload+`"}`), &d); err != nil {
		panic(err)
	}
	return d
}

// askOf places the intervals of an event by the plainest reading: own start, or where the one before ended.
func askOf(e openadr.Event, anchor time.Time) Ask {
	a := Ask{Event: e, Anchor: anchor}
	next := anchor
	if e.IntervalPeriod != nil {
		if t, ok := e.IntervalPeriod.Start.Time(); ok {
			next = t
		}
	}
	for _, i := range e.Intervals {
		var length openadr.Duration
		if e.IntervalPeriod != nil && e.IntervalPeriod.Duration != nil {
			length = *e.IntervalPeriod.Duration
		}
		if own := i.IntervalPeriod; own != nil {
			if t, ok := own.Start.Time(); ok {
				next = t
			}
			if own.Duration != nil {
				length = *own.Duration
			}
		}
		end, isFinite := length.AddTo(next)
		a.Rows = append(a.Rows, Row{i.ID, energy.Interval{Start: next, End: end}, !isFinite})
		next = end
	}
	return a
}

// hours is an event of n rows of an hour from midnight on, with odd ids, and its descriptor.
func hours(n int, d openadr.ReportDescriptor) Ask {
	e := openadr.Event{
		Metadata: openadr.Metadata{ID: "e"}, ProgramID: "p",
		IntervalPeriod: openadr.Period(midnight, time.Hour), ReportDescriptors: []openadr.ReportDescriptor{d},
	}
	for i := range n {
		e.Intervals = append(e.Intervals, openadr.Interval{ID: int32(70 + i%3)})
	}
	return askOf(e, time.Time{})
}

func at(hours float64) time.Time { return midnight.Add(time.Duration(hours * float64(time.Hour))) }

// failing is a test, or one of rapid's.
type failing interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func one(t failing, a Ask, now time.Time) Window {
	t.Helper()
	w := Due(a, Sent{}, now)
	if len(w) != 1 {
		t.Fatalf("%d windows, want one: %v (check: %v)", len(w), w, a.Check())
	}
	return w[0]
}

func named(names ...string) []openadr.Resource {
	var out []openadr.Resource
	for _, n := range names {
		out = append(out, openadr.Resource{Name: n})
	}
	return out
}
