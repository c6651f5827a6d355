package watttime

import (
	"encoding/json"
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
	"hearth/feeds/wire"
)

func TestRead_UnderstandsItsRecordings(t *testing.T) {
	feedtest.Recordings(t, func(_ string, body []byte) string {
		return feedtest.Told(Config{Region: "CAISO_NORTH"}.read(body, ten))
	})
}

func TestRead_TurnsPoundsIntoGrams(t *testing.T) {
	// A grid of coal: a tonne, or 2204.62262 pounds, per MWh is a kilogram per kWh.
	body := `{"data": [{"point_time": "2026-03-02T10:00:00Z", "value": 2204.62262}],
		"meta": {"region": "CAISO_NORTH", "signal_type": "co2_moer", "units": "lbs_co2_per_mwh", "data_point_period_seconds": 300}}`
	v, err := Config{Region: "CAISO_NORTH"}.read([]byte(body), ten)
	if grams, _ := v.Carbon.At(ten); err != nil || math.Abs(float64(grams)-1000) > 1e-4 {
		t.Errorf("%v, %v", grams, err)
	}
}

// service plays the publisher: five minutes each from now on, for whoever has logged in.
type service struct {
	t      *testing.T
	now    time.Time
	logins int
	hours  []string
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.URL.Path == "/login" && r.Header.Get("Authorization") == wire.Basic(user, password):
		s.logins++
		fmt.Fprintf(w, `{"token": "%s-%d"}`, granted, s.logins)
	case r.URL.Path == "/v3/forecast" && r.Header.Get("Authorization") == fmt.Sprintf("Bearer %s-%d", granted, s.logins):
		s.hours = append(s.hours, r.URL.Query().Get("horizon_hours"))
		var hours int
		if _, err := fmt.Sscan(r.URL.Query().Get("horizon_hours"), &hours); err != nil {
			s.t.Error(err)
		}
		data := []map[string]any{}
		for i := range hours * 12 {
			data = append(data, map[string]any{"point_time": s.now.Truncate(5 * time.Minute).Add(time.Duration(i) * 5 * time.Minute), "value": i})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": data, "meta": map[string]any{
			"region": r.URL.Query().Get("region"), "signal_type": "co2_moer", "units": "lbs_co2_per_mwh", "data_point_period_seconds": 300,
		}})
	default:
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"error": "INVALID_SCOPE", "message": "%s has no such plan"}`, password)
	}
}

func open(t *testing.T, settings feeds.Settings) (*service, feeds.Source) {
	t.Helper()
	publisher := &service{t: t, now: ten.Add(2 * time.Minute)}
	server := httptest.NewServer(publisher)
	t.Cleanup(server.Close)
	all := feeds.Settings{"url": server.URL, "user": user, "password": password, "region": "CAISO_NORTH"}
	for key, value := range settings {
		all[key] = value
	}
	s, err := Type.New(all, feeds.Net{Now: func() time.Time { return publisher.now }})
	if err != nil {
		t.Fatal(err)
	}
	return publisher, s
}

func TestFetch_AsksToTheEndOfTheSpan(t *testing.T) {
	for length, want := range map[time.Duration]string{
		time.Minute: "1", time.Hour: "1", time.Hour + 3*time.Minute: "2", 24 * time.Hour: "24", 100 * time.Hour: "72",
	} {
		publisher, s := open(t, nil)
		if _, err := s.Fetch(t.Context(), energy.Span(ten, length)); err != nil || publisher.hours[0] != want {
			t.Errorf("%v: asked for %v hours, want %s, %v", length, publisher.hours, want, err)
		}
	}
}

// In spring and in autumn a day of California has 23 and 25 hours; the forecast is in UTC, where nothing changes.
func TestFetch_HasAllOfEveryDayToCome(t *testing.T) {
	zone := feedtest.Zone(t, "America/Los_Angeles")
	for noon, want := range map[time.Time]int{
		time.Date(2026, 3, 8, 19, 0, 0, 0, time.UTC):  23 * 12,
		time.Date(2026, 11, 1, 20, 0, 0, 0, time.UTC): 25 * 12,
	} {
		publisher, s := open(t, nil)
		whole := energy.Day(noon, zone)
		publisher.now = whole.Start
		v, err := s.Fetch(t.Context(), whole)
		if err != nil || len(v.Carbon.Slice(whole).Points) != want || len(v.Carbon.Gaps(whole)) != 0 {
			t.Errorf("%v: %d values, %v", whole, len(v.Carbon.Slice(whole).Points), err)
		}
	}
}

func TestFetch_LogsInTwiceAnHour(t *testing.T) {
	publisher, s := open(t, nil)
	for range 24 {
		if _, err := s.Fetch(t.Context(), energy.Span(publisher.now, time.Hour)); err != nil {
			t.Fatal(err)
		}
		publisher.now = publisher.now.Add(5 * time.Minute)
	}
	if publisher.logins < 4 || publisher.logins > 5 {
		t.Errorf("%d logins in two hours", publisher.logins)
	}
}

func TestFetch_KnowsWhatIsNotOutYet(t *testing.T) {
	_, s := open(t, nil)
	if _, err := s.Fetch(t.Context(), energy.Span(ten.Add(96*time.Hour), time.Hour)); feeds.KindOf(err) != feeds.NotYet {
		t.Error(err)
	}
}

func TestFetch_NeverShowsThePassword(t *testing.T) {
	_, s := open(t, feeds.Settings{"user": "somebody-else"})
	_, err := s.Fetch(t.Context(), energy.Span(ten, time.Hour))
	if feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), "no such plan") || strings.Contains(fmt.Sprint(err), password) {
		t.Error(err)
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	good := feeds.Settings{"user": user, "password": password, "region": "CAISO_NORTH"}
	for want, change := range map[string][2]string{
		`user: is missing`:                  {"user", ""},
		`password: is missing`:              {"password", ""},
		`region: is missing`:                {"region", ""},
		`region "caiso": must be one of`:    {"region", "caiso"},
		`url "moer": must be that of a web`: {"url", "moer"},
	} {
		settings := feeds.Settings{}
		for key, value := range good {
			settings[key] = value
		}
		settings[change[0]] = change[1]
		_, err := Type.New(settings, feeds.Net{})
		if feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
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

func TestType_SaysThatItIsMarginal(t *testing.T) {
	if !strings.Contains(Type.Title, "marginal") {
		t.Error(Type.Title)
	}
}

func TestRead_SaysLittleOfManyWarnings(t *testing.T) {
	var all []string
	for i := range 100 {
		all = append(all, fmt.Sprintf(`{"type": "EXAMPLE", "message": "warning %d"}`, i))
	}
	body := strings.Replace(feedtest.Answer(t, "a-null/answer.json"), `"warnings": [`, `"warnings": [`+strings.Join(all, ","), 1)
	if v, err := (Config{Region: "CAISO_NORTH"}).read([]byte(body), ten); err != nil || len(v.Remarks) != 20 {
		t.Errorf("%q, %v", v.Remarks, err)
	}
}
