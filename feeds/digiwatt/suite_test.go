package digiwatt

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

const secret = "s3cret-of-the-customer"

// settings are those of a customer of a server.
func settings(base string, more ...string) feeds.Settings {
	s := feeds.Settings{"url": base, "client_id": "hearth-client", "client_secret": secret, "account_number": "1234567890"}
	for i := 0; i < len(more); i += 2 {
		s[more[i]] = more[i+1]
	}
	return s
}

// token is how the vendor gives one.
const token = `{"access_token": "made.up.token", "expires_in": 36000, "token_type": "Bearer"}`

func TestSource_PassesTheSuite(t *testing.T) {
	body := feedtest.Answer(t, "year-day-month/greenness_2026-07-21.json")
	day := time.Date(2026, 7, 21, 0, 0, 0, 0, time.UTC)
	feedtest.Run(t, feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			return Type.New(settings(site.Base), feeds.Net{Now: site.Now, Timeout: site.Timeout})
		},
		Now: day.Add(10 * time.Hour), Span: energy.Span(day, 24*time.Hour),
		Good: []feedtest.Exchange{
			{Method: "POST", Path: "/auth/token", Token: true, Body: token},
			{Path: "/greenness", Body: body},
		},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: `"2026-21-07T02:00:00Z"`, New: `"2026-21-07T02:00:00Z", "2026-21-07T02:00:00Z"`}, {Old: `[0.1]`, New: `[0.1], [0.1]`}},
			feedtest.Overlap:   {{Old: `"2026-21-07T02:00:00Z"`, New: `"2026-21-07T02:00:00Z", "2026-21-07T02:00:00Z"`}, {Old: `[0.1]`, New: `[0.1], [0.7]`}},
			feedtest.Missing:   {{Old: `"2026-21-07T02:00:00Z", `, New: ``}, {Old: `[0.1], `, New: ``}},
			feedtest.Huge:      {{Old: `[0.1]`, New: `[1e308]`}},
		},
		Cannot:  map[feedtest.Trial]string{feedtest.Currency: "greenness costs nothing"},
		Secrets: []string{secret, "made.up.token"},
	})
}

// The suite's recording says what the tests think it does.
func TestSuite_RecordingIsOfADay(t *testing.T) {
	body, err := os.ReadFile("testdata/year-day-month/greenness_2026-07-21.json")
	var doc struct {
		Data struct {
			Series struct{ Index []string } `json:"time_series"`
		}
	}
	if err != nil || json.Unmarshal(body, &doc) != nil || len(doc.Data.Series.Index) != 24 {
		t.Errorf("%d hours, %v", len(doc.Data.Series.Index), err)
	}
}
