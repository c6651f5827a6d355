package fram

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// settingsOf reads a sample as a configuration does: a table is keys with dots, and a file is what it holds.
func settingsOf(sample string) feeds.Settings {
	out, table := feeds.Settings{}, ""
	for line := range strings.Lines(sample) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		value = strings.TrimSpace(value)
		switch {
		case strings.HasPrefix(line, "  "):
			out[table+"."+key] = value
		case value == "":
			table = key
		default:
			out[strings.TrimSuffix(key, "_file")] = value
		}
	}
	return out
}

func TestType_AcceptsItsSample(t *testing.T) {
	source, err := Type.New(settingsOf(Type.Sample), feeds.Net{})
	if err != nil {
		t.Fatal(err)
	}
	s := source.(*Source)
	if s.zone.String() != zoneName || len(s.calendar.periods) != 3 || len(s.calendar.seasons) != 2 || s.base.String() != host {
		t.Errorf("%+v", s)
	}
	for key := range settingsOf(Type.Sample) {
		name, _, _ := strings.Cut(key, ".")
		if key != "name" && key != "type" && !slices.ContainsFunc(Type.Keys, func(k feeds.Key) bool { return k.Name == name }) {
			t.Errorf("the sample has the key %q, which is not told", key)
		}
	}
}

func TestType_DemandsWhatIsRequired(t *testing.T) {
	for _, key := range Type.Keys {
		s := settingsOf(Type.Sample)
		delete(s, key.Name)
		_, err := Type.New(s, feeds.Net{Home: feeds.Home{Zone: time.UTC}})
		if (err != nil) != key.IsRequired || err != nil && !strings.HasPrefix(err.Error(), key.Name+": ") {
			t.Errorf("without %s: %v", key.Name, err)
		}
	}
}

func TestType_TakesTheHomesZone(t *testing.T) {
	s := settingsOf(Type.Sample)
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
		`url "fram": must be`:                   func(c *Config) { c.BaseURL = "fram" },
		`token_url "fram": must be`:             func(c *Config) { c.TokenURL = "fram" },
		`zone "PST": must be`:                   func(c *Config) { c.Zone = "PST" },
		`client_id: is missing`:                 func(c *Config) { c.ClientID = "" },
		`client_secret: is missing`:             func(c *Config) { c.ClientSecret = "" },
		`unit_of_price "EUR/kWh": must be`:      func(c *Config) { c.UnitOfPrice = "EUR/kWh" },
		`unit "4B": must be an id`:              func(c *Config) { c.Unit = "4B" },
		`project "x": must be an id`:            func(c *Config) { c.Project = "x" },
		`organization "x": must be an id`:       func(c *Config) { c.Organization = "x" },
		`paths.users: must be one of`:           func(c *Config) { c.Paths = map[string]string{"users": "/users"} },
		`paths.unit "/units": must be`:          func(c *Config) { c.Paths = map[string]string{"unit": "/units"} },
		`paths.units "/units?x=1": must be`:     func(c *Config) { c.Paths = map[string]string{"units": "/units?x=1"} },
		`periods.shoulder: must be a period`:    func(c *Config) { c.Periods["shoulder"] = rest },
		`periods.spring.peak: must be a period`: func(c *Config) { c.Periods["spring.peak"] = rest },
		`periods.peak: must be hours such as mo-su 16:00-21:00, or rest, not "4pm-9pm"`:           func(c *Config) { c.Periods["peak"] = "4pm-9pm" },
		`periods.peak: must be hours such as mo-su 16:00-21:00, or rest, not "mo-xx 16:00-21:00"`: func(c *Config) { c.Periods["peak"] = "mo-xx 16:00-21:00" },
		`periods.peak: must be hours such as mo-su 16:00-21:00, or rest, not "16:00-16:00"`:       func(c *Config) { c.Periods["peak"] = "16:00-16:00" },
		`periods.peak: must be hours such as mo-su 16:00-21:00, or rest, not "a b c"`:             func(c *Config) { c.Periods["peak"] = "a b c" },
		`seasons.spring: must be summer or winter`:                                                func(c *Config) { c.Seasons["spring"] = "03-01..05-31" },
		`seasons.summer: must be days such as 06-01..09-30, or rest, not "June"`:                  func(c *Config) { c.Seasons["summer"] = "June" },
		`seasons: 06-01 is in summer and in winter`:                                               func(c *Config) { c.Seasons["winter"] = "10-01..06-01" },
		`seasons: 05-31 is neither in summer nor`:                                                 func(c *Config) { c.Seasons["winter"] = "10-01..05-30" },
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
			if !errors.Is(err, ErrFilter) || feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(err.Error(), filters[0]) {
				t.Errorf("%s with %v: %v", what, given, err)
			}
		}
	}
	if len(*asked) != 0 {
		t.Fatalf("%d questions without a filter were asked", len(*asked))
	}
	for what, filters := range demanded {
		_, err := s.ask(t.Context(), what, "", url.Values{filters[len(filters)-1]: {idOf(1)}})
		var f forbidden
		if !errors.As(err, &f) || errors.Is(err, ErrFilter) || feeds.KindOf(err) != feeds.Misconfigured || !strings.Contains(err.Error(), "may not see them") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestList_EndsWhateverTheServerSays(t *testing.T) {
	full := make([]string, perPage)
	for i := range full {
		full[i] = fmt.Sprint(i)
	}
	for want, body := range map[string]string{
		"page 2 is the one before it again": `{"data":[1],"pagination":{"pages":9}}`,
		"more than 100 pages":               `{"data":[` + strings.Join(full, ",") + `],"pagination":{}}`,
	} {
		n := 0
		s, _ := answering(t, home(), http.StatusOK, nil)
		s.client.HTTP = &http.Client{Transport: transport(func() string {
			if n++; strings.Contains(want, "more") {
				return strings.Replace(body, "[0", fmt.Sprintf("[%d", n), 1)
			}
			return body
		})}
		s.client.Tokens = nil
		if _, err := s.list(t.Context(), "organizations", nil); feeds.KindOf(err) != feeds.Temporary || !strings.Contains(fmt.Sprint(err), want) || n > mostPages {
			t.Errorf("%v after %d, want %s", err, n, want)
		}
	}
}
