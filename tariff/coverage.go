package tariff

import (
	"fmt"
	"time"
)

// checkCoverage names the first time no rule holds for, and each rule that never does.
func checkCoverage(f *faults, whens []When, hasHolidays bool) {
	gap, used := scan(whens, hasHolidays)
	if gap != "" {
		f.add("time_of_use", "no rule for %s", gap)
	}
	namesUnused(f, "time_of_use", used)
}

// checkUse names each window that never holds; windows may leave gaps.
func checkUse(f *faults, path string, whens []When, hasHolidays bool) {
	_, used := scan(whens, hasHolidays)
	namesUnused(f, path, used)
}

func namesUnused(f *faults, path string, used []bool) {
	for i, isUsed := range used {
		if !isUsed {
			f.add(fmt.Sprintf("%s[%d]", path, i), "never holds: earlier ones take all its time, or its days do not come")
		}
	}
}

// scan tries every kind of day after every kind of day, in every month and over its end. Years do not
// matter: sooner or later each of these comes.
func scan(whens []When, hasHolidays bool) (gap string, used []bool) {
	table := newTimetable(whens)
	kinds := []bool{false}
	if table.knowsHolidays && hasHolidays {
		kinds = []bool{false, true}
	}
	used = make([]bool, len(whens))
	try := func(before, today day) {
		for _, at := range cuts(table) {
			if i := table.pick(before, today, at); i >= 0 {
				used[i] = true
			} else if gap == "" {
				gap = fmt.Sprintf("%v, %s at %v", today.date.Month, kindName(today), at)
			}
		}
	}
	for month := time.January; month <= time.December; month++ {
		for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
			for i := range 2 * len(kinds) * len(kinds) {
				today := day{Date{Month: month}, weekday, kinds[i/2%len(kinds)]}
				before := day{Date{Month: month}, (weekday + 6) % 7, kinds[i/2/len(kinds)]}
				if i%2 == 1 {
					before.date.Month = (month+10)%12 + 1
				}
				try(before, today)
			}
		}
	}
	return gap, used
}

func kindName(d day) string {
	if d.isHoliday {
		return dayNames[7]
	}
	return dayNames[(d.weekday+6)%7]
}
