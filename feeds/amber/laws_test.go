package amber

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// However the channels are mixed, and whatever comes twice: each price stands at its time, what is given with the other
// sign, to the last decimal.
func TestUnderstand_IsTheSameInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []interval
		want := map[string]map[time.Time]energy.Price{general: {}, feedIn: {}}
		for _, channel := range []string{general, feedIn} {
			for i := range rapid.IntRange(1, 12).Draw(t, channel) {
				units := rapid.Int64Range(-99_999, 99_999).Draw(t, "thousandths of a cent")
				cents := json.Number(fmt.Sprintf("%de-3", units))
				start := two.Add(time.Duration(i) * 5 * time.Minute)
				want[channel][start] = energy.Price(units) * 10_000_000
				one := interval{"ActualInterval", 5, start.Add(time.Second), start.Add(5 * time.Minute), channel, &cents}
				all = append(all, one)
				if rapid.Bool().Draw(t, "twice") {
					all = append(all, one)
				}
			}
		}
		v, err := Config{Import: general, Export: feedIn}.understand(rapid.Permutation(all).Draw(t, "mixed"), two)
		if err != nil || len(v.Import.Points) != len(want[general]) || len(v.Export.Points) != len(want[feedIn]) {
			t.Fatalf("%v, %v", v, err)
		}
		for at, price := range want[general] {
			if got, _ := v.Import.At(at); got != price {
				t.Fatalf("at %v %v is paid, want %v", at, got, price)
			}
		}
		for at, price := range want[feedIn] {
			if got, _ := v.Export.At(at); got != -price {
				t.Fatalf("at %v %v is got, want %v", at, got, -price)
			}
		}
	})
}
