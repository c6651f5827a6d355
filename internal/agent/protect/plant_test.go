package protect

import (
	"testing"
	"time"

	"hearth/energy"
)

var start = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

func watts(w energy.Watts) energy.Setpoint { return energy.Setpoint{Mode: energy.AtPower, Power: w} }

var (
	on      = energy.Setpoint{Mode: energy.On, Power: 2000}
	off     = energy.Setpoint{Mode: energy.Off}
	release = energy.Setpoint{}
)

// thing is a device of the plant: it obeys after a delay, and takes no more than it has appetite for.
type thing struct {
	Device
	delay    time.Duration
	appetite energy.Watts
	minOn    time.Duration
	isDeaf   bool

	power energy.Watts
	told  energy.Setpoint
	coming
	since time.Time // of being on or off
}

// coming is a command under way.
type coming struct {
	setpoint energy.Setpoint
	at       time.Time
}

func (x *thing) step(now time.Time) {
	if !x.at.IsZero() && !now.Before(x.at) {
		x.told, x.at = x.setpoint, time.Time{}
	}
	was := x.power > 0
	switch x.told.Mode {
	case energy.AtPower:
		x.power = min(x.told.Power, x.appetite)
	case energy.On:
		x.power = x.appetite
	case energy.Off:
		x.power = 0
	default:
		if x.power = 0; x.Kind == Vehicle {
			x.power = x.appetite
		}
	}
	if was != (x.power > 0) {
		x.since = now
	}
}

// plant is a small house around a connection, with the delays of its meter and devices.
type plant struct {
	*testing.T
	now      time.Time
	every    time.Duration // of steps
	poll     time.Duration // of the meter
	late     time.Duration // that its readings are when they come
	base     energy.Watts  // and the sun, below 0
	limits   []Limit
	things   []*thing
	isSilent bool
	phase    [3]energy.Amps // besides the things
	fuse     energy.Amps
	slot     energy.Interval
	follows  bool

	state   State
	last    State // before the step
	answers []Lowered
	read    energy.Reading[energy.Watts] // under way
	amps    [3]energy.Reading[energy.Amps]
	seen    Input // of the meter, come in
	over    time.Duration
	longest time.Duration // over the limit without a break
	steps   func(in Input, answers []Lowered)
}

func newPlant(t *testing.T, things ...*thing) *plant {
	return &plant{T: t, now: start, every: 2 * time.Second, poll: 2 * time.Second, late: time.Second, base: 500,
		limits: []Limit{{Fuse, 17000}}, things: things, steps: func(Input, []Lowered) {}}
}

func car(want energy.Setpoint) *thing {
	return &thing{Device: Device{Name: "car", Kind: Vehicle, Want: want, Floor: 4140, Step: 690, Max: 11040, MayChange: true}, appetite: 11040, delay: 2 * time.Second}
}

func battery(want energy.Setpoint) *thing {
	return &thing{Device: Device{Name: "battery", Kind: Battery, Want: want, Max: 5000, MayChange: true}, appetite: 5000, delay: time.Second}
}

func boiler(want energy.Setpoint) *thing {
	return &thing{Device: Device{Name: "boiler", Kind: Load, Want: want, MayChange: true}, appetite: 2000}
}

func oven() *thing {
	return &thing{Device: Device{Name: "oven", Kind: Appliance, Want: on, MayChange: true}, appetite: 2000}
}

func (p *plant) grid() energy.Watts {
	sum := p.base
	for _, x := range p.things {
		sum += x.power
	}
	return sum
}

// run lets time pass, second by second.
func (p *plant) run(d time.Duration) *plant {
	for end := p.now.Add(d); p.now.Before(end); p.now = p.now.Add(time.Second) {
		for _, x := range p.things {
			x.step(p.now)
		}
		if p.over += time.Second; p.grid() <= p.limits[0].Power+1 {
			p.over = 0
		}
		p.longest = max(p.longest, p.over)
		p.metered()
		if p.now.Sub(start)%p.every == 0 {
			p.protect()
		}
	}
	return p
}

// metered takes readings, and lets those in that are due.
func (p *plant) metered() {
	p.deliver()
	if p.now.Sub(start)%p.poll == 0 && !p.isSilent {
		p.read = energy.Read(p.grid(), p.now)
		for i := range p.amps {
			sum := p.phase[i]
			for _, x := range p.things {
				switch {
				case x.Phases != 1:
					sum += energy.Amps(x.power) / voltage / 3
				case i == 0:
					sum += energy.Amps(x.power) / voltage
				}
			}
			p.amps[i] = energy.Read(sum, p.now)
		}
	}
	p.deliver()
}

// deliver lets the reading in that was under way, when it is due.
func (p *plant) deliver() {
	if !p.now.Before(p.read.At.Add(p.late)) {
		p.seen.Grid, p.seen.Amps = p.read, p.amps
	}
}

// protect is one step, and its commands.
func (p *plant) protect() {
	in := Input{
		Now: p.now, Period: max(p.every, p.poll), Grid: p.seen.Grid, Limits: p.limits,
		Amps: p.seen.Amps, PhaseFuse: p.fuse, Slot: p.slot, FollowsExport: p.follows,
	}
	for _, x := range p.things {
		d := x.Device
		d.Power = energy.Read(x.power, p.now)
		d.MayStop = x.power == 0 || p.now.Sub(x.since) >= x.minOn
		in.Devices = append(in.Devices, d)
	}
	p.last = p.state
	p.state, p.answers = Step(p.last, in)
	p.steps(in, p.answers)
	for _, x := range p.things {
		if ask := p.asked(x.Name); ask != x.told && (x.at.IsZero() || ask != x.setpoint) && !x.isDeaf {
			x.setpoint, x.at = ask, p.now.Add(x.delay)
		} else if ask == x.told {
			x.at = time.Time{}
		}
	}
}

// asked is what is asked of a device now.
func (p *plant) asked(name string) energy.Setpoint {
	if a, ok := p.answer(name); ok {
		return a.Setpoint
	}
	for _, x := range p.things {
		if x.Name == name {
			return x.Want
		}
	}
	p.Fatalf("no %s here", name)
	return release
}

func (p *plant) answer(name string) (Lowered, bool) {
	for _, a := range p.answers {
		if a.Device == name {
			return a, true
		}
	}
	return Lowered{}, false
}

// expect says what should be asked of a device, and why.
func (p *plant) expect(name string, want energy.Setpoint, rule Rule) {
	p.Helper()
	a, _ := p.answer(name)
	if got := p.asked(name); got != want || a.Rule != rule {
		p.Errorf("at +%v %s is asked for %v by %q (%s), want %v by %q", p.now.Sub(start), name, got, a.Rule, a.Text, want, rule)
	}
}

func (p *plant) says(name, want string) {
	p.Helper()
	if a, _ := p.answer(name); a.Text != want {
		p.Errorf("of %s it says %q, want %q", name, a.Text, want)
	}
}
