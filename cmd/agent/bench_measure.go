package main

import (
	"context"
	"strings"
	"time"

	"hearth/energy"
	"hearth/scheduler"
	"hearth/scheduler/corpus"
)

// measurement is how problems are measured.
type measurement struct {
	solve   func(context.Context, *scheduler.Problem, scheduler.Options) (*scheduler.Plan, error)
	options scheduler.Options
	limit   time.Duration // 0: by the problem's size
	at      []time.Duration
	isWarm  bool
	best    map[string]bestKnown
	line    *statusLine
}

// benchRow is what came out for one problem. Of what there is not, there is nothing: a pointer is nil.
type benchRow struct {
	Name    string `json:"name"`
	Family  string `json:"family"`
	Error   string `json:"error,omitempty"` // it could not be read; nothing below is set
	Slots   int    `json:"slots"`
	Devices int    `json:"devices"`

	Currency  energy.Currency  `json:"currency"`
	Status    scheduler.Status `json:"status"`
	Objective energy.Money     `json:"objective"`
	Bound     *energy.Money    `json:"lower_bound"` // nil: relaxed
	Gap       *energy.Money    `json:"gap"`
	GapShare  *float64         `json:"gap_share"` // of the objective's magnitude

	Best      *energy.Money `json:"best_known,omitempty"`
	OverBest  *energy.Money `json:"over_best,omitempty"`  // objective above the best known
	BelowBest *energy.Money `json:"below_best,omitempty"` // best known above the bound

	First float64    `json:"first_plan_ms"`
	Total float64    `json:"total_ms"`
	Heap  float64    `json:"peak_heap_mb"`
	At    []gapAt    `json:"at,omitempty"`
	Nodes int        `json:"nodes"` // of the proof
	Trace []progress `json:"trace"`
	Warm  *warmRow   `json:"warm,omitempty"`
}

// gapAt is the gap at a time: nil before there are a plan and a bound.
type gapAt struct {
	At  float64       `json:"at_s"`
	Gap *energy.Money `json:"gap"`
}

// progress is a step of a solve; nil is what there was not yet.
type progress struct {
	Elapsed   float64       `json:"elapsed_ms"`
	Objective *energy.Money `json:"objective"`
	Bound     *energy.Money `json:"lower_bound"`
}

// all measures one problem after the other; true when ctx ended before the last was done. One that ctx cut
// short says nothing, and is left out.
func (m measurement) all(ctx context.Context, sources []source) (rows []benchRow, isInterrupted bool) {
	defer m.line.clear()
	for i, s := range sources {
		if ctx.Err() != nil {
			return rows, true
		}
		m.line.begin(i+1, len(sources), s.name)
		row := m.one(ctx, s)
		if ctx.Err() != nil {
			return rows, true
		}
		rows = append(rows, row)
	}
	return rows, false
}

// one measures a problem.
func (m measurement) one(ctx context.Context, s source) benchRow {
	row := benchRow{Name: s.name, Family: corpus.FamilyOf(s.name)}
	heap := startHeapMeter() // before there is a problem: it counts as well
	defer heap.stop()
	p, err := s.load()
	if err != nil {
		row.Error = err.Error()
		return row
	}
	row.Slots, row.Devices, row.Currency = p.Grid.Count(), len(p.Devices), p.Currency
	plan, trace, err := m.run(ctx, p, nil)
	if err != nil {
		row.Error = err.Error()
		return row
	}
	row.Heap = float64(heap.stop()) / 1e6
	row.Trace = trace
	row.judge(plan)
	row.compare(m.best)
	for _, at := range m.at {
		row.At = append(row.At, gapAt{at.Seconds(), row.gapAt(at)})
	}
	if m.isWarm && ctx.Err() == nil {
		row.Warm = m.warm(ctx, p, plan)
	}
	return row
}

// run plans a problem, with an earlier plan to begin with or nil, and notes how it went. The last step is
// what was returned.
func (m measurement) run(ctx context.Context, p *scheduler.Problem, warm *scheduler.Plan) (*scheduler.Plan, []progress, error) {
	var trace []progress
	o := m.options
	o.TimeLimit, o.Warm = m.limitFor(p), warm
	o.Progress = func(now scheduler.Progress) {
		step := progress{Elapsed: inMilliseconds(now.Elapsed)}
		if now.HasPlan {
			step.Objective = new(now.Objective)
		}
		if now.HasBound {
			step.Bound = new(now.Bound)
		}
		trace = append(trace, step)
		m.line.tell(now)
	}
	plan, err := m.solve(ctx, p, o)
	if err != nil {
		return nil, nil, err
	}
	last := progress{Elapsed: inMilliseconds(plan.Stats.SolveTime)}
	if _, ok := plan.Gap(); ok {
		last.Objective, last.Bound = new(plan.Objective), new(plan.LowerBound)
	}
	return plan, append(trace, last), nil
}

// limitFor is how long a problem may take: larger ones need more before anything can be said about them.
func (m measurement) limitFor(p *scheduler.Problem) time.Duration {
	cells := p.Grid.Count() * len(p.Devices)
	switch {
	case m.limit > 0:
		return m.limit
	case cells <= 3000:
		return 2 * time.Second
	case cells <= 20000:
		return 10 * time.Second
	}
	return 20 * time.Second
}

// judge takes over what a plan says about itself.
func (r *benchRow) judge(plan *scheduler.Plan) {
	r.Status, r.Objective = plan.Status, plan.Objective
	r.First, r.Total = inMilliseconds(plan.Stats.FirstPlan), inMilliseconds(plan.Stats.SolveTime)
	r.Nodes = plan.Stats.Nodes
	gap, ok := plan.Gap()
	if !ok {
		return
	}
	r.Bound, r.Gap = new(plan.LowerBound), new(gap)
	if plan.Objective != 0 {
		r.GapShare = new(gap.Float() / max(plan.Objective, -plan.Objective).Float())
	}
}

// compare sets the plan and its bound against the best plan known. The best plan of a problem that cannot be
// met in full would be of another kind.
func (r *benchRow) compare(best map[string]bestKnown) {
	known, ok := best[r.Name]
	if !ok || r.Gap == nil {
		return
	}
	r.Best = &known.Best
	r.OverBest, r.BelowBest = new(r.Objective-known.Best), new(known.Best-*r.Bound)
}

// gapAt is the gap of the last step by then; nil when there was none yet.
func (r *benchRow) gapAt(at time.Duration) *energy.Money {
	var gap *energy.Money
	for _, step := range r.Trace {
		if step.Elapsed > inMilliseconds(at) {
			break
		}
		if step.Objective != nil && step.Bound != nil {
			gap = new(*step.Objective - *step.Bound)
		}
	}
	return gap
}

// firstLine is the first line of a text that may have one for every fault.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func inMilliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
