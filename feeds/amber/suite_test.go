package amber

import (
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

const token = "psk_made_up_0f_a_resident"

var two = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

func TestSource_PassesTheSuite(t *testing.T) {
	body := feedtest.Answer(t, "feed-in-earns-when-negative/answer.json")
	const list = "["
	five := `{"type": "ActualInterval", "duration": 5, "startTime": "2026-03-02T02:05:01Z", "endTime": "2026-03-02T02:10:00Z", "channelType": "general", "perKwh": `
	feedtest.Run(t, feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			settings := feeds.Settings{"url": site.Base, "token": token, "site": "01HOME", "zone": "Australia/Sydney", "export": "feedIn"}
			return Type.New(settings, feeds.Net{Now: site.Now, Timeout: site.Timeout})
		},
		Now:  two.Add(12 * time.Minute),
		Span: energy.Span(two, 20*time.Minute),
		Good: []feedtest.Exchange{{
			Path: "/v1/sites/01HOME/prices", Query: map[string]string{"startDate": "2026-03-02", "endDate": "2026-03-02"}, Body: body,
		}},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: list, New: list + five + "19.5},"}},
			feedtest.Overlap:   {{Old: list, New: list + five + "20.5},"}},
			feedtest.Missing:   {{Old: "19.5,", New: "null,"}},
			feedtest.Huge:      {{Old: "-4.5,", New: "1e308,"}},
		},
		Cannot:  map[feedtest.Trial]string{feedtest.Currency: "an answer names no currency: it is cents of Australia"},
		Secrets: []string{token},
	})
}

func TestType_IsWhatItsSampleSays(t *testing.T) { feedtest.Sample(t, Type, feeds.Home{}) }
