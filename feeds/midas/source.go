// Package midas reads the prices and the marginal carbon intensity that the California Energy Commission collects in
// MIDAS, for one rate of a Californian home or one region of its grid, named by a RIN.
//
// # Caveats
//
// What is taken, what is given and carbon are different values under a RIN or different RINs; one source yields one of
// them. Times are bare, in UTC, and ends are inclusive. There are two windows, three days from midnight in California
// on and the last ninety days, and nothing before. Reading needs no account since version 2 of June 2026; version 1
// had carbon in kilograms and at local times, and is refused.
package midas

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Config says which rate, and which of its values.
type Config struct {
	BaseURL        string // empty: midasapi.energy.ca.gov
	RIN            string // "USCA-PGPG-ETOU-0000"
	Signal         string // import, export or carbon; empty: what the RIN is of
	User, Password string // empty: reads without account
}

const host = "https://midasapi.energy.ca.gov"

// mostBytes is for ninety days of five minutes, each told in 230 bytes.
const mostBytes = 24 << 20

// tokenLifetime is what the commission says of its tokens.
const tokenLifetime = 10 * time.Minute

var isRIN = regexp.MustCompile(`^[A-Z]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{1,10}$`)

// Source is the values of one rate.
type Source struct {
	rin    string
	signal signal
	base   *url.URL
	zone   *time.Location
	client *wire.Client
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	base, zone, err := feeds.Place(cfg.BaseURL, host, "America/Los_Angeles")
	if err != nil {
		return nil, err
	}
	if !isRIN.MatchString(cfg.RIN) {
		return nil, feeds.Fail(feeds.Misconfigured, "rin %q: must be a rate identification number such as USCA-PGPG-ETOU-0000", cfg.RIN)
	}
	kind := cfg.Signal
	switch publisher := strings.Split(cfg.RIN, "-")[1]; {
	case publisher == "FLEX":
		return nil, feeds.Fail(feeds.Misconfigured, "rin %q: is of alerts, which are no prices", cfg.RIN)
	case kind == "" && publisher == "SGIP":
		kind = "carbon"
	case kind == "":
		kind = "import"
	}
	wanted, isKnown := signals[kind]
	switch {
	case !isKnown:
		return nil, feeds.Fail(feeds.Misconfigured, "signal %q: must be import, export or carbon", cfg.Signal)
	case cfg.User != "" && cfg.Password == "":
		return nil, feeds.Fail(feeds.Misconfigured, "password: is missing beside user")
	case cfg.User == "" && cfg.Password != "":
		return nil, feeds.Fail(feeds.Misconfigured, "user: is missing beside password")
	}
	if cfg.User != "" {
		client = withToken(client, base.JoinPath("api", "Token"), wire.Basic(cfg.User, cfg.Password))
	}
	return &Source{cfg.RIN, wanted, base, zone, client}, nil
}

// withToken is the client with a token, which comes in a header of an answer that only says that there is one.
func withToken(client *wire.Client, u *url.URL, authorization string) *wire.Client {
	question := wire.Request{URL: u, Accepts: []string{"text/plain", "application/json"}}
	question.Headers = map[string][]string{"Authorization": {authorization}}
	fetch := func(ctx context.Context) (wire.Grant, error) {
		answer, err := client.Do(ctx, question)
		return wire.Grant{Token: answer.Header.Get("Token"), Lifetime: tokenLifetime}, err
	}
	return client.WithTokens(fetch)
}

// About says that there are always at least two days to come.
func (s *Source) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{s.signal.kind}, Zone: s.zone, Currency: s.signal.currency, Ahead: 48 * time.Hour, Rest: 5 * time.Minute,
		Publishes: feeds.Publication{Every: s.signal.every},
	}
}

// Fetch asks for the window that holds the beginning of a span.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	window := "realtime"
	if span.Start.Before(energy.Day(s.client.Time(), s.zone).Start) {
		window = "alldata"
	}
	u := s.base.JoinPath("api", "ValueData")
	u.RawQuery = url.Values{"ID": {s.rin}, "QueryType": {window}}.Encode()
	answer, err := s.client.Do(ctx, wire.Request{URL: u})
	if err != nil {
		return feeds.Values{}, err
	}
	v, err := s.read(answer.Body, s.client.Time())
	if err != nil {
		return feeds.Values{}, err
	}
	return v.OrNotYet(span)
}
