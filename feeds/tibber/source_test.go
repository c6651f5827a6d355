package tibber

import (
	"fmt"
	"io"
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

var oslo = Config{Token: "secret", Currency: "NOK", Zone: "Europe/Oslo"}

func TestRead_UnderstandsItsRecordings(t *testing.T) { feedtest.Recordings(t, understood) }

func understood(_ string, body []byte) string {
	return feedtest.Told(oslo.read(body, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)))
}

func TestFetch_AsksWithTheTokenAndNeverShowsIt(t *testing.T) {
	refuse := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Authorization") != "Bearer secret" || !strings.Contains(string(body), "QUARTER_HOURLY") {
			t.Errorf("asked with %s %q, %v", r.Method, body, err)
		}
		if refuse {
			http.Error(w, "who is secret?", http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		http.ServeFile(w, r, "testdata/both-days/answer.json")
	}))
	defer server.Close()
	cfg := oslo
	cfg.URL = server.URL
	s, err := New(cfg, &wire.Client{})
	if err != nil {
		t.Fatal(err)
	}
	night := time.Date(2026, 3, 1, 22, 30, 0, 0, time.UTC)
	if v, err := s.Fetch(t.Context(), energy.Span(night, time.Hour)); err != nil || len(v.Import.Points) != 4 || len(v.Import.Gaps(energy.Span(night, time.Hour))) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := s.Fetch(t.Context(), energy.Span(night.AddDate(0, 0, 1), time.Hour)); feeds.KindOf(err) != feeds.NotYet {
		t.Errorf("the day after tomorrow: %v", err)
	}
	refuse = true
	if _, err := s.Fetch(t.Context(), energy.Span(night, time.Hour)); feeds.KindOf(err) != feeds.Misconfigured || strings.Contains(err.Error(), "secret") {
		t.Errorf("refused: %v", err)
	}
}

func TestFetch_KnowsDaysOf23And25Hours(t *testing.T) {
	var today energy.Interval
	var zone *time.Location
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var rows []string // the offset changes in the middle
		for at := today.Start; at.Before(today.End); at = at.Add(15 * time.Minute) {
			rows = append(rows, fmt.Sprintf(`{"total":%d.25,"startsAt":%q}`, at.Minute(), at.In(zone).Format("2006-01-02T15:04:05.000Z07:00")))
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"data":{"viewer":{"homes":[{"id":"a","currentSubscription":{"priceInfo":{"current":{"currency":"NOK"},"today":[%s],"tomorrow":[]}}}]}}}`, strings.Join(rows, ","))
	}))
	defer server.Close()
	cfg := oslo
	cfg.URL = server.URL
	s, err := New(cfg, &wire.Client{})
	if err != nil {
		t.Fatal(err)
	}
	zone = s.About().Zone
	for hours, noon := range map[int]time.Time{23: time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC), 25: time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC)} {
		today = energy.Day(noon, zone)
		v, err := s.Fetch(t.Context(), today)
		if err != nil || len(v.Import.Points) != 4*hours || len(v.Import.Gaps(today)) != 0 {
			t.Errorf("%v: %d prices, %v", today, len(v.Import.Points), err)
		}
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"token: is missing":     func(c *Config) { c.Token = "" },
		"currency: is missing":  func(c *Config) { c.Currency = "" },
		`currency "kr": want`:   func(c *Config) { c.Currency = "kr" },
		`zone "Oslo": must be`:  func(c *Config) { c.Zone = "Oslo" },
		`url "tibber": must be`: func(c *Config) { c.URL = "tibber" },
	} {
		cfg := oslo
		change(&cfg)
		if _, err := New(cfg, &wire.Client{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), want) || strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%v, want %s", err, want)
		}
	}
	cfg := oslo
	cfg.Home = "c"
	if _, err := cfg.choose([]home{{ID: "a"}}); feeds.KindOf(err) != feeds.Misconfigured {
		t.Error(err)
	}
}
