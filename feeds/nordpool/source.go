// Package nordpool reads the day-ahead prices that the data portal of Nord Pool shows, without key and without taxes:
// the exchange's, for each quarter hour of one of its areas.
//
// # Caveats
//
// The portal is made for the exchange's website; Nord Pool documents it for nobody else and its terms restrict what
// may be done with it. A day is one request, and is one of Central Europe wherever the area is. What is not out is an
// empty answer.
package nordpool

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
	BaseURL  string // empty: the data portal's own
	Area     string // SE3, NO1, FI
	Currency energy.Currency
}

const (
	host   = "https://dataportal-api.nordpoolgroup.com"
	market = "DayAhead"
)

var isArea = regexp.MustCompile(`^[A-Z0-9]{2,6}$`)

// Source is the prices of one area.
type Source struct {
	cfg    Config
	base   *url.URL
	zone   *time.Location
	client *wire.Client
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	base, zone, err := feeds.Place(cfg.BaseURL, host, "Europe/Oslo")
	if err != nil {
		return nil, err
	}
	if !isArea.MatchString(cfg.Area) {
		return nil, feeds.Fail(feeds.Misconfigured, "area %q: must be one of the exchange's, such as SE3", cfg.Area)
	}
	if _, err := energy.ParseCurrency(string(cfg.Currency)); err != nil {
		return nil, feeds.Fail(feeds.Misconfigured, "currency %q: must be three capital letters, such as EUR", cfg.Currency)
	}
	return &Source{cfg, base, zone, client}, nil
}

// About says that tomorrow comes out at about one o'clock.
func (s *Source) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{feeds.ImportPrice}, Zone: s.zone, Currency: s.cfg.Currency, Ahead: 36 * time.Hour, Rest: 15 * time.Minute,
		Publishes: feeds.Publication{At: 13 * time.Hour, Every: 15 * time.Minute},
	}
}

// Fetch asks for the days of a span, up to the first that is not out. Where none is, that is not yet.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	var out feeds.Values
	var points []energy.Point[energy.Price]
	for day := energy.Day(span.Start, s.zone); day.Start.Before(span.End); day = energy.Day(day.End, s.zone) {
		v, err := s.day(ctx, day.Start.Format(time.DateOnly))
		if err != nil && feeds.KindOf(err) == feeds.NotYet {
			break
		}
		if err != nil {
			return feeds.Values{}, err
		}
		points = append(points, v.Import.Points...)
		out.Remarks = append(out.Remarks, v.Remarks...)
	}
	out.Remarks = feeds.FewRemarks(out.Remarks)
	var err error
	if out.Import, err = feeds.Join(s.cfg.Currency, points); err != nil {
		return feeds.Values{}, err
	}
	return out.OrNotYet(span)
}

func (s *Source) day(ctx context.Context, date string) (feeds.Values, error) {
	u := s.base.JoinPath("api", "DayAheadPrices")
	u.RawQuery = url.Values{
		"date": {date}, "market": {market}, "deliveryArea": {s.cfg.Area}, "currency": {string(s.cfg.Currency)},
	}.Encode()
	answer, err := s.client.Do(ctx, wire.Request{URL: u, Good: []int{http.StatusOK, http.StatusNoContent}})
	if err != nil {
		return feeds.Values{}, err
	}
	return s.cfg.read(answer.Body, date, s.client.Time())
}
