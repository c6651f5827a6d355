package energycharts

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

var someday = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func TestRead_UnderstandsItsRecordings(t *testing.T) { feedtest.Recordings(t, understood) }

func understood(name string, body []byte) string {
	if name == "share.json" {
		return feedtest.Told(shares(body, someday))
	}
	return feedtest.Told(prices(body, someday))
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
	want := []string{"/price?bzn=DE-LU&end=2026-03-01&start=2026-03-01", "/ren_share_forecast?country=de"}
	if fmt.Sprint(asked) != fmt.Sprint(want) {
		t.Errorf("asked for %v, want %v", asked, want)
	}
	if about := s.About(); len(about.Kinds) != 2 || about.Zone.String() != "Europe/Berlin" || about.Publishes.At == 0 {
		t.Errorf("%+v", about)
	}
}

// The share alone does not wait for the exchange.
func TestAbout_TheShareComesOutAllTheTime(t *testing.T) {
	s, err := New(Config{Country: "de", Zone: "Europe/Berlin"}, &wire.Client{})
	if err != nil || s.About().Publishes.At != 0 || s.About().Publishes.Every != time.Hour {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestFetch_KnowsDaysOf23And25Hours(t *testing.T) {
	var zone *time.Location
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, err1 := time.ParseInLocation(time.DateOnly, r.URL.Query().Get("start"), zone)
		last, err2 := time.ParseInLocation(time.DateOnly, r.URL.Query().Get("end"), zone)
		if err1 != nil || err2 != nil {
			t.Errorf("asked for %s", r.URL)
		}
		var times, values []string // of the days that were asked for, and of no other
		for at := first; at.Before(last.AddDate(0, 0, 1)); at = at.Add(15 * time.Minute) {
			times, values = append(times, fmt.Sprint(at.Unix())), append(values, fmt.Sprintf("%d.5", at.Minute()))
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"unix_seconds":[%s],"price":[%s],"unit":"EUR / MWh"}`, strings.Join(times, ","), strings.Join(values, ","))
	}))
	defer server.Close()
	s, err := New(Config{BaseURL: server.URL, Bidding: "DE-LU", Zone: "Europe/Berlin"}, &wire.Client{})
	if err != nil {
		t.Fatal(err)
	}
	zone = s.About().Zone
	for hours, noon := range map[int]time.Time{23: time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC), 25: time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC)} {
		day := energy.Day(noon, zone)
		v, err := s.Fetch(t.Context(), day)
		if err != nil || len(v.Import.Points) != 4*hours || len(v.Import.Gaps(day)) != 0 {
			t.Errorf("%v: %d prices, %v", day, len(v.Import.Points), err)
		}
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

// One of both questions fails: what the other has told is kept, with a remark.
func TestFetch_KeepsWhatCameOfOneQuestion(t *testing.T) {
	silent := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, silent) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		http.ServeFile(w, r, map[string]string{"/price": "testdata/quarter-hours/price.json", "/ren_share_forecast": "testdata/shares/share.json"}[r.URL.Path])
	}))
	defer server.Close()
	s, err := New(Config{BaseURL: server.URL, Bidding: "DE-LU", Country: "de", Zone: "Europe/Berlin"}, &wire.Client{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][3]int{"/ren_share_forecast": {5, 0, 1}, "/price": {0, 3, 1}, "/nothing": {5, 3, 0}} {
		silent = path
		v, err := s.Fetch(t.Context(), firstOfMarch(t))
		if got := [3]int{len(v.Import.Points), len(v.Renewable.Points), len(v.Remarks)}; err != nil || got != want || want[2] > 0 && !strings.Contains(v.Remarks[0], path+": status 503") {
			t.Errorf("without %s: %v, %q, %v", path, got, v.Remarks, err)
		}
	}
	silent = "/"
	if _, err := s.Fetch(t.Context(), energy.Span(someday, time.Hour)); feeds.KindOf(err) != feeds.Temporary || err == nil {
		t.Errorf("without both: %v", err)
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, cfg := range map[string]Config{
		"bidding_zone: it or":      {Zone: "Europe/Berlin"},
		`bidding_zone "de": must`:  {Bidding: "de", Zone: "Europe/Berlin"},
		`country "DE": must be`:    {Country: "DE", Zone: "Europe/Berlin"},
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

// Times and values are pairs, in whatever order they come: each value stays at its time, and what is null is missing.
func TestPrices_ArePairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(2, 30).Draw(t, "count")
		order := make([]int, count)
		for i := range order {
			order[i] = i
		}
		order = rapid.Permutation(order).Draw(t, "order")
		times, values, known := []string{}, []string{}, 0
		for _, i := range order {
			times = append(times, fmt.Sprint(someday.Unix()+int64(i)*900))
			if i%3 == 2 {
				values = append(values, "null")
				continue
			}
			values, known = append(values, fmt.Sprintf("%d.5", i)), known+1
		}
		v, err := prices([]byte(fmt.Sprintf(`{"unix_seconds": [%s], "price": [%s], "unit": "EUR / MWh"}`, strings.Join(times, ","), strings.Join(values, ","))), someday)
		if err != nil || len(v.Import.Points) != known {
			t.Fatalf("%v, %v", v.Import, err)
		}
		for _, p := range v.Import.Points {
			i := int64(p.Start.Sub(someday) / (15 * time.Minute))
			if p.Value != energy.Price(i)*1_000_000_000+500_000_000 || p.Length() != 15*time.Minute {
				t.Fatalf("%v in %v", p.Value, p.Interval)
			}
		}
	})
}
