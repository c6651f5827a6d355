package digiwatt

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// vendor is a server that gives a token, and leaves the rest to a handler.
func vendor(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	return vendorOf(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/auth/token" {
			_, _ = io.WriteString(w, token)
			return
		}
		h(w, r)
	})
}

// vendorOf is a server that leaves everything to a handler.
func vendorOf(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// says answers everything with a body.
func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

// open builds a source with the type, as a configuration does.
func open(t *testing.T, s feeds.Settings, now time.Time) *Source {
	t.Helper()
	source, err := Type.New(s, feeds.Net{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return source.(*Source)
}

// ask asks a question by its name.
func ask(t *testing.T, s *Source, name string, more feeds.Settings) (feeds.Table, error) {
	t.Helper()
	for _, q := range s.Questions() {
		if q.Name == name {
			return q.Ask(t.Context(), more)
		}
	}
	t.Fatalf("there is no question %q", name)
	return feeds.Table{}, nil
}

func TestRead_UnderstandsItsRecordings(t *testing.T) {
	feedtest.Recordings(t, func(name string, body []byte) string { return understood(t, name, body) })
}

// understood asks for a recording. Its name says what it answers, and when it was asked for, at noon:
// "consumption_yesterday_2026-07-22.json".
func understood(t *testing.T, name string, body []byte) string {
	parts := strings.Split(strings.TrimSuffix(name, ".json"), "_")
	day, err := time.Parse(time.DateOnly, parts[len(parts)-1])
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, settings(vendor(t, says(string(body)))), day.Add(12*time.Hour))
	if parts[0] == greenness {
		return feedtest.Told(s.Fetch(t.Context(), energy.Span(day, 48*time.Hour)))
	}
	more := feeds.Settings{}
	if len(parts) == 3 {
		more["period"] = parts[1]
	}
	table, err := ask(t, s, parts[0], more)
	if err != nil {
		return feedtest.Failure(err)
	}
	return feedtest.ToldTable(table, nil)
}

func TestFetch_WithoutAnythingOfTheSpanIsNotYet(t *testing.T) {
	now := time.Date(2026, 7, 21, 12, 0, 0, 0, time.UTC)
	body := `{"status": 200, "data": {"best_windows": [%s], "time_series": {"index": ["2026-21-07T10:00:00Z", "2026-21-07T11:00:00Z"], "columns": ["renewable_fraction"], "data": [[0.5], [0.6]]}}}`
	tomorrow := energy.Span(now.Add(12*time.Hour), 24*time.Hour)
	s := open(t, settings(vendor(t, says(fmt.Sprintf(body, "")))), now)
	if v, err := s.Fetch(t.Context(), tomorrow); feeds.KindOf(err) != feeds.NotYet || err == nil {
		t.Errorf("%v, %v", v, err)
	}
	s = open(t, settings(vendor(t, says(fmt.Sprintf(body, `{"start": "2026-22-07T09:00:00Z", "stop": "2026-22-07T12:34:00Z"}`)))), now)
	if v, err := s.Fetch(t.Context(), tomorrow); err != nil || len(v.Best) != 1 || v.Best[0].Length() != 3*time.Hour+34*time.Minute {
		t.Errorf("a window alone is worth having: %v, %v", v, err)
	}
}

func TestAbout_AsksEveryHour(t *testing.T) {
	s := open(t, settings("http://127.0.0.1:1"), time.Now())
	about := s.About()
	if about.Publishes != (feeds.Publication{Every: time.Hour}) || about.Zone.String() != "Europe/Rome" || !slices.Equal(about.Kinds, []feeds.Kind{feeds.Renewable}) {
		t.Errorf("%+v", about)
	}
}

func TestSource_IsAnAccount(t *testing.T) {
	var account feeds.Account = open(t, settings("http://127.0.0.1:1"), time.Now())
	var names []string
	for _, q := range account.Questions() {
		names = append(names, q.Name)
		if asksForPeriod := strings.Contains(defaults[q.Name], "{period}"); asksForPeriod != (len(q.Keys) == 1) {
			t.Errorf("%s has the keys %v", q.Name, q.Keys)
		}
		for _, k := range q.Keys {
			if k.Name != "period" || !k.IsRequired || len(k.Among) != 6 {
				t.Errorf("%s: %+v", q.Name, k)
			}
			for _, period := range []string{"", "today"} {
				if _, err := q.Ask(t.Context(), feeds.Settings{"period": period}); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(err.Error(), "period ") {
					t.Errorf("%s of %q: %v", q.Name, period, err)
				}
			}
		}
	}
	for name := range defaults { // whatever can be asked is a question, and the rest are orders
		if isQuestion := name != users && name != onboarding; isQuestion != slices.Contains(names, name) {
			t.Errorf("%s: a question %v", name, !isQuestion)
		}
	}
}

// Every figure has its unit in its column.
func TestQuestions_TellUnits(t *testing.T) {
	watts, hours := energy.Watts(1), energy.WattHours(2)
	for _, table := range []feeds.Table{
		Powers{Columns: []string{"fridge"}, Starts: []time.Time{{}}, Rows: [][]*energy.Watts{{&watts}}}.table(""),
		power(watts).table(""), Distribution{}.table(""), Performance{}.table(""),
		Months{Columns: []string{"f1"}, Numbers: []int{1}, Rows: [][]*energy.WattHours{{&hours}}}.table(""),
		Habits{Columns: []string{"consumption"}}.table(""), Saving{}.table(""), Greenness{}.table(""),
	} {
		if !strings.Contains(strings.Join(table.Columns, " "), "W") && !strings.Contains(strings.Join(table.Columns, " "), "(fraction)") {
			t.Errorf("%q", table.Columns)
		}
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) {
				t.Errorf("%q under %q", row, table.Columns)
			}
		}
	}
}
