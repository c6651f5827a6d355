// Package gbcarbon reads the carbon intensity of the grid of Great Britain, or of one of its regions, from
// carbonintensity.org.uk, without key: a forecast for two days in half hours, and what it has been.
//
// # Caveats
//
// Times have no seconds, which RFC 3339 does not know. The national and the regional answer nest their data differently.
// More than fourteen days at once are refused. The intensity is a mean of all that runs, not what one more kWh causes.
package gbcarbon

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Config says where.
type Config struct {
	BaseURL  string // empty: api.carbonintensity.org.uk
	Postcode string // the outward part, "RG10"; empty: the whole country
}

const (
	host   = "https://api.carbonintensity.org.uk"
	layout = "2006-01-02T15:04Z"
)

var isPostcode = regexp.MustCompile(`^[A-Z]{1,2}[0-9][0-9A-Z]?$`)

// Source is the intensity of one place.
type Source struct {
	cfg    Config
	base   *url.URL
	zone   *time.Location
	client *wire.Client
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	base, zone, err := feeds.Place(cfg.BaseURL, host, "Europe/London")
	switch {
	case err != nil:
		return nil, err
	case cfg.Postcode != "" && !isPostcode.MatchString(cfg.Postcode):
		return nil, feeds.Fail(feeds.Misconfigured, "postcode %q: must be the outward part, such as RG10", cfg.Postcode)
	}
	return &Source{cfg, base, zone, client}, nil
}

// About says that it is made anew each half hour.
func (s *Source) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{feeds.Carbon}, Zone: s.zone, Ahead: 48 * time.Hour, Rest: 5 * time.Minute, Publishes: feeds.Publication{Every: 30 * time.Minute},
	}
}

// Fetch asks for all half hours that a span touches.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	const step = 30 * time.Minute
	from, to := span.Start.UTC().Truncate(step).Format(layout), span.End.UTC().Add(step-1).Truncate(step).Format(layout)
	u := s.base.JoinPath("intensity", from, to)
	if s.cfg.Postcode != "" {
		u = s.base.JoinPath("regional", "intensity", from, to, "postcode", s.cfg.Postcode)
	}
	answer, err := s.client.Do(ctx, wire.Request{URL: u})
	if err != nil {
		return feeds.Values{}, err
	}
	v, err := read(answer.Body, s.client.Time())
	if err != nil {
		return feeds.Values{}, err
	}
	return v.OrNotYet(span)
}

// slot is half an hour of either answer.
type slot struct {
	From      string `json:"from"`
	To        string `json:"to"`
	Intensity struct {
		Forecast *json.Number `json:"forecast"`
		Actual   *json.Number `json:"actual"`
	} `json:"intensity"`
}

func read(body []byte, now time.Time) (feeds.Values, error) {
	slots, err := slotsOf(body)
	if err != nil {
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "intensity: %w", err)
	}
	origins := map[energy.Status]*energy.Origin{}
	for _, status := range []energy.Status{energy.Final, energy.Forecast} {
		origins[status] = &energy.Origin{Source: "gb-carbon", Fetched: now, Status: status}
	}
	var points []energy.Point[energy.GramsPerKWh]
	for i, s := range slots {
		from, err1 := time.Parse(layout, s.From)
		to, err2 := time.Parse(layout, s.To)
		if err1 != nil || err2 != nil || !from.Before(to) {
			return feeds.Values{}, feeds.Fail(feeds.Temporary, "slot %d: from %q to %q", i, feeds.OneLine(s.From), feeds.OneLine(s.To))
		}
		value, status := s.Intensity.Actual, energy.Final
		if value == nil {
			value, status = s.Intensity.Forecast, energy.Forecast
		}
		if value == nil {
			continue
		}
		grams, err := feeds.Grams(*value, 1)
		if err != nil {
			return feeds.Values{}, feeds.Fail(feeds.Temporary, "slot %d: %w", i, err)
		}
		points = append(points, energy.Point[energy.GramsPerKWh]{Interval: energy.Interval{Start: from, End: to}, Value: grams, Origin: origins[status]})
	}
	series, err := feeds.Join("", points)
	return feeds.Values{Carbon: series}, err
}

// slotsOf finds the half hours: a list under "data", or a list under "data" of a region under "data".
func slotsOf(body []byte) (slots []slot, err error) {
	var doc struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if json.Unmarshal(doc.Data, &slots) == nil {
		return slots, nil
	}
	var region struct {
		Data []slot `json:"data"`
	}
	err = json.Unmarshal(doc.Data, &region)
	return region.Data, err
}
