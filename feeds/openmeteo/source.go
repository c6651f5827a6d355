// Package openmeteo makes a forecast of a roof's power from the weather that Open-Meteo expects: irradiance on the tilted
// plane and temperature of the air, each quarter hour, without key for private use.
//
// # Caveats
//
// The publisher tells what shines, not what panels give: a small model stands between, see model.go. Irradiance is that
// of an instant; a slot has the mean of both its ends, and none where one of them is missing. Native quarter hours exist
// for Europe and North America, elsewhere they are interpolated from hours by the publisher.
package openmeteo

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/reading"
	"hearth/feeds/wire"
)

// Config says which roof.
type Config struct {
	BaseURL string // empty: api.open-meteo.com
	Roof    reading.Roof
	Losses  energy.Share   // of the power, besides those of temperature and inverter
	Zone    *time.Location // of the home; nil: UTC
}

const (
	host   = "https://api.open-meteo.com"
	step   = 15 * time.Minute
	layout = "2006-01-02T15:04" // of the ends of the span
	// furthest is how far ahead may be asked for: sixteen days are refused by some models.
	furthest = 14 * 24 * time.Hour
)

// Source is the expected power of one roof.
type Source struct {
	cfg    Config
	base   *url.URL
	client *wire.Client
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
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
	case cfg.Losses < 0 || cfg.Losses >= 1:
		return nil, feeds.Fail(feeds.Misconfigured, "losses %q: must be less than 100%%", cfg.Losses)
	}
	return &Source{cfg, base, client}, nil
}

// About says that the weather is expected anew every hour.
func (s *Source) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{feeds.Solar}, Zone: s.cfg.Zone, Ahead: 3 * 24 * time.Hour, Rest: 15 * time.Minute,
		Publishes: feeds.Publication{Every: time.Hour},
	}
}

// Fetch asks for a span with both its ends. What is too far ahead to be known is not yet.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	now := s.client.Time()
	last := span.End.Add(step - 1).Truncate(step)
	if limit := now.Add(furthest).Truncate(step); last.After(limit) {
		last = limit
	}
	if !span.Start.Before(last) {
		return feeds.Values{}, feeds.Fail(feeds.NotYet, "the weather of %s is not foreseen yet", span.Start.UTC().Format(time.RFC3339))
	}
	answer, err := s.client.Do(ctx, wire.Request{URL: s.question(span.Start.Truncate(step), last)})
	if err != nil {
		return feeds.Values{}, err
	}
	v, err := s.cfg.read(answer.Body, now)
	if err != nil {
		return feeds.Values{}, err
	}
	return v.OrNotYet(span)
}

func (s *Source) question(first, last time.Time) *url.URL {
	degrees := func(d float64) []string { return []string{strconv.FormatFloat(d, 'f', -1, 64)} }
	u := s.base.JoinPath("v1", "forecast")
	u.RawQuery = url.Values{
		"latitude": degrees(s.cfg.Roof.Latitude), "longitude": degrees(s.cfg.Roof.Longitude),
		"tilt": degrees(s.cfg.Roof.Tilt), "azimuth": degrees(s.cfg.Roof.Azimuth),
		"minutely_15": {"global_tilted_irradiance_instant,temperature_2m"}, "timezone": {"GMT"}, "timeformat": {"unixtime"},
		"start_minutely_15": {first.UTC().Format(layout)}, "end_minutely_15": {last.UTC().Format(layout)},
	}.Encode()
	return u
}
