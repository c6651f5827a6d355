// Package energidata reads the day-ahead prices of the Danish zones from Energi Data Service (Energinet), without key.
//
// # Caveats
//
// Times are UTC and do not say so. An answer has a hundred rows unless it is asked for more. Prices stand there in kroner
// and in euro.
package energidata

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Config says whose prices.
type Config struct {
	BaseURL  string // empty: api.energidataservice.dk
	Area     string // DK1 or DK2
	Currency energy.Currency
}

const (
	host   = "https://api.energidataservice.dk"
	layout = "2006-01-02T15:04:05"
)

// Source is the prices of one zone.
type Source struct {
	cfg    Config
	base   *url.URL
	zone   *time.Location
	client *wire.Client
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	base, zone, err := feeds.Place(cfg.BaseURL, host, "Europe/Copenhagen")
	switch {
	case err != nil:
		return nil, err
	case cfg.Area != "DK1" && cfg.Area != "DK2":
		return nil, feeds.Fail(feeds.Misconfigured, "area %q: must be DK1 or DK2", cfg.Area)
	case cfg.Currency != "DKK" && cfg.Currency != "EUR":
		return nil, feeds.Fail(feeds.Misconfigured, "currency %q: must be DKK or EUR", cfg.Currency)
	}
	return &Source{cfg, base, zone, client}, nil
}

// About says that tomorrow comes out after noon.
func (s *Source) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{feeds.ImportPrice}, Zone: s.zone, Currency: s.cfg.Currency, Ahead: 36 * time.Hour, Rest: 5 * time.Minute,
		Publishes: feeds.Publication{At: 13 * time.Hour, Every: 15 * time.Minute},
	}
}

// Fetch asks for a span, all of its rows at once.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	u := s.base.JoinPath("dataset", "DayAheadPrices")
	u.RawQuery = url.Values{
		"start": {span.Start.UTC().Format("2006-01-02T15:04")}, "end": {span.End.UTC().Format("2006-01-02T15:04")}, "timezone": {"UTC"},
		"filter": {`{"PriceArea":["` + s.cfg.Area + `"]}`}, "sort": {"TimeUTC asc"}, "limit": {"0"},
	}.Encode()
	answer, err := s.client.Do(ctx, wire.Request{URL: u})
	if err != nil {
		return feeds.Values{}, err
	}
	return s.cfg.read(answer.Body, s.client.Time())
}

type record struct {
	Time string       `json:"TimeUTC"`
	Area string       `json:"PriceArea"`
	DKK  *json.Number `json:"DayAheadPriceDKK"`
	EUR  *json.Number `json:"DayAheadPriceEUR"`
}

// at is the start of a record's slot.
func (r record) at() (time.Time, error) { return time.Parse(layout, strings.TrimSuffix(r.Time, "Z")) }

func (cfg Config) read(body []byte, now time.Time) (feeds.Values, error) {
	var doc struct{ Records []record }
	if err := json.Unmarshal(body, &doc); err != nil {
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "prices: %w", err)
	}
	prices := map[time.Time]energy.Price{}
	var starts []time.Time
	for i, r := range doc.Records {
		start, err := r.at()
		number := r.EUR
		if cfg.Currency == "DKK" {
			number = r.DKK
		}
		switch {
		case err != nil:
			return feeds.Values{}, feeds.Fail(feeds.Temporary, "record %d: time %q", i, feeds.OneLine(r.Time))
		case r.Area != cfg.Area:
			return feeds.Values{}, feeds.Fail(feeds.Temporary, "record %d: of %q, asked was for %s", i, feeds.OneLine(r.Area), cfg.Area)
		}
		if !slices.Contains(starts, start) {
			starts = append(starts, start)
		}
		if number == nil {
			continue
		}
		price, err := feeds.PerKWh(*number, -3)
		if err != nil {
			return feeds.Values{}, feeds.Fail(feeds.Temporary, "record %d: %w", i, err)
		}
		if old, ok := prices[start]; ok && old != price {
			return feeds.Values{}, feeds.Fail(feeds.Temporary, "record %d: a second price at %s", i, r.Time)
		}
		prices[start] = price
	}
	if len(prices) == 0 {
		return feeds.Values{}, feeds.Fail(feeds.NotYet, "prices: none of that time are out")
	}
	if len(starts) == 1 {
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "prices: one alone has no end")
	}
	slices.SortFunc(starts, time.Time.Compare)
	origin := &energy.Origin{Source: "energidata", Fetched: now, Status: energy.Final}
	out := energy.Series[energy.Price]{Currency: cfg.Currency}
	for i, start := range starts {
		if price, ok := prices[start]; ok {
			out.Points = append(out.Points, energy.Point[energy.Price]{Interval: energy.Interval{Start: start, End: feeds.EndOf(starts, i)}, Value: price, Origin: origin})
		}
	}
	return feeds.Values{Import: out}, nil
}
