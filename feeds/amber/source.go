// Package amber reads what a customer of Amber Electric in Australia pays and gets, with the customer's own token: the
// price of each channel of the meter, in intervals of five minutes or half an hour, as it was, is and is expected to be.
//
// # Caveats
//
// Prices are cents with GST, networks and fees. What is fed in has a negative price where it earns; here it is turned
// round. An interval begins a second after the one before has ended, which is a way of writing and no gap. Days are
// those of the market, ten hours ahead of UTC all year. Fifty requests in five minutes, shared with all else that uses
// the account, are allowed.
package amber

import (
	"cmp"
	"context"
	"fmt"
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
	BaseURL    string // empty: api.amber.com.au
	Token      string // of the customer
	Site       string // id of the site
	Zone       string // IANA name of the site's zone
	Import     string // channel of what is taken, general or controlledLoad; empty: general
	Export     string // channel of what is given, feedIn; empty: none
	Resolution string // minutes, 5 or 30; empty: as the site is billed
}

const host = "https://api.amber.com.au"

// mostDays that a question may ask for.
const mostDays = 7

// marketOffset is that of the clock of the National Electricity Market, which knows no summer.
const marketOffset = 10 * 60 * 60

var isSite = regexp.MustCompile(`^[0-9A-Za-z]{1,40}$`)

// Source is the prices of one site.
type Source struct {
	cfg    Config
	base   *url.URL
	zone   *time.Location
	market *time.Location
	client *wire.Client
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	base, zone, err := feeds.Place(cfg.BaseURL, host, cfg.Zone)
	if err != nil {
		return nil, err
	}
	if cfg.Import == "" {
		cfg.Import = general
	}
	switch {
	case cfg.Token == "":
		return nil, feeds.Fail(feeds.Misconfigured, "token: is missing")
	case !isSite.MatchString(cfg.Site):
		return nil, feeds.Fail(feeds.Misconfigured, "site %q: must be the id of a site", cfg.Site)
	}
	if err := cmp.Or(
		feeds.OneOf("import", cfg.Import, general, controlledLoad), feeds.OneOf("export", cfg.Export, "", feedIn),
		feeds.OneOf("resolution", cfg.Resolution, "", "5", "30"),
	); err != nil {
		return nil, err
	}
	return &Source{cfg, base, zone, time.FixedZone("NEM", marketOffset), client}, nil
}

// About says that there is something new every five minutes.
func (s *Source) About() feeds.About {
	about := feeds.About{
		Kinds: []feeds.Kind{feeds.ImportPrice}, Zone: s.zone, Currency: "AUD", Ahead: 24 * time.Hour, Rest: time.Minute,
		Publishes: feeds.Publication{Every: 5 * time.Minute},
	}
	if s.cfg.Export != "" {
		about.Kinds = append(about.Kinds, feeds.ExportPrice)
	}
	return about
}

// Fetch asks for the market's days that hold a span, a week at a time.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	var all []interval
	first, last := s.date(span.Start), s.date(span.End.Add(-1))
	for from := first; !from.After(last); from = from.AddDate(0, 0, mostDays) {
		to := from.AddDate(0, 0, mostDays-1)
		if to.After(last) {
			to = last
		}
		some, err := s.ask(ctx, from, to)
		if err != nil {
			return feeds.Values{}, err
		}
		all = append(all, some...)
	}
	v, err := s.cfg.understand(all, s.client.Time())
	if err != nil {
		return feeds.Values{}, err
	}
	return v.OrNotYet(span)
}

// date is midnight of the market's day that holds t.
func (s *Source) date(t time.Time) time.Time {
	y, m, d := t.In(s.market).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, s.market)
}

func (s *Source) ask(ctx context.Context, from, to time.Time) ([]interval, error) {
	question := url.Values{"startDate": {from.Format(time.DateOnly)}, "endDate": {to.Format(time.DateOnly)}}
	if s.cfg.Resolution != "" {
		question.Set("resolution", s.cfg.Resolution)
	}
	u := s.base.JoinPath("v1", "sites", s.cfg.Site, "prices")
	u.RawQuery = question.Encode()
	answer, err := s.client.Do(ctx, wire.Request{URL: u, Headers: http.Header{"Authorization": {"Bearer " + s.cfg.Token}}})
	if err != nil {
		return nil, err
	}
	all, err := read(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from.Format(time.DateOnly), err)
	}
	return all, nil
}
