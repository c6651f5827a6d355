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

func understood(_ string, body []byte) string {
	v, err := Config{Area: "DK1", Currency: "EUR"}.read(body, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return feedtest.Failure(err)
	}
	if err := v.Import.Validate(); err != nil {
		return err.Error() + "\n"
	}
	var out strings.Builder
	for _, p := range v.Import.Points {
		fmt.Fprintf(&out, "%s %s %s %s\n", p.Start.Format(time.RFC3339), p.Length(), p.Value.Text(v.Import.Currency), p.Origin.Status)
	}
	return out.String()
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

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, cfg := range map[string]Config{
		`area "SE3": must be`:     {Area: "SE3", Currency: "EUR"},
		`currency "SEK": must be`: {Area: "DK1", Currency: "SEK"},
		`url "energi": must be`:   {Area: "DK1", Currency: "DKK", BaseURL: "energi"},
	} {
		if _, err := New(cfg, &wire.Client{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
