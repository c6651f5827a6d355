package podero

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

// priceAt is an entry of the i-th hour of the day.
func priceAt(i int, value string) string {
	return fmt.Sprintf(`{"price": %s, "timestamp": %q}`, value, day.Start.Add(time.Duration(i)*time.Hour).Format(layout))
}

func TestSource_PassesTheSuite(t *testing.T) {
	second := priceAt(1, "0.2871")
	list := fmt.Sprintf(`[{"energy_contract_type": "spot_hourly", "id": %q, "building": %q, "currency_energy_price": "EUR",
		"energy_price_includes_external_components": true, "energy_prices": [%s]}]`, contractID, building,
		strings.Join([]string{priceAt(0, "0.31"), second, priceAt(2, "-0.01"), priceAt(3, "0"), priceAt(4, "0.3")}, ", "))
	feedtest.Run(t, feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			return Type.New(feeds.Settings{
				"url": site.Base + "/api/partners/v2.0", "client_id": "hearth", "client_secret": secret, "organization": organization, "user": user,
			}, feeds.Net{Now: site.Now, Timeout: site.Timeout, Home: feeds.Home{Zone: feedtest.Zone(t, "Europe/Berlin"), Currency: "EUR"}})
		},
		Now: day.Start.Add(2 * time.Hour), Span: energy.Span(day.Start, 5*time.Hour), Secrets: []string{secret, "opaque-token-of-the-day"},
		Good: []feedtest.Exchange{
			{Method: "POST", Path: "/oauth2/token/", Token: true, Body: `{"access_token": "opaque-token-of-the-day", "expires_in": 36000, "token_type": "Bearer"}`},
			{Path: contracts, Body: list},
		},
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: second, New: second + ", " + second}},
			feedtest.Overlap:   {{Old: second, New: second + ", " + priceAt(1, "0.5")}},
			feedtest.Missing:   {{Old: second + ", ", New: ""}},
			feedtest.Huge:      {{Old: "0.2871", New: "1e308"}},
			feedtest.Currency:  {{Old: `"EUR"`, New: `"CHF"`}},
		},
	})
}
