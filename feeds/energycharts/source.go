// Package energycharts reads what Fraunhofer ISE publishes at energy-charts.info, without key: the day-ahead price of a
// European bidding zone, and the share of renewable energy that is expected in a country's grid.
//
// # Caveats
//
// Values and their times are parallel lists; a value may be null, and is then missing. The step is that of the times:
// hours in older days, quarter hours since October 2025. Price zones and countries are named differently (DE-LU, de).
package energycharts

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Config says whose prices, whose share, or both.
type Config struct {
	BaseURL string // empty: api.energy-charts.info
	Bidding string // zone of the exchange, "DE-LU"; empty: no prices
	Country string // "de"; empty: no renewable share
	Zone    string // IANA name of the zone of its days
}

const host = "https://api.energy-charts.info"

// Source is the series of one place.
type Source struct {
	cfg    Config
	base   *url.URL
	zone   *time.Location
	client *wire.Client
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	base, zone, err := feeds.Place(cfg.BaseURL, host, cfg.Zone)
	switch {
	case err != nil:
		return nil, err
	case cfg.Bidding == "" && cfg.Country == "":
		return nil, feeds.Fail(feeds.Misconfigured, "bidding zone, country: one of both is needed")
	}
	return &Source{cfg, base, zone, client}, nil
}

// About says that tomorrow's prices come out after noon; the share is made anew all the time.
func (s *Source) About() feeds.About {
	about := feeds.About{Zone: s.zone, Currency: "EUR", Ahead: 36 * time.Hour, Rest: 15 * time.Minute}
	about.Publishes = feeds.Publication{At: 13 * time.Hour, Every: 15 * time.Minute}
	if s.cfg.Bidding != "" {
		about.Kinds = append(about.Kinds, feeds.ImportPrice)
	}
	if s.cfg.Country != "" {
		about.Kinds = append(about.Kinds, feeds.Renewable)
	}
	return about
}

// Fetch asks for the local days of a span.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	var out feeds.Values
	if s.cfg.Bidding != "" {
		body, err := s.ask(ctx, "price", span, "bzn", s.cfg.Bidding)
		if err != nil {
			return feeds.Values{}, err
		}
		if out.Import, err = prices(body, s.client.Time()); err != nil {
			return feeds.Values{}, err
		}
	}
	if s.cfg.Country != "" {
		body, err := s.ask(ctx, "ren_share_forecast", span, "country", s.cfg.Country)
		if err != nil {
			return feeds.Values{}, err
		}
		if out.Renewable, err = shares(body, s.client.Time()); err != nil {
			return feeds.Values{}, err
		}
	}
	if len(out.Import.Points)+len(out.Renewable.Points) == 0 {
		return feeds.Values{}, feeds.Fail(feeds.NotYet, "%s: nothing of that time is out", s.base.Host)
	}
	return out, nil
}

func (s *Source) ask(ctx context.Context, path string, span energy.Interval, key, place string) ([]byte, error) {
	u := s.base.JoinPath(path)
	u.RawQuery = url.Values{
		key: {place}, "start": {span.Start.In(s.zone).Format(time.DateOnly)}, "end": {span.End.Add(-time.Nanosecond).In(s.zone).Format(time.DateOnly)},
	}.Encode()
	answer, err := s.client.Do(ctx, wire.Request{URL: u})
	return answer.Body, err
}

// prices reads the answer of /price.
func prices(body []byte, now time.Time) (energy.Series[energy.Price], error) {
	var doc struct {
		Times []json.Number  `json:"unix_seconds"`
		Price []*json.Number `json:"price"`
		Unit  string         `json:"unit"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return energy.Series[energy.Price]{}, feeds.Fail(feeds.Temporary, "prices: %w", err)
	}
	if unit := strings.ToLower(strings.ReplaceAll(doc.Unit, " ", "")); unit != "eur/mwh" && len(doc.Times) > 0 {
		return energy.Series[energy.Price]{}, feeds.Fail(feeds.Misconfigured, "prices: in %q, not in EUR / MWh", feeds.OneLine(doc.Unit))
	}
	return series("EUR", doc.Times, doc.Price, &energy.Origin{Source: "energy-charts", Fetched: now, Status: energy.Final},
		func(n json.Number) (energy.Price, error) { return feeds.PerKWh(n, -3) })
}

// shares reads the answer of /ren_share_forecast: percent, above 100 where the grid exports.
func shares(body []byte, now time.Time) (energy.Series[energy.Share], error) {
	var doc struct {
		Times []json.Number  `json:"unix_seconds"`
		Share []*json.Number `json:"ren_share"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return energy.Series[energy.Share]{}, feeds.Fail(feeds.Temporary, "renewable share: %w", err)
	}
	return series("", doc.Times, doc.Share, &energy.Origin{Source: "energy-charts", Fetched: now, Status: energy.Forecast},
		func(n json.Number) (energy.Share, error) {
			percent, err := n.Float64()
			return energy.Share(percent / 100), err
		})
}

// series joins times and values. A slot lasts to the next time; the last one as long as the one before.
func series[T any](currency energy.Currency, times []json.Number, values []*json.Number, origin *energy.Origin, parse func(json.Number) (T, error)) (energy.Series[T], error) {
	none := energy.Series[T]{}
	if len(times) != len(values) {
		return none, feeds.Fail(feeds.Temporary, "%d times for %d values", len(times), len(values))
	}
	starts := make([]time.Time, len(times))
	for i, n := range times {
		seconds, err := n.Int64()
		if err != nil || i > 0 && seconds <= starts[i-1].Unix() {
			return none, feeds.Fail(feeds.Temporary, "time %d: %q is none, or not after the one before", i, n)
		}
		starts[i] = time.Unix(seconds, 0).UTC()
	}
	if len(starts) == 1 {
		return none, feeds.Fail(feeds.Temporary, "one time alone has no end")
	}
	var points []energy.Point[T]
	for i, start := range starts {
		if values[i] == nil {
			continue
		}
		v, err := parse(*values[i])
		if err != nil {
			return none, feeds.Fail(feeds.Temporary, "value %d: %w", i, err)
		}
		points = append(points, energy.Point[T]{Interval: energy.Interval{Start: start, End: feeds.EndOf(starts, i)}, Value: v, Origin: origin})
	}
	out, err := energy.NewSeries(currency, points)
	if err != nil {
		return none, feeds.Fail(feeds.Temporary, "%w", err)
	}
	return out, nil
}
