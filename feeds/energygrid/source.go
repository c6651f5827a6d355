// Package energygrid reads what a customer's meter has counted from an EnergyGrid Usage API, as a utility hosts it for
// its customers: the energy taken from the grid, and, asked as questions, the budget and what the vendor has found out.
//
// # Caveats
//
// The vendor has published conventions, and an address that does not exist: where the service is has to be configured.
// How its paths are called beyond the login and the granularities is a guess that the key paths can set right.
//
// A series is energy, so a meter that counts in therms is refused for it. The question usage shows it as it counts.
//
// A token of a page is good for the question that it came with. One that has become stale starts the list anew, once.
package energygrid

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Config says whose meter.
type Config struct {
	URL           string
	IdentityToken string // the utility's, which the login exchanges for the customer's
	Meter         string
	Granularity   string // one of those offered; empty: the finest of at most an hour
	Zone          string // of the meter's days
	Paths         map[string]string
}

// paths are where things are below the address. The first two are the vendor's, the others are proposals.
var paths = map[string]string{
	"login": "Customer/login", "granularities": "Metadata/granularity-types",
	"usage": "Usage/{meter}", "budget": "Budget", "insights": "Insights",
}

// Source is one meter of one customer.
type Source struct {
	cfg    Config
	base   *url.URL
	zone   *time.Location
	client *wire.Client
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, net feeds.Net) (*Source, error) {
	base, zone, err := feeds.Place(cfg.URL, "", cfg.Zone)
	switch {
	case err != nil:
		return nil, err
	case cfg.IdentityToken == "":
		return nil, feeds.Fail(feeds.Misconfigured, "identity_token: is missing")
	case cfg.Meter == "":
		return nil, feeds.Fail(feeds.Misconfigured, "meter: is missing")
	}
	for name, path := range cfg.Paths {
		if err := feeds.OneOf("paths", name, slices.Sorted(maps.Keys(paths))...); err != nil {
			return nil, err
		}
		if strings.Trim(path, "/") == "" || strings.ContainsAny(path, "?#") || slices.Contains(strings.Split(path, "/"), "..") {
			return nil, feeds.Fail(feeds.Misconfigured, "paths.%s %q: must be a path below url", name, path)
		}
	}
	if base.Path == "" { // or else a path that is joined does not begin with a slash
		base.Path = "/"
	}
	s := &Source{cfg: cfg, base: base, zone: zone}
	login := wire.New(net, cfg.IdentityToken)
	s.client = login.WithTokens(func(ctx context.Context) (wire.Grant, error) {
		return login.JWT(ctx, wire.PostJSON(s.place("login"), map[string]string{"identityToken": cfg.IdentityToken}))
	})
	return s, nil
}

// place is where something is.
func (s *Source) place(name string) *url.URL {
	path := paths[name]
	if own := s.cfg.Paths[name]; own != "" {
		path = own
	}
	return s.base.JoinPath(strings.ReplaceAll(path, "{meter}", url.PathEscape(s.cfg.Meter)))
}

// About says that a meter may have counted more at any time.
func (s *Source) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{feeds.Taken}, Zone: s.zone, Rest: 15 * time.Minute, Publishes: feeds.Publication{Every: time.Hour},
	}
}

// Fetch asks for what was counted in a span. Where there is nothing of it, that is not yet.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	offered, err := s.granularities(ctx)
	if err != nil {
		return feeds.Values{}, err
	}
	granularity, err := choose(offered, s.cfg.Granularity)
	if err != nil {
		return feeds.Values{}, err
	}
	used, err := s.usage(ctx, granularity, span)
	if err != nil {
		return feeds.Values{}, err
	}
	if len(used.Items) == 0 { // which is in no unit
		return feeds.Values{}.OrNotYet(span)
	}
	return used.values(s.client.Time())
}
