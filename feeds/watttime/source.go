// Package watttime reads the marginal carbon intensity of a region of the grid that WattTime forecasts, with an account:
// what one more kWh causes, for each five minutes from now on.
//
// # Caveats
//
// The intensity is marginal: that of the plants which answer to a change of load. It must not be mixed with averages in
// one plan. It comes in pounds per MWh. A free account has the region CAISO_NORTH only. Every value is a forecast, that
// of the running five minutes too; there is nothing of the past.
package watttime

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Config says where.
type Config struct {
	BaseURL        string         // empty: api.watttime.org
	User, Password string         // of the account
	Region         string         // "CAISO_NORTH"
	Days           *time.Location // whose days the values are shown in; nil: UTC
}

const (
	host          = "https://api.watttime.org"
	signal        = "co2_moer" // marginal operating emissions rate
	unit          = "lbs_co2_per_mwh"
	tokenLifetime = 30 * time.Minute
	mostHours     = 72 // that a forecast may reach
)

// gramsPerKWh is one pound (NIST SP 811, avoirdupois) per MWh.
const gramsPerKWh = 453.59237 / 1000

var isRegion = regexp.MustCompile(`^[A-Z0-9]+(_[A-Z0-9]+)*$`)

// Source is the intensity of one region.
type Source struct {
	cfg    Config
	base   *url.URL
	client *wire.Client
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	base, err := feeds.Address("url", cmp.Or(cfg.BaseURL, host))
	switch {
	case err != nil:
		return nil, err
	case cfg.User == "":
		return nil, feeds.Fail(feeds.Misconfigured, "user: is missing")
	case cfg.Password == "":
		return nil, feeds.Fail(feeds.Misconfigured, "password: is missing")
	case cfg.Region == "":
		return nil, feeds.Fail(feeds.Misconfigured, "region: is missing")
	case !isRegion.MatchString(cfg.Region):
		return nil, feeds.Fail(feeds.Misconfigured, "region %q: must be one of the service's, such as CAISO_NORTH", cfg.Region)
	}
	cfg.Days = cmp.Or(cfg.Days, time.UTC)
	login := wire.Request{URL: base.JoinPath("login"), Headers: http.Header{"Authorization": {wire.Basic(cfg.User, cfg.Password)}}}
	fetch := func(ctx context.Context) (wire.Grant, error) {
		var doc struct {
			Token string `json:"token"`
		}
		err := client.JSON(ctx, login, &doc)
		return wire.Grant{Token: doc.Token, Lifetime: tokenLifetime}, err
	}
	return &Source{cfg, base, client.WithTokens(fetch)}, nil
}

// About says that a forecast is made anew every five minutes.
func (s *Source) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{feeds.Carbon}, Zone: s.cfg.Days, Ahead: 24 * time.Hour, Rest: 5 * time.Minute,
		Publishes: feeds.Publication{Every: 5 * time.Minute},
	}
}

// Fetch asks for a forecast from now to the end of a span. Where it ends before the span begins, that is not yet.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	hours := int(math.Ceil(span.End.Sub(s.client.Time()).Hours()))
	u := s.base.JoinPath("v3", "forecast")
	u.RawQuery = url.Values{
		"region": {s.cfg.Region}, "signal_type": {signal}, "horizon_hours": {strconv.Itoa(min(max(hours, 1), mostHours))},
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

type document struct {
	Data []struct {
		Start time.Time    `json:"point_time"`
		Value *json.Number `json:"value"`
	} `json:"data"`
	Meta struct {
		Region   string `json:"region"`
		Signal   string `json:"signal_type"`
		Unit     string `json:"units"`
		Seconds  int    `json:"data_point_period_seconds"`
		Warnings []struct {
			Type    string `json:"type"`
			Message string `json:"message"`
		} `json:"warnings"`
	} `json:"meta"`
}

func (cfg Config) read(body []byte, now time.Time) (out feeds.Values, err error) {
	var doc document
	if err := json.Unmarshal(body, &doc); err != nil {
		return out, feeds.Fail(feeds.Temporary, "forecast: %w", err)
	}
	switch m := doc.Meta; {
	case m.Region == "" || m.Seconds <= 0 || m.Seconds > 3600:
		return out, feeds.Fail(feeds.Temporary, "forecast: says nothing of its region, or %d seconds", m.Seconds)
	case m.Region != cfg.Region:
		return out, feeds.Fail(feeds.Misconfigured, "region: the forecast is of %q, not of %s", feeds.OneLine(m.Region), cfg.Region)
	case m.Signal != signal:
		return out, feeds.Fail(feeds.Misconfigured, "forecast: is of %q, not of %s", feeds.OneLine(m.Signal), signal)
	case m.Unit != unit:
		return out, feeds.Fail(feeds.Misconfigured, "forecast: is in %q, not in %s", feeds.OneLine(m.Unit), unit)
	}
	var odd feeds.Remarks
	for _, w := range doc.Meta.Warnings {
		odd.Say("%s: %s", w.Type, w.Message)
	}
	out.Remarks = odd.All()
	out.Carbon, err = doc.series(&energy.Origin{Source: "watttime", Fetched: now, Status: energy.Forecast})
	return out, err
}

func (d document) series(origin *energy.Origin) (energy.Series[energy.GramsPerKWh], error) {
	none, step := energy.Series[energy.GramsPerKWh]{}, time.Duration(d.Meta.Seconds)*time.Second
	var points []energy.Point[energy.GramsPerKWh]
	for i, p := range d.Data {
		if p.Value == nil {
			continue
		}
		if p.Start.IsZero() {
			return none, feeds.Fail(feeds.Temporary, "value %d: is at no time", i)
		}
		grams, err := feeds.Grams(*p.Value, gramsPerKWh)
		if err != nil {
			return none, feeds.Fail(feeds.Temporary, "value %d: %w", i, err)
		}
		points = append(points, energy.Point[energy.GramsPerKWh]{Interval: energy.Span(p.Start.UTC(), step), Value: grams, Origin: origin})
	}
	return feeds.Join("", points)
}
