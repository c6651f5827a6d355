package reading

import (
	"encoding/json"
	"fmt"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/feeds"
)

// Any instant that was written in any form is read as that instant, in any zone and season.
func TestStamps_ReadWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago", "UTC"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Unix(rapid.Int64Range(1_577_836_800, 1_893_456_000).Draw(t, "start"), 0).Truncate(15 * time.Minute).In(zone)
		form := rapid.SampledFrom([]string{"", "unix", "unixms", "2006-01-02T15:04Z0700", "02.01.2006 15:04:05"}).Draw(t, "form")
		var all []json.RawMessage
		for i := range 24 * 4 { // the list holds the repeated hour whole, or none of it: a day and what lies on both its sides
			all = append(all, written(start.Add(time.Duration(i)*15*time.Minute), form))
		}
		s, err := ParseStamps(form, zone)
		if err != nil {
			t.Fatal(err)
		}
		got, remarks, err := s.Times(all)
		if err != nil {
			t.Fatal(err)
		}
		left := 0
		for i, at := range got {
			want := start.Add(time.Duration(i) * 15 * time.Minute)
			if at.IsZero() {
				left++
				continue
			}
			if !at.Equal(want) {
				t.Fatalf("%s is read as %v, want %v", all[i], at, want)
			}
		}
		if left != len(remarks) || left > 4 || left > 0 && form != "02.01.2006 15:04:05" {
			t.Fatalf("%d are left out, %q", left, remarks)
		}
	})
}

func written(at time.Time, form string) json.RawMessage {
	switch form {
	case "":
		form = time.RFC3339
	case "unix":
		return json.RawMessage(fmt.Sprint(at.Unix()))
	case "unixms":
		return json.RawMessage(fmt.Sprint(at.UnixMilli()))
	}
	return json.RawMessage(at.Format(`"` + form + `"`))
}

// A price in any unit is exact: what a fraction says, to the last of twelve decimals.
func TestUnit_KeepsEveryDecimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom([]struct {
			text string
			per  int64 // how many of it are a euro per kWh
		}{{"EUR/MWh", 1000}, {"EUR/kWh", 1}, {"ct/kWh", 100}, {"ct/MWh", 100_000}}).Draw(t, "unit")
		digits := fmt.Sprintf("%d.%0*d", rapid.IntRange(-9999, 9999).Draw(t, "whole"), rapid.IntRange(1, 6).Draw(t, "places"), rapid.IntRange(0, 9).Draw(t, "last"))
		u, err := ParseUnit(unit.text, feeds.ImportPrice, "EUR")
		if err != nil {
			t.Fatal(err)
		}
		v, err := Meaning{feeds.ImportPrice, u, "EUR"}.Values([]Slot{{energy.Span(noon, time.Hour), json.Number(digits)}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		exact, _ := new(big.Rat).SetString(digits)
		exact.Mul(exact, big.NewRat(1e12, unit.per))
		if got := new(big.Rat).SetInt64(int64(v.Import.Points[0].Value)); got.Cmp(exact) != 0 {
			t.Fatalf("%s %s is %v", digits, unit.text, v.Import.Points[0].Value)
		}
	})
}

// Without ends, slots never overlap, never reach over the next start, and a step bounds them.
func TestList_SlotsOfStartsNeverOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		step := time.Duration(rapid.SampledFrom([]int{0, 15, 60}).Draw(t, "step")) * time.Minute
		var items []json.RawMessage
		at := noon
		for range rapid.IntRange(2, 30).Draw(t, "count") {
			items = append(items, json.RawMessage(fmt.Sprintf(`{"at":%d,"v":%d}`, at.Unix(), rapid.IntRange(-5, 5).Draw(t, "v"))))
			at = at.Add(time.Duration(rapid.SampledFrom([]int{15, 15, 15, 30, 60, 240}).Draw(t, "distance")) * time.Minute)
		}
		l := List{Start: Path{"at"}, Value: Path{"v"}, Stamps: Stamps{form: unix}, Step: step}
		slots, _, err := l.Slots(items)
		if err != nil || len(slots) != len(items) {
			t.Fatal(len(slots), err)
		}
		for i, s := range slots {
			if s.IsEmpty() || step > 0 && s.Length() > step || i > 0 && s.Start.Before(slots[i-1].End) {
				t.Fatalf("slot %d is %v", i, s.Interval)
			}
		}
	})
}

// A unit that is accepted contradicts nothing, and one that contradicts is not accepted, for every way of writing money.
func TestUnit_IsAcceptedOrContradicts(t *testing.T) {
	currencies := []energy.Currency{"EUR", "SEK", "NOK", "DKK", "GBP", "CHF", "PLN", "USD", "CZK"}
	var moneys []string
	for _, c := range currencies {
		moneys = append(moneys, string(c), " "+string(c)+" ")
	}
	for part := range hundredths {
		moneys = append(moneys, part)
	}
	for symbol := range symbols {
		moneys = append(moneys, symbol)
	}
	for _, money := range moneys {
		accepting := 0
		for _, home := range currencies {
			for _, per := range []string{"/kWh", " / MWh", "/KWH"} {
				_, err := ParseUnit(money+per, feeds.ImportPrice, home)
				if err == nil {
					accepting++
				}
				if contradicts := Contradicts(money+per, home); contradicts && err == nil {
					t.Errorf("%q in a home of %s is accepted and contradicts", money+per, home)
				}
			}
		}
		if _, isPart := hundredths[money]; accepting == 0 || !isPart && accepting != 3 {
			t.Errorf("%q is accepted %d times", money, accepting)
		}
	}
}

// What a roof's keys refuse is refused whole: no text makes a roof that no weather service could be asked for.
func FuzzRoof(f *testing.F) {
	f.Add("52.52", "13.405", "30", "-90", "8.4kWp", "8kW")
	f.Add("1e2", "--1", "+0", "0x1p1", "NaNkWp", "InfW")
	f.Fuzz(func(t *testing.T, latitude, longitude, tilt, azimuth, peak, inverter string) {
		r, err := ParseRoof(feeds.Settings{"latitude": latitude, "longitude": longitude, "tilt": tilt, "azimuth": azimuth, "peak": peak, "inverter": inverter})
		isRoof := r.Latitude >= -90 && r.Latitude <= 90 && r.Longitude >= -180 && r.Longitude <= 180 && r.Tilt >= 0 && r.Tilt <= 90 &&
			r.Azimuth >= -180 && r.Azimuth <= 180 && r.Peak > 0 && r.Peak <= 1e6 && r.Inverter >= 0 && r.Limited(r.Peak) <= r.Peak && r.IsNear(r.Latitude, r.Longitude)
		if err == nil && !isRoof || err != nil && feeds.KindOf(err) != feeds.Misconfigured {
			t.Errorf("%+v, %v", r, err)
		}
	})
}
