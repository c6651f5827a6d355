package guard

import (
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
)

var (
	on      = energy.Setpoint{Mode: energy.On}
	off     = energy.Setpoint{Mode: energy.Off}
	release = energy.Setpoint{}
	start   = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)
)

func watts(w energy.Watts) energy.Setpoint {
	return energy.Setpoint{Mode: energy.AtPower, Power: w}
}

// plugRules are those of a plug with a timer, a minute of rest either way and a lease of ten minutes.
func plugRules() Rules {
	return Rules{
		Role: BySwitch, Safe: off, MinOn: time.Minute, MinOff: time.Minute, MaxSwitches: 48, Tolerance: 50, Lease: 10 * time.Minute,
		ConfirmWithin: 10 * time.Second, OverrideHold: 2 * time.Hour, FaultHold: time.Hour,
		MaxAge: 5 * time.Minute, MaxGap: 10 * time.Minute, LeaseKind: devices.Timer, IsReadBack: true, IsWatched: true,
	}
}

// chargerRules are those of a charger with a failsafe: six amperes on one phase, in steps of one.
func chargerRules() Rules {
	r := plugRules()
	r.Safe, r.Role, r.LeaseKind = release, ByPower, devices.Silence
	r.Max, r.Floor, r.Step = 3680, 1380, 230
	return r
}

// bench drives the pure core through time.
type bench struct {
	*testing.T
	rules Rules
	state State
	now   time.Time
	obs   devices.Observation
}

// newBench is a device that was heard, off, long enough ago to be switched.
func newBench(t *testing.T, r Rules) *bench {
	b := &bench{T: t, rules: r, now: start}
	b.obs.Online = energy.Read(true, start)
	for _, d := range []time.Duration{0, 2 * time.Minute, 10 * time.Second} {
		b.after(d).says(false).shows(0)
		b.want(off)
	}
	return b
}

func (b *bench) after(d time.Duration) *bench {
	b.now = b.now.Add(d)
	return b
}

// says makes the device report its state now: on or off, or the power it was told.
func (b *bench) says(isOn bool) *bench {
	b.obs.On = energy.Read(isOn, b.now)
	return b
}

func (b *bench) shows(power energy.Watts) *bench {
	b.obs.Power, b.obs.Setpoint = energy.Read(power, b.now), energy.Read(power, b.now)
	return b
}

func (b *bench) want(s energy.Setpoint) Decision {
	var d Decision
	b.state, d = b.rules.Decide(b.state, Input{Now: b.now, Want: s, Obs: b.obs})
	return d
}

// turnedOn is the bench with an "on" sent and confirmed just now.
func (b *bench) turnedOn() *bench {
	b.Helper()
	b.expect(b.want(on), Applied, "")
	b.after(time.Second).says(true)
	b.expect(b.want(on), Kept, "")
	return b
}

func (b *bench) expect(d Decision, want Outcome, rule Rule) Decision {
	b.Helper()
	if d.Outcome != want || d.Rule != rule {
		b.Errorf("at +%v: %s %q (sent %v, err %v), want %s %q", b.now.Sub(start), d.Outcome, d.Rule, d.Sent, d.Err, want, rule)
	}
	return d
}

func (b *bench) expectSent(d Decision, want *energy.Setpoint) {
	b.Helper()
	switch {
	case d.Sent == nil && want != nil:
		b.Errorf("at +%v: nothing sent, want %v", b.now.Sub(start), *want)
	case d.Sent != nil && want == nil:
		b.Errorf("at +%v: sent %v, want nothing", b.now.Sub(start), *d.Sent)
	case d.Sent != nil && *d.Sent != *want:
		b.Errorf("at +%v: sent %v, want %v", b.now.Sub(start), *d.Sent, *want)
	}
}
