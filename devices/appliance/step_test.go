package appliance

import (
	"slices"
	"testing"
	"time"

	"hearth/energy"
)

// slotIn is a plan that has the machine begin so long after the morning, and would be late an hour after.
func slotIn(d time.Duration) *Slot {
	return &Slot{Start: morning.Add(d), Latest: morning.Add(d + time.Hour)}
}

func TestStep_SeesMeasuredProgramsBeginAndEnd(t *testing.T) {
	for _, c := range []struct {
		name                 string
		program              []energy.Watts
		isUnsafe             bool
		armed, held, resumed float64 // minutes since the morning; the plan has it after three hours
		done, finished       float64 // with the hold
	}{
		{"washer 40", washer40(), false, 3, 3, 180, 180 + 79 + 5, 180 + 79},
		{"dishwasher with 75 quiet minutes", dishwasher(), false, 1, 1, 180, 180 + 123 + 5, 180 + 123},
		{"dryer", dryer(), true, 1, -1, 1, 137 + 5, 137},
		{"dryer nobody has marked", dryer(), false, 1, -1, 1, 137 + 5, 137},
	} {
		k := newKitchen(t, c.program, time.Minute)
		k.rules.IsUnsafeToResume, k.slot = c.isUnsafe, slotIn(3*time.Hour)
		k.run(6 * time.Hour)
		armed := k.minute(Held) // it is armed and cut in one step
		if c.held < 0 {
			armed = k.minute(Running)
		}
		finished := k.state.Finished.Sub(morning).Minutes()
		if armed != c.armed || k.minute(Held) != c.held || k.minute(Running) != c.resumed || k.minute(Done) != c.done || finished != c.finished {
			t.Errorf("%s: armed %v held %v running %v done %v finished %v, want %+v", c.name, armed, k.minute(Held), k.minute(Running), k.minute(Done), finished, c)
		}
		if len(k.runs) != 1 || k.notices != nil {
			t.Errorf("%s: %d runs, notices %v", c.name, len(k.runs), k.notices)
		}
	}
}

// What comes out of a program's end is what was put in, hold or not.
func TestStep_MeasuresWhatAProgramTakes(t *testing.T) {
	for name, program := range map[string][]energy.Watts{"washer": washer40(), "dishwasher": dishwasher(), "dryer": dryer()} {
		for _, hold := range []time.Duration{0, 3 * time.Hour} {
			k := newKitchen(t, program, 10*time.Second)
			k.slot = slotIn(hold)
			k.run(7 * time.Hour)
			if len(k.runs) != 1 {
				t.Fatalf("%s held %v: %d runs (%v)", name, hold, len(k.runs), k.whys)
			}
			want := energyOf(program)
			if got := k.runs[0].Energy(); got < want*0.98 || got > want*1.02 {
				t.Errorf("%s held %v: %v, want %v", name, hold, got, want)
			}
		}
	}
}

func TestStep_GivesTheCurrentBack(t *testing.T) {
	hold := func(t *testing.T) *kitchen {
		k := newKitchen(t, washer40(), 10*time.Second)
		k.slot = slotIn(3 * time.Hour)
		k.run(20 * time.Minute)
		if k.last.On || k.last.Phase != Held || !k.last.Until.Equal(k.slot.Start) {
			t.Fatalf("not held: %+v (%v)", k.last, k.whys)
		}
		return k
	}
	for _, c := range []struct {
		name   string
		change func(*Input)
		want   Why
	}{
		{"plan or price lost", func(in *Input) { in.Slot = nil }, NoPlan},
		{"agent stops", func(in *Input) { in.IsStopping = true }, Stopping},
		{"tap", func(in *Input) { in.IsTapped = true }, Tapped},
		{"its time has come", func(in *Input) { in.Slot = slotIn(-time.Minute) }, ItsTime},
		{"plan beyond the deadline", func(in *Input) { in.Slot = &Slot{Start: in.Now.Add(2 * time.Hour), Latest: in.Now} }, Late},
		{"clock set back", func(in *Input) { in.Now = in.Now.Add(-time.Hour) }, ClockJumped},
		{"clock set forward", func(in *Input) { in.Now = in.Now.Add(9 * time.Hour) }, ItsTime},
		{"the plug's own button", func(in *Input) { in.On.Value = true }, ByHand},
	} {
		k := hold(t)
		if out := k.step(c.change); !out.On || out.Why != c.want || out.Phase != Running {
			t.Errorf("%s: %+v, want %s", c.name, out, c.want)
		}
		k.slot = slotIn(9 * time.Hour) // and it stays on, whatever the plan would rather
		for range 200 {
			if out := k.step(nil); !out.On {
				t.Fatalf("%s: cut again: %+v", c.name, out)
			}
		}
	}
}

func TestStep_HoldsNoLongerThanItsFirstDeadlineAndItsTrial(t *testing.T) {
	k := newKitchen(t, washer40(), 10*time.Second)
	k.slot = slotIn(2 * time.Hour)
	k.run(time.Hour)
	k.slot = slotIn(20 * time.Hour) // a later plan has forgotten when it must be ready
	k.run(4 * time.Hour)
	if got := k.phases[Running]; !got.Equal(morning.Add(3 * time.Hour)) {
		t.Errorf("on at %v, want at the first deadline (%v)", got.Sub(morning), k.whys)
	}
	k = newKitchen(t, washer40(), 10*time.Second)
	k.rules.MaxHold, k.slot = 30*time.Minute, slotIn(5*time.Hour)
	k.run(time.Hour)
	if held := k.phases[Running].Sub(k.phases[Held]); held != 30*time.Minute || !slices.Contains(k.whys, MaxHeld) {
		t.Errorf("held for %v (%v)", held, k.whys)
	}
}

func TestStep_WaitsForAPlanOnlyWhileItIsCold(t *testing.T) {
	k := newKitchen(t, washer40(), 10*time.Second)
	k.run(4 * time.Minute)
	if k.last.Phase != Armed || k.last.Why != Starting || !k.last.On {
		t.Fatalf("%+v", k.last)
	}
	k.slot = slotIn(3 * time.Hour)
	if k.step(nil); k.last.Phase != Held {
		t.Errorf("a plan came in time: %+v", k.last)
	}
	k = newKitchen(t, washer40(), 10*time.Second)
	k.run(8 * time.Minute)
	k.slot = slotIn(3 * time.Hour)
	if k.step(nil); k.last.Phase != Running || k.last.Why != TooLate || !k.last.On {
		t.Errorf("a plan came too late: %+v", k.last)
	}
}

// Not known is not cold.
func TestStep_NeverCutsWhatItDidNotWatch(t *testing.T) {
	k := newKitchen(t, washer40(), 10*time.Second)
	k.run(3 * time.Minute)
	before := k.state
	k.slot = slotIn(3 * time.Hour)
	for name, change := range map[string]func(*Input){
		"silent for two minutes": func(in *Input) { in.Now = in.Now.Add(2 * time.Minute) },
		"blind for two minutes": func(in *Input) {
			in.Now = in.Now.Add(2 * time.Minute)
			in.Power.At = in.Now
		},
		"heating":        func(in *Input) { in.Power.Value = 1900 },
		"clock set back": func(in *Input) { in.Now = in.Now.Add(-time.Hour) },
	} {
		k.state = before
		if out := k.step(change); out.Phase != Running || out.Why != TooHot || !out.On {
			t.Errorf("%s: %+v", name, out)
		}
	}
}

func TestStep_CutsOnlyOnFreshNews(t *testing.T) {
	k := newKitchen(t, washer40(), 10*time.Second)
	k.run(3 * time.Minute)
	k.slot = slotIn(3 * time.Hour)
	k.now = k.now.Add(40 * time.Second)
	old := func(in *Input) { in.Power.At = in.Now.Add(-45 * time.Second) }
	if out := k.step(old); out.Phase != Armed || !out.On {
		t.Errorf("its power of 45 s ago: %+v", out)
	}
	if out := k.step(nil); out.Phase != Held || out.On {
		t.Errorf("its power of now: %+v", out)
	}
}

// A guard may hold the "off" back, or the plug may lie: what was not cut in time is not cut at all.
func TestStep_TakesBackACutThatDoesNotHappen(t *testing.T) {
	k := newKitchen(t, washer40(), 10*time.Second)
	k.slot = slotIn(3 * time.Hour)
	for range 12 * 6 {
		k.step(nil)
		k.machine.isOn = true
	}
	if !k.last.On || k.last.Phase != Running || !slices.Contains(k.whys, NotCut) {
		t.Errorf("%+v (%v)", k.last, k.whys)
	}
	if long := k.phases[Running].Sub(k.phases[Held]); long > 5*time.Minute+10*time.Second {
		t.Errorf("wanted off for %v", long)
	}
}

func TestStep_SaysOnceThatAMachineDidNotGoOn(t *testing.T) {
	k := newKitchen(t, washer40(), 10*time.Second)
	k.machine.forgets, k.slot = true, slotIn(time.Hour)
	for range 3 * 360 {
		on := k.last.On
		if k.step(nil); k.phases[Running] != (time.Time{}) && on && !k.last.On {
			t.Fatal("its current was cut once more")
		}
	}
	if !slices.Equal(k.notices, []Why{NotStarted}) || k.last.Phase != Done || len(k.runs) != 0 {
		t.Errorf("notices %v, %+v, %d runs", k.notices, k.last, len(k.runs))
	}
}

func TestStep_SaysOnceThatAProgramRunsTooLong(t *testing.T) {
	k := newKitchen(t, dishwasher(), 10*time.Second)
	k.length = time.Hour
	k.run(4 * time.Hour)
	if !slices.Equal(k.notices, []Why{TooLong}) {
		t.Errorf("notices %v", k.notices)
	}
}

func TestStep_IsReadyForTheNextProgramAtOnce(t *testing.T) {
	k := newKitchen(t, washer40(), 10*time.Second)
	k.run(2 * time.Hour)
	k.machine.since, k.phases = 0, map[Phase]time.Time{}
	k.slot = &Slot{Start: k.now.Add(time.Hour), Latest: k.now.Add(2 * time.Hour)}
	k.run(4 * time.Hour)
	if len(k.runs) != 2 || k.phases[Held].IsZero() {
		t.Errorf("%d runs, %v", len(k.runs), k.whys)
	}
}

func TestStep_DoesNotTakeAFlickerForAStart(t *testing.T) {
	k := newKitchen(t, trace(part{60, at(0, 0, 0, 40, 0, 7)}), 10*time.Second)
	k.machine.step = 20 * time.Second
	k.slot = slotIn(3 * time.Hour)
	k.run(time.Hour)
	if k.last.Phase != Idle || len(k.phases) != 1 {
		t.Errorf("%v", k.phases)
	}
}
