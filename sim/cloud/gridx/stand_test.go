package gridx

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	feed "hearth/feeds/gridx"
)

// stand is a server on a socket, with a clock that is set by hand and a log of what was asked.
type stand struct {
	URL  string
	zone *time.Location

	mu    sync.Mutex
	now   time.Time
	asked []string // paths
}

func (s *stand) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *stand) set(t *testing.T, text string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = at(t, text)
}

// count is how often a path was asked for since the last time.
func (s *stand) count(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, rest := 0, []string(nil)
	for _, p := range s.asked {
		if p == path {
			n++
		} else {
			rest = append(rest, p)
		}
	}
	s.asked = rest
	return n
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	out, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// hourly is a price that tells its hour: 0.10 at midnight UTC, 0.33 at eleven in the evening.
func hourly(t time.Time) energy.Price { return energy.PriceOf(0.10 + float64(t.UTC().Hour())/100) }

func tenfold(t time.Time) energy.Price { return 10 * hourly(t) }

// serve is a server with what all tests know, changed by the one that asks.
func serve(t *testing.T, now string, change func(*Config)) *stand {
	t.Helper()
	s := &stand{now: at(t, now)}
	c := Config{
		Now: s.Now, Utility: "PGE", Rates: []string{"EELEC", "B19S"}, Circuits: []string{"013532223"}, CCAs: []string{"MCE"}, Price: hourly,
	}
	if change != nil {
		change(&c)
	}
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if s.zone, err = time.LoadLocation("America/Los_Angeles"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Path)
		s.mu.Unlock()
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.URL = server.URL + "/v1"
	return s
}

// source is the one that the agent would build.
func (s *stand) source(t *testing.T, settings feeds.Settings) feeds.Source {
	t.Helper()
	all := feeds.Settings{"utility": "PGE", "rate": "EELEC", "circuit": "013532223", "url": s.URL}
	for key, value := range settings {
		all[key] = value
	}
	source, err := feed.Type.New(all, feeds.Net{Now: s.Now})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// days are local days from the one that holds t on.
func (s *stand) days(t time.Time, n int) energy.Interval {
	first := energy.Day(t, s.zone)
	for ; n > 1; n-- {
		first.End = energy.Day(first.End, s.zone).End
	}
	return first
}

// get asks by hand.
func (s *stand) get(t *testing.T, path string, headers ...string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func (s *stand) prices(t *testing.T, query string) document {
	t.Helper()
	status, body := s.get(t, "/getPricing?utility=PGE&market=DAM&program=CalFUSE&ratename=EELEC&representativeCircuitId=013532223&"+query)
	var d document
	if status != http.StatusOK || json.Unmarshal([]byte(body), &d) != nil {
		t.Fatalf("status %d, %s", status, body)
	}
	return d
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, c := range map[string]Config{
		"utility":        {Price: hourly},
		"no prices":      {Utility: "PGE"},
		"step":           {Utility: "PGE", Price: hourly, Step: time.Minute},
		"no credentials": {Utility: "PGE", Price: hourly, Customer: &Customer{}},
		"no contract":    {Utility: "PGE", Price: hourly, Customer: &Customer{ClientID: "a", Secret: "b"}},
	} {
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
