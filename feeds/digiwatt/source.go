// Package digiwatt reads what Digiwatt, an Italian service, knows of a home: how green the grid is and when it is best
// to run something, as series; what each appliance has taken, and what could be saved, as answers to questions.
//
// # Basics
//
//   - [Source.Fetch] yields the renewable share and the best windows.
//   - Every other operation of the vendor's text is a typed reader ([Source.Consumption], [Source.Habits]...), and a
//     question with a table on top of it.
//   - Two orders tell the vendor something: whose meter it is ("pair"), and who lives there with what ("onboard").
//
// # Caveats
//
// The vendor publishes neither its address nor its paths: both are configuration. Some answers write their times as
// year-day-month, others as year-month-day, and which is decided once for each answer, never for one stamp. The Z
// behind them may be a lie; "stamp_zone" says so. Figures of one answer do not fit each other and are not compared.
package digiwatt

import (
	"context"
	"net/url"
	"regexp"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Config says whose home.
type Config struct {
	URL          string
	TokenURL     string // empty: /auth/token below URL
	ClientID     string
	ClientSecret string
	Account      string // number; empty: only greenness can be asked for
	POD          string // of the meter, "IT001E..."; empty: it cannot be paired
	Company      string // code that the vendor has given, for pairing
	StampZone    string // in which times with a Z are written; empty: UTC, as the Z says
	// Paths are templates of addresses below URL by operation; an operation that is not there has the default.
	Paths map[string]string
	// Household is what the vendor is told about; nil: nothing was configured.
	Household    *Household
	IsOnboarding bool // it is to be told whenever it has changed
}

// zone is that of the vendor's days.
const zone = "Europe/Rome"

// Source is one customer of the vendor.
type Source struct {
	cfg    Config
	base   *url.URL
	zone   *time.Location
	stamps *time.Location
	client *wire.Client
}

// italian is all that is asked of a POD: the vendor's pattern, its text and its example contradict each other.
var italian = regexp.MustCompile(`^IT[0-9A-Z]+$`)

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	bad := func(format string, args ...any) (*Source, error) {
		return nil, feeds.Fail(feeds.Misconfigured, format, args...)
	}
	switch {
	case cfg.URL == "":
		return bad("url: is missing, and the vendor publishes none")
	case cfg.ClientID == "":
		return bad("client_id: is missing")
	case cfg.ClientSecret == "":
		return bad("client_secret: is missing")
	case cfg.Account == "." || cfg.Account == "..":
		return bad("account_number %q: is no number", cfg.Account)
	case cfg.POD != "" && !italian.MatchString(cfg.POD):
		return bad("pod %q: must begin with IT and hold digits and capitals only", cfg.POD)
	case cfg.IsOnboarding && cfg.Account == "":
		return bad("account_number: is missing, and onboard needs it")
	case cfg.IsOnboarding && cfg.Household == nil:
		return bad("house: is missing, and onboard needs it")
	}
	base, days, err := feeds.Place(cfg.URL, "", zone)
	if err != nil {
		return nil, err
	}
	stamps, err := time.LoadLocation(cfg.StampZone) // empty is UTC
	if err != nil {
		return bad("stamp_zone %q: must be a time zone such as Europe/Rome", cfg.StampZone)
	}
	if err := checkPaths(cfg.Paths); err != nil {
		return nil, err
	}
	tokenURL := base.JoinPath("auth", "token")
	if cfg.TokenURL != "" {
		if tokenURL, err = feeds.Address("token_url", cfg.TokenURL); err != nil {
			return nil, err
		}
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {cfg.ClientID}, "client_secret": {cfg.ClientSecret}}
	with := client.WithTokens(func(ctx context.Context) (wire.Grant, error) {
		return client.Grant(ctx, wire.PostForm(tokenURL, form))
	})
	return &Source{cfg, base, days, stamps, with}, nil
}

// About says that greenness is asked for every hour: the vendor does not say when it is new.
func (s *Source) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{feeds.Renewable}, Zone: s.zone, Ahead: 24 * time.Hour, Rest: 5 * time.Minute,
		Publishes: feeds.Publication{Every: time.Hour},
	}
}

// Fetch asks how green the grid is; the vendor chooses the hours. An answer with nothing of the span is not yet.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	g, err := s.Greenness(ctx)
	if err != nil {
		return feeds.Values{}, err
	}
	v := feeds.Values{Renewable: g.Share, Best: g.Best, Remarks: g.Remarks}
	for _, best := range g.Best {
		if !best.Overlap(span).IsEmpty() {
			return v, nil
		}
	}
	if len(g.Share.Slice(span).Points) == 0 {
		return feeds.Values{}, feeds.Fail(feeds.NotYet, "greenness: nothing of that time is out")
	}
	return v, nil
}
