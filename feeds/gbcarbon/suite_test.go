package gbcarbon

import (
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
			answer := feedtest.Answer(t, c.recording+"/answer.json")
			span := energy.Span(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Hour)
			feedtest.Run(t, feedtest.Case{
				New: func(s feedtest.Site) (feeds.Source, error) {
					return Type.New(feeds.Settings{"postcode": c.postcode, "url": s.Base}, feeds.Net{Now: s.Now, Timeout: s.Timeout})
				},
				Now: span.Start.Add(10 * time.Minute), Span: span,
				Good: []feedtest.Exchange{{Path: c.path, Body: answer}},
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

func TestType_IsWhatItsSampleSays(t *testing.T) { feedtest.Sample(t, Type, feeds.Home{}) }
