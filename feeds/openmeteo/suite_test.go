package openmeteo

import (
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/wire"
)

func TestSource_PassesTheSuite(t *testing.T) {
	body := feedtest.Answer(t, "a-morning/answer.json")
	feedtest.Run(t, feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			cfg := roof
			cfg.BaseURL = site.Base
			return New(cfg, wire.New(feeds.Net{Now: site.Now, Timeout: site.Timeout}))
		},
		Now: six, Span: energy.Span(six, 2*time.Hour), Good: []feedtest.Exchange{{Path: "/v1/forecast", Body: body}},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: "1778567400,", New: "1778567400, 1778567400,"}, {Old: "498.2,", New: "498.2, 498.2,"}, {Old: "11.9,", New: "11.9, 11.9,"}},
			feedtest.Overlap:   {{Old: "1778567400,", New: "1778567400, 1778567400,"}, {Old: "498.2,", New: "498.2, 598.2,"}, {Old: "11.9,", New: "11.9, 11.9,"}},
			feedtest.Missing:   {{Old: "498.2,", New: "null,"}},
			feedtest.Huge:      {{Old: "498.2,", New: "1e308,"}},
		},
		Cannot: map[feedtest.Trial]string{feedtest.Currency: "power has no currency"},
	})
}
