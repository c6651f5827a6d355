package openadr

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDuration_ReadsWhatTheSchemaAllows(t *testing.T) {
	for text, want := range map[string]Duration{
		"PT0S":                         {},
		"P0Y0M0DT0H0M0S":               {},
		"PT0H":                         {},
		"PT1H":                         {Seconds: 3600},
		"PT90M":                        {Seconds: 5400},
		"P1DT30M":                      {Days: 1, Seconds: 1800},
		"P1W":                          {Days: 7},
		"P2W3D":                        {Days: 17},
		"P1Y2M3DT4H5M6S":               {Years: 1, Months: 2, Days: 3, Seconds: 14706},
		"P0Y0M0DT1H0M0S":               {Seconds: 3600},
		"PT0.5S":                       {Nanos: 500_000_000},
		"PT1,25S":                      {Seconds: 1, Nanos: 250_000_000},
		"PT1M0.0000000019S":            {Seconds: 60, Nanos: 1},
		" PT15M ":                      {Seconds: 900},
		"P9999Y":                       {Infinite: true},
		"P9999Y0M0DT0H0M0S":            {Infinite: true},
		"P119988M":                     {Infinite: true},
		"PT999999999999H":              {Infinite: true},
		"P9998Y":                       {Years: 9998},
		"P10Y999999999999DT999999999S": {Infinite: true},
	} {
		got, err := ParseDuration(text)
		if err != nil || got != want {
			t.Errorf("%q: got %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func TestParseDuration_RefusesTheRest(t *testing.T) {
	for _, text := range []string{
		"", "P", "PT", "T1H", "1H", "pt1h", "-PT1H", "PT-1H", "PT+1H", "P1H", "PT1D", "PT1M1H", "PT1H1H", "PT1.5H",
		"PT.S", "PT1.S", "PT1.5", "PT1.-5S", "P1YT", "P1Y2", "PT1HT1M", "PT1234567890123S", "PT 1H", "PTH", "P1.5D", "null",
	} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

func TestDuration_AddToClampsTheDayOfTheMonth(t *testing.T) {
	at := func(s string) time.Time {
		u, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	for _, c := range []struct{ start, length, want string }{
		{"2025-01-31T00:00:00Z", "P1M", "2025-02-28T00:00:00Z"},
		{"2024-01-31T00:00:00Z", "P1M", "2024-02-29T00:00:00Z"},
		{"2024-02-29T12:00:00Z", "P1Y", "2025-02-28T12:00:00Z"},
		{"2025-01-31T00:00:00Z", "P1M1D", "2025-03-01T00:00:00Z"},
		{"2025-12-31T00:00:00Z", "P2M", "2026-02-28T00:00:00Z"},
		{"2025-01-31T00:00:00Z", "P2M", "2025-03-31T00:00:00Z"},
		{"2026-03-29T00:00:00+01:00", "P1D", "2026-03-29T23:00:00Z"}, // in UTC a day is 24 hours, summer time or not
		{"2026-01-01T00:00:00Z", "PT0.25S", "2026-01-01T00:00:00.25Z"},
		{"2026-01-01T00:00:00Z", "P300Y", "2326-01-01T00:00:00Z"}, // longer than a time.Duration
	} {
		d, err := ParseDuration(c.length)
		if err != nil {
			t.Fatal(err)
		}
		got, isFinite := d.AddTo(at(c.start))
		if !isFinite || !got.Equal(at(c.want)) {
			t.Errorf("%s + %s = %v, %v; want %s", c.start, c.length, got, isFinite, c.want)
		}
	}
	for _, endless := range []string{"P9999Y", "P9000Y"} {
		d, err := ParseDuration(endless)
		if err != nil {
			t.Fatal(err)
		}
		if got, isFinite := d.AddTo(at("2026-01-01T00:00:00Z")); isFinite {
			t.Errorf("%s has the end %v", endless, got)
		}
	}
}

func TestDuration_OfFixedLengthAddsLikeTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		length := time.Duration(rapid.Int64Range(0, 1<<62).Draw(t, "length"))
		start := time.Unix(rapid.Int64Range(-1<<33, 1<<33).Draw(t, "start"), 7).UTC()
		if got, isFinite := DurationOf(length).AddTo(start); !isFinite || !got.Equal(start.Add(length)) {
			t.Fatalf("%v + %v = %v", start, length, got)
		}
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"PT1H", "P1Y2M3W4DT5H6M7.5S", "P9999Y", "PT0S", "P", "PT999999999999H", "-PT1S", "P1DT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			return
		}
		again, err := ParseDuration(d.String())
		if err != nil || again != d {
			t.Fatalf("%q reads as %+v, writes %q, reads again as %+v, %v", s, d, d, again, err)
		}
		start := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
		if end, isFinite := d.AddTo(start); isFinite && (end.Before(start) || end.Equal(start) != d.IsZero()) {
			t.Fatalf("%q leads from %v to %v", s, start, end)
		}
	})
}
