package energy

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Every instant is in exactly one local day, and days follow each other without gap, in the zones that do
// the strangest things.
func TestDay_TilesTimeInEveryZone(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "America/Santiago", "Africa/Casablanca", "Asia/Kathmandu"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(t *rapid.T) {
			at := noon.Add(time.Duration(rapid.Int64Range(-2*365*24*60, 2*365*24*60).Draw(t, "minute")) * time.Minute)
			day := Day(at, zone)
			if !day.Contains(at) || day.Length() < 23*time.Hour || day.Length() > 25*time.Hour {
				t.Fatalf("%v is in %v", at.In(zone), day)
			}
			if Day(day.Start, zone) != day || Day(day.End.Add(-1), zone) != day {
				t.Fatalf("the ends of %v are in other days", day)
			}
			if before, after := Day(day.Start.Add(-1), zone), Day(day.End, zone); !before.End.Equal(day.Start) || !after.Start.Equal(day.End) {
				t.Fatalf("%v, %v, %v", before, day, after)
			}
		})
	}
}

func TestInterval_OverlapIsWhatBothHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) Interval {
			return hours(rapid.Float64Range(0, 10).Draw(t, label), rapid.Float64Range(0, 10).Draw(t, label))
		}
		a, b := draw("a"), draw("b")
		both := a.Overlap(b)
		for range 20 {
			at := at(rapid.Float64Range(-1, 11).Draw(t, "at"))
			if both.Contains(at) != (a.Contains(at) && b.Contains(at)) {
				t.Fatalf("%v and %v: %v is in %v: %v", a, b, at, both, both.Contains(at))
			}
		}
		if other := b.Overlap(a); both.IsEmpty() != other.IsEmpty() || !both.IsEmpty() && both != other {
			t.Fatalf("%v one way, %v the other", both, other)
		}
	})
	if got := hours(0, 1.5).String(); got != "[2026-05-12T12:00:00Z, 2026-05-12T13:30:00Z)" {
		t.Error(got)
	}
}

// The order in which money is added does not matter, and what is bought and sold at one price cancels.
func TestMoney_SumsDoNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := PriceOf(rapid.Float64Range(-2, 2).Draw(t, "price"))
		var parts []Money
		for _, e := range rapid.SliceOfN(rapid.Float64Range(-50_000, 50_000), 1, 50).Draw(t, "energies") {
			parts = append(parts, p.Of(WattHours(e)))
			if p.Of(WattHours(e))+p.Of(WattHours(-e)) != 0 {
				t.Fatalf("%v at %v and back is not nothing", e, p)
			}
		}
		var forward, back Money
		for i := range parts {
			forward, back = forward+parts[i], back+parts[len(parts)-1-i]
		}
		if forward != back {
			t.Fatalf("%v forward, %v back", forward, back)
		}
	})
}

// What JSON carries comes back bit for bit, and nothing else is taken for it.
func TestPrice_SurvivesJSON(t *testing.T) {
	type bill struct {
		Price Price `json:"price"`
		Cost  Money `json:"cost"`
	}
	rapid.Check(t, func(t *rapid.T) {
		want := bill{Price(rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "price")), Money(rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "cost"))}
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got bill
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Fatalf("%s reads back as %+v, %v", text, got, err)
		}
	})
	for _, text := range []string{`{"price":"0.17"}`, `{"price":true}`, `{"cost":[1]}`, `{"cost":1e30}`} {
		var b bill
		if err := json.Unmarshal([]byte(text), &b); err == nil {
			t.Errorf("%s read as %+v", text, b)
		}
	}
}

func TestParseCurrency_IsThreeCapitals(t *testing.T) {
	for text, isGood := range map[string]bool{"EUR": true, "XXX": true, "eur": false, "EU": false, "EURO": false, "": false, "ÄÖÜ": false, "E R": false, "EU1": false} {
		if c, err := ParseCurrency(text); (err == nil) != isGood || isGood && string(c) != text || !isGood && !strings.Contains(err.Error(), "three capital letters") {
			t.Errorf("%q: %q, %v", text, c, err)
		}
	}
}

// A mean lies between the least and the largest of what it is the mean of.
func TestResample_StaysWithinItsValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSeries(t, "n")
		g := NewGrid(noon, time.Duration(rapid.IntRange(1, 120).Draw(t, "step"))*time.Minute, 30)
		for _, p := range Resample(s, g).Points {
			low, high := math.Inf(1), math.Inf(-1)
			for _, q := range s.Slice(p.Interval).Points {
				low, high = min(low, float64(q.Value)), max(high, float64(q.Value))
			}
			if v := float64(p.Value); v < low-1e-9 || v > high+1e-9 {
				t.Fatalf("%v is the mean of %v to %v", v, low, high)
			}
		}
	})
}

// Series are shared: no method changes the one it is called on.
func TestSeries_IsNeverChanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, other := drawSeries(t, "a"), drawSeries(t, "b")
		before := append([]Point[Watts](nil), s.Points...)
		within := hours(rapid.Float64Range(0, 5).Draw(t, "from"), rapid.Float64Range(5, 30).Draw(t, "to"))
		s.Slice(within)
		s.Gaps(within)
		Resample(s, Grid{within, time.Hour})
		Map(s, func(w Watts) Watts { return -w })
		if _, err := Merge(s, other); err != nil {
			t.Fatal(err)
		}
		if _, err := Merge(other, s); err != nil {
			t.Fatal(err)
		}
		for i, p := range s.Points {
			if p != before[i] {
				t.Fatalf("point %d is now %+v, was %+v", i, p, before[i])
			}
		}
	})
}
