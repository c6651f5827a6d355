package podero

import (
	"fmt"
	"slices"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// values are the prices of a contract as a series.
func (c contract) values(span energy.Interval, home energy.Currency, now time.Time) (feeds.Values, error) {
	switch {
	case c.Fault != nil:
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "contract: %w", c.Fault)
	case len(c.Prices) == 0:
		return feeds.Values{}, feeds.Fail(feeds.NotYet, "contract: has no prices")
	case c.Currency != string(home):
		return feeds.Values{}, feeds.Fail(feeds.Misconfigured, "contract: prices in %q, the home's currency is %q", feeds.OneLine(c.Currency), home)
	}
	origin := &energy.Origin{Source: sourceName, Fetched: now, Status: energy.Final}
	v := feeds.Values{Import: energy.Series[energy.Price]{Currency: home}, Remarks: c.remarks()}
	isThere := false
	for i, slot := range c.slots(span) {
		if p := c.Prices[i].Value; p != nil && !slot.IsEmpty() {
			isThere = isThere || !slot.Overlap(span).IsEmpty()
			v.Import.Points = append(v.Import.Points, energy.Point[energy.Price]{Interval: slot, Value: *p, Origin: origin})
		}
	}
	if !isThere {
		return feeds.Values{}, feeds.Fail(feeds.NotYet, "contract: has no price of that time")
	}
	return v, nil
}

// slots is how long each price holds.
//
//   - One alone holds from its timestamp on, for as long as the contract says nothing else. Nobody knows how long that
//     is, so it is told for what was asked for, and for nothing beyond. In an hourly contract it holds for its hour.
//   - In a monthly or yearly contract a price holds until the next one, whenever that is.
//   - Else, and at the end, it holds for a step, so that an hour that is missing stays missing.
func (c contract) slots(span energy.Interval) []energy.Interval {
	if len(c.Prices) == 1 {
		at := c.Prices[0].At
		if c.Kind == spotHourly && !at.IsZero() {
			return []energy.Interval{energy.Span(at, time.Hour)}
		}
		if at.Before(span.Start) {
			at = span.Start
		}
		return []energy.Interval{{Start: at.UTC(), End: span.End.UTC()}}
	}
	var starts []time.Time
	for _, p := range c.Prices {
		starts = append(starts, p.At)
	}
	isLong := c.Kind == monthly || c.Kind == yearly
	slots := make([]energy.Interval, len(starts))
	for i, start := range starts {
		slots[i] = energy.Interval{Start: start, End: feeds.EndOf(starts, i)}
		if isLong && i+1 < len(starts) {
			slots[i].End = starts[i+1]
		}
	}
	return slots
}

// remarks are what is odd about a contract.
func (c contract) remarks() (all []string) {
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	switch {
	case c.Kind == "":
		say("the contract does not say of which kind it is")
	case !slices.Contains(kinds, c.Kind):
		say("the contract is of a kind that is not known: %q", feeds.OneLine(c.Kind))
	case c.Kind == spotHourly && len(c.Prices) == 1:
		say("the contract is hourly and has one price only")
	}
	switch {
	case c.IsWhole == nil:
		say("the contract does not say whether fees and taxes are in its prices")
	case !*c.IsWhole:
		say("the prices are wholesale, without fees and taxes")
	}
	return all
}
