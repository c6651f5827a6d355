package openadr

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is an ISO 8601 duration. Calendar parts are kept apart, for a month has no fixed length; the
// zero value is PT0S. It is never negative.
type Duration struct {
	Years, Months, Days int
	Seconds             int64
	Nanos               int  // 0 to 999,999,999
	Infinite            bool // P9999Y, "for ever" (UG 7.3), or anything as long; the other parts are then zero
}

// maxYears is the length from which a duration has no end: the specification's own sign for infinity.
const maxYears = 9999

// DurationOf is the duration of a fixed length; zero for a negative one.
func DurationOf(d time.Duration) Duration {
	d = max(d, 0)
	return Duration{Seconds: int64(d / time.Second), Nanos: int(d % time.Second)}
}

// ParseDuration reads "PT1H", "P1DT30M", "P1W", "PT0.5S", "P0Y0M0DT1H0M0S". The schema's pattern is
// followed, but signs are refused: nothing in a schedule lasts less than nothing.
func ParseDuration(s string) (Duration, error) {
	date, clock, hasClock := strings.Cut(strings.TrimSpace(s), "T")
	date, ok := strings.CutPrefix(date, "P")
	if !ok || (hasClock && clock == "") || date+clock == "" {
		return Duration{}, fmt.Errorf("duration %.40q: want for example %q", s, "PT1H")
	}
	var parts [7]int64 // years, months, weeks, days, hours, minutes, seconds
	if !readParts(date, "YMWD", parts[:4]) {
		return Duration{}, fmt.Errorf("duration %.40q: unreadable before the T", s)
	}
	clock, nanos, ok := cutFraction(clock)
	if !ok || !readParts(clock, "HMS", parts[4:]) {
		return Duration{}, fmt.Errorf("duration %.40q: unreadable after the T", s)
	}
	months, days := parts[0]*12+parts[1], parts[2]*7+parts[3]
	seconds := parts[4]*3600 + parts[5]*60 + parts[6]
	if months >= maxYears*12 || days >= maxYears*365 || seconds >= maxYears*365*86400 {
		return Duration{Infinite: true}, nil
	}
	return Duration{
		Years: int(parts[0]), Months: int(parts[1]), Days: int(days), Seconds: seconds, Nanos: nanos,
	}, nil
}

// readParts reads numbers with the designators in order, each at most once: "1Y2M" by "YMWD".
func readParts(s, designators string, into []int64) bool {
	for i := range designators {
		number, rest, found := strings.Cut(s, designators[i:i+1])
		if !found {
			continue
		}
		// Twelve digits are 30,000 years even in seconds, and times 3600 they still fit an int64.
		n, err := strconv.ParseUint(number, 10, 63)
		if err != nil || len(number) > 12 {
			return false
		}
		into[i], s = int64(n), rest
	}
	return s == ""
}

// cutFraction takes the fraction of the seconds out: "1M0.25S" is "1M0S" and 250,000,000. Digits finer
// than a nanosecond are dropped.
func cutFraction(s string) (rest string, nanos int, ok bool) {
	i := strings.IndexAny(s, ".,")
	if i < 0 {
		return s, 0, true
	}
	digits, ok := strings.CutSuffix(s[i+1:], "S")
	if !ok || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", 0, false
	}
	nanos, err := strconv.Atoi((digits + "000000000")[:9])
	return s[:i] + "S", nanos, err == nil
}

// AddTo is the instant this long after t, in UTC; false when there is none, for the duration is infinite
// or leads past the year 9999. A month after 31 January is the last of February: the day is clamped to the
// month's length after years and months, before days.
func (d Duration) AddTo(t time.Time) (time.Time, bool) {
	if d.Infinite {
		return time.Time{}, false
	}
	if t = t.UTC(); d.Years != 0 || d.Months != 0 || d.Days != 0 { // else this is a hot path
		t = addMonths(t, d.Years*12+d.Months).AddDate(0, 0, d.Days)
	}
	t = time.Unix(t.Unix()+d.Seconds, int64(t.Nanosecond()+d.Nanos)).UTC()
	return t, t.Year() <= maxYears
}

func addMonths(t time.Time, months int) time.Time {
	y, m, day := t.Date()
	last := time.Date(y, m+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return t.AddDate(0, months, min(day, last)-day)
}

// IsZero says that the duration has no length.
func (d Duration) IsZero() bool { return d == Duration{} }

// String writes the duration as [ParseDuration] reads it.
func (d Duration) String() string {
	if d.Infinite {
		return "P9999Y"
	}
	var b strings.Builder
	part := func(n int64, designator byte) {
		if n != 0 {
			b.WriteString(strconv.FormatInt(n, 10))
			b.WriteByte(designator)
		}
	}
	b.WriteByte('P')
	part(int64(d.Years), 'Y')
	part(int64(d.Months), 'M')
	part(int64(d.Days), 'D')
	if d.Seconds == 0 && d.Nanos == 0 && b.Len() > 1 {
		return b.String()
	}
	b.WriteByte('T')
	part(d.Seconds/3600, 'H')
	part(d.Seconds/60%60, 'M')
	switch s := d.Seconds % 60; {
	case d.Nanos != 0:
		b.WriteString(strings.TrimRight(fmt.Sprintf("%d.%09d", s, d.Nanos), "0") + "S")
	case s != 0 || d.Seconds == 0:
		b.WriteString(strconv.FormatInt(s, 10) + "S")
	}
	return b.String()
}

// MarshalText writes ISO 8601.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads ISO 8601.
func (d *Duration) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDuration(string(b))
	return err
}
