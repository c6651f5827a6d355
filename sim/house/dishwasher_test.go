package house

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

func TestDishwasher_TakesItsProgramWhateverInterruptsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom([]time.Duration{time.Second, 5 * time.Second, 30 * time.Second, time.Minute}).Draw(t, "step")
		w := Dishwasher{IsLoaded: true}
		o := Outside{Span: energy.Span(time.Time{}, d)}
		var taken energy.WattHours
		for w.Runs == 0 {
			hasPower := rapid.IntRange(0, 9).Draw(t, "power") > 0
			w.step(hasPower, o)
			if !hasPower && w.Power != 0 {
				t.Fatalf("takes %v from a plug that is off", w.Power)
			}
			taken += w.Power.Over(d)
			if left := w.Left(); w.IsLoaded && !near(taken+left, programEnergy(0, ProgramLength())) {
				t.Fatalf("taken %v, left %v", taken, left)
			}
		}
		if !near(taken, programEnergy(0, ProgramLength())) || w.IsLoaded || w.Left() != 0 {
			t.Fatalf("took %v, loaded %t", taken, w.IsLoaded)
		}
	})
}

func TestDishwasher_WaitsForPowerAndForDishes(t *testing.T) {
	o := Outside{Span: energy.Span(time.Time{}, 5*time.Second)}
	var w Dishwasher
	if w.step(true, o); w.Power != 0 {
		t.Errorf("empty it takes %v", w.Power)
	}
	o.Loads = true
	if w.step(false, o); !w.IsLoaded || w.Done != 0 {
		t.Errorf("loaded without power: %+v", w)
	}
	o.Loads = false
	if w.step(true, o); !near(w.Power.Over(time.Hour), program[0].power.Over(time.Hour)) {
		t.Errorf("with power it begins with %v", w.Power)
	}
}

func TestDishwasher_IsMissedEachMorningItIsNotDone(t *testing.T) {
	o := Outside{Span: energy.Span(time.Time{}, 5*time.Second), Dishes: true}
	w := Dishwasher{IsLoaded: true}
	w.step(false, o)
	w.step(false, o)
	w.IsLoaded = false
	w.step(false, o)
	if w.Missed != 2 {
		t.Errorf("missed %d, want 2", w.Missed)
	}
}

func TestProgramPower_HasTheProgramsEnergyAtEveryStep(t *testing.T) {
	want := programEnergy(0, ProgramLength())
	if want < 900 || want > 1100 || ProgramLength() != 2*time.Hour {
		t.Errorf("a program of %v in %v", want, ProgramLength())
	}
	for _, step := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 50 * time.Minute} {
		var sum energy.WattHours
		for _, p := range ProgramPower(step) {
			sum += p.Over(step)
		}
		if !near(sum, want) {
			t.Errorf("step %v: %v, want %v", step, sum, want)
		}
	}
}
