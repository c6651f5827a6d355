package comed

import (
	"encoding/json"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

var eight = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func TestSource_PassesTheSuite(t *testing.T) {
	body := feedtest.Answer(t, "the-running-hour-is-its-average/answer.json")
	var both map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &both); err != nil {
		t.Fatal(err)
	}
	passed, list := string(both["5minutefeed"]), "["
	feedtest.Run(t, feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			return Type.New(feeds.Settings{"url": site.Base}, feeds.Net{Now: site.Now, Timeout: site.Timeout})
		},
		Now:  eight.Add(12 * time.Minute),
		Span: energy.Span(eight.Add(-10*time.Minute), time.Hour),
		Good: []feedtest.Exchange{
			{Path: "/api", Query: map[string]string{"type": "5minutefeed", "format": "json"}, Type: "text/html;charset=utf-8", Body: passed},
			{Path: "/api", Query: map[string]string{"type": "currenthouraverage", "format": "json"}, Type: "text/html;charset=utf-8", Body: string(both["currenthouraverage"])},
		},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: list, New: list + `{"millisUTC": "1772438400000", "price": "2.9"},`}},
			feedtest.Overlap:   {{Old: list, New: list + `{"millisUTC": "1772438400000", "price": "3.9"},`}},
			feedtest.Missing:   {{Old: `"1772438400000"`, New: `"1772438100000"`}, {Old: `"2.9"`, New: `"-0.7"`}},
			feedtest.Huge:      {{Old: `"2.9"`, New: `"1e308"`}},
		},
		Cannot: map[feedtest.Trial]string{feedtest.Currency: "an answer names no currency: it is cents of the United States"},
	})
}

func TestType_IsWhatItsSampleSays(t *testing.T) { feedtest.Sample(t, Type, feeds.Home{}) }
