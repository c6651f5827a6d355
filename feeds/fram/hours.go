package fram

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hearth/feeds"
)

// calendar is what the configuration knows of names: the hours of periods and the days of seasons.
type calendar struct {
	periods map[string][]hours // by "peak", or by "summer.peak" where a season differs; folded. None: the rest
	seasons map[string][]days
}

// hours are times of the wall clock. Where they end before they begin they wrap over midnight, and belong to the day on
// which they begin.
type hours struct {
	weekdays [7]bool // Monday first
	from, to int     // minutes after midnight, half-open
}

// days are days of every year, both ends inclusive, as month*100+day. They may wrap over the new year.
type days struct{ from, to int }

// rest stands for what no other period or season has.
const rest = "rest"

const wholeDay = 24 * 60

func newCalendar(cfg Config) (calendar, error) {
	c := calendar{map[string][]hours{}, map[string][]days{}}
	for _, key := range slices.Sorted(maps.Keys(cfg.Periods)) {
		name, isSo := periodKey(key)
		if !isSo {
			return c, feeds.Fail(feeds.Misconfigured, "periods.%s: must be a period such as off_peak, or one of a season such as summer.off_peak", key)
		}
		h, err := parseHours(cfg.Periods[key])
		if err != nil {
			return c, feeds.Fail(feeds.Misconfigured, "periods.%s: %w", key, err)
		}
		c.periods[name] = h
	}
	for _, key := range slices.Sorted(maps.Keys(cfg.Seasons)) {
		name := fold(key)
		if name != "summer" && name != "winter" {
			return c, feeds.Fail(feeds.Misconfigured, "seasons.%s: must be summer or winter", key)
		}
		d, err := parseDays(cfg.Seasons[key])
		if err != nil {
			return c, feeds.Fail(feeds.Misconfigured, "seasons.%s: %w", key, err)
		}
		c.seasons[name] = d
	}
	return c, c.checkSeasons()
}

// periodKey folds the name of a period, and of the season before it.
func periodKey(key string) (name string, isSo bool) {
	season, period, hasSeason := strings.Cut(fold(key), ".")
	if !hasSeason {
		return season, slices.Contains(periods, season)
	}
	if m := monthOf(season); m > 0 {
		season = strings.ToLower(m.String())
	} else if season != "summer" && season != "winter" {
		return "", false
	}
	return season + "." + period, slices.Contains(periods, period)
}

// parseHours reads "mo-fr 16:00-21:00, sa 18:00-24:00"; none are the rest.
func parseHours(text string) ([]hours, error) {
	if strings.TrimSpace(text) == rest {
		return nil, nil
	}
	bad := fmt.Errorf("must be hours such as mo-su 16:00-21:00, or rest, not %q", feeds.OneLine(text))
	var out []hours
	for part := range strings.SplitSeq(text, ",") {
		fields := strings.Fields(part)
		h := hours{weekdays: [7]bool{true, true, true, true, true, true, true}}
		if len(fields) == 2 {
			var isSo bool
			if h.weekdays, isSo = parseWeekdays(fields[0]); !isSo {
				return nil, bad
			}
			fields = fields[1:]
		}
		if len(fields) != 1 {
			return nil, bad
		}
		from, to, _ := strings.Cut(fields[0], "-")
		var is1, is2 bool
		h.from, is1 = parseClock(from)
		h.to, is2 = parseClock(to)
		if !is1 || !is2 || h.from == h.to || h.from == wholeDay {
			return nil, bad
		}
		out = append(out, h)
	}
	return out, nil
}

var weekdayNames = []string{"mo", "tu", "we", "th", "fr", "sa", "su"}

func parseWeekdays(text string) (out [7]bool, isSo bool) {
	first, last, isRange := strings.Cut(strings.ToLower(text), "-")
	if !isRange {
		last = first
	}
	a, b := slices.Index(weekdayNames, first), slices.Index(weekdayNames, last)
	if a < 0 || b < 0 {
		return out, false
	}
	for i := a; ; i = (i + 1) % 7 {
		out[i] = true
		if i == b {
			return out, true
		}
	}
}

func parseClock(text string) (minutes int, isSo bool) {
	if text == "24:00" {
		return wholeDay, true
	}
	at, err := time.Parse("15:04", text)
	return at.Hour()*60 + at.Minute(), err == nil && len(text) == len("15:04")
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

func dayOfYear(t time.Time) int { return int(t.Month())*100 + t.Day() }

func (d days) holds(day int) bool {
	if d.to < d.from {
		return day >= d.from || day <= d.to
	}
	return d.from <= day && day <= d.to
}

// seasonsOf are the seasons that have a day.
func (c *calendar) seasonsOf(day int) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(c.seasons)) {
		if slices.ContainsFunc(c.seasons[name], func(d days) bool { return d.holds(day) }) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		for _, name := range slices.Sorted(maps.Keys(c.seasons)) {
			if c.seasons[name] == nil {
				names = append(names, name)
			}
		}
	}
	return names
}

// checkSeasons refuses a day of two seasons, and one of none where both are there.
func (c *calendar) checkSeasons() error {
	for at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() == 2000; at = at.AddDate(0, 0, 1) {
		switch names := c.seasonsOf(dayOfYear(at)); {
		case len(names) > 1:
			return feeds.Fail(feeds.Misconfigured, "seasons: %s is in summer and in winter", at.Format("01-02"))
		case len(names) == 0 && len(c.seasons) == 2:
			return feeds.Fail(feeds.Misconfigured, "seasons: %s is neither in summer nor in winter", at.Format("01-02"))
		}
	}
	return nil
}
