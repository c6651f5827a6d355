package rate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hearth/feeds"
)

// days are days of every year, both ends included, as month*100+day. They may wrap over the new year.
type days struct{ from, to int }

func dayOfYear(t time.Time) int { return int(t.Month())*100 + t.Day() }

func (d days) holds(day int) bool {
	if d.to < d.from {
		return day >= d.from || day <= d.to
	}
	return d.from <= day && day <= d.to
}

// readSeasons finds the season of each day. A day of two is refused, and one of none where both are there.
func (r *Rules) readSeasons(configured map[string]string) error {
	all := map[string][]days{}
	for _, key := range slices.Sorted(maps.Keys(configured)) {
		name := fold(key)
		if name != summer && name != winter {
			return feeds.Fail(feeds.Misconfigured, "seasons.%s: must be summer or winter", key)
		}
		d, err := parseDays(configured[key])
		if err != nil {
			return feeds.Fail(feeds.Misconfigured, "seasons.%s: %w", key, err)
		}
		all[name], r.seasons[name] = d, true
	}
	for at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() == 2000; at = at.AddDate(0, 0, 1) {
		names := seasonsOf(all, dayOfYear(at))
		switch {
		case len(names) > 1:
			return feeds.Fail(feeds.Misconfigured, "seasons: %s is in summer and in winter", at.Format("01-02"))
		case len(names) == 1:
			r.season[dayOfYear(at)] = names[0]
		case len(all) == 2:
			return feeds.Fail(feeds.Misconfigured, "seasons: %s is neither in summer nor in winter", at.Format("01-02"))
		}
	}
	return nil
}

// seasonsOf are the seasons that have a day; where none has it, those that have the rest.
func seasonsOf(all map[string][]days, day int) (having []string) {
	var resting []string
	for name, some := range all {
		if slices.ContainsFunc(some, func(d days) bool { return d.holds(day) }) {
			having = append(having, name)
		}
		if some == nil {
			resting = append(resting, name)
		}
	}
	if having == nil {
		return resting
	}
	return having
}

// parseDays reads "06-01..09-30, 12-24..01-06"; none are the rest.
func parseDays(text string) ([]days, error) {
	if strings.TrimSpace(text) == rest {
		return nil, nil
	}
	var out []days
	for part := range strings.SplitSeq(text, ",") {
		first, last, _ := strings.Cut(strings.TrimSpace(part), "..")
		from, err1 := time.Parse(time.DateOnly, "2000-"+first)
		to, err2 := time.Parse(time.DateOnly, "2000-"+last)
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("must be days such as 06-01..09-30, or rest, not %q", feeds.OneLine(text))
		}
		out = append(out, days{dayOfYear(from), dayOfYear(to)})
	}
	return out, nil
}
