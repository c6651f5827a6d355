package webjson

import (
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/wire"
)

func TestSource_PassesTheSuite(t *testing.T) {
	body := feedtest.Answer(t, "four-hours/ended.json")
	const row = `  {
   "from": "2026-05-12T10:00:00+02:00",
   "to": "2026-05-12T11:00:00+02:00",
   "price": {
    "total": -1.25,
    "energy": 1
   }
  },
`
	feedtest.Run(t, feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			cfg := configs["ended"]
			cfg.URL = strings.Replace(cfg.URL, "https://prices.example", site.Base, 1)
			cfg.Home = feeds.Home{Zone: time.UTC, Currency: "EUR"}
			return New(cfg, wire.New(feeds.Net{Now: site.Now, Timeout: site.Timeout}, strings.Fields(secret)...))
		},
		Now: six, Span: energy.Span(six, 4*time.Hour), Secrets: []string{secret, strings.Fields(secret)[1]},
		Good: []feedtest.Exchange{{Path: "/v1/prices", Query: map[string]string{"from": "2026-05-12T06:00:00Z", "to": "2026-05-12T10:00:00Z"}, Body: body}},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: row, New: row + row}},
			feedtest.Overlap:   {{Old: row, New: row + strings.Replace(row, "-1.25", "-1.5", 1)}},
			feedtest.Missing:   {{Old: row, New: ""}},
			feedtest.Huge:      {{Old: "-1.25", New: "1e308"}},
			feedtest.Currency:  {{Old: `"ct/kWh"`, New: `"SEK/kWh"`}},
		},
	})
}
