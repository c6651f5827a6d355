package fram

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

func TestType_AcceptsItsSample(t *testing.T) {
	feedtest.Sample(t, Type, feeds.Home{Zone: time.UTC})
	source, err := Type.New(feedtest.Settings(Type), feeds.Net{})
	if err != nil {
		t.Fatal(err)
	}
	if s := source.(*Source); s.zone.String() != zoneName || len(s.cfg.Periods) != 3 || len(s.cfg.Seasons) != 2 || s.base.String() != host {
		t.Errorf("%+v", s)
	}
}

func TestType_TakesTheHomesZone(t *testing.T) {
	s := feedtest.Settings(Type)
	delete(s, "zone")
	zone, err := time.LoadLocation("America/Denver")
	if err != nil {
		t.Fatal(err)
	}
	source, err := Type.New(s, feeds.Net{Home: feeds.Home{Zone: zone}})
	if err != nil || source.About().Zone.String() != "America/Denver" {
		t.Error(err)
	}
	if source, err = Type.New(s, feeds.Net{}); source != nil || !strings.HasPrefix(fmt.Sprint(err), "zone ") {
		t.Errorf("no zone anywhere: %v, %v", source, err)
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, change := range map[string]func(*Config){
		`url "fram": must be`:                func(c *Config) { c.BaseURL = "fram" },
		"token_url: must be an address of":   func(c *Config) { c.TokenURL = "https://me:s3cret@fram.example" },
		`token_url "fram": must be`:          func(c *Config) { c.TokenURL = "fram" },
		`zone "PST": must be`:                func(c *Config) { c.Zone = "PST" },
		`client_id: is missing`:              func(c *Config) { c.ClientID = "" },
		`client_secret: is missing`:          func(c *Config) { c.ClientSecret = "" },
		`unit_of_price "EUR/kWh": must be`:   func(c *Config) { c.UnitOfPrice = "EUR/kWh" },
		`periods.shoulder: must be a period`: func(c *Config) { c.Periods["shoulder"] = "rest" },
		`seasons.spring: must be summer`:     func(c *Config) { c.Seasons["spring"] = "rest" },
		`unit "4B": must be an id`:           func(c *Config) { c.Unit = "4B" },
		`project "x": must be an id`:         func(c *Config) { c.Project = "x" },
		`organization "x": must be an id`:    func(c *Config) { c.Organization = "x" },
		`paths.users: must be one of`:        func(c *Config) { c.Paths = map[string]string{"users": "/users"} },
		`paths.unit "/units": must be`:       func(c *Config) { c.Paths = map[string]string{"unit": "/units"} },
		`paths.units "/units?x=1": must be`:  func(c *Config) { c.Paths = map[string]string{"units": "/units?x=1"} },
	} {
		cfg := home()
		change(&cfg)
		if _, err := New(cfg, feeds.Net{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), want) || strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestFetch_WithoutABillingCodeAsksNothing(t *testing.T) {
	cfg := home()
	cfg.BillingCode = ""
	s, asked := answering(t, cfg, http.StatusOK, nil)
	if _, err := s.Fetch(t.Context(), energy.Span(at("2026-07-15T12:00:00Z"), time.Hour)); feeds.KindOf(err) != feeds.Misconfigured || len(*asked) != 0 || !strings.HasPrefix(err.Error(), "billing_code: ") {
		t.Errorf("%v after %d questions", err, len(*asked))
	}
}

// A filter that the service demands is missed here; where it is there, a 403 is about permissions.
func TestAsk_KnowsTwoKindsOfForbidden(t *testing.T) {
	s, asked := answering(t, home(), http.StatusForbidden, []byte(`{"message":"no"}`))
	for what, filters := range demanded {
		for _, given := range []url.Values{nil, {"search": {"x"}}, {filters[0]: {""}}} {
			_, err := s.ask(t.Context(), what, "", given)
			if feeds.StatusOf(err) != 0 || feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(err.Error(), filters[0]) {
				t.Errorf("%s with %v: %v", what, given, err)
			}
		}
	}
	if len(*asked) != 0 {
		t.Fatalf("%d questions without a filter were asked", len(*asked))
	}
	for what, filters := range demanded {
		_, err := s.ask(t.Context(), what, "", url.Values{filters[len(filters)-1]: {idOf(1)}})
		if feeds.StatusOf(err) != http.StatusForbidden || feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(err.Error(), "may not see them") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
