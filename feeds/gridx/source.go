package gridx

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
	BaseURL string // empty: the utility's own
	Utility string // PGE or SCE
	Rate    string // "EELEC", "TOU-PRIME"; the lists grow, so any is asked for
	// Circuit is nine digits with their leading zeros (PGE), or the name of a substation with its spaces (SCE).
	Circuit string
	CCA     string // who sells the energy, where that is not PGE; empty otherwise
}

// The hosts of the utilities.
var hosts = map[string]string{"PGE": "https://pge-pe-api.gridx.com/v1", "SCE": "https://pe-api.gridx.com/v1"}

// zone is that of both utilities' days.
const zone = "America/Los_Angeles"

// mostDays is what may be asked for at once.
const mostDays = 14

// Source is the prices of one circuit.
type Source struct {
	cfg    Config
	base   *url.URL
	client *wire.Client
	zone   *time.Location
}

var nineDigits = regexp.MustCompile(`^[0-9]{9}$`)

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	bad := func(format string, args ...any) (*Source, error) {
		return nil, feeds.Fail(feeds.Misconfigured, format, args...)
	}
	host, isKnown := hosts[cfg.Utility]
	switch {
	case !isKnown:
		return bad("utility %q: must be PGE or SCE", cfg.Utility)
	case cfg.Rate == "":
		return bad("rate: is missing")
	case cfg.Circuit == "":
		return bad("circuit: is missing")
	case cfg.Utility == "PGE" && !nineDigits.MatchString(cfg.Circuit):
		return bad("circuit %q: must be nine digits, with leading zeros, in quotes", cfg.Circuit)
	case cfg.Utility == "SCE" && cfg.CCA != "":
		return bad("cca %q: only with PGE", cfg.CCA)
	}
	base, z, err := feeds.Place(cfg.BaseURL, host, zone)
	if err != nil {
		return nil, err
	}
	return &Source{cfg, base, client, z}, nil
}

// About says when the next day's prices are final.
func (s *Source) About() feeds.About {
	at := 18*time.Hour + 35*time.Minute
	if s.cfg.Utility == "SCE" {
		at = 18*time.Hour + 15*time.Minute
	}
	return feeds.About{
		Kinds: []feeds.Kind{feeds.ImportPrice}, Zone: s.zone, Currency: "USD", Ahead: 48 * time.Hour, Rest: time.Minute,
		Publishes: feeds.Publication{At: at, Every: 15 * time.Minute},
	}
}

// Fetch asks for the local days of a span: for those up to today at once, for those to come apart, as they may not be
// out yet.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	var b book
	now := s.client.Time()
	tomorrow := energy.Day(now, s.zone).End
	for _, part := range []energy.Interval{
		{Start: span.Start, End: earlier(span.End, tomorrow)},
		{Start: later(span.Start, tomorrow), End: span.End},
	} {
		for day := part.Start; day.Before(part.End); {
			last := energy.Day(day, s.zone)
			for n := 1; n < mostDays && last.End.Before(part.End); n++ {
				last = energy.Day(last.End, s.zone)
			}
			found, err := s.ask(ctx, &b, day, last.Start)
			if err != nil {
				return feeds.Values{}, err
			}
			if !found {
				break // what comes after is not out either
			}
			day = last.End
		}
	}
	if len(b.slots) == 0 {
		return feeds.Values{}, s.why(ctx, now)
	}
	return b.values(now)
}

// ask reads the prices of the days that hold first and last; false when the answer is empty.
func (s *Source) ask(ctx context.Context, b *book, first, last time.Time) (bool, error) {
	u := s.base.JoinPath("getPricing")
	q := url.Values{
		"utility": {s.cfg.Utility}, "market": {"DAM"}, "program": {"CalFUSE"},
		"startdate": {first.In(s.zone).Format("20060102")}, "enddate": {last.In(s.zone).Format("20060102")},
		"ratename": {s.cfg.Rate}, "representativeCircuitId": {s.cfg.Circuit},
	}
	if s.cfg.CCA != "" {
		q.Set("cca", s.cfg.CCA)
	}
	u.RawQuery = q.Encode()
	answer, err := s.client.Do(ctx, wire.Request{URL: u, Good: []int{http.StatusOK, http.StatusNoContent}})
	if err != nil || answer.Status == http.StatusNoContent || len(answer.Body) == 0 {
		return false, err
	}
	before := len(b.slots)
	if err := b.read(answer.Body, s.zone); err != nil {
		return false, err
	}
	return len(b.slots) > before, nil
}

// why is what an empty answer means: not yet, where yesterday is there; else a parameter is wrong.
func (s *Source) why(ctx context.Context, now time.Time) error {
	yesterday := energy.Day(now, s.zone).Start.Add(-time.Hour)
	found, err := s.ask(ctx, new(book), yesterday, yesterday)
	switch {
	case err != nil:
		return err
	case found:
		return feeds.Fail(feeds.NotYet, "%s: the prices of that time are not out yet", s.base.Host)
	}
	return feeds.Fail(feeds.Misconfigured, "%s: no prices for utility %s, rate %q and circuit %q, not even of yesterday", s.base.Host, s.cfg.Utility, s.cfg.Rate, s.cfg.Circuit)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
