package decide

import (
	"testing"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// live plays observations a minute apart and returns the memory after each.
func live(t *testing.T, p *Planner, name string, from time.Time, seen ...devices.Observation) []Task {
	t.Helper()
	var tasks []Task
	m := Memory{}
	for i, o := range seen {
		now := from.Add(time.Duration(i) * time.Minute)
		o.Power.At, o.On.At = now, now
		m = p.Remember(m, now, map[string]devices.Observation{name: o})
		tasks = append(tasks, m[name])
	}
	return tasks
}

func takes(w energy.Watts) devices.Observation {
	return devices.Observation{Power: energy.Reading[energy.Watts]{Value: w, Valid: true}}
}

func isOn(on bool) devices.Observation {
	return devices.Observation{On: energy.Reading[bool]{Value: on, Valid: true}}
}

func repeat(o devices.Observation, n int) []devices.Observation {
	out := make([]devices.Observation, n)
	for i := range out {
		out[i] = o
	}
	return out
}

func TestRemember_SeesAProgramBeginAndEnd(t *testing.T) {
	p := planner(t, dishwasher)
	seen := append(repeat(takes(1), 10), repeat(takes(1800), 100)...)
	seen = append(seen, repeat(takes(3), 40)...)
	tasks := live(t, p, "dishwasher", local(t, 20, 0), seen...)
	if !tasks[9].Began.IsZero() || !tasks[10].Began.Equal(local(t, 20, 10)) {
		t.Errorf("began %v, %v", tasks[9].Began, tasks[10].Began)
	}
	if tasks[128].IsDone { // at 22:08 its two hours are not over, though it is quiet
		t.Error("done before its length has passed")
	}
	if last := tasks[len(tasks)-1]; !last.IsDone || !last.Began.IsZero() {
		t.Errorf("%+v", last)
	}
}

func TestRemember_ALongerProgramKeepsItsPlug(t *testing.T) {
	p := planner(t, dishwasher)
	tasks := live(t, p, "dishwasher", local(t, 20, 0), repeat(takes(900), 200)...)
	if task := tasks[170]; task.IsDone || task.Began.IsZero() { // 50 minutes over its two hours
		t.Errorf("%+v", task)
	}
	if task := tasks[181]; !task.IsDone { // half as long again: something else is plugged in
		t.Errorf("%+v", task)
	}
}

func TestRemember_AProgramOutsideTheWindowIsNotTheTask(t *testing.T) {
	p := planner(t, dishwasher)
	tasks := live(t, p, "dishwasher", local(t, 12, 0), repeat(takes(1800), 30)...)
	if task := tasks[29]; !task.Began.IsZero() || task.IsDone {
		t.Errorf("%+v", task)
	}
}

func TestRemember_CountsALoadsTime(t *testing.T) {
	p := planner(t, boiler)
	seen := append(repeat(isOn(true), 61), repeat(isOn(false), 30)...)
	seen = append(seen, repeat(isOn(true), 70)...)
	tasks := live(t, p, "boiler", local(t, 2, 0), seen...)
	if got := tasks[90].Ran; got != 61*time.Minute {
		t.Errorf("ran %v", got)
	}
	if tasks[140].IsDone || !tasks[160].IsDone {
		t.Errorf("done %v after %v, %v after %v", tasks[140].IsDone, tasks[140].Ran, tasks[160].IsDone, tasks[160].Ran)
	}
}

func TestRemember_BeginsAnewEachDay(t *testing.T) {
	p := planner(t, boiler)
	tasks := live(t, p, "boiler", local(t, 20, 0), repeat(isOn(true), 300)...)
	if before, after := tasks[239], tasks[241]; !before.IsDone || after.IsDone || after.Ran > 2*time.Minute || !after.IsOn {
		t.Errorf("at 23:59 %+v, at 00:01 %+v", before, after)
	}
}

func TestRemember_SilenceChangesNothing(t *testing.T) {
	p := planner(t, boiler)
	at := local(t, 2, 0)
	before := p.Remember(nil, at, map[string]devices.Observation{"boiler": {On: energy.Read(true, at)}})
	after := p.Remember(before, at.Add(time.Hour), map[string]devices.Observation{"boiler": {On: energy.Read(true, at)}})
	if after["boiler"] != before["boiler"] {
		t.Errorf("%+v, want %+v", after["boiler"], before["boiler"])
	}
	// What passed in the silence does not count as time on.
	later := at.Add(61 * time.Minute)
	after = p.Remember(after, later, map[string]devices.Observation{"boiler": {On: energy.Read(true, later)}})
	if after["boiler"].Ran != 0 {
		t.Errorf("ran %v", after["boiler"].Ran)
	}
}

func TestRemember_DoesNotChangeTheMemoryItWasGiven(t *testing.T) {
	p := planner(t, boiler)
	at := local(t, 2, 0)
	m := Memory{"boiler": {IsOn: true, Seen: at, Window: p.window(boiler.Daily, at)}}
	p.Remember(m, at.Add(time.Minute), map[string]devices.Observation{"boiler": {On: energy.Read(false, at)}})
	if !m["boiler"].IsOn || !m["boiler"].Seen.Equal(at) {
		t.Errorf("%+v", m)
	}
}
