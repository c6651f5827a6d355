package digiwatt

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	feed "hearth/feeds/digiwatt"
)

// The minutes of yesterday are those that the clock of Rome had.
func TestServer_YesterdayHasItsMinutes(t *testing.T) {
	for now, hours := range map[string]int{"2026-03-30 09:00": 23, "2026-10-26 09:00": 25, "2026-05-12 09:00": 24, "2026-07-08 00:00": 24} {
		at := local(t, now)
		s := open(t, at, nil)
		p, err := s.source.Consumption(t.Context(), feed.Yesterday)
		if err != nil || len(p.Starts) != 60*hours || fmt.Sprint(p.Columns) != "[fridge oven standby]" {
			t.Fatalf("%s: %d minutes of %v, %v", now, len(p.Starts), p.Columns, err)
		}
		for i, start := range p.Starts {
			if want := energy.Day(at, rome(t)).Start.Add(time.Duration(i-60*hours) * time.Minute); !start.Equal(want) {
				t.Fatalf("%s: minute %d is %v, want %v", now, i, start, want)
			}
			if row := p.Rows[i]; float64(*row[0]) != float64(60*(1-start.Minute()%2)) || *row[1] != 500 || *row[2] != 20 {
				t.Fatalf("%s: %v", now, row)
			}
		}
		d, err := s.source.Distribution(t.Context(), feed.Yesterday)
		if err != nil || *d.Selected != energy.WattHours(550*hours) || *d.Energy[0] != energy.WattHours(30*hours) {
			t.Errorf("%s: %v, %v", now, d, err)
		}
	}
}

// Each period is read back as it is asked for, whatever the day: the days that can be taken for months among them.
func TestServer_EveryPeriodIsUnderstood(t *testing.T) {
	for _, now := range []string{"2026-01-01 00:00", "2026-02-03 04:05", "2026-03-02 09:10", "2026-07-08 12:00", "2026-12-31 23:59"} {
		s := open(t, local(t, now), nil)
		for _, p := range []feed.Period{feed.Yesterday, feed.LastSevenDays, feed.ThisWeek, feed.LastWeek, feed.ThisMonth, feed.LastMonth} {
			span, before, _ := s.calendar().period(string(p))
			got, err := s.source.Consumption(t.Context(), p)
			if err != nil || len(got.Starts) != int(span.Length()/time.Minute) || len(got.Starts) > 0 && !got.Starts[0].Equal(span.Start) {
				t.Errorf("%s of %s: %d minutes, %v", p, now, len(got.Starts), err)
			}
			d, err := s.source.Distribution(t.Context(), p)
			_, sum := s.energies(span)
			_, previous := s.energies(before)
			if err != nil || float64(*d.Selected) != sum || float64(*d.Previous) != previous {
				t.Errorf("%s of %s: %v beside %v, %v", p, now, *d.Selected, *d.Previous, err)
			}
			if of, err := s.source.Performance(t.Context(), p); err != nil || *of.User != *d.Selected || *of.Min > *of.User || *of.Max < *of.User {
				t.Errorf("%s of %s: %v, %v", p, now, of, err)
			}
		}
	}
}

func TestCalendar_ComparesLikeWithLike(t *testing.T) {
	for _, c := range []struct {
		now, period string
		want        time.Duration
	}{
		{"2026-03-31 12:00", "this-month", 28 * 24 * time.Hour}, // no more than February has
		{"2026-05-13 12:00", "this-week", 60 * time.Hour},
		{"2026-05-13 12:00", "last-week", 168 * time.Hour},
		{"2026-05-13 12:00", "last-month", 743 * time.Hour},
		{"2026-03-30 12:00", "yesterday", 24 * time.Hour},
	} {
		cal := calendar{local(t, c.now), rome(t)}
		span, before, isKnown := cal.period(c.period)
		if !isKnown || before.Length() != c.want || before.End.After(span.Start) {
			t.Errorf("%s of %s: %v before %v", c.period, c.now, before, span)
		}
	}
}

func TestServer_LatestIsSixHours(t *testing.T) {
	at := local(t, "2026-07-08 12:34").Add(40 * time.Second)
	p, err := open(t, at, nil).source.Latest(t.Context())
	if err != nil || len(p.Starts) != 360 || !p.Starts[359].Equal(local(t, "2026-07-08 12:33")) || p.Columns[0] != "active_power_received" || *p.Rows[0][0] != 580 {
		t.Errorf("%d minutes to %v, %v", len(p.Starts), p.Starts, err)
	}
}

// A week has 168 hours; one in which an hour is skipped lacks it, and one that comes twice is a mean.
func TestServer_HabitsAreOfAWeek(t *testing.T) {
	for now, want := range map[string]int{"2026-05-13 09:00": 168, "2026-03-31 09:00": 167, "2026-10-27 09:00": 168} {
		h, err := open(t, local(t, now), nil).source.Habits(t.Context(), feed.LastWeek)
		if err != nil || len(h.Hours) != want || h.Hours[0] != (feed.WeekHour{}) {
			t.Fatalf("%s: %d hours, %v", now, len(h.Hours), err)
		}
		for i, row := range h.Rows {
			if math.Abs(float64(*row[0])-550) > 0.01 {
				t.Errorf("%s: %v is %v", now, h.Hours[i], *row[0])
			}
		}
	}
}

// A year is the sum of its months, by appliances and by bands.
func TestServer_MonthsMakeTheYear(t *testing.T) {
	s := open(t, local(t, "2026-05-12 09:00"), nil)
	year, err := s.source.Yearly(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	compound, err := s.source.Compound(t.Context())
	if err != nil || len(compound.Numbers) != 12 {
		t.Fatal(compound, err)
	}
	trend, err := s.source.Trend(t.Context())
	if err != nil || fmt.Sprint(trend.Columns) != "[f1 f2 f3]" || len(trend.Numbers) != 12 {
		t.Fatal(trend, err)
	}
	var whole, byBand energy.WattHours
	for i := range year.Energy {
		var sum energy.WattHours
		for _, row := range compound.Rows {
			sum += *row[i]
		}
		if math.Abs(float64(sum-*year.Energy[i])) > 1 {
			t.Errorf("%s: %v, and %v in months", year.Columns[i], *year.Energy[i], sum)
		}
		whole += sum
	}
	for _, row := range trend.Rows {
		byBand += *row[0] + *row[1] + *row[2]
	}
	if math.Abs(float64(whole-byBand)) > 1 || math.Abs(float64(whole)-550*365*24) > 1 {
		t.Errorf("%v, and %v by bands", whole, byBand)
	}
}

func TestServer_BandsAreThoseOfItaly(t *testing.T) {
	s := open(t, local(t, "2026-05-12 09:00"), nil)
	s.cfg.IsHoliday = func(day time.Time) bool { return day.Format("01-02") == "12-25" }
	for at, want := range map[string]int{
		"2026-04-01 06:59": f3, "2026-04-01 07:00": f2, "2026-04-01 08:00": f1, "2026-04-01 18:59": f1, "2026-04-01 19:00": f2, "2026-04-01 22:59": f2, "2026-04-01 23:00": f3,
		"2026-04-04 06:59": f3, "2026-04-04 07:00": f2, "2026-04-04 12:00": f2, "2026-04-04 23:00": f3,
		"2026-03-29 12:00": f3, "2026-10-25 12:00": f3, "2026-12-25 12:00": f3,
	} {
		if got := s.band(local(t, at)); got != want {
			t.Errorf("%s: f%d, want f%d", at, got+1, want+1)
		}
	}
}

func TestServer_SavingHasFourWeeksOfStandby(t *testing.T) {
	for _, now := range []string{"2026-05-12 09:00", "2026-04-10 09:00", "2026-11-10 09:00"} {
		s := open(t, local(t, now), nil)
		got, err := s.source.Saving(t.Context())
		if err != nil || len(got.Appliances) != 3 {
			t.Fatalf("%s: %v, %v", now, got, err)
		}
		fridge, oven, standby := got.Appliances[0], got.Appliances[1], got.Appliances[2]
		if fridge.Total.User == nil || fridge.Uses.User != nil || oven.Total.User != nil || *oven.Uses.User < 27 || len(standby.Weeks) != 4 {
			t.Errorf("%s: %+v", now, got)
		}
		var sum energy.WattHours
		for i, w := range standby.Weeks {
			sum += *w.Energy
			if i > 0 && !w.First.Equal(standby.Weeks[i-1].Last.AddDate(0, 0, 1)) || w.Last.Sub(w.First) != 6*24*time.Hour {
				t.Errorf("%s: week from %v to %v", now, w.First, w.Last)
			}
		}
		if today := local(t, now); sum != *standby.Actual || standby.Weeks[3].Last.Format(time.DateOnly) != today.AddDate(0, 0, -1).Format(time.DateOnly) {
			t.Errorf("%s: %v in weeks to %v, %v in all", now, sum, standby.Weeks[3].Last, *standby.Actual)
		}
	}
}

func TestServer_UsesMayBeNone(t *testing.T) {
	s := open(t, local(t, "2026-05-12 09:00"), nil)
	s.cfg.Appliances = s.cfg.Appliances[1:2]
	s.cfg.Appliances[0].Uses = func(energy.Interval) int { return 0 }
	if got, err := s.source.Saving(t.Context()); err != nil || got.Appliances[0].PerUse.User != nil || *got.Appliances[0].Uses.User != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// Each question of the daemon has its answer here.
func TestServer_AnswersEveryQuestion(t *testing.T) {
	s := open(t, local(t, "2026-05-12 09:00"), nil)
	for _, q := range s.source.Questions() {
		table, err := q.Ask(t.Context(), feeds.Settings{"period": "yesterday"})
		if err != nil || len(table.Rows) == 0 {
			t.Errorf("%s: %d rows, %v", q.Name, len(table.Rows), err)
		}
	}
	for _, path := range []string{"/consumption/" + number + "/today", "/consumption/" + number + "/distribution/today", "/consumption/" + number + "/performance/today", "/consumption/" + number + "/habits/today"} {
		w := httptest.NewRecorder()
		s.tokens["good"] = s.clock.Add(time.Hour)
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer good")
		if s.ServeHTTP(w, r); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// What the vendor's answers look like, the day before the month where it has it so.
func TestServer_WritesAsTheVendorDoes(t *testing.T) {
	s := open(t, local(t, "2026-07-08 12:00"), nil)
	s.tokens["good"] = s.clock.Add(time.Hour)
	for path, want := range map[string][]string{
		"/greenness":                                        {`{"data":{"best_windows":[{"start":"2026-08-07T`, `"time_series":{"index":["2026-07-07T22:00:00Z","2026-07-07T23:00:00Z","2026-08-07T00:00:00Z"`, `"columns":["renewable_fraction"]`, `"status":200`},
		"/consumption/" + number + "/yesterday":             {`"period":"yesterday"`, `"index":["2026-06-07T22:00:00Z","2026-06-07T22:01:00Z"`},
		"/consumption/" + number + "/latest":                {`"index":["2026-08-07T04:00:00Z"`},
		"/consumption/" + number + "/saving":                {`"start":"2026-07-01T00:00:00Z","stop":"2026-07-07T00:00:00Z"`},
		"/consumption/" + number + "/trend":                 {`"period":"yesterday"`, `"index":[1,2,3,4,5,6,7,8,9,10,11,12]`},
		"/consumption/" + number + "/distribution/yearly":   {`{"data":{"electricity_data":{"index":[0]`},
		"/consumption/" + number + "/habits/last-week":      {`"index":[[0,0],[0,1],`},
		"/consumption/" + number + "/performance/last-week": {`"performance":{"max_consumption":`},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer good")
		s.ServeHTTP(w, r)
		for _, part := range want {
			if !strings.Contains(w.Body.String(), part) {
				t.Errorf("%s has no %s: %.300s", path, part, w.Body)
			}
		}
	}
}
