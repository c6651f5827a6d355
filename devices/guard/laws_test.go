package guard

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/devices"
	"hearth/energy"
)

// plug is a plug as physics sees it, in a time of its own that never jumps.
type plug struct {
	isOn    bool
	expires time.Time // of its timer; zero: not set
	lies    bool      // takes commands and stays as it is
	isMute  bool      // says nothing
	isGone  bool      // neither hears nor says anything
	timer   time.Duration
	byHand  time.Time // last press of the button
}

func (p *plug) pass(now time.Time) {
	if p.isOn && !p.expires.IsZero() && !now.Before(p.expires) {
		p.isOn, p.expires = false, time.Time{}
	}
}

func (p *plug) set(isOn bool, now time.Time) {
	p.isOn, p.expires = isOn, time.Time{}
	if isOn && p.timer > 0 {
		p.expires = now.Add(p.timer) // as Tasmota's: each "on" starts it, whoever switched
	}
}

// house is a plug, its guard, and two clocks: physics, and what the agent believes.
type house struct {
	*rapid.T
	dice    *rand.Rand // even, where rapid leans to small numbers
	plug    plug
	rules   Rules
	state   State
	physics time.Time
	clock   time.Time
	obs     devices.Observation

	edge      time.Time // physical time of the last change of state that a reading or a command showed
	shown     bool
	heardAt   time.Time // physical time of the last reading
	held      time.Time // physical time until which the resident's hand rules
	lastOn    time.Time // physical time of the last "on" that reached the plug, or of the hand
	jumpedAt  time.Time
	starts    []time.Time // by us, in physical time
	decisions map[Outcome]int
}

// Whatever fails, the plug is never on beyond its lease, never switched sooner than its rest, never started
// too often, never commanded unheard, and never turned against the resident.
func TestGuard_KeepsItsLawsUnderRandomFaults(t *testing.T) {
	seen := map[Outcome]int{}
	rapid.Check(t, func(rt *rapid.T) {
		h := &house{T: rt, dice: rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0)), rules: houseRules(), physics: start, clock: start, decisions: seen}
		h.edge, h.lastOn = start, start
		steps := rapid.IntRange(20, 200).Draw(rt, "steps")
		for range steps {
			h.step()
		}
	})
	for _, o := range []Outcome{Applied, Kept, Held, Refused, Fault} {
		if seen[o] == 0 {
			t.Errorf("no step was ever %s: the house is too quiet to prove anything", o)
		}
	}
}

// One run of a thousand steps, as long as a day of a bad home.
func TestGuard_KeepsItsLawsForAThousandSteps(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		if rapid.IntRange(0, 9).Draw(rt, "one in ten") != 0 {
			return
		}
		h := &house{T: rt, dice: rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0)), rules: houseRules(), physics: start, clock: start, decisions: map[Outcome]int{}}
		h.edge, h.lastOn = start, start
		for range 1000 {
			h.step()
		}
	})
}

func (h *house) between(least, most int) int { return least + h.dice.IntN(most-least+1) }

func houseRules() Rules {
	r := plugRules()
	r.MaxStarts = 6
	return r
}

func (h *house) step() {
	d := time.Duration(h.between(1, 90)) * time.Second
	if h.between(0, 30) == 0 {
		d = time.Duration(h.between(2, 40)) * time.Minute
	}
	h.physics, h.clock = h.physics.Add(d), h.clock.Add(d)
	h.plug.pass(h.physics)
	h.mishap()
	h.report()
	want := off
	if h.between(0, 3) > 0 {
		want = on
	}
	h.request(want)
	h.judge()
}

func (h *house) mishap() {
	switch h.between(0, 60) {
	case 0:
		h.plug.lies = !h.plug.lies
	case 1:
		h.plug.isMute = !h.plug.isMute
	case 2:
		h.plug.isGone = !h.plug.isGone
	case 3: // a power cut
		h.plug.set(false, h.physics)
	case 4, 5:
		h.plug.set(!h.plug.isOn, h.physics)
		h.plug.byHand, h.lastOn = h.physics, h.physics
	case 6:
		jump := []time.Duration{-2 * time.Hour, 11 * time.Minute, 26 * time.Hour}[h.between(0, 2)]
		h.clock, h.jumpedAt = h.clock.Add(jump), h.physics
		h.held, h.starts = time.Time{}, nil // holds and days are counted by the clock
	case 7:
		h.restart()
	}
}

// restart stores the state, loses what was under way, and begins again.
func (h *house) restart() {
	data, err := json.Marshal(h.state)
	if err != nil {
		h.Fatal(err)
	}
	var s State
	if err := json.Unmarshal(data, &s); err != nil {
		h.Fatal(err)
	}
	h.state = s.afterRestart()
	h.obs, h.heardAt = devices.Observation{}, time.Time{} // its driver begins anew as well
}

func (h *house) report() {
	h.obs.Online = energy.Read(!h.plug.isGone, h.clock)
	if h.plug.isMute || h.plug.isGone {
		return
	}
	h.obs.On = energy.Read(h.plug.isOn, h.clock)
	if h.plug.isOn != h.shown {
		h.shown, h.edge = h.plug.isOn, h.physics
	}
	h.heardAt = h.physics
}

func (h *house) request(want energy.Setpoint) {
	in := Input{Now: h.clock, Want: want, Obs: h.obs}
	before := h.state.clone()
	next, d := h.rules.Decide(h.state, in)
	if !reflect.DeepEqual(before, h.state) {
		h.Fatal("the state handed in was changed")
	}
	again, same := h.rules.Decide(before, in)
	if !reflect.DeepEqual(again, next) || !reflect.DeepEqual(same, d) {
		h.Fatalf("decided %+v, and again %+v", d, same)
	}
	h.decisions[d.Outcome]++
	if d.Rule == Override && h.state.Hold.Rule != Override && next.Hold.Rule == Override {
		h.held = h.physics.Add(h.rules.OverrideHold)
	}
	h.state = next
	if d.Sent != nil {
		h.judgeCommand(d)
		h.deliver(*d.Sent, d.Lease)
	}
}

func (h *house) judgeCommand(d Decision) {
	isOn := d.Sent.Mode == energy.On
	switch {
	case h.plug.isGone:
		h.Fatalf("sent %v to a device that is offline", *d.Sent)
	case h.heardAt.IsZero() || h.physics.Sub(h.heardAt) > h.rules.MaxAge:
		h.Fatalf("sent %v to a device not heard for %v", *d.Sent, h.physics.Sub(h.heardAt))
	case !h.jumpedAt.IsZero() && h.heardAt.Before(h.jumpedAt):
		h.Fatalf("sent %v before the device was heard after a jump", *d.Sent)
	case isOn && (d.Lease <= 0 || d.Lease > h.rules.Lease):
		h.Fatalf("sent on with a lease of %v", d.Lease)
	case h.physics.Before(h.held) && isOn != h.shown:
		h.Fatalf("sent %v against the resident, %v before the hold ends", *d.Sent, h.held.Sub(h.physics))
	}
	if d.Outcome == Applied && d.Rule != Retry && isOn != h.shown {
		rest := h.rules.MinOff
		if h.shown {
			rest = h.rules.MinOn
		}
		if since := h.physics.Sub(h.edge); since < rest {
			h.Fatalf("sent %v only %v after the last edge", *d.Sent, since)
		}
		if isOn {
			h.starts = append(recent(h.starts, h.physics, 24*time.Hour), h.physics)
		}
		if len(h.starts) > h.rules.MaxStarts {
			h.Fatalf("started %d times in a day", len(h.starts))
		}
	}
}

func (h *house) deliver(s energy.Setpoint, lease time.Duration) {
	isOn := s.Mode == energy.On
	if h.plug.isGone || h.plug.lies {
		return
	}
	h.plug.timer = lease
	if !isOn {
		h.plug.timer = h.rules.Lease // Tasmota keeps the PulseTime it was given
	}
	h.plug.set(isOn, h.physics)
	h.lastOn = h.physics
}

// judge holds the plug to its lease, counted from the last "on" that reached it or the last hand.
func (h *house) judge() {
	if h.plug.isOn && h.plug.timer > 0 && h.physics.Sub(h.lastOn) > h.rules.Lease {
		h.Fatalf("on for %v since it was last told", h.physics.Sub(h.lastOn))
	}
}
