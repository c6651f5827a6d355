// Package fram reads what Fram tells of a home whose bills it makes: the utility's rate, as a price of each hour, and
// what was billed.
//
// # Basics
//
//   - A [Source] yields the import price of the aggregated utility rate that is effective on each day.
//   - It is a [feeds.Account]: its questions are the publisher's lists, of which rates shows what no price was read from.
//   - It is a [feeds.Biller]: a billing payload, with its invoice and what has been paid of it.
//
// # Caveats
//
// The shape of a total_rate_map is not public; package rate tries those that are known. A rate that names periods does
// not say their hours, and the unit of a price is not told: both are configured. Holidays are not known; a day is what
// its weekday says.
//
// Tenants are never asked for, and what a unit says of its tenant is not read.
package fram

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"sync"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/fram/rate"
	"hearth/feeds/wire"
)

// Config says whose account, which home and which rate. What may be left out is empty.
type Config struct {
	BaseURL, TokenURL, Audience string // empty: the publisher's own
	ClientID, ClientSecret      string
	Organization, Project, Unit string // ids
	BillingCode, Supplier       string
	Zone                        string
	UnitOfPrice                 string            // "USD/kWh" or "cents/kWh"; empty: not said
	Periods, Seasons            map[string]string // "peak": "mo-su 16:00-21:00"; "summer": "06-01..09-30"
	Paths                       map[string]string // of resources, where they are others
}

const (
	host      = "https://api.framenergy.com/api/v1"
	tokenHost = "https://auth.framenergy.com/oauth/token"
	audience  = "https://api.framenergy.com"
)

// currency is that of all prices and bills: the publisher names none, and serves utilities of the United States.
const currency = energy.Currency("USD")

// Source is one account. It is safe for concurrent use.
type Source struct {
	cfg    Config
	base   *url.URL
	zone   *time.Location
	client *wire.Client
	paths  map[string]string
	rules  *rate.Rules

	mu    sync.Mutex
	found site // as far as it was asked for
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, net feeds.Net) (*Source, error) {
	base, zone, err := feeds.Place(cfg.BaseURL, host, cfg.Zone)
	if err != nil {
		return nil, err
	}
	token, err := feeds.Address("token_url", cmp.Or(cfg.TokenURL, tokenHost))
	switch {
	case err != nil:
		return nil, err
	case cfg.ClientID == "":
		return nil, feeds.Fail(feeds.Misconfigured, "client_id: is missing")
	case cfg.ClientSecret == "":
		return nil, feeds.Fail(feeds.Misconfigured, "client_secret: is missing")
	}
	for _, id := range [][2]string{{"organization", cfg.Organization}, {"project", cfg.Project}, {"unit", cfg.Unit}} {
		if err := checkID(id[0], id[1]); err != nil {
			return nil, err
		}
	}
	s := &Source{cfg: cfg, base: base, zone: zone, client: wire.New(net, cfg.ClientSecret), found: site{cfg.Organization, cfg.Project}}
	if s.rules, err = rate.New(rate.Config{Zone: zone, Unit: cfg.UnitOfPrice, Periods: cfg.Periods, Seasons: cfg.Seasons}); err != nil {
		return nil, err
	}
	if s.paths, err = newPaths(cfg.Paths); err != nil {
		return nil, err
	}
	s.client.Tokens = wire.NewTokens(grant(cfg, token, net), net.Now)
	return s, nil
}

// grant fetches a token. The publisher wants the credentials in a document, not in a form. The status of a refusal is
// kept out of the error: it would be taken for that of what the token is for.
func grant(cfg Config, token *url.URL, net feeds.Net) func(context.Context) (wire.Grant, error) {
	client := wire.New(net, cfg.ClientSecret)
	r := wire.PostJSON(token, map[string]string{
		"client_id": cfg.ClientID, "client_secret": cfg.ClientSecret,
		"audience": cmp.Or(cfg.Audience, audience), "grant_type": "client_credentials",
	})
	return func(ctx context.Context) (wire.Grant, error) {
		g, err := client.Grant(ctx, r)
		if err != nil {
			err = &feeds.Failure{Kind: feeds.KindOf(err), After: feeds.NotBefore(err), Err: fmt.Errorf("token: %w", err)}
		}
		return g, err
	}
}

// About says that a rate holds until the utility files another one: some times a year.
func (s *Source) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{feeds.ImportPrice}, Zone: s.zone, Currency: currency, Ahead: 72 * time.Hour, Rest: time.Minute,
		Publishes: feeds.Publication{Every: 6 * time.Hour},
	}
}

// Orders are none: nothing here can be told.
func (s *Source) Orders() []feeds.Order { return nil }

// Fetch asks for the rate of each local day of a span. A day whose rate cannot be read is missing, with a remark, as
// long as there is another one.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	if s.cfg.BillingCode == "" {
		return feeds.Values{}, feeds.Fail(feeds.Misconfigured, "billing_code: is missing, so nobody knows which rate; the question rates lists them")
	}
	b := newBook(s)
	for day := energy.Day(span.Start, s.zone); day.Start.Before(span.End); day = energy.Day(day.End, s.zone) {
		date := day.Start.In(s.zone).Format(time.DateOnly)
		records, err := s.filings(ctx, date)
		if err == nil {
			err = b.take(day, date, records)
		}
		if err != nil {
			return feeds.Values{}, err
		}
	}
	if len(b.points) == 0 && b.err == nil {
		return feeds.Values{}, s.why(ctx)
	}
	return b.values()
}

// filings are the rates of the billing code; of a date, or of any where it is empty.
func (s *Source) filings(ctx context.Context, date string) ([]json.RawMessage, error) {
	return s.list(ctx, "rates", url.Values{"billing_code": {s.cfg.BillingCode}, "generation_supplier": {s.cfg.Supplier}, "target_date": {date}})
}

// why is what an empty answer means: not yet, where the code has rates of another time; else it is a mistake.
func (s *Source) why(ctx context.Context) error {
	records, err := s.filings(ctx, "")
	if err != nil {
		return err
	}
	for _, raw := range records {
		if f, err := readFiling(raw); err == nil && s.isMine(f) {
			return feeds.Fail(feeds.NotYet, "%s: no rate of billing_code %q is effective then", s.base.Host, s.cfg.BillingCode)
		}
	}
	whose := ""
	if s.cfg.Supplier != "" {
		whose = " of the supplier " + s.cfg.Supplier
	}
	return feeds.Fail(feeds.Misconfigured, "billing_code %q: has no rates%s", s.cfg.BillingCode, whose)
}
