package homeassistant

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
	body := feedtest.Answer(t, "today-and-tomorrow/lists.json")
	const row = `   {
    "start": "2026-05-12T09:00:00+02:00",
    "end": "2026-05-12T10:00:00+02:00",
    "value": 0.255
   },
`
	feedtest.Run(t, feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			cfg := configs["lists"]
			cfg.URL, cfg.Token, cfg.Entity = site.Base, token, "sensor.price"
			cfg.Home = feeds.Home{Zone: time.UTC, Currency: "EUR"}
			return New(cfg, wire.New(feeds.Net{Now: site.Now, Timeout: site.Timeout}, token))
		},
		Now: six, Span: energy.Span(six, 24*time.Hour), Secrets: []string{token},
		Good: []feedtest.Exchange{{Path: "/api/states/sensor.price", Body: body}},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: row, New: row + row}},
			feedtest.Overlap:   {{Old: row, New: row + strings.Replace(row, "0.255", "0.256", 1)}},
			feedtest.Missing:   {{Old: row, New: ""}},
			feedtest.Huge:      {{Old: "0.255", New: "1e308"}},
			feedtest.Currency:  {{Old: `"EUR/kWh"`, New: `"SEK/kWh"`}},
		},
	})
}
