// Package podero reads the price contract that a user has at Podero, and tells Podero what the home pays: devices that
// Podero steers are steered by what is in that contract.
//
// # Caveats
//
// The vendor's pages spell the contract in two ways. Both are read, whatever is configured for writing.
//
// A contract that this home has written is an echo of its own prices, and no source of any. What came from here is
// never written back.
//
// Prices are for each kWh. The same vendor's pages of day-ahead trading are per MWh; they are another product.
package podero

import (
	"cmp"
	"context"
	"net/url"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Config says whose contract, and what is to be in it.
type Config struct {
	URL          string // empty: the vendor's
	TokenURL     string // empty: on the same host
	ClientID     string
	ClientSecret string
	Organization string
	User         string
	Building     string // empty: the one that the user's only contract is for
	Zone         *time.Location
	Currency     energy.Currency // of the home

	// What follows is written. What is empty is left as it is.
	Meter       string
	Supplier    string
	Kind        string // spot_hourly, monthly or yearly
	IsGuide     bool   // written as the vendor's guide spells it, not as its reference does
	IsSubHourly bool   // prices of less than an hour may be written
	IsStanding  bool   // the configuration asks for the contract to be written
}

const host = "https://app.podero.com/api/partners/v2.0"

// sourceName is where our prices are said to be from.
const sourceName = "podero"

// Source is the contracts of one user.
type Source struct {
	cfg    Config
	base   *url.URL
	client *wire.Client
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, net feeds.Net) (*Source, error) {
	cfg.Zone = cmp.Or(cfg.Zone, time.UTC)
	base, err := feeds.Address("url", cmp.Or(cfg.URL, host))
	if err != nil {
		return nil, err
	}
	token := base.ResolveReference(&url.URL{Path: "/oauth2/token/"}) // credentials do not cross environments
	if cfg.TokenURL != "" {
		if token, err = tokenPlace(cfg.TokenURL); err != nil {
			return nil, err
		}
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	basic := wire.Basic(cfg.ClientID, cfg.ClientSecret)
	login := wire.New(net, cfg.ClientSecret, basic)
	client := login.WithTokens(func(ctx context.Context) (wire.Grant, error) {
		ask := wire.PostJSON(token, map[string]string{"grant_type": "client_credentials"})
		ask.Headers.Set("Authorization", basic)
		return login.Grant(ctx, ask)
	})
	return &Source{cfg, base, client}, nil
}

// contractsPlace is where the user's contracts are, or one of them.
func (s *Source) contractsPlace(id ...string) *url.URL {
	return s.base.JoinPath(append([]string{"org", s.cfg.Organization, "users", s.cfg.User, "energy-contracts"}, id...)...)
}

// About says that a contract may change at any time.
func (s *Source) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{feeds.ImportPrice}, Zone: s.cfg.Zone, Currency: s.cfg.Currency, Ahead: 48 * time.Hour, Rest: time.Minute,
		Publishes: feeds.Publication{Every: time.Hour},
	}
}

// Fetch reads the contract. A single price holds for all of the span that begins after it.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	all, err := s.contracts(ctx)
	if err != nil {
		return feeds.Values{}, err
	}
	c, err := choose(all, s.cfg.Building)
	if err != nil {
		return feeds.Values{}, err
	}
	v, err := c.values(span, s.cfg.Currency, s.client.Time())
	if err == nil && s.cfg.IsStanding {
		v.Remarks = append(v.Remarks, "this home writes the contract itself: its prices are an echo")
	}
	return v, err
}

func (s *Source) contracts(ctx context.Context) ([]contract, error) {
	answer, err := s.client.Do(ctx, wire.Request{URL: s.contractsPlace()})
	if err != nil {
		return nil, err
	}
	return readContracts(answer.Body)
}
