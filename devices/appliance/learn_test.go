package appliance

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// measured is a run of a program, as the trace of its readings gives it.
func measured(t *testing.T, program []energy.Watts) Run {
	t.Helper()
	k := newKitchen(t, program, 10*time.Second)
	k.run(time.Duration(len(program)+30) * time.Minute)
	if len(k.runs) != 1 {
		t.Fatalf("%d runs (%v)", len(k.runs), k.whys)
	}
	return k.runs[0]
}

func isNear(a, b energy.WattHours, share float64) bool {
	d := float64(a - b)
	return d <= share*float64(b) && -d <= share*float64(b)
}

func TestLibrary_ReproducesTheMeasuredEnergy(t *testing.T) {
	for name, program := range map[string][]energy.Watts{"washer": washer40(), "dishwasher": dishwasher(), "dryer": dryer()} {
		l := Seeded(15*time.Minute, []energy.Watts{2000, 500, 100, 100})
		for range 3 {
			l = l.Learn(measured(t, program))
		}
		p, ok := l.Likely()
		if want := energyOf(program); !ok || !p.IsLearned() || !isNear(p.Energy(), want, 0.02) {
			t.Errorf("%s: %v, want %v", name, p.Energy(), want)
		}
	}
}

func TestLibrary_OffersTheConfiguredProgramUntilItHasMeasuredThree(t *testing.T) {
	l := Seeded(15*time.Minute, []energy.Watts{1400, 1400, 60, 60, 200, 100}) // about that of the washer
	for i := range 3 {
		p, ok := l.Likely()
		if !ok || p.IsLearned() || p.Length != 90*time.Minute || !isNear(p.Energy(), 805, 1e-9) {
			t.Errorf("after %d runs: %v in %v", i, p.Energy(), p.Length)
		}
		l = l.Learn(measured(t, washer40()))
	}
	if p, _ := l.Likely(); len(l.Programs) != 1 || !p.IsLearned() || !isNear(p.Energy(), energyOf(washer40()), 0.02) {
		t.Errorf("after 3 runs: %v, %d programs", p.Energy(), len(l.Programs))
	}
}

func TestLibrary_TellsProgramsApart(t *testing.T) {
	hot := trace(part{10, at(70)}, part{34, at(1880)}, part{44, at(45, 200)}, part{12, at(306)}, part{4, at(4)})
	var l Library
	for range 4 {
		l = l.Learn(measured(t, washer40()))
		l = l.Learn(measured(t, hot))
	}
	l = l.Learn(measured(t, hot))
	if len(l.Programs) != 2 {
		t.Fatalf("%d programs", len(l.Programs))
	}
	if p, _ := l.Likely(); !isNear(p.Energy(), energyOf(hot), 0.02) {
		t.Errorf("the most frequent takes %v, want %v", p.Energy(), energyOf(hot))
	}
	if got := l.Longest(); got < 99*time.Minute || got > 101*time.Minute {
		t.Errorf("the longest takes %v", got)
	}
}

// A slow tap puts everything off by five minutes: the shape of the program stays that of each run.
func TestLibrary_AlignsRuns(t *testing.T) {
	late := append(at(70, 70, 70, 70, 70), washer40()[2:]...)
	var l Library
	for _, program := range [][]energy.Watts{washer40()[2:], late, washer40()[2:], late} {
		l = l.Learn(measured(t, program))
	}
	p, _ := l.Likely()
	want := make([]energy.Watts, len(p.Power))
	copy(want, powers(measured(t, late).Steps))
	var off energy.Watts
	for i, w := range p.Power {
		off += max(w-want[i], want[i]-w)
	}
	if len(l.Programs) != 1 || off.Over(StepLength) > p.Energy()/20 {
		t.Errorf("%v, want about %v (%v off)", p.Power, want, off.Over(StepLength))
	}
}

func TestSeeded_KeepsTheConfiguredEnergy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		step := time.Duration(rapid.IntRange(1, 60).Draw(t, "minutes")) * time.Minute
		power := rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 3000), func(w int) energy.Watts { return energy.Watts(w) }), 1, 12).Draw(t, "power")
		var want energy.WattHours
		for _, w := range power {
			want += w.Over(step)
		}
		p, ok := Seeded(step, power).Likely()
		if !ok || !isNear(p.Energy()+1, want+1, 1e-9) {
			t.Fatalf("%v of %v: %v, want %v", step, power, p.Energy(), want)
		}
	})
	if _, ok := Seeded(0, nil).Likely(); ok {
		t.Error("nothing configured is a program")
	}
}

// Whatever is learned in whichever order: energies are those of runs, powers are never negative, nothing
// grows without end, and the store gives back what it got.
func TestLibrary_KeepsItsLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l Library
		for range rapid.IntRange(1, 60).Draw(t, "runs") {
			steps := rapid.SliceOfN(rapid.Map(rapid.IntRange(-10, 200), func(e int) energy.WattHours { return energy.WattHours(e) }), 1, 30).Draw(t, "steps")
			before := copied(t, l)
			next := l.Learn(Run{morning, time.Duration(len(steps)) * StepLength, steps})
			if !reflect.DeepEqual(copied(t, l), before) {
				t.Fatal("the library handed in was changed")
			}
			l = next
		}
		if len(l.Programs) > maxPrograms || !reflect.DeepEqual(copied(t, l), l) && len(l.Programs) > 0 {
			t.Fatalf("%d programs, or the store gives back another", len(l.Programs))
		}
		for _, p := range l.Programs {
			least, most := p.Runs[0].Energy(), p.Runs[0].Energy()
			for _, r := range p.Runs {
				least, most = min(least, r.Energy()), max(most, r.Energy())
			}
			if e := p.Energy(); e < least*0.999 || e > most*1.001 || len(p.Runs) > keepRuns {
				t.Fatalf("%v from %d runs of %v to %v", e, len(p.Runs), least, most)
			}
			for _, w := range p.Power {
				if w < 0 {
					t.Fatalf("gives back: %v", p.Power)
				}
			}
		}
		if text, _ := json.Marshal(l); len(text) > 64<<10 {
			t.Fatalf("%d bytes to store", len(text))
		}
	})
}

// More energy in every step of every run is never learned as less.
func TestLibrary_LearnsMoreFromMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var less, more Library
		base := rapid.SliceOfN(rapid.IntRange(0, 200), 4, 20).Draw(t, "steps")
		for range 4 {
			a, b := make([]energy.WattHours, len(base)), make([]energy.WattHours, len(base))
			for i, e := range base {
				a[i] = energy.WattHours(e) + 1
				b[i] = a[i] + energy.WattHours(rapid.IntRange(0, 3).Draw(t, "more"))
			}
			length := time.Duration(len(base)) * StepLength
			less, more = less.Learn(Run{morning, length, a}), more.Learn(Run{morning, length, b})
		}
		p, _ := less.Likely()
		q, _ := more.Likely()
		if q.Energy() < p.Energy()*0.999 {
			t.Fatalf("%v became %v", p.Energy(), q.Energy())
		}
	})
}

func TestLibrary_LearnsNothingFromNothing(t *testing.T) {
	for name, r := range map[string]Run{
		"empty": {}, "no energy": {Length: time.Hour, Steps: make([]energy.WattHours, 12)}, "endless": {Length: 20 * time.Hour, Steps: make([]energy.WattHours, 240)},
	} {
		if l := (Library{}).Learn(r); len(l.Programs) != 0 {
			t.Errorf("%s: %+v", name, l)
		}
	}
}

func copied(t interface{ Fatal(...any) }, l Library) Library {
	text, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	var back Library
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	return back
}
