// Package comed reads what a customer of Commonwealth Edison in Illinois pays for energy under its hourly pricing,
// without key: the price of each five minutes that have passed, and the average of the running hour.
//
// # Caveats
//
// There is nothing of the future. An hour costs the mean of its twelve prices, so that what the running hour costs is
// known when it is over; until then its average so far stands for all of it, as preliminary. Prices are in cents and,
// like times, written as text. A time is when the five minutes end. Delivery and taxes come on top.
package comed

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Config says where.
type Config struct {
	BaseURL string // empty: hourlypricing.comed.com
}

const (
	host   = "https://hourlypricing.comed.com"
	layout = "200601021504" // of a question, by the clock of Chicago
	step   = 5 * time.Minute
)

// Source is the prices of the utility.
type Source struct {
	base   *url.URL
	zone   *time.Location
	client *wire.Client
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	base, zone, err := feeds.Place(cfg.BaseURL, host, "America/Chicago")
	if err != nil {
		return nil, err
	}
	return &Source{base, zone, client}, nil
}

// About says that there is something new every five minutes.
func (s *Source) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{feeds.ImportPrice}, Zone: s.zone, Currency: "USD", Rest: step, Publishes: feeds.Publication{Every: step},
	}
}

// Fetch asks for a span and for the running hour. Where one of both fails, the other is kept, and where both are before
// the span, that is not yet.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	now := s.client.Time()
	passed, err1 := s.ask(ctx, s.question(span))
	running, err2 := s.ask(ctx, url.Values{"type": {"currenthouraverage"}})
	v, err := understand(passed, running, now)
	if err == nil {
		v, err = v.Despite(ctx, err1, err2)
	}
	if err != nil {
		return feeds.Values{}, err
	}
	return v.OrNotYet(span)
}

// question is for all that may end in a span. In autumn the clock shows an hour twice and nobody says which one is
// meant: an hour more at each end holds both.
func (s *Source) question(span energy.Interval) url.Values {
	return url.Values{
		"type":      {"5minutefeed"},
		"datestart": {span.Start.Add(-time.Hour).In(s.zone).Format(layout)},
		"dateend":   {span.End.Add(time.Hour).In(s.zone).Format(layout)},
	}
}

func (s *Source) ask(ctx context.Context, question url.Values) ([]quote, error) {
	u := s.base.JoinPath("api")
	question.Set("format", "json")
	u.RawQuery = question.Encode()
	// The service calls its documents text/html.
	answer, err := s.client.Do(ctx, wire.Request{URL: u, Accepts: []string{"application/json", "text/html", "text/plain"}})
	if err != nil {
		return nil, err
	}
	var all []quote
	if err := json.Unmarshal(answer.Body, &all); err != nil {
		return nil, feeds.Fail(feeds.Temporary, "prices: %w", err)
	}
	return all, nil
}

// quote is a price of either answer.
type quote struct {
	End   json.Number `json:"millisUTC"`
	Price json.Number `json:"price"`
}

func (q quote) read() (end time.Time, price energy.Price, err error) {
	millis, err := q.End.Int64()
	if err != nil || millis < 1e12 || millis >= 1e13 { // 2001 to 2286; seconds and microseconds are neither
		return end, 0, feeds.Fail(feeds.Temporary, "price at %q: is at no time", feeds.OneLine(q.End.String()))
	}
	if price, err = feeds.PerKWh(q.Price, -2); err != nil {
		return end, 0, feeds.Fail(feeds.Temporary, "price at %s: %w", q.End, err)
	}
	return time.UnixMilli(millis).UTC(), price, nil
}

// understand puts both answers together.
//
//	passed   [5)[5)[5)[5)[5)[5)[5)[5)
//	running                 [----hour---)
//	out      [5)[5)[5)[5)[5)[----hour---)
func understand(passed, running []quote, now time.Time) (feeds.Values, error) {
	final := &energy.Origin{Source: "comed", Fetched: now, Status: energy.Final}
	preliminary := &energy.Origin{Source: "comed", Fetched: now, Status: energy.Preliminary}
	hour := energy.Span(now.Truncate(time.Hour), time.Hour)
	var points []energy.Point[energy.Price]
	if len(running) > 0 {
		end, price, err := running[0].read()
		if err != nil {
			return feeds.Values{}, err
		}
		hour = energy.Span(end.Add(-1).Truncate(time.Hour), time.Hour)
		points = append(points, energy.Point[energy.Price]{Interval: hour, Value: price, Origin: preliminary})
	}
	for _, q := range passed {
		end, price, err := q.read()
		if err != nil {
			return feeds.Values{}, err
		}
		p := energy.Point[energy.Price]{Interval: energy.Interval{Start: end.Add(-step), End: end}, Value: price, Origin: final}
		switch {
		case len(running) > 0 && end.After(hour.Start) && !end.After(hour.End):
			continue
		case end.After(hour.Start):
			p.Origin = preliminary
		}
		points = append(points, p)
	}
	series, err := feeds.Join("USD", points)
	return feeds.Values{Import: series}, err
}
