package nordpool

import (
	"net/http"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

func TestSource_PassesTheSuite(t *testing.T) {
	feedtest.Run(t, feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			settings := feeds.Settings{"url": site.Base, "area": "NO1", "currency": "NOK"}
			return Type.New(settings, feeds.Net{Now: site.Now, Timeout: site.Timeout})
		},
		Now:  time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC),
		Span: energy.Span(time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC), 48*time.Hour),
		Good: []feedtest.Exchange{
			{Path: "/api/DayAheadPrices", Query: question("2026-03-02"), Body: feedtest.Answer(t, "quarter-hours/answer.json")},
			{Path: "/api/DayAheadPrices", Query: question("2026-03-03"), Status: http.StatusNoContent},
		},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: slot, New: slot + slot}},
			feedtest.Overlap:   {{Old: slot, New: slot + dearer}},
			feedtest.Missing:   {{Old: slot, New: ""}},
			feedtest.Huge:      {{Old: "512.34", New: "1e308"}},
			feedtest.Currency:  {{Old: `"NOK"`, New: `"SEK"`}},
		},
	})
}

func question(date string) map[string]string {
	return map[string]string{"date": date, "market": "DayAhead", "deliveryArea": "NO1", "currency": "NOK"}
}

const (
	slot = `{
   "deliveryStart": "2026-03-01T23:15:00Z",
   "deliveryEnd": "2026-03-01T23:30:00Z",
   "entryPerArea": {
    "NO1": -3.5
   }
  },`
	dearer = `{"deliveryStart": "2026-03-01T23:15:00Z", "deliveryEnd": "2026-03-01T23:30:00Z", "entryPerArea": {"NO1": 4.5}},`
)

func TestType_IsWhatItsSampleSays(t *testing.T) { feedtest.Sample(t, Type, feeds.Home{}) }
