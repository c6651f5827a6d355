package gbcarbon

import (
	"os"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// Half hours of the recordings.
const (
	national = `{
   "from": "2026-03-01T00:30Z",
   "to": "2026-03-01T01:00Z",
   "intensity": {
    "forecast": 205,
    "index": "moderate",
    "actual": null
   }
  },`
	regional = `{
    "from": "2026-03-01T00:00Z",
    "to": "2026-03-01T00:30Z",
    "intensity": {
     "forecast": 110,
     "index": "moderate"
    }
   },`
)

func TestSource_PassesTheSuite(t *testing.T) {
	for _, c := range []struct{ recording, postcode, path, slot, value string }{
		{"country", "", "/intensity/2026-03-01T00:00Z/2026-03-01T01:00Z", national, "205"},
		{"region", "RG10", "/regional/intensity/2026-03-01T00:00Z/2026-03-01T01:00Z/postcode/RG10", regional, "110"},
	} {
		t.Run(c.recording, func(t *testing.T) {
			answer, err := os.ReadFile("testdata/" + c.recording + "/answer.json")
			if err != nil {
				t.Fatal(err)
			}
			span := energy.Span(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Hour)
			feedtest.Run(t, feedtest.Case{
				New: func(s feedtest.Site) (feeds.Source, error) {
					return Type.New(feeds.Settings{"postcode": c.postcode, "url": s.Base}, feeds.Net{Now: s.Now, Timeout: s.Timeout})
				},
				Now: span.Start.Add(10 * time.Minute), Span: span,
				Good: []feedtest.Exchange{{Path: c.path, Body: string(answer)}},
				Edits: map[feedtest.Trial][]feedtest.Edit{
					feedtest.Duplicate: {{Old: c.slot, New: c.slot + c.slot}},
					feedtest.Overlap:   {{Old: c.slot, New: c.slot + strings.Replace(c.slot, c.value, "77", 1)}},
					feedtest.Missing:   {{Old: c.slot, New: ""}},
					feedtest.Huge:      {{Old: c.value, New: "1e308"}},
				},
				Cannot: map[feedtest.Trial]string{feedtest.Currency: "grams of CO2 have no currency"},
			})
		})
	}
}

func TestType_TakesItsSampleAndWantsNothing(t *testing.T) {
	settings := feeds.Settings{}
	for line := range strings.Lines(Type.Sample) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		settings[key] = value
	}
	for _, s := range []feeds.Settings{settings, {}} {
		if _, err := Type.New(s, feeds.Net{}); err != nil || settings["type"] != Type.Name {
			t.Errorf("%v: %v", s, err)
		}
	}
	for _, key := range Type.Keys {
		if key.IsRequired {
			t.Errorf("%s is required, and there is something without it", key.Name)
		}
	}
}
