package gridx

import (
	"context"
	"net/url"
	"regexp"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Config says whose prices.
type Config struct {
	BaseURL string // empty: the utility's own
	Utility string // PGE or SCE
	Rate    string // "EELEC", "TOU-PRIME"; the lists grow, so any is asked for
	// Circuit is nine digits with their leading zeros (PGE), or the name of a substation with its spaces (SCE).
	Circuit string
	CCA     string // who sells the energy, where that is not PGE; empty otherwise
	// Customer has an account, which fills in what is empty of Rate, Circuit and CCA, and knows the usage; nil: there
	// is none, and nothing but prices.
	Customer *Customer
}

var utilities = []string{"PGE", "SCE"}

// The hosts of the utilities.
var hosts = map[string]string{"PGE": "https://pge-pe-api.gridx.com/v1", "SCE": "https://pe-api.gridx.com/v1"}

// zone is that of both utilities' days.
const zone = "America/Los_Angeles"

// mostDays is what may be asked for at once.
const mostDays = 14

// Source is the prices of one circuit, and the usage of its customer where one is configured.
type Source struct {
	cfg     Config
	base    *url.URL
	client  *wire.Client
	zone    *time.Location
	account *account // nil: none
}

var nineDigits = regexp.MustCompile(`^[0-9]{9}$`)

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	bad := func(format string, args ...any) (*Source, error) {
		return nil, feeds.Fail(feeds.Misconfigured, format, args...)
	}
	if err := feeds.OneOf("utility", cfg.Utility, utilities...); err != nil {
		return nil, err
	}
	switch {
	case cfg.Rate == "" && cfg.Customer == nil:
		return bad("rate: is missing")
	case cfg.Circuit == "" && cfg.Customer == nil:
		return bad("circuit: is missing")
	case cfg.Utility == "PGE" && cfg.Circuit != "" && !nineDigits.MatchString(cfg.Circuit):
		return bad("circuit %q: must be nine digits, with leading zeros, in quotes", cfg.Circuit)
	case cfg.Utility == "SCE" && cfg.CCA != "":
		return bad("cca %q: only with PGE", cfg.CCA)
	}
	base, z, err := feeds.Place(cfg.BaseURL, hosts[cfg.Utility], zone)
	if err != nil {
		return nil, err
	}
	s := &Source{cfg: cfg, base: base, client: client, zone: z}
	if cfg.Customer != nil {
		if s.account, err = open(*cfg.Customer, base, client); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// About says when the next day's prices are final. What comes after the next day is a forecast that changes every day,
// and is not asked for.
func (s *Source) About() feeds.About {
	at := 18*time.Hour + 35*time.Minute
	if s.cfg.Utility == "SCE" {
		at = 18*time.Hour + 15*time.Minute
	}
	kinds := []feeds.Kind{feeds.ImportPrice}
	if s.account != nil {
		kinds = append(kinds, feeds.Taken, feeds.Given)
	}
	return feeds.About{
		Kinds: kinds, Zone: s.zone, Currency: "USD", Ahead: 24 * time.Hour, Rest: time.Minute,
		Publishes: feeds.Publication{At: at, Every: 15 * time.Minute},
	}
}

// Fetch asks for the local days of a span: for those up to today at once, for those to come one by one, as they may not
// be out yet. Usage that cannot be had is a remark: prices do not wait for it.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	now := s.client.Time()
	of, remarks, err := s.whose(ctx)
	if err != nil {
		return feeds.Values{}, err
	}
	var b book
	for _, remark := range remarks {
		b.odd.Say("%s", remark)
	}
	if err := s.fill(ctx, &b, of, span); err != nil {
		return feeds.Values{}, err
	}
	v, err := b.values(now)
	if err != nil || s.account == nil {
		return v, err
	}
	return s.withUsage(ctx, v, span)
}
