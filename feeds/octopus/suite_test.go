package octopus

import (
	"strings"
	"testing"

	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// slot is one half hour of the recording.
const slot = `{
   "value_exc_vat": -3.0,
   "value_inc_vat": -3.15,
   "valid_from": "2026-03-01T00:30:00Z",
   "valid_to": "2026-03-01T01:00:00Z",
   "payment_method": null
  },`

func TestSource_PassesTheSuite(t *testing.T) {
	answer := feedtest.Answer(t, "newest-first/answer.json")
	question := map[string]string{"period_from": "2026-03-01T00:00:00Z", "period_to": "2026-03-01T01:30:00Z"}
	feedtest.Run(t, feedtest.Case{
		New: func(s feedtest.Site) (feeds.Source, error) {
			return Type.New(feeds.Settings{"product": "AGILE-1", "export": "OUT-1", "region": "C", "url": s.Base}, feeds.Net{Now: s.Now, Timeout: s.Timeout})
		},
		Now: night.Start, Span: night,
		Good: []feedtest.Exchange{
			{Path: "/v1/products/AGILE-1/electricity-tariffs/E-1R-AGILE-1-C/standard-unit-rates/", Query: question, Body: answer},
			{Path: "/v1/products/OUT-1/electricity-tariffs/E-1R-OUT-1-C/standard-unit-rates/", Query: question, Body: strings.ReplaceAll(answer, "21.315", "15")},
		},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: slot, New: slot + slot}},
			feedtest.Overlap:   {{Old: slot, New: slot + strings.Replace(slot, "-3.15", "3.15", 1)}},
			feedtest.Missing:   {{Old: slot, New: ""}},
			feedtest.Huge:      {{Old: "-3.15", New: "1e308"}},
		},
		Cannot: map[feedtest.Trial]string{feedtest.Currency: "an answer names no currency: the product is one of Great Britain, and its rates are pence"},
	})
}

func TestType_IsWhatItsSampleSays(t *testing.T) { feedtest.Sample(t, Type, feeds.Home{}) }
