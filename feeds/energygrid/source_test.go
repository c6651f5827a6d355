package energygrid

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	cloud "hearth/sim/cloud/energygrid"
)

// utility is a service on the wire whose clock can be set.
type utility struct {
	*cloud.Server
	url   string
	now   time.Time
	asked []string // method, path and page token of each question
}

// open starts one. What it gets beside the configuration is the meter M-7 in Rome.
func open(t *testing.T, cfg cloud.Config, now time.Time) *utility {
	t.Helper()
	u := &utility{now: now}
	cfg.Now, cfg.IdentityToken, cfg.Meter = func() time.Time { return u.now }, secret, "M-7"
	if cfg.Zone == nil {
		cfg.Zone = feedtest.Zone(t, "Europe/Rome")
	}
	u.Server = cloud.New(cfg)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.asked = append(u.asked, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+r.URL.Query().Get("pageToken")))
		u.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	u.url = server.URL
	return u
}

// source asks that service.
func (u *utility) source(t *testing.T, settings feeds.Settings) *Source {
	t.Helper()
	all := feeds.Settings{"url": u.url, "identity_token": secret + "\n", "meter": "M-7", "zone": "Europe/Rome"}
	for key, value := range settings {
		all[key] = value
	}
	s, err := Type.New(all, feeds.Net{Now: func() time.Time { return u.now }})
	if err != nil {
		t.Fatal(err)
	}
	return s.(*Source)
}

func TestFetch_HasEveryHourOfADayOf23And25(t *testing.T) {
	for _, zone := range []string{"Europe/Rome", "Europe/Berlin"} {
		for day, hours := range map[string]int{"2026-03-29": 23, "2026-06-01": 24, "2026-10-25": 25} {
			noon, _ := time.Parse(time.RFC3339, day+"T12:00:00Z")
			span := energy.Day(noon, feedtest.Zone(t, zone))
			u := open(t, cloud.Config{Zone: feedtest.Zone(t, zone)}, span.End)
			v, err := u.source(t, feeds.Settings{"zone": zone}).Fetch(t.Context(), span)
			if err != nil || len(v.Taken.Points) != 4*hours || len(v.Taken.Gaps(span)) != 0 || v.Taken.Extent() != utc(span) {
				t.Errorf("%s in %s: %d quarter hours, gaps %v, %v", day, zone, len(v.Taken.Points), v.Taken.Gaps(span), err)
			}
			table, err := ask(t, u.source(t, feeds.Settings{"zone": zone}), "usage", feeds.Settings{"from": day, "to": noon.AddDate(0, 0, 1).Format(time.DateOnly), "granularity": "HOUR"})
			if err != nil || len(table.Rows) != hours {
				t.Errorf("%s in %s: %d rows, %v", day, zone, len(table.Rows), err)
			}
		}
	}
}

func utc(i energy.Interval) energy.Interval {
	return energy.Interval{Start: i.Start.UTC(), End: i.End.UTC()}
}

func TestFetch_GoesThroughAllPages(t *testing.T) {
	u := open(t, cloud.Config{PageSize: 10}, theDay.End)
	v, err := u.source(t, feeds.Settings{"granularity": "HOUR"}).Fetch(t.Context(), theDay)
	if err != nil || len(v.Taken.Points) != 23 || len(u.asked) != 5 { // login, granularities, three pages
		t.Errorf("%d values, asked %q, %v", len(v.Taken.Points), u.asked, err)
	}
}

func TestFetch_BeginsAgainOnceWhereATokenIsStale(t *testing.T) {
	u := open(t, cloud.Config{PageSize: 10}, theDay.End)
	s := u.source(t, feeds.Settings{"granularity": "HOUR"})
	times := 1
	s.client.HTTP = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Query().Has("pageToken") && times > 0 {
			u.Forget()
			times--
		}
		return http.DefaultTransport.RoundTrip(r)
	})}
	v, err := s.Fetch(t.Context(), theDay)
	if err != nil || len(v.Taken.Points) != 23 {
		t.Errorf("%d values, asked %q, %v", len(v.Taken.Points), u.asked, err)
	}
	times = 2
	_, err = s.Fetch(t.Context(), theDay)
	if feeds.KindOf(err) != feeds.Temporary || !strings.Contains(fmt.Sprint(err), "has become stale") {
		t.Errorf("stale twice: %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestFetch_EndsWhereTheListHasNoEnd(t *testing.T) {
	for name, token := range map[string]func(int) string{
		"the same token again": func(int) string { return "cD0x" }, "always another one": func(n int) string { return fmt.Sprint(n) },
	} {
		n := 0
		s := source(t, "http://usage.example", &http.Client{Transport: recorded(func(r *http.Request) (int, string, string) {
			switch n++; r.URL.Path {
			case "/Customer/login":
				return http.StatusOK, "text/plain", jwt
			case "/Usage/M-7":
				return http.StatusOK, "application/json", fmt.Sprintf(`{"unitOfMeasure": "kWh", "nextPageToken": %q}`, token(n))
			}
			return http.StatusOK, "application/json", `["HOUR"]`
		})})
		if _, err := s.Fetch(t.Context(), theDay); feeds.KindOf(err) != feeds.Temporary || !strings.Contains(fmt.Sprint(err), "no end") || n > mostPages+2 {
			t.Errorf("%s: %v after %d questions", name, err, n)
		}
	}
}

func TestFetch_LogsInAnewWhenTheTokenHasEndedOrIsRefused(t *testing.T) {
	u := open(t, cloud.Config{Lifetime: time.Hour}, theDay.End)
	s := u.source(t, nil)
	logins := func() (n int) {
		for _, q := range u.asked {
			if q == "POST /Customer/login" {
				n++
			}
		}
		return n
	}
	if !fetches(t, s) || logins() != 1 {
		t.Errorf("none yet: %d logins", logins())
	}
	if !fetches(t, s) || logins() != 1 {
		t.Errorf("a token that is good is not used again: %d logins", logins())
	}
	u.now = u.now.Add(59*time.Minute + 30*time.Second) // within the last minute
	if !fetches(t, s) || logins() != 2 {
		t.Errorf("a token about to end: %d logins", logins())
	}
	u.Revoke()
	if !fetches(t, s) || logins() != 3 {
		t.Errorf("a token that is refused: %d logins", logins())
	}
}

func fetches(t *testing.T, s *Source) bool {
	t.Helper()
	v, err := s.Fetch(t.Context(), theDay)
	if err != nil {
		t.Log(err)
	}
	return err == nil && len(v.Taken.Gaps(theDay)) == 0
}

func TestFetch_LeavesOutWhatTheMeterDoesNotKnow(t *testing.T) {
	hole := energy.Span(theDay.Start.Add(3*time.Hour), time.Hour)
	u := open(t, cloud.Config{Used: func(i energy.Interval) (energy.WattHours, bool) {
		return 25, i.Overlap(hole).IsEmpty()
	}}, theDay.End)
	v, err := u.source(t, nil).Fetch(t.Context(), theDay)
	if gaps := v.Taken.Gaps(theDay); err != nil || len(gaps) != 1 || utc(gaps[0]) != utc(hole) || len(v.Remarks) != 0 {
		t.Errorf("gaps %v, remarks %q, %v", gaps, v.Remarks, err)
	}
	if _, err := u.source(t, nil).Fetch(t.Context(), energy.Span(theDay.End, time.Hour)); feeds.KindOf(err) != feeds.NotYet {
		t.Errorf("an hour to come: %v", err)
	}
}

func TestFetch_RefusesAMeterOfGas(t *testing.T) {
	u := open(t, cloud.Config{Unit: "therms", Price: 50_000_000_000, Currency: "USD", Used: func(energy.Interval) (energy.WattHours, bool) {
		return 29307.1, true
	}}, theDay.End)
	s := u.source(t, nil)
	if _, err := s.Fetch(t.Context(), theDay); feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), `meter: counts in "therms"`) {
		t.Errorf("%v", err)
	}
	table, err := ask(t, s, "usage", feeds.Settings{"from": "2026-03-29T00:00:00+01:00", "to": "2026-03-29T01:00:00+01:00", "granularity": "HOUR"})
	if err != nil || table.Columns[2] != "therms" || len(table.Rows) != 1 || table.Rows[0][2] != "1" || table.Rows[0][3] != "1.465355 USD" {
		t.Errorf("%+v, %v", table, err)
	}
}

func TestFetch_RefusesAnotherGranularityThanThoseOffered(t *testing.T) {
	u := open(t, cloud.Config{}, theDay.End)
	_, err := u.source(t, feeds.Settings{"granularity": "hour"}).Fetch(t.Context(), theDay)
	if feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), `granularity "hour": must be one of those offered, "MONTH", "DAY", "HOUR", "QUARTER_HOUR"`) {
		t.Errorf("%v", err)
	}
	u = open(t, cloud.Config{Granularities: []cloud.Granularity{{Name: "MONTH", Cut: cloud.Month}, {Name: "DAY", Cut: energy.Day}}}, theDay.End)
	_, err = u.source(t, nil).Fetch(t.Context(), theDay)
	if feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), `granularity: is needed`) {
		t.Errorf("%v", err)
	}
	if v, err := u.source(t, feeds.Settings{"granularity": "DAY"}).Fetch(t.Context(), theDay); err != nil || len(v.Taken.Points) != 1 {
		t.Errorf("a day as a whole: %v, %v", v, err)
	}
}

func TestFetch_FindsThePathsThatAreConfigured(t *testing.T) {
	var asked []string
	s, err := Type.New(feeds.Settings{
		"url": "http://usage.example/v2/", "identity_token": secret, "meter": "M/7", "zone": "Europe/Rome", "paths.usage": "/meters/{meter}/reads", "paths.login": "login",
	}, feeds.Net{HTTP: &http.Client{Transport: recorded(func(r *http.Request) (int, string, string) {
		asked = append(asked, r.URL.EscapedPath())
		if r.Method == http.MethodPost {
			return http.StatusOK, "application/json", `{"access_token": "` + jwt + `", "expires_in": 60}`
		}
		return http.StatusOK, "application/json", `["HOUR"]`
	})}})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = s.Fetch(t.Context(), theDay)
	if want := []string{"/v2/login", "/v2/Metadata/granularity-types", "/v2/meters/M%2F7/reads"}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
}
