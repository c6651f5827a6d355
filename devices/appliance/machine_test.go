package appliance

import (
	"testing"
	"time"

	"hearth/energy"
)

var morning = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

// part is a piece of a program: so many minutes at powers that take turns.
type part struct {
	minutes int
	watts   []energy.Watts
}

// trace is a program minute by minute.
func trace(parts ...part) []energy.Watts {
	var out []energy.Watts
	for _, p := range parts {
		for i := range p.minutes {
			out = append(out, p.watts[i%len(p.watts)])
		}
	}
	return out
}

func at(w ...energy.Watts) []energy.Watts { return w }

// The programs are made up after measured ones: how long, how much, and where it is cold, hot and quiet.
func washer40() []energy.Watts { // 94 minutes, 0.67 kWh
	return trace(part{2, at(12)}, part{8, at(70)}, part{16, at(2020)}, part{44, at(40, 40, 70, 55)}, part{12, at(228)}, part{12, at(3, 6)})
}

func dishwasher() []energy.Watts { // 161 minutes, 0.97 kWh; 75 of them at 27 W, and a drying tail
	return trace(part{14, at(30)}, part{30, at(2110, 1000, 1540)}, part{75, at(27)}, part{5, at(1916)}, part{37, at(8)})
}

func dryer() []energy.Watts { // heat at once, a dip each time the drum turns round, a cool-down
	return trace(part{38, at(2200)}, part{90, at(2000, 2000, 1900, 400)}, part{9, at(230)})
}

// machine is what stands behind the plug: it goes on with its program when its current comes back, unless
// it forgets it.
type machine struct {
	program []energy.Watts
	step    time.Duration
	since   time.Duration // into the program
	isOn    bool          // the plug
	forgets bool
	isOver  bool
}

func (m *machine) power() energy.Watts {
	i := int(m.since / m.step)
	if !m.isOn || m.isOver || i >= len(m.program) {
		return 0
	}
	return m.program[i]
}

func (m *machine) pass(d time.Duration) {
	if m.isOn && !m.isOver {
		m.since += d
	}
}

func (m *machine) turn(isOn bool) {
	if m.isOn && !isOn && m.forgets {
		m.isOver = true
	}
	m.isOn = isOn
}

// kitchen runs a machine under Step.
type kitchen struct {
	*testing.T
	rules   Rules
	machine machine
	state   State
	now     time.Time
	every   time.Duration
	slot    *Slot
	length  time.Duration

	last    Output
	phases  map[Phase]time.Time // first seen
	whys    []Why
	notices []Why
	runs    []Run
}

func newKitchen(t *testing.T, program []energy.Watts, every time.Duration) *kitchen {
	return &kitchen{
		T: t, machine: machine{program: program, step: time.Minute, isOn: true}, now: morning, every: every, phases: map[Phase]time.Time{},
		state: rested(every),
	}
}

// rested is a machine that was quiet until the morning.
func rested(every time.Duration) State {
	return State{Below: morning.Add(-time.Hour), Seen: morning.Add(-every), Last: morning.Add(-every)}
}

func (k *kitchen) step(change func(*Input)) Output {
	in := Input{Now: k.now, Power: energy.Read(k.machine.power(), k.now), On: energy.Read(k.machine.isOn, k.now), Slot: k.slot, Length: k.length}
	if change != nil {
		change(&in)
	}
	k.state, k.last = k.rules.Step(k.state, in)
	if _, ok := k.phases[k.last.Phase]; !ok {
		k.phases[k.last.Phase] = k.now
	}
	if n := len(k.whys); n == 0 || k.whys[n-1] != k.last.Why {
		k.whys = append(k.whys, k.last.Why)
	}
	if k.last.Notice != "" {
		k.notices = append(k.notices, k.last.Notice)
	}
	if k.last.Run != nil {
		k.runs = append(k.runs, *k.last.Run)
	}
	k.machine.turn(k.last.On)
	k.machine.pass(k.every)
	k.now = k.now.Add(k.every)
	return k.last
}

func (k *kitchen) run(d time.Duration) *kitchen {
	for end := k.now.Add(d); k.now.Before(end); {
		k.step(nil)
	}
	return k
}

// minute is when a phase was first seen, in minutes since the morning; -1 for never.
func (k *kitchen) minute(p Phase) float64 {
	seen, ok := k.phases[p]
	if !ok {
		return -1
	}
	return seen.Sub(morning).Minutes()
}

func energyOf(program []energy.Watts) energy.WattHours {
	var sum energy.WattHours
	for _, w := range program {
		sum += w.Over(time.Minute)
	}
	return sum
}
