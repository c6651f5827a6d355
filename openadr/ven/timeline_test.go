package ven

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/openadr"
)

var origin0 = time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)

// drawEvent draws an event with whole-minute times around origin0, small enough for the oracle.
func drawEvent(t *rapid.T, id string) openadr.Event {
	minutes := func(from, to int, name string) time.Duration {
		return time.Duration(rapid.IntRange(from, to).Draw(t, name)) * time.Minute
	}
	e := openadr.Event{Metadata: openadr.Metadata{ID: id}, ProgramID: "p"}
	e.IntervalPeriod = openadr.Period(origin0.Add(minutes(-300, 100, "start")), minutes(1, 60, "length"))
	if rapid.Bool().Draw(t, "has priority") {
		p := rapid.IntRange(0, 2).Draw(t, "priority")
		e.Priority = &p
	}
	if rapid.Bool().Draw(t, "has duration") {
		d := openadr.DurationOf(minutes(0, 400, "duration"))
		if rapid.IntRange(0, 4).Draw(t, "for ever") == 0 {
			d = openadr.Duration{Infinite: true}
		}
		e.Duration = &d
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "intervals") {
		row := openadr.Interval{ID: int32(i)}
		if rapid.IntRange(0, 3).Draw(t, "own start") == 0 {
			row.IntervalPeriod = openadr.Period(origin0.Add(minutes(-300, 100, "start")), minutes(0, 60, "length"))
		}
		values := []json.RawMessage{json.RawMessage(fmt.Sprint(rapid.IntRange(-5, 5).Draw(t, "value")))}
		for range rapid.IntRange(0, 2).Draw(t, "more values") {
			values = append(values, json.RawMessage(fmt.Sprint(len(values))))
		}
		if rapid.IntRange(0, 9).Draw(t, "bad") == 0 {
			values[0] = json.RawMessage(`"cheap"`)
		}
		row.Payloads = []openadr.ValuesMap{{Type: openadr.PayloadPrice, Values: values}}
		e.Intervals = append(e.Intervals, row)
	}
	return e
}

// oracle says what holds at an instant by the plainest reading: it unrolls every event, row by row.
func oracle(events []openadr.Event, at time.Time) (energy.Price, bool) {
	type holding struct {
		priority int
		id       string
		start    time.Time
		position int
		value    energy.Price
	}
	var best *holding
	for _, e := range events {
		priority := 99
		if e.Priority != nil {
			priority = *e.Priority
		}
		forEachRow(e, func(position int, start, end, limit time.Time) {
			if at.Before(start) || !at.Before(end) || !at.Before(limit) {
				return
			}
			values := e.Intervals[position].Payloads[0].Values
			if values[0][0] == '"' {
				return
			}
			part := int64(at.Sub(start)) * int64(len(values)) / int64(end.Sub(start))
			v, err := energy.ParseDecimalPrice(string(values[part]))
			if err != nil {
				panic(err)
			}
			h := holding{priority, e.ID, start, position, v}
			isBetter := best == nil || h.priority < best.priority ||
				h.priority == best.priority && (h.id > best.id || h.id == best.id &&
					(h.start.After(best.start) || h.start.Equal(best.start) && h.position > best.position))
			if isBetter {
				best = &h
			}
		})
	}
	if best == nil {
		return 0, false
	}
	return best.value, true
}

// forEachRow unrolls an event, for ever meaning a day; nothing of it holds from limit on.
func forEachRow(e openadr.Event, f func(position int, start, end, limit time.Time)) {
	type span struct {
		position   int
		start, end time.Time
	}
	var rows []span
	next, _ := e.IntervalPeriod.Start.Time()
	for i, row := range e.Intervals {
		length := time.Duration(e.IntervalPeriod.Duration.Seconds) * time.Second
		if row.IntervalPeriod != nil {
			next, _ = row.IntervalPeriod.Start.Time()
			length = time.Duration(row.IntervalPeriod.Duration.Seconds) * time.Second
		}
		if length > 0 {
			rows = append(rows, span{i, next, next.Add(length)})
		}
		next = next.Add(length)
	}
	if len(rows) == 0 {
		return
	}
	first, last := rows[0].start, rows[0].end
	for _, r := range rows {
		if r.start.Before(first) {
			first = r.start
		}
		if r.end.After(last) {
			last = r.end
		}
	}
	limit := last
	if d := e.Duration; d != nil && !d.IsZero() {
		limit = first.Add(time.Duration(d.Seconds) * time.Second)
		if d.Infinite {
			limit = origin0.Add(24 * time.Hour)
		}
	}
	for shift := time.Duration(0); first.Add(shift).Before(limit); shift += last.Sub(first) {
		for _, r := range rows {
			f(r.position, r.start.Add(shift), r.end.Add(shift), limit)
		}
	}
}

func TestTimeline_AgreesWithThePlainestReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var events []openadr.Event
		in := Input{Source: "ven", Currency: "EUR"}
		for i := range rapid.IntRange(0, 4).Draw(t, "events") {
			e := drawEvent(t, fmt.Sprint("e", i))
			events = append(events, e)
			in.Events = append(in.Events, Received{e, fetched})
		}
		window := energy.Span(origin0.Add(-2*time.Hour), 4*time.Hour)
		got := Timeline(in, window).ImportPrice
		if err := got.Validate(); err != nil {
			t.Fatal(err)
		}
		for at := window.Start.Add(-time.Hour); at.Before(window.End.Add(time.Hour)); at = at.Add(30 * time.Second) {
			value, isKnown := got.At(at)
			wantValue, wantKnown := energy.Price(0), false
			if window.Contains(at) {
				wantValue, wantKnown = oracle(events, at)
			}
			if value != wantValue || isKnown != wantKnown {
				t.Fatalf("at %v: got %v %v, want %v %v", at, value, isKnown, wantValue, wantKnown)
			}
		}
	})
}

func TestTimeline_DoesNotDependOnTheOrderOfEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := Input{Source: "ven", Currency: "EUR"}
		for i := range rapid.IntRange(0, 6).Draw(t, "events") {
			in.Events = append(in.Events, Received{drawEvent(t, fmt.Sprint("e", i)), fetched})
		}
		window := energy.Span(origin0.Add(-2*time.Hour), 4*time.Hour)
		want := Timeline(in, window)
		in.Events = rapid.Permutation(in.Events).Draw(t, "order")
		if got := Timeline(in, window); !reflect.DeepEqual(got, want) {
			t.Fatalf("got\n%s\nwant\n%s", text(got), text(want))
		}
	})
}

func TestTimeline_WindowCutsAndNeverChangesWhatIsInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := Input{Source: "ven", Currency: "EUR", Events: []Received{{drawEvent(t, "a"), fetched}, {drawEvent(t, "b"), fetched}}}
		wide := energy.Span(origin0.Add(-10*time.Hour), 20*time.Hour)
		start := origin0.Add(time.Duration(rapid.IntRange(-400, 400).Draw(t, "from")) * time.Minute)
		narrow := energy.Span(start, time.Duration(rapid.IntRange(1, 200).Draw(t, "length"))*time.Minute)
		want := Timeline(in, wide).ImportPrice.Slice(narrow)
		got := Timeline(in, narrow).ImportPrice
		if len(got.Points) != len(want.Points) {
			t.Fatalf("%v: got %v, want %v", narrow, got, want)
		}
		for i := range got.Points {
			if got.Points[i].Interval != want.Points[i].Interval || got.Points[i].Value != want.Points[i].Value {
				t.Fatalf("%v: got %v, want %v", narrow, got, want)
			}
		}
	})
}

func TestTimeline_KnowsNothingOutsideItsYears(t *testing.T) {
	in, _ := readGolden(t, "testdata/longer-event-loops")
	for _, window := range []energy.Interval{
		{}, {Start: origin0, End: origin0}, {Start: origin0, End: origin0.Add(-time.Hour)},
		energy.Span(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Hour),
		energy.Span(time.Date(9998, 1, 1, 0, 0, 0, 0, time.UTC), time.Hour),
	} {
		if got := Timeline(in, window); !reflect.DeepEqual(got, Curves{}) {
			t.Errorf("%v: %s", window, text(got))
		}
	}
	if got := Timeline(in, energy.Span(origin0, time.Hour)); len(got.ImportPrice.Points) != 1 {
		t.Errorf("and today: %s", text(got))
	}
}

func TestTimeline_LoopOfYearsCostsNothing(t *testing.T) {
	e := openadr.Event{
		Metadata: openadr.Metadata{ID: "e"}, ProgramID: "p", Duration: &openadr.Duration{Infinite: true},
		IntervalPeriod: openadr.Period(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Millisecond),
		Intervals: []openadr.Interval{
			{Payloads: []openadr.ValuesMap{{Type: openadr.PayloadPrice, Values: []json.RawMessage{json.RawMessage("1")}}}},
			{Payloads: []openadr.ValuesMap{{Type: openadr.PayloadPrice, Values: []json.RawMessage{json.RawMessage("2")}}}},
		},
	}
	in := Input{Currency: "EUR", Events: []Received{{e, fetched}}}
	allocations := testing.AllocsPerRun(10, func() {
		got := Timeline(in, energy.Span(origin0.Add(time.Millisecond), 2*time.Millisecond))
		if len(got.ImportPrice.Points) != 2 || got.ImportPrice.Points[0].Value.String() != "2" {
			t.Fatal(text(got))
		}
	})
	if allocations > 100 {
		t.Errorf("4,000,000,000,000 repetitions cost %v allocations", allocations)
	}
}

func TestTimeline_EventThatIsTooMuchLeavesRoomForOthers(t *testing.T) {
	looping := func(id string, priority int, length time.Duration, rows int) Received {
		e, each := hourly(id, midnight, make([]float64, rows)...), openadr.DurationOf(length)
		e.IntervalPeriod.Duration, e.Duration, e.Priority = &each, &openadr.Duration{Infinite: true}, &priority
		return Received{e, fetched}
	}
	window := energy.Span(origin0, 60*time.Hour)
	in := Input{Currency: "EUR", Events: []Received{
		looping("flood", 0, 400*time.Millisecond, 3), // its first interval alone would be allowed
		looping("other", 1, time.Second, 1),
	}}
	got := Timeline(in, window)
	if len(got.Rejected) != 1 || got.Rejected[0].EventID != "flood" || len(got.ImportPrice.Points) != 60*3600 {
		t.Errorf("%d prices, rejected %v", len(got.ImportPrice.Points), got.Rejected)
	}
}

func FuzzTimeline(f *testing.F) {
	f.Add([]byte(`{"id":"e","programID":"p","duration":"P9999Y","intervalPeriod":{"start":"2020-01-01T00:00:00Z","duration":"PT1H"},
		"intervals":[{"id":0,"payloads":[{"type":"PRICE","values":[1,2,3]}]},{"id":1,"payloads":[{"type":"GHG","values":[1]}]}]}`))
	f.Add([]byte(`{"id":"e","programID":"p","priority":0,"intervalPeriod":{"start":"0001-01-01","duration":"P9999Y"},
		"intervals":[{"id":0,"payloads":[{"type":"EXPORT_PRICE","values":[-1e-5]}]}]}`))
	f.Add([]byte(`{"id":"e","programID":"p","duration":"PT0.000000001S","intervals":[{"id":0,"intervalPeriod":{"start":"9999-12-31","duration":"P1M"},
		"payloads":[{"type":"PRICE","values":[]}]}]}`))
	f.Add([]byte(`{"id":"e","programID":"p","targets":["car"],"intervalPeriod":{"start":"2026-03-28T01:00:00Z","duration":"PT0S","randomizeStart":"PT1H"},
		"payloadDescriptors":[{"payloadType":"CHARGE_STATE_SETPOINT","units":"PERCENT"}],
		"intervals":[{"id":0,"payloads":[{"type":"IMPORT_CAPACITY_LIMIT","values":[4]},{"type":"SIMPLE","values":[2]},{"type":"CHARGE_STATE_SETPOINT","values":[80]}]},
		{"id":1,"intervalPeriod":{"duration":"PT1H","randomizeStart":"P1M"},"payloads":[{"type":"CURVE","values":[{"x":1,"y":2}]},{"type":"OLS","values":[0,1]},
		{"type":"ALERT_FIRE","values":["f"]},{"type":"GREEN","values":[40]},{"type":"CONTROL_SETPOINT","values":[true]}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var e openadr.Event
		if json.Unmarshal(raw, &e) != nil {
			return
		}
		in := Input{Currency: "EUR", Events: []Received{{e, fetched}, {as(e, PayloadImportSubscription, "1"), fetched}}, Anchors: Anchors{AnchorKey(&e): origin0}}
		in.Conventions = Conventions{Private: map[string]string{"GREEN": RenewableShare}, Hundreds: []string{"p"}, Resources: []string{"car"}}
		window := energy.Span(origin0, 24*time.Hour)
		for _, in.IsOld = range []bool{false, true} {
			got := Timeline(in, window)
			check(t, got, window)
			if again := Timeline(in, window); !reflect.DeepEqual(again, got) {
				t.Fatalf("got\n%s\nthen\n%s", text(got), text(again))
			}
			for _, own := range got.Resources {
				check(t, own, window)
			}
		}
	})
}

// check says that all is in order and inside the window, and that values are what their types promise.
func check(t *testing.T, c Curves, window energy.Interval) {
	t.Helper()
	for kind := range samples {
		last := window.Start
		for _, i := range c.intervals(kind) {
			if i.IsEmpty() || i.Start.Before(last) || i.End.After(window.End) {
				t.Fatalf("%s: %v after %v in %v", kind, i, last, window)
			}
			last = i.End
		}
	}
	for _, a := range c.Alerts {
		if a.IsEmpty() || a.Overlap(window) != a.Interval || a.Cause == nil {
			t.Fatalf("%+v is outside of %v", a, window)
		}
	}
	for _, s := range []energy.Series[Told[energy.Watts]]{c.MaxImport, c.MaxExport, c.ImportReservation, c.Dispatch} {
		for _, p := range s.Points {
			if !(p.Value.Value >= 0) || math.IsInf(float64(p.Value.Value), 0) {
				t.Fatalf("power %v", p.Value)
			}
		}
	}
	for _, p := range c.Charge.Points {
		if soc := p.Value.Value.SoC; !(soc >= 0 && soc <= 1) {
			t.Fatalf("charge %v", p.Value)
		}
	}
	for _, p := range c.Level.Points {
		if level := p.Value.Value; level < 0 || level > 3 {
			t.Fatalf("level %v", p.Value)
		}
	}
}
