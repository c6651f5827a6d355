package main

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"hearth/energy"
	"hearth/scheduler"
	"hearth/scheduler/corpus"
)

// solves is a solver that notes what it is asked, and answers with a plan at rest that has gone through the
// steps of a script.
type solves struct {
	script   []scheduler.Progress
	problems []*scheduler.Problem
	options  []scheduler.Options
	err      error
	during   func()
}

func (s *solves) solve(_ context.Context, p *scheduler.Problem, o scheduler.Options) (*scheduler.Plan, error) {
	s.problems, s.options = append(s.problems, p), append(s.options, o)
	if s.during != nil {
		s.during()
	}
	if s.err != nil {
		return nil, s.err
	}
	for _, step := range s.script {
		o.Progress(step)
	}
	power := make([][]energy.Watts, len(p.Devices))
	for i := range power {
		power[i] = make([]energy.Watts, p.Grid.Count())
	}
	e, err := scheduler.Evaluate(p, power)
	if err != nil {
		return nil, err
	}
	plan := &scheduler.Plan{Evaluation: *e, Grid: p.Grid, Status: scheduler.Feasible, LowerBound: e.Objective - 5}
	plan.Stats.SolveTime = 90 * time.Millisecond
	return plan, nil
}

// made is a problem that is made up, as a source.
func made(t *testing.T, family string, seed uint64) source {
	t.Helper()
	sources, err := generated([]string{family}, seed, 1)
	if err != nil {
		t.Fatal(err)
	}
	return sources[0]
}

func TestMeasurement_IsWhatTheCommandLineAsksFor(t *testing.T) {
	c := benchCommand{TimeLimit: 3 * time.Second, Seed: 7, At: []time.Duration{1, 2}, Warm: true}
	m := c.measurement(energy.MoneyOf(0.5))
	if m.limit != c.TimeLimit || m.options.Seed != 7 || m.options.Gap != energy.MoneyOf(0.5) || !m.isWarm || !slices.Equal(m.at, c.At) || m.solve == nil {
		t.Errorf("%+v", m)
	}
	if gap := c.measurement(0).options.Gap; gap != 1 {
		t.Errorf("a gap of nothing is asked for as %v", gap)
	}
}

func TestMeasurement_NotesTheStepsOfASolve(t *testing.T) {
	s := &solves{script: []scheduler.Progress{
		{Elapsed: 10 * time.Millisecond, Objective: 9, Bound: 9},
		{Elapsed: 20 * time.Millisecond, Objective: 8, Bound: 9, HasPlan: true},
		{Elapsed: 30 * time.Millisecond, Objective: 8, Bound: 3, HasPlan: true, HasBound: true},
	}}
	m := measurement{solve: s.solve, limit: 4 * time.Second, at: []time.Duration{25 * time.Millisecond, 30 * time.Millisecond}, options: scheduler.Options{Seed: 5}}
	row := m.one(t.Context(), made(t, "T", 2))
	if o := s.options[0]; o.TimeLimit != 4*time.Second || o.Seed != 5 || o.Warm != nil {
		t.Errorf("%+v", o)
	}
	if len(row.Trace) != 4 {
		t.Fatalf("%+v", row.Trace)
	}
	for i, want := range []struct{ hasPlan, hasBound bool }{{false, false}, {true, false}, {true, true}, {true, true}} {
		if step := row.Trace[i]; (step.Objective != nil) != want.hasPlan || (step.Bound != nil) != want.hasBound {
			t.Errorf("step %d: %+v", i, step)
		}
	}
	if last := row.Trace[3]; last.Elapsed != 90 || *last.Objective != row.Objective || *last.Bound != row.Objective-5 {
		t.Errorf("ends with %+v", last)
	}
	if len(row.At) != 2 || row.At[0].Gap != nil || row.At[1].Gap == nil || *row.At[1].Gap != 5 {
		t.Errorf("%+v", row.At)
	}
	if row.Name != "T2" || row.Family != "T" || row.Slots != 8 || row.Currency != "EUR" || row.Warm != nil || *row.Gap != 5 {
		t.Errorf("%+v", row)
	}
}

func TestMeasurement_PlansAgainFromTheOldPlanOnNewerForecasts(t *testing.T) {
	s := &solves{}
	m := measurement{solve: s.solve, isWarm: true}
	row := m.one(t.Context(), made(t, "S", 3))
	if row.Warm == nil || row.Warm.Error != "" || len(s.problems) != 3 {
		t.Fatalf("%+v after %d solves", row.Warm, len(s.problems))
	}
	if warm, cold := s.options[1].Warm, s.options[2].Warm; warm == nil || cold != nil || warm.Grid != s.problems[0].Grid {
		t.Errorf("begins with %v and %v", warm, cold)
	}
	first, later := s.problems[0], s.problems[1]
	if later != s.problems[2] {
		t.Error("two problems are compared")
	}
	if !later.Grid.Start.Equal(first.Grid.Slot(1).Start) || later.Grid.Count() != first.Grid.Count()-1 {
		t.Errorf("later is %v", later.Grid)
	}
	if slices.Equal(later.BaseLoad, first.BaseLoad[1:]) || slices.Equal(later.ImportPrice, first.ImportPrice[1:]) {
		t.Error("the forecasts are the old ones")
	}
	if row.Warm.Changed != 0 || row.Warm.Planned != 23*len(later.Devices) {
		t.Errorf("%d of %d changed, and nothing moves", row.Warm.Changed, row.Warm.Planned)
	}
}

func TestMeasurement_AnErrorIsTheRow(t *testing.T) {
	broken := errors.New("broken")
	m := measurement{solve: (&solves{err: broken}).solve}
	if row := m.one(t.Context(), made(t, "T", 1)); row.Error != "broken" || row.Status != "" {
		t.Errorf("%+v", row)
	}
	unread := source{"T1", func() (*scheduler.Problem, error) { return nil, broken }}
	if row := m.one(t.Context(), unread); row.Error != "broken" || row.Family != "T" || row.Slots != 0 {
		t.Errorf("%+v", row)
	}
}

func TestMeasurement_CountsTheMemoryOfTheSolve(t *testing.T) {
	const mega = 1 << 20
	s := &solves{during: func() {
		held = make([]byte, 48*mega)
		runtime.GC()
		time.Sleep(25 * heapPause) // for the meter to look
		held = nil
		runtime.GC()
	}}
	if row := (measurement{solve: s.solve}).one(t.Context(), made(t, "T", 1)); row.Heap < 45 || row.Heap > 70 {
		t.Errorf("%v MB, 50 were alive", row.Heap)
	}
}

func TestMeasurement_LeavesOutWhatWasCutShort(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &solves{}
	s.during = func() {
		if len(s.problems) == 2 {
			cancel()
		}
	}
	sources := []source{made(t, "T", 1), made(t, "T", 2), made(t, "T", 3)}
	rows, isInterrupted := measurement{solve: s.solve}.all(ctx, sources)
	if len(rows) != 1 || rows[0].Name != "T1" || !isInterrupted || len(s.problems) != 2 {
		t.Errorf("%d rows of %d solves, interrupted %v", len(rows), len(s.problems), isInterrupted)
	}
	rows, isInterrupted = measurement{solve: s.solve}.all(t.Context(), sources)
	if len(rows) != 3 || isInterrupted {
		t.Errorf("%d rows, interrupted %v", len(rows), isInterrupted)
	}
}

func TestKept_IsWhatTheOldPlanCosts(t *testing.T) {
	p, err := corpus.Generate("T", 5)
	if err != nil {
		t.Fatal(err)
	}
	rest := make([][]energy.Watts, len(p.Devices))
	for i := range rest {
		rest[i] = make([]energy.Watts, p.Grid.Count())
	}
	e, err := scheduler.Evaluate(p, rest)
	if err != nil {
		t.Fatal(err)
	}
	if got := kept(p, rest); (got == nil) != (len(e.Violations) > 0) {
		t.Errorf("%v with %d violations", got, len(e.Violations))
	}
	p.Devices = nil
	if got := kept(p, nil); got == nil {
		t.Error("a home without devices cannot be kept")
	}
	p.ImportLimit = scheduler.Constant(1, p.Grid.Count())
	p.Solar = make([]energy.Watts, p.Grid.Count())
	if got := kept(p, nil); got != nil {
		t.Errorf("%v for a plan that violates", got)
	}
	if got := kept(p, rest); got != nil {
		t.Errorf("%v for a plan of another home", got)
	}
}
