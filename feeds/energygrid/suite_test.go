package energygrid

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// today is the span that a keeper asks for on the day with 23 hours: the page tells its first hours.
var today = theDay

// hourAt is what was counted in the i-th hour of the day.
func hourAt(i int, value string) string {
	start := today.Start.Add(time.Duration(i) * time.Hour)
	return fmt.Sprintf(`{"start": %q, "end": %q, "value": %s, "quality": "actual"}`,
		start.Format(time.RFC3339), start.Add(time.Hour).Format(time.RFC3339), value)
}

func pageOf(next string, items ...string) string {
	return fmt.Sprintf(`{"meterId": "M-7", "unitOfMeasure": "kWh", "granularity": "HOUR", "timeZone": "Europe/Rome", "items": [%s], "nextPageToken": %q}`,
		strings.Join(items, ", "), next)
}

func TestSource_PassesTheSuite(t *testing.T) {
	second := hourAt(1, "0.125")
	feedtest.Run(t, feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			return New(Config{URL: site.Base + "/usage/v1", IdentityToken: secret, Meter: "M-7", Zone: "Europe/Rome"}, feeds.Net{Now: site.Now, Timeout: site.Timeout})
		},
		Now: today.Start.Add(8 * time.Hour), Span: today, Secrets: []string{secret, jwt},
		Good: []feedtest.Exchange{
			{Method: "POST", Path: "/usage/v1/Customer/login", Token: true, Body: `"` + jwt + `"`},
			{Path: "/usage/v1/Usage/M-7", Query: map[string]string{"pageToken": "", "granularity": "HOUR"}, Body: pageOf("cD0x", hourAt(0, "0.5"), second)},
			{Path: "/usage/v1/Usage/M-7", Query: map[string]string{"pageToken": "cD0x", "granularity": "HOUR"}, Body: pageOf("cD0y", hourAt(2, "0.25"))},
			{Path: "/usage/v1/Usage/M-7", Query: map[string]string{"pageToken": "cD0y", "granularity": "HOUR"}, Body: pageOf("", hourAt(3, "0"))},
			{Path: "/usage/v1/Metadata/granularity-types", Body: `["DAY", "HOUR"]`},
		},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: second, New: second + ", " + second}},
			feedtest.Overlap:   {{Old: second, New: second + ", " + hourAt(1, "0.25")}},
			feedtest.Missing:   {{Old: ", " + second, New: ""}},
			feedtest.Huge:      {{Old: "0.125", New: "1e308"}},
		},
		Cannot: map[feedtest.Trial]string{feedtest.Currency: "a series of energy has no currency; money is told in answers to questions only"},
	})
}
