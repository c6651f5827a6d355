package digiwatt

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	feed "hearth/feeds/digiwatt"
	"hearth/feeds/feedtest"
)

func rome(t *testing.T) *time.Location { return feedtest.Zone(t, "Europe/Rome") }

// green is a share that rises from midnight to noon and falls again.
func green(at time.Time) float64 {
	hours := at.UTC().Sub(at.UTC().Truncate(24 * time.Hour)).Hours()
	return math.Round((1-math.Abs(hours-12)/12)*1000) / 1000
}

// fridge takes 60 W in every even minute, oven takes 1 kW in the first half of each hour, standby 20 W always.
func appliances() []Appliance {
	return []Appliance{
		{Name: "fridge", Power: func(at time.Time) energy.Watts { return energy.Watts(60 * (1 - at.Minute()%2)) }},
		{Name: "oven", Energy: func(i energy.Interval) energy.WattHours { return energy.Watts(500).Over(i.Length()) },
			Uses: func(i energy.Interval) int { return int(i.Length() / (24 * time.Hour)) }},
		{Name: "standby", Power: func(time.Time) energy.Watts { return 20 }},
	}
}

const (
	id     = "hearth-client"
	secret = "s3cret-of-the-customer"
	number = "1234567890"
)

// stand is a service and a customer of it, each with a clock.
type stand struct {
	*Server
	url    string
	clock  time.Time
	source *feed.Source
}

// open is a service at a time, and the daemon's own source in front of it.
func open(t *testing.T, at time.Time, more feeds.Settings) *stand {
	t.Helper()
	s := &stand{clock: at}
	s.Server = New(Config{
		ClientID: id, ClientSecret: secret, Now: func() time.Time { return s.clock }, Zone: rome(t), Share: green,
		Appliances: appliances(), Users: []User{{"IT001E00000000", number, "hearth"}},
	})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	settings := feeds.Settings{"url": server.URL, "client_id": id, "client_secret": secret, "account_number": number}
	for key, value := range more {
		settings[key] = value
	}
	source, err := feed.Type.New(settings, feeds.Net{Now: func() time.Time { return at }}) // its clock stands
	if err != nil {
		t.Fatal(err)
	}
	s.source = source.(*feed.Source)
	return s
}

func local(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, rome(t))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// On ordinary days, and on both days on which the clock of Rome changes, each hour has its share at its time.
func TestServer_GreennessIsUnderstoodOnEveryDay(t *testing.T) {
	for day, want := range map[string]int{"2026-05-12 10:07": 48, "2026-03-29 10:07": 47, "2026-10-25 10:07": 49, "2026-10-24 10:07": 49, "2026-02-03 10:07": 48, "2026-12-31 23:59": 48} {
		at := local(t, day)
		s := open(t, at, nil)
		span := energy.Day(at, rome(t))
		v, err := s.source.Fetch(t.Context(), span)
		if err != nil || len(v.Renewable.Points) != want || len(v.Renewable.Gaps(span)) != 0 || v.Check(s.source.About()) != nil {
			t.Errorf("%s: %d hours, %v", day, len(v.Renewable.Points), err)
			continue
		}
		for _, p := range v.Renewable.Points {
			if float64(p.Value) != green(p.Start) || p.Length() != time.Hour {
				t.Errorf("%s: %v at %v", day, p.Value, p.Interval)
			}
		}
		if len(v.Best) == 0 {
			t.Errorf("%s: no best window", day)
		}
		for _, w := range v.Best {
			if green(w.Start) < 0.74 || w.Length() < time.Hour || w.Start.Before(at.Truncate(time.Minute)) || w.End.After(at.Add(24*time.Hour)) {
				t.Errorf("%s: best is %v", day, w)
			}
		}
	}
}

// A window begins and ends when the share does, not with the hour.
func TestServer_WindowsAreOffTheHour(t *testing.T) {
	s := open(t, local(t, "2026-05-12 10:07"), nil)
	s.cfg.Share = func(at time.Time) float64 {
		if minute := at.UTC().Hour()*60 + at.UTC().Minute(); minute >= 11*60+2 && minute < 17*60+3 {
			return 0.9
		}
		return 0.1
	}
	g, err := s.source.Greenness(t.Context())
	if err != nil || len(g.Best) != 1 || g.Best[0].Start.Format("15:04") != "11:02" || g.Best[0].End.Format("15:04") != "17:03" {
		t.Errorf("%v, %v", g.Best, err)
	}
	s.cfg.Share = nil
	if g, err := s.source.Greenness(t.Context()); err != nil || len(g.Best) != 0 || len(g.Share.Points) != 0 {
		t.Errorf("without a share: %v, %v", g, err)
	}
	if _, err := s.source.Fetch(t.Context(), energy.Span(s.clock, time.Hour)); feeds.KindOf(err) != feeds.NotYet || err == nil {
		t.Errorf("without a share: %v", err)
	}
}

// The client believes in a token that the server has given up: it is refused, and replaced, without a word.
func TestServer_TokensExpire(t *testing.T) {
	s := open(t, local(t, "2026-05-12 10:00"), nil)
	for _, wait := range []time.Duration{0, 9 * time.Hour, 2 * time.Hour, 30 * time.Hour} {
		s.clock = s.clock.Add(wait)
		if w, err := s.source.Realtime(t.Context()); err != nil || w != 580 {
			t.Errorf("after %v: %v, %v", wait, w, err)
		}
	}
	if len(s.tokens) != 1 {
		t.Errorf("%d tokens are kept, one is good", len(s.tokens))
	}
}

func TestServer_RefusesWhoIsUnknown(t *testing.T) {
	at := local(t, "2026-05-12 10:00")
	for key, want := range map[string]string{"client_id": "invalid_client", "client_secret": "invalid_client", "account_number": "status 404"} {
		s := open(t, at, feeds.Settings{key: "somebody-else"})
		if _, err := s.source.Realtime(t.Context()); feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v", key, err)
		}
	}
	s := open(t, at, nil)
	for _, header := range []string{"", "Bearer made-up", "Basic made-up"} {
		req, err := http.NewRequest(http.MethodGet, s.url+"/greenness", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", header)
		if status, body := do(t, req); status != http.StatusUnauthorized || body != `{"data":null,"status":401}` {
			t.Errorf("%q: %d %s", header, status, body)
		}
	}
}

func do(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(body))
}

// A token is for a form; the same in a document, or in the address, is none.
func TestServer_WantsAFormForItsToken(t *testing.T) {
	s := open(t, local(t, "2026-05-12 10:00"), nil)
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	document, err := json.Marshal(map[string]string{"grant_type": "client_credentials", "client_id": id, "client_secret": secret})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		query, kind, body string
		want              int
	}{
		{"", "application/x-www-form-urlencoded", form.Encode(), 200},
		{"", "application/json", string(document), 400},
		{"?" + form.Encode(), "application/x-www-form-urlencoded", "", 400},
		{"", "application/x-www-form-urlencoded", "grant_type=password", 400},
	} {
		req, err := http.NewRequest(http.MethodPost, s.url+"/auth/token"+c.query, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", c.kind)
		if status, body := do(t, req); status != c.want {
			t.Errorf("%s %s: %d %s", c.kind, c.body, status, body)
		}
	}
}
