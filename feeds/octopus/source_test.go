package octopus

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

// night is what the recordings are asked for.
var night = energy.Span(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), 90*time.Minute)

func TestRead_UnderstandsItsRecordings(t *testing.T) { feedtest.Recordings(t, understood) }

func understood(_ string, body []byte) string {
	rates, _, err := read(body)
	var s energy.Series[energy.Price]
	if err == nil {
		s, err = series(rates, night, night.Start)
	}
	if err != nil {
		return feedtest.Failure(err)
	}
	var out strings.Builder
	for _, p := range s.Points {
		fmt.Fprintf(&out, "%s %s %s %s\n", p.Start.UTC().Format(time.RFC3339), p.Length(), p.Value.Text(s.Currency), p.Origin.Status)
	}
	return out.String()
}

func TestFetch_FollowsPagesOnTheSameHost(t *testing.T) {
	var server *httptest.Server
	elsewhere := false
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		q := r.URL.Query()
		if !strings.HasSuffix(r.URL.Path, "/v1/products/AGILE-1/electricity-tariffs/E-1R-AGILE-1-C/standard-unit-rates/") || q.Get("period_from") != "2026-03-01T00:00:00Z" {
			t.Errorf("asked for %s", r.URL)
		}
		next, from, to := `"`+server.URL+r.URL.Path+"?"+r.URL.RawQuery+`&page=2"`, "01:00", "01:30"
		if elsewhere {
			next = `"https://example.org/v1/"`
		}
		if q.Get("page") == "2" {
			next, from, to = "null", "00:00", "01:00"
		}
		fmt.Fprintf(w, `{"next":%s,"results":[{"value_inc_vat":12.345,"valid_from":"2026-03-01T%s:00Z","valid_to":"2026-03-01T%s:00Z","payment_method":null}]}`, next, from, to)
	}))
	defer server.Close()
	s, err := New(Config{BaseURL: server.URL, Product: "AGILE-1", Region: "C"}, &wire.Client{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.Fetch(t.Context(), night)
	if err != nil || len(v.Import.Points) != 2 || len(v.Import.Gaps(night)) != 0 || v.Import.Points[0].Value.String() != "0.12345" || v.Import.Currency != "GBP" {
		t.Errorf("%+v, %v", v.Import, err)
	}
	elsewhere = true
	if _, err := s.Fetch(t.Context(), night); feeds.KindOf(err) != feeds.Temporary || !strings.Contains(fmt.Sprint(err), "another host") {
		t.Errorf("sent to another host: %v", err)
	}
}

func TestFetch_EndsWhereEveryPageHasANext(t *testing.T) {
	pages := 0
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages++
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"next":"%s%s","results":[]}`, server.URL, r.URL.Path)
	}))
	defer server.Close()
	s, err := New(Config{BaseURL: server.URL, Export: "OUT-1", Region: "C"}, &wire.Client{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Fetch(t.Context(), night); err == nil || pages != mostPages {
		t.Errorf("%v after %d pages", err, pages)
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, cfg := range map[string]Config{
		"one of both is needed":   {Region: "C"},
		`region "Q": must be`:     {Product: "AGILE-1", Region: "Q"},
		`product "../x": must be`: {Product: "../x", Region: "C"},
		`export "a b": must be`:   {Export: "a b", Region: "C"},
		`url "octopus": must be`:  {Product: "AGILE-1", Region: "C", BaseURL: "octopus"},
	} {
		if _, err := New(cfg, &wire.Client{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	s, err := New(Config{Product: "AGILE-1", Export: "OUT-1", Region: "C"}, &wire.Client{})
	if err != nil || len(s.About().Kinds) != 2 {
		t.Errorf("%+v, %v", s, err)
	}
}
