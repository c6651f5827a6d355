package guard

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/devices"
	"hearth/energy"
)

// thing is a plug or a charger with a time of its own, which no death of ours stops.
type thing struct {
	now     time.Time
	told    energy.Setpoint // on, off, a power, or release
	expires time.Time
	kind    devices.LeaseKind
	byPower bool
	edge    time.Time // last begin or end of a run
	last    time.Time // last command
	lease   time.Duration
}

func (p *thing) take(s energy.Setpoint, lease time.Duration) error {
	if isActive(s) != isActive(p.told) {
		p.edge = p.now
	}
	p.told, p.last, p.lease, p.expires = s, p.now, lease, time.Time{}
	if lease > 0 && p.kind != devices.Unguarded {
		p.expires = p.now.Add(lease)
	}
	return nil
}

func (p *thing) pass(now time.Time) {
	p.now = now
	if p.expires.IsZero() || now.Before(p.expires) {
		return
	}
	safe := off
	if p.byPower {
		safe = release
	}
	if isActive(p.told) {
		p.edge = p.expires
	}
	p.told, p.expires = safe, time.Time{}
}

func (p *thing) Turn(_ context.Context, isOn bool, lease time.Duration) error {
	return p.take(map[bool]energy.Setpoint{true: on, false: off}[isOn], lease)
}

func (p *thing) SetPower(_ context.Context, w energy.Watts, lease time.Duration) error {
	return p.take(watts(w), lease)
}
func (p *thing) Release(context.Context) error { return p.take(release, 0) }
func (p *thing) On() energy.Reading[bool]      { return energy.Read(p.told == on, p.now) }
func (p *thing) Setpoint() energy.Reading[energy.Watts] {
	if p.told == release {
		return energy.Reading[energy.Watts]{}
	}
	return energy.Read(p.told.Power, p.now)
}

// kind is a device to be left by a dying agent, and what it is for.
type kind struct {
	name  string
	lease devices.LeaseKind
	power bool
	safe  energy.Setpoint
	wants []energy.Setpoint
}

var kinds = []kind{
	{"boiler with a timer", devices.Timer, false, off, []energy.Setpoint{on, off}},
	{"boiler without", devices.Unguarded, false, off, []energy.Setpoint{on, off}},
	{"appliance", devices.Timer, false, on, []energy.Setpoint{on, off}},
	{"charger with a failsafe", devices.Silence, true, release, []energy.Setpoint{watts(0), watts(2300), watts(3680), release}},
	{"battery without", devices.Unguarded, true, release, []energy.Setpoint{watts(0), watts(2300), release}},
}

// mortal is an agent with one device, that is killed at any moment and begins again with what it stored,
// which may be a minute old.
type mortal struct {
	*rapid.T
	kind
	dice    *rand.Rand // even, where rapid leans to short lives
	thing   *thing
	device  *devices.Device
	guard   *Guard
	stored  State
	kept    time.Time
	wish    energy.Setpoint
	running time.Time // an appliance's program goes on until then
	isFirst bool      // no step since the start
}

func newMortal(t *rapid.T, k kind) *mortal {
	m := &mortal{T: t, kind: k, wish: k.safe, dice: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))}
	m.thing = &thing{now: start, told: k.safe, kind: k.lease, byPower: k.power, edge: start.Add(-time.Hour), last: start}
	m.device = &devices.Device{Name: "thing", Capabilities: devices.Capabilities{ReadBack: true, Lease: k.lease, Max: 3680, MinOn: 4 * time.Minute, MinOff: 6 * time.Minute}}
	if k.power {
		m.device.Setpoint = m.thing
	} else {
		m.device.Switch = m.thing
	}
	m.start()
	return m
}

func (m *mortal) between(least, most int) int { return least + m.dice.IntN(most-least+1) }

func (m *mortal) start() {
	text, err := json.Marshal(m.stored)
	if err != nil {
		m.Fatal(err)
	}
	var s State
	if err := json.Unmarshal(text, &s); err != nil {
		m.Fatal(err)
	}
	if m.guard, err = New(m.device, Rules{Safe: m.safe}, s); err != nil {
		m.Fatal(err)
	}
	m.isFirst = true
}

// step is ten seconds of the agent's life.
func (m *mortal) step(now time.Time) {
	m.pass(now)
	if m.between(0, 30) == 0 {
		m.wish = m.wants[m.between(0, len(m.wants)-1)]
	}
	want := m.wish
	if now.Before(m.running) {
		want = m.safe // what runs keeps its current
	}
	before, edge, wasTold := isActive(m.thing.told), m.thing.edge, m.thing.told
	d := m.guard.Request(m.Context(), now, want, m.device.Observe())
	if now.Before(m.running) && m.thing.told == off {
		m.Fatalf("%v: a running appliance was cut: %+v", now.Sub(start), d)
	}
	rest := 6 * time.Minute
	if before {
		rest = 4 * time.Minute
	}
	if after := isActive(m.thing.told); after != before && wasTold != release && m.thing.told != m.safe && now.Sub(edge) < rest {
		m.Fatalf("%v: %v only %v after the last edge: %+v", now.Sub(start), m.thing.told, now.Sub(edge), d)
	}
	if m.isFirst && m.lease == devices.Unguarded && m.thing.told != m.safe && m.thing.told != want {
		m.Fatalf("%v: left %v by the run before, %v is wanted: %+v", now.Sub(start), m.thing.told, want, d)
	}
	m.isFirst = false
	if m.safe == on && m.thing.told == on && !now.Before(m.running) && m.between(0, 40) == 0 {
		m.running = now.Add(90 * time.Minute)
	}
	if now.Sub(m.kept) >= time.Minute {
		m.stored, m.kept = m.guard.State(), now
	}
}

// pass lets the device live on, whoever else is dead.
func (m *mortal) pass(now time.Time) {
	m.thing.pass(now)
	if m.lease != devices.Unguarded && m.safe != on && m.thing.told != m.safe && !isSafelyOff(m.kind, m.thing.told) && now.Sub(m.thing.last) >= m.thing.lease {
		m.Fatalf("%v: still %v, %v after the last command", now.Sub(start), m.thing.told, now.Sub(m.thing.last))
	}
	if now.Before(m.running) && m.thing.told == off {
		m.Fatalf("%v: a running appliance lost its current", now.Sub(start))
	}
}

// isSafelyOff: a plug that is off and whose safe state is off.
func isSafelyOff(k kind, s energy.Setpoint) bool { return !k.power && s == k.safe }

func TestGuard_LeavesEverythingSafeWhenKilledAtAnyMomentOfADay(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				m := newMortal(rt, k)
				now := start
				for now.Before(start.Add(24 * time.Hour)) {
					for life := m.between(1, 400); life > 0; life-- {
						now = now.Add(10 * time.Second)
						m.step(now)
					}
					for death := m.between(1, 200); death > 0; death-- {
						now = now.Add(10 * time.Second)
						m.pass(now)
					}
					m.start()
				}
				m.step(now.Add(10 * time.Second))
				if err := m.guard.Close(rt.Context(), now); err != nil {
					rt.Fatal(err)
				}
				if told := m.thing.told; told != k.safe && !(k.lease != devices.Unguarded && m.thing.expires.After(now)) {
					rt.Fatalf("closed, and still %v", told)
				}
			})
		})
	}
}

func TestGuard_PutsRightWhatAnEarlierRunHasLeft(t *testing.T) {
	unguarded := plugRules()
	unguarded.Lease, unguarded.LeaseKind, unguarded.MinOn = 0, devices.Unguarded, time.Hour
	for _, c := range []struct {
		name  string
		rules Rules
		isOn  bool
		want  energy.Setpoint
		rule  Rule
		sent  *energy.Setpoint
	}{
		{"left on, not wanted: at once", unguarded, true, off, Start, &off},
		{"left on and wanted: taken over", unguarded, true, on, "", &on},
		{"found safe", unguarded, false, off, "", &off},
		{"with a timer: its shortest run is kept", func() Rules { r := plugRules(); r.MinOn = time.Hour; return r }(), true, off, MinOn, nil},
	} {
		s := State{Last: start, IsActive: c.isOn, Since: start}.afterRestart()
		now := start.Add(2 * time.Minute)
		obs := devices.Observation{Online: energy.Read(true, now), On: energy.Read(c.isOn, now)}
		next, d := c.rules.Decide(s, Input{Now: now, Want: c.want, Obs: obs})
		if d.Rule != c.rule || (d.Sent == nil) != (c.sent == nil) || d.Sent != nil && *d.Sent != *c.sent {
			t.Errorf("%s: %+v", c.name, d)
		}
		if next.IsStarting {
			t.Errorf("%s: still starting", c.name)
		}
	}
}

// Nobody has pressed anything: the store was a minute behind.
func TestGuard_TakesNoCommandOfItsOwnForAHand(t *testing.T) {
	b := newBench(t, plugRules())
	stored := b.state.clone()
	b.turnedOn()
	b.state = stored.afterRestart()
	b.after(30 * time.Second).says(true)
	b.expect(b.want(on), Applied, "")
}

func TestGuard_LeavesTheResidentsHandAtAStart(t *testing.T) {
	r := plugRules()
	r.Lease = 0
	b := newBench(t, r)
	b.after(90 * time.Second).says(true)
	b.expect(b.want(off), Held, Override)
	b.state = b.state.afterRestart()
	b.after(time.Minute).says(true)
	b.expectSent(b.expect(b.want(off), Held, Override), nil)
}
