package energygrid

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// jwt is a token of an hour that nobody has signed: {"iat":1774774800,"exp":1774778400}.
const jwt = "eyJhbGciOiJub25lIn0.eyJpYXQiOjE3NzQ3NzQ4MDAsImV4cCI6MTc3NDc3ODQwMH0.bm9ib2R5"

const secret = "identity-of-the-customer-7781"

// theDay is the one that has 23 hours in Rome.
var theDay = energy.Interval{Start: time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC), End: time.Date(2026, 3, 29, 22, 0, 0, 0, time.UTC)}

func TestSource_UnderstandsItsRecordings(t *testing.T) {
	feedtest.Recordings(t, func(name string, body []byte) string { return understood(t, name, body) })
}

// recorded answers without a network.
type recorded func(*http.Request) (status int, kind, body string)

func (f recorded) RoundTrip(r *http.Request) (*http.Response, error) {
	status, kind, body := f(r)
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

// understood plays an answer where it belongs and tells everything that comes of it.
func understood(t *testing.T, name string, body []byte) string {
	answers := map[string]string{
		"/Customer/login": jwt, "/Metadata/granularity-types": `["HOUR"]`, "/Usage/M-7": `{"unitOfMeasure": "kWh", "items": []}`,
		"/Budget": `{}`, "/Insights": `[]`,
	}
	at := map[string]string{
		"granularities.json": "/Metadata/granularity-types", "usage.json": "/Usage/M-7", "budget.json": "/Budget",
		"insights.json": "/Insights", "problem.json": "/Budget", "stale.json": "/Usage/M-7",
	}[name]
	answers[at] = string(body)
	s := source(t, "http://usage.example", &http.Client{Transport: recorded(func(r *http.Request) (int, string, string) {
		switch {
		case r.URL.Path == at && name == "problem.json", r.URL.Path == at && name == "stale.json" && r.URL.Query().Has("pageToken"):
			return http.StatusBadRequest, "application/problem+json; charset=utf-8", string(body)
		case name == "stale.json" && r.URL.Path == at:
			return http.StatusOK, "application/json", `{"unitOfMeasure": "kWh", "items": [], "nextPageToken": "cD0x"}`
		}
		return http.StatusOK, "application/json", answers[r.URL.Path]
	})})
	question := map[string]string{"/Metadata/granularity-types": "granularities", "/Usage/M-7": "usage", "/Budget": "budget", "/Insights": "insights"}[at]
	told := ""
	if question == "usage" {
		told = feedtest.Told(s.Fetch(t.Context(), theDay))
	}
	return told + feedtest.ToldTable(ask(t, s, question, feeds.Settings{"from": "2026-03-29", "to": "2026-03-30"}))
}

// source is that of the meter M-7 in Rome.
func source(t *testing.T, base string, client *http.Client) *Source {
	t.Helper()
	s, err := New(Config{URL: base, IdentityToken: secret, Meter: "M-7", Zone: "Europe/Rome"},
		feeds.Net{HTTP: client, Now: func() time.Time { return theDay.End }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask puts one of the account's questions.
func ask(t *testing.T, account feeds.Account, name string, settings feeds.Settings) (feeds.Table, error) {
	t.Helper()
	for _, q := range account.Questions() {
		if q.Name == name {
			return q.Ask(t.Context(), settings)
		}
	}
	t.Fatalf("there is no question %q", name)
	return feeds.Table{}, nil
}
