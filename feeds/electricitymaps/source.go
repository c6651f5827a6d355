// Package electricitymaps reads the carbon intensity of a zone of the grid from Electricity Maps, with the customer's
// own token: that of the latest hour and, where the token's plan allows, of the hours to come.
//
// # Caveats
//
// The intensity is that of all the power that is used in the zone, with imports followed to where they were made, over
// the whole life of the plants. It is an average, not what one more kWh causes, and must not be mixed with marginal
// values in one plan. A zone that the service does not know is answered with that of the caller's address, which is
// refused here.
package electricitymaps

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Config says where.
type Config struct {
	BaseURL  string         // empty: api.electricitymaps.com
	Token    string         // of the customer
	Zone     string         // of the grid, "DE" or "US-CAL-CISO"
	Forecast bool           // the plan allows to ask for what is to come
	Days     *time.Location // whose days the values are shown in; nil: UTC
}

const host = "https://api.electricitymaps.com"

var isZone = regexp.MustCompile(`^[A-Z]{2,4}(-[A-Z0-9]{1,8}){0,2}$`)

// Source is the intensity of one zone.
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
	case cfg.Token == "":
		return nil, feeds.Fail(feeds.Misconfigured, "token: is missing")
	case !isZone.MatchString(cfg.Zone):
		return nil, feeds.Fail(feeds.Misconfigured, "zone %q: must be one of the service's, such as DE or US-CAL-CISO", cfg.Zone)
	}
	cfg.Days = cmp.Or(cfg.Days, time.UTC)
	return &Source{cfg, base, client}, nil
}

// About says that there is something new each hour, which comes out some time during it.
func (s *Source) About() feeds.About {
	about := feeds.About{
		Kinds: []feeds.Kind{feeds.Carbon}, Zone: s.cfg.Days, Rest: 5 * time.Minute, Publishes: feeds.Publication{Every: 15 * time.Minute},
	}
	if s.cfg.Forecast {
		about.Ahead = 24 * time.Hour
	}
	return about
}

// Fetch asks for the latest hour, and for those to come; there is nothing else. Where one of both fails, the other is
// kept, and where all is before a span, that is not yet.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	var ahead energy.Series[energy.GramsPerKWh]
	var err2 error
	latest, err1 := s.ask(ctx, "latest", s.cfg.latest)
	if s.cfg.Forecast {
		ahead, err2 = s.ask(ctx, "forecast", s.cfg.forecast)
	}
	carbon, err := energy.Merge(latest, ahead)
	if err != nil {
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "intensity: %w", err)
	}
	v, err := feeds.Values{Carbon: carbon}.Despite(ctx, err1, err2)
	if err != nil {
		return feeds.Values{}, err
	}
	return v.OrNotYet(span)
}

// reader understands an answer.
type reader func([]byte, time.Time) (energy.Series[energy.GramsPerKWh], error)

func (s *Source) ask(ctx context.Context, what string, read reader) (energy.Series[energy.GramsPerKWh], error) {
	u := s.base.JoinPath("v3", "carbon-intensity", what)
	u.RawQuery = url.Values{"zone": {s.cfg.Zone}, "disableCallerLookup": {"true"}}.Encode()
	answer, err := s.client.Do(ctx, wire.Request{URL: u, Headers: http.Header{"Auth-Token": {s.cfg.Token}}})
	if err != nil {
		return energy.Series[energy.GramsPerKWh]{}, err
	}
	return read(answer.Body, s.client.Time())
}
