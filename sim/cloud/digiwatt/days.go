package digiwatt

import (
	"time"

	"hearth/energy"
)

// calendar knows local days at a time.
type calendar struct {
	now  time.Time
	zone *time.Location
}

// midnight is the start of the local day that is some months and days from today.
func (c calendar) midnight(months, day int) time.Time {
	year, month, _ := c.now.In(c.zone).Date()
	return energy.Day(time.Date(year, month+time.Month(months), day, 12, 0, 0, 0, c.zone), c.zone).Start
}

// period is the days that are asked for, and those that they are compared with: of what is not over, as much of the
// one before as has passed of this one.
func (c calendar) period(name string) (span, before energy.Interval, isKnown bool) {
	_, _, today := c.now.In(c.zone).Date()
	monday := today - (int(c.now.In(c.zone).Weekday())+6)%7
	now := c.now.Truncate(time.Minute)
	days := func(from, to int) energy.Interval {
		return energy.Interval{Start: c.midnight(0, from), End: c.midnight(0, to)}
	}
	partly := func(start time.Time, of energy.Interval) (energy.Interval, energy.Interval, bool) {
		span := energy.Interval{Start: start, End: now}
		return span, energy.Span(of.Start, span.Length()).Overlap(of), true
	}
	month := func(months int) energy.Interval {
		return energy.Interval{Start: c.midnight(months, 1), End: c.midnight(months+1, 1)}
	}
	switch name {
	case "yesterday":
		return days(today-1, today), days(today-2, today-1), true
	case "last-seven-days":
		return days(today-7, today), days(today-14, today-7), true
	case "this-week":
		return partly(c.midnight(0, monday), days(monday-7, monday))
	case "last-week":
		return days(monday-7, monday), days(monday-14, monday-7), true
	case "this-month":
		return partly(c.midnight(0, 1), month(-1))
	case "last-month":
		return month(-1), month(-2), true
	}
	return energy.Interval{}, energy.Interval{}, false
}

// months are the twelve that are over, oldest first.
func (c calendar) months() []energy.Interval {
	var all []energy.Interval
	for n := -12; n < 0; n++ {
		all = append(all, energy.Interval{Start: c.midnight(n, 1), End: c.midnight(n+1, 1)})
	}
	return all
}

// bands are those of an Italian tariff, by their place.
const (
	f1 = iota
	f2
	f3
	bands
)

// band is that of an hour: f1 on workdays from 8 to 19, f2 around it from 7 to 23 and on Saturdays, f3 else.
func (s *Server) band(at time.Time) int {
	local := at.In(s.cfg.Zone)
	hour := local.Hour()
	switch isDay := hour >= 7 && hour < 23; {
	case !isDay, local.Weekday() == time.Sunday, s.cfg.IsHoliday != nil && s.cfg.IsHoliday(local):
		return f3
	case local.Weekday() == time.Saturday, hour < 8, hour >= 19:
		return f2
	}
	return f1
}
