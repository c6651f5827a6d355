package appliance

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// flat is a home with one machine, an agent that dies and comes back, and a plug that may be slow or lie.
type flat struct {
	*rapid.T
	dice    *rand.Rand // even, where rapid leans to small numbers: a home with a mishap in each step proves nothing
	rules   Rules
	machine machine
	state   State
	clock   time.Time
	slot    *Slot

	isSlow   bool // the plug does not do as it is told
	isMute   bool // and says nothing of its power
	wasOn    bool
	cuts     int       // in this run
	deadline time.Time // when it was cut
	noticed  int
	seen     map[Why]int
}

// Whatever happens: never cut hot, late, twice or unsafe; never held beyond the deadline, without a plan,
// against a tap or when the agent goes.
func TestStep_KeepsItsLaws(t *testing.T) {
	seen := map[Why]int{}
	rapid.Check(t, func(rt *rapid.T) {
		f := &flat{T: rt, dice: rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0)), clock: morning, wasOn: true, seen: seen, state: rested(0)}
		f.rules.IsUnsafeToResume = f.between(0, 5) == 0
		f.machine = machine{program: f.program(), step: time.Minute, isOn: true, forgets: f.between(0, 4) == 0}
		for range f.between(2000, 6000) {
			f.step()
		}
	})
	t.Log(seen)
	for _, w := range []Why{Waits, ItsTime, Late, NoPlan, Tapped, Stopping, TooHot, TooLate, Unsafe, NotStarted, NotCut, ClockJumped, ByHand} {
		if seen[w] == 0 {
			t.Errorf("nothing was ever %s: the home is too quiet to prove anything", w)
		}
	}
}

func (f *flat) between(least, most int) int { return least + f.dice.IntN(most-least+1) }

func (f *flat) program() []energy.Watts {
	cold := f.between(1, 12)
	pump := energy.Watts(f.between(10, 300))
	return trace(part{cold, at(pump)}, part{f.between(5, 30), at(2000)}, part{f.between(0, 60), at(60, 30)}, part{20, at(5)})
}

func (f *flat) step() {
	every := 10 * time.Second
	f.machine.pass(every)
	f.clock = f.clock.Add(every)
	in := Input{Now: f.clock, On: energy.Read(f.machine.isOn, f.clock)}
	f.mishap(&in)
	isOver := f.machine.isOver || f.machine.since > time.Duration(len(f.machine.program))*f.machine.step
	if isOver && f.between(0, 120) == 0 {
		f.machine.since, f.machine.isOver = 0, false
	}
	if in.Now = f.clock; !f.isMute {
		in.Power = energy.Read(f.machine.power(), f.clock)
	}
	in.On.At, in.Slot = f.clock, f.slot
	f.judge(in)
}

func (f *flat) mishap(in *Input) {
	f.isMute = f.isMute && f.between(0, 6) > 0
	f.isSlow = f.isSlow && f.between(0, 20) > 0
	switch f.between(0, 200) {
	case 0, 1, 2, 3, 4, 5:
		start := f.clock.Add(time.Duration(f.between(-10, 400)) * time.Minute)
		f.slot = &Slot{start, start.Add(time.Duration(f.between(-20, 200)) * time.Minute)}
	case 6, 15, 16, 17:
		f.slot = nil
	case 7:
		in.IsTapped = true
	case 8:
		in.IsStopping = true
	case 9, 10:
		f.isSlow = true
	case 11:
		f.isMute = true
	case 12: // somebody presses the plug's button
		f.machine.turn(!f.machine.isOn)
		in.On.Value = f.machine.isOn
	case 13:
		f.clock = f.clock.Add([]time.Duration{-time.Hour, 3 * time.Minute, time.Hour}[f.between(0, 2)])
	case 14: // the agent is away; the machine goes on
		away := time.Duration(f.between(1, 60)) * time.Minute
		f.machine.pass(away)
		f.clock = f.clock.Add(away)
		f.restart()
	}
}

// hottest is the most the machine has truly taken in this program, but for what no reading can have told yet.
func (f *flat) hottest() energy.Watts {
	var most energy.Watts
	for i := 0; i < len(f.machine.program) && time.Duration(i)*f.machine.step < f.machine.since-30*time.Second; i++ {
		most = max(most, f.machine.program[i])
	}
	return most
}

func (f *flat) restart() {
	text, err := json.Marshal(f.state)
	if err != nil {
		f.Fatal(err)
	}
	var back State
	if err := json.Unmarshal(text, &back); err != nil {
		f.Fatal(err)
	}
	f.state = back
}

func (f *flat) judge(in Input) {
	before := f.state
	before.Trace = before.Trace.clone()
	next, out := f.rules.Step(f.state, in)
	if again, same := f.rules.Step(before, in); !reflect.DeepEqual(before, f.state) || !reflect.DeepEqual(again, next) || !reflect.DeepEqual(same, out) {
		f.Fatalf("not pure: %+v, and again %+v", out, same)
	}
	if next.Phase == Done || next.Phase == Idle {
		f.cuts, f.noticed = 0, 0
	}
	if f.wasOn && !out.On {
		f.cuts++
		f.deadline = in.Slot.Latest
		switch {
		case f.rules.IsUnsafeToResume:
			f.Fatal("cut what is unsafe to resume")
		case f.hottest() > 800:
			f.Fatalf("cut after %v", f.hottest())
		case in.Now.Sub(next.Armed) > 5*time.Minute:
			f.Fatalf("cut %v after it was armed", in.Now.Sub(next.Armed))
		case f.cuts > 1:
			f.Fatal("cut twice")
		}
	}
	if !out.On && (in.Slot == nil || in.IsTapped || in.IsStopping || !in.Now.Before(f.deadline) || out.Phase != Held) {
		f.Fatalf("kept without current: %+v at %v, deadline %v, %+v", out, in.Now, f.deadline, in)
	}
	if out.Notice == NotStarted {
		f.noticed++
	}
	if f.noticed > 1 || len(next.Trace.Steps) > maxSteps {
		f.Fatalf("said %d times; %d steps kept", f.noticed, len(next.Trace.Steps))
	}
	f.seen[out.Why]++
	f.state, f.wasOn = next, out.On
	if !f.isSlow && f.machine.isOn != out.On {
		f.machine.turn(out.On)
	}
}
