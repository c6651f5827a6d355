package guard

import (
	"math"
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
)

func TestGuard_SendsAWantOnce(t *testing.T) {
	b := newBench(t, plugRules())
	b.expectSent(b.want(on), &on)
	for range 5 {
		b.after(10 * time.Second).says(true)
		b.expectSent(b.expect(b.want(on), Kept, ""), nil)
	}
}

func TestGuard_NeverSwitchesFasterThanMinOn(t *testing.T) {
	b := newBench(t, plugRules()).turnedOn()
	confirmed := b.now
	for range 5 {
		b.after(10 * time.Second).says(true)
		d := b.expect(b.want(off), Held, MinOn)
		b.expectSent(d, nil)
		if want := confirmed.Add(time.Minute); !d.Until.Equal(want) {
			t.Errorf("held until %v, want %v", d.Until, want)
		}
	}
	b.after(10 * time.Second).says(true)
	b.expectSent(b.expect(b.want(off), Applied, ""), &off)
}

func TestGuard_NeverSwitchesFasterThanMinOff(t *testing.T) {
	b := newBench(t, plugRules()).turnedOn()
	b.after(2 * time.Minute).says(true)
	b.want(off)
	b.after(time.Second).says(false)
	b.want(off)
	b.expect(b.want(on), Held, MinOff)
	b.after(time.Minute).says(false)
	b.expect(b.want(on), Applied, "")
}

// An "on" that was not seen yet may have taken place just now.
func TestGuard_HoldsAnEdgeWhileTheLastOneIsUnconfirmed(t *testing.T) {
	b := newBench(t, plugRules())
	b.want(on)
	b.after(2 * time.Minute)
	b.expect(b.want(off), Held, MinOn)
	b.says(true)
	b.expect(b.want(off), Held, MinOn)
	b.after(time.Minute).says(true)
	b.expect(b.want(off), Applied, "")
}

func TestGuard_TakesBackAnEdgeThatNeverTookPlace(t *testing.T) {
	b := newBench(t, plugRules())
	b.want(on)
	b.after(6 * time.Second).says(false)
	b.want(on)
	b.after(6 * time.Second).says(false)
	b.expectSent(b.expect(b.want(off), Applied, ""), &off)
}

func TestGuard_KeepsTheSwitchesOfADay(t *testing.T) {
	r := plugRules()
	r.MaxSwitches = 4
	b := newBench(t, r)
	first := b.now
	for range 2 {
		b.turnedOn()
		b.after(2 * time.Minute).says(true)
		b.want(off)
		b.after(time.Second).says(false)
		b.want(off)
		b.after(2 * time.Minute).says(false)
	}
	d := b.expect(b.want(on), Held, MaxSwitches)
	if want := first.Add(24 * time.Hour); !d.Until.Equal(want) {
		t.Errorf("held until %v, want %v", d.Until, want)
	}
	for b.now.Before(first.Add(24 * time.Hour)) {
		b.after(5 * time.Minute).says(false)
		b.want(off)
	}
	b.expect(b.want(on), Applied, "")
}

func TestGuard_LeavesTheWayToTheSafeStateOpen(t *testing.T) {
	r := plugRules()
	r.MaxSwitches = 1
	b := newBench(t, r).turnedOn()
	b.after(2 * time.Minute).says(true)
	b.expectSent(b.expect(b.want(off), Applied, ""), &off)
}

func TestGuard_RenewsALeaseAtAThird(t *testing.T) {
	b := newBench(t, plugRules()).turnedOn()
	sent := b.state.Told.At
	for i := range 20 {
		b.after(30 * time.Second).says(true)
		d := b.expect(b.want(on), Kept, "")
		if due := b.now.Sub(sent) >= 200*time.Second; due != (d.Sent != nil) {
			t.Fatalf("step %d, %v after the last: renewal %v", i, b.now.Sub(sent), d.Sent)
		}
		if d.Sent != nil {
			sent = b.now
			if d.Lease != 10*time.Minute {
				t.Errorf("renewed with a lease of %v", d.Lease)
			}
		}
	}
}

func TestGuard_LeasesOnlyWhatTheDeviceCanEnd(t *testing.T) {
	appliance := plugRules()
	appliance.Safe = on
	silent := plugRules()
	silent.LeaseKind = devices.Silence
	unguarded := plugRules()
	unguarded.LeaseKind, unguarded.Lease = devices.Unguarded, 0
	for _, c := range []struct {
		name  string
		rules Rules
		sent  energy.Setpoint
		want  time.Duration
	}{
		{"load on", plugRules(), on, 10 * time.Minute},
		{"load off is safe", plugRules(), off, 0},
		{"appliance on is safe", appliance, on, 0},
		{"a timer cannot end off", appliance, off, 0},
		{"a watchdog ends anything", func() Rules { r := silent; r.Safe = on; return r }(), off, 10 * time.Minute},
		{"charger paused", chargerRules(), watts(0), 10 * time.Minute},
		{"charger released", chargerRules(), release, 0},
		{"nobody ends it", unguarded, on, 0},
	} {
		if got := c.rules.lease(c.sent); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestGuard_NoticesAPlugThatLies(t *testing.T) {
	b := newBench(t, plugRules())
	b.want(on)
	b.after(6 * time.Second).says(false)
	b.expect(b.want(on), Kept, Unconfirmed)
	b.after(6 * time.Second).says(false)
	b.expectSent(b.expect(b.want(on), Applied, Retry), &on)
	b.after(6 * time.Second).says(false)
	b.expect(b.want(on), Kept, Unconfirmed)
	b.after(6 * time.Second).says(false)
	d := b.expect(b.want(on), Fault, Unconfirmed)
	b.expectSent(d, &off)
	for b.now.Before(d.Until.Add(-time.Minute)) {
		b.after(time.Minute).says(false)
		b.expectSent(b.expect(b.want(on), Fault, Unconfirmed), nil)
	}
	b.after(time.Minute).says(false)
	b.expectSent(b.expect(b.want(on), Applied, ""), &on)
}

// The demo's clock may run past ConfirmWithin before any reading can have come.
func TestGuard_DoesNotJudgeBeforeTwoReadings(t *testing.T) {
	b := newBench(t, plugRules())
	b.want(on)
	for range 5 {
		b.after(30 * time.Second)
		b.expect(b.want(on), Kept, Unconfirmed) // the reading is still the one from before
	}
	b.says(false)
	b.expect(b.want(on), Kept, Unconfirmed)
	b.expect(b.want(on), Kept, Unconfirmed) // the same reading twice is one
	b.after(time.Second).says(false)
	b.expect(b.want(on), Applied, Retry)
}

func TestGuard_LetsTheResidentWin(t *testing.T) {
	b := newBench(t, plugRules()).turnedOn()
	b.after(90 * time.Second).says(false)
	d := b.expect(b.want(on), Held, Override)
	b.expectSent(d, nil)
	if want := b.now.Add(2 * time.Hour); !d.Until.Equal(want) {
		t.Errorf("held until %v, want %v", d.Until, want)
	}
	for b.now.Before(d.Until.Add(-time.Minute)) {
		b.after(time.Minute).says(false)
		b.expectSent(b.expect(b.want(on), Held, Override), nil)
	}
	b.after(time.Minute).says(false)
	b.expect(b.want(on), Applied, "")
}

func TestGuard_BeginsTheHoldAnewWithEachHand(t *testing.T) {
	b := newBench(t, plugRules()).turnedOn()
	b.after(90 * time.Second).says(false)
	first := b.want(on)
	b.after(10 * time.Minute).says(true)
	if d := b.expect(b.want(on), Held, Override); !d.Until.After(first.Until) {
		t.Errorf("held until %v, as before the second flip", d.Until)
	}
}

// The device's timer is set: it would end what the resident has begun.
func TestGuard_KeepsOnWhatTheResidentSwitchedOn(t *testing.T) {
	b := newBench(t, plugRules())
	b.after(90 * time.Second).says(true)
	b.expect(b.want(off), Held, Override)
	renewals := 0
	for range 30 {
		b.after(time.Minute).says(true)
		if d := b.expect(b.want(off), Held, Override); d.Sent != nil {
			b.expectSent(d, &on)
			renewals++
		}
	}
	if renewals < 6 || renewals > 10 {
		t.Errorf("renewed %d times in 30 minutes, want about one each 200 s", renewals)
	}
}

func TestGuard_TakesALapsedLeaseForWhatItIs(t *testing.T) {
	b := newBench(t, plugRules()).turnedOn()
	b.after(9 * time.Minute).says(false) // nobody called for long: no renewal, and the timer has struck
	b.expect(b.want(on), Held, MinOff)
	b.after(time.Minute).says(false)
	b.expectSent(b.expect(b.want(on), Applied, ""), &on)
}

func TestGuard_TakesARebootForWhatItIs(t *testing.T) {
	b := newBench(t, plugRules()).turnedOn()
	b.after(30 * time.Second)
	b.obs.Online = energy.Read(false, b.now)
	b.expect(b.want(on), Refused, Offline)
	b.after(10 * time.Second)
	b.obs.Online = energy.Read(true, b.now)
	b.expect(b.want(on), Kept, "") // not heard since
	b.after(time.Second).says(false)
	b.expect(b.want(on), Held, MinOff)
	b.after(time.Minute).says(false)
	b.expect(b.want(on), Applied, "")
	b.after(time.Second).says(true)
	b.expect(b.want(on), Kept, "")
	b.after(90 * time.Second).says(false)
	b.expect(b.want(on), Held, Override) // this time it was a hand
}

func TestGuard_SaysNothingToADeviceItDoesNotHear(t *testing.T) {
	for _, c := range []struct {
		name string
		obs  devices.Observation
		rule Rule
	}{
		{"never heard", devices.Observation{}, Offline},
		{"offline", devices.Observation{Online: energy.Read(false, start), On: energy.Read(false, start)}, Offline},
		{"online, state unknown", devices.Observation{Online: energy.Read(true, start)}, Stale},
		{"old state", devices.Observation{Online: energy.Read(true, start), On: energy.Read(false, start.Add(-6*time.Minute))}, Stale},
		{"state not valid", devices.Observation{Online: energy.Read(true, start), On: energy.Reading[bool]{At: start}}, Stale},
	} {
		_, d := plugRules().Decide(State{}, Input{Now: start, Want: on, Obs: c.obs})
		if d.Outcome != Refused || d.Rule != c.rule || d.Sent != nil {
			t.Errorf("%s: %s %q, sent %v, want refused %q", c.name, d.Outcome, d.Rule, d.Sent, c.rule)
		}
	}
}

func TestGuard_WaitsForAReadingAfterAJumpOfTheClock(t *testing.T) {
	for _, jump := range []time.Duration{time.Hour, -time.Hour, 11 * time.Minute, -time.Minute} {
		b := newBench(t, plugRules()).turnedOn()
		before := b.now
		b.after(jump)
		d := b.want(off)
		if d.Outcome != Refused || d.Sent != nil {
			t.Errorf("jump %v: %s %q", jump, d.Outcome, d.Rule)
		}
		b.obs.On = energy.Read(true, before) // said by the old clock
		b.after(10 * time.Second)
		b.expectSent(b.want(off), nil)
		b.after(10 * time.Second).says(true)
		b.expect(b.want(off), Held, MinOn) // the run is counted from the jump
		b.after(time.Minute).says(true)
		b.expect(b.want(off), Applied, "")
	}
}

func TestGuard_CutsPowersToTheDevice(t *testing.T) {
	for _, c := range []struct {
		name       string
		want, sent energy.Setpoint
		isCut      bool
	}{
		{"as it is", watts(2300), watts(2300), false},
		{"above the most", watts(22000), watts(3680), true},
		{"giving back, which it cannot", watts(-2000), watts(0), true},
		{"to a step, never up", watts(2529), watts(2300), true},
		{"below six amperes is a pause", watts(1379), watts(0), true},
		{"six amperes", watts(1380), watts(1380), false},
		{"off is a pause", off, watts(0), false},
		{"on is all it takes", on, watts(3680), false},
		{"release", release, release, false},
	} {
		got, isCut, err := chargerRules().bound(c.want)
		if err != nil || got != c.sent || isCut != c.isCut {
			t.Errorf("%s: %v cut %v err %v, want %v cut %v", c.name, got, isCut, err, c.sent, c.isCut)
		}
	}
	battery := chargerRules()
	battery.Min, battery.Max, battery.Floor, battery.Step = -5000, 5000, 0, 100
	if got, _, _ := battery.bound(watts(-2550)); got != watts(-2500) {
		t.Errorf("discharging 2550 W in steps of 100 W: %v", got)
	}
}

func TestGuard_RefusesWhatTheDeviceCannotDo(t *testing.T) {
	battery := chargerRules()
	battery.Min, battery.Max = -5000, 0
	for _, c := range []struct {
		name  string
		rules Rules
		want  energy.Setpoint
	}{
		{"power to a switch", plugRules(), watts(1000)},
		{"nonsense", plugRules(), energy.Setpoint{Mode: "boost"}},
		{"nonsense to a charger", chargerRules(), energy.Setpoint{Mode: "boost"}},
		{"not a number", chargerRules(), watts(energy.Watts(math.NaN()))},
		{"endless", chargerRules(), watts(energy.Watts(math.Inf(1)))},
		{"on, where nothing can be taken", battery, on},
	} {
		b := newBench(t, c.rules)
		b.shows(0)
		d := b.want(c.want)
		if d.Outcome != Refused || d.Rule != Invalid || d.Err == nil || d.Sent != nil {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
}

func TestGuard_DrivesACharger(t *testing.T) {
	b := newBench(t, chargerRules())
	b.after(10 * time.Minute).shows(0)
	b.expectSent(b.expect(b.want(watts(2400)), Applied, Clamp), &energy.Setpoint{Mode: energy.AtPower, Power: 2300})
	b.after(10 * time.Second).shows(2290)
	b.expect(b.want(watts(2400)), Kept, Clamp)
	b.after(10 * time.Second).shows(2290)
	b.expect(b.want(watts(3000)), Applied, Clamp) // a change of power is no edge: no rest needed
	b.after(10 * time.Second).shows(2990)
	b.expect(b.want(watts(0)), Held, MinOn)
	b.after(time.Minute).shows(2990)
	b.expect(b.want(watts(0)), Applied, "")
	b.after(10 * time.Second).shows(0)
	b.expect(b.want(watts(0)), Kept, "")
	b.after(10 * time.Second).shows(3680) // somebody took it over
	b.expectSent(b.expect(b.want(watts(0)), Held, Override), nil)
	for range 10 {
		b.after(time.Minute).shows(3680)
		b.expectSent(b.expect(b.want(watts(0)), Held, Override), nil) // a power set by others is not renewed
	}
}

// Its setpoint is not valid while it follows its own control: told a power, that contradicts it.
func TestGuard_NoticesAChargerThatIgnoresIt(t *testing.T) {
	b := newBench(t, chargerRules())
	silent := func() {
		b.obs.Power, b.obs.Setpoint = energy.Read[energy.Watts](700, b.now), energy.Reading[energy.Watts]{}
	}
	silent()
	b.want(watts(2300))
	for range 10 {
		b.after(6 * time.Second)
		silent()
		if d := b.want(watts(2300)); d.Outcome == Fault {
			b.expectSent(d, &release)
			return
		}
	}
	t.Error("no fault after a minute of not obeying")
}

func TestGuard_TakesADeviceThatReleasedItselfBackIntoService(t *testing.T) {
	b := newBench(t, chargerRules())
	b.after(time.Minute).shows(0)
	b.want(watts(2300))
	b.after(time.Second).shows(2300)
	b.expect(b.want(watts(2300)), Kept, "")
	b.after(time.Second)
	b.obs.Power, b.obs.Setpoint = energy.Read[energy.Watts](1400, b.now), energy.Reading[energy.Watts]{}
	b.expect(b.want(watts(2300)), Applied, "")
}

func TestGuard_BelievesADeviceThatCannotShow(t *testing.T) {
	r := plugRules()
	r.IsReadBack, r.IsWatched = false, false
	b := &bench{T: t, rules: r, now: start}
	b.expect(b.want(on), Applied, "")
	b.after(5 * time.Minute)
	b.expectSent(b.expect(b.want(on), Kept, ""), &on)
	b.after(10 * time.Second)
	b.expect(b.want(off), Applied, "")
	b.after(10 * time.Second)
	b.expect(b.want(on), Held, MinOff)
}

// A clock that was set back passes the time of an old reading once more.
func TestGuard_TakesNoReadingFromBeforeAJumpTwice(t *testing.T) {
	b := newBench(t, plugRules()).turnedOn()
	b.after(-30 * time.Minute)
	b.expect(b.want(off), Refused, Clock)
	for range 7 {
		b.after(5 * time.Minute)
		b.expectSent(b.expect(b.want(off), Refused, Clock), nil)
	}
}

func TestGuard_HoldsAnUnconfirmedEdgeOverAJump(t *testing.T) {
	b := newBench(t, plugRules())
	b.want(on)
	b.after(time.Hour)
	b.expect(b.want(off), Refused, Clock)
	b.after(time.Second).says(false) // the "on" may still be under way
	b.expect(b.want(off), Held, MinOn)
}

func TestGuard_TakesAPauseOfSomebodyElseForWhatItIs(t *testing.T) {
	b := newBench(t, chargerRules())
	b.after(time.Minute).shows(0)
	b.want(watts(2300))
	b.after(time.Second).shows(2300)
	b.expect(b.want(watts(2760)), Applied, "")
	b.after(time.Second).shows(0) // neither the old power nor the new one
	b.expectSent(b.expect(b.want(watts(2760)), Held, Override), nil)
}
