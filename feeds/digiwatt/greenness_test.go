package digiwatt

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/wire"
)

// green is an answer: hours as they are written, their shares as JSON, and the ends of windows.
func green(stamps, shares, ends []string) string {
	var windows []string
	for i := 0; i < len(ends); i += 2 {
		windows = append(windows, fmt.Sprintf(`{"start": %q, "stop": %q}`, ends[i], ends[i+1]))
	}
	quoted := make([]string, len(stamps))
	rows := make([]string, len(shares))
	for i, s := range stamps {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	for i, s := range shares {
		rows[i] = "[" + s + "]"
	}
	return fmt.Sprintf(`{"status": 200, "data": {"best_windows": [%s], "time_series": {"index": [%s], "columns": ["renewable_fraction"], "data": [%s]}}}`,
		strings.Join(windows, ","), strings.Join(quoted, ","), strings.Join(rows, ","))
}

// fetch asks for the day of a time, of a vendor that says one thing.
func fetch(t *testing.T, body string, now time.Time, more ...string) (feeds.Values, error) {
	t.Helper()
	s := open(t, settings(vendor(t, says(body)), more...), now)
	return s.Fetch(t.Context(), energy.Day(now, rome(t)))
}

// local writes a time as the wall of Rome shows it, the day before the month, with a Z that lies.
func local(t *testing.T, at time.Time) string {
	t.Helper()
	return at.In(rome(t)).Format(strings.Replace(orders[0], "Z07:00", "Z", 1))
}

// A day of Rome's wall clock has all of its hours, on the days on which it changes too; read as UTC it would not.
func TestGreenness_OfALocalDayHasItsHours(t *testing.T) {
	for day, want := range map[string]int{"2026-03-29": 23, "2026-10-25": 25, "2026-05-14": 24, "2026-05-06": 24} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		span := energy.Day(at.Add(12*time.Hour), rome(t))
		var stamps, shares []string
		for i := range want {
			stamps = append(stamps, local(t, span.Start.Add(time.Duration(i)*time.Hour)))
			shares = append(shares, fmt.Sprint(float64(i)/100))
		}
		v, err := fetch(t, green(stamps, shares, nil), span.Start.Add(9*time.Hour), "stamp_zone", "Europe/Rome")
		if err != nil || len(v.Renewable.Points) != want || len(v.Renewable.Gaps(span)) != 0 || v.Renewable.Extent() != (energy.Interval{Start: span.Start.UTC(), End: span.End.UTC()}) {
			t.Errorf("%s: %v, %v", day, v.Renewable.Extent(), err)
		}
		for i, p := range v.Renewable.Points {
			if float64(p.Value) != float64(i)/100 {
				t.Errorf("%s: hour %d has %v", day, i, p.Value)
			}
		}
		if want == 25 {
			if v, err := fetch(t, green(stamps, shares, nil), span.Start.Add(9*time.Hour)); err == nil {
				t.Errorf("%s as UTC: two shares for an hour are %d hours", day, len(v.Renewable.Points))
			}
		}
	}
}

// A window may begin in the first of two hours of one name and end in the second.
func TestGreenness_WindowsKeepTheirLengthInTheHourThatComesTwice(t *testing.T) {
	change := time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC) // 03:00 becomes 02:00
	for _, w := range []energy.Interval{
		{Start: change.Add(-40 * time.Minute), End: change.Add(20 * time.Minute)},
		{Start: change.Add(-40 * time.Minute), End: change.Add(5 * time.Minute)},
		{Start: change.Add(-2 * time.Hour), End: change.Add(3 * time.Hour)},
	} {
		body := green(nil, nil, []string{local(t, w.Start), local(t, w.End)})
		v, err := fetch(t, body, change.Add(9*time.Hour), "stamp_zone", "Europe/Rome")
		if err != nil || len(v.Best) != 1 || v.Best[0] != w {
			t.Errorf("%v is understood as %v, %v", w, v.Best, err)
		}
	}
}

func TestGreenness_TakesFractionsOnly(t *testing.T) {
	hours := []string{"2026-22-07T10:00:00Z", "2026-22-07T11:00:00Z"}
	for share, want := range map[string]string{
		"0": "0%", "0.0": "0%", "1": "100%", "1.3": "130%", "5": "500%", "1e-3": "0.1%", "null": "",
		"5.01": "no fraction", "45": "no fraction", "-0.001": "no fraction", "1e308": "not of this world", "1e999": "not what it should be", `"0.5"`: "not what it should be",
	} {
		v, err := fetch(t, green(hours, []string{share, "0.25"}, nil), noon)
		switch {
		case err != nil && (feeds.KindOf(err) != feeds.Temporary || want == "" || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v", share, err)
		case err == nil && want == "" && len(v.Renewable.Points) != 1:
			t.Errorf("%s is %v", share, v.Renewable.Points)
		case err == nil && want != "" && (len(v.Renewable.Points) != 2 || v.Renewable.Points[0].Value.String() != want):
			t.Errorf("%s is %v", share, v.Renewable.Points)
		}
	}
}

func TestGreenness_SaysWhenAndHowFirm(t *testing.T) {
	v, err := fetch(t, green([]string{"2026-22-07T10:00:00Z", "2026-22-07T10:15:00Z"}, []string{"0.1", "0.2"}, nil), noon)
	if err != nil || len(v.Renewable.Points) != 2 {
		t.Fatal(v, err)
	}
	for _, p := range v.Renewable.Points {
		if p.Length() != 15*time.Minute || *p.Origin != (energy.Origin{Source: "digiwatt", Fetched: noon, Status: energy.Forecast}) {
			t.Errorf("%v %+v", p.Interval, p.Origin)
		}
	}
}

// In whatever order hours and windows come, and whichever come twice: what is understood is the same.
func TestGreenness_DoesNotDependOnTheOrder(t *testing.T) {
	q := asked{now: noon, clock: clock{time.UTC, energy.Interval{Start: noon.Add(-near), End: noon.Add(near)}}}
	read := func(t *rapid.T, hours []int) Greenness {
		var stamps, shares, ends []string
		for _, h := range hours {
			at := time.Date(2026, 7, 22, h, 0, 0, 0, time.UTC)
			stamps, shares = append(stamps, at.Format(orders[0])), append(shares, fmt.Sprint(float64(h)/30))
			ends = append(ends, at.Format(orders[0]), at.Add(20*time.Minute).Format(orders[0]))
		}
		data, _, err := unwrap(wire.Answer{Body: []byte(green(stamps, shares, ends))})
		if err != nil {
			t.Fatal(err)
		}
		g, err := readGreenness(data, q)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	rapid.Check(t, func(t *rapid.T) {
		hours := rapid.SliceOfNDistinct(rapid.IntRange(0, 23), 2, 24, rapid.ID).Draw(t, "hours")
		sorted := slices.Sorted(slices.Values(hours))
		a, b := read(t, hours), read(t, sorted)
		if !(feeds.Values{Renewable: a.Share, Best: a.Best}).IsSame(feeds.Values{Renewable: b.Share, Best: b.Best}) {
			t.Fatalf("%v: %v", hours, a)
		}
		twice := read(t, slices.Concat(sorted, sorted[:1]))
		if !(feeds.Values{Renewable: twice.Share}).IsSame(feeds.Values{Renewable: b.Share}) || len(a.Share.Points) != len(hours) {
			t.Fatalf("%v: %v", hours, twice)
		}
		if err := a.Share.Validate(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestGreenness_TableTellsWindowsFirst(t *testing.T) {
	body := green([]string{"2026-22-07T10:00:00Z", "2026-22-07T11:00:00Z"}, []string{"0.1", "null"}, []string{"2026-22-07T08:58:00Z", "2026-22-07T13:01:00Z", "2026-22-07T15:00:00Z", "2026-22-07T14:00:00Z"})
	table, err := ask(t, open(t, settings(vendor(t, says(body))), noon), greenness, nil)
	const want = `greenness
what | from (UTC) | to (UTC) | renewable share (fraction)
best window | 2026-07-22T08:58:00Z | 2026-07-22T13:01:00Z
grid | 2026-07-22T10:00:00Z | 2026-07-22T11:00:00Z | 0.1
remark best window: [2026-07-22T15:00:00Z, 2026-07-22T14:00:00Z) ends before it begins
`
	if err != nil || feedtest.ToldTable(table, nil) != want {
		t.Errorf("%s, %v", feedtest.ToldTable(table, nil), err)
	}
}

// What each operation may tell of, where its days can be taken for months.
func TestAsking_BoundsWhatCanBeReadBothWays(t *testing.T) {
	s := open(t, settings("http://127.0.0.1:1"), time.Date(2026, 7, 8, 12, 0, 0, 0, time.UTC))
	for _, c := range []struct {
		operation string
		period    Period
		in, out   string
	}{
		{latest, "", "2026-07-08T11:59:00Z", "2026-07-08T14:00:01Z"},
		{latest, "", "2026-07-01T00:00:00Z", "2026-06-07T00:00:00Z"},
		{greenness, "", "2026-07-15T00:00:00Z", "2026-08-07T00:00:00Z"},
		{saving, "", "2026-05-06T00:00:00Z", "2026-03-07T00:00:00Z"},
		{saving, "", "2026-07-08T00:00:00Z", "2026-08-07T00:00:00Z"},
		{consumption, Yesterday, "2026-07-06T22:00:00Z", "2026-07-06T19:00:00Z"},
		{consumption, Yesterday, "2026-07-07T23:59:00Z", "2026-07-08T00:01:00Z"},
		{consumption, ThisMonth, "2026-07-01T00:00:00Z", "2026-08-01T00:00:00Z"},
		{consumption, LastMonth, "2026-06-30T23:59:00Z", "2026-07-06T00:00:00Z"},
	} {
		bounds := s.asking(c.operation, c.period).clock.bounds
		for text, want := range map[string]bool{c.in: true, c.out: false} {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				t.Fatal(err)
			}
			if bounds.Contains(at) != want {
				t.Errorf("%s %s: %s is within %v: %v", c.operation, c.period, text, bounds, !want)
			}
		}
	}
}

// What is read of a table can be shown and is the same: nothing is rounded away.
func TestTables_ShowEveryDecimal(t *testing.T) {
	body := `{"electricity_data": {"index": [12, 1], "columns": ["f1"], "data": [[0.1], [123456789.125]]}}`
	m, err := readMonths(json.RawMessage(body), asked{})
	if err != nil {
		t.Fatal(err)
	}
	if got := m.table("trend").Rows; fmt.Sprint(got) != "[[12 0.1] [1 123456789.125]]" {
		t.Errorf("%v", got)
	}
}

func TestWindows_SayLittleOfMany(t *testing.T) {
	var ends []time.Time
	for i := range 1000 {
		at := noon.Add(time.Duration(i) * time.Minute)
		ends = append(ends, at, at)
	}
	var g Greenness
	if g.windows(ends); len(g.Best) != 0 || len(g.Remarks) != 20 {
		t.Errorf("%d windows, %d remarks", len(g.Best), len(g.Remarks))
	}
}
