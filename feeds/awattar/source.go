// Package awattar reads the day-ahead prices of the German and the Austrian zone that aWATTar publishes, without key and
// without taxes: the exchange's, for each hour or quarter hour.
//
// # Caveats
//
// Times are milliseconds. Without an end the answer stops tonight, so both ends are always asked for. Fair use: no more
// than a request every quarter of an hour.
package awattar

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Config says whose prices.
type Config struct {
	BaseURL string // empty: the country's own
	Country string // DE or AT
}

var countries = []string{"DE", "AT"}

// What differs between the countries.
var (
	hosts = map[string]string{"DE": "https://api.awattar.de", "AT": "https://api.awattar.at"}
	zones = map[string]string{"DE": "Europe/Berlin", "AT": "Europe/Vienna"}
)

// Source is the prices of one zone.
type Source struct {
	base   *url.URL
	zone   *time.Location
	client *wire.Client
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	if err := feeds.OneOf("country", cfg.Country, countries...); err != nil {
		return nil, err
	}
	base, zone, err := feeds.Place(cfg.BaseURL, hosts[cfg.Country], zones[cfg.Country])
	if err != nil {
		return nil, err
	}
	return &Source{base, zone, client}, nil
}

// About says that tomorrow comes out in the early afternoon.
func (s *Source) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{feeds.ImportPrice}, Zone: s.zone, Currency: "EUR", Ahead: 36 * time.Hour, Rest: 15 * time.Minute,
		Publishes: feeds.Publication{At: 14 * time.Hour, Every: 15 * time.Minute},
	}
}

// Fetch asks for a span. Where nothing of it is published, that is not yet.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	u := s.base.JoinPath("v1", "marketdata")
	u.RawQuery = url.Values{
		"start": {strconv.FormatInt(span.Start.UnixMilli(), 10)}, "end": {strconv.FormatInt(span.End.UnixMilli(), 10)},
	}.Encode()
	answer, err := s.client.Do(ctx, wire.Request{URL: u})
	if err != nil {
		return feeds.Values{}, err
	}
	v, err := read(answer.Body, s.client.Time())
	if err != nil {
		return feeds.Values{}, err
	}
	return v.OrNotYet(span)
}

type document struct {
	Data []struct {
		Start json.Number `json:"start_timestamp"`
		End   json.Number `json:"end_timestamp"`
		Price json.Number `json:"marketprice"`
		Unit  string      `json:"unit"`
	} `json:"data"`
}

// units are how prices are given, and the power of ten that makes them EUR per kWh.
var units = map[string]int{"eur/mwh": -3, "eur/kwh": 0}

func read(body []byte, now time.Time) (feeds.Values, error) {
	var doc document
	if err := json.Unmarshal(body, &doc); err != nil {
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "prices: %w", err)
	}
	origin := &energy.Origin{Source: "awattar", Fetched: now, Status: energy.Final}
	var points []energy.Point[energy.Price]
	for i, d := range doc.Data {
		start, err1 := d.Start.Int64()
		end, err2 := d.End.Int64()
		if err1 != nil || err2 != nil || end <= start || end-start > 24*3_600_000 {
			return feeds.Values{}, feeds.Fail(feeds.Temporary, "price %d: from %q to %q", i, d.Start, d.End)
		}
		shift, isKnown := units[strings.ToLower(strings.ReplaceAll(d.Unit, " ", ""))]
		if !isKnown {
			return feeds.Values{}, feeds.Fail(feeds.Misconfigured, "price %d: in %q, not in EUR", i, feeds.OneLine(d.Unit))
		}
		price, err := feeds.PerKWh(d.Price, shift)
		if err != nil {
			return feeds.Values{}, feeds.Fail(feeds.Temporary, "price %d: %w", i, err)
		}
		points = append(points, energy.Point[energy.Price]{
			Interval: energy.Interval{Start: time.UnixMilli(start).UTC(), End: time.UnixMilli(end).UTC()}, Value: price, Origin: origin,
		})
	}
	series, err := feeds.Join("EUR", points)
	return feeds.Values{Import: series}, err
}
