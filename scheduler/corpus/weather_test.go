package corpus

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func sizeOf(t testing.TB, name string) size {
	t.Helper()
	f, ok := find(name)
	if !ok {
		t.Fatal(name)
	}
	return f.size
}

func TestWeather_IsDarkAtNightAndBrightAtNoon(t *testing.T) {
	noon, morning, days := 0.0, 0.0, 0
	for seed := range uint64(60) {
		d := newDraft(sizeOf(t, "M"), seed)
		w := d.weather
		if len(w.hours) != 2*24*12 || len(w.sun) != len(w.hours) || len(w.temperature) != len(w.hours) {
			t.Fatalf("%d, %d and %d steps", len(w.hours), len(w.sun), len(w.temperature))
		}
		for i, hour := range w.hours {
			sun := w.sun[i]
			switch {
			case hour < 0 || hour >= 24:
				t.Fatalf("hour %v", hour)
			case sun < 0 || sun > 1:
				t.Fatalf("sun %v", sun)
			case (hour < 3 || hour > 22) && sun != 0:
				t.Fatalf("sun %v at %v o'clock", sun, hour)
			case hour > 11 && hour < 14 && sun < 0.02:
				t.Fatalf("no sun at %v o'clock", hour)
			}
			if hour > 11 && hour < 14 {
				noon += sun
				days++
			}
			if hour > 6 && hour < 9 {
				morning += sun
			}
			if i > 0 && math.Abs(math.Mod(hour-w.hours[i-1]+24, 24)-5./60) > 1e-9 {
				t.Fatalf("from %v to %v in a step", w.hours[i-1], hour)
			}
		}
	}
	if noon < 2*morning || noon/float64(days) < 0.3 || noon/float64(days) > 0.9 {
		t.Errorf("%v of sun at noon, %v in the morning, %d steps", noon, morning, days)
	}
}

func TestWeather_IsColderAtNightAndSeldomHot(t *testing.T) {
	day, night := 0.0, 0.0
	for seed := range uint64(40) {
		w := newDraft(sizeOf(t, "M"), seed).weather
		for i, hour := range w.hours {
			if at := w.temperature[i]; at < -15 || at > 25 {
				t.Fatalf("seed %d: %v degrees", seed, at)
			}
			if hour > 13 && hour < 16 {
				day += w.temperature[i]
			}
			if hour > 1 && hour < 4 {
				night += w.temperature[i]
			}
		}
	}
	if day <= night {
		t.Errorf("%v by day, %v by night", day, night)
	}
}

// The longer the day, the more sun: by the calendar alone, clouds and all being the same.
func TestWeather_DaysAreLongerTowardsSummer(t *testing.T) {
	s := sizeOf(t, "S")
	sum := func(begin time.Time) (sum float64, lit int) {
		for _, sun := range newWeather(newDice(1, "sky"), begin, s).sun {
			sum += sun
			if sun > 0 {
				lit++
			}
		}
		return sum, lit
	}
	winter, short := sum(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	spring, long := sum(time.Date(2026, 4, 20, 0, 0, 0, 0, time.UTC))
	if winter >= spring || short+12 > long {
		t.Errorf("%v in February in %d steps, %v in April in %d", winter, short, spring, long)
	}
}

func TestBegin_IsAWholeHourOfTheHeatingSeason(t *testing.T) {
	hours := map[int]bool{}
	for seed := range uint64(200) {
		for _, name := range []string{"T", "M"} {
			at := generate(t, name, seed).Grid.Start
			if at.Minute() != 0 || at.Second() != 0 || at.Month() > time.April && at.Month() < time.September || at.Month() > time.October || at.Month() < time.February {
				t.Errorf("%s begins at %v", Name(name, seed), at)
			}
			if name == "T" && (at.Hour() < 6 || at.Hour() > 11) {
				t.Errorf("%s begins at %v, and sees little sun", Name(name, seed), at)
			}
			if name == "M" {
				hours[at.Hour()] = true
			}
		}
	}
	if len(hours) != 24 {
		t.Errorf("problems begin at %d hours of the day", len(hours))
	}
}

func TestMeans_KeepTheSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := size{slots: rapid.IntRange(1, 9).Draw(t, "slots"), minutes: rapid.SampledFrom([]int{5, 15, 60}).Draw(t, "minutes")}
		k := s.minutes / fine
		series := rapid.SliceOfN(rapid.Float64Range(-9, 9), s.slots*k, s.slots*k).Draw(t, "series")
		means, sum := s.means(series), 0.0
		for _, v := range series {
			sum += v
		}
		for i, v := range means {
			low, high := math.Inf(1), math.Inf(-1)
			for _, x := range series[i*k : (i+1)*k] {
				low, high = min(low, x), max(high, x)
			}
			if v < low-1e-9 || v > high+1e-9 {
				t.Fatalf("slot %d: %v of [%v, %v]", i, v, low, high)
			}
			sum -= v * float64(k)
		}
		if len(means) != s.slots || math.Abs(sum) > 1e-9 {
			t.Fatalf("%d slots, %v is lost", len(means), sum)
		}
	})
}
