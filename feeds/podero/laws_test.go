package podero

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/feeds"
)

// anyTariff is prices of a EUR in thousandths over quarters, halves or whole hours, the first and the last cut anywhere.
func anyTariff(t *rapid.T) energy.Series[energy.Price] {
	step := rapid.SampledFrom([]time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour}).Draw(t, "step")
	values := rapid.SliceOfN(rapid.IntRange(-50, 400), 1, 60).Draw(t, "values")
	s := tariffOf(energy.Span(day.Start, step*time.Duration(len(values))), step, values...).Import
	cut := time.Duration(rapid.IntRange(0, 20).Draw(t, "cut")) * time.Minute
	return s.Slice(energy.Interval{Start: day.Start.Add(cut), End: s.Extent().End.Add(-cut)})
}

// What is written says at any time what the home pays, or nothing; and once it is written there is nothing to do.
func TestContract_SaysWhatTheHomePays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home := anyTariff(t)
		cfg := Config{
			Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), IsSubHourly: rapid.Bool().Draw(t, "sub-hourly"), Currency: "EUR", User: user,
			IsGuide: rapid.Bool().Draw(t, "guide"),
		}
		entries, err := cfg.entries(home, day.Start)
		if err != nil {
			if kind := feeds.KindOf(err); kind == feeds.Temporary {
				t.Fatal(err)
			}
			return
		}
		wanted := cfg.wanted(contract{ID: contractID, Building: building}, entries)
		body, err := json.Marshal([]any{wanted.body(cfg.IsGuide, cfg.User)})
		if err != nil {
			t.Fatal(err)
		}
		read, err := readContracts(body)
		if err != nil || read[0].Fault != nil || !read[0].isSame(wanted) {
			t.Fatalf("%v, %+v: written and read it is another one: %s", err, read, body)
		}
		v, err := read[0].values(home.Extent(), "EUR", day.Start)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Check(feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice}, Currency: "EUR"}); err != nil {
			t.Fatal(err)
		}
		for at := home.Extent().Start; at.Before(home.Extent().End); at = at.Add(time.Minute) {
			pays, _ := home.At(at)
			if says, isThere := v.Import.At(at); isThere && says != pays {
				t.Fatalf("at %s the home pays %v, the contract says %v: %s", at, pays, says, body)
			}
		}
		if missing := v.Import.Gaps(home.Extent()); len(missing) > 2 { // a part of an hour at each end
			t.Fatalf("%v are not said: %s", missing, body)
		}
	})
}

// FuzzReadContracts holds that whatever comes is refused or yields sound values.
func FuzzReadContracts(f *testing.F) {
	f.Add([]byte(`[{"energy_contract_type": "spot_hourly", "energy_prices": [{"price": 0.2, "timestamp": "2026-03-29T00:00:00Z"}, {"price": 0.3, "timestamp": "2026-03-29T01:00:00Z"}], "currency_energy_price": "EUR"}]`))
	f.Add([]byte(`[{"energy_contract_type": "Yearly", "energy_price": [{"price": 2e-1}], "currency_energy_price": "EUR"}]`))
	f.Add([]byte(`[{"energy_prices": [{"timestamp": "0001-01-01T00:00:00Z", "price": 1}], "currency_energy_price": "EUR"}]`))
	f.Add([]byte(`[null, {}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		all, err := readContracts(body)
		if err != nil && feeds.KindOf(err) != feeds.Temporary {
			t.Fatal(err)
		}
		_ = table(all)
		for _, c := range all {
			v, err := c.values(day, "EUR", day.Start)
			if err != nil {
				continue
			}
			if err := v.Check(feeds.About{Kinds: []feeds.Kind{feeds.ImportPrice}, Currency: "EUR"}); err != nil {
				t.Fatal(err)
			}
			for _, p := range v.Import.Points {
				if p.IsEmpty() {
					t.Fatal(fmt.Errorf("%v is empty", p.Interval))
				}
			}
		}
	})
}
