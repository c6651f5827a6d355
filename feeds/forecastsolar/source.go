// Package forecastsolar reads what Forecast.Solar expects of a roof: watts from sunrise to sunset of today and tomorrow,
// without key for private use.
//
// # Caveats
//
// Watts are those of an instant; a slot has the mean of both its ends, as the publisher's own energies have. The first
// and the last stamp of a day are sunrise and sunset, so slots there are of any length. Twelve requests an hour are free
// for each address; when to come back stands in the answer. A key is part of the path.
package forecastsolar

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/reading"
	"hearth/feeds/wire"
)

// Config says which roof.
type Config struct {
	BaseURL string // empty: api.forecast.solar
	Roof    reading.Roof
	Key     string         // of a subscription; empty: none
	Zone    *time.Location // of the home; nil: UTC
}

const host = "https://api.forecast.solar"

var isKey = regexp.MustCompile(`^[A-Za-z0-9]{8,64}$`) // it is part of a path

// Source is the expected power of one roof.
type Source struct {
	cfg    Config
	base   *url.URL
	client *wire.Client
}

// New checks the configuration; it asks nothing. The client has to keep the key as a secret. Every error is of kind
// [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	base, _, err := feeds.Place(cfg.BaseURL, host, cfg.Zone.String())
	switch {
	case err != nil:
		return nil, err
	case cfg.Roof.Peak <= 0:
		return nil, feeds.Fail(feeds.Misconfigured, "peak: is missing")
	case cfg.Key != "" && !isKey.MatchString(cfg.Key):
		return nil, feeds.Fail(feeds.Misconfigured, "key: must be 8 to 64 letters and digits")
	}
	return &Source{cfg, base, client}, nil
}

// About says that something new comes out every quarter of an hour, and is asked for every hour: the quota is that of
// everybody behind one address.
func (s *Source) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{feeds.Solar}, Zone: s.cfg.Zone, Ahead: 24 * time.Hour, Rest: 15 * time.Minute,
		Publishes: feeds.Publication{Every: time.Hour},
	}
}

// Fetch asks for today and tomorrow; there is nothing else. A span beyond both is not yet.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	question := wire.Request{URL: s.question(), Good: []int{http.StatusOK, http.StatusTooManyRequests}}
	answer, err := s.client.Do(ctx, question)
	now := s.client.Time()
	if answer.Status == http.StatusTooManyRequests { // whatever its body is
		return feeds.Values{}, refusal(answer, now)
	}
	if err != nil {
		return feeds.Values{}, err
	}
	v, err := s.cfg.read(answer.Body, now)
	if err != nil {
		return feeds.Values{}, s.client.Hide(question, err) // an error may be an answer here
	}
	return v.OrNotYet(span)
}

// question has whole degrees for the plane, since that is all that the publisher takes.
func (s *Source) question() *url.URL {
	r := s.cfg.Roof
	number := func(f float64, places int) string { return strconv.FormatFloat(f, 'f', places, 64) }
	whole := func(f float64) string { return strings.TrimPrefix(number(f, 0), "-0") }
	u := s.base
	if s.cfg.Key != "" {
		u = u.JoinPath(s.cfg.Key)
	}
	parts := []string{"estimate", number(r.Latitude, 4), number(r.Longitude, 4), whole(r.Tilt), whole(r.Azimuth), number(float64(r.Peak)/1000, -1)}
	for i, part := range parts {
		if part == "" {
			parts[i] = "0"
		}
	}
	u = u.JoinPath(parts...)
	u.RawQuery = url.Values{"time": {"utc"}}.Encode()
	return u
}
