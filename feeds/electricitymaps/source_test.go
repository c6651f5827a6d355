package electricitymaps

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

func TestRead_UnderstandsItsRecordings(t *testing.T) {
	feedtest.Recordings(t, func(name string, body []byte) string {
		read := Config{Zone: "DE"}.latest
		if name == "forecast.json" {
			read = Config{Zone: "DE"}.forecast
		}
		carbon, err := read(body, ten.Add(45*time.Minute))
		return feedtest.Told(feeds.Values{Carbon: carbon}, err)
	})
}

// service plays the publisher, from recordings by the name of what is asked for.
func service(t *testing.T, recordings map[string]string, more feeds.Settings) (asked *[]string, s feeds.Source) {
	t.Helper()
	asked = &[]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.RequestURI())
		if r.Header.Get("auth-token") != token || r.Header.Get("Authorization") != "" {
			t.Errorf("asked with %v", r.Header)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		recording, isAllowed := recordings[path.Base(r.URL.Path)]
		if !isAllowed {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, `{"message": "not in the plan of %s"}`, token)
			return
		}
		fmt.Fprint(w, feedtest.Answer(t, recording))
	}))
	t.Cleanup(server.Close)
	settings := feeds.Settings{"url": server.URL, "token": token, "zone": "DE"}
	for key, value := range more {
		settings[key] = value
	}
	s, err := Type.New(settings, feeds.Net{Now: func() time.Time { return ten.Add(45 * time.Minute) }})
	if err != nil {
		t.Fatal(err)
	}
	return asked, s
}

func TestFetch_PrefersTheLatestToItsForecast(t *testing.T) {
	asked, s := service(t, map[string]string{"latest": "measured/latest.json", "forecast": "hours-to-come/forecast.json"}, feeds.Settings{"forecast": "yes"})
	span := energy.Span(ten, 4*time.Hour)
	v, err := s.Fetch(t.Context(), span)
	if err != nil || len(v.Carbon.Gaps(span)) != 0 || len(v.Carbon.Points) != 4 {
		t.Fatalf("%+v, %v", v, err)
	}
	if p := v.Carbon.Points[0]; p.Value != 298.5 || p.Origin.Status != energy.Final || v.Carbon.Points[1].Origin.Status != energy.Forecast {
		t.Errorf("%+v", p)
	}
	const want = "[/v3/carbon-intensity/latest?disableCallerLookup=true&zone=DE /v3/carbon-intensity/forecast?disableCallerLookup=true&zone=DE]"
	if fmt.Sprint(*asked) != want {
		t.Errorf("asked %v", *asked)
	}
}

func TestFetch_AsksForNoForecastThatThePlanHasNot(t *testing.T) {
	asked, s := service(t, map[string]string{"latest": "estimated/latest.json"}, nil)
	if v, err := s.Fetch(t.Context(), energy.Span(ten, 4*time.Hour)); err != nil || len(v.Carbon.Points) != 1 || len(*asked) != 1 || s.About().Ahead != 0 {
		t.Errorf("%+v, %v, asked %v", v, err, *asked)
	}
	if _, err := s.Fetch(t.Context(), energy.Span(ten.Add(time.Hour), time.Hour)); feeds.KindOf(err) != feeds.NotYet {
		t.Errorf("the next hour: %v", err)
	}
}

func TestFetch_NamesWhatThePlanRefuses(t *testing.T) {
	_, s := service(t, map[string]string{"latest": "estimated/latest.json"}, feeds.Settings{"forecast": "yes"})
	v, err := s.Fetch(t.Context(), energy.Span(ten, 4*time.Hour))
	if err != nil || len(v.Carbon.Points) != 1 || !strings.Contains(fmt.Sprint(v.Remarks), "/forecast: status 403: not in the plan") || strings.Contains(fmt.Sprint(v.Remarks), token) {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := s.Fetch(t.Context(), energy.Span(ten.Add(time.Hour), time.Hour)); feeds.KindOf(err) != feeds.NotYet {
		t.Errorf("the next hour: %v", err)
	}
	if s.About().Ahead == 0 {
		t.Error("a forecast is announced where it is configured")
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, settings := range map[string]feeds.Settings{
		`token: is missing`:                   {"zone": "DE"},
		`zone "": must be one of`:             {"token": token},
		`zone "Europe/Berlin": must be one`:   {"token": token, "zone": "Europe/Berlin"},
		`forecast "true": must be yes or no`:  {"token": token, "zone": "DE", "forecast": "true"},
		`url "maps": must be that of a web s`: {"token": token, "zone": "DE", "url": "maps"},
	} {
		_, err := Type.New(settings, feeds.Net{})
		if feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for _, zone := range []string{"DE", "DK-DK1", "US-CAL-CISO", "AUS-NSW", "JP-TK"} {
		if _, err := Type.New(feeds.Settings{"token": token, "zone": zone}, feeds.Net{}); err != nil {
			t.Error(err)
		}
	}
}

func TestType_ShowsTheHomesDays(t *testing.T) {
	berlin := feedtest.Zone(t, "Europe/Berlin")
	for zone, want := range map[*time.Location]string{berlin: "Europe/Berlin", nil: "UTC"} {
		s, err := Type.New(feedtest.Settings(Type), feeds.Net{Home: feeds.Home{Zone: zone}})
		if err != nil || s.About().Zone.String() != want {
			t.Errorf("%v, want %s, %v", s.About().Zone, want, err)
		}
	}
}

// A value holds for as long as the answer says, and for an hour where it says nothing.
func TestRead_TakesTheStepThatIsTold(t *testing.T) {
	for told, want := range steps {
		body := fmt.Sprintf(`{"zone": "DE", "temporalGranularity": %q, "datetime": "2026-03-02T10:00:00.000Z", "carbonIntensity": 300}`, told)
		s, err := Config{Zone: "DE"}.latest([]byte(body), ten)
		if err != nil || len(s.Points) != 1 || s.Points[0].Length() != want {
			t.Errorf("%q: %v, %v", told, s, err)
		}
	}
}

// Hours may come in any order and twice: each has its value, as a forecast.
func TestForecast_IsTheSameInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var hours []string
		values := rapid.SliceOfN(rapid.IntRange(0, 900), 1, 30).Draw(t, "values")
		for i, g := range values {
			hour := fmt.Sprintf(`{"datetime": %q, "carbonIntensity": %d}`, ten.Add(time.Duration(i)*time.Hour).Format(time.RFC3339), g)
			hours = append(hours, hour, hour)
		}
		body := fmt.Sprintf(`{"zone": "DE", "forecast": [%s]}`, strings.Join(rapid.Permutation(hours).Draw(t, "mixed"), ","))
		s, err := Config{Zone: "DE"}.forecast([]byte(body), ten)
		if err != nil || len(s.Points) != len(values) || len(s.Gaps(s.Extent())) != 0 {
			t.Fatalf("%v, %v", s, err)
		}
		for i, p := range s.Points {
			if int(p.Value) != values[i] || p.Origin.Status != energy.Forecast {
				t.Fatalf("%v in %v, want %d", p.Value, p.Interval, values[i])
			}
		}
	})
}
