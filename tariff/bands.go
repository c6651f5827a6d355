package tariff

import (
	"maps"
	"slices"
	"time"

	"hearth/energy"
)

// A band is a name for certain times.
type band struct {
	name string
	when When
}

// The Italian bands are those of ARERA (delibera 181/06); holidays count as Sundays.
var bandCalendars = map[string][]band{
	"f1-f2-f3": {
		{"F1", When{Days: Weekdays, From: 8 * 60, To: 19 * 60}},
		{"F2", When{Days: Weekdays, From: 7 * 60, To: 23 * 60}},
		{"F2", When{Days: Saturday, From: 7 * 60, To: 23 * 60}},
		{"F3", When{Days: Weekdays | Weekend | Holiday, To: endOfDay}},
	},
	"f1-f23": {
		{"F1", When{Days: Weekdays, From: 8 * 60, To: 19 * 60}},
		{"F23", When{Days: Weekdays | Weekend | Holiday, To: endOfDay}},
	},
}

// BandCalendars lists the calendars of bands that are known.
func BandCalendars() []string { return slices.Sorted(maps.Keys(bandCalendars)) }

func bandTable(calendar string) timetable {
	bands := bandCalendars[calendar]
	whens := make([]When, len(bands))
	for i, b := range bands {
		whens[i] = b.when
	}
	return newTimetable(whens)
}

// ExpandBands tells the band of each part of the interval. Neighbours with the same band are one point.
func ExpandBands(calendar string, zone *time.Location, holidays Holidays, within energy.Interval) (energy.Series[string], error) {
	var f faults
	checkZone(&f, zone)
	checkBandCalendar(&f, "calendar", calendar, &holidays)
	holidays.faults(&f)
	checkSpan(&f, within)
	if err := f.err(); err != nil {
		return energy.Series[string]{}, err
	}
	table := bandTable(calendar)
	var points []energy.Point[string]
	w := walker{zone, newCalendar(&holidays)}
	w.walk(within, cuts(table), func(at energy.Interval, before, today day, clock Clock) bool {
		name := bandCalendars[calendar][table.pick(before, today, clock)].name
		if n := len(points); n > 0 && points[n-1].Value == name {
			points[n-1].End = at.End
		} else {
			points = append(points, energy.Point[string]{Interval: at, Value: name})
		}
		return true
	})
	return energy.NewSeries("", points)
}
