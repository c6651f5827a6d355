// Package energycharts reads what Fraunhofer ISE publishes at energy-charts.info, without key: the day-ahead price of a
// European bidding zone, and the share of renewable energy that is expected in a country's grid.
//
// # Caveats
//
// Values and their times are parallel lists; a value may be null, and is then missing. The step is that of the times:
// hours in older days, quarter hours since October 2025. Price zones and countries are named differently (DE-LU, de).
// The share is told from today on, whatever span is asked for.
package energycharts

import (
	"context"
	"net/url"
	"regexp"
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

// The service refuses what is written otherwise only when it is asked.
var (
	isBidding = regexp.MustCompile(`^[A-Z][A-Za-z0-9-]{1,20}$`)
	isCountry = regexp.MustCompile(`^[a-z_]{2,10}$`)
)

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
		return nil, feeds.Fail(feeds.Misconfigured, "bidding_zone: it or country is needed")
	case cfg.Bidding != "" && !isBidding.MatchString(cfg.Bidding):
		return nil, feeds.Fail(feeds.Misconfigured, "bidding_zone %q: must be a code such as DE-LU", cfg.Bidding)
	case cfg.Country != "" && !isCountry.MatchString(cfg.Country):
		return nil, feeds.Fail(feeds.Misconfigured, "country %q: must be a code in small letters such as de", cfg.Country)
	}
	return &Source{cfg, base, zone, client}, nil
}

// About says that tomorrow's prices come out after noon; the share is made anew all the time.
func (s *Source) About() feeds.About {
	about := feeds.About{Zone: s.zone, Currency: "EUR", Ahead: 36 * time.Hour, Rest: 15 * time.Minute, Publishes: feeds.Publication{Every: time.Hour}}
	if s.cfg.Bidding != "" {
		about.Publishes = feeds.Publication{At: 13 * time.Hour, Every: 15 * time.Minute}
		about.Kinds = append(about.Kinds, feeds.ImportPrice)
	}
	if s.cfg.Country != "" {
		about.Kinds = append(about.Kinds, feeds.Renewable)
	}
	return about
}

// Fetch asks for the prices of the local days of a span, and for whatever is known of the share. Where one of both
// fails, the other is kept.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	var out, green feeds.Values
	var err1, err2 error
	if s.cfg.Bidding != "" {
		first, last := span.Start.In(s.zone), span.End.Add(-time.Nanosecond).In(s.zone)
		query := url.Values{"bzn": {s.cfg.Bidding}, "start": {first.Format(time.DateOnly)}, "end": {last.Format(time.DateOnly)}}
		out, err1 = s.ask(ctx, "price", query, prices)
	}
	if s.cfg.Country != "" {
		green, err2 = s.ask(ctx, "ren_share_forecast", url.Values{"country": {s.cfg.Country}}, shares)
	}
	out.Renewable, out.Remarks = green.Renewable, green.Remarks
	out, err := out.Despite(ctx, err1, err2)
	if err != nil {
		return feeds.Values{}, err
	}
	return out.OrNotYet(span)
}

func (s *Source) ask(ctx context.Context, path string, query url.Values, read func([]byte, time.Time) (feeds.Values, error)) (feeds.Values, error) {
	u := s.base.JoinPath(path)
	u.RawQuery = query.Encode()
	answer, err := s.client.Do(ctx, wire.Request{URL: u})
	if err != nil {
		return feeds.Values{}, err
	}
	return read(answer.Body, s.client.Time())
}
