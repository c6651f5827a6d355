package gridx

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

func TestDuration_IsHoursMinutesAndSeconds(t *testing.T) {
	for iso, want := range map[string]time.Duration{"PT1H": time.Hour, "PT60M": time.Hour, "PT15M": 15 * time.Minute, "PT1H30M": 90 * time.Minute, "PT900S": 15 * time.Minute, "PT24H": 24 * time.Hour} {
		if got, err := duration(iso); err != nil || got != want {
			t.Errorf("%s: %v, %v", iso, got, err)
		}
	}
	for _, iso := range []string{"", "PT", "P1D", "P1M", "PT0S", "PT-1H", "-PT1H", "1h", "PT1", "PT25H", "P9999Y", "PT1X"} {
		if got, err := duration(iso); err == nil {
			t.Errorf("%q is %v", iso, got)
		}
	}
}

// Each letter is a quarter of an hour: what is said and what follows.
func TestPeriod_LeavesOutWhatFollows(t *testing.T) {
	eight := at(t, "2026-03-01T08:00:00Z")
	quarter := func(n int) energy.Interval {
		return energy.Span(eight.Add(time.Duration(n)*15*time.Minute), 15*time.Minute)
	}
	for name, c := range map[string]struct {
		said     *period
		expected energy.Interval
		want     energy.Interval
	}{
		"nothing":            {nil, quarter(2), quarter(2)},
		"an empty period":    {&period{}, quarter(2), quarter(2)},
		"the start":          {&period{Start: "2026-03-01T08:00:00Z"}, quarter(2), quarter(0)},
		"the length":         {&period{Duration: "PT30M"}, quarter(2), energy.Span(quarter(2).Start, 30*time.Minute)},
		"both":               {&period{"2026-03-01T00:15:00-08:00", "PT15M"}, energy.Interval{}, quarter(1)},
		"an offset in short": {&period{"2026-03-01T00:15:00-0800", "PT15M"}, energy.Interval{}, quarter(1)},
	} {
		if got, err := c.said.after(c.expected); err != nil || !got.Start.Equal(c.want.Start) || !got.End.Equal(c.want.End) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestUsage_UnitsAreReadInAnySpelling(t *testing.T) {
	for units, want := range map[string]energy.WattHours{"KWH": 1500, "kWh": 1500, " kwh ": 1500, "Wh": 1.5, "WH": 1.5} {
		var u usage
		if err := u.take(consumption, energy.Span(at(t, "2026-03-01T08:00:00Z"), time.Hour), "1.5", units); err != nil || u.points[consumption][at(t, "2026-03-01T08:00:00Z")].energy != want {
			t.Errorf("%q: %v, %v", units, u.points, err)
		}
	}
	for _, units := range []string{"", "KW", "MWH", "THERM", "kWh/h"} {
		var u usage
		if err := u.take(consumption, energy.Span(at(t, "2026-03-01T08:00:00Z"), time.Hour), "1.5", units); feeds.KindOf(err) != feeds.Misconfigured || len(u.points) != 0 {
			t.Errorf("%q: %v, %v", units, u.points, err)
		}
	}
}

func TestUsage_OfANumberThatIsNoneNothingIsThere(t *testing.T) {
	for _, number := range []json.Number{"-0.5", "1e308", "1e400", "1000001", "n/a", ""} {
		var u usage
		err := u.take(generation, energy.Span(at(t, "2026-03-01T08:00:00Z"), time.Hour), number, "KWH")
		if err != nil || len(u.points) != 0 || len(u.odd.All()) != 1 || !strings.Contains(u.odd.All()[0], "GENERATION at 2026-03-01T08:00:00Z") {
			t.Errorf("%q: %v, %q, %v", number, u.points, u.odd.All(), err)
		}
	}
}

func TestUsage_SeriesAreCutAtWholeSlots(t *testing.T) {
	var u usage
	midnight := at(t, "2026-03-02T00:00:00-08:00")
	for n := -3; n < 3; n++ {
		start := midnight.Add(time.Duration(n)*time.Hour + 30*time.Minute)
		if err := u.take(consumption, energy.Span(start, time.Hour), "1", "KWH"); err != nil {
			t.Fatal(err)
		}
	}
	before, err := u.series(consumption, energy.Interval{Start: midnight.Add(-24 * time.Hour), End: midnight}, midnight)
	if err != nil || len(before.Points) != 2 || before.Extent().End.After(midnight) {
		t.Errorf("before midnight: %v, %v", before, err)
	}
	after, err := u.series(consumption, energy.Interval{Start: midnight, End: midnight.Add(24 * time.Hour)}, midnight)
	if err != nil || len(after.Points) != 3 || after.Extent().Start.Before(midnight) {
		t.Errorf("after midnight: %v, %v", after, err)
	}
}

func TestKWh_HasNoDecimalsThatNobodyMeasured(t *testing.T) {
	for e, want := range map[energy.WattHours]string{0: "0", 1250: "1.25", 0.1 * 1000 * 3: "0.3", 333.3: "0.3333", 0.0001: "0", 12345678: "12345.678"} {
		if got := kWh(e); got != want {
			t.Errorf("%v is %s, want %s", float64(e), got, want)
		}
	}
}

func TestInfo_WordsAndNumbersAreReadAsTheyAre(t *testing.T) {
	for body, want := range map[string]info{
		`{"rateCode":"EELEC"}`:                                    {Rate: "EELEC"},
		`{"RATECODE":"EELEC","CIRCUITID":"1"}`:                    {Rate: "EELEC", CircuitToo: "1"},
		`{"circuitId":13532223}`:                                  {CircuitToo: "13532223"},
		`{"circuitId":"013532223","representativeCircuitID":"2"}`: {Circuit: "2", CircuitToo: "013532223"},
		`{"hasCCA":"TRUE","CCA":"MCE"}`:                           {HasCCA: true, CCA: "MCE"},
		`{"hasCca":true,"cca":null}`:                              {HasCCA: true},
		`{"hasCca":null,"rateCodeHasVoltageClass":"false"}`:       {},
	} {
		var i info
		if err := json.Unmarshal([]byte(body), &i); err != nil || i != want {
			t.Errorf("%s: %+v, %v", body, i, err)
		}
	}
	for _, body := range []string{`{"hasCca":"maybe"}`, `{"hasCca":2}`, `{"rateCode":["EELEC"]}`, `{"rateCode":{}}`, `{"rateCode":true}`} {
		var i info
		if err := json.Unmarshal([]byte(body), &i); err == nil {
			t.Errorf("%s: %+v", body, i)
		}
	}
}

func TestRateName_EndsWithTheVoltageClass(t *testing.T) {
	for _, c := range []struct {
		rate, voltage string
		has           bool
		want          string // empty: an error
	}{
		{"EELEC", "secondary", false, "EELEC"}, {"EV2AS", "", false, "EV2AS"}, {"B19", "primary", true, "B19P"}, {"B19", "Secondary", true, "B19S"},
		{"B20", "TRANSMISSION", true, "B20T"}, {"B19S", "secondary", true, "B19S"}, {"B19", "", true, ""}, {"B19", "S", true, ""},
	} {
		got, err := info{Rate: text(c.rate), Voltage: text(c.voltage), HasVoltage: flag(c.has)}.rateName()
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s, %s: %q, %v", c.rate, c.voltage, got, err)
		}
	}
}

func TestWhose_TheConfigurationCounts(t *testing.T) {
	i := info{Rate: "EELEC", Circuit: "013532223", HasCCA: true, CCA: "MCE"}
	for said, want := range map[whose]whose{
		{}:                            {"EELEC", "013532223", "MCE"},
		{rate: "EV2AS"}:               {"EV2AS", "013532223", "MCE"},
		{circuit: "024011104"}:        {"EELEC", "024011104", "MCE"},
		{cca: "PCE"}:                  {"EELEC", "013532223", "PCE"},
		{"EV2AS", "024011104", "PCE"}: {"EV2AS", "024011104", "PCE"},
	} {
		got, err := i.whose("PGE", said)
		if err != nil || got != want {
			t.Errorf("%v: %v, %v", said, got, err)
		}
		var differing []string
		for _, remark := range contradictions(said, i) {
			key, _, _ := strings.Cut(remark, " ")
			differing = append(differing, key)
		}
		var wanted []string
		for _, c := range []struct{ key, said string }{{"rate", said.rate}, {"circuit", said.circuit}, {"cca", said.cca}} {
			if c.said != "" {
				wanted = append(wanted, c.key)
			}
		}
		if !slices.Equal(differing, wanted) {
			t.Errorf("%v: remarks on %v, want %v", said, differing, wanted)
		}
	}
}
