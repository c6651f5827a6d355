package energycharts

import (
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

var someday = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func TestRead_UnderstandsItsRecordings(t *testing.T) { feedtest.Recordings(t, understood) }

func understood(name string, body []byte) string {
	if name == "share.json" {
		s, err := shares(body, someday)
		return table(s, err)
	}
	s, err := prices(body, someday)
	return table(s, err)
}

func table[T any](s energy.Series[T], err error) string {
	if err != nil {
		return feedtest.Failure(err)
	}
	var out strings.Builder
	for _, p := range s.Points {
		fmt.Fprintf(&out, "%s %s %v %s\n", p.Start.Format(time.RFC3339), p.Length(), p.Value, p.Origin.Status)
	}
	return out.String()
}

func TestFetch_AsksForTheLocalDaysOfASpan(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path+"?"+r.URL.RawQuery)
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/price" {
			http.ServeFile(w, r, "testdata/quarter-hours/price.json")
			return
		}
		http.ServeFile(w, r, "testdata/shares/share.json")
	}))
	defer server.Close()
	s, err := New(Config{BaseURL: server.URL, Bidding: "DE-LU", Country: "de", Zone: "Europe/Berlin"}, &wire.Client{})
	if err != nil {
		t.Fatal(err)
	}
	span := energy.Interval{Start: time.Date(2026, 2, 28, 23, 0, 0, 0, time.UTC), End: time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC)} // the first of March in Berlin
	v, err := s.Fetch(t.Context(), span)
	if err != nil || len(v.Import.Points) != 5 || len(v.Renewable.Points) != 3 || v.Renewable.Points[1].Value != 1.3025 {
		t.Errorf("%+v, %v", v, err)
	}
	want := []string{"/price?bzn=DE-LU&end=2026-03-01&start=2026-03-01", "/ren_share_forecast?country=de&end=2026-03-01&start=2026-03-01"}
	if fmt.Sprint(asked) != fmt.Sprint(want) {
		t.Errorf("asked for %v, want %v", asked, want)
	}
	if about := s.About(); len(about.Kinds) != 2 || about.Zone.String() != "Europe/Berlin" {
		t.Errorf("%+v", about)
	}
}

func TestFetch_NothingIsNotYet(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		http.ServeFile(w, r, "testdata/not-out-yet/price.json")
	}))
	defer server.Close()
	s, err := New(Config{BaseURL: server.URL, Bidding: "FR", Zone: "Europe/Paris"}, &wire.Client{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Fetch(t.Context(), energy.Span(someday, time.Hour)); feeds.KindOf(err) != feeds.NotYet {
		t.Error(err)
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, cfg := range map[string]Config{
		"one of both is needed":    {Zone: "Europe/Berlin"},
		`zone "Berlin": must be`:   {Bidding: "DE-LU", Zone: "Berlin"},
		`zone "": must be`:         {Bidding: "DE-LU"},
		`url "charts:80": must be`: {Bidding: "DE-LU", Zone: "Europe/Berlin", BaseURL: "charts:80"},
		`url "http:///x": must be`: {Bidding: "DE-LU", Zone: "Europe/Berlin", BaseURL: "http:///x"},
	} {
		if _, err := New(cfg, &wire.Client{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
