package report

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"

	"hearth/openadr"
)

// ErrNothing says that no resource has what is asked for, so there is nothing to tell, now or later.
var ErrNothing = errors.New("no resource has such a thing")

// Make fills a window of [Due]. The client is the name of this VEN. Of the resources those are told that the
// descriptor means, by name, by target or by the client's name, and that have such a thing ([None]); with
// aggregate, their sum.
//
// A value that is missing, or that the payload type cannot hold (USAGE is never negative), leaves a row with
// DATA_QUALITY MISSING. Where the window has an endless row, only values that need no length are known.
func Make(a Ask, w Window, resources []openadr.Resource, m Meter, client string) (openadr.Report, error) {
	t, err := a.terms()
	if err != nil {
		return openadr.Report{}, err
	}
	switch {
	case len(w.Rows) == 0 || w.Name == "":
		return openadr.Report{}, a.fault("a window without rows or name")
	case client == "":
		return openadr.Report{}, a.fault("a client without a name")
	}
	d := a.Event.ReportDescriptors[a.Index]
	r := openadr.Report{
		ProgramID: a.Event.ProgramID, EventID: a.Event.ID, ClientName: client, ReportName: w.Name,
		PayloadDescriptors: []openadr.ReportPayloadDescriptor{{
			ObjectType: openadr.ObjectReportDescriptor, PayloadType: t.payload,
			ReadingType: t.readingType(d, w.IsForecast), Units: t.units,
		}},
	}
	var sum []cell
	for _, o := range resources {
		if !isMeant(d.Targets, o, client) {
			continue
		}
		cells, isThere := t.ask(m, o.Name, w)
		switch {
		case !isThere:
		case !d.IsAggregate:
			r.Resources = append(r.Resources, t.resource(o.Name, w.Rows, cells))
		case sum == nil:
			sum = cells
		default:
			for i := range sum {
				sum[i] = sum[i].plus(cells[i])
			}
		}
	}
	if sum != nil {
		r.Resources = append(r.Resources, t.resource(openadr.AggregatedReport, w.Rows, sum))
	}
	if len(r.Resources) == 0 {
		return openadr.Report{}, a.fault("%s: %w", t.payload, ErrNothing)
	}
	return r, nil
}

// isMeant says that the targets select the resource: none select all. Pairs of 3.0 read "TYPE:value".
func isMeant(targets openadr.Targets, o openadr.Resource, client string) bool {
	return len(targets) == 0 || slices.ContainsFunc(targets, func(target string) bool {
		switch target {
		case o.Name, "RESOURCE_NAME:" + o.Name, client, "VEN_NAME:" + client:
			return true
		}
		return slices.Contains(o.Targets, target)
	})
}

// ask has the values of one resource; false if it has no such thing in any row.
func (t terms) ask(m Meter, resource string, w Window) (cells []cell, isThere bool) {
	cells = make([]cell, len(w.Rows))
	for i, r := range w.Rows {
		answer := m.Value(Question{
			Resource: resource, Payload: t.payload, Quantity: t.quantity,
			Span: r.Interval, IsEndless: r.IsEndless, IsForecast: w.IsForecast,
		})
		isThere = isThere || !answer.isNone
		cells[i] = t.cell(answer, r)
	}
	return cells, isThere
}

// resource writes the rows of one resource. The period of the first is everybody's; a row brings its own
// where it does not follow, or has another length.
func (t terms) resource(name string, rows []Row, cells []cell) openadr.ReportResource {
	out := openadr.ReportResource{
		ResourceName: name, IntervalPeriod: period(rows[0]), Intervals: make([]openadr.Interval, len(rows)),
	}
	for i, r := range rows {
		o := openadr.Interval{ID: r.ID, Payloads: t.payloads(cells[i])}
		if i > 0 {
			follows := r.Start.Equal(rows[i-1].End) && !rows[i-1].IsEndless
			if !follows || *period(r).Duration != *out.IntervalPeriod.Duration {
				o.IntervalPeriod = period(r)
			}
		}
		out.Intervals[i] = o
	}
	return out
}

func period(r Row) *openadr.IntervalPeriod {
	length := openadr.DurationOf(r.Length())
	if r.IsEndless {
		length = openadr.Duration{Infinite: true}
	}
	return &openadr.IntervalPeriod{Start: openadr.At(r.Start), Duration: &length}
}

// payloads has the value, and its quality where that says something or was asked for.
func (t terms) payloads(c cell) []openadr.ValuesMap {
	text, isKnown := t.write(c)
	if !isKnown {
		return []openadr.ValuesMap{quality(Missing)}
	}
	out := []openadr.ValuesMap{{Type: t.payload, Values: []json.RawMessage{text}}}
	if c.quality != OK || t.hasQuality {
		out = append(out, quality(c.quality))
	}
	return out
}

func quality(q Quality) openadr.ValuesMap {
	return openadr.ValuesMap{Type: dataQuality, Values: []json.RawMessage{json.RawMessage(`"` + string(q) + `"`)}}
}

// maxNumber is more than any home has, and exact in a float to far below a watt.
const maxNumber = 1e12

// write is the value in the unit asked for, to six decimals; false for what the type cannot hold.
func (t terms) write(c cell) (json.RawMessage, bool) {
	if c.quality == Missing {
		return nil, false
	}
	if t.quantity == State {
		return json.RawMessage(`"` + c.state + `"`), isState(c.state)
	}
	v := math.Round(c.number/t.factor*1e6) / 1e6
	switch {
	case math.Abs(c.number) > maxNumber, t.isAmount && c.number < 0,
		t.quantity == Fraction && (c.number < 0 || c.number > 1),
		t.quantity == Level && !slices.Contains([]float64{0, 1, 2, 3}, c.number):
		return nil, false
	case v == 0:
		v = 0 // not -0
	}
	return json.RawMessage(strconv.FormatFloat(v, 'f', -1, 64)), true
}

// isState knows the operating states (report-payloads, OPERATING_STATE).
func isState(s string) bool {
	switch s {
	case "NORMAL", "ERROR", "IDLE_NORMAL", "RUNNING_NORMAL", "RUNNING_CURTAILED", "RUNNING_HEIGHTENED", "IDLE_CURTAILED",
		"SGD_ERROR_CONDITION", "IDLE_HEIGHTENED", "IDLE_OPTED_OUT", "RUNNING_OPTED_OUT":
		return true
	}
	return false
}
