package energygrid

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds/feedtest"
)

const identity = "the-utility-knows-me"

var (
	spring = energy.Interval{Start: time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC), End: time.Date(2026, 3, 29, 22, 0, 0, 0, time.UTC)}
	autumn = energy.Interval{Start: time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC), End: time.Date(2026, 10, 25, 23, 0, 0, 0, time.UTC)}
)

// customer is one who has logged in.
type customer struct {
	*testing.T
	*Server
	token string
	now   time.Time
}

func open(t *testing.T, cfg Config, now time.Time) *customer {
	t.Helper()
	zone := feedtest.Zone(t, "Europe/Rome")
	c := &customer{T: t, now: now}
	cfg.Now, cfg.IdentityToken, cfg.Meter, cfg.Zone = func() time.Time { return c.now }, identity, "M-7", zone
	c.Server = New(cfg)
	c.login()
	return c
}

func (c *customer) login() {
	status, body := c.ask(http.MethodPost, "/Customer/login", `{"identityToken": "`+identity+`"}`)
	if status != http.StatusOK || json.Unmarshal([]byte(body), &c.token) != nil {
		c.Fatalf("login: %d %s", status, body)
	}
}

// ask puts one question, and checks that a refusal is a problem.
func (c *customer) ask(method, target, body string) (int, string) {
	c.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.token)
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	if w.Code >= 400 {
		var p problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Header().Get("Content-Type") != "application/problem+json" || p.Status != w.Code || p.Detail == "" || p.Title == "" || p.Type == "" || p.Instance != r.URL.Path {
			c.Errorf("%s %s: a refusal that is no problem: %s", method, target, w.Body)
		}
	}
	return w.Code, w.Body.String()
}

func (c *customer) usage(span energy.Interval, granularity, token string, size int) (int, usagePage) {
	c.Helper()
	q := url.Values{"from": {span.Start.Format(time.RFC3339)}, "to": {span.End.Format(time.RFC3339)}, "granularity": {granularity}, "pageSize": {fmt.Sprint(size)}}
	if token != "" {
		q.Set("pageToken", token)
	}
	status, body := c.ask(http.MethodGet, "/Usage/M-7?"+q.Encode(), "")
	var p usagePage
	if status == http.StatusOK {
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			c.Fatal(err)
		}
	}
	return status, p
}

func TestUsage_HasEveryIntervalOfADay(t *testing.T) {
	for granularity, want := range map[string][2]int{"QUARTER_HOUR": {92, 100}, "HOUR": {23, 25}, "DAY": {1, 1}, "MONTH": {0, 0}} {
		for i, span := range []energy.Interval{spring, autumn} {
			_, p := open(t, Config{}, span.End).usage(span, granularity, "", 1000)
			if len(p.Items) != want[i] || p.Unit != "kWh" || p.Zone != "Europe/Rome" || p.Next != "" {
				t.Errorf("%s: %d items, want %d", granularity, len(p.Items), want[i])
			}
		}
	}
	_, p := open(t, Config{}, spring.End.AddDate(0, 1, 0)).usage(energy.Interval{Start: spring.Start.AddDate(0, -1, 0), End: spring.End}, "MONTH", "", 10)
	if len(p.Items) != 1 || p.Items[0].Start != "2026-03-01T00:00:00+01:00" || p.Items[0].End != "2026-04-01T00:00:00+02:00" || *p.Items[0].Value != 74.3 {
		t.Errorf("March: %+v", p.Items)
	}
}

func TestUsage_EndsWithNow(t *testing.T) {
	c := open(t, Config{}, spring.Start.Add(3*time.Hour+20*time.Minute))
	if _, p := c.usage(spring, "HOUR", "", 1000); len(p.Items) != 3 {
		t.Errorf("%d hours are over", len(p.Items))
	}
	if _, p := c.usage(energy.Span(spring.End, time.Hour), "HOUR", "", 1000); p.Items == nil || len(p.Items) != 0 {
		t.Errorf("what is to come: %+v", p)
	}
}

func TestUsage_GivesPagesForOneQuestionOnly(t *testing.T) {
	c := open(t, Config{PageSize: 10}, spring.End)
	var all []item
	status, p := c.usage(spring, "HOUR", "", 1000)
	for all = p.Items; p.Next != "" && status == http.StatusOK; all = append(all, p.Items...) {
		status, p = c.usage(spring, "HOUR", p.Next, 1000)
	}
	if len(all) != 23 {
		t.Errorf("%d hours on all pages", len(all))
	}
	_, first := c.usage(spring, "HOUR", "", 10)
	for name, status := range map[string]func() (int, usagePage){
		"another granularity": func() (int, usagePage) { return c.usage(spring, "QUARTER_HOUR", first.Next, 10) },
		"another span": func() (int, usagePage) {
			return c.usage(energy.Span(spring.Start, 12*time.Hour), "HOUR", first.Next, 10)
		},
		"another size": func() (int, usagePage) { return c.usage(spring, "HOUR", first.Next, 9) },
		"made up":      func() (int, usagePage) { return c.usage(spring, "HOUR", "MTA gibberish", 10) },
	} {
		if got, _ := status(); got != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, got)
		}
	}
	if got, _ := c.usage(spring, "HOUR", first.Next, 10); got != http.StatusOK {
		t.Errorf("the question that it is for: status %d", got)
	}
	c.Forget()
	if got, _ := c.usage(spring, "HOUR", first.Next, 10); got != http.StatusBadRequest {
		t.Errorf("stale: status %d", got)
	}
}

func TestUsage_CountsGasInTherms(t *testing.T) {
	c := open(t, Config{Unit: "therms", Used: func(i energy.Interval) (energy.WattHours, bool) { return 2 * therm, i.Start != spring.Start }}, spring.End)
	_, p := c.usage(energy.Span(spring.Start, 2*time.Hour), "HOUR", "", 10)
	if len(p.Items) != 2 || p.Items[0].Value != nil || p.Items[1].Value == nil || *p.Items[1].Value != 2 || p.Unit != "therms" {
		t.Errorf("%+v", p)
	}
}

func TestServer_RefusesWhoIsNotTheCustomer(t *testing.T) {
	c := open(t, Config{Lifetime: time.Hour}, spring.End)
	status := func() int { got, _ := c.ask(http.MethodGet, "/Metadata/granularity-types", ""); return got }
	if status() != http.StatusOK {
		t.Error("a customer is refused")
	}
	good := c.token
	for _, token := range []string{"", "x", "x.y.z", good + "x", strings.Replace(good, ".", ".e", 1)} {
		if c.token = token; status() != http.StatusUnauthorized {
			t.Errorf("token %q is let in", token)
		}
	}
	c.token, c.now = good, c.now.Add(time.Hour)
	if status() != http.StatusUnauthorized {
		t.Error("a token that has ended is let in")
	}
	if c.login(); status() != http.StatusOK {
		t.Error("another one is refused")
	}
	if c.Revoke(); status() != http.StatusUnauthorized {
		t.Error("a token that was revoked is let in")
	}
	for body, want := range map[string]int{`{"identityToken": "x"}`: 401, `{}`: 401, `oh`: 400} {
		if got, _ := c.ask(http.MethodPost, "/Customer/login", body); got != want {
			t.Errorf("login with %s: %d", body, got)
		}
	}
}

func TestServer_RefusesWhatIsNoQuestion(t *testing.T) {
	c := open(t, Config{}, spring.End)
	for target, want := range map[string]int{
		"/Usage/M-8?from=2026-03-28T23:00:00Z&to=2026-03-29T22:00:00Z&granularity=HOUR":         404,
		"/Usage/M-7?from=2026-03-28&to=2026-03-29T22:00:00Z&granularity=HOUR":                   400,
		"/Usage/M-7?from=2026-03-29T22:00:00Z&to=2026-03-28T23:00:00Z&granularity=HOUR":         400,
		"/Usage/M-7?from=2026-03-28T23:00:00Z&to=2026-03-29T22:00:00Z&granularity=hour":         400,
		"/Usage/M-7?from=1900-01-01T00:00:00Z&to=2026-03-29T22:00:00Z&granularity=QUARTER_HOUR": 422,
		"/nothing": 404,
	} {
		if got, _ := c.ask(http.MethodGet, target, ""); got != want {
			t.Errorf("%s: %d, want %d", target, got, want)
		}
	}
}

func TestBudget_IsSetInTheBillingCurrency(t *testing.T) {
	spent := energy.Money(12_500_000_000)
	c := open(t, Config{Currency: "EUR", Budget: Budget{Period: "2026-03", Spent: &spent}}, spring.End)
	for body, want := range map[string]int{
		`{"period": "2026-03", "amount": 80, "currency": "USD"}`: 422, `{"period": "2026-02", "amount": 80, "currency": "EUR"}`: 422,
		`{"period": "2026-03", "amount": -1, "currency": "EUR"}`: 422, `{"period": "2026-03", "currency": "EUR"}`: 422, `{"amount": "much"}`: 400,
	} {
		if got, _ := c.ask(http.MethodPut, "/Budget", body); got != want {
			t.Errorf("%s: %d, want %d", body, got, want)
		}
	}
	status, _ := c.ask(http.MethodPut, "/Budget", `{"period": "2026-03", "amount": 80.5, "currency": "EUR"}`)
	_, got := c.ask(http.MethodGet, "/Budget", "")
	if want := `{"period":"2026-03","amount":80.5,"currency":"EUR","spent":12.5,"forecast":null}`; status != http.StatusOK || strings.TrimSpace(got) != want || c.Writes() != 1 {
		t.Errorf("%d, %s, %d changes", status, got, c.Writes())
	}
}

func TestInsights_ComeInPages(t *testing.T) {
	c := open(t, Config{Insights: []Insight{{ID: "1"}, {ID: "2"}, {ID: "3"}}}, spring.End)
	var p struct {
		Items []Insight
		Next  string `json:"nextPageToken"`
	}
	for _, want := range []int{2, 1} {
		_, body := c.ask(http.MethodGet, "/Insights?pageSize=2&pageToken="+p.Next, "")
		p.Items, p.Next = nil, ""
		if err := json.Unmarshal([]byte(body), &p); err != nil || len(p.Items) != want {
			t.Errorf("%s, %v", body, err)
		}
	}
}
