package fram

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// week is the price of each minute of a week, by weekday (Monday first).
type week [7][wholeDay]energy.Price

// weeks finds the hours of all names of a card, by season. A minute of two periods is refused, and one of none.
func (c *calendar) weeks(k card) (map[string]*week, error) {
	out := map[string]*week{}
	for _, season := range slices.Sorted(maps.Keys(k.named)) {
		if _, isThere := c.seasons[season]; !isThere && (season == "summer" || season == "winter") {
			return nil, feeds.Fail(feeds.Misconfigured, "seasons.%s: is missing; the rate says no days for its seasons", season)
		}
		w, err := c.week(season, k.named[season])
		if err != nil {
			return nil, err
		}
		out[season] = w
	}
	return out, nil
}

func (c *calendar) week(season string, prices map[string]energy.Price) (*week, error) {
	var w week
	var owner [7][wholeDay]string
	rest := ""
	for _, name := range slices.Sorted(maps.Keys(prices)) {
		spans, isThere := c.hoursOf(season, name)
		switch {
		case !isThere && len(prices) == 1 && (name == "flat" || name == total):
			spans = nil // alone, it is of all hours
		case !isThere:
			return nil, feeds.Fail(feeds.Misconfigured, "periods.%s: is missing; the rate says no hours for its periods (%s)", written(name), names(prices))
		}
		if spans == nil && rest != "" {
			return nil, feeds.Fail(feeds.Misconfigured, "periods.%s: %s has the rest already", written(name), written(rest))
		}
		if spans == nil {
			rest = name
			continue
		}
		for _, s := range spans {
			if day, minute, other := s.claim(&owner, name); other != "" {
				return nil, feeds.Fail(feeds.Misconfigured, "periods.%s: %s %02d:%02d is in %s as well", written(name), weekdayNames[day], minute/60, minute%60, written(other))
			}
		}
	}
	for day := range owner {
		for minute, name := range owner[day] {
			if name = cmp.Or(name, rest); name == "" {
				return nil, feeds.Fail(feeds.Misconfigured, "periods: %s %02d:%02d is in none of %s", weekdayNames[day], minute/60, minute%60, names(prices))
			}
			w[day][minute] = prices[name]
		}
	}
	return &w, nil
}

// hoursOf are the hours of a period: those of the season before those of the whole year.
func (c *calendar) hoursOf(season, period string) ([]hours, bool) {
	if h, isThere := c.periods[season+"."+period]; isThere {
		return h, true
	}
	h, isThere := c.periods[period]
	return h, isThere
}

// claim gives the hours to a period; other is who has them already.
func (h hours) claim(owner *[7][wholeDay]string, name string) (day, minute int, other string) {
	length := (h.to - h.from + wholeDay) % wholeDay
	if length == 0 {
		length = wholeDay
	}
	for first := range h.weekdays {
		for n := 0; n < length && h.weekdays[first]; n++ {
			day, minute = (first+(h.from+n)/wholeDay)%7, (h.from+n)%wholeDay
			if other = owner[day][minute]; other != "" {
				return day, minute, other
			}
			owner[day][minute] = name
		}
	}
	return 0, 0, ""
}

// written is a folded name as a configuration writes it.
func written(name string) string {
	for _, key := range []string{"on_peak", "part_peak", "mid_peak", "off_peak", "super_off_peak"} {
		if fold(key) == name {
			return key
		}
	}
	return name
}

func names(prices map[string]energy.Price) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(prices)) {
		all = append(all, written(name))
	}
	return strings.Join(all, ", ")
}

// timetable is what a rate costs at any time of the wall clock.
type timetable struct {
	card     card
	calendar calendar
	weeks    map[string]*week
}

func (c calendar) timetable(k card) (timetable, error) {
	weeks, err := c.weeks(k)
	return timetable{k, c, weeks}, err
}

// on is the prices of the minutes of a local day; nil where the rate has none for it: a month that it does not name.
func (t *timetable) on(day time.Time) *[wholeDay]energy.Price {
	weekday := (int(day.Weekday()) + 6) % 7
	if t.card.hours != nil {
		var out [wholeDay]energy.Price
		for minute := range out {
			out[minute] = t.card.hours[weekday][day.Month()-1][minute/60]
		}
		return &out
	}
	for _, season := range append(t.calendar.seasonsOf(dayOfYear(day)), "", strings.ToLower(day.Month().String())) {
		if w := t.weeks[season]; w != nil {
			return &w[weekday]
		}
	}
	return nil
}

// points are the prices of a local day, in order: one for each run of minutes at one price, at most an hour of the wall
// clock where the rate says hours. Where the clock is changed, an hour is left out or comes twice, as it does on the
// wall.
func (t *timetable) points(day energy.Interval, zone *time.Location, origin *energy.Origin) []energy.Point[energy.Price] {
	minutes := t.on(day.Start.In(zone).Add(12 * time.Hour))
	if minutes == nil {
		return nil
	}
	var out []energy.Point[energy.Price]
	for at := day.Start; at.Before(day.End); {
		local := at.In(zone)
		minute := local.Hour()*60 + local.Minute()
		next := minute + 1
		for next < wholeDay && minutes[next] == minutes[minute] && (t.card.hours == nil || next%60 != 0) {
			next++
		}
		end := at.Add(time.Duration(next-minute)*time.Minute - time.Duration(local.Second())*time.Second)
		if _, change := local.ZoneBounds(); !change.IsZero() && change.Before(end) {
			end = change
		}
		if day.End.Before(end) {
			end = day.End
		}
		out = append(out, energy.Point[energy.Price]{Interval: energy.Interval{Start: at.UTC(), End: end.UTC()}, Value: minutes[minute], Origin: origin})
		at = end
	}
	return out
}
