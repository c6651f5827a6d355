package fram

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	cloud "hearth/sim/cloud/fram"
)

// bench is a source and the publisher it asks, over a socket.
type bench struct {
	*Source
	now   time.Time
	asked []string // paths and queries, tokens as "token"
}

func against(t *testing.T, config cloud.Config, change func(*Config)) *bench {
	t.Helper()
	b := &bench{now: at("2026-07-15T18:00:00Z")}
	config.Now = func() time.Time { return b.now }
	config.ClientID, config.ClientSecret, config.Audience = "hearth", secret, audience
	publisher := cloud.New(config)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := strings.TrimPrefix(r.URL.Path, "/api/v1/"); {
		case strings.Contains(path, "user"), strings.Contains(path, "tenant"), r.URL.Query().Has("user_id"):
			t.Errorf("a tenant was asked for: %s", r.URL)
		case r.Method == http.MethodPost:
			b.asked = append(b.asked, "token")
		default:
			b.asked = append(b.asked, path+"?"+r.URL.RawQuery)
		}
		publisher.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	cfg := home()
	cfg.BaseURL, cfg.TokenURL = server.URL+"/api/v1", server.URL+"/oauth/token"
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg, feeds.Net{Now: config.Now})
	if err != nil {
		t.Fatal(err)
	}
	b.Source = s
	return b
}

func (b *bench) count(prefix string) (n int) {
	for _, a := range b.asked {
		if strings.HasPrefix(a, prefix) {
			n++
		}
	}
	return n
}

func pointer(s string) *string { return &s }

func raw(s string) json.RawMessage { return json.RawMessage(s) }

// rateOf is a rate of the home's code.
func rateOf(n int, effective, end, prices string) cloud.Rate {
	r := cloud.Rate{ID: idOf(n), Utility: "Coast Electric", Code: "E-ELEC", Supplier: "MCE", Effective: effective, Map: raw(prices)}
	if end != "" {
		r.End = &end
	}
	return r
}

// hourly is a list of 24 prices, the hour in hundredths.
func hourly() string {
	var all []string
	for hour := range 24 {
		all = append(all, fmt.Sprintf("0.%02d", hour))
	}
	return "[" + strings.Join(all, ",") + "]"
}

func localDays(t *testing.T, s *Source, first, last string) energy.Interval {
	t.Helper()
	return energy.Interval{Start: dayOf(first, s.zone).Start, End: dayOf(last, s.zone).End}
}

func TestFetch_ChangesTheRateInTheMiddleOfTheSpan(t *testing.T) {
	b := against(t, cloud.Config{Data: cloud.Data{Rates: []cloud.Rate{
		rateOf(1, "2026-01-01", "2026-07-31", `{"peak":0.52,"part_peak":0.41,"off_peak":0.33}`),
		rateOf(2, "2026-08-01", "", `{"flat":"0.300000000001"}`),
	}}}, nil)
	span := localDays(t, b.Source, "2026-07-31", "2026-08-01")
	v, err := b.Fetch(t.Context(), span)
	if err != nil || len(v.Import.Gaps(span)) != 0 || len(v.Remarks) != 0 || v.Check(b.About()) != nil {
		t.Fatalf("%v, gaps %v, %v", err, v.Import.Gaps(span), v.Remarks)
	}
	for when, want := range map[string]string{
		"2026-07-31T14:59:59-07:00": "0.33", "2026-07-31T15:00:00-07:00": "0.41", "2026-07-31T16:00:00-07:00": "0.52",
		"2026-07-31T23:59:59-07:00": "0.41", "2026-08-01T00:00:00-07:00": "0.300000000001", "2026-08-01T16:00:00-07:00": "0.300000000001",
	} {
		if p, _ := v.Import.At(at(when)); p.String() != want {
			t.Errorf("at %s %s, want %s", when, p, want)
		}
	}
	if v.Import.Points[0].Start.Location() != time.UTC || b.count("aggregated-utility-rates?") != 2 || b.count("token") != 1 {
		t.Errorf("asked %q", b.asked)
	}
}

func TestFetch_KnowsBothDaysOnWhichTheClockIsChanged(t *testing.T) {
	b := against(t, cloud.Config{Data: cloud.Data{Rates: []cloud.Rate{rateOf(1, "2026-01-01", "", hourly())}}}, nil)
	for day, prices := range map[string]int{"2026-03-08": 23, "2026-11-01": 24, "2026-07-15": 24} {
		span := localDays(t, b.Source, day, day)
		v, err := b.Fetch(t.Context(), span)
		if err != nil || len(v.Import.Points) != prices || len(v.Import.Gaps(span)) != 0 {
			t.Errorf("%s: %d prices, %v", day, len(v.Import.Points), err)
		}
		for _, p := range v.Import.Points {
			if hour := p.Start.In(b.zone).Hour(); p.Value.Float() != float64(hour)/100 {
				t.Errorf("%v costs %v, and begins at %d on the wall", p.Interval, p.Value, hour)
			}
		}
	}
}

func TestFetch_SaysWhyThereIsNothing(t *testing.T) {
	rates := cloud.Data{Rates: []cloud.Rate{rateOf(1, "2026-07-01", "2026-07-31", `{"flat":0.3}`)}}
	for name, c := range map[string]struct {
		change func(*Config)
		day    string
		kind   feeds.FailureKind
		says   string
	}{
		"after the last":   {nil, "2026-08-01", feeds.NotYet, "no rate"},
		"another code":     {func(c *Config) { c.BillingCode = "B-1" }, "2026-07-15", feeds.Misconfigured, `billing_code "B-1": has no rates`},
		"another supplier": {func(c *Config) { c.Supplier = "SVCE" }, "2026-07-15", feeds.Misconfigured, "of the supplier SVCE"},
		"another audience": {func(c *Config) { c.Audience = "https://other.example" }, "2026-07-15", feeds.Misconfigured, "token: "},
		"another secret":   {func(c *Config) { c.ClientSecret = "another-secret" }, "2026-07-15", feeds.Misconfigured, "status 401"},
		"another path":     {func(c *Config) { c.Paths = map[string]string{"rates": "/rates"} }, "2026-07-15", feeds.Misconfigured, "/rates: status 404"},
		"no hours":         {func(c *Config) { c.Periods = nil }, "2026-07-15", "", ""},
	} {
		b := against(t, cloud.Config{Data: rates}, c.change)
		v, err := b.Fetch(t.Context(), localDays(t, b.Source, c.day, c.day))
		if c.kind == "" {
			if err != nil || len(v.Import.Points) != 1 {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if feeds.KindOf(err) != c.kind || !strings.Contains(fmt.Sprint(err), c.says) || strings.Contains(fmt.Sprint(err), "another-secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFetch_ADayThatCannotBeReadIsMissing(t *testing.T) {
	b := against(t, cloud.Config{Data: cloud.Data{Rates: []cloud.Rate{
		rateOf(1, "2026-07-01", "2026-07-15", `{"flat":0.3}`), rateOf(2, "2026-07-16", "", `{"tier_1":0.3}`),
	}}}, nil)
	v, err := b.Fetch(t.Context(), localDays(t, b.Source, "2026-07-15", "2026-07-17"))
	if err != nil || len(v.Import.Points) != 1 || len(v.Remarks) != 1 || !strings.Contains(v.Remarks[0], "tier_1 number") {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err = b.Fetch(t.Context(), localDays(t, b.Source, "2026-07-16", "2026-07-17")); feeds.KindOf(err) != feeds.Misconfigured {
		t.Errorf("only such days: %v", err)
	}
}

func TestSource_TakesAnotherTokenWhenOneIsOver(t *testing.T) {
	b := against(t, cloud.Config{Data: cloud.Data{Rates: []cloud.Rate{rateOf(1, "2026-01-01", "", `{"flat":0.3}`)}}}, nil)
	fetch := func(want int) {
		t.Helper()
		if _, err := b.Fetch(t.Context(), localDays(t, b.Source, "2026-07-15", "2026-07-15")); err != nil || b.count("token") != want {
			t.Errorf("%d tokens, want %d, %v", b.count("token"), want, err)
		}
	}
	fetch(1)
	b.now = b.now.Add(86300 * time.Second)
	fetch(1)
	b.now = b.now.Add(60 * time.Second)
	fetch(2)
}

// many is a publisher with lists of several pages.
func many() cloud.Data {
	d := building()
	for n := range 700 {
		d.Organizations = append(d.Organizations, cloud.Organization{ID: idOf(1000 + n), Name: fmt.Sprint("House ", n)})
	}
	return d
}

func TestList_ReadsThreePages(t *testing.T) {
	for _, hides := range []bool{false, true} {
		b := against(t, cloud.Config{Data: many(), HidesPages: hides}, nil)
		got, err := b.list(t.Context(), "organizations", nil)
		if err != nil || len(got) != 701 || b.count("organizations?") != 3 {
			t.Errorf("pages hidden %v: %d records in %d pages, %v", hides, len(got), b.count("organizations?"), err)
		}
		b = against(t, cloud.Config{Data: many(), HidesPages: hides, MaxLimit: 100}, nil)
		if got, err = b.list(t.Context(), "organizations", nil); err != nil || len(got) != 701 || b.count("organizations?") != 8 {
			t.Errorf("pages of a hundred: %d records in %d pages, %v", len(got), b.count("organizations?"), err)
		}
	}
}

func TestSource_MayNotSeeAForeignOrganization(t *testing.T) {
	d := building()
	d.Organizations[0].IsForeign = true
	b := against(t, cloud.Config{Data: d}, nil)
	if _, err := b.Bills(t.Context(), localDays(t, b.Source, "2026-03-01", "2026-03-01")); feeds.StatusOf(err) != http.StatusForbidden {
		t.Error(err)
	}
}

func TestProject_IsFoundByItsUnit(t *testing.T) {
	d := many()
	d.Organizations = slices.Concat(d.Organizations[1:4], d.Organizations[:1])
	unknown := func(c *Config) { c.Project = "" }
	for name, c := range map[string]struct {
		change func(*Config)
		asked  int
	}{
		"given":                {nil, 0},
		"by its unit":          {unknown, 1},
		"through all projects": {func(c *Config) { c.Project = ""; c.Paths = map[string]string{"unit": "/nowhere/{id}"} }, 7},
		"through one organization": {func(c *Config) {
			c.Project = ""
			c.Organization = idOf(1)
			c.Paths = map[string]string{"unit": "/nowhere/{id}"}
		}, 3},
	} {
		b := against(t, cloud.Config{Data: d}, c.change)
		for range 2 { // the second time, it is known
			if got, err := b.project(t.Context()); err != nil || got != idOf(2) || len(b.asked)-b.count("token") != c.asked {
				t.Errorf("%s: %s, %v after %q", name, got, err, b.asked)
			}
		}
	}
	b := against(t, cloud.Config{Data: d}, func(c *Config) { c.Project, c.Unit = "", idOf(77) })
	if _, err := b.project(t.Context()); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(err.Error(), "unit ") {
		t.Errorf("a unit that is nowhere: %v", err)
	}
}

// Only a refusal makes the search go through the homes of others; a server in trouble does not.
func TestFind_AsksForOthersOnlyWhereItMust(t *testing.T) {
	for name, c := range map[string]struct {
		unit byPath
		want string
	}{
		"no project in it": {byPath{"/api/v1/units/" + idOf(3): `{}`, "/api/v1/organizations": `{"data":[]}`}, `unit "` + idOf(3) + `": is in no project`},
		"no document":      {byPath{"/api/v1/units/" + idOf(3): `[]`, "/api/v1/organizations": `{"data":[]}`}, "unit: "},
		"no answer":        {byPath{"/api/v1/organizations": `{"data":[]}`}, "unit: "},
		"no id in a list":  {byPath{"/api/v1/units/" + idOf(3): `{}`, "/api/v1/organizations": `{"data":[{"name":"x"}]}`}, "organizations: record 0 has no organization_id"},
	} {
		cfg := home()
		cfg.Project = ""
		s, err := New(cfg, feeds.Net{HTTP: &http.Client{Transport: c.unit}})
		if err != nil {
			t.Fatal(err)
		}
		s.client.Tokens = nil
		if p, err := s.project(t.Context()); p != "" || !strings.HasPrefix(fmt.Sprint(err), c.want) {
			t.Errorf("%s: %q, %v", name, p, err)
		}
	}
}
