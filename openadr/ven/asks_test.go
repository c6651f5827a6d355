package ven

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"hearth/energy"
	"hearth/openadr"
	"hearth/openadr/report"
)

// asking is an event of three intervals, one an hour, that wants two reports.
func asking(t *testing.T, period, intervals, more string) openadr.Event {
	t.Helper()
	var e openadr.Event
	text := fmt.Sprintf(`{"id":"a","programID":"p",%s"intervalPeriod":%s,"intervals":%s,
		"reportDescriptors":[{"payloadType":"USAGE"},{"payloadType":"DEMAND","startInterval":1}]}`, more, period, intervals)
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAsks_HaveTheToldTimesInListOrder(t *testing.T) {
	at := func(hour float64) time.Time { return origin0.Add(time.Duration(hour * float64(time.Hour))) }
	start := func(hour float64) string { return `"start":"` + at(hour).Format(time.RFC3339) + `"` }
	row := func(id int32, from, to float64) report.Row {
		return report.Row{ID: id, Interval: energy.Interval{Start: at(from), End: at(to)}}
	}
	endless := row(1, 1, 1)
	endless.IsEndless = true
	for name, c := range map[string]struct {
		period, intervals, more string
		want                    []report.Row
	}{
		"in turn":               {`{` + start(0) + `,"duration":"PT1H"}`, `[{"id":7,"payloads":[]},{"id":3,"payloads":[]},{"id":7,"payloads":[]}]`, "", []report.Row{row(7, 0, 1), row(3, 1, 2), row(7, 2, 3)}},
		"out of order":          {`{` + start(0) + `,"duration":"PT1H"}`, `[{"id":1,"intervalPeriod":{` + start(5) + `},"payloads":[]},{"id":2,"intervalPeriod":{` + start(2) + `},"payloads":[]}]`, "", []report.Row{row(1, 5, 6), row(2, 2, 3)}},
		"neither cut nor again": {`{` + start(0) + `,"duration":"PT1H"}`, `[{"id":1,"payloads":[]},{"id":2,"payloads":[]}]`, `"duration":"PT90M",`, []report.Row{row(1, 0, 1), row(2, 1, 2)}},
		"a mark":                {`{` + start(0) + `,"duration":"PT0S"}`, `[{"id":1,"payloads":[]}]`, "", []report.Row{row(1, 0, 0)}},
		"not shifted":           {`{` + start(0) + `,"duration":"PT1H","randomizeStart":"PT30M"}`, `[{"id":1,"payloads":[{"type":"IMPORT_CAPACITY_LIMIT","values":[1]}]}]`, "", []report.Row{row(1, 0, 1)}},
		"without end":           {`{` + start(1) + `,"duration":"P9999Y"}`, `[{"id":1,"payloads":[]}]`, "", []report.Row{endless}},
		"from now":              {`{"start":"0001-01-01","duration":"PT1H"}`, `[{"id":1,"payloads":[]}]`, "", []report.Row{row(1, 0, 1)}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.vtn.events = []openadr.Event{asking(t, c.period, c.intervals, c.more)}
			if err := b.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.clock.turn(30 * time.Minute)
			if err := b.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			asks := b.Asks()
			if len(asks) != 2 || asks[0].Index != 0 || asks[1].Index != 1 {
				t.Fatalf("got %+v", asks)
			}
			for i, r := range asks[0].Rows {
				if len(c.want) != len(asks[0].Rows) || r.ID != c.want[i].ID || r.IsEndless != c.want[i].IsEndless || !r.Start.Equal(c.want[i].Start) ||
					!r.IsEndless && !r.End.Equal(c.want[i].End) {
					t.Errorf("rows %v, want %v", asks[0].Rows, c.want)
				}
			}
		})
	}
}

func TestAsks_CannotBeAnsweredWithoutAllTimes(t *testing.T) {
	b := newBench(t)
	b.vtn.events = []openadr.Event{asking(t, `{"start":"2026-01-01T00:00:00Z"}`, `[{"id":1,"payloads":[]}]`, "")} // no duration
	if err := b.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if asks := b.Asks(); len(asks) != 2 || asks[0].Check() == nil {
		t.Errorf("got %+v", asks)
	}
}

// An event without intervals that asks from now on keeps its first "now".
func TestAsks_OfAStandingRequestKeepTheirAnchor(t *testing.T) {
	b := newBench(t)
	b.vtn.events = []openadr.Event{asking(t, `{"start":"0001-01-01","duration":"PT1H"}`, `[]`, "")}
	for range 2 {
		if err := b.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if asks := b.Asks(); len(asks) != 2 || !asks[0].Anchor.Equal(origin0) || asks[0].Check() != nil {
			t.Fatalf("got %+v, %v", asks, asks[0].Check())
		}
		b.clock.turn(time.Hour)
		b.restart()
	}
}

func TestHint_PollsSoonerUnlessTheVTNIsLost(t *testing.T) {
	fail := func(f *fakeVTN) { f.err = errAway }
	var v *VEN
	hint := func(f *fakeVTN) { f.err = nil; time.AfterFunc(10*time.Second, func() { v.Hint() }) }
	failHint := func(f *fakeVTN) { fail(f); time.AfterFunc(10*time.Second, func() { v.Hint() }) }
	good := func(f *fakeVTN) { f.err = nil }
	s := &script{steps: []func(*fakeVTN){hint, failHint, good}}
	_, at := runVEN(t, s, &memory{}, 4*time.Minute, func(x *VEN) { v = x })
	want := []time.Duration{0, 10 * time.Second, 130 * time.Second, 190 * time.Second}
	if fmt.Sprint(at) != fmt.Sprint(want) {
		t.Errorf("polls at %v, want %v", at, want)
	}
}

func TestPoll_SaysThatSomethingChanged(t *testing.T) {
	b, changes := newBench(t), 0
	b.parts.Changed = func() { changes++ }
	b.vtn.events = []openadr.Event{hourly("a", "2026-01-01T00:00:00Z", 0.1)}
	for want := 1; want < 3; want++ {
		for range 2 {
			if err := b.Poll(t.Context()); err != nil || changes != want {
				t.Fatalf("%d changes, want %d; %v", changes, want, err)
			}
		}
		b.vtn.events = []openadr.Event{hourly("a", "2026-01-01T00:00:00Z", 0.2)}
	}
	b.vtn.err = errAway
	if err := b.Poll(t.Context()); err == nil || changes != 2 {
		t.Errorf("a failed poll has changed something: %d", changes)
	}
}
