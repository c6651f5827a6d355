package watttime

import (
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/wire"
)

const (
	user     = "a-resident"
	password = "s3cret-of-the-resident"
	granted  = "t0ken-of-half-an-hour"
)

var ten = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func TestSource_PassesTheSuite(t *testing.T) {
	body := feedtest.Answer(t, "pounds/answer.json")
	const list = `"data": [`
	five := `{"point_time": "2026-03-02T10:05:00+00:00", "value": `
	feedtest.Run(t, feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			settings := feeds.Settings{"url": site.Base, "user": user, "password": password, "region": "CAISO_NORTH"}
			return Type.New(settings, feeds.Net{Now: site.Now, Timeout: site.Timeout})
		},
		Now:  ten.Add(2 * time.Minute),
		Span: energy.Span(ten, 20*time.Minute),
		Good: []feedtest.Exchange{
			{Path: "/login", Token: true, Body: `{"token": "` + granted + `"}`},
			{Path: "/v3/forecast", Query: map[string]string{"region": "CAISO_NORTH", "signal_type": "co2_moer"}, Body: body},
		},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: list, New: list + five + "871.5},"}},
			feedtest.Overlap:   {{Old: list, New: list + five + "872.5},"}},
			feedtest.Missing:   {{Old: "871.5", New: "null"}},
			feedtest.Huge:      {{Old: "871.5", New: "1e308"}},
		},
		Cannot:  map[feedtest.Trial]string{feedtest.Currency: "carbon is in grams"},
		Secrets: []string{password, granted, wire.Basic(user, password)},
	})
}

func TestType_IsWhatItsSampleSays(t *testing.T) { feedtest.Sample(t, Type, feeds.Home{}) }
