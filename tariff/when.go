package tariff

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Clock is a time of the wall clock in minutes since midnight, 0 to 1440 (24:00).
type Clock int

const endOfDay Clock = 24 * 60

// ParseClock reads "00:00" to "24:00".
func ParseClock(s string) (Clock, error) {
	if s == "24:00" {
		return endOfDay, nil
	}
	at, err := time.Parse("15:04", s)
	if err != nil || len(s) != 5 {
		return 0, fmt.Errorf("time %q: want for example %q, up to %q", s, "07:30", "24:00")
	}
	return Clock(at.Hour()*60 + at.Minute()), nil
}

// String writes the time as configuration reads it.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// Days is a set of kinds of day. The zero value is every day.
type Days uint8

// The kinds of day.
const (
	Monday Days = 1 << iota
	Tuesday
	Wednesday
	Thursday
	Friday
	Saturday
	Sunday
	Holiday

	Weekdays = Monday | Tuesday | Wednesday | Thursday | Friday
	Weekend  = Saturday | Sunday
)

var dayNames = []string{"mo", "tu", "we", "th", "fr", "sa", "su", "holiday"}

// ParseDays reads a list of "mo" to "su" and "holiday".
func ParseDays(names []string) (Days, error) {
	var days Days
	for _, name := range names {
		i := slices.Index(dayNames, name)
		if i < 0 {
			return 0, fmt.Errorf("day %q: want one of %s", name, strings.Join(dayNames, ", "))
		}
		days |= 1 << i
	}
	return days, nil
}

// When is times of the local calendar. From > To wraps over midnight and belongs to the day it begins on,
// in days and months:
//
//	fr 22:00-06:00   fr |                   [--|------)  sa |
type When struct {
	Months   []time.Month // none: all
	Days     Days
	From, To Clock // [From, To)
}

func (w *When) wraps() bool { return w.To < w.From }

// A day is what rules ask of a local day.
type day struct {
	date      Date
	weekday   time.Weekday
	isHoliday bool
}

// begins says that the rule begins on such a day. Rules among which none says "holiday" know none.
func (w *When) begins(d day, knowsHolidays bool) bool {
	if len(w.Months) > 0 && !slices.Contains(w.Months, d.date.Month) {
		return false
	}
	kind := Days(1) << ((d.weekday + 6) % 7)
	if knowsHolidays && d.isHoliday {
		kind = Holiday
	}
	return w.Days == 0 || w.Days&kind != 0
}

// A timetable is rules in their order.
type timetable struct {
	whens         []When
	knowsHolidays bool
}

func newTimetable(whens []When) timetable {
	return timetable{whens, slices.ContainsFunc(whens, func(w When) bool { return w.Days&Holiday != 0 })}
}

// pick is the first rule that holds at a time of a day; -1 when there is none.
func (t *timetable) pick(before, today day, at Clock) int {
	for i := range t.whens {
		w := &t.whens[i]
		switch {
		case !w.wraps():
			if w.From <= at && at < w.To && w.begins(today, t.knowsHolidays) {
				return i
			}
		case at >= w.From && w.begins(today, t.knowsHolidays), at < w.To && w.begins(before, t.knowsHolidays):
			return i
		}
	}
	return -1
}

// cuts are the times at which another rule may begin to hold, midnight first.
func cuts(tables ...timetable) []Clock {
	out := []Clock{0}
	for _, t := range tables {
		for _, w := range t.whens {
			out = append(out, w.From, w.To)
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(c Clock) bool { return c >= endOfDay })
}
