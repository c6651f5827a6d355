package vtn

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/openadr"
)

// What is over is left out on request. What may still matter to somebody is not: what begins when it is received, has
// no length, or lasts for ever.
func TestVTN_LeavesOutWhatHasTranspired(t *testing.T) {
	const start = `"start":"2026-03-28T10:00:00Z"`
	rows := func(periods ...string) string {
		for i, p := range periods {
			periods[i] = `{"id":0,"payloads":[]` + p + `}`
		}
		return `,"intervals":[` + strings.Join(periods, ",") + `]`
	}
	for name, c := range map[string]struct {
		fields string
		ends   string // "" for never
	}{
		"one period":                    {`"intervalPeriod":{` + start + `,"duration":"PT1H"}`, "11:00"},
		"two rows":                      {`"intervalPeriod":{` + start + `,"duration":"PT1H"}` + rows("", ""), "12:00"},
		"a row of its own length":       {`"intervalPeriod":{` + start + `,"duration":"PT1H"}` + rows("", `,"intervalPeriod":{"duration":"PT3H"}`, ""), "15:00"},
		"a row of its own start":        {`"intervalPeriod":{"duration":"PT1H"}` + rows(`,"intervalPeriod":{`+start+`}`, ""), "12:00"},
		"rows out of order":             {`"intervalPeriod":{` + start + `,"duration":"PT3H"}` + rows("", `,"intervalPeriod":{`+start+`,"duration":"PT1H"}`), "13:00"},
		"looped":                        {`"duration":"PT5H","intervalPeriod":{` + start + `,"duration":"PT1H"}` + rows(""), "15:00"},
		"cut":                           {`"duration":"PT1H","intervalPeriod":{` + start + `,"duration":"PT2H"}` + rows("", ""), "11:00"},
		"shifted at random":             {`"intervalPeriod":{` + start + `,"duration":"PT1H","randomizeStart":"PT5M"}` + rows(""), "11:05"},
		"shifted at random in a row":    {`"intervalPeriod":{` + start + `,"duration":"PT1H"}` + rows(`,"intervalPeriod":{"randomizeStart":"PT5M"}`, ""), "12:00"},
		"with a duration that is none":  {`"duration":"PT0S","intervalPeriod":{` + start + `,"duration":"PT1H"}` + rows(""), "11:00"},
		"for ever":                      {`"intervalPeriod":{` + start + `,"duration":"P9999Y"}` + rows(""), ""},
		"looped for ever":               {`"duration":"P9999Y","intervalPeriod":{` + start + `,"duration":"PT1H"}` + rows(""), ""},
		"a last row for ever":           {`"intervalPeriod":{` + start + `,"duration":"PT1H"}` + rows("", `,"intervalPeriod":{"duration":"P9999Y"}`), ""},
		"a row without length":          {`"intervalPeriod":{` + start + `}` + rows("", ""), ""},
		"a length of nothing":           {`"intervalPeriod":{` + start + `,"duration":"PT0S"}` + rows(""), ""},
		"now":                           {`"intervalPeriod":{"start":"0001-01-01","duration":"PT1H"}` + rows(""), ""},
		"no start":                      {`"intervalPeriod":{"duration":"PT1H"}` + rows(""), ""},
		"looped from an unknown start":  {`"duration":"PT5H","intervalPeriod":{"duration":"PT1H"}`, ""},
		"nothing":                       {`"eventName":"x"`, ""},
		"rows without periods":          {`"eventName":"x"` + rows(""), ""},
		"further than the year of 9999": {`"intervalPeriod":{"start":"9999-12-31T00:00:00Z","duration":"P1M"}`, ""},
	} {
		now := time.Time{}
		v := New(Config{Now: func() time.Time { return now }})
		var e openadr.Event
		if err := json.Unmarshal([]byte(`{"id":"e","programID":"p",`+c.fields+`}`), &e); err != nil {
			t.Fatal(name, err)
		}
		v.Put(e)
		check := func(at time.Time, want string) {
			t.Helper()
			now = at
			for _, query := range []string{"", "?active=false"} {
				if got := ids(t, v, "/events"+query); got != "e" {
					t.Errorf("%s: %q shows %q", name, query, got)
				}
			}
			if got := ids(t, v, "/events?active=true"); got != want {
				t.Errorf("%s at %v: %q, want %q", name, at, got, want)
			}
		}
		if c.ends == "" {
			check(time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC), "e")
			continue
		}
		end, _ := time.Parse(time.RFC3339, "2026-03-28T"+c.ends+":00Z")
		check(end.Add(-time.Nanosecond), "e")
		check(end, "") // intervals are half-open
	}
}

func TestVTN_RefusesAnActiveThatIsNeither(t *testing.T) {
	if w := ask(New(Config{}), "GET", "/events?active=perhaps", "", ""); w.Code != 400 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	open := New(Config{})
	open.Put(openadr.Event{Metadata: openadr.Metadata{ID: "e"}, ProgramID: "p", IntervalPeriod: openadr.Period(time.Unix(0, 0), time.Hour)})
	for _, path := range []string{"/programs?active=perhaps", "/events/e?active=true"} { // no parameter of theirs
		if w := ask(open, "GET", path, "", ""); w.Code != 200 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	v := New(Config{Dialect: openadr.Dialect30}) // where it is no parameter
	if w := ask(v, "GET", "/events?active=perhaps", "", ""); w.Code != 200 {
		t.Errorf("3.0: %d %s", w.Code, w.Body)
	}
}

// Whatever the rows, an event that is left out has no row that holds now or is still to come.
func TestVTN_NeverLeavesOutARowToCome(t *testing.T) {
	origin := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		hours := func(label string) time.Duration {
			return time.Duration(rapid.IntRange(0, 48).Draw(t, label)) * time.Hour
		}
		e := openadr.Event{Metadata: openadr.Metadata{ID: "e"}, ProgramID: "p", IntervalPeriod: openadr.Period(origin, hours("length"))}
		last, next := origin, origin
		for range rapid.IntRange(1, 6).Draw(t, "rows") {
			length := e.IntervalPeriod.Duration
			row := openadr.Interval{}
			if rapid.Bool().Draw(t, "own start") {
				next = origin.Add(hours("start"))
				row.IntervalPeriod = &openadr.IntervalPeriod{Start: openadr.At(next)}
			}
			if rapid.Bool().Draw(t, "own length") {
				d := openadr.DurationOf(hours("row"))
				length = &d
				if row.IntervalPeriod == nil {
					row.IntervalPeriod = &openadr.IntervalPeriod{}
				}
				row.IntervalPeriod.Duration = length
			}
			next, _ = length.AddTo(next)
			if next.After(last) {
				last = next
			}
			e.Intervals = append(e.Intervals, row)
		}
		now := origin.Add(hours("now") * 4)
		v := New(Config{Now: func() time.Time { return now }})
		v.Put(e)
		if isLeftOut := len(fetch(t, v, map[string][]string{"active": {"true"}})) == 0; isLeftOut && now.Before(last) {
			t.Fatalf("left out at %v, before %v", now, last)
		}
	})
}
