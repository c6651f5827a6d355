package rate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hearth/feeds"
)

// hours are times of the wall clock. Where they end before they begin they wrap over midnight, and belong to the day on
// which they begin.
type hours struct {
	weekdays [7]bool // Monday first
	from, to int     // minutes after midnight, half-open
}

const (
	rest     = "rest" // what no other period or season has
	wholeDay = 24 * 60
)

// holds says that a minute of a weekday is inside.
func (h hours) holds(weekday, minute int) bool {
	if h.from < h.to {
		return h.weekdays[weekday] && h.from <= minute && minute < h.to
	}
	return h.weekdays[weekday] && h.from <= minute || h.weekdays[(weekday+6)%7] && minute < h.to
}

func (r *Rules) readPeriods(configured map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(configured)) {
		before, after, hasSeason := strings.Cut(key, ".")
		name := periodOf(before)
		if hasSeason {
			if name = periodOf(after); name != "" && seasonOf(before) != "" {
				name = seasonOf(before) + "." + name
			} else {
				name = ""
			}
		}
		if name == "" {
			return feeds.Fail(feeds.Misconfigured, "periods.%s: must be a period such as off_peak, or one of a season such as summer.off_peak", key)
		}
		h, err := parseHours(configured[key])
		if err != nil {
			return feeds.Fail(feeds.Misconfigured, "periods.%s: %w", key, err)
		}
		r.periods[name] = h
	}
	return nil
}

// parseHours reads "mo-fr 16:00-21:00, sa 18:00-24:00"; none are the rest.
func parseHours(text string) ([]hours, error) {
	if strings.TrimSpace(text) == rest {
		return nil, nil
	}
	var out []hours
	for part := range strings.SplitSeq(text, ",") {
		fields := strings.Fields(part)
		if len(fields) == 1 {
			fields = []string{"mo-su", fields[0]}
		}
		h, isSo := hours{}, len(fields) == 2
		if isSo {
			h, isSo = parseSpan(fields[0], fields[1])
		}
		if !isSo {
			return nil, fmt.Errorf("must be hours such as mo-su 16:00-21:00, or rest, not %q", feeds.OneLine(text))
		}
		out = append(out, h)
	}
	return out, nil
}

func parseSpan(weekdays, clock string) (h hours, isSo bool) {
	from, to, _ := strings.Cut(clock, "-")
	var is1, is2, is3 bool
	h.weekdays, is1 = parseWeekdays(weekdays)
	h.from, is2 = parseClock(from)
	h.to, is3 = parseClock(to)
	return h, is1 && is2 && is3 && h.from != h.to && h.from != wholeDay
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
	for i := a; i != b; i = (i + 1) % 7 {
		out[i] = true
	}
	out[b] = true
	return out, true
}

func parseClock(text string) (minutes int, isSo bool) {
	if text == "24:00" {
		return wholeDay, true
	}
	at, err := time.Parse("15:04", text)
	return at.Hour()*60 + at.Minute(), err == nil && len(text) == len("15:04")
}
