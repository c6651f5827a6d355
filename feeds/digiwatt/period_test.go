package digiwatt

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/feeds"
)

// date is a local day as a number that can be counted with.
func date(t time.Time, zone *time.Location) int {
	y, m, d := t.In(zone).Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// isOf says by the calendar on the wall whether a time is of a period: a day at a time, without any interval.
func isOf(p Period, t, now time.Time, zone *time.Location) bool {
	day, today := date(t, zone), date(now, zone)
	monday := func(n int) int { return (n + 3) / 7 } // the first of January 1970 was a Thursday
	y, m, _ := t.In(zone).Date()
	year, month, _ := now.In(zone).Date()
	months := (year-y)*12 + int(month) - int(m)
	switch p {
	case Yesterday:
		return day == today-1
	case LastSevenDays:
		return day >= today-7 && day < today
	case ThisWeek:
		return monday(day) == monday(today) && t.Before(now)
	case LastWeek:
		return monday(day) == monday(today)-1
	case ThisMonth:
		return months == 0 && t.Before(now)
	case LastMonth:
		return months == 1
	}
	return false
}

// Whenever it is asked for, a period is the days that the wall shows: through the changes of the clock, and over the
// ends of months and years.
func TestPeriod_IsWhatTheWallShows(t *testing.T) {
	z := rome(t)
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 4*366*24*4).Draw(t, "quarters")) * 15 * time.Minute)
		for _, name := range periods {
			span := Period(name).span(now, z)
			for at := now.Add(-64 * 24 * time.Hour).Truncate(time.Hour); at.Before(now.Add(8 * 24 * time.Hour)); at = at.Add(time.Hour) {
				if span.Contains(at) != isOf(Period(name), at, now, z) {
					t.Fatalf("%s of %v is %v: %v inside: %v", name, now.In(z), span, at.In(z), span.Contains(at))
				}
			}
		}
	})
}

// A question about a period is held against its days, whatever its name.
func TestPeriod_OfAnotherNameIsNone(t *testing.T) {
	if span := Period("today").span(noon, time.UTC); !span.IsEmpty() {
		t.Errorf("today is %v", span)
	}
	s := open(t, settings("http://127.0.0.1:1"), noon)
	for _, name := range []string{"", "today", "Yesterday", "last-week "} {
		if _, err := ask(t, s, habits, feeds.Settings{"period": name}); feeds.KindOf(err) != feeds.Misconfigured {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range periods {
		bounds, span := s.asking(habits, Period(name)).clock.bounds, Period(name).span(noon, s.zone)
		if bounds != (energy.Interval{Start: span.Start.Add(-lag), End: span.End.Add(lag)}) {
			t.Errorf("%s: %v for %v", name, bounds, span)
		}
	}
}
