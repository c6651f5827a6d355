package gridx

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

const (
	clientSecret = "s3cr3t-of-the-utility"
	contract     = "0012345678"
	customerUUID = "6f1d4a7e-0b52-4c1e-9a77-3c5d2e8f0a11"
)

// slotText is a price as the vendor writes it.
func slotText(start time.Time, price, status string) string {
	return fmt.Sprintf(`{"startIntervalTimeStamp":%q,"intervalPrice":%q,"priceStatus":%q}`, start.Format("2006-01-02T15:04:05-0700"), price, status)
}

// dayText is the prices of a local day in hours, 0.10, 0.11 and so on.
func dayText(t testing.TB, date, status string) string {
	t.Helper()
	zone := feedtest.Zone(t, zone)
	noon, err := time.ParseInLocation("20060102 15", date+" 12", zone)
	if err != nil {
		t.Fatal(err)
	}
	day, slots := energy.Day(noon, zone), []string(nil)
	for at := day.Start; at.Before(day.End); at = at.Add(time.Hour) {
		slots = append(slots, slotText(at.In(zone), fmt.Sprintf("0.%02d0000", 10+len(slots)), status))
	}
	return fmt.Sprintf(`{"priceHeader":{"priceCurveName":"made up","marketName":"CAISO-DAM","intervalLengthInMinutes":60,"settlementCurrency":"USD",`+
		`"settlementUnit":"kWh","recordCount":%d},"priceDetails":[%s]}`, len(slots), strings.Join(slots, ","))
}

func pricesText(days ...string) string {
	return `{"meta":{"code":200,"response":"Request succeeded"},"data":[` + strings.Join(days, ",") + `]}`
}

// recorded is what was asked in the evening of the second of March, when the third was out.
func recorded(t *testing.T) (now time.Time, days energy.Interval, prices []feedtest.Exchange) {
	ask := func(first, last string) map[string]string {
		return map[string]string{"startdate": first, "enddate": last, "ratename": "EELEC", "representativeCircuitId": "013532223"}
	}
	return at(t, "2026-03-02T19:00:00-08:00"), energy.Interval{Start: at(t, "2026-03-01T00:00:00-08:00"), End: at(t, "2026-03-04T00:00:00-08:00")},
		[]feedtest.Exchange{
			{Path: "/v1/getPricing", Query: ask("20260301", "20260302"), Body: pricesText(dayText(t, "20260301", "Final"), dayText(t, "20260302", "Final"))},
			{Path: "/v1/getPricing", Query: ask("20260303", "20260303"), Body: pricesText(dayText(t, "20260303", "Final"))},
		}
}

func net(site feedtest.Site) feeds.Net {
	return feeds.Net{HTTP: &http.Client{}, Now: site.Now, Timeout: site.Timeout}
}

func TestSuite_PricesWithoutAKey(t *testing.T) {
	now, days, prices := recorded(t)
	noon := slotText(now.Add(-7*time.Hour).In(now.Location()), "0.220000", "Final")
	feedtest.Run(t, feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			return Type.New(feeds.Settings{"utility": "PGE", "rate": "EELEC", "circuit": "013532223", "url": site.Base + "/v1"}, net(site))
		},
		Now: now, Span: days, Good: prices,
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: noon, New: noon + "," + noon}},
			feedtest.Overlap:   {{Old: noon, New: noon + "," + strings.Replace(noon, "0.22", "0.23", 1)}},
			feedtest.Missing:   {{Old: noon + ",", New: ""}},
			feedtest.Huge:      {{Old: "0.220000", New: "1e308"}},
			feedtest.Currency:  {{Old: "USD", New: "JPY"}},
		},
	})
}

// usedText is an hour as the vendor tells usage.
func usedText(start string, taken, given string) string {
	return fmt.Sprintf(`{"id":0,"intervalPeriod":{"start":%q,"duration":"PT1H"},"payloads":[{"type":"CONSUMPTION","values":[%s]},`+
		`{"type":"GENERATION","values":[%s]},{"type":"BASELINE_CONSUMPTION","values":[0.9]},{"type":"BASELINE_GENERATION","values":[0]}]}`, start, taken, given)
}

func usageText(hours ...string) string {
	var units []string
	for _, kind := range payloadTypes {
		units = append(units, fmt.Sprintf(`{"payloadType":%q,"units":"KWH"}`, kind))
	}
	return `{"payloadDescriptors":[` + strings.Join(units, ",") + `],"intervals":[` + strings.Join(hours, ",") + `]}`
}

func bareToken() string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"none"}`)) + "." + part([]byte(`{"iat":1772500000,"exp":1772503600}`)) + "." + part([]byte("made up"))
}

// The rate and the circuit are in the account only, so that nothing can be asked without a token.
func TestSuite_RateAndUsageFromTheAccount(t *testing.T) {
	now, days, good := recorded(t)
	hours := []string{usedText("2026-03-01T08:00:00Z", "1.25", "0"), usedText("2026-03-01T09:00:00Z", "0.5", "2.75"), usedText("2026-03-01T10:00:00Z", "0.75", "0")}
	good = append(good,
		feedtest.Exchange{Path: "/v1/auth/token", Token: true, Type: "text/plain", Body: bareToken()},
		feedtest.Exchange{Path: "/v1/customer/info", Body: `{"contractID":"` + contract + `","customerUuid":"` + customerUUID + `","rateCode":"EELEC","rateCodeHasVoltageClass":false,"representativeCircuitID":"013532223","hasCCA":false,"CCA":null}`},
		feedtest.Exchange{Path: "/v1/customer/usage", Body: usageText(hours...)},
	)
	feedtest.Run(t, feedtest.Case{
		New: func(site feedtest.Site) (feeds.Source, error) {
			return Type.New(feeds.Settings{
				"utility": "PGE", "client_id": "home-of-somebody", "client_secret": clientSecret, "contract": contract, "customer": customerUUID, "url": site.Base + "/v1",
			}, net(site))
		},
		Now: now, Span: days, Good: good,
		Edits: map[feedtest.Trial][]feedtest.Edit{
			feedtest.Duplicate: {{Old: hours[1], New: hours[1] + "," + hours[1]}},
			feedtest.Overlap:   {{Old: hours[1], New: hours[1] + "," + strings.Replace(hours[1], "0.5", "0.6", 1)}},
			feedtest.Missing:   {{Old: hours[1] + ",", New: ""}},
			feedtest.Huge:      {{Old: "2.75", New: "1e308"}},
			feedtest.Currency:  {{Old: "USD", New: "JPY"}},
		},
		Secrets: []string{clientSecret, contract, encoded(contract), customerUUID, encoded(customerUUID), bareToken()},
	})
}
