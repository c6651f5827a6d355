package market

import (
	"testing"
	"time"

	"hearth/energy"
)

func zones(t *testing.T) []*time.Location {
	t.Helper()
	var out []*time.Location
	for _, name := range []string{"Europe/Berlin", "America/New_York"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, zone)
	}
	return out
}

func TestDay_IsCoveredWholeWhateverItsLength(t *testing.T) {
	zones := zones(t)
	for _, c := range []struct {
		zone     *time.Location
		date     string
		quarters int
	}{
		{zones[0], "2026-03-29", 92}, {zones[0], "2026-10-25", 100}, {zones[0], "2026-05-12", 96},
		{zones[1], "2026-03-08", 92}, {zones[1], "2026-11-01", 100},
	} {
		noon, err := time.ParseInLocation(time.DateOnly, c.date, c.zone)
		if err != nil {
			t.Fatal(err)
		}
		d := New(1, c.zone, Germany).Day(noon.Add(12 * time.Hour))
		if len(d.Import.Points) != c.quarters || len(d.Export.Points) != c.quarters || len(d.Carbon.Points) != c.quarters/4 {
			t.Errorf("%s: %d import, %d export, %d carbon, want %d quarters", c.date, len(d.Import.Points), len(d.Export.Points), len(d.Carbon.Points), c.quarters)
		}
		for name, err := range map[string]error{"import": d.Import.Validate(), "export": d.Export.Validate(), "carbon": d.Carbon.Validate()} {
			if err != nil {
				t.Errorf("%s: %s: %v", c.date, name, err)
			}
		}
		if len(d.Import.Gaps(d.Interval))+len(d.Carbon.Gaps(d.Interval)) > 0 || d.Import.Extent() != d.Interval {
			t.Errorf("%s: does not cover %v", c.date, d.Interval)
		}
	}
}

func TestDay_FollowsFromSeedAndDateAlone(t *testing.T) {
	zone := zones(t)[0]
	at := time.Date(2026, 5, 12, 9, 0, 0, 0, zone)
	first, again := New(5, zone, Germany).Day(at), New(5, zone, Germany).Day(at.Add(10*time.Hour))
	other := New(6, zone, Germany).Day(at)
	isOther := false
	for i, p := range first.Import.Points {
		if p != again.Import.Points[i] {
			t.Fatalf("quarter %d: %v, then %v", i, p, again.Import.Points[i])
		}
		isOther = isOther || p.Value != other.Import.Points[i].Value
	}
	if !isOther {
		t.Error("another seed gives the same prices")
	}
}

// year calls f for each day of some years.
func year(t *testing.T, f func(d Day)) {
	zone := zones(t)[0]
	for seed := range uint64(3) {
		for i := range 365 {
			f(New(seed, zone, Germany).Day(time.Date(2026, 1, 1+i, 12, 0, 0, 0, zone)))
		}
	}
}

func TestDay_PricesAreThoseOfARealHousehold(t *testing.T) {
	low, high := 9.0, -9.0
	negative := 0
	year(t, func(d Day) {
		for i, p := range d.Import.Points {
			low, high = min(low, p.Value.Float()), max(high, p.Value.Float())
			export := d.Export.Points[i].Value
			if export > energy.PriceOf(0.09) || export < energy.PriceOf(-0.02) {
				t.Fatalf("%v: export price %v", p.Interval, export)
			}
			if export >= p.Value {
				t.Fatalf("%v: export at %v, import at %v: a battery would earn by standing still", p.Interval, export, p.Value)
			}
		}
		if at, _ := d.Export.At(d.Start.Add(13 * time.Hour)); at < 0 {
			negative++
		}
	})
	if low < 0.17 || high > 0.46 || low > 0.2 || high < 0.4 {
		t.Errorf("import prices from %.3f to %.3f", low, high)
	}
	if negative == 0 || negative > 150 {
		t.Errorf("on %d of 1095 days the export price is negative at noon", negative)
	}
}

func TestDay_HasTheShapeOfADay(t *testing.T) {
	at := func(d Day, hour int) energy.Price {
		p, _ := d.Import.At(d.Start.Add(time.Duration(hour) * time.Hour))
		return p
	}
	var work, free float64
	works, frees, spread := 0, 0, 0.0
	year(t, func(d Day) {
		if d.Length() != 24*time.Hour {
			return
		}
		if !(at(d, 3) < at(d, 8) && at(d, 8) < at(d, 19) && at(d, 13) < at(d, 8)) {
			t.Fatalf("%v: night %v, morning %v, noon %v, evening %v", d.Interval, at(d, 3), at(d, 8), at(d, 13), at(d, 19))
		}
		spread += (at(d, 19) - min(at(d, 3), at(d, 13))).Float()
		if day := d.Start.Weekday(); day == time.Saturday || day == time.Sunday {
			free, frees = free+at(d, 10).Float(), frees+1
		} else {
			work, works = work+at(d, 10).Float(), works+1
		}
	})
	if free/float64(frees) >= work/float64(works)-0.01 {
		t.Errorf("weekends cost %.3f, workdays %.3f", free/float64(frees), work/float64(works))
	}
	if mean := spread / float64(works+frees); mean < 0.1 || mean > 0.25 {
		t.Errorf("evening over the cheapest: %.3f EUR/kWh in the mean", mean)
	}
}

func TestDay_TheEveningIsDirtiestAndNoonIsGreenerThanMorning(t *testing.T) {
	year(t, func(d Day) {
		if d.Length() != 24*time.Hour {
			return
		}
		noon, evening := d.Carbon.Points[13].Value, d.Carbon.Points[20].Value
		for _, p := range d.Carbon.Points {
			if p.Value < 60 || p.Value > 700 {
				t.Fatalf("%v: %v", p.Interval, p.Value)
			}
		}
		if noon >= d.Carbon.Points[8].Value || evening <= noon || evening <= d.Carbon.Points[3].Value {
			t.Fatalf("%v: noon %v, morning %v, evening %v", d.Interval, noon, d.Carbon.Points[8].Value, evening)
		}
	})
}

func TestBump_IsABellAroundTheClock(t *testing.T) {
	if bump(3, 3, 2) != 1 || bump(23, 3, 3) != bump(7, 3, 3) || bump(1, 23, 2) != bump(21, 23, 2) {
		t.Errorf("middle %v, before %v, after %v", bump(3, 3, 2), bump(23, 3, 3), bump(7, 3, 3))
	}
	if bump(5, 3, 2) >= bump(4, 3, 2) {
		t.Error("does not fall off")
	}
}
