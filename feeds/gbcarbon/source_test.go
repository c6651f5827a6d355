package gbcarbon

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

func TestFetch_AsksForAPlaceInWholeHalfHours(t *testing.T) {
	for postcode, want := range map[string]string{
		"":     "/intensity/2026-03-01T00:30Z/2026-03-01T02:00Z",
		"RG10": "/regional/intensity/2026-03-01T00:30Z/2026-03-01T02:00Z/postcode/RG10",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != want {
				t.Errorf("asked for %s, want %s", r.URL.Path, want)
			}
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			http.ServeFile(w, r, "testdata/region/answer.json")
		}))
		s, err := New(Config{BaseURL: server.URL, Postcode: postcode}, &wire.Client{})
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.Fetch(t.Context(), energy.Span(time.Date(2026, 3, 1, 0, 44, 0, 0, time.UTC), time.Hour))
		if err != nil || len(v.Carbon.Points) != 2 {
			t.Errorf("%+v, %v", v, err)
		}
		server.Close()
	}
}

func TestFetch_KnowsDaysOf23And25Hours(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.Split(r.URL.Path, "/") // "", intensity, from, to
		from, err1 := time.Parse(layout, parts[2])
		to, err2 := time.Parse(layout, parts[3])
		if err1 != nil || err2 != nil {
			t.Errorf("asked for %s", r.URL.Path)
		}
		var rows []string
		for at := from; at.Before(to); at = at.Add(30 * time.Minute) {
			rows = append(rows, fmt.Sprintf(`{"from":%q,"to":%q,"intensity":{"forecast":%d,"actual":null}}`, at.Format(layout), at.Add(30*time.Minute).Format(layout), 100+at.Hour()))
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"data":[%s]}`, strings.Join(rows, ","))
	}))
	defer server.Close()
	s, err := New(Config{BaseURL: server.URL}, &wire.Client{})
	if err != nil {
		t.Fatal(err)
	}
	for hours, noon := range map[int]time.Time{23: time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC), 25: time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC)} {
		day := energy.Day(noon, s.About().Zone)
		v, err := s.Fetch(t.Context(), day)
		if err != nil || len(v.Carbon.Points) != 2*hours || len(v.Carbon.Gaps(day)) != 0 {
			t.Errorf("%v: %d values, %v", day, len(v.Carbon.Points), err)
		}
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, cfg := range map[string]Config{`postcode "RG10 9NY": must be`: {Postcode: "RG10 9NY"}, `url "carbon": must be`: {BaseURL: "carbon"}} {
		if _, err := New(cfg, &wire.Client{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// What was counts for more than what was expected, also where it was nothing.
func TestRead_TakesWhatWasWhereItIsKnown(t *testing.T) {
	for actual, want := range map[string]string{"null": "205 forecast", "180": "180 final", "0": "0 final"} {
		body := `{"data": [{"from": "2026-03-01T00:00Z", "to": "2026-03-01T00:30Z", "intensity": {"forecast": 205, "actual": ` + actual + `}}]}`
		v, err := read([]byte(body), time.Time{})
		if err != nil || len(v.Carbon.Points) != 1 || fmt.Sprintf("%v %s", float64(v.Carbon.Points[0].Value), v.Carbon.Points[0].Origin.Status) != want {
			t.Errorf("%s: %v, %v", actual, v.Carbon, err)
		}
	}
}
