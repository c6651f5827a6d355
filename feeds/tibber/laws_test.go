package tibber

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// The prices of two days are one series, wherever midnight parts them and whatever offset they are written with.
func TestSeries_KnowsNoMidnight(t *testing.T) {
	start := time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		var all []price
		var want []energy.Price
		for i := range rapid.IntRange(2, 40).Draw(t, "count") {
			n := rapid.Int64Range(-30_000, 90_000).Draw(t, "ten thousandths")
			total := json.Number(fmt.Sprintf("%de-4", n))
			zone := time.FixedZone("", 3600*rapid.IntRange(0, 2).Draw(t, "offset"))
			all = append(all, price{&total, start.Add(time.Duration(i) * 15 * time.Minute).In(zone)})
			want = append(want, energy.Price(n)*100_000_000)
		}
		at := rapid.IntRange(0, len(all)).Draw(t, "midnight")
		s, err := oslo.series(append(append([]price(nil), all[at:]...), all[:at]...), start)
		if err != nil || len(s.Points) != len(want) || s.Currency != oslo.Currency || len(s.Gaps(s.Extent())) != 0 {
			t.Fatalf("%v, %v", s, err)
		}
		for i, p := range s.Points {
			if p.Value != want[i] || !p.Start.Equal(all[i].Start) || p.Length() != 15*time.Minute {
				t.Fatalf("%d: %v in %v, want %v", i, p.Value, p.Interval, want[i])
			}
		}
	})
}
