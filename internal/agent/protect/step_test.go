package protect

import (
	"strings"
	"testing"
	"time"

	"hearth/energy"
)

func TestStep_LeavesAloneWhatFits(t *testing.T) {
	p := newPlant(t, car(watts(11040)), battery(watts(3000)), boiler(on), oven())
	p.run(10 * time.Minute)
	p.limits[0].Power = 19000
	p.steps = func(_ Input, answers []Lowered) {
		if len(answers) > 0 {
			t.Fatalf("%+v", answers)
		}
	}
	p.state = State{}
	p.run(10 * time.Minute)
}

// The car yields first; what it cannot give the battery gives, then the boiler; the oven runs.
func TestStep_LowersInItsOrder(t *testing.T) {
	p := newPlant(t, oven(), boiler(on), battery(watts(3000)), car(watts(8970)))
	p.run(time.Minute)
	p.base += 4000
	p.run(10 * time.Second)
	p.expect("car", watts(4830), Fuse)
	p.says("car", "Lowered to 4.8 kW: the house connection would carry 20.5 kW of 17 kW.")
	p.expect("battery", watts(3000), "")
	p.base += 5000
	p.run(10 * time.Second)
	p.expect("car", watts(0), Fuse)
	if a, _ := p.answer("car"); !strings.HasPrefix(a.Text, "Paused: the house connection would carry 21.") {
		t.Error(a.Text)
	}
	p.base += 2000
	p.run(20 * time.Second)
	p.expect("boiler", on, "")
	if s := p.asked("battery"); s.Power >= 2200 || s.Power < 1000 {
		t.Errorf("battery %v", s)
	}
	p.base += 2500
	p.run(20 * time.Second)
	p.expect("battery", watts(0), Fuse)
	p.expect("boiler", off, Fuse)
	p.expect("oven", on, "")
	if p.state.Trouble() != (Trouble{}) || p.longest > 8*time.Second {
		t.Errorf("%+v, over for %v", p.state.Trouble(), p.longest)
	}
	p.base += 3000
	p.run(20 * time.Second)
	if got := p.state.Trouble(); got.Rule != Fuse || got.Text != "The house connection carries 19 kW of 17 kW, and nothing is left that could be lowered." {
		t.Errorf("%+v", got)
	}
	p.base = 500
	p.run(10 * time.Minute)
	for _, x := range p.things {
		p.expect(x.Name, x.Want, "")
	}
}

func TestStep_GoesByPriorityWithinAKind(t *testing.T) {
	second, first := car(watts(8280)), car(watts(6900))
	second.Name, second.Priority, first.Priority = "second", 2, 1
	p := newPlant(t, second, first)
	p.run(time.Minute)
	p.base += 3000
	p.run(10 * time.Second)
	p.expect("second", watts(8280), "")
	p.expect("car", watts(4830), Fuse)
}

// The guard keeps the charger on: it goes to its floor, and the next in the order gives the rest.
func TestStep_TakesFromTheNextWhatAGuardHolds(t *testing.T) {
	held := car(watts(8280))
	held.minOn = 5 * time.Minute
	p := newPlant(t, held, battery(watts(4000)))
	p.run(time.Minute)
	p.base += 10000
	p.run(10 * time.Second)
	p.expect("car", watts(4140), Fuse)
	if s := p.asked("battery"); s.Power >= 2300 || s.Power < 1500 || p.longest > 6*time.Second {
		t.Errorf("battery %v, over for %v", s, p.longest)
	}
	held.MayChange, held.Want = false, watts(11040) // an override: nothing can be had from it
	p.base += 2000
	p.run(20 * time.Second)
	p.expect("battery", watts(0), Fuse)
}

// Where nothing else is left, the fuse counts for more than the time a charger is to stay on.
func TestStep_ForcesAGuardOnlyWhereNothingElseHelps(t *testing.T) {
	held := car(watts(8280))
	held.minOn = 5 * time.Minute
	p := newPlant(t, held, battery(watts(4000)))
	p.run(time.Minute)
	p.base += 14000
	p.run(10 * time.Second)
	p.expect("battery", watts(0), Fuse)
	p.expect("car", watts(0), Fuse)
	if a, _ := p.answer("car"); !a.IsForced || p.state.Trouble() != (Trouble{}) {
		t.Errorf("%+v, %+v", a, p.state.Trouble())
	}
	if a, _ := p.answer("battery"); a.IsForced {
		t.Errorf("%+v", a)
	}
	p.base = 500
	p.run(5 * time.Minute)
	p.expect("car", watts(8280), "")
}

func TestStep_NothingBeginsForWhichThereIsNoRoom(t *testing.T) {
	p := newPlant(t, car(watts(0)), boiler(off))
	p.base = 12000
	p.run(time.Minute)
	p.longest = 0 // before anything was told
	p.things[0].Want, p.things[1].Want = watts(11040), on
	p.run(20 * time.Second)
	p.expect("car", watts(0), Fuse)
	p.expect("boiler", on, "")
	if p.longest > 0 {
		t.Errorf("over for %v", p.longest)
	}
	p.base = 8000
	p.run(2 * time.Minute)
	p.expect("car", watts(6210), Fuse)
}

// An operator's limit counts where it is the tighter one; an emergency takes all that can be taken, and is no trouble.
func TestStep_KeepsTheOperatorsWord(t *testing.T) {
	p := newPlant(t, car(watts(11040)), battery(release), boiler(on))
	p.run(time.Minute)
	p.limits = append(p.limits, Limit{Operator, 7000})
	p.run(10 * time.Second)
	p.expect("car", watts(4140), Operator)
	p.says("car", "Lowered to 4.1 kW: the grid's operator allows the home 7 kW now, and it would take 13.5 kW.")
	p.limits[1] = Limit{Emergency, 100}
	p.run(20 * time.Second)
	p.expect("car", watts(0), Emergency)
	p.says("car", "Paused: the grid's operator asks to take as little as can be.")
	p.expect("boiler", off, Emergency)
	p.expect("battery", release, "")
	if p.state.Trouble() != (Trouble{}) {
		t.Errorf("%+v", p.state.Trouble())
	}
	p.limits = p.limits[:1]
	p.run(5 * time.Minute)
	p.expect("car", watts(11040), "")
	p.expect("boiler", on, "")
}

func TestStep_KeepsEachPhase(t *testing.T) {
	p := newPlant(t, car(watts(11040)))
	p.fuse, p.limits[0].Power = 25, 100000
	p.run(time.Minute)
	p.expect("car", watts(11040), "")
	p.phase[1] = 14
	p.run(10 * time.Second)
	p.expect("car", watts(6900), Phase)
	p.says("car", "Lowered to 6.9 kW: phase 2 would carry 30 A of 25 A.")
	p.phase[2] = 30
	p.run(20 * time.Second)
	p.expect("car", watts(0), Phase)
	if got := p.state.Trouble(); got.Rule != Phase || !strings.HasPrefix(got.Text, "Phase 3 carries 30 A of 25 A") {
		t.Errorf("%+v", got)
	}
	p.phase = [3]energy.Amps{}
	p.run(5 * time.Minute)
	p.expect("car", watts(11040), "")
}

// A car on one phase relieves it three times as fast.
func TestStep_KnowsHowManyPhasesADeviceTakesFrom(t *testing.T) {
	one := car(watts(3680))
	one.Phases, one.Floor, one.Step, one.Max = 1, 1380, 230, 3680
	p := newPlant(t, one)
	p.fuse = 25
	p.run(time.Minute)
	p.phase[0] = 12
	p.run(10 * time.Second)
	p.expect("car", watts(2760), Phase)
}

// A silent meter: nothing is raised, then the floor, then the pause; the battery is left to itself.
func TestStep_GoesToTheSafeSideWithoutAMeter(t *testing.T) {
	p := newPlant(t, car(watts(8280)), battery(watts(3000)), boiler(off), oven())
	p.limits[0].Power = 20000
	p.run(time.Minute)
	p.isSilent = true
	p.run(4 * time.Second)
	p.things[0].Want, p.things[2].Want = watts(11040), on
	p.run(2 * time.Second)
	p.expect("car", watts(8280), Silent)
	p.expect("boiler", off, Silent)
	p.says("boiler", "Stays off: the meter of the house connection is silent.")
	p.run(10 * time.Second)
	p.expect("car", watts(4140), Silent)
	p.expect("battery", release, Silent)
	p.says("battery", "Left to itself: the meter of the house connection is silent.")
	p.run(45 * time.Second)
	p.expect("car", watts(0), Silent)
	p.expect("oven", on, "")
	if got := p.state.Trouble(); got.Rule != Silent {
		t.Errorf("%+v", got)
	}
	p.isSilent = false
	p.run(5 * time.Minute)
	p.expect("car", watts(11040), "")
	p.expect("battery", watts(3000), "")
	p.expect("boiler", on, "")
	if p.state.Trouble() != (Trouble{}) {
		t.Errorf("%+v", p.state.Trouble())
	}
}

// Of a meter that is slow by nature nothing bad is thought.
func TestStep_LearnsHowOftenTheMeterSpeaks(t *testing.T) {
	p := newPlant(t, car(watts(11040)))
	p.poll = 20 * time.Second
	p.run(5 * time.Minute)
	p.steps = func(in Input, _ []Lowered) {
		in.Period = p.every
		if _, got := Step(p.state, in); len(got) > 0 {
			t.Fatalf("%+v", got)
		}
	}
	p.run(5 * time.Minute)
}

func TestStep_FollowsTheSunWithinTheSlot(t *testing.T) {
	c := car(watts(6900))
	c.Planned = 6900
	p := newPlant(t, c)
	p.follows, p.slot = true, energy.Span(start, 15*time.Minute)
	c.appetite = 0 // it comes late
	p.run(5 * time.Minute)
	p.base, c.appetite = -12000, 11040
	p.run(2 * time.Minute)
	a, _ := p.answer("car")
	if a.Rule != Surplus || a.Setpoint.Power <= 6900 || !strings.HasSuffix(a.Text, " of sun would be given away.") {
		t.Fatalf("%+v", a)
	}
	p.base = -7500 // a cloud: the grid is not to give it
	p.run(20 * time.Second)
	if got := p.asked("car").Power; got > 7500 || p.grid() > 0 {
		t.Errorf("car %v, grid %v", got, p.grid())
	}
	p.follows = false
	p.run(10 * time.Second)
	p.expect("car", watts(6900), "")
}

func TestStep_ChargesWhatMayNotBeGiven(t *testing.T) {
	b, c := battery(watts(-2000)), car(watts(0))
	b.MayAbsorb, c.MayAbsorb = true, true
	p := newPlant(t, b, c)
	p.limits = append(p.limits, Limit{Export, 10000})
	p.base = -9000
	p.run(10 * time.Second)
	a, _ := p.answer("battery")
	if a.Rule != Export || a.Setpoint.Power < -1000 || a.Setpoint.Power > 0 || a.Text[:6] != "Raised" {
		t.Errorf("%+v", a)
	}
	p.base = -16000
	p.run(20 * time.Second)
	p.expect("battery", watts(5000), Export)
	p.expect("car", watts(4140), Export)
	p.base = -30000
	p.run(20 * time.Second)
	if got := p.state.Trouble(); got.Rule != Export || !strings.HasPrefix(got.Text, "The house connection gives 14 kW of 10 kW") {
		t.Errorf("%+v", got)
	}
	p.base = -7000
	p.run(10 * time.Minute)
	p.expect("battery", watts(-2000), "")
	p.expect("car", watts(0), "")
}

// A charger that does not do as it is told is somebody else's: the next in the order goes.
func TestStep_ADeafDeviceDoesNotStopTheOthers(t *testing.T) {
	deaf := car(watts(8280))
	deaf.told, deaf.isDeaf = watts(8280), true
	p := newPlant(t, deaf, battery(watts(4000)))
	p.run(time.Minute)
	p.base += 7000
	p.run(90 * time.Second)
	if p.asked("battery").Power > 1000 || p.grid() > 17000 {
		t.Errorf("battery %v, grid %v", p.asked("battery"), p.grid())
	}
}

// A clock that is set neither pauses the car nor keeps its power for as long as it was set back.
func TestStep_SurvivesAJumpOfTheClock(t *testing.T) {
	for _, jump := range []time.Duration{time.Hour, -time.Hour, -10 * time.Second, 24 * time.Hour} {
		p := newPlant(t, car(watts(8280)))
		p.run(time.Minute)
		p.base += 10000
		p.run(10 * time.Second)
		p.expect("car", watts(5520), Fuse)
		p.now = p.now.Add(jump)
		p.base = 500
		for _, x := range p.things {
			x.at = time.Time{}
		}
		p.run(4 * time.Second)
		if got := p.asked("car"); got.Power < 5520 {
			t.Errorf("after %v: %v", jump, got)
		}
		p.run(3 * time.Minute)
		p.expect("car", watts(8280), "")
	}
}

func TestStep_ACarThatIsNotThereIsNotTold(t *testing.T) {
	p := newPlant(t, car(release))
	p.base = 8000
	p.run(10 * time.Second)
	if a, ok := p.answer("car"); !ok || a.Setpoint.Mode != energy.AtPower {
		t.Errorf("left to itself it takes too much: %+v", a)
	}
	p.things[0].MayChange, p.things[0].appetite = false, 0 // unplugged
	p.run(10 * time.Second)
	p.expect("car", release, "")
	p.isSilent = true
	p.run(2 * time.Minute)
	p.expect("car", release, "")
}
