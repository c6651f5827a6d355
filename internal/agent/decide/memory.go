package decide

import (
	"time"

	"hearth/devices"
	"hearth/energy"
)

// running is the power above which an appliance's program counts as going on. Standby of washing machines
// stays below 7 W, the quietest pause of a program above 25 W (measured traces of eleven machines).
const running energy.Watts = 15

// Memory is what was seen of each device's task. It is replaced, never changed.
type Memory map[string]Task

// Task is how far a device's daily job has come. The zero value has seen nothing.
type Task struct {
	Window energy.Interval `json:"window,omitzero"` // the instance of the daily window this is about
	Began  time.Time       `json:"began,omitzero"`  // an appliance's program was seen to start
	Ran    time.Duration   `json:"ran,omitempty"`   // a load has been on this long inside the window
	IsDone bool            `json:"is_done,omitempty"`

	IsOn  bool      `json:"is_on,omitempty"` // taking power, or switched on
	Since time.Time `json:"since,omitzero"`  // when it was first seen so
	Seen  time.Time `json:"seen,omitzero"`   // when it was last seen at all
}

// Remember is the memory after seeing the home at now. A device that says nothing keeps its task.
func (p *Planner) Remember(m Memory, now time.Time, observed map[string]devices.Observation) Memory {
	next := make(Memory, len(p.home.Devices))
	for _, d := range p.home.Devices {
		if d.Appliance == nil && d.Load == nil && d.Vehicle == nil {
			continue
		}
		task := m[d.Name]
		isOn, isKnown := d.isOn(now, observed[d.Name])
		if isKnown {
			task = p.advance(d, task, now, isOn)
		}
		next[d.Name] = task
	}
	return next
}

// isOn tells whether the device runs: by its power, or by its switch where there is no meter.
func (d Device) isOn(now time.Time, o devices.Observation) (isOn, isKnown bool) {
	if power, ok := o.Power.Fresh(now, d.MaxAge); ok && d.Load == nil {
		return power > running, true
	}
	if d.Appliance != nil {
		return false, false // its plug is on most of the time
	}
	on, ok := o.On.Fresh(now, d.MaxAge)
	return on, ok
}

func (p *Planner) advance(d Device, t Task, now time.Time, isOn bool) Task {
	if d.Vehicle == nil {
		if w := p.window(d.Daily, now); !w.Start.Equal(t.Window.Start) && t.Began.IsZero() || t.Window.IsEmpty() {
			t = Task{Window: w, IsOn: t.IsOn, Since: t.Since, Seen: t.Seen}
		}
	}
	if passed := now.Sub(t.Seen); t.IsOn && !t.Seen.IsZero() && passed > 0 && passed <= d.MaxAge && t.Window.Contains(now) {
		t.Ran += passed
	}
	if isOn != t.IsOn || t.Since.IsZero() {
		t.IsOn, t.Since = isOn, now
	}
	t.Seen = now
	switch {
	case d.Appliance != nil:
		t = p.follow(d, t, now)
	case d.Load != nil:
		t.IsDone = t.Ran >= d.Load.For-p.home.Slot/3
	}
	return t
}

// follow keeps an appliance's program: it begins when power is seen inside the window, and is over when its
// length has passed. A program that is longer than it was said to be keeps its plug: on is its safe state.
func (p *Planner) follow(d Device, t Task, now time.Time) Task {
	if t.Began.IsZero() {
		if t.IsOn && !t.IsDone && t.Window.Contains(now) {
			t.Began = now
		}
		return t
	}
	if over := t.Began.Add(d.Appliance.Length()); !now.Before(over) && !t.IsOn || !now.Before(over.Add(d.Appliance.Length()/2)) {
		t.IsDone, t.Began = true, time.Time{}
	}
	return t
}
