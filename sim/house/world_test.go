package house

import (
	"testing"
	"time"

	"hearth/energy"
)

func TestWorld_IsTheSameInWhateverOrderItIsAsked(t *testing.T) {
	zone := berlin(t)
	start := time.Date(2026, 5, 12, 0, 0, 0, 0, zone)
	forward, back := NewWorld(9, zone), NewWorld(9, zone)
	var steps []Outside
	for i := range 3 * 24 * 12 {
		steps = append(steps, forward.Step(start.Add(time.Duration(i)*5*time.Minute), 5*time.Minute))
	}
	for i := len(steps) - 1; i >= 0; i-- {
		if got := back.Step(steps[i].Span.Start, 5*time.Minute); got != steps[i] {
			t.Fatalf("asked backwards %+v, forwards %+v", got, steps[i])
		}
	}
	if other := NewWorld(10, zone).Step(steps[150].Span.Start, 5*time.Minute); other.Base == steps[150].Base {
		t.Error("another seed gives the same base load")
	}
}

func TestWorld_ADayHasEachOfItsEventsOnceWhateverItsLength(t *testing.T) {
	zone := berlin(t)
	for name, date := range map[string]time.Time{
		"23 hours": time.Date(2026, 3, 29, 0, 0, 0, 0, zone),
		"24 hours": time.Date(2026, 5, 12, 0, 0, 0, 0, zone),
		"25 hours": time.Date(2026, 10, 25, 0, 0, 0, 0, zone),
	} {
		w, span := NewWorld(2, zone), energy.Day(date, zone)
		loads, dishes, trips, wasAway := 0, 0, 0, false
		var drawn energy.WattHours
		for at := span.Start; at.Before(span.End); at = at.Add(5 * time.Second) {
			o := w.Step(at, 5*time.Second)
			local := at.In(zone)
			if o.Loads {
				loads++
				if local.Hour() != 19 || local.Minute() < 30 {
					t.Errorf("%s: dishes at %v", name, local)
				}
			}
			if o.Dishes {
				dishes++
				if local.Hour() != 7 || local.Minute() != 0 {
					t.Errorf("%s: breakfast at %v", name, local)
				}
			}
			if o.IsAway && !wasAway {
				trips++
			}
			wasAway = o.IsAway
			drawn += o.Draw.Over(5 * time.Second)
		}
		if loads != 1 || dishes != 1 || trips != 1 || drawn < 2400 || drawn > 3500 {
			t.Errorf("%s: loads %d, breakfasts %d, trips %d, hot water %v", name, loads, dishes, trips, drawn)
		}
	}
}

func TestClearSky_FollowsTheSun(t *testing.T) {
	peak := func(date time.Time) (at time.Time, most float64) {
		for m := range 24 * 60 {
			u := date.Add(time.Duration(m) * time.Minute)
			if p := clearSky(u, 1); p > most {
				at, most = u, p
			}
		}
		return at, most
	}
	spring, most := peak(time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC))
	noon := time.Date(2026, 5, 12, 10, 56, 0, 0, time.UTC) // 15 degrees east; the sun is 4 minutes early in May
	if spring.Sub(noon).Abs() > 3*time.Minute {
		t.Errorf("highest at %v, want %v", spring, noon)
	}
	if most < 850 || most > 1100 {
		t.Errorf("a clear May noon gives %.0f W/m2 on the roof", most)
	}
	if _, winter := peak(time.Date(2026, 12, 21, 0, 0, 0, 0, time.UTC)); winter > 0.85*most {
		t.Errorf("a clear noon gives %.0f W/m2 in December, %.0f in May", winter, most)
	}
	if night := clearSky(time.Date(2026, 5, 12, 23, 0, 0, 0, time.UTC), 1); night != 0 {
		t.Errorf("at midnight %v W/m2", night)
	}
}

func TestWorld_CloudsOnlyTake(t *testing.T) {
	zone := berlin(t)
	dull, fair := 0, 0
	for seed := range uint64(30) {
		w := NewWorld(seed, zone)
		var day, clear energy.WattHours
		for m := range 24 * 60 {
			at := time.Date(2026, 5, 12, 0, m, 0, 0, zone)
			sun := w.Step(at, time.Minute).Sun
			most := energy.Watts(roofPeak * roofYield / 1000 * clearSky(at, 1))
			if sun < 0 || sun > most || sun > inverterMax {
				t.Fatalf("seed %d, %v: sun %v of %v", seed, at, sun, most)
			}
			day, clear = day+sun.Over(time.Minute), clear+most.Over(time.Minute)
		}
		switch {
		case day < clear/2:
			dull++
		case day > clear*3/4:
			fair++
		}
	}
	if dull < 3 || fair < 8 {
		t.Errorf("of 30 days %d are dull and %d fair", dull, fair)
	}
}
