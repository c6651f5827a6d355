package nordpool

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/wire"
)

var norway = Config{Area: "NO1", Currency: "NOK"}

func TestRead_UnderstandsItsRecordings(t *testing.T) {
	feedtest.Recordings(t, func(_ string, body []byte) string {
		return feedtest.Told(norway.read(body, "2026-03-02", time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC)))
	})
}

// portal plays a publisher that has some days out, and notes what it was asked for.
type portal struct {
	*httptest.Server
	dates []string
	state string // of all areas; empty: as usual
}

func open(t *testing.T, isOut func(date string) bool) (*portal, *Source) {
	t.Helper()
	p := &portal{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		date := r.URL.Query().Get("date")
		p.dates = append(p.dates, date)
		if !isOut(date) {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		answer := day(t, date)
		if p.state != "" {
			answer["areaStates"] = []map[string]any{{"state": p.state, "areas": []string{"NO1"}}}
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(p.Close)
	cfg := norway
	cfg.BaseURL = p.URL
	s, err := New(cfg, &wire.Client{})
	if err != nil {
		t.Fatal(err)
	}
	return p, s
}

// day is an answer with all quarter hours of a day of Oslo, the n-th at n per MWh.
func day(t *testing.T, date string) map[string]any {
	t.Helper()
	noon, err := time.ParseInLocation(time.DateOnly+" 15", date+" 12", oslo(t))
	if err != nil {
		t.Error(err)
	}
	var entries []map[string]any
	whole := energy.Day(noon, oslo(t))
	for at := whole.Start; at.Before(whole.End); at = at.Add(15 * time.Minute) {
		entries = append(entries, map[string]any{
			"deliveryStart": at.UTC(), "deliveryEnd": at.Add(15 * time.Minute).UTC(), "entryPerArea": map[string]int{"NO1": len(entries)},
		})
	}
	return map[string]any{
		"deliveryDateCET": date, "currency": "NOK", "multiAreaEntries": entries,
		"areaStates": []map[string]any{{"state": "Final", "areas": []string{"NO1"}}},
	}
}

func oslo(t *testing.T) *time.Location { return feedtest.Zone(t, "Europe/Oslo") }

func always(string) bool { return true }

// The clock of Oslo springs from 2 to 3 in March, and shows the hour after 2 twice in October.
func TestFetch_HasAllQuarterHoursOfEveryDay(t *testing.T) {
	for date, want := range map[string]int{"2026-03-29": 92, "2026-06-21": 96, "2026-10-25": 100} {
		p, s := open(t, always)
		noon, err := time.ParseInLocation(time.DateOnly+" 15", date+" 12", oslo(t))
		if err != nil {
			t.Fatal(err)
		}
		whole := energy.Day(noon, oslo(t))
		v, err := s.Fetch(t.Context(), whole)
		if err != nil || len(v.Import.Points) != want || len(v.Import.Gaps(whole)) != 0 {
			t.Errorf("%s: %d prices, %v", date, len(v.Import.Points), err)
		}
		if fmt.Sprint(p.dates) != "["+date+"]" {
			t.Errorf("asked for %v", p.dates)
		}
	}
}

func TestFetch_AsksForEachDayOfCentralEurope(t *testing.T) {
	p, s := open(t, always)
	// From noon of one day to the first quarter hour after the second midnight, by Oslo's clock.
	span := energy.Interval{Start: time.Date(2026, 3, 28, 11, 0, 0, 0, time.UTC), End: time.Date(2026, 3, 29, 22, 15, 0, 0, time.UTC)}
	v, err := s.Fetch(t.Context(), span)
	if err != nil || len(v.Import.Points) != 96+92+96 || len(v.Import.Gaps(span)) != 0 {
		t.Errorf("%d prices, %v", len(v.Import.Points), err)
	}
	if fmt.Sprint(p.dates) != "[2026-03-28 2026-03-29 2026-03-30]" {
		t.Errorf("asked for %v", p.dates)
	}
}

func TestFetch_YieldsTodayWhereTomorrowIsNotOut(t *testing.T) {
	p, s := open(t, func(date string) bool { return date <= "2026-03-02" })
	today := energy.Day(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), oslo(t))
	v, err := s.Fetch(t.Context(), energy.Span(today.Start, 72*time.Hour))
	if err != nil || v.Import.Extent() != (energy.Interval{Start: today.Start.UTC(), End: today.End.UTC()}) {
		t.Errorf("%v, %v", v.Import.Extent(), err)
	}
	if fmt.Sprint(p.dates) != "[2026-03-02 2026-03-03]" {
		t.Errorf("asked for %v: nothing comes out before the day before", p.dates)
	}
	if _, err := s.Fetch(t.Context(), energy.Span(today.End, time.Hour)); feeds.KindOf(err) != feeds.NotYet {
		t.Errorf("tomorrow: %v", err)
	}
}

func TestAbout_IsThePublishers(t *testing.T) {
	_, s := open(t, always)
	about := s.About()
	if about.Currency != "NOK" || about.Zone.String() != "Europe/Oslo" || about.Publishes.At != 13*time.Hour {
		t.Errorf("%+v", about)
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, settings := range map[string]feeds.Settings{
		`area "": must be`:       {"currency": "EUR"},
		`area "no1": must be`:    {"area": "no1", "currency": "EUR"},
		`currency "kr": must be`: {"area": "NO1", "currency": "kr"},
		`currency "": must be`:   {"area": "NO1"},
		`url "portal": must be`:  {"area": "NO1", "currency": "EUR", "url": "portal"},
	} {
		_, err := Type.New(settings, feeds.Net{})
		if feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestType_TakesTheHomesCurrency(t *testing.T) {
	settings := feedtest.Settings(Type)
	delete(settings, "currency")
	s, err := Type.New(settings, feeds.Net{Home: feeds.Home{Currency: "SEK"}})
	if err != nil || s.About().Currency != "SEK" {
		t.Error("the home's currency is not taken", err)
	}
}

// Days come out one after the other: what is told ends with the first day that is not out, and nothing before it is
// missing.
func TestFetch_EndsWithTheFirstDayThatIsNotOut(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		first := time.Date(2026, 3, 1+rapid.IntRange(0, 250).Draw(r, "day"), 12, 0, 0, 0, oslo(t))
		count, out := rapid.IntRange(1, 4).Draw(r, "days"), rapid.IntRange(0, 4).Draw(r, "out")
		dates := map[string]bool{}
		span, told := energy.Day(first, oslo(t)), energy.Day(first, oslo(t)).Start
		for n := range count {
			day := energy.Day(first.AddDate(0, 0, n), oslo(t))
			dates[day.Start.Format(time.DateOnly)] = n < out
			if span.End = day.End; n < out {
				told = day.End
			}
		}
		_, s := open(t, func(date string) bool { return dates[date] })
		v, err := s.Fetch(t.Context(), span)
		if out == 0 {
			if err == nil || feeds.KindOf(err) != feeds.NotYet {
				r.Fatal(err)
			}
			return
		}
		if want := (energy.Interval{Start: span.Start, End: told}); err != nil || len(v.Import.Gaps(want)) != 0 || !v.Import.Extent().End.Equal(told) {
			r.Fatalf("%d of %d days from %v: %v, %v", out, count, first, v.Import.Extent(), err)
		}
	})
}

func TestFetch_SaysLittleOfManyDays(t *testing.T) {
	p, s := open(t, always)
	p.state = "Guessed"
	month := energy.Span(time.Date(2026, 5, 1, 0, 0, 0, 0, oslo(t)), 30*24*time.Hour)
	if v, err := s.Fetch(t.Context(), month); err != nil || len(v.Import.Gaps(month)) != 0 || len(v.Remarks) != 20 {
		t.Errorf("%d remarks, %v", len(v.Remarks), err)
	}
}
