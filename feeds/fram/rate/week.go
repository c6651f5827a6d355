package rate

import (
	"maps"
	"slices"
	"strings"

	"hearth/energy"
	"hearth/feeds"
)

// week is the price of each minute of a week, by weekday (Monday first).
type week [7][wholeDay]energy.Price

// weeks finds the hours of all names, by season.
func (r *Rules) weeks(named map[string]map[string]energy.Price) (map[string]*week, error) {
	out := map[string]*week{}
	for _, season := range slices.Sorted(maps.Keys(named)) {
		if (season == summer || season == winter) && !r.seasons[season] {
			return nil, feeds.Fail(feeds.Misconfigured, "seasons.%s: is missing; the rate says no days for its seasons", season)
		}
		w, err := r.week(season, named[season])
		if err != nil {
			return nil, err
		}
		out[season] = w
	}
	return out, nil
}

// week refuses a minute of two periods, and one of none.
func (r *Rules) week(season string, prices map[string]energy.Price) (*week, error) {
	names := slices.Sorted(maps.Keys(prices))
	spans, resting, err := r.hoursOf(season, names)
	if err != nil {
		return nil, err
	}
	var w week
	for day := range w {
		for minute := range w[day] {
			owner := resting
			for _, name := range names {
				switch isIn := slices.ContainsFunc(spans[name], func(h hours) bool { return h.holds(day, minute) }); {
				case isIn && owner != resting:
					return nil, feeds.Fail(feeds.Misconfigured, "periods.%s: %s %02d:%02d is in %s as well", name, weekdayNames[day], minute/60, minute%60, owner)
				case isIn:
					owner = name
				}
			}
			if owner == "" {
				return nil, feeds.Fail(feeds.Misconfigured, "periods: %s %02d:%02d is in none of %s", weekdayNames[day], minute/60, minute%60, strings.Join(names, ", "))
			}
			w[day][minute] = prices[owner]
		}
	}
	return &w, nil
}

// hoursOf are the hours of each period, those of the season before those of the whole year, and who has the rest.
func (r *Rules) hoursOf(season string, names []string) (spans map[string][]hours, resting string, err error) {
	spans = map[string][]hours{}
	for _, name := range names {
		own, isThere := r.periods[season+"."+name]
		if !isThere {
			own, isThere = r.periods[name]
		}
		isAlone := len(names) == 1 && (name == flat || name == total) // it is of all hours
		switch {
		case !isThere && !isAlone:
			return nil, "", feeds.Fail(feeds.Misconfigured, "periods.%s: is missing; the rate says no hours for its periods (%s)", name, strings.Join(names, ", "))
		case own != nil:
			spans[name] = own
		case resting != "":
			return nil, "", feeds.Fail(feeds.Misconfigured, "periods.%s: %s has the rest already", name, resting)
		default:
			resting = name
		}
	}
	return spans, resting, nil
}
