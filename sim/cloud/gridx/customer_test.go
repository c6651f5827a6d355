package gridx

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

const (
	secret   = "s3cr3t-of-the-utility"
	contract = "0012345678"
	customer = "6f1d4a7e-0b52-4c1e-9a77-3c5d2e8f0a11"
)

// credentials are what a home that has an account configures instead of rate and circuit.
var credentials = feeds.Settings{"rate": "", "circuit": "", "client_id": "somebody", "client_secret": secret, "contract": contract, "customer": customer}

func steady(taken, given energy.WattHours) func(energy.Interval) Amounts {
	return func(slot energy.Interval) Amounts {
		share := energy.WattHours(slot.Length().Hours())
		return Amounts{taken * share, given * share}
	}
}

// withCustomer is a server that knows one, whose usage is billed until the first of March.
func withCustomer(t *testing.T, now string, change func(*Customer)) *stand {
	t.Helper()
	c := &Customer{
		ClientID: "somebody", Secret: secret, Contract: contract, UUID: customer, Meter: "0098765432", Rate: "B19", Voltage: "secondary", HasVoltage: true,
		Circuit: "013532223", CCA: "MCE", Metered: steady(1250, 500), Bought: steady(1000, 0), Billed: at(t, "2026-03-02T00:00:00-08:00"),
	}
	if change != nil {
		change(c)
	}
	return serve(t, now, func(conf *Config) { conf.Customer = c })
}

func TestCustomer_RateAndCircuitComeFromTheAccount(t *testing.T) {
	for name, change := range map[string]func(*Customer){
		"as answers spell it":  nil,
		"as the page does":     func(c *Customer) { c.OldNames = true },
		"the token in quotes":  func(c *Customer) { c.Quoted = true },
		"without a CCA":        func(c *Customer) { c.CCA = "" },
		"a rate without class": func(c *Customer) { c.Rate, c.HasVoltage = "EELEC", false },
	} {
		t.Run(name, func(t *testing.T) {
			s := withCustomer(t, "2026-03-02T19:00:00-08:00", change)
			v, err := s.source(t, credentials).Fetch(t.Context(), s.days(s.Now(), 2))
			if err != nil || len(v.Import.Points) != 48 || len(v.Remarks) != 0 {
				t.Errorf("%v, %v, %v", v.Coverage(), v.Remarks, err)
			}
		})
	}
}

func TestCustomer_ATokenThatEndsIsReplaced(t *testing.T) {
	s := withCustomer(t, "2026-03-02T19:00:00-08:00", func(c *Customer) { c.Lifetime = 30 * time.Minute })
	source := s.source(t, credentials)
	span := s.days(s.Now().Add(-24*time.Hour), 3)
	for _, step := range []struct {
		now    string
		tokens int
	}{
		{"2026-03-02T19:00:00-08:00", 1}, {"2026-03-02T19:28:00-08:00", 0}, {"2026-03-02T19:31:00-08:00", 1}, {"2026-03-04T09:00:00-08:00", 1},
	} {
		s.set(t, step.now)
		v, err := source.Fetch(t.Context(), span)
		if err != nil || len(v.Taken.Points) == 0 || len(v.Remarks) != 0 {
			t.Errorf("%s: %v, %v, %v", step.now, v.Coverage(), v.Remarks, err)
		}
		if n := s.count("/v1/auth/token"); n != step.tokens {
			t.Errorf("%s: %d tokens were fetched, want %d", step.now, n, step.tokens)
		}
	}
}

// A token that the server does not take any more, whatever it said, is fetched once more and no oftener.
func TestCustomer_AForgedTokenIsRefused(t *testing.T) {
	s := withCustomer(t, "2026-03-02T19:00:00-08:00", nil)
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("somebody:"+secret))
	_, token := s.get(t, "/auth/token", "Authorization", basic)
	ids := []string{"X-Contract-Id", base64.StdEncoding.EncodeToString([]byte(contract)), "X-Customer-Uuid", base64.StdEncoding.EncodeToString([]byte(customer))}
	ask := func(token string, ids ...string) int {
		status, _ := s.get(t, "/customer/info", slices.Concat([]string{"Authorization", "Bearer " + token}, ids)...)
		return status
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || ask(token, ids...) != http.StatusOK {
		t.Fatalf("a good token: %s", token)
	}
	longer := base64.RawURLEncoding.EncodeToString([]byte(`{"exp":4102444800}`))
	for name, forged := range map[string]string{"none": "", "another payload": parts[0] + "." + longer + "." + parts[2], "no signature": parts[0] + "." + parts[1] + "."} {
		if status := ask(forged, ids...); status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status := ask(token); status != http.StatusForbidden {
		t.Errorf("whose account it is was not said: %d", status)
	}
	if status, body := s.get(t, "/auth/token", "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("somebody:else"))); status != http.StatusUnauthorized || strings.Contains(body, secret) {
		t.Errorf("a wrong secret: %d %s", status, body)
	}
	s.set(t, "2026-03-02T20:00:01-08:00")
	if status := ask(token, ids...); status != http.StatusUnauthorized {
		t.Errorf("after an hour: %d", status)
	}
}

func TestCustomer_WrongCredentialsTellNothing(t *testing.T) {
	s := withCustomer(t, "2026-03-02T19:00:00-08:00", nil)
	for name, change := range map[string]feeds.Settings{
		"secret":   {"client_secret": "another-s3cr3t"},
		"contract": {"contract": "0012345679"},
		"customer": {"customer": "6f1d4a7e-0b52-4c1e-9a77-3c5d2e8f0a12"},
	} {
		settings := feeds.Settings{}
		for key, value := range credentials {
			settings[key] = value
		}
		for key, value := range change {
			settings[key] = value
		}
		_, err := s.source(t, settings).Fetch(t.Context(), s.days(s.Now(), 1))
		if feeds.KindOf(err) != feeds.Misconfigured || strings.Contains(err.Error(), settings["contract"]) || strings.Contains(err.Error(), settings["client_secret"]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The server has a customer, and nobody asks about one who is not configured.
func TestCustomer_NobodyAsksWithoutCredentials(t *testing.T) {
	s := withCustomer(t, "2026-03-02T19:00:00-08:00", nil)
	source := s.source(t, nil)
	v, err := source.Fetch(t.Context(), s.days(s.Now().Add(-48*time.Hour), 3))
	if err != nil || len(v.Taken.Points)+len(v.Given.Points) != 0 || len(source.(feeds.Account).Questions()) != 0 {
		t.Errorf("%v, %v", v.Coverage(), err)
	}
	for _, path := range []string{"/v1/auth/token", "/v1/customer/info", "/v1/customer/usage"} {
		if n := s.count(path); n != 0 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
}

func TestUsage_WhatWasBoughtIsNeverEnergyTaken(t *testing.T) {
	s := withCustomer(t, "2026-03-03T10:20:00-08:00", nil)
	source := s.source(t, credentials)
	v, err := source.Fetch(t.Context(), s.days(at(t, "2026-03-01T12:00:00-08:00"), 4))
	billed := s.days(at(t, "2026-03-01T12:00:00-08:00"), 1)
	if err != nil || len(v.Taken.Points) != 24 || len(v.Given.Points) != 24 || v.Taken.Extent() != inUTC(billed) {
		t.Fatalf("%v, %v", v.Coverage(), err)
	}
	for i, p := range v.Taken.Points {
		if p.Value != 1250 || v.Given.Points[i].Value != 500 || p.Origin.Status != energy.Final {
			t.Errorf("%v: %v, %v", p.Interval, p.Value, v.Given.Points[i].Value)
		}
	}
	usage := source.(feeds.Account).Questions()[1]
	table, err := usage.Ask(t.Context(), feeds.Settings{"from": "2026-03-01", "to": "2026-03-04"})
	if err != nil || usage.Name != "usage" {
		t.Fatal(err)
	}
	// The second is over and not billed; of the third, the hours from now on are known.
	if want := 24 + 13 + 24; len(table.Rows) != want {
		t.Errorf("%d rows, want %d", len(table.Rows), want)
	}
	first, last := table.Rows[0], table.Rows[len(table.Rows)-1]
	if !slices.Equal(first, []string{"2026-03-01T00:00-08:00", "60", "metered", "1.25", "0.5", "1", "0"}) {
		t.Errorf("first: %q", first)
	}
	if !slices.Equal(last, []string{"2026-03-04T23:00-08:00", "60", "bought", "1", "0", "", ""}) {
		t.Errorf("last: %q", last)
	}
}

func TestUsage_TheDaysOfTheChangeAreWhole(t *testing.T) {
	for day, hours := range map[string]int{"2026-03-08T12:00:00-07:00": 23, "2026-11-01T12:00:00-08:00": 25} {
		s := withCustomer(t, day, func(c *Customer) { c.Billed = at(t, "2026-12-01T00:00:00-08:00") })
		s.now = s.now.Add(24 * time.Hour)
		v, err := s.source(t, credentials).Fetch(t.Context(), s.days(at(t, day), 2))
		if err != nil || len(v.Taken.Points) != hours || v.Taken.Extent() != inUTC(s.days(at(t, day), 1)) {
			t.Errorf("%s: %v, %v", day, v.Coverage(), err)
		}
	}
}

func TestUsage_WhatIsWrongIsNoContent(t *testing.T) {
	s := withCustomer(t, "2026-03-03T10:20:00-08:00", nil)
	_, token := s.get(t, "/auth/token", "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("somebody:"+secret)))
	for _, q := range []string{"", "start=2026-03-01&end=2026-03-02", "start=2026-03-02T08:00:00Z&end=2026-03-01T08:00:00Z", "start=2026-03-02T08:00:00Z&end=2026-03-03T08:00:00Z"} {
		status, body := s.get(t, "/customer/usage?"+q, "Authorization", "Bearer "+token,
			"X-Contract-Id", base64.StdEncoding.EncodeToString([]byte(contract)), "X-Customer-Uuid", base64.StdEncoding.EncodeToString([]byte(customer)))
		if status != http.StatusNoContent || body != "" {
			t.Errorf("%s: %d %s", q, status, body)
		}
	}
}

func inUTC(i energy.Interval) energy.Interval {
	return energy.Interval{Start: i.Start.UTC(), End: i.End.UTC()}
}
