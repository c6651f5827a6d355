package house

import (
	"time"

	"hearth/energy"
)

// Dishwasher is a machine with a mechanical knob: what was started goes on whenever there is power.
type Dishwasher struct {
	IsLoaded bool          // started and not done
	Done     time.Duration // of the program
	Power    energy.Watts  // of the last step
	Runs     int           // programs ended
	Missed   int           // mornings without clean dishes
}

// phase is a stretch of a program.
type phase struct {
	length time.Duration
	power  energy.Watts
}

// program is an eco-like run of two hours and 0.96 kWh: rinse, main heating, wash, final heating, dry.
// Powers are of the order measured on household machines, 2.1 kW heater, long stretches near 30 W.
var program = [...]phase{
	{10 * time.Minute, 30},
	{12 * time.Minute, 2080},
	{6 * time.Minute, 120},
	{12 * time.Minute, 1735},
	{45 * time.Minute, 27},
	{5 * time.Minute, 1916},
	{30 * time.Minute, 8},
}

// ProgramLength is how long the dishwasher runs.
func ProgramLength() time.Duration {
	var sum time.Duration
	for _, p := range program {
		sum += p.length
	}
	return sum
}

// ProgramPower is the mean power of the program in each step of the given length.
func ProgramPower(step time.Duration) []energy.Watts {
	var out []energy.Watts
	for at := time.Duration(0); at < ProgramLength(); at += step {
		out = append(out, programEnergy(at, at+step).Mean(step))
	}
	return out
}

// Left is the energy the started program still needs.
func (w *Dishwasher) Left() energy.WattHours {
	if !w.IsLoaded {
		return 0
	}
	return programEnergy(w.Done, ProgramLength())
}

func (w *Dishwasher) step(hasPower bool, o Outside) {
	if o.Dishes && w.IsLoaded {
		w.Missed++
	}
	w.IsLoaded = w.IsLoaded || o.Loads
	w.Power = 0
	if !w.IsLoaded || !hasPower {
		return
	}
	d := o.Span.Length()
	w.Power = programEnergy(w.Done, w.Done+d).Mean(d)
	w.Done += d
	if w.Done >= ProgramLength() {
		w.IsLoaded, w.Done, w.Runs = false, 0, w.Runs+1
	}
}

// programEnergy is what the program takes between two points of its run.
func programEnergy(from, to time.Duration) energy.WattHours {
	var sum energy.WattHours
	for _, p := range program {
		if d := min(to, p.length) - max(from, 0); d > 0 {
			sum += p.power.Over(d)
		}
		from, to = from-p.length, to-p.length
	}
	return sum
}
