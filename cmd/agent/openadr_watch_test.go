package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/openadr"
	"hearth/openadr/ven"
)

// heard is what the engine makes of events on friday.
func heard(t *testing.T, revision uint64, events ...openadr.Event) ven.Signals {
	t.Helper()
	in := ven.Input{Source: "utility", Currency: "EUR", Programs: []openadr.Program{{Metadata: openadr.Metadata{ID: "p"}, ProgramName: "all"}},
		Conventions: ven.Conventions{Resources: []string{"wallbox"}}}
	for _, e := range events {
		in.Events = append(in.Events, ven.Received{Event: e, Fetched: friday})
	}
	return ven.Signals{
		Curves:      ven.Timeline(in, energy.Span(friday.Add(-24*time.Hour), 8*24*time.Hour)),
		Programs:    []ven.Program{{ID: "p", Name: "all"}},
		LastSuccess: friday, Revision: revision,
	}
}

// at is an event of one interval of two hours, some hours after friday.
func at(hours int, id string, payloads ...openadr.ValuesMap) openadr.Event {
	return openadr.Event{Metadata: openadr.Metadata{ID: id}, ProgramID: "p", EventName: "the " + id,
		IntervalPeriod: openadr.Period(friday.Add(time.Duration(hours)*time.Hour), 2*time.Hour), Intervals: []openadr.Interval{{Payloads: payloads}}}
}

// everything is an event of each kind that a timeline has.
func everything() []openadr.Event {
	var all []openadr.Event
	for i, p := range []openadr.ValuesMap{
		payloadOf("PRICE", "0.3"), payloadOf("EXPORT_PRICE", "-0.01"), payloadOf("PRICE_ALTERNATE", "1"), payloadOf("GHG", "412"),
		payloadOf("IMPORT_CAPACITY_LIMIT", "0"), payloadOf("EXPORT_CAPACITY_LIMIT", "7"), payloadOf("IMPORT_CAPACITY_RESERVATION", "1"),
		payloadOf("EXPORT_CAPACITY_RESERVATION", "1"), payloadOf("SIMPLE", "2"), payloadOf("DISPATCH_SETPOINT", "3"),
		payloadOf("DISPATCH_SETPOINT_RELATIVE", "-3"), payloadOf("CONTROL_SETPOINT", `"eco"`), payloadOf("OLS", "0.5"),
		payloadOf("CURVE", `{"x":1,"y":2}`), payloadOf("ALERT_OTHER", `"hello\u001b[2J"`),
	} {
		all = append(all, at(i, "e"+string(rune('a'+i)), p))
	}
	level := 3
	own := at(3, "own", payloadOf("SIMPLE", "3"))
	own.Targets, own.Priority = openadr.Targets{"wallbox"}, &level
	charge := at(5, "charge", payloadOf("CHARGE_STATE_SETPOINT", "0.8"))
	charge.PayloadDescriptors = []openadr.PayloadDescriptor{{PayloadType: "CHARGE_STATE_SETPOINT", Units: "PERCENT"}}
	return append(all, own, charge)
}

func TestTimelines_ShowEveryKindWithItsReason(t *testing.T) {
	var out strings.Builder
	shows := &timelines{w: &out, zone: time.UTC}
	shows.show("utility", heard(t, 1, everything()...), energy.Span(friday, 24*time.Hour))
	golden(t, "watch-everything", out.String())
	for what := range strings.FieldsSeq("price carbon import export level dispatch charge control shape inverter ALERT_OTHER wallbox") {
		if !strings.Contains(out.String(), what) {
			t.Errorf("no %s", what)
		}
	}
	if strings.ContainsRune(out.String(), 0x1b) {
		t.Error("a stranger moves the cursor")
	}
}

func TestTimelines_JSONHasTheSameLines(t *testing.T) {
	var people, machines strings.Builder
	for _, o := range []*timelines{{w: &people, zone: time.UTC}, {w: &machines, zone: time.UTC, isJSON: true}} {
		o.show("utility", heard(t, 1, everything()...), energy.Span(friday, 24*time.Hour))
	}
	if strings.Count(people.String(), "\n") != strings.Count(machines.String(), "\n") {
		t.Errorf("%d lines, and %d", strings.Count(people.String(), "\n"), strings.Count(machines.String(), "\n"))
	}
	for text := range strings.Lines(machines.String()) {
		var o struct {
			Is, VTN, What string
			From, To      time.Time
		}
		if err := json.Unmarshal([]byte(text), &o); err != nil || o.Is != "new" || o.VTN != "utility" || o.What == "" || !o.From.Before(o.To) {
			t.Errorf("%v: %s", err, text)
		}
	}
}

// What changed is shown as it was and as it is; what is over, or came into sight, is no change.
func TestTimelines_ShowTheDifferenceOnly(t *testing.T) {
	price := func(text string) openadr.Event { return at(1, "a", payloadOf("PRICE", text)) }
	old, far := at(0, "old", payloadOf("SIMPLE", "1")), at(25, "far", payloadOf("GHG", "9"))
	for name, c := range map[string]struct {
		before, after []openadr.Event
		later         time.Duration
		want          string // signs and values
	}{
		"nothing":           {[]openadr.Event{price("1")}, []openadr.Event{price("1")}, 0, ""},
		"another value":     {[]openadr.Event{price("1")}, []openadr.Event{price("2")}, 0, "-1 +2"},
		"withdrawn":         {[]openadr.Event{price("1")}, nil, 0, "-1"},
		"new":               {nil, []openadr.Event{price("1")}, 0, "+1"},
		"over and gone":     {[]openadr.Event{price("1"), old}, []openadr.Event{price("1")}, 2 * time.Hour, ""},
		"withdrawn midway":  {[]openadr.Event{price("1"), old}, []openadr.Event{price("1")}, time.Hour, "-1"},
		"too far to be new": {[]openadr.Event{price("1")}, []openadr.Event{price("1"), far}, 0, ""},
	} {
		var out strings.Builder
		shows := &timelines{w: &out, zone: time.UTC}
		shows.show("utility", heard(t, 1, c.before...), energy.Span(friday, 24*time.Hour))
		out.Reset()
		shows.show("utility", heard(t, 1, c.after...), energy.Span(friday, 24*time.Hour)) // no revision, no news
		if out.Len() > 0 {
			t.Errorf("%s: without a new revision\n%s", name, out.String())
		}
		shows.show("utility", heard(t, 2, c.after...), energy.Span(friday.Add(c.later), 24*time.Hour))
		var got []string
		for text := range strings.Lines(out.String()) {
			fields := strings.Fields(text)
			if fields[0] != "+" && fields[0] != "-" {
				continue // that nothing holds
			}
			_, value, _ := strings.Cut(text, "price")
			if strings.Contains(text, "level") {
				_, value, _ = strings.Cut(text, "level")
			}
			got = append(got, fields[0]+strings.Fields(value)[0])
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s\n%s", name, got, c.want, out.String())
		}
	}
}

func TestSpan_NamesTheSecondDayWhereItIsAnother(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 10, 25, 0, 0, 0, 0, berlin) // of 25 hours
	for _, c := range []struct {
		from, to time.Time
		want     string
	}{
		{day, day.Add(time.Hour), "Sun 25 Oct 00:00 to 01:00"},
		{day, energy.Day(day, berlin).End, "Sun 25 Oct 00:00 to 00:00"},
		{day, day.Add(26 * time.Hour), "Sun 25 Oct 00:00 to Mon 26 Oct 01:00"},
		{day.Add(2 * time.Hour), day.Add(3 * time.Hour), "Sun 25 Oct 02:00 to 02:00"},
	} {
		if got := span(c.from, c.to, berlin); got != c.want {
			t.Errorf("%v to %v: %s, want %s", c.from, c.to, got, c.want)
		}
	}
}
