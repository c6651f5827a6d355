package fram

import (
	"strings"
	"testing"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// Two days under two rates, each of which says when it is over.
const (
	rateOfWednesday = `{"aggregated_utility_rate_id":"1","billing_code":"E-ELEC","effective_date":"2026-07-01","end_date":"2026-07-15","total_rate_map":{"summer":{"peak":0.52,"part_peak":0.41,"off_peak":0.33},"winter":{"peak":0.36,"part_peak":0.34,"off_peak":0.31}}}`
	rateOfThursday  = `{"aggregated_utility_rate_id":"2","billing_code":"E-ELEC","effective_date":"2026-07-16","end_date":"2026-07-16","total_rate_map":{"flat":0.3}}`
)

func answerOf(rate string) string {
	return `{"data":[` + rate + `],"pagination":{"total":1,"page":1,"limit":300,"pages":1}}`
}

func TestSource_PassesTheSuite(t *testing.T) {
	const path = "/api/v1/aggregated-utility-rates"
	feedtest.Run(t, feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			cfg := home()
			cfg.BaseURL, cfg.TokenURL = site.Base+"/api/v1", site.Base+"/oauth/token"
			return New(cfg, feeds.Net{Now: site.Now, Timeout: site.Timeout})
		},
		Now:  at("2026-07-15T12:00:00Z"),
		Span: energy.Interval{Start: at("2026-07-15T07:00:00Z"), End: at("2026-07-17T07:00:00Z")},
		Good: []feedtest.Exchange{
			{Method: "POST", Path: "/oauth/token", Token: true, Body: `{"access_token":"made-up-token","expires_in":86400,"token_type":"Bearer"}`},
			{Path: path, Query: map[string]string{"target_date": "2026-07-15", "billing_code": "E-ELEC", "page": "1", "limit": "300"}, Body: answerOf(rateOfWednesday)},
			{Path: path, Query: map[string]string{"target_date": "2026-07-16", "billing_code": "E-ELEC"}, Body: answerOf(rateOfThursday)},
		},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: rateOfWednesday, New: rateOfWednesday + "," + rateOfWednesday}},
			feedtest.Overlap:   {{Old: rateOfWednesday, New: rateOfWednesday + "," + strings.Replace(rateOfWednesday, "0.52", "0.53", 1)}},
			feedtest.Missing:   {{Old: rateOfThursday, New: ""}},
			feedtest.Huge:      {{Old: "0.52", New: "1e308"}},
			feedtest.Currency:  {{Old: `"billing_code"`, New: `"currency":"EUR","billing_code"`}},
		},
		Secrets: []string{secret, "made-up-token"},
	})
}
