package awattar

import (
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// slot is one hour of the recording.
const slot = `{
   "start_timestamp": 1772409600000,
   "end_timestamp": 1772413200000,
   "marketprice": -12.5,
   "unit": "Eur/MWh"
  },`

func TestSource_PassesTheSuite(t *testing.T) {
	answer := feedtest.Answer(t, "four-hours/answer.json")
	span := energy.Span(time.UnixMilli(1772406000000).UTC(), 4*time.Hour)
	feedtest.Run(t, feedtest.Case{
		New: func(s feedtest.Site) (feeds.Source, error) {
			return Type.New(feeds.Settings{"country": "DE", "url": s.Base}, feeds.Net{Now: s.Now, Timeout: s.Timeout})
		},
		Now: span.Start.Add(-time.Hour), Span: span,
		Good: []feedtest.Exchange{{Path: "/v1/marketdata", Query: map[string]string{"start": "1772406000000", "end": "1772420400000"}, Body: answer}},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: slot, New: slot + slot}},
			feedtest.Overlap:   {{Old: slot, New: slot + strings.Replace(slot, "-12.5", "12.5", 1)}},
			feedtest.Missing:   {{Old: slot, New: ""}},
			feedtest.Huge:      {{Old: "-12.5", New: "1e308"}},
			feedtest.Currency:  {{Old: "Eur/MWh", New: "JPY/MWh"}},
		},
	})
}

func TestType_IsWhatItsSampleSays(t *testing.T) { feedtest.Sample(t, Type, feeds.Home{}) }
