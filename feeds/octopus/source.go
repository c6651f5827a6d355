// Package octopus reads half-hourly tariffs of Octopus Energy in Great Britain (Agile, and Agile Outgoing for what is
// given to the grid) from its public list of unit rates, without key.
//
// # Caveats
//
// Prices are pence with VAT. The newest come first, in pages. A rate without an end holds until further notice, and only
// as far as it was asked for. A rate may stand there once for each way of paying; the direct debit's is taken.
package octopus

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Config says which tariff.
type Config struct {
	BaseURL string // empty: api.octopus.energy
	Product string // of what is taken, "AGILE-24-10-01"; empty: none
	Export  string // of what is given, "AGILE-OUTGOING-19-05-13"; empty: none
	Region  string // a letter from A to P
}

const host = "https://api.octopus.energy"

// mostPages is more than a fortnight of half hours needs.
const mostPages = 20

var (
	isProduct = regexp.MustCompile(`^[A-Z0-9-]{1,60}$`)
	isRegion  = regexp.MustCompile(`^[A-P]$`)
)

// Source is the unit rates of a home's tariffs.
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
	case cfg.Product == "" && cfg.Export == "":
		return nil, feeds.Fail(feeds.Misconfigured, "product: it or export is needed")
	case cfg.Product != "" && !isProduct.MatchString(cfg.Product):
		return nil, feeds.Fail(feeds.Misconfigured, "product %q: must be a code such as AGILE-24-10-01", cfg.Product)
	case cfg.Export != "" && !isProduct.MatchString(cfg.Export):
		return nil, feeds.Fail(feeds.Misconfigured, "export %q: must be a code such as AGILE-OUTGOING-19-05-13", cfg.Export)
	case !isRegion.MatchString(cfg.Region):
		return nil, feeds.Fail(feeds.Misconfigured, "region %q: must be a letter from A to P", cfg.Region)
	}
	return &Source{cfg, base, zone, client}, nil
}

// About says that the next day comes out between 16:00 and 20:00.
func (s *Source) About() feeds.About {
	about := feeds.About{Zone: s.zone, Currency: "GBP", Ahead: 31 * time.Hour, Rest: time.Minute, Publishes: feeds.Publication{At: 16 * time.Hour, Every: 15 * time.Minute}}
	if s.cfg.Product != "" {
		about.Kinds = append(about.Kinds, feeds.ImportPrice)
	}
	if s.cfg.Export != "" {
		about.Kinds = append(about.Kinds, feeds.ExportPrice)
	}
	return about
}

// Fetch asks for a span, page by page. Where one of both tariffs fails, the other is kept.
func (s *Source) Fetch(ctx context.Context, span energy.Interval) (feeds.Values, error) {
	var out feeds.Values
	var err1, err2 error
	if s.cfg.Product != "" {
		out.Import, err1 = s.rates(ctx, s.cfg.Product, span)
	}
	if s.cfg.Export != "" {
		out.Export, err2 = s.rates(ctx, s.cfg.Export, span)
	}
	out, err := out.Despite(ctx, err1, err2)
	if err != nil {
		return feeds.Values{}, err
	}
	return out.OrNotYet(span)
}

func (s *Source) rates(ctx context.Context, product string, span energy.Interval) (energy.Series[energy.Price], error) {
	u := s.base.JoinPath("v1", "products", product, "electricity-tariffs", "E-1R-"+product+"-"+s.cfg.Region, "standard-unit-rates", "/")
	u.RawQuery = url.Values{
		"period_from": {span.Start.UTC().Format(time.RFC3339)}, "period_to": {span.End.UTC().Format(time.RFC3339)}, "page_size": {"500"},
	}.Encode()
	var all []rate
	for page := 0; u != nil; page++ {
		if page == mostPages {
			return energy.Series[energy.Price]{}, feeds.Fail(feeds.Temporary, "rates: more than %d pages", mostPages)
		}
		answer, err := s.client.Do(ctx, wire.Request{URL: u})
		if err != nil {
			return energy.Series[energy.Price]{}, err
		}
		rates, next, err := read(answer.Body)
		if err != nil {
			return energy.Series[energy.Price]{}, err
		}
		all = append(all, rates...)
		if u, err = s.follow(next); err != nil {
			return energy.Series[energy.Price]{}, err
		}
	}
	return series(all, span, s.client.Time())
}

// follow is the address of the next page: on the same host, or it is not followed.
func (s *Source) follow(next string) (*url.URL, error) {
	if next == "" {
		return nil, nil
	}
	u, err := url.Parse(next)
	if err != nil || u.Host != s.base.Host {
		return nil, feeds.Fail(feeds.Temporary, "rates: the next page is on another host")
	}
	u.Scheme = s.base.Scheme
	return u, nil
}

// rate is a line of the list.
type rate struct {
	Value   json.Number `json:"value_inc_vat"`
	From    time.Time   `json:"valid_from"`
	To      *time.Time  `json:"valid_to"`
	Payment *string     `json:"payment_method"`
}

func read(body []byte) (rates []rate, next string, err error) {
	var doc struct {
		Next    *string `json:"next"`
		Results []rate  `json:"results"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, "", feeds.Fail(feeds.Temporary, "rates: %w", err)
	}
	if doc.Next != nil {
		next = *doc.Next
	}
	return doc.Results, next, nil
}

// series is the rates that hold in a span, for those who pay by direct debit.
func series(rates []rate, span energy.Interval, now time.Time) (energy.Series[energy.Price], error) {
	none := energy.Series[energy.Price]{}
	origin := &energy.Origin{Source: "octopus", Fetched: now, Status: energy.Final}
	var points []energy.Point[energy.Price]
	for i, r := range rates {
		if r.Payment != nil && !strings.EqualFold(*r.Payment, "DIRECT_DEBIT") {
			continue
		}
		slot := energy.Interval{Start: r.From, End: span.End}
		if r.To != nil {
			slot.End = *r.To
		}
		if slot.IsEmpty() && r.To != nil {
			return none, feeds.Fail(feeds.Temporary, "rate %d: from %s to %s", i, r.From.Format(time.RFC3339), r.To.Format(time.RFC3339))
		}
		if slot = slot.Overlap(span); slot.IsEmpty() {
			continue
		}
		price, err := feeds.PerKWh(r.Value, -2)
		if err != nil {
			return none, feeds.Fail(feeds.Temporary, "rate %d: %w", i, err)
		}
		slot.Start, slot.End = slot.Start.UTC(), slot.End.UTC()
		points = append(points, energy.Point[energy.Price]{Interval: slot, Value: price, Origin: origin})
	}
	return feeds.Join("GBP", points) // pages move while they are read: a rate may come twice
}
