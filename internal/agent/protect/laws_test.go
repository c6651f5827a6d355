package protect

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// anyPlant is a house with up to five devices and with delays.
func anyPlant(t *rapid.T, under *testing.T) *plant {
	p := newPlant(under)
	n := rapid.IntRange(1, 5).Draw(t, "devices")
	for i := range n {
		var x *thing
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			x = car(watts(690 * energy.Watts(rapid.IntRange(6, 16).Draw(t, "car"))))
		case 1:
			x = battery(watts(energy.Watts(rapid.IntRange(-50, 50).Draw(t, "battery")) * 100))
		case 2:
			x = boiler(rapid.SampledFrom([]energy.Setpoint{on, off}).Draw(t, "boiler"))
		default:
			x = oven()
		}
		x.Name, x.Priority = fmt.Sprint(x.Name, i), rapid.IntRange(0, 2).Draw(t, "priority")
		x.delay = time.Duration(rapid.IntRange(0, 4).Draw(t, "delay")) * time.Second
		x.told = x.Want
		p.things = append(p.things, x)
	}
	p.every = time.Duration(rapid.IntRange(1, 5).Draw(t, "every")) * time.Second
	p.poll = time.Duration(rapid.IntRange(1, 5).Draw(t, "poll")) * time.Second
	p.late = time.Duration(rapid.IntRange(0, 1).Draw(t, "late")) * time.Second
	p.limits[0].Power = energy.Watts(rapid.IntRange(5, 25).Draw(t, "limit")) * 1000
	return p
}

// firm is what cannot be lowered.
func (p *plant) firm() energy.Watts {
	sum := p.base
	for _, x := range p.things {
		if x.Kind == Appliance || x.power < 0 {
			sum += x.power
		}
	}
	return sum
}

// patience is how long one excess may last: until the meter shows it and a step sees it, until the devices obey, and
// once more where a change that was under way hid it for a settling time.
func (p *plant) patience() time.Duration {
	period := max(p.every, p.poll)
	return p.poll + p.late + p.every + 5*time.Second + max(leastSettle, 2*period) + p.poll + p.late + p.every + 5*time.Second
}

// Whatever happens beside, the connection is below its limit again in time, where lowering can bring it there; nothing is
// raised above the plan; and what is asked first is lowered first.
func TestStep_NeverExceedsTheLimitForLong(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := anyPlant(r, t)
		p.steps = func(in Input, answers []Lowered) {
			if again, same := Step(p.before(in)); !reflect.DeepEqual(same, answers) {
				r.Fatalf("%v, again %v (%v)", answers, same, again)
			}
			p.judge(r, in, answers)
		}
		for range rapid.IntRange(1, 8).Draw(r, "events") {
			p.base = energy.Watts(rapid.IntRange(-5, 24).Draw(r, "base")) * 1000
			for _, x := range p.things {
				if rapid.IntRange(0, 3).Draw(r, "appetite") == 0 {
					x.appetite = energy.Watts(rapid.IntRange(0, 11).Draw(r, "takes")) * 1000
				}
			}
			p.longest, p.over = 0, 0
			isHelpless := false
			for range 60 {
				p.run(time.Second)
				isHelpless = isHelpless || p.firm() > p.limits[0].Power-margin(p.limits[0].Power)
			}
			if p.longest > p.patience() && !isHelpless {
				r.Fatalf("above %v for %v, at most %v is granted: base %v, now %v, %+v", p.limits[0].Power, p.longest, p.patience(), p.base, p.grid(), p.answers)
			}
		}
	})
}

// before is the arguments of the step that was just made.
func (p *plant) before(in Input) (State, Input) { return p.last, in }

func (p *plant) judge(r *rapid.T, in Input, answers []Lowered) {
	told := map[string]energy.Setpoint{}
	for _, a := range answers {
		told[a.Device] = a.Setpoint
		if a.Text == "" || a.Rule == "" {
			r.Fatalf("%+v", a)
		}
	}
	for _, d := range in.Devices {
		s, is := told[d.Name]
		switch {
		case !is:
			continue
		case d.Kind == Appliance:
			r.Fatalf("a program is told %v", s)
		case s.Mode == energy.AtPower && (s.Power > d.Want.Power || s.Power < 0 || s.Power > 0 && s.Power < d.Floor):
			r.Fatalf("%s wants %v and is asked for %v", d.Name, d.Want, s)
		case s.Mode == energy.On:
			r.Fatalf("%s is asked for %v", d.Name, s)
		}
	}
}

// Nothing later in the order is lowered in a step in which something earlier could have been lowered more.
func TestStep_KeepsTheOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := anyPlant(r, t)
		for _, x := range p.things {
			x.delay = 0
		}
		p.run(time.Minute)
		p.state, p.answers = State{}, nil
		p.base += energy.Watts(rapid.IntRange(0, 20).Draw(r, "more")) * 1000
		p.isSilent = true
		p.seen.Grid = energy.Read(p.grid(), p.now)
		p.protect()
		for _, late := range p.things {
			a, is := p.answer(late.Name)
			if !is || a.Rule != Fuse {
				continue
			}
			for _, early := range p.things {
				isEarlier := early.Kind < late.Kind || early.Kind == late.Kind && early.Priority < late.Priority
				s := p.asked(early.Name)
				if isEarlier && (s.Mode == energy.On || s.Power > 0) && min(s.Power, early.power) > idle && early.power > 0 {
					r.Fatalf("%s is asked for %v, and %s for %v of %v", late.Name, a.Setpoint, early.Name, s, early.power)
				}
			}
		}
	})
}

// With a steady house what is asked for becomes constant, and what there is room for is given back.
func TestStep_ComesToRest(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := anyPlant(r, t)
		for range rapid.IntRange(1, 5).Draw(r, "events") {
			p.base = energy.Watts(rapid.IntRange(0, 20).Draw(r, "base")) * 1000
			p.run(time.Duration(rapid.IntRange(1, 90).Draw(r, "for")) * time.Second)
		}
		p.run(20 * time.Minute)
		rest := p.setpoints()
		p.steps = func(Input, []Lowered) {
			if now := p.setpoints(); !reflect.DeepEqual(now, rest) {
				r.Fatalf("at +%v %v, then %v: %v of %v", p.now.Sub(start), rest, now, p.grid(), p.limits[0].Power)
			}
		}
		p.run(10 * time.Minute)
		room := p.limits[0].Power - margin(p.limits[0].Power) - p.grid()
		for _, x := range p.things {
			a, is := p.answer(x.Name)
			if !is {
				continue
			}
			missing := min(x.Want.Power, x.appetite) - x.power
			if x.Kind == Load {
				missing = x.appetite
			}
			if x.power == 0 {
				missing = max(missing, x.Floor)
			}
			if room > max(missing, x.Step, 100)+1 {
				r.Fatalf("%+v, and there is room for %v", a, room)
			}
		}
	})
}

func (p *plant) setpoints() []energy.Setpoint {
	var out []energy.Setpoint
	for _, x := range p.things {
		out = append(out, p.asked(x.Name))
	}
	return out
}

// Silent at any moment, the meter leaves chargers paused and batteries to themselves within two minutes, and nothing is
// raised meanwhile.
func TestStep_ASilentMeterEndsSafeWithinTwoMinutes(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := anyPlant(r, t)
		p.base = energy.Watts(rapid.IntRange(0, 20).Draw(r, "base")) * 1000
		p.run(time.Duration(rapid.IntRange(0, 120).Draw(r, "before")) * time.Second)
		p.isSilent = true
		p.run(2 * max(p.every, p.poll))
		before := p.setpoints()
		for i, x := range p.things {
			if rapid.Bool().Draw(r, "more is wanted") && x.Kind == Vehicle && before[i].Mode == energy.AtPower {
				x.Want = watts(11040)
			}
		}
		p.steps = func(Input, []Lowered) {
			for i, s := range p.setpoints() {
				if s.Mode == energy.AtPower && before[i].Mode == energy.AtPower && s.Power > before[i].Power {
					r.Fatalf("%s went from %v to %v", p.things[i].Name, before[i], s)
				}
			}
		}
		p.run(2*time.Minute - 2*max(p.every, p.poll))
		for _, x := range p.things {
			s := p.asked(x.Name)
			if x.Kind == Vehicle && s != watts(0) || x.Kind == Battery && s != release {
				r.Fatalf("%s is asked for %v", x.Name, s)
			}
		}
	})
}

// What follows the sun never takes more than was planned for the slot, nor from the grid for longer than it takes to see.
func TestStep_SurplusNeverTakesMoreThanPlanned(t *testing.T) {
	raised := 0
	rapid.Check(t, func(r *rapid.T) {
		p := anyPlant(r, t)
		p.follows, p.slot, p.limits[0].Power = true, energy.Span(start, 15*time.Minute), 100000
		for _, x := range p.things {
			if x.Kind < Load {
				x.Planned = max(0, x.Want.Power)
			}
		}
		taken := make([]energy.WattHours, len(p.things))
		p.steps = func(_ Input, answers []Lowered) {
			for _, a := range answers {
				if a.Rule == Surplus {
					raised++
				}
			}
		}
		for range 15 {
			p.base = energy.Watts(rapid.IntRange(-25, 2).Draw(r, "base")) * 1000
			for _, x := range p.things {
				x.appetite = x.Max * energy.Watts(rapid.IntRange(0, 1).Draw(r, "wants"))
			}
			for range 60 {
				p.run(time.Second)
				for i, x := range p.things {
					taken[i] += x.power.Over(time.Second)
				}
			}
		}
		for i, x := range p.things {
			planned := x.Planned.Over(15 * time.Minute)
			if slack := x.Max.Over(x.delay + 2*time.Second); x.Planned > 0 && taken[i] > planned+slack {
				r.Fatalf("%s took %v, %v were planned", x.Name, taken[i], planned)
			}
		}
	})
	if raised == 0 {
		t.Error("nothing ever followed the sun: the law says nothing")
	}
}

// An oven that heats in bursts does not make the car's charger go up and down with it for long.
func TestStep_WaitsLongerEachTimeItWasWrong(t *testing.T) {
	p := newPlant(t, car(watts(11040)))
	changes, last := 0, watts(11040)
	p.steps = func(Input, []Lowered) {
		if now := p.asked("car"); now != last {
			changes, last = changes+1, now
		}
	}
	for range 10 {
		p.base = 10000
		p.run(time.Minute)
		p.base = 500
		p.run(time.Minute)
	}
	early := changes
	for range 30 {
		p.base = 10000
		p.run(time.Minute)
		p.base = 500
		p.run(time.Minute)
	}
	if early < 3 || changes-early > 4 {
		t.Errorf("%d changes in the first 20 minutes, %d in the hour after", early, changes-early)
	}
}

// What meters and devices may ever say, nothing that is asked for is no power, and a program is left alone.
func TestStep_NothingSaidIsTooStrange(t *testing.T) {
	odd := rapid.SampledFrom([]float64{0, 1, -1, 1e300, -1e300, math.NaN(), math.Inf(1), math.Inf(-1), 5000, 20000, -20000})
	rapid.Check(t, func(r *rapid.T) {
		var s State
		now := start
		for range 8 {
			now = now.Add(time.Duration(rapid.IntRange(-100, 300).Draw(r, "s")) * time.Second)
			at := now.Add(time.Duration(rapid.IntRange(-200, 10).Draw(r, "at")) * time.Second)
			in := Input{Now: now, Grid: energy.Read(energy.Watts(odd.Draw(r, "grid")), at), PhaseFuse: 25,
				Limits: []Limit{{Fuse, 17000}, {Operator, energy.Watts(rapid.IntRange(0, 9000).Draw(r, "limit"))}, {Export, 5000}},
				Slot:   energy.Span(start, 15*time.Minute), FollowsExport: true}
			for i := range in.Amps {
				in.Amps[i] = energy.Read(energy.Amps(odd.Draw(r, "amps")), at)
			}
			for i, x := range []*thing{car(watts(6900)), car(release), battery(watts(2000)), battery(release), boiler(on), oven()} {
				d := x.Device
				d.Name, d.Planned, d.MayAbsorb = fmt.Sprint(d.Name, i), 2000, true
				d.MayStop, d.MayChange = rapid.Bool().Draw(r, "stop"), rapid.Bool().Draw(r, "change")
				d.Power = energy.Read(energy.Watts(odd.Draw(r, "power")), at)
				in.Devices = append(in.Devices, d)
			}
			var answers []Lowered
			s, answers = Step(s, in)
			for _, a := range answers {
				if p := float64(a.Setpoint.Power); math.IsNaN(p) || p < 0 || p > 11040 || a.Device == "oven5" {
					r.Fatalf("%+v", a)
				}
			}
		}
	})
}

func BenchmarkStep(b *testing.B) {
	in := Input{Now: start, Period: 2 * time.Second, Limits: []Limit{{Fuse, 17000}, {Operator, 12000}, {Export, 10000}}, PhaseFuse: 25,
		Slot: energy.Span(start, 15*time.Minute), FollowsExport: true}
	for i := range 20 {
		x := []*thing{car(watts(11040)), battery(watts(3000)), boiler(on), oven()}[i%4]
		x.Name = fmt.Sprint(x.Name, i)
		x.MayStop = true
		in.Devices = append(in.Devices, x.Device)
	}
	var s State
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		in.Now = in.Now.Add(2 * time.Second)
		in.Grid = energy.Read(energy.Watts(8000+i%10*1500), in.Now)
		for n := range in.Amps {
			in.Amps[n] = energy.Read(energy.Amps(10+i%10*2), in.Now)
		}
		s, _ = Step(s, in)
	}
}
