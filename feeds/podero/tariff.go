package podero

import (
	"slices"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// entries are the home's import prices as a contract has them: one where a monthly or yearly contract has the same price
// throughout, else one for each whole hour, or shorter step where that is wanted. The hours that are over are left out.
// Every error is local: nothing was asked.
func (cfg Config) entries(s energy.Series[energy.Price], now time.Time) ([]price, error) {
	if err := s.Validate(); err != nil {
		return nil, feeds.Fail(feeds.Misconfigured, "contract: the home's prices: %w", err)
	}
	s = s.Slice(energy.Interval{Start: now.Truncate(time.Hour), End: s.Extent().End})
	if err := sendable(s); err != nil {
		return nil, err
	}
	isConstant := !slices.ContainsFunc(s.Points, func(p energy.Point[energy.Price]) bool { return p.Value != s.Points[0].Value })
	if cfg.Kind != spotHourly && isConstant {
		return []price{{s.Points[0].Start.UTC(), &s.Points[0].Value}}, nil
	}
	step, at := stepOf(s)
	switch {
	case step == 0:
		return nil, feeds.Fail(feeds.Misconfigured, "contract: the home's price changes at %s, within a minute", at.Format(time.RFC3339))
	case step < time.Hour && !cfg.IsSubHourly:
		return nil, feeds.Fail(feeds.Misconfigured, "sub_hourly: must be yes to write prices of less than an hour, as at %s", at.Format(time.RFC3339))
	}
	var all []price
	for _, slot := range wholeSlots(s.Extent(), step) {
		value, _ := s.At(slot.Start)
		all = append(all, price{slot.Start, &value})
	}
	if len(all) < 2 { // one alone would be taken for a constant
		return nil, feeds.Fail(feeds.NotYet, "contract: not even two whole hours of the home's prices are known")
	}
	return all, nil
}

// sendable says why prices cannot stand in a contract. It has starts and no ends, so it cannot have a hole.
func sendable(s energy.Series[energy.Price]) error {
	if len(s.Points) == 0 {
		return feeds.Fail(feeds.NotYet, "contract: the home's import prices are not known")
	}
	if _, err := energy.ParseCurrency(string(s.Currency)); err != nil {
		return feeds.Fail(feeds.Misconfigured, "contract: %w", err)
	}
	if gaps := s.Gaps(s.Extent()); len(gaps) > 0 {
		return feeds.Fail(feeds.NotYet, "contract: the home's prices have a hole at %s, which a contract cannot have", gaps[0].Start.UTC().Format(time.RFC3339))
	}
	return nil
}

// steps are those that a contract may have, from long to short.
var steps = []time.Duration{time.Hour, 30 * time.Minute, 15 * time.Minute, 5 * time.Minute, time.Minute}

// stepOf is the longest step that has no change of the price inside, zero where there is none, and the first change that
// makes it no longer. A slot that was cut, since part of it is over, changes nothing.
func stepOf(s energy.Series[energy.Price]) (time.Duration, time.Time) {
	left, reason := steps, time.Time{}
	for i := 1; i < len(s.Points); i++ {
		at := s.Points[i].Start.UTC()
		for s.Points[i].Value != s.Points[i-1].Value && !at.Equal(at.Truncate(left[0])) {
			if left, reason = left[1:], at; len(left) == 0 {
				return 0, reason
			}
		}
	}
	return left[0], reason
}

// wholeSlots are those of a step that lie inside an interval, counted in UTC.
func wholeSlots(within energy.Interval, step time.Duration) []energy.Interval {
	start := within.Start.UTC().Truncate(step)
	if start.Before(within.Start) {
		start = start.Add(step)
	}
	var all []energy.Interval
	for slot := energy.Span(start, step); !slot.End.After(within.End); slot = energy.Span(slot.End, step) {
		all = append(all, slot)
	}
	return all
}

// hold says that a contract's prices are already those that are wanted. What it says of the time before them does not
// matter.
func (c contract) hold(wanted []price) bool {
	if len(wanted) == 1 {
		return len(c.Prices) == 1 && !c.Prices[0].At.After(wanted[0].At) && (price{wanted[0].At, c.Prices[0].Value}).is(wanted[0])
	}
	have := c.Prices
	for len(have) > 0 && have[0].At.Before(wanted[0].At) {
		have = have[1:]
	}
	return slices.EqualFunc(have, wanted, price.is)
}
