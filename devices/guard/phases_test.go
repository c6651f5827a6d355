package guard

import (
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/devices"
	"hearth/energy"
)

// phaseRules are those of a charger of 16 A that can charge on one phase or three.
func phaseRules() Rules {
	r := chargerRules()
	r.Max, r.Floor, r.Step = 11040, 4140, 690
	r.HasPhases, r.PhaseRest, r.Lease = true, 10*time.Minute, 10*time.Minute
	return r
}

func wattsOn(p energy.Watts, phases int) energy.Setpoint {
	return energy.Setpoint{Mode: energy.AtPower, Power: p, Phases: phases}
}

// wallbox is a charger as physics sees it: its contactor must not part a current.
type wallbox struct {
	*testing.T
	state     State
	now       time.Time
	power     energy.Watts
	phases    int
	pausedAt  time.Time // no current since; zero: there is one
	switched  []time.Time
	isStuck   bool // takes the pause and charges on
	isDeaf    bool // takes the change of phases and does nothing
	decisions []Decision
	stored    State // up to a minute old
	kept      time.Time
}

func newWallbox(t *testing.T) *wallbox {
	w := &wallbox{T: t, now: start, phases: 3, pausedAt: start.Add(-time.Hour)}
	w.run(5*time.Minute, off)
	return w
}

func (w *wallbox) run(d time.Duration, want energy.Setpoint) Decision {
	var last Decision
	for end := w.now.Add(d); w.now.Before(end); {
		w.now = w.now.Add(3 * time.Second)
		obs := devices.Observation{
			Online: energy.Read(true, w.now), Power: energy.Read(w.power, w.now), Setpoint: energy.Read(w.power, w.now),
			PhaseCount: energy.Read(w.phases, w.now),
		}
		if w.isStuck && w.power == 0 {
			obs.Power.Value = 3000
		}
		w.state, last = phaseRules().Decide(w.state, Input{Now: w.now, Want: want, Obs: obs})
		w.decisions = append(w.decisions, last)
		if w.now.Sub(w.kept) >= time.Minute {
			w.stored, w.kept = w.state, w.now
		}
		if last.Sent != nil {
			w.take(*last.Sent)
		}
	}
	return last
}

func (w *wallbox) take(s energy.Setpoint) {
	switch {
	case s.Mode == energy.OnPhases:
		if w.pausedAt.IsZero() || w.now.Sub(w.pausedAt) < 10*time.Second {
			w.Errorf("%v: phases changed under current (none since %v)", w.now.Sub(start), w.pausedAt)
		}
		if n := len(w.switched); n > 0 && w.now.Sub(w.switched[n-1]) < 10*time.Minute {
			w.Errorf("phases changed %v after the last time", w.now.Sub(w.switched[n-1]))
		}
		w.switched = append(w.switched, w.now)
		if !w.isDeaf {
			w.phases = s.Phases
		}
	case s.Power != 0:
		if n := len(w.switched); n > 0 && w.now.Sub(w.switched[n-1]) < 30*time.Second {
			w.Errorf("current %v after the phases were changed", w.now.Sub(w.switched[n-1]))
		}
		if most, least := energy.Watts(w.phases)*3680, energy.Watts(w.phases)*1380; s.Power > most || s.Power < least {
			w.Errorf("%v on %d phases", s.Power, w.phases)
		}
		w.pausedAt = time.Time{}
	case w.power != 0:
		w.pausedAt = w.now
	}
	if s.Mode != energy.OnPhases {
		w.power = s.Power
	}
}

func TestGuard_ChangesPhasesWithoutCurrentAndWithAPause(t *testing.T) {
	w := newWallbox(t)
	w.run(2*time.Minute, wattsOn(11000, 0))
	if w.power != 10350 || w.phases != 3 {
		t.Fatalf("charges at %v on %d phases: %+v", w.power, w.phases, w.decisions[len(w.decisions)-1])
	}
	w.run(2*time.Minute, wattsOn(2000, 1))
	if w.power != 1840 || w.phases != 1 || len(w.switched) != 1 {
		t.Fatalf("charges at %v on %d phases after %d changes", w.power, w.phases, len(w.switched))
	}
	d := w.run(time.Minute, wattsOn(11000, 3))
	if d.Rule != PhaseRest || w.power != 3680 {
		t.Errorf("so soon after: %+v at %v, want as much as one phase gives", d, w.power)
	}
	w.run(12*time.Minute, wattsOn(11000, 3))
	if w.power != 10350 || w.phases != 3 || len(w.switched) != 2 {
		t.Errorf("charges at %v on %d phases after %d changes", w.power, w.phases, len(w.switched))
	}
}

func TestGuard_LeavesThePhasesWhereTheCurrentDoesNotEnd(t *testing.T) {
	w := newWallbox(t)
	w.run(2*time.Minute, wattsOn(11000, 3))
	w.isStuck = true
	w.run(6*time.Minute, wattsOn(2000, 1))
	if len(w.switched) != 0 || w.phases != 3 {
		t.Errorf("changed %v", w.switched)
	}
}

func TestGuard_ResumesOnTheOldPhasesWhereTheChangeDoesNotShow(t *testing.T) {
	w := newWallbox(t)
	w.run(2*time.Minute, wattsOn(11000, 3))
	w.isDeaf = true
	w.run(6*time.Minute, wattsOn(5000, 1))
	if w.phases != 3 || w.power != 4830 {
		t.Errorf("charges at %v on %d phases, want as before", w.power, w.phases)
	}
}

func TestGuard_GivesUpAChangeOfPhasesThatIsNoLongerNeeded(t *testing.T) {
	w := newWallbox(t)
	w.run(2*time.Minute, wattsOn(11000, 3))
	w.run(10*time.Second, wattsOn(2000, 1)) // paused
	w.run(3*time.Minute, off)
	if w.power != 0 || len(w.switched) != 0 {
		t.Errorf("%v, changed %v", w.power, w.switched)
	}
}

// Whatever is wanted when, over restarts as well: never under current, never twice in ten minutes, never a
// power the phases cannot hold.
func TestGuard_NeverHarmsAContactor(t *testing.T) {
	changed := 0
	rapid.Check(t, func(rt *rapid.T) {
		dice := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		wants := []energy.Setpoint{off, release, wattsOn(1500, 1), wattsOn(3680, 1), wattsOn(5000, 3), wattsOn(11040, 3), wattsOn(2000, 0)}
		w := newWallbox(t)
		for range 60 {
			w.run(time.Duration(1+dice.IntN(120))*5*time.Second, wants[dice.IntN(len(wants))])
			w.now = w.now.Add(time.Duration(dice.IntN(3)) * time.Second)
			if dice.IntN(8) == 0 {
				w.state = w.stored.afterRestart()
			}
		}
		changed += len(w.switched)
		if t.Failed() {
			rt.FailNow()
		}
	})
	if changed < 100 {
		t.Errorf("only %d changes: too quiet to prove anything", changed)
	}
}
