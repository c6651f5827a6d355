package digiwatt

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

func rome(t *testing.T) *time.Location { return feedtest.Zone(t, zone) }

// hours writes some hours in an order of fields.
func hours(layout string, start time.Time, count int) []string {
	var all []string
	for i := range count {
		all = append(all, start.Add(time.Duration(i)*time.Hour).Format(layout))
	}
	return all
}

// Whatever the day, in whatever order it is written: what comes out of a day near now is that day.
func TestClock_ReadsEveryDayInBothOrders(t *testing.T) {
	for day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2029; day = day.AddDate(0, 0, 1) {
		for _, layout := range orders {
			for off := -7; off <= 6; off++ {
				now := day.AddDate(0, 0, off).Add(13 * time.Hour)
				c := clock{time.UTC, energy.Interval{Start: now.Add(-near), End: now.Add(near)}}
				times, err := c.read(nil, hours(layout, day, 30))
				if err != nil || !times[1][0].Equal(day) || !times[1][29].Equal(day.Add(29*time.Hour)) {
					t.Fatalf("%s at %v, seen %v: %v, %v", layout, day, now, times, err)
				}
			}
		}
	}
}

// A period's days are read as what they are, or not at all.
func TestClock_NeverReadsAPeriodWrong(t *testing.T) {
	z := rome(t)
	refused := 0
	for now := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC); now.Year() < 2028; now = now.AddDate(0, 0, 1) {
		for _, p := range periods {
			span := Period(p).span(now, z)
			c := clock{time.UTC, energy.Interval{Start: span.Start.Add(-lag), End: span.End.Add(lag)}}
			for _, layout := range orders {
				stamps := hours(layout, span.Start.UTC(), int(span.Length()/time.Hour))
				times, err := c.read(stamps)
				if err == nil && len(stamps) > 0 && !times[0][0].Equal(span.Start) {
					t.Fatalf("%s at %v: %v", p, now, times[0][0])
				}
				if err != nil {
					refused++
				}
			}
		}
	}
	if refused != 0 {
		t.Errorf("%d answers could not be read", refused)
	}
}

func TestClock_DecidesForTheWholeAnswer(t *testing.T) {
	now := time.Date(2026, 7, 8, 12, 0, 0, 0, time.UTC)
	bounds := energy.Interval{Start: now.Add(-near), End: now.Add(near)}
	for _, c := range []struct {
		name  string
		lists [][]string
		want  string // of the first time; or of the error
	}{
		{"second beyond 12", [][]string{{"2025-21-07T00:00:00Z"}}, "2025-07-21T00:00:00Z"},
		{"third beyond 12", [][]string{{"2025-07-21T00:00:00Z"}}, "2025-07-21T00:00:00Z"},
		{"one decides for all", [][]string{{"2025-05-07T00:00:00Z"}, {"2025-21-07T00:00:00Z"}}, "2025-07-05T00:00:00Z"},
		{"contradictory", [][]string{{"2025-21-07T00:00:00Z"}, {"2025-07-21T00:00:00Z"}}, "neither all"},
		{"contradictory in one", [][]string{{"2025-21-21T00:00:00Z"}}, "neither all"},
		{"no such day", [][]string{{"2026-31-06T00:00:00Z"}}, "neither all"},
		{"no time", [][]string{{"soon"}}, `neither all of the form year-day-month nor all year-month-day: "soon"`},
		{"near now", [][]string{{"2026-08-07T00:00:00Z"}}, "2026-07-08T00:00:00Z"},
		{"near now, the other way", [][]string{{"2026-07-08T00:00:00Z"}}, "2026-07-08T00:00:00Z"},
		{"the same either way", [][]string{{"2020-06-06T00:00:00Z"}}, "2020-06-06T00:00:00Z"},
		{"far either way", [][]string{{"2026-02-03T00:00:00Z"}}, "nothing tells which"},
		{"back in time", [][]string{{"2026-08-07T01:00:00Z", "2026-08-07T00:00:00Z"}}, "nothing tells which"},
		{"without a step, as windows", [][]string{{"2026-08-07T08:58:00Z", "2026-08-07T13:01:00Z", "2026-09-07T09:30:00Z", "2026-09-07T12:10:00Z"}}, "2026-07-08T08:58:00Z"},
		{"with a hole", [][]string{{"2026-07-07T00:00:00Z", "2026-08-07T00:00:00Z", "2026-08-07T01:00:00Z"}}, "2026-07-07T00:00:00Z"},
		{"nothing", [][]string{{}}, ""},
		{"no zone", [][]string{{"2025-21-07T00:00:00"}}, "2025-07-21T00:00:00Z"},
		{"an offset", [][]string{{"2025-21-07T00:00:00.000+02:00"}}, "2025-07-20T22:00:00Z"},
	} {
		times, err := clock{time.UTC, bounds}.read(c.lists...)
		got := fmt.Sprint(err)
		if err == nil {
			got = ""
			if len(times[0]) > 0 {
				got = times[0][0].Format(time.RFC3339)
			}
		} else if feeds.KindOf(err) != feeds.Temporary {
			t.Errorf("%s: %s", c.name, feeds.KindOf(err))
		}
		if got != c.want && (err == nil || c.want == "" || !strings.Contains(got, c.want)) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A Z that lies: the wall's clock of Rome, through both days on which it changes.
func TestClock_ReadsALocalDayThatChanges(t *testing.T) {
	z := rome(t)
	for day, want := range map[string]int{"2026-03-29": 23, "2026-10-25": 25, "2026-05-12": 24} {
		noon, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		span := energy.Day(noon.Add(12*time.Hour), z)
		var stamps []string
		for at := span.Start; at.Before(span.End); at = at.Add(30 * time.Minute) {
			stamps = append(stamps, at.In(z).Format(strings.Replace(orders[0], "Z07:00", "Z", 1)))
		}
		times, err := clock{z, span}.read(stamps)
		if err != nil || len(times[0]) != 2*want {
			t.Fatalf("%s: %d times, %v", day, len(times[0]), err)
		}
		for i, got := range times[0] {
			if at := span.Start.Add(time.Duration(i) * 30 * time.Minute); !got.Equal(at) {
				t.Errorf("%s: time %d is %v, want %v", day, i, got, at)
			}
		}
	}
}

func TestClock_RefusesAnHourThatItsZoneDoesNotHave(t *testing.T) {
	c := clock{zone: rome(t)}
	_, err := c.read([]string{"2026-29-03T02:30:00Z"})
	if feeds.KindOf(err) != feeds.Misconfigured || fmt.Sprint(err) != "stamp_zone Europe/Rome: has no 2026-03-29 02:30:00, which the answer holds" {
		t.Error(err)
	}
	if times, err := c.read([]string{"2026-29-03T02:30:00+01:00"}); err != nil || !times[0][0].Equal(time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)) {
		t.Errorf("an offset says it all: %v, %v", times, err)
	}
}

func TestPeriod_SpansLocalDays(t *testing.T) {
	z := rome(t)
	for _, c := range []struct{ now, period, want string }{
		{"2026-03-30T09:00", "yesterday", "2026-03-29T00:00 to 2026-03-30T00:00, 23h0m0s"},
		{"2026-10-26T09:00", "yesterday", "2026-10-25T00:00 to 2026-10-26T00:00, 25h0m0s"},
		{"2026-10-26T09:00", "last-seven-days", "2026-10-19T00:00 to 2026-10-26T00:00, 169h0m0s"},
		{"2026-07-22T09:00", "this-week", "2026-07-20T00:00 to 2026-07-22T09:00, 57h0m0s"},
		{"2026-07-20T00:00", "this-week", "2026-07-20T00:00 to 2026-07-20T00:00, 0s"},
		{"2026-07-26T23:59", "last-week", "2026-07-13T00:00 to 2026-07-20T00:00, 168h0m0s"},
		{"2026-01-01T00:30", "this-month", "2026-01-01T00:00 to 2026-01-01T00:30, 30m0s"},
		{"2026-01-01T00:30", "last-month", "2025-12-01T00:00 to 2026-01-01T00:00, 744h0m0s"},
		{"2026-01-01T00:30", "last-week", "2025-12-22T00:00 to 2025-12-29T00:00, 168h0m0s"},
	} {
		now, err := time.ParseInLocation("2006-01-02T15:04", c.now, z)
		if err != nil {
			t.Fatal(err)
		}
		span := Period(c.period).span(now, z)
		got := span.Start.In(z).Format("2006-01-02T15:04") + " to " + span.End.In(z).Format("2006-01-02T15:04") + ", " + span.Length().String()
		if got != c.want {
			t.Errorf("%s of %s: %s, want %s", c.period, c.now, got, c.want)
		}
	}
	if !Period("today").span(time.Now(), z).IsEmpty() {
		t.Error("today is no period")
	}
}
