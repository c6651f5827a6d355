package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/openadr"
)

// payloads writes the rows of a report as "name: id TYPE value [QUALITY] | ...".
func payloads(r openadr.Report) string {
	var lines []string
	for _, o := range r.Resources {
		var rows []string
		for _, i := range o.Intervals {
			text := fmt.Sprint(i.ID)
			for _, p := range i.Payloads {
				if p.Type != dataQuality {
					text += " " + p.Type
				}
				for _, v := range p.Values {
					text += " " + string(v)
				}
			}
			rows = append(rows, text)
		}
		lines = append(lines, o.ResourceName+": "+strings.Join(rows, " | "))
	}
	return strings.Join(lines, "\n")
}

func always(a Answer) Meter { return MeterFunc(func(Question) Answer { return a }) }

func made(t failing, a Ask, now time.Time, m Meter, resources ...string) openadr.Report {
	t.Helper()
	r, err := Make(a, one(t, a, now), named(resources...), m, "home")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMake_TellsEachTypeInItsUnit(t *testing.T) {
	for _, c := range []struct {
		payload, units string
		answer         Answer
		want           string
		wantUnits      string
	}{
		{"USAGE", "", EnergyOf(1250, OK), "USAGE 1.25", "KWH"},
		{"USAGE", "kWh", EnergyOf(1250, OK), "USAGE 1.25", "kWh"},
		{"USAGE", "WH", EnergyOf(1250, OK), "USAGE 1250", "WH"},
		{"USAGE", "", PowerOf(500, OK), "USAGE 0.5", "KWH"}, // a mean over an hour
		{"USAGE", "", EnergyOf(0, OK), "USAGE 0", "KWH"},
		{"USAGE", "", EnergyOf(100+200, OK), "USAGE 0.3", "KWH"},
		{"USAGE", "", EnergyOf(-1, OK), `"MISSING"`, "KWH"}, // net export is no usage
		{"USAGE", "", EnergyOf(energy.WattHours(math.Copysign(0, -1)), OK), "USAGE 0", "KWH"},
		{"USAGE", "", EnergyOf(energy.WattHours(math.NaN()), OK), `"MISSING"`, "KWH"},
		{"USAGE", "", EnergyOf(energy.WattHours(math.Inf(1)), OK), `"MISSING"`, "KWH"},
		{"USAGE", "", EnergyOf(1e300, OK), `"MISSING"`, "KWH"},
		{"USAGE", "", FractionOf(0.5, OK), `"MISSING"`, "KWH"}, // that is no energy
		{"USAGE", "", EnergyOf(5, Missing), `"MISSING"`, "KWH"},
		{"USAGE", "", EnergyOf(5, "FINE"), `"MISSING"`, "KWH"},
		{"USAGE", "", Answer{}, `"MISSING"`, "KWH"},
		{"USAGE", "", EnergyOf(5, Estimated), `USAGE 0.005 "ESTIMATED"`, "KWH"},
		{"USAGE", "", EnergyOf(5, Bad), `USAGE 0.005 "BAD"`, "KWH"},
		{"DEMAND", "", PowerOf(2300, OK), "DEMAND 2.3", "KW"},
		{"DEMAND", "W", EnergyOf(2300, OK), "DEMAND 2300", "W"},
		{"DEMAND", "", PowerOf(-10, OK), `"MISSING"`, "KW"},
		{"READING", "KW", PowerOf(-2300, OK), "READING -2.3", "KW"},
		{"READING", "KWH", EnergyOf(4_321_000, OK), "READING 4321", "KWH"},
		{"READING", "KWH", PowerOf(100, OK), `"MISSING"`, "KWH"}, // a register does not follow from power
		{"BASELINE", "", EnergyOf(700, OK), "BASELINE 0.7", "KWH"},
		{"BASELINE", "KW", EnergyOf(700, OK), "BASELINE 0.7", "KW"},
		{"USAGE_FORECAST", "", EnergyOf(-400, OK), "USAGE_FORECAST -0.4", "KWH"},
		{"LOAD_SHED_DELTA_AVAILABLE", "KW", PowerOf(3000, OK), "LOAD_SHED_DELTA_AVAILABLE 3", "KW"},
		{"STORAGE_CHARGE_LEVEL", "", FractionOf(0.33, OK), "STORAGE_CHARGE_LEVEL 0.33", "PERCENT"},
		{"STORAGE_CHARGE_LEVEL", "percent", FractionOf(1, OK), "STORAGE_CHARGE_LEVEL 1", "percent"},
		{"STORAGE_CHARGE_LEVEL", "", FractionOf(33, OK), `"MISSING"`, "PERCENT"},
		{"STORAGE_USABLE_CAPACITY", "", EnergyOf(9600, OK), "STORAGE_USABLE_CAPACITY 9.6", "KWH"},
		{"STORAGE_USABLE_CAPACITY", "", PowerOf(9600, OK), `"MISSING"`, "KWH"},
		{"STORAGE_MAX_CHARGE_POWER", "", PowerOf(5000, OK), "STORAGE_MAX_CHARGE_POWER 5", "KW"},
		{"SIMPLE_LEVEL", "", LevelOf(2, OK), "SIMPLE_LEVEL 2", ""},
		{"SIMPLE_LEVEL", "", LevelOf(7, OK), `"MISSING"`, ""},
		{"OPERATING_STATE", "", StateOf("RUNNING_CURTAILED", OK), `OPERATING_STATE "RUNNING_CURTAILED"`, ""},
		{"OPERATING_STATE", "", StateOf(`ON","x":"`, OK), `"MISSING"`, ""},
	} {
		d := defaults(c.payload)
		d.Units = c.units
		r := made(t, hours(1, d), at(1), always(c.answer), "meter")
		if got, want := payloads(r), "meter: 70 "+c.want; got != want {
			t.Errorf("%s in %q of %+v: got %q, want %q", c.payload, c.units, c.answer, got, want)
		}
		if got := r.PayloadDescriptors[0]; got.Units != c.wantUnits || got.PayloadType != c.payload {
			t.Errorf("%s in %q: descriptor %+v", c.payload, c.units, got)
		}
	}
}

func TestMake_RefusesWhatItCannotTell(t *testing.T) {
	for _, c := range []struct {
		payload, units, reading string
		isAggregate             bool
		want                    string
	}{
		{"USAGE", "KW", "", false, `USAGE cannot be told in "KW"`},
		{"USAGE", "THERMS", "", false, `USAGE cannot be told in "THERMS"`},
		{"DEMAND", "KVA", "", false, `DEMAND cannot be told in "KVA"`},
		{"READING", "", "", false, "READING without a unit could be anything"},
		{"READING", "VOLTS", "", false, `READING cannot be told in "VOLTS"`},
		{"DEMAND", "", "PEAK", false, `DEMAND cannot be read as "PEAK"`},
		{"USAGE", "", "MEAN", false, `USAGE cannot be read as "MEAN"`},
		{"STORAGE_CHARGE_LEVEL", "", "", true, "a sum of STORAGE_CHARGE_LEVEL means nothing"},
		{"OPERATING_STATE", "", "", true, "a sum of OPERATING_STATE means nothing"},
		{"X-MOOD", "", "", false, `payload type "X-MOOD" is not known here`},
		{dataQuality, "", "", false, "DATA_QUALITY goes with the values of others, and is no report of its own"},
	} {
		d := defaults(c.payload)
		d.Units, d.ReadingType, d.IsAggregate = c.units, c.reading, c.isAggregate
		a := hours(1, d)
		w := one(t, hours(1, defaults("USAGE")), at(1))
		_, err := Make(a, w, named("meter"), always(EnergyOf(1, OK)), "home")
		if err == nil || err.Error() != "report on event e: "+c.want || a.Check() == nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestMake_RefusesToTellNothing(t *testing.T) {
	a := hours(1, defaults("USAGE"))
	w := one(t, a, at(1))
	meter := always(EnergyOf(1, OK))
	for name, err := range map[string]error{
		"no resource":     second(Make(a, w, nil, meter, "home")),
		"no such thing":   second(Make(a, w, named("pump"), always(None()), "home")),
		"no client":       second(Make(a, w, named("meter"), meter, "")),
		"no rows":         second(Make(a, Window{Name: "x"}, named("meter"), meter, "home")),
		"a zero window":   second(Make(a, Window{}, named("meter"), meter, "home")),
		"no such request": second(Make(Ask{}, w, named("meter"), meter, "home")),
	} {
		if isNothing := name == "no resource" || name == "no such thing"; err == nil || errors.Is(err, ErrNothing) != isNothing {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second(_ openadr.Report, err error) error { return err }

func TestMake_WritesWhatTheSchemaWants(t *testing.T) {
	d := defaults("DEMAND")
	a := hours(2, d)
	a.Rows[1].End = at(2.5)
	r := made(t, a, at(2.5), always(PowerOf(1000, OK)), "meter")
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"programID":"p","eventID":"e","clientName":"home","reportName":"` + r.ReportName + `",` +
		`"payloadDescriptors":[{"objectType":"REPORT_PAYLOAD_DESCRIPTOR","payloadType":"DEMAND","readingType":"MEAN","units":"KW"}],` +
		`"resources":[{"resourceName":"meter","intervalPeriod":{"start":"2026-03-28T00:00:00Z","duration":"PT1H"},` +
		`"intervals":[{"id":70,"payloads":[{"type":"DEMAND","values":[1]}]},` +
		`{"id":71,"intervalPeriod":{"start":"2026-03-28T01:00:00Z","duration":"PT1H30M"},"payloads":[{"type":"DEMAND","values":[1]}]}]}]}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
	if !strings.HasPrefix(r.ReportName, "DEMAND 2026-03-28T02:30:00Z ") {
		t.Error(r.ReportName)
	}
}

func TestMake_RowAfterAGapBringsItsStart(t *testing.T) {
	a := hours(3, defaults("USAGE"))
	a.Rows[2].Interval = energy.Span(at(5), time.Hour)
	rows := made(t, a, at(6), always(EnergyOf(1, OK)), "x").Resources[0].Intervals
	if rows[1].IntervalPeriod != nil || rows[2].IntervalPeriod == nil || rows[2].IntervalPeriod.Start != openadr.At(at(5)) {
		t.Errorf("%+v", rows)
	}
}

func TestMake_AsksForTheSpanOfEachRow(t *testing.T) {
	d := defaults("USAGE_FORECAST")
	d.IsHistorical = false
	a := hours(2, d)
	var asked []Question
	m := MeterFunc(func(q Question) Answer {
		asked = append(asked, q)
		return EnergyOf(1, OK)
	})
	r := made(t, a, at(0), m, "x", "y")
	var want []Question
	for _, resource := range []string{"x", "y"} {
		for _, row := range a.Rows {
			want = append(want, Question{resource, "USAGE_FORECAST", Energy, row.Interval, false, true})
		}
	}
	if !reflect.DeepEqual(asked, want) {
		t.Errorf("asked %v, want %v", asked, want)
	}
	if got := r.PayloadDescriptors[0].ReadingType; got != "FORECAST" {
		t.Errorf("a forecast is said to be read by %q", got)
	}
}

func TestMake_EndlessRowHasNoEnergyButALevel(t *testing.T) {
	for payload, want := range map[string]string{"USAGE": `x: 70 "MISSING"`, "SIMPLE_LEVEL": "x: 70 SIMPLE_LEVEL 1"} {
		d := defaults(payload)
		d.IsHistorical = false
		a := hours(1, d)
		a.Rows[0].IsEndless = true
		answer := PowerOf(10, OK)
		if payload == "SIMPLE_LEVEL" {
			answer = LevelOf(1, OK)
		}
		r := made(t, a, at(0), always(answer), "x")
		if got := payloads(r); got != want || !r.Resources[0].IntervalPeriod.Duration.Infinite {
			t.Errorf("%s: %s, %v", payload, got, r.Resources[0].IntervalPeriod.Duration)
		}
	}
}

func TestMake_MarkWithoutLengthHasNoEnergy(t *testing.T) {
	a := hours(1, defaults("USAGE"))
	a.Rows[0].End = a.Rows[0].Start
	if got := payloads(made(t, a, at(0), always(PowerOf(10, OK)), "x")); got != `x: 70 "MISSING"` {
		t.Error(got)
	}
}

func TestMake_QualityIsToldAlwaysWhereItWasAskedFor(t *testing.T) {
	a := hours(1, defaults("USAGE"))
	a.Event.ReportDescriptors = append(a.Event.ReportDescriptors, defaults(dataQuality))
	if got := payloads(made(t, a, at(1), always(EnergyOf(1000, OK)), "x")); got != `x: 70 USAGE 1 "OK"` {
		t.Error(got)
	}
}

func TestMake_TargetsSelectResources(t *testing.T) {
	resources := []openadr.Resource{{Name: "car", Targets: openadr.Targets{"ev"}}, {Name: "house", Targets: openadr.Targets{"all", "feeder-7"}}}
	for _, c := range []struct {
		targets openadr.Targets
		want    string
	}{
		{nil, "car house"}, {openadr.Targets{}, "car house"}, {openadr.Targets{"car"}, "car"}, {openadr.Targets{"ev"}, "car"},
		{openadr.Targets{"feeder-7", "ev"}, "car house"}, {openadr.Targets{"RESOURCE_NAME:house"}, "house"},
		{openadr.Targets{"home"}, "car house"}, {openadr.Targets{"VEN_NAME:home"}, "car house"},
		{openadr.Targets{"ca"}, ""}, {openadr.Targets{"VEN_NAME:other"}, ""},
	} {
		d := defaults("USAGE")
		d.Targets = c.targets
		a := hours(1, d)
		r, err := Make(a, one(t, a, at(1)), resources, always(EnergyOf(1, OK)), "home")
		var names []string
		for _, o := range r.Resources {
			names = append(names, o.ResourceName)
		}
		if got := strings.Join(names, " "); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%v: %q, %v", c.targets, got, err)
		}
	}
}

func TestMake_SumIsKnownOnlyWhereAllAre(t *testing.T) {
	d := defaults("USAGE")
	d.IsAggregate = true
	a := hours(3, d)
	m := MeterFunc(func(q Question) Answer {
		switch hour := q.Span.Start.Hour(); {
		case q.Resource == "battery":
			return None()
		case q.Resource == "solar" && hour == 1:
			return Answer{}
		case q.Resource == "solar" && hour == 2:
			return EnergyOf(-9000, Bad)
		case q.Resource == "solar":
			return EnergyOf(-500, Estimated)
		}
		return EnergyOf(2000, OK)
	})
	want := `AGGREGATED_REPORT: 70 USAGE 1.5 "ESTIMATED" | 71 "MISSING" | 72 "MISSING"`
	for _, names := range [][]string{{"house", "solar", "battery"}, {"battery", "solar", "house"}} {
		if got := payloads(made(t, a, at(3), m, names...)); got != want {
			t.Errorf("%v: got %s, want %s", names, got, want)
		}
	}
}

// What is told adds up: finer rows to their row, resources to their sum; and nothing missing is a number.
func TestMake_IsTheSumOfItsParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := defaults("USAGE")
		d.ReportIntervals = rapid.SampledFrom([]string{"", openadr.Intervals, openadr.SubIntervals, openadr.OpenIntervals}).Draw(t, "rows")
		d.IsAggregate = rapid.Bool().Draw(t, "aggregate")
		a := hours(rapid.IntRange(1, 4).Draw(t, "hours"), d)
		a.Pace = time.Duration(rapid.IntRange(1, 90).Draw(t, "pace")) * time.Minute
		names := []string{"a", "b", "c"}[:rapid.IntRange(1, 3).Draw(t, "resources")]
		hole := at(float64(rapid.IntRange(0, 8).Draw(t, "hole")))
		m := MeterFunc(func(q Question) Answer { // 600 W each, but not known around the hole
			if q.Span.Contains(hole) {
				return Answer{}
			}
			return EnergyOf(energy.Watts(600).Over(q.Span.Length()), OK)
		})
		w := one(t, a, at(9))
		r, err := Make(a, w, named(names...), m, "home")
		if err != nil {
			t.Fatal(err)
		}
		var got, want float64
		for _, row := range w.Rows {
			if !row.Contains(hole) {
				want += 0.6 * row.Length().Hours() * float64(len(names))
			}
		}
		for _, o := range r.Resources {
			if len(o.Intervals) != len(w.Rows) {
				t.Fatalf("%d rows of %d", len(o.Intervals), len(w.Rows))
			}
			for i, row := range o.Intervals {
				var v float64
				isMissing := w.Rows[i].Contains(hole)
				if err := json.Unmarshal(row.Payloads[0].Values[0], &v); (err != nil) != isMissing || row.ID != w.Rows[i].ID {
					t.Fatalf("row %v: %+v", w.Rows[i], row)
				}
				got += v
			}
		}
		if math.Abs(got-want) > 1e-3 {
			t.Fatalf("got %v kWh, want %v", got, want)
		}
	})
}

// Rows of the report, read by the rules for events, are where the window has them.
func TestMake_RowsAreReadWhereTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawAsk(t)
		for _, w := range Due(a, Sent{}, midnight.Add(time.Duration(rapid.IntRange(-70, 400).Draw(t, "now"))*time.Minute)) {
			r, err := Make(a, w, named("x"), always(EnergyOf(1, OK)), "home")
			if err != nil {
				t.Fatal(err)
			}
			o := r.Resources[0]
			again := askOf(openadr.Event{IntervalPeriod: o.IntervalPeriod, Intervals: o.Intervals}, time.Time{})
			if !reflect.DeepEqual(again.Rows, w.Rows) {
				t.Fatalf("got %v, want %v", again.Rows, w.Rows)
			}
		}
	})
}

func FuzzReports(f *testing.F) {
	f.Add([]byte(`{"id":"e","programID":"p","intervalPeriod":{"start":"2026-03-27","duration":"PT1H"},"duration":"P9999Y",
		"reportDescriptors":[{"payloadType":"USAGE","frequency":1,"repeat":-1,"reportIntervals":"SUB_INTERVALS"},{"payloadType":"DATA_QUALITY"}],
		"intervals":[{"id":0,"payloads":[]},{"id":0,"payloads":[]}]}`), int64(1000))
	f.Add([]byte(`{"id":"e","programID":"p","intervalPeriod":{"start":"0001-01-01","duration":"PT0H"},
		"reportDescriptors":[{"payloadType":"STORAGE_CHARGE_LEVEL","frequency":0,"reportIntervals":"OPEN_INTERVALS"}]}`), int64(-5))
	f.Add([]byte(`{"id":"e","programID":"p","intervalPeriod":{"start":"1950-01-31","duration":"P1M1DT0.1S"},"duration":"P400Y",
		"reportDescriptors":[{"payloadType":"DEMAND","startInterval":2147483647,"numIntervals":48,"historical":false,"frequency":1,"repeat":-1}]}`), int64(1e9))
	f.Fuzz(func(t *testing.T, raw []byte, seconds int64) {
		var e openadr.Event
		if json.Unmarshal(raw, &e) != nil {
			return
		}
		now := midnight.Add(time.Duration(seconds%1e10) * time.Second)
		for i := range min(len(e.ReportDescriptors), 3) {
			a := askOf(e, midnight)
			a.Index = i
			windows := Due(a, Sent{}, now)
			for n, w := range windows {
				if w.Due.After(now) || len(w.Rows) == 0 || a.Check() != nil || len(Due(a, Sent{}.With(w), now)) > 0 {
					t.Fatalf("at %v: %v, check %v", now, w, a.Check())
				}
				if n < 3 {
					r, err := Make(a, w, named("x"), always(EnergyOf(1, OK)), "home")
					if err != nil {
						t.Fatal(err)
					}
					if _, err := json.Marshal(r); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	})
}
