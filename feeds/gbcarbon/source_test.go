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
	v, err := read(body, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return feedtest.Failure(err)
	}
	var out strings.Builder
	for _, p := range v.Carbon.Points {
		fmt.Fprintf(&out, "%s %s %s %s\n", p.Start.Format(time.RFC3339), p.Length(), p.Value, p.Origin.Status)
	}
	return out.String()
}

func TestFetch_AsksForAPlaceFromHalfAnHourOn(t *testing.T) {
	for postcode, want := range map[string]string{
		"":     "/intensity/2026-03-01T00:30Z/fw48h",
		"RG10": "/regional/intensity/2026-03-01T00:30Z/fw48h/postcode/RG10",
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

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, cfg := range map[string]Config{`postcode "RG10 9NY": must be`: {Postcode: "RG10 9NY"}, `url "carbon": must be`: {BaseURL: "carbon"}} {
		if _, err := New(cfg, &wire.Client{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
