package gridx

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds/feedtest"
)

// quartersText is the quarter hours of the first days of March 2026 with their components, as PGE sends them.
func quartersText(t testing.TB, n int) (body []byte, slots int) {
	t.Helper()
	zone := feedtest.Zone(t, zone)
	var days []string
	for day := energy.Day(time.Date(2026, 3, 1, 12, 0, 0, 0, zone), zone); len(days) < n; day = energy.Day(day.End, zone) {
		var details []string
		for at := day.Start; at.Before(day.End); at = at.Add(15 * time.Minute) {
			details = append(details, fmt.Sprintf(`{"startIntervalTimeStamp":%q,"intervalPrice":"0.0%02d482","priceStatus":"Final","priceComponents":[`+
				`{"component":"cld","intervalPrice":"0.000482","priceType":"distribution"},{"component":"mec","intervalPrice":"0.0%02d000","priceType":"generation"},`+
				`{"component":"mgcc","intervalPrice":"0.000000","priceType":"generation"}]}`, at.Format("2006-01-02T15:04:05-0700"), len(details)%100, len(details)%100))
		}
		slots += len(details)
		days = append(days, fmt.Sprintf(`{"priceHeader":{"priceCurveName":"PGE-CalFUSE-EELEC-SECONDARY","marketName":"CAISO-DAM","intervalLengthInMinutes":15,`+
			`"settlementCurrency":"USD","settlementUnit":"kWh","recordCount":%d},"priceDetails":[%s]}`, len(details), strings.Join(details, ",")))
	}
	return []byte(pricesText(days...)), slots
}

func TestRead_AMonthOfQuarterHoursIsWhole(t *testing.T) {
	body, slots := quartersText(t, 31)
	v := valuesOf(t, body)
	if len(v.Import.Points) != slots || slots != 31*96-4 || len(v.Remarks) != 0 || len(v.Import.Gaps(v.Import.Extent())) != 0 {
		t.Errorf("%d of %d slots, %v", len(v.Import.Points), slots, v.Remarks)
	}
}

// Three days are what the keeper asks for at most, and two weeks what comes in one answer. Of a month, which is 1 MB,
// encoding/json has two thirds of the time, components included.
func BenchmarkRead_QuarterHours(b *testing.B) {
	for name, n := range map[string]int{"three days": 3, "two weeks": 14, "a month": 31} {
		b.Run(name, func(b *testing.B) {
			body, _ := quartersText(b, n)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				valuesOf(b, body)
			}
		})
	}
}
