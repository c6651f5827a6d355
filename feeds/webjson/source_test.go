package webjson

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/wire"
)

const secret = "Bearer k3y-of-the-home"

var six = time.Date(2026, 5, 12, 6, 0, 0, 0, time.UTC)

// configs are the ways in which recordings are read, by the names of their files.
var configs = map[string]Config{
	"ended": {
		URL: "https://prices.example/v1/prices?from={start}&to={end}", Items: "data[]", Start: "from", End: "to", Value: "price.total",
		Kind: "import", Unit: "ct/kWh", UnitAt: "meta.unit", Header: "Authorization", Secret: secret, Published: "13:00",
	},
	"wall": {
		URL: "https://prices.example/{date:2006/01/02}.json?m={date:1}", Items: "[]", Start: "0", Value: "1", Kind: "export", Unit: "EUR/MWh",
		Stamps: "02.01.2006 15:04", Zone: "Europe/Berlin", Step: "1h",
	},
	"unix": {
		URL: "https://grid.example/?s={start:unix}&e={end:unixms}", Items: "forecast.g[]", Start: "t", Value: "v", Kind: "carbon", Unit: "gCO2/kWh",
		Stamps: "unix", Status: "preliminary",
	},
}

func source(t testing.TB, cfg Config) *Source {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Home = feeds.Home{Zone: zone, Currency: "EUR"}
	s, err := New(cfg, &wire.Client{Now: func() time.Time { return six }, Secrets: strings.Fields(cfg.Secret)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRead_UnderstandsItsRecordings(t *testing.T) {
	feedtest.Recordings(t, func(name string, body []byte) string {
		s := source(t, configs[strings.TrimSuffix(name, ".json")])
		slots, remarks, err := s.read(body)
		if err != nil {
			return feedtest.Failure(err)
		}
		v, err := s.meaning.Values(slots, &energy.Origin{Status: s.status})
		v.Remarks = remarks
		return feedtest.Told(v, err)
	})
}

// A recorded day of what the clock on the wall shows is the whole day, however long it is.
func TestRead_CoversDaysOfEveryLength(t *testing.T) {
	s := source(t, configs["wall"])
	for name, noon := range map[string]time.Time{
		"summer-ends": time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC), "summer-begins": time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC),
	} {
		body, err := os.ReadFile(filepath.Join("testdata", name, "wall.json"))
		if err != nil {
			t.Fatal(err)
		}
		slots, _, err := s.read(body)
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.meaning.Values(slots, nil)
		day := energy.Day(noon, s.about.Zone)
		if err != nil || len(v.Export.Gaps(day)) != 0 || v.Export.Extent().Length() != day.Length() {
			t.Errorf("%s: %v has gaps %v, %v", name, v.Export.Extent(), v.Export.Gaps(day), err)
		}
	}
}

// serve is a source that asks a server instead of its host, and a list of the addresses asked for.
func serve(t *testing.T, cfg Config, h http.HandlerFunc) (*Source, *[]string) {
	t.Helper()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		w.Header().Set("Content-Type", "application/json")
		h(w, r)
	}))
	t.Cleanup(server.Close)
	for _, host := range []string{"https://prices.example", "https://grid.example"} {
		cfg.URL = strings.Replace(cfg.URL, host, server.URL, 1)
	}
	return source(t, cfg), &asked
}

func TestFetch_FillsInTheTimes(t *testing.T) {
	span := energy.Span(six, 24*time.Hour)
	for name, want := range map[string][]string{
		"ended": {"/v1/prices?from=2026-05-12T06%3A00%3A00Z&to=2026-05-13T06%3A00%3A00Z"},
		"unix":  {"/?s=1778565600&e=1778652000000"},
		"wall":  {"/2026/05/12.json?m=5", "/2026/05/13.json?m=5"},
	} {
		s, asked := serve(t, configs[name], func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("Authorization"); got != configs[name].Secret {
				t.Errorf("%s: %q is shown", name, got)
			}
			w.WriteHeader(http.StatusNoContent)
		})
		if _, err := s.Fetch(t.Context(), span); feeds.KindOf(err) != feeds.NotYet || err == nil || fmt.Sprint(*asked) != fmt.Sprint(want) {
			t.Errorf("%s: asked for %q, want %q: %v", name, *asked, want, err)
		}
	}
}

// The day after tomorrow is not out: what is out is taken. A day that cannot be read is no day that is not out.
func TestFetch_TakesTheDaysThatAreOut(t *testing.T) {
	three := energy.Span(six, 48*time.Hour)
	s, _ := serve(t, configs["wall"], func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.Contains(r.URL.Path, "12"):
			fmt.Fprint(w, `[["12.05.2026 23:00", 40], ["12.05.2026 22:00", 50]]`)
		case strings.Contains(r.URL.Path, "13"):
			fmt.Fprint(w, `[["13.05.2026 00:00", 60]]`)
		default:
			fmt.Fprint(w, `[]`)
		}
	})
	if v, err := s.Fetch(t.Context(), three); err != nil || len(v.Export.Points) != 3 || v.Export.Points[2].Length() != time.Hour {
		t.Errorf("%+v, %v", v, err)
	}
	s, _ = serve(t, configs["wall"], func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "13") {
			w.WriteHeader(http.StatusBadGateway)
		}
		fmt.Fprint(w, `[["12.05.2026 23:00", 40]]`)
	})
	if v, err := s.Fetch(t.Context(), three); feeds.KindOf(err) != feeds.Temporary || err == nil {
		t.Errorf("%+v, %v", v, err)
	}
}

// A day that is not out may be no page at all. Where there is nothing, the page of today is missing, or is to come.
func TestFetch_TakesTodayWhereTomorrowIsNoPage(t *testing.T) {
	today := `[["12.05.2026 23:00", 40]]`
	for name, c := range map[string]struct {
		status  int
		today   string
		from    time.Time
		want    feeds.FailureKind // empty: none
		isDaily bool
	}{
		"tomorrow is no page":           {status: 404, today: today, from: six, isDaily: true},
		"tomorrow is empty":             {status: 204, today: today, from: six, isDaily: true},
		"tomorrow is refused":           {status: 403, today: today, from: six, isDaily: true, want: feeds.Misconfigured},
		"tomorrow alone is no page":     {status: 404, from: six.Add(24 * time.Hour), isDaily: true, want: feeds.NotYet},
		"tomorrow alone is empty":       {status: 204, from: six.Add(24 * time.Hour), isDaily: true, want: feeds.NotYet},
		"today is none either":          {status: 404, from: six, isDaily: true, want: feeds.Misconfigured},
		"a page that has nothing daily": {status: 404, from: six, want: feeds.Misconfigured},
	} {
		cfg := configs["wall"]
		if !c.isDaily {
			cfg.URL = "https://prices.example/all.json"
		}
		s, _ := serve(t, cfg, func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/12") && c.today != "" {
				fmt.Fprint(w, c.today)
				return
			}
			w.WriteHeader(c.status)
		})
		v, err := s.Fetch(t.Context(), energy.Span(c.from, 30*time.Hour))
		if c.want == "" && (err != nil || len(v.Export.Points) != 1) || c.want != "" && (err == nil || feeds.KindOf(err) != c.want) {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
}

func TestFetch_AsksForTenDaysAtMost(t *testing.T) {
	s, asked := serve(t, configs["wall"], func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `[]`) })
	_, err := s.Fetch(t.Context(), energy.Span(six, 365*24*time.Hour))
	if len(*asked) != mostDays || feeds.KindOf(err) != feeds.NotYet {
		t.Errorf("%d questions, %v", len(*asked), err)
	}
}

// Every word of the secret is kept, also where a server repeats one of them alone.
func TestFetch_KeepsItsSecret(t *testing.T) {
	s, _ := serve(t, configs["ended"], func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"message":"token %s is over"}`, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	})
	_, err := s.Fetch(t.Context(), energy.Span(six, time.Hour))
	if feeds.KindOf(err) != feeds.Misconfigured || err == nil || strings.Contains(err.Error(), "k3y") || !strings.Contains(err.Error(), "token *** is over") {
		t.Error(err)
	}
}

// Whatever comes is understood as sound values, or refused with a kind.
func FuzzRead(f *testing.F) {
	var readers []feedtest.Reader
	for name, cfg := range configs {
		s := source(f, cfg)
		readers = append(readers, func(body []byte, now time.Time) (feeds.Values, error) {
			slots, remarks, err := s.read(body)
			if err != nil {
				return feeds.Values{}, err
			}
			v, err := s.meaning.Values(slots, &energy.Origin{Source: name, Fetched: now})
			v.Remarks = remarks
			return v, err
		})
	}
	feedtest.Fuzz(f, feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice, feeds.ExportPrice, feeds.Carbon}, Currency: "EUR"}, readers...)
}
