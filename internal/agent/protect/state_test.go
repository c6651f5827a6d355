package protect

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
)

// What was asked for and is not seen yet is neither more than was asked for nor of the other direction; what the meter
// has shown of it does not come again, and after the settling time nothing is expected any more.
func TestPending_IsNeverMoreThanWasAskedFor(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var p pending[energy.Watts]
		now, up, down := start, energy.Watts(0), energy.Watts(0)
		for range rapid.IntRange(1, 20).Draw(r, "events") {
			now = now.Add(time.Second)
			if rapid.Bool().Draw(r, "is a command") {
				change := energy.Watts(rapid.IntRange(-5, 5).Draw(r, "kW")) * 1000
				p = p.plus(change, now.Add(5*time.Second))
				up, down = up+max(0, change), down+min(0, change)
			} else {
				p = p.seen(energy.Watts(rapid.IntRange(-5, 20).Draw(r, "reads"))*1000, now)
			}
			if p.up < 0 || p.down > 0 || p.up > up || p.down < down || p.left() != p.up+p.down {
				r.Fatalf("%+v of %v and %v", p, up, down)
			}
		}
		if p = p.seen(p.reading, p.until); p.left() != 0 {
			r.Fatalf("after its time %+v", p)
		}
	})
}

// A raise that a lowering follows before the meter has shown either: what the meter shows of the one says nothing of the
// other.
func TestPending_KeepsUpAndDownApart(t *testing.T) {
	var p pending[energy.Watts]
	p = p.seen(1000, start)
	p = p.plus(11000, start.Add(5*time.Second))
	p = p.plus(-8000, start.Add(6*time.Second))
	for i, c := range []struct{ reads, left energy.Watts }{{1000, 3000}, {12000, -8000}, {9000, -5000}, {4000, 0}, {4000, 0}} {
		if p = p.seen(c.reads, start.Add(time.Duration(i)*time.Second)); p.left() != c.left {
			t.Errorf("reading %v: %v is to come, want %v", c.reads, p.left(), c.left)
		}
	}
}

// The state that was handed in can be stepped from again, with the same answer.
func TestStep_LeavesTheStateItWasHanded(t *testing.T) {
	p := newPlant(t, car(watts(11040)), boiler(on))
	p.run(time.Minute)
	p.base += 8000
	p.run(10 * time.Second)
	in := Input{Now: p.now, Grid: energy.Read(energy.Watts(25000), p.now), Limits: p.limits}
	for _, x := range p.things {
		in.Devices = append(in.Devices, x.Device)
	}
	before := p.state.clone()
	_, first := Step(p.state, in)
	in.Grid.Value = 500
	Step(p.state, in)
	in.Grid.Value = 25000
	_, second := Step(p.state, in)
	for name, o := range before.own {
		if p.state.own[name] != o {
			t.Errorf("%s: %+v, was %+v", name, p.state.own[name], o)
		}
	}
	if len(first) == 0 || len(first) != len(second) || first[0] != second[0] {
		t.Errorf("first %+v, then %+v", first, second)
	}
}
