package entsoe

import (
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/wire"
)

func TestType_AcceptsItsSample(t *testing.T) { feedtest.Sample(t, Type, feeds.Home{Currency: "EUR"}) }

func TestType_KeepsItsToken(t *testing.T) {
	with := feedtest.Settings(Type)
	with["token"] = token
	made, err := Type.New(with, feeds.Net{Home: feeds.Home{Currency: "EUR"}})
	if err != nil || made.(*Source).eic != areas["DE-LU"] || made.(*Source).client.Secrets[0] != token || made.(*Source).client.MaxBody != mostBytes {
		t.Errorf("%+v, %v", made, err)
	}
}

func TestSource_PassesTheSuite(t *testing.T) {
	at := time.Date(2026, 5, 11, 22, 0, 0, 0, time.UTC)
	third := `<position>3</position>
        <price.amount>-12.5</price.amount>`
	second := "</Point>\n      <Point>\n        "
	feedtest.Run(t, feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			cfg := germany
			cfg.BaseURL = site.Base
			return New(cfg, wire.New(feeds.Net{Now: site.Now, Timeout: site.Timeout}, token))
		},
		Now: at, Span: energy.Span(at, 2*time.Hour), Secrets: []string{token},
		Good: []feedtest.Exchange{{Path: "/api", Type: "application/xml", Body: string(recording(t, "every-position"))}},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: third, New: third + second + third}},
			feedtest.Overlap:   {{Old: third, New: third + second + strings.Replace(third, "12.5", "13", 1)}},
			feedtest.Missing:   {{Old: "<Point>\n        " + third + "\n      </Point>", New: ""}},
			feedtest.Huge:      {{Old: "-12.5", New: "1e308"}},
			feedtest.Currency:  {{Old: ">EUR<", New: ">PLN<"}},
		},
	})
}
