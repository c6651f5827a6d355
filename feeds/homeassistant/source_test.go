package homeassistant

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/wire"
)

const token = "eyJhbGciOiJIUzI1NiJ9.bG9uZy1saXZlZA.c2VjcmV0"

var six = time.Date(2026, 5, 12, 6, 0, 0, 0, time.UTC)

// configs are the ways in which recordings are read, by the names of their files.
var configs = map[string]Config{
	"lists":  {Kind: "import", Attribute: "raw_today, raw_tomorrow", Published: "13:15"},
	"fields": {Kind: "export", Attribute: "prices", Start: "hour", Value: "price", Unit: "SEK/kWh", Status: "forecast"},
	"state":  {Kind: "carbon", Every: "4m"},
}

// source is one of a home whose currency is that of the recordings.
func source(t testing.TB, name, address string) *Source {
	t.Helper()
	cfg := configs[name]
	cfg.URL, cfg.Token, cfg.Entity = address, token, "sensor.price"
	cfg.Home = feeds.Home{Zone: time.UTC, Currency: "EUR"}
	if name == "fields" {
		cfg.Home.Currency = "SEK"
	}
	s, err := New(cfg, wire.New(feeds.Net{Now: func() time.Time { return six }}, token))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const home = "http://homeassistant.local:8123"

func TestRead_UnderstandsItsRecordings(t *testing.T) {
	feedtest.Recordings(t, func(name string, body []byte) string {
		return feedtest.Told(source(t, strings.TrimSuffix(name, ".json"), home).read(body, six))
	})
}

// serve is a source whose Home Assistant answers with a recording.
func serve(t *testing.T, name, recording string) *Source {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/behind/a/proxy/api/states/sensor.price" || r.Header.Get("Authorization") != "Bearer "+token {
			t.Errorf("asked for %s with %v", r.URL, r.Header)
		}
		w.Header().Set("Content-Type", "application/json")
		http.ServeFile(w, r, filepath.Join("testdata", recording, name+".json"))
	}))
	t.Cleanup(server.Close)
	return source(t, name, server.URL+"/behind/a/proxy/")
}

func TestFetch_AsksForTheEntity(t *testing.T) {
	s := serve(t, "lists", "today-and-tomorrow")
	if v, err := s.Fetch(t.Context(), energy.Span(six, 3*time.Hour)); err != nil || len(v.Import.Gaps(energy.Span(six, 3*time.Hour))) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := s.Fetch(t.Context(), energy.Span(six.AddDate(0, 0, 7), time.Hour)); feeds.KindOf(err) != feeds.NotYet || err == nil {
		t.Errorf("next week is %+v, %v", v, err)
	}
}

// A state is of now: it begins now, and is over soon after the next question, which may be a tenth late.
func TestFetch_AStateIsOfNow(t *testing.T) {
	s := serve(t, "state", "a-state")
	about := s.About()
	v, err := s.Fetch(t.Context(), energy.Span(six, time.Minute))
	if err != nil || len(v.Carbon.Points) != 1 || about.Ahead != 0 || about.Publishes.Every != 4*time.Minute {
		t.Fatalf("%+v, %+v, %v", v, about, err)
	}
	p := v.Carbon.Points[0]
	if next := six.Add(about.Publishes.Every * 11 / 10); !p.Start.Equal(six) || p.End.Before(next) || p.End.After(six.Add(2*about.Publishes.Every)) || p.Value != 312.5 {
		t.Errorf("%v holds for %v", p.Value, p.Interval)
	}
}

func TestFetch_SaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   feeds.FailureKind
		says   string
	}{
		"no such entity":      {404, `{"message":"Entity not found."}`, feeds.Misconfigured, "Entity not found."},
		"no such token":       {401, "401: Unauthorized", feeds.Misconfigured, "status 401"},
		"a token that is old": {403, `{"message":"` + token + ` is over"}`, feeds.Misconfigured, "*** is over"},
		"it starts up":        {503, "", feeds.Temporary, "status 503"},
		"nothing":             {200, "{}", feeds.Temporary, `the answer is of ""`},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		}))
		_, err := source(t, "state", server.URL).Fetch(t.Context(), energy.Span(six, time.Hour))
		server.Close()
		if feeds.KindOf(err) != c.kind || !strings.Contains(fmt.Sprint(err), c.says) || strings.Contains(fmt.Sprint(err), token) {
			t.Errorf("%s: %s: %v", name, feeds.KindOf(err), err)
		}
	}
}

// Whatever comes is understood as sound values, or refused with a kind: a state that is no number is never one.
func FuzzRead(f *testing.F) {
	var readers []feedtest.Reader
	for name := range configs {
		s := source(f, name, home)
		readers = append(readers, func(body []byte, now time.Time) (feeds.Values, error) {
			v, err := s.read(body, now)
			if bad := v.Check(s.About()); bad != nil { // each is of a kind and currency of its own
				return v, bad
			}
			return feeds.Values{}, err
		})
	}
	feedtest.Fuzz(f, feeds.About{}, readers...)
}
