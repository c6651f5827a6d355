package forecastsolar

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/reading"
	"hearth/feeds/wire"
)

const key = "s3cr3tK3yOfTheHome"

var (
	roof = Config{Roof: reading.Roof{Latitude: 52.52, Longitude: 13.405, Tilt: 30, Azimuth: -90, Peak: 8400, Inverter: 8000}, Key: key}
	six  = time.Date(2026, 5, 12, 6, 0, 0, 0, time.UTC)
)

func TestRead_UnderstandsItsRecordings(t *testing.T) {
	feedtest.Recordings(t, func(_ string, body []byte) string { return feedtest.Told(roof.read(body, six)) })
}

// serve is a source whose publisher answers like this.
func serve(t *testing.T, cfg Config, h http.HandlerFunc) *Source {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	cfg.BaseURL = server.URL
	s, err := New(cfg, wire.New(feeds.Net{Now: func() time.Time { return six }}, cfg.Key))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFetch_AsksForThePlane(t *testing.T) {
	free := roof
	free.Key, free.Roof.Tilt, free.Roof.Azimuth, free.Roof.Longitude = "", 0.4, -0.3, -0.00001
	for path, cfg := range map[string]Config{
		"/" + key + "/estimate/52.5200/13.4050/30/-90/8.4": roof,
		"/estimate/52.5200/-0.0000/0/0/8.4":                free,
	} {
		s := serve(t, cfg, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != path || r.URL.RawQuery != "time=utc" {
				t.Errorf("asked for %s, want %s", r.URL, path)
			}
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"result":{"watts":{"2026-05-12T05:00:00+00:00":900,"2026-05-12T06:00:00+00:00":1800}},"message":{"code":0}}`)
		})
		if v, err := s.Fetch(t.Context(), energy.Span(six.Add(-time.Hour), time.Hour)); err != nil || len(v.Solar.Points) != 1 || v.Solar.Points[0].Value != 1350 {
			t.Errorf("%+v, %v", v, err)
		}
		if _, err := s.Fetch(t.Context(), energy.Span(six, time.Hour)); feeds.KindOf(err) != feeds.NotYet || err == nil {
			t.Errorf("what is not told is %v", err)
		}
	}
}

const quota = `{"result":"No","message":{"code":429,"text":"%s","ratelimit":{"zone":"IP","period":3600,"limit":12%s}}}`

func TestFetch_WaitsAsItIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		header, value, body string
		want                time.Duration // zero: not said
	}{
		"until a time":           {"", "", fmt.Sprintf(quota, key, `,"retry-at":"2026-05-12T08:48:53+02:00"`), 48*time.Minute + 53*time.Second},
		"by the server's clock":  {"Date", "Tue, 12 May 2026 06:40:00 GMT", fmt.Sprintf(quota, key, `,"retry-at":"2026-05-12T08:48:00+02:00"`), 8 * time.Minute},
		"by the header":          {"Retry-After", "90", fmt.Sprintf(quota, key, `,"retry-at":"2026-05-12T08:48:53+02:00"`), 90 * time.Second},
		"for the quota's hour":   {"", "", fmt.Sprintf(quota, key, ""), time.Hour},
		"for a day at most":      {"", "", fmt.Sprintf(quota, key, `,"retry-at":"2027-05-12T08:48:53+02:00"`), 24 * time.Hour},
		"a header beyond a day":  {"Retry-After", "99999999999", "", 24 * time.Hour},
		"a time that is over":    {"", "", fmt.Sprintf(quota, key, `,"retry-at":"2026-05-12T07:48:53+02:00"`), 0},
		"no word":                {"", "", `{"message":{}}`, 0},
		"a page":                 {"", "", "<html>", 0},
		"a header that says no":  {"Retry-After", "-5", "", 0},
		"a document that is odd": {"", "", `{"message":{"ratelimit":{"retry-at":"soon","period":3600}}}`, 0},
	} {
		s := serve(t, roof, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Date"] = nil
			w.Header().Set("Content-Type", "application/json")
			if strings.HasPrefix(c.body, "<") {
				w.Header().Set("Content-Type", "text/html")
			}
			if c.header != "" {
				w.Header().Set(c.header, c.value)
			}
			w.WriteHeader(http.StatusTooManyRequests)
			fmt.Fprint(w, c.body)
		})
		_, err := s.Fetch(t.Context(), energy.Span(six, time.Hour))
		want := time.Time{}
		if c.want > 0 {
			want = six.Add(c.want)
		}
		if at := feeds.NotBefore(err); feeds.KindOf(err) != feeds.Temporary || err == nil || !at.Equal(want) || strings.Contains(fmt.Sprint(err), key) {
			t.Errorf("%s: not before %v, want %v: %v", name, at, want, err)
		}
	}
}

// The mean of both ends has the energy that the publisher tells itself: 0 and 270 W for 39 min 43 s are 89 Wh.
func TestSlots_HaveThePublishersEnergy(t *testing.T) {
	at := func(clock string) time.Time {
		t.Helper()
		got, err := time.Parse(time.RFC3339, "2026-05-12T"+clock+"Z")
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	all := slots([]watt{{at("06:20:17"), 0}, {at("07:00:00"), 270}, {at("08:00:00"), 481}, {at("09:00:00"), 594}}, nil)
	for i, want := range []float64{89, 376, 538} {
		p := all.Points[i]
		if got := float64(p.Value.Over(p.Length())); math.Abs(got-want) > 0.6 {
			t.Errorf("slot %v has %g Wh, want %g", p.Interval, got, want)
		}
	}
	if all.Points[0].Start != at("06:20:17") || len(all.Gaps(all.Extent())) != 0 {
		t.Errorf("%+v", all)
	}
}

func TestSlots_ADayThatIsMissingIsNoNight(t *testing.T) {
	evening := []watt{{six, 100}, {six.Add(time.Hour), 0}}
	next := func(d time.Duration) []watt {
		return append(evening[:2:2], watt{six.Add(d), 0}, watt{six.Add(d + time.Hour), 50})
	}
	if all := slots(next(12*time.Hour), nil); len(all.Points) != 3 || all.Points[1].Value != 0 || all.Points[1].Length() != 11*time.Hour {
		t.Errorf("a night: %+v", all)
	}
	if all := slots(next(36*time.Hour), nil); len(all.Points) != 2 {
		t.Errorf("a day and a half: %+v", all)
	}
	if all := slots(nil, nil); len(all.Points) != 0 {
		t.Errorf("%+v", all)
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"peak: ":       func(c *Config) { c.Roof.Peak = 0 },
		"key: must be": func(c *Config) { c.Key = "a/../b-secret" },
		`url "solar"`:  func(c *Config) { c.BaseURL = "solar" },
	} {
		cfg := roof
		change(&cfg)
		if _, err := New(cfg, &wire.Client{}); feeds.KindOf(err) != feeds.Misconfigured || err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if s, err := New(roof, &wire.Client{}); err != nil || s.About().Zone != time.UTC {
		t.Error(err)
	}
}

// Whatever comes is understood as sound values, or refused with a kind.
func FuzzRead(f *testing.F) {
	feedtest.Fuzz(f, feeds.About{Kinds: []feeds.Kind{feeds.Solar}}, roof.read)
}

// An error in an answer of status 200 may repeat the address, with its key.
func TestFetch_KeepsItsKey(t *testing.T) {
	s := serve(t, roof, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"result":{},"message":{"code":1,"text":"no such plane: %s"}}`, r.URL.Path)
	})
	if _, err := s.Fetch(t.Context(), energy.Span(six, time.Hour)); err == nil || strings.Contains(err.Error(), key) || !strings.Contains(err.Error(), "no such plane: /***/") {
		t.Error(err)
	}
}
