package tariff

import (
	"cmp"
	"fmt"
	"time"

	"hearth/energy"
)

// Date is a day of the calendar, in no zone. As an end of a validity its zero value is "open".
type Date struct {
	Year  int // 0 in a holiday of one's own: every year
	Month time.Month
	Day   int
}

// ParseDate reads "2026-04-06", or "04-06" for that day of every year.
func ParseDate(s string) (Date, error) {
	if at, err := time.Parse("2006-01-02", s); err == nil {
		return dateOf(at), nil
	}
	at, err := time.Parse("2006-01-02", "2000-"+s) // a leap year, so that 02-29 is a day
	if err != nil {
		return Date{}, fmt.Errorf("date %q: want for example %q or %q", s, "2026-04-06", "04-06")
	}
	return Date{0, at.Month(), at.Day()}, nil
}

// String writes the date as configuration reads it.
func (d Date) String() string {
	if d.Year == 0 {
		return fmt.Sprintf("%02d-%02d", int(d.Month), d.Day)
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

func dateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// exists says that the calendar has this day; one of every year may be 29 February.
func (d Date) exists() bool {
	y := d.Year
	if y == 0 {
		y = 2000
	}
	return y >= 1 && y <= 9999 && dateOf(d.in(y, time.UTC)) == Date{y, d.Month, d.Day}
}

func (d Date) isZero() bool { return d == Date{} }

func (d Date) compare(o Date) int {
	return cmp.Or(cmp.Compare(d.Year, o.Year), cmp.Compare(d.Month, o.Month), cmp.Compare(d.Day, o.Day))
}

// in is noon of the day in a year; no zone changes its clock at noon.
func (d Date) in(year int, zone *time.Location) time.Time {
	return time.Date(year, d.Month, d.Day, 12, 0, 0, 0, zone)
}

// plus is the date some days later.
func (d Date) plus(days int) Date { return dateOf(d.in(d.Year, time.UTC).AddDate(0, 0, days)) }

func (d Date) weekday() time.Weekday { return d.in(d.Year, time.UTC).Weekday() }

// firstOfMonth stands for the month.
func (d Date) firstOfMonth() Date { return Date{d.Year, d.Month, 1} }

// start is the first instant of the day.
func (d Date) start(zone *time.Location) time.Time { return energy.Day(d.in(d.Year, zone), zone).Start }

// month is the local month that begins on the first of the date's.
func (d Date) month(zone *time.Location) energy.Interval {
	first := d.firstOfMonth()
	return energy.Interval{Start: first.start(zone), End: first.plus(31).firstOfMonth().start(zone)}
}

// valid is the interval in which a version holds.
func (v *Version) valid(within energy.Interval, zone *time.Location) energy.Interval {
	if !v.From.isZero() {
		if from := v.From.start(zone); from.After(within.Start) {
			within.Start = from
		}
	}
	if !v.Until.isZero() {
		if until := v.Until.start(zone); until.Before(within.End) {
			within.End = until
		}
	}
	return within
}
