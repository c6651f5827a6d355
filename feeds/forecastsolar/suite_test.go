package forecastsolar

import (
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/wire"
)

func TestSource_PassesTheSuite(t *testing.T) {
	body := feedtest.Answer(t, "two-days/answer.json")
	slot := func(old, replaced string) []feedtest.Edit {
		return []feedtest.Edit{{Old: `"2026-05-12T07:00:00+00:00": 2755,`, New: `"2026-05-12T07:00:00+00:00": ` + old + `,` + replaced}}
	}
	feedtest.Run(t, feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			cfg := roof
			cfg.BaseURL = site.Base
			return New(cfg, wire.New(feeds.Net{Now: site.Now, Timeout: site.Timeout}, key))
		},
		Now: six, Span: energy.Span(six, 24*time.Hour), Secrets: []string{key},
		Good: []feedtest.Exchange{{Path: "/" + key + "/estimate/52.5200/13.4050/30/-90/8.4", Query: map[string]string{"time": "utc"}, Body: body}},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: slot("2755", `"2026-05-12T07:00:00+00:00": 2755,`),
			feedtest.Overlap:   slot("2755", `"2026-05-12T07:00:00+00:00": 2800,`),
			feedtest.Missing:   {{Old: `"2026-05-12T07:00:00+00:00": 2755,`, New: ""}},
			feedtest.Huge:      slot("1e308", ""),
		},
		Cannot: map[feedtest.Trial]string{feedtest.Currency: "power has no currency"},
	})
}
