package energidata

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

func TestRead_UnderstandsItsRecordings(t *testing.T) { feedtest.Recordings(t, understood) }

func understood(name string, body []byte) string {
	cfg := Config{Area: "DK1", Currency: "EUR"}
	if name == "carbon.json" {
		cfg.Kind = Carbon
	}
	return feedtest.Told(cfg.read(body, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)))
}

func TestFetch_AsksForAllRowsOfItsAreaInUTC(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.URL.Path != "/dataset/DayAheadPrices" || q.Get("start") != "2026-02-28T23:00" || q.Get("end") != "2026-03-01T23:00" || q.Get("timezone") != "UTC" ||
			q.Get("filter") != `{"PriceArea":["DK1"]}` || q.Get("limit") != "0" {
			t.Errorf("asked for %s", r.URL)
		}
		w.Header().Set("Content-Type", "application/json")
		http.ServeFile(w, r, "testdata/quarter-hours/answer.json")
	}))
	defer server.Close()
	s, err := New(Config{BaseURL: server.URL, Area: "DK1", Currency: "DKK"}, &wire.Client{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.Fetch(t.Context(), energy.Day(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), s.About().Zone))
	if err != nil || len(v.Import.Points) != 4 || v.Import.Currency != "DKK" || v.Import.Points[0].Value.String() != "0.6276098" {
		t.Errorf("%+v, %v", v.Import, err)
	}
}

func TestFetch_AsksForCarbonInATableOfItsOwn(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); r.URL.Path != "/dataset/CO2EmisProg" || q.Get("sort") != "Minutes5UTC asc" || q.Get("filter") != `{"PriceArea":["DK1"]}` || q.Get("limit") != "0" {
			t.Errorf("asked for %s", r.URL)
		}
		w.Header().Set("Content-Type", "application/json")
		http.ServeFile(w, r, "testdata/co2-of-half-an-hour/carbon.json")
	}))
	defer server.Close()
	s, err := New(Config{BaseURL: server.URL, Area: "DK1", Kind: Carbon}, &wire.Client{})
	if err != nil {
		t.Fatal(err)
	}
	span := energy.Span(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), 30*time.Minute)
	v, err := s.Fetch(t.Context(), span)
	if err != nil || len(v.Carbon.Gaps(span)) != 0 || len(v.Import.Points) != 0 || v.Check(s.About()) != nil {
		t.Errorf("%+v, %v", v, err)
	}
}

// Prices come out once a day, CO2 all the time.
func TestAbout_KnowsWhenEachTableIsNew(t *testing.T) {
	for kind, at := range map[string]time.Duration{"": 13 * time.Hour, Price: 13 * time.Hour, Carbon: 0} {
		s, err := New(Config{Area: "DK1", Kind: kind, Currency: "DKK"}, &wire.Client{})
		if err != nil || s.About().Publishes.At != at || s.About().Publishes.Every != 15*time.Minute || s.About().Rest < time.Minute {
			t.Errorf("%q: %+v, %v", kind, s, err)
		}
	}
}

// table answers with a row for each slot that was asked for, and with nothing else.
func table(step time.Duration, row string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from, err1 := time.Parse("2006-01-02T15:04", r.URL.Query().Get("start"))
		to, err2 := time.Parse("2006-01-02T15:04", r.URL.Query().Get("end"))
		if err1 != nil || err2 != nil {
			http.Error(w, "no span", http.StatusBadRequest)
			return
		}
		var rows []string
		for at := from; at.Before(to); at = at.Add(step) {
			rows = append(rows, fmt.Sprintf(row, at.Format(layout), at.Minute()))
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"records":[%s]}`, strings.Join(rows, ","))
	}
}

func TestFetch_KnowsDaysOf23And25Hours(t *testing.T) {
	prices := table(15*time.Minute, `{"TimeUTC":%q,"PriceArea":"DK2","DayAheadPriceDKK":%d}`)
	carbon := table(5*time.Minute, `{"Minutes5UTC":%q,"PriceArea":"DK2","CO2Emission":%d}`)
	for kind, h := range map[string]http.HandlerFunc{Price: prices, Carbon: carbon} {
		server := httptest.NewServer(h)
		s, err := New(Config{BaseURL: server.URL, Area: "DK2", Kind: kind, Currency: "DKK"}, &wire.Client{})
		if err != nil {
			t.Fatal(err)
		}
		for hours, noon := range map[int]time.Time{23: time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC), 25: time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC)} {
			day := energy.Day(noon, s.About().Zone)
			v, err := s.Fetch(t.Context(), day)
			c := v.Coverage()
			if err != nil || len(c) != 1 || c[0].Kind != s.About().Kinds[0] || len(v.Gaps(c[0].Kind, day)) != 0 || c[0].Count != hours*map[string]int{Price: 4, Carbon: 12}[kind] {
				t.Errorf("%s of %v: %v, %v", kind, day, c, err)
			}
		}
		server.Close()
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, cfg := range map[string]Config{
		`area "SE3": must be`:     {Area: "SE3", Currency: "EUR"},
		`kind "co2": must be`:     {Area: "DK1", Currency: "DKK", Kind: "co2"},
		`currency "SEK": must be`: {Area: "DK1", Currency: "SEK"},
		`currency "": must be`:    {Area: "DK1", Kind: Price},
		`url "energi": must be`:   {Area: "DK1", Currency: "DKK", BaseURL: "energi"},
	} {
		if _, err := New(cfg, &wire.Client{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
