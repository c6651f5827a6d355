// Package rate reads the maps of Fram whose keys are not public: the prices of a utility's rate, and the energy of a
// billing period.
//
// # Basics
//
//   - A [Config] says what a rate does not say of itself; [New] checks it and makes [Rules] of it.
//   - [Rules.Parse] tries the shapes that are known on a total_rate_map, and gives a [Rate].
//   - [Rate.Over] lays it out over an interval.
//   - A [Tree] is a record: its fields by any spelling, and what it says of energy.
//
// # Caveats
//
// A map of no known shape is refused with its paths and what stands there, without the values. Prices follow the clock
// on the wall: where it is changed, an hour is left out, or comes twice at one price. Holidays are not known.
package rate

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// Config is what a rate does not say of itself.
type Config struct {
	Zone    *time.Location    // of the hours
	Unit    string            // "USD/kWh" or "cents/kWh"; empty: not said, and taken for USD/kWh where it can be nothing else
	Periods map[string]string // "peak": "mo-su 16:00-21:00"; "summer.peak" where a season, or a month, differs; "rest"
	Seasons map[string]string // "summer": "06-01..09-30", both days included; "rest"
}

// Rules are a configuration that was checked. They are never changed.
type Rules struct {
	zone    *time.Location
	unit    string
	periods map[string][]hours // by "peak" or "summer.peak"; none: the rest
	seasons map[string]bool    // those whose days are known
	season  map[int]string     // by month*100+day
}

// New checks a configuration. Every error is of kind [feeds.Misconfigured] and begins with unit_of_price, periods or
// seasons.
func New(cfg Config) (*Rules, error) {
	r := &Rules{zone: cfg.Zone, unit: cfg.Unit, periods: map[string][]hours{}, seasons: map[string]bool{}, season: map[int]string{}}
	if err := feeds.OneOf("unit_of_price", cfg.Unit, "", "USD/kWh", "cents/kWh"); err != nil {
		return nil, err
	}
	if err := r.readPeriods(cfg.Periods); err != nil {
		return nil, err
	}
	return r, r.readSeasons(cfg.Seasons)
}

// Rate is what a total_rate_map costs at any time of the clock on the wall. It is never changed.
type Rate struct {
	Shape  string // in words; empty: it has none that is known
	Remark string // what had to be guessed; empty: nothing
	// named are prices by season ("summer", "january"; empty: all year) and period.
	named map[string]map[string]energy.Price
	// hourly is there instead where the map needs no names.
	hourly func(weekday, month, hour int) energy.Price // Monday and January are 0
	rules  *Rules
	weeks  map[string]*week // of named, by season
}

// Parse reads a total_rate_map. Every error is of kind [feeds.Misconfigured]. Where the map has a shape, and only the
// configuration does not fit it, the rate comes with the error, for its Shape.
func (r *Rules) Parse(raw []byte) (Rate, error) {
	n, err := parse(raw)
	if err != nil {
		return Rate{}, feeds.Fail(feeds.Misconfigured, "total_rate_map: %w", err)
	}
	out, most, err := n.rate(units[r.unit])
	if err != nil {
		return Rate{}, feeds.Fail(feeds.Misconfigured, "total_rate_map: %w; it holds: %s", err, n.outline())
	}
	if err := r.checkUnit(most); err != nil {
		return out, err
	}
	out.rules = r
	out.weeks, err = r.weeks(out.named)
	return out, err
}

// rate tries the shapes. Most is the largest magnitude of the map, in USD per kWh.
func (n Tree) rate(u unit) (out Rate, most energy.Price, err error) {
	if err := n.flaw(); err != nil {
		return out, 0, err
	}
	if most, err = n.setPrices(u.shift); err != nil {
		return out, 0, err
	}
	if most > 200*u.one {
		return out, 0, errors.New("a value beyond 200 is a price in no unit")
	}
	whole, isSplit, err := summed(n)
	if err != nil {
		return out, 0, err
	}
	out, isKnown := whole.shape()
	switch _, isWeek := whole.rows(7); {
	case isKnown:
	case isSplit && whole.kind == number:
		out = Rate{Shape: always, named: map[string]map[string]energy.Price{"": {flat: whole.price}}}
	case isWeek:
		return out, 0, errors.New("no five days of the seven are alike, so none is known to be the first of the week")
	default:
		return out, 0, errors.New("the shape is not known")
	}
	if isSplit {
		out.Shape = byComponent + out.Shape
	}
	return out, most, nil
}

// unit is what a number may be in: the power of ten that makes it USD per kWh, and what one of it is.
type unit struct {
	shift int
	one   energy.Price
}

var units = map[string]unit{"": {0, energy.PriceOf(1)}, "USD/kWh": {0, energy.PriceOf(1)}, "cents/kWh": {-2, energy.PriceOf(0.01)}}

// checkUnit says whether the numbers may be in the unit that is configured, or in dollars where none is: no home pays
// five dollars, and none pays less than five cents at every hour.
func (r *Rules) checkUnit(most energy.Price) error {
	switch isLarge := most >= 5*units[r.unit].one; {
	case r.unit == "" && isLarge:
		return feeds.Fail(feeds.Misconfigured, "unit_of_price: is missing; the largest value of the rate reaches 5, which may be cents/kWh or USD/kWh")
	case r.unit == "cents/kWh" && !isLarge:
		return feeds.Fail(feeds.Misconfigured, "unit_of_price %q: no value of the rate reaches 5, which looks like USD/kWh", r.unit)
	}
	return nil
}

// Over is the prices inside an interval, in order: a point for as long as one price holds. What the rate has no price
// for, a month that it does not name, is missing.
func (r *Rate) Over(span energy.Interval, origin *energy.Origin) []energy.Point[energy.Price] {
	var out []energy.Point[energy.Price]
	for at := span.Start.UTC(); at.Before(span.End); {
		end := at.Truncate(time.Minute).Add(time.Minute)
		if span.End.Before(end) {
			end = span.End.UTC()
		}
		price, isThere := r.at(at.In(r.rules.zone))
		last := len(out) - 1
		switch {
		case !isThere:
		case last >= 0 && out[last].Value == price && out[last].End.Equal(at):
			out[last].End = end
		default:
			out = append(out, energy.Point[energy.Price]{Interval: energy.Interval{Start: at, End: end}, Value: price, Origin: origin})
		}
		at = end
	}
	return out
}

// at is the price of a minute of the clock on the wall.
func (r *Rate) at(wall time.Time) (energy.Price, bool) {
	weekday := (int(wall.Weekday()) + 6) % 7
	if r.hourly != nil {
		return r.hourly(weekday, int(wall.Month())-1, wall.Hour()), true
	}
	season := r.rules.season[dayOfYear(wall)]
	w := cmp.Or(r.weeks[""], r.weeks[season], r.weeks[strings.ToLower(wall.Month().String())])
	if w == nil {
		return 0, false
	}
	return w[weekday][wall.Hour()*60+wall.Minute()], true
}
