package ven

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/openadr"
)

// samples is a readable value of each payload type but the alerts, and its unit.
var samples = map[string]struct{ value, units string }{
	openadr.PayloadPrice: {"0.2", "KWH"}, openadr.PayloadExportPrice: {"-0.1", "KWH"}, PayloadPriceAlternate: {"0.1", "KWH"},
	openadr.PayloadGHG: {"300", "GHG"}, RenewableShare: {"0.4", "PERCENT"}, PayloadSimple: {"2", ""},
	PayloadImportLimit: {"0", "KW"}, PayloadExportLimit: {"4200", "W"},
	PayloadImportSubscription: {"17", "KW"}, PayloadExportSubscription: {"8", "KW"},
	PayloadImportReservation: {"3", "KW"}, PayloadExportReservation: {"3", "KW"},
	PayloadDispatch: {"2", "KW"}, PayloadDispatchRelative: {"-2", "KW"}, PayloadChargeState: {"0.8", "PERCENT"},
	PayloadControl: {`"eco"`, ""}, PayloadCurve: {`{"x":1,"y":2}`, "VOLTS"}, PayloadLoadShape: {"0.5", ""},
}

// intervals are those of a payload type in the curves.
func (c Curves) intervals(kind string) []energy.Interval {
	switch kind {
	case openadr.PayloadPrice:
		return spans(c.ImportPrice)
	case openadr.PayloadExportPrice:
		return spans(c.ExportPrice)
	case PayloadPriceAlternate:
		return spans(c.AlternatePrice)
	case openadr.PayloadGHG:
		return spans(c.Carbon)
	case RenewableShare:
		return spans(c.RenewableShare)
	case PayloadSimple:
		return spans(c.Level)
	case PayloadImportLimit:
		return spans(c.MaxImport)
	case PayloadExportLimit:
		return spans(c.MaxExport)
	case PayloadImportSubscription:
		return spans(c.ImportSubscription)
	case PayloadExportSubscription:
		return spans(c.ExportSubscription)
	case PayloadImportReservation:
		return spans(c.ImportReservation)
	case PayloadExportReservation:
		return spans(c.ExportReservation)
	case PayloadDispatch:
		return spans(c.Dispatch)
	case PayloadDispatchRelative:
		return spans(c.DispatchChange)
	case PayloadChargeState:
		return spans(c.Charge)
	case PayloadControl:
		return spans(c.Control)
	case PayloadCurve:
		return spans(c.Inverter)
	case PayloadLoadShape:
		return spans(c.LoadShape)
	}
	return nil
}

func spans[T any](s energy.Series[T]) []energy.Interval {
	var out []energy.Interval
	for _, p := range s.Points {
		out = append(out, p.Interval)
	}
	return out
}

// as is the event with other payloads at the same times.
func as(e openadr.Event, kind, value string) openadr.Event {
	e.Intervals = slices.Clone(e.Intervals)
	for i := range e.Intervals {
		e.Intervals[i].Payloads = []openadr.ValuesMap{{Type: kind, Values: []json.RawMessage{json.RawMessage(value)}}}
	}
	return e
}

func TestTimeline_EveryPayloadTypeHasTheTimesOfPrices(t *testing.T) {
	var kinds []string
	for _, name := range Meanings() {
		if _, ok := samples[name]; ok {
			kinds = append(kinds, name)
		} else if !strings.HasPrefix(name, "ALERT_") {
			t.Errorf("%s has no sample: it is in no test", name)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawEvent(t, "a"), drawEvent(t, "b")
		window := energy.Span(origin0.Add(-2*time.Hour), 4*time.Hour)
		draw := func(kind string) (Curves, []energy.Interval) {
			s := samples[kind]
			in := Input{Currency: "EUR", Conventions: Conventions{Private: map[string]string{RenewableShare: RenewableShare}}}
			in.Programs = []openadr.Program{{Metadata: openadr.Metadata{ID: "p"}, PayloadDescriptors: []openadr.PayloadDescriptor{{PayloadType: kind, Units: s.units}}}}
			for _, e := range []openadr.Event{a, b} {
				in.Events = append(in.Events, Received{as(e, kind, s.value), fetched})
			}
			c := Timeline(in, window)
			return c, c.intervals(kind)
		}
		_, want := draw(openadr.PayloadPrice)
		for _, kind := range kinds {
			if c, got := draw(kind); !slices.Equal(got, want) || len(c.Rejected) > 0 {
				t.Fatalf("%s: got %v, want %v, rejected %v", kind, got, want, c.Rejected)
			}
		}
	})
}

func TestTimeline_EveryAlertIsTold(t *testing.T) {
	count := 0
	for _, name := range Meanings() {
		if !strings.HasPrefix(name, "ALERT_") {
			continue
		}
		count++
		in := Input{Source: "ven", Events: []Received{{as(hourly("e", midnight, 0), name, `"beware"`), fetched}}}
		got := Timeline(in, energy.Span(origin0, 2*time.Hour)).Alerts
		if len(got) != 1 || got[0].Kind != name || got[0].Text != "beware" || got[0].Interval != energy.Span(origin0, time.Hour) ||
			got[0].Cause.EventID != "e" || got[0].Origin.Source != "ven/p" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if count != 10 {
		t.Errorf("%d kinds of alerts, the enumeration has 10", count)
	}
}

func TestTimeline_LongTextIsCutBetweenLetters(t *testing.T) {
	long := as(hourly("e", midnight, 0), AlertOther, fmt.Sprintf("%q", strings.Repeat("ä", maxText)))
	got := Timeline(Input{Events: []Received{{long, fetched}}}, energy.Span(origin0, time.Hour)).Alerts
	if len(got) != 1 || got[0].Text != strings.Repeat("ä", maxText/2) {
		t.Errorf("got %v", got)
	}
}

func TestTimeline_ToldValuesNameTheirEvent(t *testing.T) {
	e := limits("e", midnight, 1)
	e.Priority, e.EventName = new(int), "evening"
	got := Timeline(Input{Events: []Received{{e, fetched}}}, energy.Span(origin0, time.Hour)).MaxImport
	at, ok := got.At(origin0)
	if !ok || at.Value != 1000 || at.Payload != PayloadImportLimit || at.Cause.EventName != "evening" || at.Cause.ProgramID != "p" {
		t.Errorf("got %v", got)
	}
	if want := "1kW (IMPORT_CAPACITY_LIMIT of e, priority 0)"; at.String() != want {
		t.Errorf("got %v, want %s", at, want)
	}
	if watts := energy.Map(got, func(t Told[energy.Watts]) energy.Watts { return t.Value }); watts.Points[0].Value != 1000 {
		t.Errorf("as plain powers: %v", watts)
	}
}

func TestNonsense_AsksForOneReadableValueOfAnyType(t *testing.T) {
	at := func(kind string, values ...string) openadr.Event {
		e := hourly("e", midnight, make([]float64, len(values))...)
		for i, v := range values {
			e.Intervals[i].Payloads = []openadr.ValuesMap{{Type: kind, Values: []json.RawMessage{json.RawMessage(v)}}}
		}
		return e
	}
	for kind, s := range samples {
		private := map[string]string{RenewableShare: RenewableShare}
		good, bad := at(kind, "null", s.value), at(kind, "null", "[[]]", "null")
		if err := nonsense(&good, private); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if err := nonsense(&bad, private); err == nil || !strings.HasPrefix(err.Error(), "interval 0 "+kind) {
			t.Errorf("%s: nonsense passes: %v", kind, err)
		}
	}
	unknown := at("PRIVATE", "null")
	if err := nonsense(&unknown, nil); err != nil {
		t.Errorf("what we do not read cannot be nonsense: %v", err)
	}
	if err := nonsense(&unknown, map[string]string{"PRIVATE": PayloadSimple}); err == nil {
		t.Error("what is mapped is read")
	}
	shape := at(PayloadLoadShape, "0")
	shape.Intervals = append(shape.Intervals, openadr.Interval{ID: 1})
	shape.Intervals[0].Payloads[0].Values = []json.RawMessage{json.RawMessage("0.1"), json.RawMessage("0.9")}
	if err := nonsense(&shape, nil); err != nil {
		t.Errorf("a shape on the first interval: %v", err)
	}
}
