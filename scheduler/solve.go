package scheduler

import (
	"context"
	"math"
	"slices"
	"time"

	"hearth/energy"
	"hearth/scheduler/internal/search"
	"hearth/scheduler/internal/tree"
)

// Options says how long to look for a plan. The zero value stops at DefaultTimeLimit or DefaultGap.
type Options struct {
	TimeLimit time.Duration // 0: DefaultTimeLimit. The first plan is made even when it takes longer.
	Gap       energy.Money  // stop when no plan can be cheaper by more; 0: DefaultGap
	// RelativeGap is the same in parts of the plan's own cost; the wider of the two counts.
	RelativeGap float64
	Seed        uint64 // of the search; equal seeds give equal plans
	// Warm is an earlier plan to begin with, shifted to the grid of the problem; devices it does not know
	// begin at rest. It is ignored when its slots have another length or do not fall on this grid, and, where
	// either has slots of several steps, when they are not the very same.
	//
	// Where its own prices prove it to be as good as when it was found, it is kept without a search; else it
	// is given up only for a plan that is cheaper by more than Exchange than it is on this problem, and then
	// for the nearest one that costs at most Stickiness more than the best that was found.
	Warm       *Plan
	Exchange   energy.Money // 0: DefaultExchange; negative: nothing
	Stickiness energy.Money // 0: DefaultStickiness; negative: nothing
	// Progress is called, from Solve's goroutine, whenever the plan or the bound has become better; nil: never.
	Progress func(Progress)
}

// Progress is how far a solve has come.
type Progress struct {
	Elapsed   time.Duration
	Objective energy.Money // of the best plan; of no meaning before it violates nothing
	Bound     energy.Money
	HasPlan   bool // there is a plan that violates nothing
	HasBound  bool
}

// The defaults of Options.
const (
	DefaultTimeLimit = 2 * time.Second
	DefaultGap       = energy.Money(10_000_000) // 0.01 of the currency
	// The two that keep plans steady.
	DefaultExchange   = energy.Money(10_000_000)
	DefaultStickiness = energy.Money(5_000_000)
)

// Solve plans. It never finds a problem infeasible; its only error is [Faults], of a problem that is not
// valid. When ctx ends, the best plan so far is returned, without an error; before there is one, devices
// not yet planned are at rest. A solve that does not end by time gives an equal plan each time.
func Solve(ctx context.Context, p *Problem, o Options) (*Plan, error) {
	begin := time.Now() // for Stats alone
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if o.TimeLimit <= 0 {
		o.TimeLimit = DefaultTimeLimit
	}
	if o.Gap <= 0 {
		o.Gap = DefaultGap
	}
	limited, cancel := context.WithTimeout(ctx, o.TimeLimit)
	defer cancel()
	var stats Stats
	found := tree.Run(ctx, limited, p.home(), tree.Options{
		Judge: p.judge(), Gap: o.Gap.Float(), RelativeGap: o.RelativeGap, Seed: o.Seed, Warm: p.warm(o),
		Progress: func(best search.Score, bound float64) {
			at := Progress{
				Elapsed: time.Since(begin), HasPlan: best.IsWhole(), Objective: money(best.Cost()), HasBound: !math.IsInf(bound, 0),
			}
			if at.HasBound {
				at.Bound = money(bound)
			}
			if stats.FirstPlan == 0 {
				stats.FirstPlan = at.Elapsed
			}
			if o.Progress != nil {
				o.Progress(at)
			}
		},
	})
	plan := p.plan(found, o)
	plan.prices = p.pricesOf(found, (plan.Objective - plan.LowerBound).Float(), o.Warm)
	stats.SolveTime, stats.Rounds, stats.Nodes = time.Since(begin), found.Rounds, found.Nodes
	plan.Stats = stats
	return plan, nil
}

// judge scores the plans of a search by Evaluate, as they would be printed.
func (p *Problem) judge() func(power [][]float64) search.Score {
	rounded := make([][]energy.Watts, len(p.Devices))
	for i := range rounded {
		rounded[i] = make([]energy.Watts, p.Slots())
	}
	return func(power [][]float64) (s search.Score) {
		setRounded(rounded, power)
		e := evaluate(p, rounded)
		for _, v := range e.Violations {
			amount := v.Amount
			if v.Unit == "W" || v.Unit == "Wh" {
				amount /= kilo
			}
			switch v.Constraint {
			case ImportLimit, CircuitLimit:
				s[0] += amount
			case ExportLimit:
				s[1] += amount
			case EnergyMin, EnergyMax:
				s[3] += amount
			default:
				s[2] += amount
			}
		}
		s[4] = e.Objective.Float()
		return s
	}
}

// setRounded sets powers as they are printed.
func setRounded(dst [][]energy.Watts, power [][]float64) {
	for i, row := range power {
		for t, kW := range row {
			dst[i][t] = energy.Watts(math.Round(kW*kilo*1e3) / 1e3)
		}
	}
}

// plan is what a search has found, evaluated.
func (p *Problem) plan(found tree.Result, o Options) *Plan {
	power := make([][]energy.Watts, len(p.Devices))
	for i := range power {
		power[i] = make([]energy.Watts, p.Slots())
	}
	setRounded(power, found.Power)
	plan := &Plan{Evaluation: *evaluate(p, power), Grid: p.Grid, Spans: slices.Clone(p.Spans), Currency: p.Currency, Status: Feasible}
	plan.MarginalPrice = p.marginal(&plan.Evaluation)
	if len(plan.Violations) > 0 {
		plan.Status = Relaxed
		return plan
	}
	// Rounding costs: the bound gives up what the sums of floats behind it may be wrong by, and is never
	// printed above the plan's own cost.
	plan.LowerBound = min(money(found.Bound-1e-7), plan.Objective)
	if !math.IsInf(found.Bound, 1) {
		plan.Certificate = certificate(found.Tree, plan.LowerBound)
	}
	if plan.Objective-plan.LowerBound <= max(o.Gap, energy.MoneyOf(o.RelativeGap*math.Abs(plan.Objective.Float()))) {
		plan.Status = Optimal
	}
	return plan
}

// marginal is what one more kWh would cost in each slot.
func (p *Problem) marginal(e *Evaluation) []energy.Price {
	out := make([]energy.Price, p.Slots())
	a := account{problem: p}
	isSpare := func(t int) bool { // where importing pays and more can be had, what is curtailed stays so
		return e.Curtailed[t] > onAbove && (e.Import[t] <= onAbove || e.Import[t] >= p.ImportLimit[t]-powerSlip)
	}
	for t := range out {
		switch {
		case isSpare(t):
			out[t] = 0
		case e.Export[t] > onAbove:
			out[t] = p.ExportPrice[t]
		default:
			out[t] = p.ImportPrice[t] + energy.PriceOf(a.carbonPrice(t))
		}
	}
	if p.Peak.Price == 0 {
		return out
	}
	top := float64(p.Peak.SoFar)
	for from, to := range p.blocks() {
		top = max(top, p.mean(e.Import, from, to))
	}
	for from, to := range p.blocks() {
		if p.mean(e.Import, from, to) < top-powerSlip {
			continue
		}
		for t := from; t < to; t++ {
			if e.Export[t] <= onAbove && !isSpare(t) {
				out[t] += energy.PriceOf(p.Peak.Price.Float() / (float64(p.steps(from, to)) * p.Grid.Step.Hours()))
			}
			if e.Curtailed[t] > onAbove {
				out[t] = min(out[t], 0)
			}
		}
	}
	return out
}
