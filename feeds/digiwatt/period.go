package digiwatt

import (
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// Period is which days are asked for.
type Period string

// The periods of the vendor.
const (
	Yesterday     Period = "yesterday"
	LastSevenDays Period = "last-seven-days"
	ThisWeek      Period = "this-week"
	LastWeek      Period = "last-week"
	ThisMonth     Period = "this-month"
	LastMonth     Period = "last-month"
)

var periods = []string{
	string(Yesterday), string(LastSevenDays), string(ThisWeek), string(LastWeek), string(ThisMonth), string(LastMonth),
}

// periodOf reads the key of a question.
func periodOf(text string) (Period, error) {
	if !slices.Contains(periods, text) {
		return "", feeds.Fail(feeds.Misconfigured, "period %q: must be one of %s", feeds.OneLine(text), strings.Join(periods, ", "))
	}
	return Period(text), nil
}

// span is the local days that a period means at a time. Weeks begin on Monday; what is not over ends now.
func (p Period) span(now time.Time, zone *time.Location) energy.Interval {
	year, month, day := now.In(zone).Date()
	midnight := func(month time.Month, day int) time.Time {
		return energy.Day(time.Date(year, month, day, 12, 0, 0, 0, zone), zone).Start
	}
	today := midnight(month, day)
	monday := day - (int(now.In(zone).Weekday())+6)%7
	switch p {
	case Yesterday:
		return energy.Interval{Start: midnight(month, day-1), End: today}
	case LastSevenDays:
		return energy.Interval{Start: midnight(month, day-7), End: today}
	case ThisWeek:
		return energy.Interval{Start: midnight(month, monday), End: now}
	case LastWeek:
		return energy.Interval{Start: midnight(month, monday-7), End: midnight(month, monday)}
	case ThisMonth:
		return energy.Interval{Start: midnight(month, 1), End: now}
	case LastMonth:
		return energy.Interval{Start: midnight(month-1, 1), End: midnight(month, 1)}
	}
	return energy.Interval{}
}
