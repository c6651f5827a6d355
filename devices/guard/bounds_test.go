package guard

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/devices"
	"hearth/energy"
)

func TestGuard_CutsPowersOutOfGaps(t *testing.T) {
	stages := chargerRules() // a heating rod of three stages
	stages.Max, stages.Floor, stages.Step = 6000, 0, 0
	stages.Gaps = [4]Gap{{0, 2000}, {2000, 4000}, {4000, 6000}}
	between := stages // an edge of the gap that is no step
	between.Step, between.Gaps = 230, [4]Gap{{1000, 2000}}
	both := stages
	both.Min, both.Gaps = -6000, [4]Gap{{-500, 0}, {100, 200}, {150, 400}}
	for _, c := range []struct {
		name       string
		rules      Rules
		want, sent energy.Watts
	}{
		{"a stage", stages, 4000, 4000},
		{"between two stages", stages, 3999, 2000},
		{"below the first", stages, 1999, 0},
		{"above the last", stages, 9000, 6000},
		{"an edge between two steps", between, 1500, 920},
		{"above the gap", between, 2070, 2070},
		{"giving, in the gap", both, -300, 0},
		{"giving, below it", both, -700, -700},
		{"gaps that overlap", both, 300, 100},
	} {
		if got, _, err := c.rules.bound(watts(c.want)); err != nil || got != watts(c.sent) {
			t.Errorf("%s: %v becomes %v (%v), want %v", c.name, c.want, got, err, c.sent)
		}
	}
}

// Whatever is wanted, what is sent lies in no gap, is no more than was asked for, and stays when asked again.
func TestGuard_NeverSendsAPowerInAGap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := chargerRules()
		r.Min, r.Max = energy.Watts(-rapid.IntRange(0, 9000).Draw(t, "min")), energy.Watts(rapid.IntRange(1, 11000).Draw(t, "max"))
		r.Floor, r.Step = energy.Watts(rapid.IntRange(0, 1500).Draw(t, "floor")), energy.Watts(rapid.IntRange(0, 400).Draw(t, "step"))
		for i := range r.Gaps {
			from := rapid.IntRange(0, 8000).Draw(t, "from")
			g := Gap{energy.Watts(from), energy.Watts(from + rapid.IntRange(1, 3000).Draw(t, "width"))}
			if rapid.Bool().Draw(t, "giving") {
				g = Gap{-g.To, -g.From}
			}
			r.Gaps[i] = g
		}
		want := energy.Watts(rapid.IntRange(-12000, 12000).Draw(t, "want"))
		got, _, err := r.bound(watts(want))
		if err != nil {
			t.Fatal(err)
		}
		p := got.Power
		for _, g := range r.Gaps {
			if p > g.From && p < g.To {
				t.Fatalf("%v becomes %v, inside %v", want, p, g)
			}
		}
		if p != 0 && magnitude(p) < r.Floor || p < r.Min || p > r.Max || magnitude(p) > magnitude(want) || p*want < 0 {
			t.Fatalf("%v becomes %v within %v..%v, at least %v", want, p, r.Min, r.Max, r.Floor)
		}
		if again, isCut, _ := r.bound(got); again != got || isCut {
			t.Fatalf("%v becomes %v", got, again)
		}
	})
}

func TestNew_NamesAGapThatIsNone(t *testing.T) {
	d := &devices.Device{Name: "rod", Setpoint: &fake{}, Capabilities: devices.Capabilities{Max: 6000}}
	for _, g := range []Gap{{2000, 1000}, {-500, 500}, {300, 300}} {
		if _, err := New(d, Rules{Gaps: [4]Gap{g}}, State{}); err == nil || !strings.Contains(err.Error(), "a gap from") {
			t.Errorf("%v: %v", g, err)
		}
	}
}

func TestNew_CommandsByTheRoleItIsTold(t *testing.T) {
	d := &devices.Device{Name: "pump", Switch: &fake{}, Thermal: &thermal{}}
	for want, r := range map[Role]Rules{BySwitch: {Safe: off}, ByHeat: {Role: ByHeat}} {
		if g, err := New(d, r, State{}); err != nil || g.Rules().Role != want {
			t.Errorf("want %s: %v", want, err)
		}
	}
	if _, err := New(d, Rules{Role: ByPower}, State{}); err == nil || !strings.Contains(err.Error(), "takes no commands by power") {
		t.Errorf("%v", err)
	}
}

// rampBench is a battery of 5 kW that follows at 100 W a second.
func rampBench(t *testing.T) *bench {
	r := chargerRules()
	r.Min, r.Max, r.Floor, r.Step, r.Ramp, r.MinOn, r.MinOff = -5000, 5000, 0, 0, 100, 0, 0
	b := newBench(t, r)
	b.after(2 * time.Minute).shows(0)
	b.want(watts(0))
	return b
}

func TestGuard_ClimbsNoFasterThanItsRamp(t *testing.T) {
	b := rampBench(t)
	for i, want := range []energy.Watts{0, 1000, 2000, 3000, 3000} {
		d := b.want(watts(3000))
		if got := b.state.Told.Setpoint.Power; got != want {
			t.Fatalf("after %d s: %v, want %v (%+v)", i*10, got, want, d)
		}
		if d.Rule != Ramp && want < 3000 {
			t.Errorf("%+v does not say that it is on its way", d)
		}
		b.after(10 * time.Second).shows(want)
	}
	b.expect(b.want(watts(1000)), Applied, "") // less comes at once
	b.after(10 * time.Second).shows(1000)
	b.want(watts(1000))
	b.after(10 * time.Second).shows(1000)
	b.expect(b.want(watts(-5000)), Applied, Ramp)
	if got := b.state.Told.Setpoint.Power; got != 0 {
		t.Errorf("%v, want the way to zero at once and no further", got)
	}
}

func TestGuard_NeverOutrunsItsRamp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := rampBench(t)
		last, at := energy.Watts(0), b.now
		for range rapid.IntRange(5, 60).Draw(rt, "steps") {
			b.after(time.Duration(rapid.IntRange(1, 120).Draw(rt, "seconds")) * time.Second).shows(last)
			b.want(watts(energy.Watts(rapid.IntRange(-6000, 6000).Draw(rt, "want"))))
			sent := b.state.Told.Setpoint.Power
			if sent == last {
				continue
			}
			from := last
			if sent*last < 0 {
				from = 0
			}
			if grown := magnitude(sent) - magnitude(from); grown > 100*energy.Watts(b.now.Sub(at).Seconds())+1 {
				rt.Fatalf("from %v to %v in %v", last, sent, b.now.Sub(at))
			}
			last, at = sent, b.now
		}
	})
}

func TestGuard_GoesToTheSafeSideStepByStepWhenItsBasisIsSilent(t *testing.T) {
	b := newBench(t, chargerRules())
	b.after(2 * time.Minute).shows(0)
	basis := b.now
	ask := func(p energy.Watts) Decision {
		var d Decision
		b.state, d = b.rules.Decide(b.state, Input{Now: b.now, Want: watts(p), Obs: b.obs, Basis: basis})
		return d
	}
	b.rules.FreezeAfter, b.rules.SafeAfter = 30*time.Second, 2*time.Minute
	b.expect(ask(2300), Applied, "")
	b.after(10 * time.Second).shows(2300)
	b.expect(ask(2300), Kept, "")
	b.after(30 * time.Second).shows(2300)
	b.expectSent(b.expect(ask(3680), Held, Silent), nil)
	less := watts(1380)
	b.expectSent(b.expect(ask(1380), Applied, ""), &less)
	b.after(10 * time.Second).shows(1380)
	b.expect(ask(2300), Held, Silent)
	b.after(90 * time.Second).shows(1380)
	b.expectSent(b.expect(ask(2300), Applied, Silent), &release)
	b.after(10 * time.Second).shows(1380)
	b.expectSent(b.expect(ask(2300), Kept, Silent), nil)
	basis = b.now
	b.expect(ask(2300), Applied, "")
}

// An old plan must not hold a boiler on for its shortest run.
func TestGuard_EndsARunOnSilence(t *testing.T) {
	r := plugRules()
	r.MinOn, r.FreezeAfter, r.SafeAfter = time.Hour, 30*time.Second, 2*time.Minute
	b := newBench(t, r)
	b.turnedOn()
	basis := b.now
	b.after(2 * time.Minute).says(true)
	_, d := b.rules.Decide(b.state, Input{Now: b.now, Want: on, Obs: b.obs, Basis: basis})
	b.expectSent(b.expect(d, Applied, Silent), &off)
}
