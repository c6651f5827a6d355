package midas

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/wire"
)

func TestRead_UnderstandsItsRecordings(t *testing.T) {
	feedtest.Recordings(t, func(name string, body []byte) string {
		kind := strings.TrimSuffix(name, ".json")
		s, err := New(Config{RIN: map[bool]string{true: region, false: rate}[kind == "carbon"], Signal: kind}, &wire.Client{})
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.read(body, midnight.Add(7*time.Hour+30*time.Minute))
		if c := v.Coverage(); err == nil && (len(c) > 1 || len(c) == 1 && c[0].Kind != s.signal.kind) {
			t.Errorf("%+v", c)
		}
		return feedtest.Told(v, err)
	})
}

// commission plays the server, and answers with the hours of the window from midnight in California on.
type commission struct {
	*httptest.Server
	asked []string
}

func open(t *testing.T, settings feeds.Settings, now time.Time) (*commission, feeds.Source) {
	t.Helper()
	c := &commission{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.asked = append(c.asked, r.URL.Query().Get("QueryType")+" "+r.Header.Get("Authorization"))
		if r.URL.Path == "/api/Token" {
			if r.Header.Get("Authorization") != wire.Basic("resident", "s3cret-of-the-account") {
				t.Errorf("asked for a token with %q", r.Header.Get("Authorization"))
			}
			w.Header().Set("Token", "t0ken-of-ten-minutes")
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			fmt.Fprint(w, "Token issued and will expire soon.")
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(map[string]any{"RateID": r.URL.Query().Get("ID"), "ValueInformation": hours(t, now)})
	}))
	t.Cleanup(c.Close)
	settings["url"] = c.URL
	s, err := Type.New(settings, feeds.Net{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

// hours are those of three local days from today on, as the server tells them: without zone, and with the last second.
func hours(t *testing.T, now time.Time) (all []map[string]any) {
	t.Helper()
	at := energy.Day(now, losAngeles(t)).Start.UTC()
	for i := range 72 {
		last := at.Add(time.Hour - time.Second)
		all = append(all, map[string]any{
			"DateStart": at.Format(time.DateOnly), "TimeStart": at.Format(time.TimeOnly),
			"DateEnd": last.Format(time.DateOnly), "TimeEnd": last.Format(time.TimeOnly), "Unit": "$/kWh", "Value": i,
		})
		at = at.Add(time.Hour)
	}
	return all
}

func losAngeles(t *testing.T) *time.Location { return feedtest.Zone(t, "America/Los_Angeles") }

// The clock of California springs from 2 to 3 in March, and shows the hour after 1 twice in November: bare times in
// the answer are in UTC, where nothing springs.
func TestFetch_HasAllHoursOfEveryDay(t *testing.T) {
	for noon, want := range map[time.Time]int{
		time.Date(2026, 3, 8, 19, 0, 0, 0, time.UTC):  23,
		time.Date(2026, 7, 4, 19, 0, 0, 0, time.UTC):  24,
		time.Date(2026, 11, 1, 20, 0, 0, 0, time.UTC): 25,
	} {
		c, s := open(t, feeds.Settings{"rin": rate}, noon)
		whole := energy.Day(noon, losAngeles(t))
		v, err := s.Fetch(t.Context(), whole)
		if err != nil || len(v.Import.Gaps(whole)) != 0 || len(v.Import.Slice(whole).Points) != want {
			t.Errorf("%v: %d hours, want %d, %v", whole, len(v.Import.Slice(whole).Points), want, err)
		}
		if fmt.Sprintf("%q", c.asked) != `["realtime "]` {
			t.Errorf("asked %q", c.asked)
		}
	}
}

func TestFetch_AsksForTheWindowThatHoldsTheBeginning(t *testing.T) {
	noon := time.Date(2026, 3, 8, 19, 0, 0, 0, time.UTC)
	today := energy.Day(noon, losAngeles(t))
	for start, want := range map[time.Time]string{
		today.Start: "realtime ", today.Start.Add(-time.Second): "alldata ", today.End: "realtime ",
	} {
		c, s := open(t, feeds.Settings{"rin": rate}, noon)
		if _, err := s.Fetch(t.Context(), energy.Interval{Start: start, End: today.End.Add(time.Hour)}); err != nil || c.asked[0] != want {
			t.Errorf("from %v on: asked %q, %v", start, c.asked, err)
		}
	}
}

func TestFetch_KnowsWhatIsNotOutYet(t *testing.T) {
	_, s := open(t, feeds.Settings{"rin": rate}, midnight)
	if _, err := s.Fetch(t.Context(), energy.Span(midnight.Add(72*time.Hour), time.Hour)); feeds.KindOf(err) != feeds.NotYet {
		t.Error(err)
	}
}

func TestFetch_TakesTheTokenFromAHeader(t *testing.T) {
	settings := feeds.Settings{"rin": rate, "user": "resident", "password": "s3cret-of-the-account"}
	c, s := open(t, settings, midnight)
	for range 2 {
		if _, err := s.Fetch(t.Context(), energy.Span(midnight, time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.asked) != 3 || c.asked[1] != "realtime Bearer t0ken-of-ten-minutes" || c.asked[2] != c.asked[1] {
		t.Errorf("asked %q: one token does for both", c.asked)
	}
}

func TestFetch_NeverShowsThePassword(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(w).Encode(map[string]string{"Message": "s3cret-of-the-account is not it, " + r.Header.Get("Authorization")})
	}))
	defer server.Close()
	s, err := Type.New(feeds.Settings{"rin": rate, "user": "resident", "password": "s3cret-of-the-account", "url": server.URL}, feeds.Net{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Fetch(t.Context(), energy.Span(midnight, time.Hour))
	if feeds.KindOf(err) != feeds.Misconfigured || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), wire.Basic("resident", "s3cret-of-the-account")) {
		t.Errorf("refused: %v", err)
	}
}

func TestAbout_AnnouncesOneKind(t *testing.T) {
	for want, cfg := range map[feeds.Kind]Config{
		feeds.ImportPrice: {RIN: rate}, feeds.ExportPrice: {RIN: rate, Signal: "export"}, feeds.Carbon: {RIN: region},
	} {
		s, err := New(cfg, &wire.Client{})
		if err != nil {
			t.Fatal(err)
		}
		about := s.About()
		if len(about.Kinds) != 1 || about.Kinds[0] != want || (about.Currency == "USD") != (want != feeds.Carbon) {
			t.Errorf("%+v, want %s", about, want)
		}
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, settings := range map[string]feeds.Settings{
		`rin "": must be`:                          {},
		`rin "usca-pgpg-etou-0000": must be`:       {"rin": "usca-pgpg-etou-0000"},
		`rin "USCA-FLEX-ALRT-0000": is of alerts`:  {"rin": "USCA-FLEX-ALRT-0000"},
		`signal "price": must be`:                  {"rin": rate, "signal": "price"},
		`password: is missing beside user`:         {"rin": rate, "user": "resident"},
		`user: is missing beside password`:         {"rin": rate, "password": "s3cret"},
		`url "midas": must be that of a web servi`: {"rin": rate, "url": "midas"},
	} {
		_, err := Type.New(settings, feeds.Net{})
		if feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
