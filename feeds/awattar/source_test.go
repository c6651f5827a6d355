package awattar

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/wire"
)

func TestRead_UnderstandsItsRecordings(t *testing.T) { feedtest.Recordings(t, understood) }

func understood(_ string, body []byte) string {
	return feedtest.Told(read(body, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)))
}

func TestFetch_AsksForBothEndsInMilliseconds(t *testing.T) {
	span := energy.Span(time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC), 4*time.Hour)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/marketdata" || r.URL.Query().Get("start") != "1772406000000" || r.URL.Query().Get("end") != "1772420400000" {
			t.Errorf("asked for %s", r.URL)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		http.ServeFile(w, r, "testdata/four-hours/answer.json")
	}))
	defer server.Close()
	s, err := New(Config{BaseURL: server.URL, Country: "AT"}, &wire.Client{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.Fetch(t.Context(), span)
	if err != nil || len(v.Import.Gaps(span)) != 0 || s.About().Zone.String() != "Europe/Vienna" {
		t.Errorf("%+v, %v", v, err)
	}
}

// market answers with a price for each slot that was asked for, and with nothing else.
func market(step time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from, err1 := strconv.ParseInt(r.URL.Query().Get("start"), 10, 64)
		to, err2 := strconv.ParseInt(r.URL.Query().Get("end"), 10, 64)
		if err1 != nil || err2 != nil {
			http.Error(w, "no span", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(list(from, to, step))
	}
}

// list is an answer with a price for each slot between two times in milliseconds.
func list(from, to int64, step time.Duration) []byte {
	var rows []string
	for ms := from; ms < to; ms += step.Milliseconds() {
		rows = append(rows, fmt.Sprintf(`{"start_timestamp":%d,"end_timestamp":%d,"marketprice":%d.25,"unit":"Eur/MWh"}`, ms, ms+step.Milliseconds(), ms/step.Milliseconds()%200))
	}
	return []byte(`{"object":"list","data":[` + strings.Join(rows, ",") + `],"url":"/de/v1/marketdata"}`)
}

func TestFetch_KnowsDaysOf23And25Hours(t *testing.T) {
	for _, step := range []time.Duration{time.Hour, 15 * time.Minute} {
		server := httptest.NewServer(market(step))
		s, err := New(Config{BaseURL: server.URL, Country: "AT"}, &wire.Client{})
		if err != nil {
			t.Fatal(err)
		}
		for hours, noon := range map[int]time.Time{23: time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC), 25: time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC)} {
			day := energy.Day(noon, s.About().Zone)
			v, err := s.Fetch(t.Context(), day)
			if err != nil || len(v.Import.Points) != hours*int(time.Hour/step) || len(v.Import.Gaps(day)) != 0 {
				t.Errorf("%v: %d prices of %v, %v", day, len(v.Import.Points), step, err)
			}
		}
		server.Close()
	}
}

// A month of quarter hours is to be read within 5 ms: a gateway has other things to do.
func BenchmarkRead_AMonthOfQuarterHours(b *testing.B) {
	body := list(1772319600000, 1772319600000+31*24*3_600_000, 15*time.Minute)
	for b.Loop() {
		if v, err := read(body, time.Time{}); err != nil || len(v.Import.Points) != 31*96 {
			b.Fatal(len(v.Import.Points), err)
		}
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, cfg := range map[string]Config{`country "CH": must be DE or AT`: {Country: "CH"}, `url "awattar": must be`: {Country: "DE", BaseURL: "awattar"}} {
		if _, err := New(cfg, &wire.Client{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
