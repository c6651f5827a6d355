package awattar

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

var update = flag.Bool("update", false, "write what comes out into the golden files")

// Each folder of testdata holds an answer in the shape of the vendor's, with made-up prices, and how it is understood.
func TestRead_UnderstandsItsRecordings(t *testing.T) {
	answers, err := filepath.Glob("testdata/*/answer.json")
	if err != nil || len(answers) == 0 {
		t.Fatal("no recordings", err)
	}
	for _, answer := range answers {
		folder := filepath.Dir(answer)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			body, err := os.ReadFile(answer)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join(folder, "understood.txt")
			got := understood(t, body)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

func understood(t *testing.T, body []byte) string {
	t.Helper()
	v, err := read(body, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return fmt.Sprintf("%s: %v\n", feeds.KindOf(err), err)
	}
	var out strings.Builder
	for _, p := range v.Import.Points {
		fmt.Fprintf(&out, "%s %s %s %s\n", p.Start.Format(time.RFC3339), p.Length(), p.Value.Text(v.Import.Currency), p.Origin.Status)
	}
	return out.String()
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
	s, err := New(Config{BaseURL: server.URL, Country: "AT"}, &feeds.Client{})
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
		if _, err := New(cfg, &feeds.Client{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
