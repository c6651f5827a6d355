package energidata

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// However the rows are sorted, and whatever comes twice or is not known: each price stands at its time, and nothing else.
func TestRead_IsTheSameInAnyOrder(t *testing.T) {
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		var rows []string
		want := map[time.Time]energy.Price{}
		for i := range rapid.IntRange(2, 20).Draw(t, "count") {
			at, number := start.Add(time.Duration(i)*15*time.Minute), "null"
			if i == 0 || rapid.IntRange(0, 4).Draw(t, "known") > 0 {
				n := rapid.Int64Range(-500_000, 500_000).Draw(t, "thousandths")
				number, want[at] = fmt.Sprintf("%de-3", n), energy.Price(n)*1_000_000
			}
			row := fmt.Sprintf(`{"TimeUTC": %q, "PriceArea": "DK1", "DayAheadPriceEUR": %s, "DayAheadPriceDKK": 1}`, at.Format(layout), number)
			for range rapid.IntRange(1, 2).Draw(t, "times") {
				rows = append(rows, row)
			}
		}
		body := `{"records": [` + strings.Join(rapid.Permutation(rows).Draw(t, "mixed"), ",") + `]}`
		v, err := Config{Area: "DK1", Currency: "EUR"}.read([]byte(body), start)
		if err != nil || len(v.Import.Points) != len(want) {
			t.Fatalf("%s: %v, %v", body, v.Import, err)
		}
		for _, p := range v.Import.Points {
			if price, isKnown := want[p.Start]; !isKnown || price != p.Value || p.Length() != 15*time.Minute {
				t.Fatalf("%s: %v in %v", body, p.Value, p.Interval)
			}
		}
	})
}
