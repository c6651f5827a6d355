package appliance

import (
	"slices"
	"time"

	"hearth/energy"
)

// StepLength is the step profiles are learned in.
const StepLength = 5 * time.Minute

// maxSteps bounds a trace: what runs for more than twelve hours is no program.
const maxSteps = 144

// Trace is what a program has taken so far, by steps of [StepLength] since it began; the time it was held
// is left out.
type Trace struct {
	Began    time.Time          `json:"began,omitzero"`
	Ran      time.Duration      `json:"ran,omitempty"`   // so far, without the hold
	Until    time.Time          `json:"until,omitzero"`  // counted up to then
	Power    energy.Watts       `json:"power,omitempty"` // at Until
	Steps    []energy.WattHours `json:"steps,omitempty"`
	IsBroken bool               `json:"is_broken,omitempty"` // a part was not seen
}

// Run is one program as it was measured.
type Run struct {
	Began  time.Time          `json:"began"`
	Length time.Duration      `json:"length"`
	Steps  []energy.WattHours `json:"steps"` // energy of each StepLength; the last may be shorter
}

// Energy is what the run has taken.
func (r Run) Energy() energy.WattHours { return total(r.Steps) }

func total(steps []energy.WattHours) energy.WattHours {
	var sum energy.WattHours
	for _, e := range steps {
		sum += e
	}
	return sum
}

func begun(at time.Time, power energy.Watts) Trace { return Trace{Began: at, Until: at, Power: power} }

func (t Trace) clone() Trace {
	t.Steps = slices.Clone(t.Steps)
	return t
}

// add counts the power between two readings as the mean of both.
func (t *Trace) add(from, to time.Time, power energy.Watts) {
	if !t.Until.Equal(from) || !to.After(from) {
		t.Until, t.Power = to, power // the first reading after a hold
		return
	}
	mean := max(0, t.Power+power) / 2
	for left := to.Sub(from); left > 0; {
		step := int(t.Ran / StepLength)
		if step < 0 || step >= maxSteps {
			t.IsBroken = true
			break
		}
		part := min(left, time.Duration(step+1)*StepLength-t.Ran)
		for len(t.Steps) <= step {
			t.Steps = append(t.Steps, 0)
		}
		t.Steps[step] += mean.Over(part)
		t.Ran, left = t.Ran+part, left-part
	}
	t.Until, t.Power = to, power
}

// resume goes on after a hold. wasCut false: it was never without current, so that a part was not seen.
func (t *Trace) resume(wasCut bool) {
	t.Until = time.Time{}
	t.IsBroken = t.IsBroken || !wasCut
}

// ended is the run up to the moment it fell quiet; nil when a part of it was not seen.
func (t *Trace) ended(at time.Time) *Run {
	length := t.Ran - max(0, t.Until.Sub(at))
	if t.IsBroken || length <= 0 {
		return nil
	}
	steps := slices.Clone(t.Steps[:min(len(t.Steps), int((length+StepLength-1)/StepLength))])
	return &Run{t.Began, length, steps}
}
