package energidata

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// Rows of the recordings.
const (
	priceRow  = `{"TimeUTC": "2026-03-01T00:30:00", "TimeDK": "2026-03-01T01:30:00", "PriceArea": "DK1", "DayAheadPriceEUR": -1.5, "DayAheadPriceDKK": -11.19},`
	carbonRow = `{"Minutes5UTC": "2026-03-01T00:10:00", "Minutes5DK": "2026-03-01T01:10:00", "PriceArea": "DK1", "CO2Emission": 118},`
)

func TestSource_PassesTheSuite(t *testing.T) {
	for _, c := range []struct {
		kind, recording, path string
		length                time.Duration
		row, value            string
		cannot                string
	}{
		{Price, "an-hour-and-a-half/answer.json", "/dataset/DayAheadPrices", 90 * time.Minute, priceRow, "-1.5",
			"a row has a column for each currency, and only the one that was asked for is read"},
		{Carbon, "co2-of-half-an-hour/carbon.json", "/dataset/CO2EmisProg", 30 * time.Minute, carbonRow, "118", "grams of CO2 have no currency"},
	} {
		t.Run(c.kind, func(t *testing.T) {
			answer := feedtest.Answer(t, c.recording)
			span := energy.Span(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), c.length)
			question := map[string]string{"start": "2026-03-01T00:00", "end": span.End.Format("2006-01-02T15:04"), "filter": `{"PriceArea":["DK1"]}`, "limit": "0"}
			feedtest.Run(t, feedtest.Case{
				New: func(s feedtest.Site) (feeds.Source, error) {
					net := feeds.Net{Now: s.Now, Timeout: s.Timeout, Home: feeds.Home{Currency: "EUR"}}
					return Type.New(feeds.Settings{"area": "DK1", "kind": c.kind, "url": s.Base}, net)
				},
				Now: span.Start, Span: span,
				Good: []feedtest.Exchange{{Path: c.path, Query: question, Body: answer}},
				Edits: map[feedtest.Trial][]feedtest.Edit{
					feedtest.Duplicate: {{Old: c.row, New: c.row + c.row}},
					feedtest.Overlap:   {{Old: c.row, New: c.row + strings.Replace(c.row, c.value, "77", 1)}},
					feedtest.Missing:   {{Old: c.row, New: ""}},
					feedtest.Huge:      {{Old: c.value, New: "1e308"}},
				},
				Cannot: map[feedtest.Trial]string{feedtest.Currency: c.cannot},
			})
		})
	}
}

func TestType_TakesTheCurrencyOfTheHome(t *testing.T) {
	s, err := Type.New(feeds.Settings{"area": "DK2"}, feeds.Net{Home: feeds.Home{Currency: "DKK"}})
	if err != nil || s.About().Currency != "DKK" {
		t.Errorf("%+v, %v", s, err)
	}
	swedish := feeds.Net{Home: feeds.Home{Currency: "SEK"}}
	if _, err := Type.New(feeds.Settings{"area": "DK2"}, swedish); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), `currency "SEK": `) {
		t.Error(err)
	}
	if s, err := Type.New(feeds.Settings{"area": "DK2", "kind": Carbon}, swedish); err != nil || s.About().Currency != "" {
		t.Errorf("CO2 has no currency: %v", err)
	}
}

func TestType_IsWhatItsSampleSays(t *testing.T) {
	feedtest.Sample(t, Type, feeds.Home{Currency: "DKK"})
}
