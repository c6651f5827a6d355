// Package energidata reads what Energi Data Service (Energinet) publishes of the Danish zones, without key: the
// day-ahead prices, or how much CO2 a kWh is expected to cause.
//
// # Caveats
//
// Times are UTC and do not say so. An answer has a hundred rows unless it is asked for more. Prices stand there in kroner
// and in euro. The CO2 is a mean of all that is consumed, told for nine hours ahead at least, and it is a forecast for what
// is over as well.
package energidata

import (
	"cmp"
	"context"
	"net/url"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// What a source can be asked for.
const (
	Price  = "price"
	Carbon = "carbon"
)

// Config says what, and whose.
type Config struct {
	BaseURL  string // empty: api.energidataservice.dk
	Area     string // DK1 or DK2
	Kind     string // Price or Carbon; empty: Price
	Currency energy.Currency
}

// What the keys may have.
var (
	areas      = []string{"DK1", "DK2"}
	kinds      = []string{Price, Carbon}
	currencies = []string{"DKK", "EUR"}
)

const host = "https://api.energidataservice.dk"

// Source is one series of one zone.
type Source struct {
	cfg    Config
	base   *url.URL
	zone   *time.Location
	client *wire.Client
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	if cfg.Kind == "" {
		cfg.Kind = Price
	}
	base, zone, err := feeds.Place(cfg.BaseURL, host, "Europe/Copenhagen")
	if err != nil {
		return nil, err
	}
	if err := cmp.Or(feeds.OneOf("area", cfg.Area, areas...), feeds.OneOf("kind", cfg.Kind, kinds...)); err != nil {
		return nil, err
	}
	if err := feeds.OneOf("currency", string(cfg.Currency), currencies...); cfg.Kind == Price && err != nil {
		return nil, err
	}
	return &Source{cfg, base, zone, client}, nil
}

// About says that tomorrow's prices come out after noon; the CO2 is made anew each quarter of an hour.
func (s *Source) About() feeds.About {
	if s.cfg.Kind == Carbon {
		return feeds.About{
			Kinds: []feeds.Kind{feeds.Carbon}, Zone: s.zone, Ahead: 9 * time.Hour, Rest: 5 * time.Minute,
			Publishes: feeds.Publication{Every: 15 * time.Minute},
		}
	}
	return feeds.About{
		Kinds: []feeds.Kind{feeds.ImportPrice}, Zone: s.zone, Currency: s.cfg.Currency, Ahead: 36 * time.Hour, Rest: 5 * time.Minute,
		Publishes: feeds.Publication{At: 13 * time.Hour, Every: 15 * time.Minute},
	}
}

// Fetch asks for a span, all of its rows at once.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	table, column := "DayAheadPrices", "TimeUTC"
	if s.cfg.Kind == Carbon {
		table, column = "CO2EmisProg", "Minutes5UTC"
	}
	u := s.base.JoinPath("dataset", table)
	u.RawQuery = url.Values{
		"start": {span.Start.UTC().Format("2006-01-02T15:04")}, "end": {span.End.UTC().Format("2006-01-02T15:04")}, "timezone": {"UTC"},
		"filter": {`{"PriceArea":["` + s.cfg.Area + `"]}`}, "sort": {column + " asc"}, "limit": {"0"},
	}.Encode()
	answer, err := s.client.Do(ctx, wire.Request{URL: u})
	if err != nil {
		return feeds.Values{}, err
	}
	v, err := s.cfg.read(answer.Body, s.client.Time())
	if err != nil {
		return feeds.Values{}, err
	}
	return v.OrNotYet(span)
}
