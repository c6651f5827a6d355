package energygrid

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/energy"
)

func TestNew_LacksNothing(t *testing.T) {
	s := New(Config{IdentityToken: identity, Meter: "M-7"})
	c := &customer{T: t, Server: s}
	c.login()
	now := time.Now().UTC().Truncate(time.Hour)
	status, p := c.usage(energy.Interval{Start: now.Add(-24 * time.Hour), End: now}, "HOUR", "", 0)
	if status != http.StatusOK || len(p.Items) != 24 || p.Unit != "kWh" || p.Zone != "UTC" || *p.Items[0].Value != 0.1 || p.Items[0].Quality != "actual" {
		t.Errorf("%d, %+v", status, p)
	}
	if _, body := c.ask(http.MethodGet, "/Metadata/granularity-types", ""); strings.TrimSpace(body) != `["MONTH","DAY","HOUR","QUARTER_HOUR"]` {
		t.Errorf("granularities: %s", body)
	}
	if _, body := c.ask(http.MethodGet, "/Insights", ""); strings.TrimSpace(body) != `{"items":[]}` {
		t.Errorf("insights: %s", body)
	}
}

// The hours of a day sum up to the day, in both directions of the change of the clock, and so does the money.
func TestUsage_SumsUp(t *testing.T) {
	for name, span := range map[string]energy.Interval{"spring": spring, "autumn": autumn} {
		c := open(t, Config{Price: 300_000_000_000, Currency: "EUR"}, span.End)
		sums := map[string]float64{}
		money := map[string]energy.Money{}
		for _, granularity := range []string{"QUARTER_HOUR", "HOUR", "DAY"} {
			_, p := c.usage(span, granularity, "", 1000)
			for _, it := range p.Items {
				sums[granularity] += *it.Value
				money[granularity] += *it.Cost
			}
		}
		if money["HOUR"] != money["DAY"] || money["QUARTER_HOUR"] != money["DAY"] || money["DAY"] == 0 || sums["HOUR"]-sums["DAY"] > 1e-9 || sums["DAY"]-sums["HOUR"] > 1e-9 {
			t.Errorf("%s: %v, %v", name, sums, money)
		}
	}
}

func TestServer_ServesManyAtOnce(t *testing.T) {
	c := open(t, Config{Currency: "EUR", Budget: Budget{Period: "2026-03"}}, spring.End)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				c.ask(http.MethodPut, "/Budget", `{"period": "2026-03", "amount": 80, "currency": "EUR"}`)
				c.ask(http.MethodGet, "/Budget", "")
				c.usage(spring, "HOUR", "", 10)
				c.Forget()
			}
		})
	}
	all.Wait()
	if c.Writes() != 40 {
		t.Errorf("%d changes", c.Writes())
	}
}

func TestLogin_GivesATokenThatSaysWhenItEnds(t *testing.T) {
	c := open(t, Config{Lifetime: 20 * time.Minute}, spring.End)
	parts := strings.Split(c.token, ".")
	var got claims
	if raw, err := base64.RawURLEncoding.DecodeString(parts[1]); len(parts) != 3 || err != nil || json.Unmarshal(raw, &got) != nil || got.Ends-got.Issued != 1200 || got.Issued != spring.End.Unix() {
		t.Errorf("%s: %+v", c.token, got)
	}
}
