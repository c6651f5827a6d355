// Package tibber reads what a Tibber customer pays from its GraphQL service, with the customer's own token: the whole
// price with taxes, today's and, from about 13:00 on, tomorrow's, in quarter hours.
//
// # Caveats
//
// An error comes with status 200 and no data. Tomorrow is an empty list until it is out. A customer may have several
// homes; with more than one the configuration has to name it.
package tibber

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Config says whose prices.
type Config struct {
	URL      string // empty: api.tibber.com
	Token    string // of the customer
	Home     string // id of the home; empty: the only one
	Currency energy.Currency
	Zone     string // IANA name of the zone of its days
}

const endpoint = "https://api.tibber.com/v1-beta/gql"

const query = `{viewer{homes{id currentSubscription{priceInfo(resolution:QUARTER_HOURLY){current{currency} today{total startsAt} tomorrow{total startsAt}}}}}}`

// Source is the prices of one home.
type Source struct {
	cfg    Config
	url    *url.URL
	zone   *time.Location
	client *wire.Client
}

// New checks the configuration; it asks nothing. Every error is of kind [feeds.Misconfigured].
func New(cfg Config, client *wire.Client) (*Source, error) {
	u, zone, err := feeds.Place(cfg.URL, endpoint, cfg.Zone)
	switch {
	case err != nil:
		return nil, err
	case cfg.Token == "":
		return nil, feeds.Fail(feeds.Misconfigured, "token: is missing")
	case cfg.Currency == "":
		return nil, feeds.Fail(feeds.Misconfigured, "currency: is missing")
	}
	if _, err := energy.ParseCurrency(string(cfg.Currency)); err != nil {
		return nil, feeds.Fail(feeds.Misconfigured, "%w", err)
	}
	return &Source{cfg, u, zone, client}, nil
}

// About says that tomorrow comes out after noon.
func (s *Source) About() feeds.About {
	return feeds.About{
		Kinds: []feeds.Kind{feeds.ImportPrice}, Zone: s.zone, Currency: s.cfg.Currency, Ahead: 36 * time.Hour, Rest: 5 * time.Minute,
		Publishes: feeds.Publication{At: 13 * time.Hour, Every: 15 * time.Minute},
	}
}

// Fetch asks for today and tomorrow; there is nothing else. A span beyond both is not yet published.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	question := wire.PostJSON(s.url, map[string]string{"query": query})
	question.Headers.Set("Authorization", "Bearer "+s.cfg.Token)
	answer, err := s.client.Do(ctx, question)
	if err != nil {
		return feeds.Values{}, err
	}
	v, err := s.cfg.read(answer.Body, s.client.Time())
	if err != nil {
		return feeds.Values{}, s.client.Hide(question, err) // an error is an answer here
	}
	return v.OrNotYet(span)
}

type price struct {
	Total *json.Number `json:"total"`
	Start time.Time    `json:"startsAt"`
}

type home struct {
	ID           string `json:"id"`
	Subscription *struct {
		Info struct {
			Current  *struct{ Currency string } `json:"current"`
			Today    []price                    `json:"today"`
			Tomorrow []price                    `json:"tomorrow"`
		} `json:"priceInfo"`
	} `json:"currentSubscription"`
}

func (cfg Config) read(body []byte, now time.Time) (feeds.Values, error) {
	var doc struct {
		Data   *struct{ Viewer struct{ Homes []home } }
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "prices: %w", err)
	}
	if len(doc.Errors) > 0 {
		kind := feeds.Temporary
		if code := doc.Errors[0].Extensions.Code; code == "UNAUTHENTICATED" || code == "FORBIDDEN" {
			kind = feeds.Misconfigured
		}
		return feeds.Values{}, feeds.Fail(kind, "prices: %s", feeds.OneLine(doc.Errors[0].Message))
	}
	if doc.Data == nil {
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "prices: no data and no error")
	}
	h, err := cfg.choose(doc.Data.Viewer.Homes)
	if err != nil {
		return feeds.Values{}, err
	}
	info := h.Subscription.Info
	if info.Current != nil && info.Current.Currency != string(cfg.Currency) {
		return feeds.Values{}, feeds.Fail(feeds.Misconfigured, "prices: in %q, not in %s", feeds.OneLine(info.Current.Currency), cfg.Currency)
	}
	series, err := cfg.series(slices.Concat(info.Today, info.Tomorrow), now)
	return feeds.Values{Import: series}, err
}

// choose is the home that is meant.
func (cfg Config) choose(homes []home) (home, error) {
	var ours []home
	for _, h := range homes {
		if h.Subscription != nil && (cfg.Home == "" || h.ID == cfg.Home) {
			ours = append(ours, h)
		}
	}
	switch {
	case len(ours) == 0 && cfg.Home != "":
		return home{}, feeds.Fail(feeds.Misconfigured, "home %q: has no subscription", cfg.Home)
	case len(ours) == 0:
		return home{}, feeds.Fail(feeds.Misconfigured, "home: the token has none with a subscription")
	case len(ours) > 1:
		return home{}, feeds.Fail(feeds.Misconfigured, "home: the token has %d, one has to be named", len(ours))
	}
	return ours[0], nil
}

func (cfg Config) series(prices []price, now time.Time) (energy.Series[energy.Price], error) {
	all := make([]feeds.Stamped[energy.Price], len(prices))
	for i, p := range prices {
		if p.Start.IsZero() {
			return energy.Series[energy.Price]{}, feeds.Fail(feeds.Temporary, "price %d: is at no time", i)
		}
		all[i].At = p.Start
		if p.Total == nil {
			continue
		}
		value, err := feeds.PerKWh(*p.Total, 0)
		if err != nil {
			return energy.Series[energy.Price]{}, feeds.Fail(feeds.Temporary, "price %d: %w", i, err)
		}
		all[i].Value = &value
	}
	return feeds.JoinStamped(cfg.Currency, &energy.Origin{Source: "tibber", Fetched: now, Status: energy.Final}, all)
}
