package house

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

func drawPower(t *rapid.T, name string) Power {
	w := func(part string) energy.Watts {
		return energy.Watts(rapid.IntRange(-20000, 20000).Draw(t, name+" "+part)) // whole: sums are exact
	}
	return Power{w("grid"), w("solar"), w("base"), w("battery"), w("car"), w("dishwasher"), w("boiler")}
}

// Flows add part by part, so a mean of flows keeps the sum that each of them had.
func TestPower_AddsPartByPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawPower(t, "a"), drawPower(t, "b")
		sum := a.Plus(b)
		switch {
		case sum.Sum() != a.Sum()+b.Sum() || sum.Grid != a.Grid+b.Grid:
			t.Errorf("%+v and %+v are %+v", a, b, sum)
		case sum != b.Plus(a) || a.Plus(Power{}) != a:
			t.Errorf("the order counts: %+v, %+v", sum, b.Plus(a))
		case sum.Solar != a.Solar+b.Solar || sum.Base != a.Base+b.Base || sum.Battery != a.Battery+b.Battery ||
			sum.Car != a.Car+b.Car || sum.Dishwasher != a.Dishwasher+b.Dishwasher || sum.Boiler != a.Boiler+b.Boiler:
			t.Errorf("%+v and %+v were mixed up in %+v", a, b, sum)
		}
	})
}

// One counter runs for each direction, and their difference is the energy that went through.
func TestMeter_CountsEachDirectionByItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m Meter
		var net energy.WattHours
		for range rapid.IntRange(0, 20).Draw(t, "steps") {
			p := energy.Watts(rapid.Float64Range(-20000, 20000).Draw(t, "power"))
			d := time.Duration(rapid.IntRange(1, 3600).Draw(t, "seconds")) * time.Second
			was := m
			m.count(p, d)
			net += p.Over(d)
			grew := m.Imported - was.Imported
			if p < 0 {
				grew = m.Exported - was.Exported
			}
			if !near(energy.WattHours(math.Abs(float64(p.Over(d)))), grew) || p < 0 && m.Imported != was.Imported || p >= 0 && m.Exported != was.Exported {
				t.Fatalf("%v for %v took it from %+v to %+v", p, d, was, m)
			}
		}
		if math.Abs(float64(m.Imported-m.Exported-net)) > 1e-3 {
			t.Errorf("%+v, want a difference of %v", m, net)
		}
	})
}

// A charger never offers what a cable cannot carry or a car cannot take, whatever it was told, and what it
// was told comes back with the next command.
func TestCharger_NeverOffersWhatTheWiringForbids(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCharger()
		c.IsEnabled = rapid.Bool().Draw(t, "enabled")
		c.Limit, c.Failsafe = rapid.Uint32Range(0, 80000).Draw(t, "limit"), rapid.Uint32Range(0, 80000).Draw(t, "failsafe")
		c.Timeout = time.Duration(rapid.IntRange(0, 600).Draw(t, "timeout")) * time.Second
		c.Silence = time.Duration(rapid.IntRange(0, 1200).Draw(t, "silence")) * time.Second
		amps := c.Amps()
		if amps != 0 && (amps < leastAmps || amps > MostAmps) {
			t.Errorf("offers %d mA: %+v", amps, c)
		}
		if hasFallen := c.Timeout > 0 && c.Silence >= c.Timeout; hasFallen != c.HasFallenBack() || !c.IsEnabled && !hasFallen && amps != 0 {
			t.Errorf("fallen back %t, offers %d mA: %+v", c.HasFallenBack(), amps, c)
		}
		if c.Heard(); c.HasFallenBack() || c.IsEnabled && c.Limit >= leastAmps && c.Amps() != min(c.Limit, MostAmps) {
			t.Errorf("after a command it offers %d mA: %+v", c.Amps(), c)
		}
	})
}

// A copy of a home is a home of its own: the twin must not feel what is done to the other.
func TestHouse_ACopyIsASnapshot(t *testing.T) {
	h := New(time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC))
	was := h
	w := NewWorld(1, time.UTC)
	h.Charger.Limit, h.DishPlug.IsOn = 6000, false
	live(&h, w, time.Hour, time.Minute, func(Outside) {})
	if was != New(was.At) {
		t.Errorf("the copy changed: %+v", was)
	}
	twin := was
	live(&twin, w, time.Hour, time.Minute, func(Outside) {})
	if twin == h || twin.At != h.At || twin.Charger.Limit != MostAmps {
		t.Errorf("the twin was touched, or nothing was: %+v", twin)
	}
}
