package awattar

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

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, cfg := range map[string]Config{`country "CH": must be DE or AT`: {Country: "CH"}, `url "awattar": must be`: {Country: "DE", BaseURL: "awattar"}} {
		if _, err := New(cfg, &wire.Client{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
