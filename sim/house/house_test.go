package house

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// live moves the home on for d and calls check after each step.
func live(h *House, w *World, d, step time.Duration, check func(o Outside)) {
	for end := h.At.Add(d); h.At.Before(end); {
		o := w.Step(h.At, step)
		h.Step(o)
		check(o)
	}
}

// meddle gives random commands, as an agent out of its mind would.
func meddle(h *House, r *rand.Rand) {
	switch r.IntN(40) {
	case 0:
		h.DishPlug.Turn(r.IntN(2) == 0)
	case 1:
		h.BoilerPlug.Turn(r.IntN(2) == 0)
	case 2:
		h.Battery.Force(energy.Watts(r.IntN(20000)-10000), time.Duration(r.IntN(3600))*time.Second)
	case 3:
		h.Battery.Release()
	case 4:
		h.Charger.IsEnabled = r.IntN(2) == 0
	case 5:
		h.Charger.Limit = uint32(r.IntN(63000))
		h.Charger.Heard()
	case 6:
		h.Charger.Timeout = time.Duration(r.IntN(600)) * time.Second
	case 7:
		h.BoilerPlug.Pulse = time.Duration(r.IntN(3600)) * time.Second
	}
}

func near(a, b energy.WattHours) bool {
	return math.Abs(float64(a-b)) <= 1e-6*(1+math.Abs(float64(a)))
}

func TestHouse_GridIsTheSumOfEverythingBehindIt(t *testing.T) {
	zone := berlin(t)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		r := rand.New(rand.NewPCG(seed, 1))
		day := rapid.IntRange(0, 365).Draw(t, "day")
		h := New(time.Date(2026, 1, day, 0, 0, 0, 0, zone))
		w := NewWorld(seed, zone)
		live(&h, w, 26*time.Hour, time.Minute, func(o Outside) {
			p := h.Power
			sum := -o.Sun + o.Base + h.Battery.Power + h.Charger.Power + h.DishPlug.Power + h.BoilerPlug.Power
			if math.Abs(float64(p.Grid-sum)) > 1e-9 {
				t.Fatalf("%v: grid %v, behind it %v", h.At, p.Grid, sum)
			}
			if p.Solar > 0 || p.Base < 0 || p.Car < 0 || p.Dishwasher < 0 || p.Boiler < 0 {
				t.Fatalf("%v: wrong sign in %+v", h.At, p)
			}
			meddle(&h, r)
		})
	})
}

func TestHouse_CountersNeverFallAndAddUp(t *testing.T) {
	zone := berlin(t)
	h, w, r := New(time.Date(2026, 5, 12, 0, 0, 0, 0, zone)), NewWorld(4, zone), rand.New(rand.NewPCG(4, 4))
	var grid, plugs, charger energy.WattHours
	was := h
	live(&h, w, 48*time.Hour, 5*time.Second, func(o Outside) {
		grid += h.Power.Grid.Over(o.Span.Length())
		plugs += (h.Power.Dishwasher + h.Power.Boiler).Over(o.Span.Length())
		charger += h.Power.Car.Over(o.Span.Length())
		if h.Grid.Imported < was.Grid.Imported || h.Grid.Exported < was.Grid.Exported ||
			h.Solar.Imported < was.Solar.Imported || h.Solar.Exported < was.Solar.Exported ||
			h.DishPlug.Energy < was.DishPlug.Energy || h.BoilerPlug.Energy < was.BoilerPlug.Energy ||
			h.Charger.Energy < was.Charger.Energy || h.Battery.Taken < was.Battery.Taken || h.Battery.Given < was.Battery.Given {
			t.Fatalf("%v: a counter fell", h.At)
		}
		was = h
		meddle(&h, r)
	})
	if !near(h.Grid.Imported-h.Grid.Exported, grid) || h.Grid.Imported == 0 || h.Grid.Exported == 0 {
		t.Errorf("grid counters %v - %v, its power sums to %v", h.Grid.Imported, h.Grid.Exported, grid)
	}
	if !near(h.DishPlug.Energy+h.BoilerPlug.Energy, plugs) {
		t.Errorf("plugs counted %v + %v, their power sums to %v", h.DishPlug.Energy, h.BoilerPlug.Energy, plugs)
	}
	if !near(h.Charger.Energy, charger) {
		t.Errorf("charger counted %v, its power sums to %v", h.Charger.Energy, charger)
	}
}

func TestHouse_KeepsEveryPromiseWhenNobodyActs(t *testing.T) {
	zone := berlin(t)
	for seed := range uint64(8) {
		h, w := New(time.Date(2026, 3, 20, 0, 0, 0, 0, zone)), NewWorld(seed, zone)
		live(&h, w, 14*24*time.Hour, time.Minute, func(Outside) {})
		if h.Car.Missed+h.Dishwasher.Missed+h.Heater.Missed > 0 {
			t.Errorf("seed %d: missed car %d, dishes %d, hot water %d", seed, h.Car.Missed, h.Dishwasher.Missed, h.Heater.Missed)
		}
		if h.Dishwasher.Runs < 13 || h.Car.Driven < 13*13500 {
			t.Errorf("seed %d: in two weeks %d programs and %v driven", seed, h.Dishwasher.Runs, h.Car.Driven)
		}
	}
}

func TestHouse_MissesThePromisesOfOneWhoStarvesIt(t *testing.T) {
	zone := berlin(t)
	h, w := New(time.Date(2026, 5, 12, 0, 0, 0, 0, zone)), NewWorld(1, zone)
	live(&h, w, 96*time.Hour, time.Minute, func(Outside) {
		h.DishPlug.Turn(false)
		h.BoilerPlug.Turn(false)
		h.Charger.IsEnabled = false
	})
	if h.Dishwasher.Missed != 3 || h.Car.Missed != 3 || h.Heater.Missed < 3 {
		t.Errorf("missed dishes %d and car %d, want 3 mornings each; hot water %d, want some", h.Dishwasher.Missed, h.Car.Missed, h.Heater.Missed)
	}
}

func TestHouse_StoredChangesByWhatCameInLessWhatWasUsed(t *testing.T) {
	h := New(time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC))
	before := h.Stored()
	h.Battery.Stored += 1000
	h.Car.Stored += 920
	h.Heater.Celsius++
	h.Dishwasher.IsLoaded = true
	want := 1000*BatteryEfficiency + 1000 + tankPerKelvin - programEnergy(0, ProgramLength())
	if got := h.Stored() - before; !near(got, want) {
		t.Errorf("stored more: %v, want %v", got, want)
	}
}

func BenchmarkHouse_Day(b *testing.B) {
	zone := berlin(b)
	w, h := NewWorld(1, zone), New(time.Date(2026, 5, 12, 0, 0, 0, 0, zone))
	for b.Loop() {
		live(&h, w, 24*time.Hour, 5*time.Second, func(Outside) {})
	}
}
