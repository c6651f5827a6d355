package gridx

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// book is the slots of all answers to one question, by their start: days that were asked for twice overlap.
type book struct {
	slots map[time.Time]slot
	odd   feeds.Remarks
}

type slot struct {
	price  energy.Price
	status energy.Status
	step   time.Duration
}

// sumsUp is what the components of a price may miss it by, per kWh.
const sumsUp = energy.Price(10_000_000)

func (b *book) read(body []byte, zone *time.Location) error {
	var doc document
	if err := json.Unmarshal(body, &doc); err != nil {
		return feeds.Fail(feeds.Temporary, "prices: %w", err)
	}
	if err := doc.Meta.check("prices"); err != nil {
		return err
	}
	for _, c := range doc.Data {
		if err := b.curve(c, zone); err != nil {
			return err
		}
	}
	return nil
}

// curve takes over the prices of one local day.
func (b *book) curve(c curve, zone *time.Location) error {
	minutes, err := c.Header.Minutes.Int64()
	switch {
	case !strings.EqualFold(c.Header.Currency, "USD"):
		return feeds.Fail(feeds.Misconfigured, "prices: in %q, not in USD", c.Header.Currency)
	case !strings.EqualFold(c.Header.Unit, "kWh"):
		return feeds.Fail(feeds.Misconfigured, "prices: for each %q, not for each kWh", c.Header.Unit)
	case err != nil || minutes < 1 || minutes > 24*60:
		return feeds.Fail(feeds.Temporary, "prices: slots of %q minutes", c.Header.Minutes)
	}
	step := time.Duration(minutes) * time.Minute
	if n, err := c.Header.Count.Int64(); err == nil && n != int64(len(c.Details)) {
		b.odd.Say("%s: %d prices, announced were %d", c.Header.Name, len(c.Details), n)
	}
	for i, d := range c.Details {
		start, err := instant(d.Start)
		if err != nil {
			return feeds.Fail(feeds.Temporary, "%s: price %d: %w", c.Header.Name, i, err)
		}
		price, err := energy.ParseDecimalPrice(d.Price.String())
		if err != nil {
			return feeds.Fail(feeds.Temporary, "%s: price at %s: %w", c.Header.Name, d.Start, err)
		}
		sum, parts := energy.Price(0), 0
		for _, p := range d.Components {
			if part, err := energy.ParseDecimalPrice(p.Price.String()); err == nil {
				sum, parts = sum+part, parts+1
			}
		}
		if parts > 0 && (sum-price > sumsUp || price-sum > sumsUp) {
			b.odd.Say("%s: at %s the components are %v, the price is %v", c.Header.Name, d.Start, sum, price)
		}
		b.take(start, slot{price, b.status(d.Status), step})
	}
	if len(c.Details) > 0 {
		b.checkDay(c, step, zone)
	}
	return nil
}

// checkDay remarks on a day that has not as many slots as its length asks for: 23 or 25 hours twice a year.
func (b *book) checkDay(c curve, step time.Duration, zone *time.Location) {
	start, _ := instant(c.Details[0].Start)
	if want := int(energy.Day(start, zone).Length() / step); len(c.Details) != want {
		b.odd.Say("%s: %d prices, the day has %d slots", c.Header.Name, len(c.Details), want)
	}
}

// take keeps a slot unless a firmer one is there. Of two that are as firm the later one counts.
func (b *book) take(start time.Time, s slot) {
	if b.slots == nil {
		b.slots = map[time.Time]slot{}
	}
	old, isKnown := b.slots[start]
	if isKnown && old.status == energy.Final && s.status != energy.Final {
		return
	}
	if isKnown && old.status == s.status && old.price != s.price {
		b.odd.Say("at %s there are two prices, %v and %v", start.Format(time.RFC3339), old.price, s.price)
	}
	b.slots[start] = s
}

func (b *book) status(text string) energy.Status {
	switch {
	case strings.EqualFold(text, "Final"):
		return energy.Final
	case strings.EqualFold(text, "Preliminary"):
		return energy.Preliminary
	}
	b.odd.Say("status %q is taken for preliminary", feeds.OneLine(text))
	return energy.Preliminary
}

// instant reads a start: offsets were seen with and without a colon, seconds with and without parts. One without an
// offset could be any hour, and is refused.
func instant(text string) (time.Time, error) {
	layout := "2006-01-02T15:04:05Z0700"
	if n := len(text); n > 3 && text[n-3] == ':' {
		layout = time.RFC3339
	}
	t, err := time.Parse(layout, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("start %q: must be a time with its offset", feeds.OneLine(text))
	}
	return t.UTC(), nil
}

// values are the slots in order. One lasts until the next begins, at most a step.
func (b *book) values(now time.Time) (feeds.Values, error) {
	starts := slices.SortedStableFunc(maps.Keys(b.slots), time.Time.Compare)
	origins := map[energy.Status]*energy.Origin{}
	points := make([]energy.Point[energy.Price], 0, len(starts))
	for i, start := range starts {
		s := b.slots[start]
		end := start.Add(s.step)
		if i+1 < len(starts) && starts[i+1].Before(end) {
			end = starts[i+1]
		}
		if origins[s.status] == nil {
			origins[s.status] = &energy.Origin{Source: "gridx", Fetched: now, Status: s.status}
		}
		points = append(points, energy.Point[energy.Price]{Interval: energy.Interval{Start: start, End: end}, Value: s.price, Origin: origins[s.status]})
	}
	series, err := feeds.Join("USD", points)
	return feeds.Values{Import: series, Remarks: b.odd.All()}, err
}
