// Package entsoe reads day-ahead prices of European bidding zones from ENTSO-E's Transparency Platform, with a personal
// token: the exchange's, without taxes, as XML.
//
// # Caveats
//
// A position that is left out repeats the one before where the curve is of type A03; that is the format, and no gap.
// Several auctions may stand beside each other, told apart by a sequence: the first is the coupled market's, and while
// only another one is out its prices are preliminary. What is not out, and what was asked wrongly, comes as an
// acknowledgement. The token is part of the query.
package entsoe

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Config says whose prices.
type Config struct {
	BaseURL  string // empty: web-api.tp.entsoe.eu
	Token    string // personal
	Area     string // a name such as DE-LU, or an EIC
	Currency energy.Currency
}

const (
	host   = "https://web-api.tp.entsoe.eu"
	layout = "200601021504"
	// marketZone is that of the auction's days, whatever clock the zone has itself.
	marketZone = "Europe/Brussels"
	// mostBytes is more than a week of quarter hours of several auctions, told at length.
	mostBytes = 2 << 20
)

var isToken = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)

// Source is the prices of one zone.
type Source struct {
	cfg    Config
	eic    string
	base   *url.URL
	zone   *time.Location
	client *wire.Client
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	base, zone, err := feeds.Place(cfg.BaseURL, host, marketZone)
	if err != nil {
		return nil, err
	}
	eic, err := eicOf(cfg.Area)
	switch {
	case err != nil:
		return nil, err
	case !isToken.MatchString(cfg.Token):
		return nil, feeds.Fail(feeds.Misconfigured, "token: must be 8 to 64 letters, digits and dashes")
	case cfg.Currency == "":
		return nil, feeds.Fail(feeds.Misconfigured, "currency: is missing")
	}
	return &Source{cfg, eic, base, zone, client}, nil
}

// About says that tomorrow comes out after the auction of noon.
func (s *Source) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{feeds.ImportPrice}, Zone: s.zone, Currency: s.cfg.Currency, Ahead: 36 * time.Hour, Rest: 5 * time.Minute,
		Publishes: feeds.Publication{At: 13 * time.Hour, Every: 15 * time.Minute},
	}
}

// Fetch asks for a span in whole hours; the answer has whole days of it.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	u := s.base.JoinPath("api")
	u.RawQuery = url.Values{
		"documentType": {"A44"}, "contract_MarketAgreement.type": {dayAhead}, "in_Domain": {s.eic}, "out_Domain": {s.eic},
		"periodStart":   {span.Start.UTC().Truncate(time.Hour).Format(layout)},
		"periodEnd":     {span.End.UTC().Add(time.Hour - 1).Truncate(time.Hour).Format(layout)},
		"securityToken": {s.cfg.Token},
	}.Encode()
	// A refused question comes with status 400, and its reason in a document.
	answer, err := s.client.Do(ctx, wire.Request{URL: u, Accepts: []string{"application/xml", "text/xml"}, Good: []int{http.StatusOK, http.StatusBadRequest}})
	switch {
	case answer.Status == http.StatusBadRequest: // whatever its body is
		return feeds.Values{}, s.refused(answer.Body)
	case err != nil:
		return feeds.Values{}, err
	}
	v, err := s.read(answer.Body, s.client.Time())
	if err != nil {
		return feeds.Values{}, err
	}
	return v.OrNotYet(span)
}
