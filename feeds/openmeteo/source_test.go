package openmeteo

import (
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	"hearth/feeds/reading"
	"hearth/feeds/wire"
)

var (
	roof = Config{Roof: reading.Roof{Latitude: 52.52, Longitude: 13.405, Tilt: 30, Azimuth: -90, Peak: 8400, Inverter: 8000}, Losses: 0.14}
	six  = time.Date(2026, 5, 12, 6, 0, 0, 0, time.UTC)
)

func TestRead_UnderstandsItsRecordings(t *testing.T) {
	feedtest.Recordings(t, func(_ string, body []byte) string { return feedtest.Told(roof.read(body, six)) })
}

func TestModel_IsThatOfTheBooks(t *testing.T) {
	free := Config{Roof: reading.Roof{Peak: 1000}}
	for name, c := range map[string]struct {
		irradiance, air, want float64
	}{
		"in the laboratory the peak, cells at 25 °C":   {1000, 25 - 31.25, 1000},
		"half the sun, cells at 25 °C":                 {500, 25 - 15.625, 500},
		"20 °C and 800 W/m² are what NOCT is told for": {800, 20, 800 * (1 - 0.0035*20)},
		"a hot noon":         {1000, 35, 1000 * (1 - 0.0035*41.25)},
		"a cold one is good": {1000, -15, 1000 * (1 + 0.0035*8.75)},
		"night":              {0, 10, 0},
	} {
		if got := float64(free.power(c.irradiance, c.air)); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %g W, want %g", name, got, c.want)
		}
	}
	if got := roof.power(1300, -10); got != 8000 {
		t.Errorf("the inverter lets through %v", got)
	}
	if lost := (Config{Roof: reading.Roof{Peak: 1000}, Losses: 0.25}).power(1000, -6.25); lost != 750 {
		t.Errorf("of 1000 W a quarter is lost, and %v are left", lost)
	}
}

// Brighter is never less, and warmer never more, within what weather is.
func TestModel_IsMonotonous(t *testing.T) {
	for air := -40.0; air <= 50; air += 5 {
		last := energy.Watts(-1)
		for g := 0.0; g <= 1400; g += 50 {
			here := roof.power(g, air)
			if here < last || here < 0 || g > 0 && roof.power(g, air+1) > here {
				t.Errorf("%g W/m² at %g °C: %v", g, air, here)
			}
			last = here
		}
	}
}

// serve answers with a recording, and hands on what was asked.
func serve(t *testing.T, cfg Config, recording string) (*Source, *url.Values) {
	t.Helper()
	asked := &url.Values{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if *asked = r.URL.Query(); r.URL.Path != "/v1/forecast" {
			t.Errorf("asked for %s", r.URL)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		http.ServeFile(w, r, filepath.Join("testdata", recording, "answer.json"))
	}))
	t.Cleanup(server.Close)
	cfg.BaseURL = server.URL
	s, err := New(cfg, &wire.Client{Now: func() time.Time { return six }})
	if err != nil {
		t.Fatal(err)
	}
	return s, asked
}

func TestFetch_AsksForBothEndsOfEverySlot(t *testing.T) {
	s, asked := serve(t, roof, "a-morning")
	span := energy.Interval{Start: six.Add(7 * time.Minute), End: six.Add(119 * time.Minute)}
	v, err := s.Fetch(t.Context(), span)
	if err != nil || len(v.Solar.Gaps(span)) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
	for key, want := range map[string]string{
		"start_minutely_15": "2026-05-12T06:00", "end_minutely_15": "2026-05-12T08:00", "latitude": "52.52", "longitude": "13.405",
		"tilt": "30", "azimuth": "-90", "timezone": "GMT", "timeformat": "unixtime", "minutely_15": "global_tilted_irradiance_instant,temperature_2m",
	} {
		if got := asked.Get(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}

func TestFetch_AsksForNothingThatNobodyForesees(t *testing.T) {
	s, asked := serve(t, roof, "a-morning")
	if _, err := s.Fetch(t.Context(), energy.Span(six.AddDate(0, 0, 10), 10*24*time.Hour)); feeds.KindOf(err) != feeds.NotYet || asked.Get("end_minutely_15") != "2026-05-26T06:00" {
		t.Errorf("asked until %s, %v", asked.Get("end_minutely_15"), err)
	}
	*asked = nil
	if _, err := s.Fetch(t.Context(), energy.Span(six.AddDate(0, 1, 0), time.Hour)); feeds.KindOf(err) != feeds.NotYet || err == nil || *asked != nil {
		t.Errorf("next month is %v", err)
	}
}

// The mean of both ends keeps the energy of a straight line, which is what the instants say.
func TestRead_KeepsTheEnergyBetweenInstants(t *testing.T) {
	body, err := os.ReadFile("testdata/a-morning/answer.json")
	if err != nil {
		t.Fatal(err)
	}
	v, err := roof.read(body, six)
	if err != nil {
		t.Fatal(err)
	}
	var sum energy.WattHours
	for _, p := range v.Solar.Points {
		sum += p.Value.Over(p.Length())
	}
	first, last := roof.power(410, 11), roof.power(655.9, 15.3)
	if least, most := first.Over(2*time.Hour), last.Over(2*time.Hour); sum < least || sum > most {
		t.Errorf("%v in two hours, between %v and %v at their ends", sum, least, most)
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"peak: ":        func(c *Config) { c.Roof.Peak = 0 },
		`losses "100%"`: func(c *Config) { c.Losses = 1 },
		`url "meteo"`:   func(c *Config) { c.BaseURL = "meteo" },
	} {
		cfg := roof
		change(&cfg)
		if _, err := New(cfg, &wire.Client{}); feeds.KindOf(err) != feeds.Misconfigured || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	s, err := New(roof, &wire.Client{})
	if about := s.About(); err != nil || about.Zone != time.UTC || about.Currency != "" || len(about.Kinds) != 1 {
		t.Errorf("%+v, %v", about, err)
	}
}
