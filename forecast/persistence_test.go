package forecast

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// history is quarter hours within an interval, with a value for each; NaN leaves a gap.
func history(within energy.Interval, value func(time.Time) energy.Watts) energy.Series[energy.Watts] {
	var s energy.Series[energy.Watts]
	for t := within.Start; t.Before(within.End); t = t.Add(quarter) {
		if v := value(t); !math.IsNaN(float64(v)) {
			s.Points = append(s.Points, energy.Point[energy.Watts]{Interval: energy.Span(t, quarter), Value: v})
		}
	}
	return s
}

func before(now time.Time, days int) energy.Interval {
	return energy.Interval{Start: now.AddDate(0, 0, -days), End: now}
}

func TestPersistence_NoHistoryNoPoints(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	got := Persistence(energy.Series[energy.Watts]{}, now, energy.NewGrid(now, quarter, 96), time.UTC)
	if len(got.Points) != 0 {
		t.Errorf("%d points out of nothing", len(got.Points))
	}
	future := history(energy.Span(now, 24*time.Hour), func(time.Time) energy.Watts { return 100 })
	if got := Persistence(future, now, energy.NewGrid(now, quarter, 96), time.UTC); len(got.Points) != 0 {
		t.Errorf("%d points out of the future", len(got.Points))
	}
}

func TestPersistence_HoursNeverSeenAreGaps(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	seen := history(before(now, 5), func(t time.Time) energy.Watts {
		if t.Hour() == 18 {
			return energy.Watts(math.NaN())
		}
		return 100
	})
	grid := energy.NewGrid(now, quarter, 96)
	gaps := Persistence(seen, now, grid, time.UTC).Gaps(grid.Interval)
	want := energy.Span(now.Add(6*time.Hour), time.Hour)
	if len(gaps) != 1 || gaps[0] != want {
		t.Errorf("gaps %v, want %v", gaps, want)
	}
}

func TestPersistence_NewerDaysWeighMore(t *testing.T) {
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	seen := history(before(now, 2), func(t time.Time) energy.Watts {
		if t.Day() == 20 {
			return 900
		}
		return 0
	})
	evening := energy.NewGrid(now.Add(20*time.Hour), quarter, 1) // far from the present
	got := Persistence(seen, now, evening, time.UTC).Points[0].Value
	if want := energy.Watts(900 / 1.8); math.Abs(float64(got-want)) > 1e-6 {
		t.Errorf("900 W yesterday and 0 W the day before give %v, want %v", got, want)
	}
}

func TestPersistence_OldHistoryDoesNotCount(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	old := history(energy.Span(now.AddDate(0, 0, -40), 20*24*time.Hour), func(time.Time) energy.Watts { return 100 })
	if got := Persistence(old, now, energy.NewGrid(now, quarter, 96), time.UTC); len(got.Points) != 0 {
		t.Errorf("%d points from three weeks ago", len(got.Points))
	}
}

func TestPersistence_StartsAtThePresentAndEndsAtTheUsual(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	seen := history(before(now, 5), func(t time.Time) energy.Watts {
		if now.Sub(t) <= quarter {
			return 2000 // the oven went on
		}
		return 200
	})
	got := Persistence(seen, now, energy.NewGrid(now, quarter, 24), time.UTC).Points
	if first := got[0].Value; first < 1500 || first > 2000 {
		t.Errorf("the slot that begins now expects %v", first)
	}
	for i := 1; i < len(got); i++ {
		if got[i].Value > got[i-1].Value {
			t.Fatalf("slot %d rises from %v to %v", i, got[i-1].Value, got[i].Value)
		}
	}
	if half := got[2].Value - 200; half < 0.3*1800 || half > 0.5*1800 { // its middle is 37.5 minutes ahead
		t.Errorf("after half an hour %v of the 1.8 kW are left", half)
	}
	if last := got[23].Value; last > 201 {
		t.Errorf("six hours ahead it still expects %v", last)
	}

	stale := seen.Slice(energy.Interval{Start: seen.Points[0].Start, End: now.Add(-time.Hour)})
	if first := Persistence(stale, now, energy.NewGrid(now, quarter, 1), time.UTC).Points[0].Value; first != 200 {
		t.Errorf("a measurement an hour old draws the first slot to %v", first)
	}
}

func TestPersistence_FitsAnyGrid(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 7, 0, 0, time.UTC)
	seen := history(before(now.Truncate(quarter).Add(-time.Hour), 5), func(t time.Time) energy.Watts {
		return energy.Watts(t.Minute()) // 0, 15, 30, 45
	})
	for step, want := range map[time.Duration]energy.Watts{
		5 * time.Minute: 0, quarter: 0, 30 * time.Minute: 7.5, time.Hour: 22.5,
	} {
		start := now.Truncate(time.Hour).Add(8 * time.Hour)
		got := Persistence(seen, now, energy.NewGrid(start, step, 4), time.UTC)
		if len(got.Points) != 4 || got.Points[0].Value != want {
			t.Errorf("step %v: %v, want the first to be %v", step, got.Points, want)
		}
	}
	crooked := Persistence(seen, now, energy.NewGrid(now, 10*time.Minute, 30), time.UTC)
	if len(crooked.Points) != 30 {
		t.Errorf("a grid from 12:07 on has %d points of 30", len(crooked.Points))
	}
}

// TestPersistence_FollowsTheLocalClock lets a kettle boil at 7:00 local time every day and looks at what is expected of
// the days around both changes of the clock.
func TestPersistence_FollowsTheLocalClock(t *testing.T) {
	for _, c := range []struct {
		zone   string
		change time.Time // the local day
		slots  int
	}{
		{"Europe/Berlin", time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC), 92},
		{"Europe/Berlin", time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC), 100},
		{"America/New_York", time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC), 92},
		{"America/New_York", time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), 100},
	} {
		z := zone(t, c.zone)
		for _, lag := range []int{-1, 0, 1} { // the change is tomorrow, today, yesterday
			y, m, d := c.change.Date()
			now := time.Date(y, m, d+lag, 0, 0, 0, 0, z)
			kettle := func(t time.Time) energy.Watts {
				if local := t.In(z); local.Hour() == 7 && local.Minute() == 0 {
					return 2000
				}
				return 100
			}
			grid := energy.Grid{Interval: energy.Day(now, z), Step: quarter}
			got := Persistence(history(before(now, 7), kettle), now, grid, z)
			if want := map[bool]int{true: c.slots, false: 96}[lag == 0]; len(got.Points) != want {
				t.Errorf("%s %+d d: %d points, want %d", c.zone, lag, len(got.Points), want)
			}
			for _, p := range got.Points {
				// What is measured at midnight still weighs a little at seven.
				if math.Abs(float64(p.Value-kettle(p.Start))) > 1 {
					t.Errorf("%s %+d d: %v expects %v, want %v", c.zone, lag, p.Start.In(z), p.Value, kettle(p.Start))
				}
			}
		}
	}
}

func TestPersistence_HourOfTheChangeDay(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	value := func(t time.Time) energy.Watts { // 100 W in the first 2:30, 300 W in the second
		if _, offset := t.In(z).Zone(); offset == 3600 {
			return 300
		}
		return 100
	}
	now := time.Date(2026, 10, 26, 0, 0, 0, 0, z)
	both := history(energy.Day(now.Add(-time.Hour), z), value)
	tonight := energy.NewGrid(time.Date(2026, 10, 26, 2, 30, 0, 0, z), quarter, 1)
	if got := Persistence(both, now, tonight, z).Points[0].Value; math.Abs(float64(got)-200) > 5 {
		t.Errorf("two passes of 2:30 with 100 and 300 W give %v", got)
	}

	spring := time.Date(2026, 3, 29, 0, 0, 0, 0, z) // has no 2:30
	short := history(energy.Day(spring, z), func(time.Time) energy.Watts { return 100 })
	now = spring.AddDate(0, 0, 1)
	grid := energy.Grid{Interval: energy.Day(now, z), Step: quarter}
	gaps := Persistence(short, now, grid, z).Gaps(grid.Interval)
	if want := energy.Span(time.Date(2026, 3, 30, 2, 0, 0, 0, z), time.Hour); len(gaps) != 1 || !gaps[0].Start.Equal(want.Start) || !gaps[0].End.Equal(want.End) {
		t.Errorf("gaps %v, want the hour the day did not have", gaps)
	}
}

func TestPersistence_SaysWhatItIs(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	seen := history(before(now, 3), func(time.Time) energy.Watts { return 100 })
	got := Persistence(seen, now, energy.NewGrid(now, quarter, 96), time.UTC)
	if err := got.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, p := range got.Points {
		if p.Origin == nil || p.Origin.Status != energy.Forecast || !p.Origin.Fetched.Equal(now) {
			t.Fatalf("origin %+v", p.Origin)
		}
	}
	if seen.Points[0].Origin != nil || seen.Points[len(seen.Points)-1].Value != 100 {
		t.Error("the history was changed")
	}
}

// TestPersistence_StaysWithinWhatWasSeen also holds the law that a constant comes back as the same constant, bit for bit.
func TestPersistence_StaysWithinWhatWasSeen(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"}
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		now := time.Unix(rapid.Int64Range(1.7e9, 1.9e9).Draw(t, "now"), 0)
		low := rapid.Float64Range(-1e4, 1e4).Draw(t, "low")
		spread := rapid.SampledFrom([]float64{0, 0, 1e-3, 5000}).Draw(t, "spread")
		within := before(now.Truncate(quarter), rapid.IntRange(1, 20).Draw(t, "days"))
		seen := history(within, func(at time.Time) energy.Watts {
			return energy.Watts(low + spread*math.Abs(math.Sin(float64(at.Unix()))))
		})
		step := time.Duration(rapid.IntRange(1, 120).Draw(t, "step")) * time.Minute
		grid := energy.NewGrid(now, step, rapid.IntRange(0, 200).Draw(t, "count"))
		got := Persistence(seen, now, grid, z)
		least, most := extremes(seen)
		for _, p := range got.Points {
			if !(p.Value >= least && p.Value <= most) {
				t.Fatalf("%v at %v is outside %v to %v", p.Value, p.Start, least, most)
			}
		}
		if err := got.Validate(); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkPersistence(b *testing.B) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	z := zone(b, "Europe/Berlin")
	seen := history(before(now, 14), func(t time.Time) energy.Watts { return energy.Watts(t.Minute()) })
	grid := energy.NewGrid(now, quarter, 192)
	for b.Loop() {
		Persistence(seen, now, grid, z)
	}
}
