package fram

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/fram/rate"
)

// filing is an aggregated utility rate, as far as it is read. Its last day is not said to be its own: where that matters,
// the service is asked for the day, and decides.
type filing struct {
	ID        string          `json:"aggregated_utility_rate_id"`
	Utility   string          `json:"utility"`
	Code      string          `json:"billing_code"`
	Supplier  string          `json:"generation_supplier"`
	Effective string          `json:"effective_date"`
	End       string          `json:"end_date"` // empty: until further notice
	Currency  string          `json:"currency"` // never seen; were it there, it would count
	Map       json.RawMessage `json:"total_rate_map"`
}

func readFiling(raw json.RawMessage) (filing, error) {
	var r filing
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, err
	}
	for _, d := range []*string{&r.Effective, &r.End} {
		var err error
		if *d, err = date(*d); err != nil {
			return r, err
		}
	}
	switch {
	case r.Effective == "":
		return r, errors.New("effective_date is missing")
	case len(r.Map) == 0:
		return r, errors.New("total_rate_map is missing")
	case r.Currency != "" && !strings.EqualFold(r.Currency, string(currency)):
		return r, feeds.Fail(feeds.Misconfigured, "in %q, not in %s", feeds.OneLine(r.Currency), currency)
	}
	return r, nil
}

// isOn says that the rate may hold on a date.
func (r *filing) isOn(date string) bool { return r.Effective <= date && (r.End == "" || date <= r.End) }

func (s *Source) isMine(r filing) bool {
	return strings.EqualFold(r.Code, s.cfg.BillingCode) && (s.cfg.Supplier == "" || strings.EqualFold(r.Supplier, s.cfg.Supplier))
}

// book gathers the prices of days.
type book struct {
	s      *Source
	origin *energy.Origin
	read   map[string]*rate.Rate // by the map, which says the same on most days
	points []energy.Point[energy.Price]
	odd    feeds.Remarks
	err    error // the first of a day that could not be read
}

func newBook(s *Source) *book {
	origin := &energy.Origin{Source: "fram", Fetched: s.client.Time(), Status: energy.Final}
	return &book{s: s, origin: origin, read: map[string]*rate.Rate{}}
}

// take reads the rate of a day among the records that came for it.
func (b *book) take(day energy.Interval, date string, records []json.RawMessage) error {
	var rates []filing
	for i, raw := range records {
		r, err := readFiling(raw)
		if err != nil {
			return broken(err, "rates of "+date, i)
		}
		if b.s.isMine(r) && r.isOn(date) {
			rates = append(rates, r)
		}
	}
	if len(rates) == 0 {
		return nil
	}
	r, err := b.newest(date, rates)
	if err != nil {
		return err
	}
	found, err := b.prices(r, day)
	if err != nil {
		b.odd.Say("a rate was not read: %v", err)
		b.err = cmp.Or(b.err, err)
	}
	b.points = append(b.points, found...)
	return nil
}

// prices are those of a day under a rate.
func (b *book) prices(f filing, day energy.Interval) ([]energy.Point[energy.Price], error) {
	r := b.read[string(f.Map)]
	if r == nil {
		parsed, err := b.s.rules.Parse(f.Map)
		if err != nil {
			return nil, err
		}
		if parsed.Remark != "" {
			b.odd.Say("%s", parsed.Remark)
		}
		r = &parsed
		b.read[string(f.Map)] = r
	}
	found := r.Over(day, b.origin)
	if len(found) == 0 {
		return nil, feeds.Fail(feeds.Misconfigured, "total_rate_map: it has no prices of %s", day.Start.In(b.s.zone).Month())
	}
	return found, nil
}

// newest is the rate that became effective last: the one before it is not always closed.
func (b *book) newest(date string, rates []filing) (filing, error) {
	slices.SortStableFunc(rates, func(a, b filing) int { return strings.Compare(b.Effective, a.Effective) })
	first := rates[0]
	for _, other := range rates[1:] {
		isSame := string(other.Map) == string(first.Map)
		switch {
		case other.Supplier != first.Supplier && b.s.cfg.Supplier == "":
			return filing{}, feeds.Fail(feeds.Misconfigured, "supplier: is missing; %s has rates of %q and of %q", first.Code, feeds.OneLine(first.Supplier), feeds.OneLine(other.Supplier))
		case other.Effective == first.Effective && !isSame:
			return filing{}, feeds.Fail(feeds.Temporary, "rates of %s: two are effective from %s on, and differ", date, first.Effective)
		case other.Effective != first.Effective:
			b.odd.Say("two rates are effective from %s and from %s on; the later one is taken", other.Effective, first.Effective)
		}
	}
	return first, nil
}

func (b *book) values() (feeds.Values, error) {
	if len(b.points) == 0 {
		return feeds.Values{}, b.err
	}
	series, err := feeds.Join(currency, b.points)
	return feeds.Values{Import: series, Remarks: b.odd.All()}, err
}
