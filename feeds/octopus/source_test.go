package octopus

import (
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

// night is what the recordings are asked for.
var night = energy.Span(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), 90*time.Minute)

func TestRead_UnderstandsItsRecordings(t *testing.T) { feedtest.Recordings(t, understood) }

func understood(_ string, body []byte) string {
	rates, _, err := read(body)
	var s energy.Series[energy.Price]
	if err == nil {
		s, err = series(rates, night, night.Start)
	}
	return feedtest.Told(feeds.Values{Import: s}, err)
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

// What is given may be out before what is taken.
func TestFetch_OneOfBothMayBeMissing(t *testing.T) {
	silent, down := "OUT-1", "nothing"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.Contains(r.URL.Path, down) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if strings.Contains(r.URL.Path, silent) {
			http.ServeFile(w, r, "testdata/nothing/answer.json")
			return
		}
		http.ServeFile(w, r, "testdata/newest-first/answer.json")
	}))
	defer server.Close()
	s, err := New(Config{BaseURL: server.URL, Product: "AGILE-1", Export: "OUT-1", Region: "C"}, &wire.Client{})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := s.Fetch(t.Context(), night); err != nil || len(v.Import.Points) != 3 || len(v.Export.Points) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
	silent = "AGILE-1"
	if v, err := s.Fetch(t.Context(), night); err != nil || len(v.Import.Points) != 0 || len(v.Export.Points) != 3 {
		t.Errorf("%+v, %v", v, err)
	}
	silent = "standard-unit-rates"
	if _, err := s.Fetch(t.Context(), night); feeds.KindOf(err) != feeds.NotYet {
		t.Errorf("neither is out: %v", err)
	}
	silent, down = "nothing", "OUT-1"
	if v, err := s.Fetch(t.Context(), night); err != nil || len(v.Import.Points) != 3 || len(v.Remarks) != 1 || !strings.Contains(v.Remarks[0], "status 404") {
		t.Errorf("one is withdrawn: %+v, %v", v, err)
	}
	down = "standard-unit-rates"
	if _, err := s.Fetch(t.Context(), night); feeds.KindOf(err) != feeds.Misconfigured || err == nil {
		t.Errorf("both are withdrawn: %v", err)
	}
}

func TestFetch_KnowsDaysOf23And25Hours(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, err1 := time.Parse(time.RFC3339, r.URL.Query().Get("period_from"))
		to, err2 := time.Parse(time.RFC3339, r.URL.Query().Get("period_to"))
		if err1 != nil || err2 != nil {
			t.Errorf("asked for %s", r.URL)
		}
		var rows []string // the newest first, and no more than was asked for
		for at := to.Add(-30 * time.Minute); !at.Before(from); at = at.Add(-30 * time.Minute) {
			rows = append(rows, fmt.Sprintf(`{"value_inc_vat":%d.5,"valid_from":%q,"valid_to":%q,"payment_method":null}`,
				at.Hour(), at.Format(time.RFC3339), at.Add(30*time.Minute).Format(time.RFC3339)))
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"next":null,"results":[%s]}`, strings.Join(rows, ","))
	}))
	defer server.Close()
	s, err := New(Config{BaseURL: server.URL, Product: "AGILE-1", Region: "C"}, &wire.Client{})
	if err != nil {
		t.Fatal(err)
	}
	for hours, noon := range map[int]time.Time{23: time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC), 25: time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC)} {
		day := energy.Day(noon, s.About().Zone)
		v, err := s.Fetch(t.Context(), day)
		if err != nil || len(v.Import.Points) != 2*hours || len(v.Import.Gaps(day)) != 0 {
			t.Errorf("%v: %d rates, %v", day, len(v.Import.Points), err)
		}
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, cfg := range map[string]Config{
		"it or export is needed":  {Region: "C"},
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

// Whatever rates hold, with an end or without, nothing is told beyond what was asked for.
func TestSeries_IsNeverMoreThanWasAskedFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rates []rate
		at := night.Start.Add(-time.Duration(rapid.IntRange(0, 600).Draw(t, "before")) * time.Minute)
		for range rapid.IntRange(1, 20).Draw(t, "rates") {
			end := at.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "minutes")) * time.Minute)
			rates = append(rates, rate{Value: "12.5", From: at, To: &end})
			at = end
		}
		if rapid.Bool().Draw(t, "until further notice") {
			rates[len(rates)-1].To = nil
			at = night.End
		}
		s, err := series(rapid.Permutation(rates).Draw(t, "mixed"), night, night.Start)
		told := energy.Interval{Start: rates[0].From, End: at}.Overlap(night)
		if err != nil || !told.IsEmpty() && (!s.Extent().Start.Equal(told.Start) || !s.Extent().End.Equal(told.End) || len(s.Gaps(told)) != 0) {
			t.Fatalf("%v, want all of %v, %v", s, told, err)
		}
	})
}
