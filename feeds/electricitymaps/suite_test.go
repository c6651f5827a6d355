package electricitymaps

import (
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

const token = "t0ken-of-the-resident"

var ten = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func TestLatest_PassesTheSuite(t *testing.T) {
	c := trial("no", feedtest.Exchange{Path: "/v3/carbon-intensity/latest", Query: map[string]string{"zone": "DE"}, Body: feedtest.Answer(t, "estimated/latest.json")})
	const alone = "there is one value, not a list"
	c.Cannot[feedtest.Duplicate], c.Cannot[feedtest.Overlap], c.Cannot[feedtest.Missing] = alone, alone, alone
	c.Edits[feedtest.Huge] = []feedtest.Edit{{Old: "312", New: "1e308"}}
	feedtest.Run(t, c)
}

func TestForecast_PassesTheSuite(t *testing.T) {
	c := trial("yes",
		feedtest.Exchange{Path: "/v3/carbon-intensity/latest", Query: map[string]string{"zone": "DE"}, Body: feedtest.Answer(t, "estimated/latest.json")},
		feedtest.Exchange{Path: "/v3/carbon-intensity/forecast", Query: map[string]string{"zone": "DE"}, Body: feedtest.Answer(t, "hours-to-come/forecast.json")},
	)
	const list = `"forecast": [`
	c.Edits[feedtest.Duplicate] = []feedtest.Edit{{Old: list, New: list + `{"carbonIntensity": 241, "datetime": "2026-03-02T12:00:00Z"},`}}
	c.Edits[feedtest.Overlap] = []feedtest.Edit{{Old: list, New: list + `{"carbonIntensity": 242, "datetime": "2026-03-02T12:00:00Z"},`}}
	c.Edits[feedtest.Missing] = []feedtest.Edit{{Old: "241", New: "null"}}
	c.Edits[feedtest.Huge] = []feedtest.Edit{{Old: "241", New: "1e308"}}
	feedtest.Run(t, c)
}

func trial(forecast string, good ...feedtest.Exchange) feedtest.Case {
	return feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			settings := feeds.Settings{"url": site.Base, "token": token, "zone": "DE", "forecast": forecast}
			return Type.New(settings, feeds.Net{Now: site.Now, Timeout: site.Timeout})
		},
		Now:     ten.Add(45 * time.Minute),
		Span:    energy.Span(ten, 4*time.Hour),
		Good:    good,
		Edits:   map[feedtest.Trial][]feedtest.Edit{},
		Cannot:  map[feedtest.Trial]string{feedtest.Currency: "carbon is in grams"},
		Secrets: []string{token},
	}
}

func TestType_IsWhatItsSampleSays(t *testing.T) { feedtest.Sample(t, Type, feeds.Home{}) }
