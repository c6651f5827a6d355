package podero

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

const (
	secret       = "s3cr3t-of-the-organization"
	organization = "0b7de6a2-51c4-4c0e-9a63-2f8d1c77e001"
	user         = "0b7de6a2-51c4-4c0e-9a63-2f8d1c77e002"
	building     = "0b7de6a2-51c4-4c0e-9a63-2f8d1c77e003"
	other        = "0b7de6a2-51c4-4c0e-9a63-2f8d1c77e004"
	contractID   = "0b7de6a2-51c4-4c0e-9a63-2f8d1c77e0aa"
	contracts    = "/api/partners/v2.0/org/" + organization + "/users/" + user + "/energy-contracts"
)

// day is the one that has 23 hours in Berlin.
var day = energy.Interval{Start: time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC), End: time.Date(2026, 3, 29, 22, 0, 0, 0, time.UTC)}

func TestSource_UnderstandsItsRecordings(t *testing.T) {
	feedtest.Recordings(t, func(name string, body []byte) string { return understood(t, name, body) })
}

// understood plays an answer as that to the question for contracts, or for a token.
func understood(t *testing.T, name string, body []byte) string {
	token := `{"access_token": "opaque", "expires_in": 36000, "token_type": "Bearer", "scope": "read write"}`
	list := `[]`
	if name == "token.json" {
		token = string(body)
	} else {
		list = string(body)
	}
	settings := feeds.Settings{"url": "https://podero.example/api/partners/v2.0", "building": building}
	s := sourceOf(t, settings, feeds.Net{HTTP: &http.Client{Transport: recorded(func(r *http.Request) (int, string) {
		if strings.HasPrefix(r.URL.Path, "/oauth2/") {
			return http.StatusOK, token
		}
		return http.StatusOK, list
	})}, Now: func() time.Time { return day.Start }})
	told := feedtest.Told(s.Fetch(t.Context(), day))
	return told + feedtest.ToldTable(s.Questions()[0].Ask(t.Context(), nil))
}

// recorded answers without a network.
type recorded func(*http.Request) (status int, body string)

func (f recorded) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := f(r)
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

// sourceOf is that of a home in Berlin that pays in EUR.
func sourceOf(t *testing.T, settings feeds.Settings, net feeds.Net) *Source {
	t.Helper()
	all := feeds.Settings{"client_id": "hearth", "client_secret": secret + "\n", "organization": organization, "user": user}
	for key, value := range settings {
		all[key] = value
	}
	net.Home = feeds.Home{Zone: feedtest.Zone(t, "Europe/Berlin"), Currency: "EUR"}
	s, err := Type.New(all, net)
	if err != nil {
		t.Fatal(err)
	}
	return s.(*Source)
}
