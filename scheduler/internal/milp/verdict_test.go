package milp

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/scheduler"
)

// tight is the gap the scheduler is asked for: small enough that a wrong proof of it shows.
const tight = energy.Money(200_000) // 0.0002

// tolerance is what two objectives that should be equal may differ by: both solvers keep constraints to
// about 1e-7 only, and plans are rounded to milliwatts.
func tolerance(objective float64) float64 { return 1e-5 + 1e-6*math.Abs(objective) }

// verdict is what came out.
type verdict struct {
	faults      []string
	status      scheduler.Status
	gap         float64
	isFinished  bool // the general solver has proved what it says
	isBorder    bool // only the slips of scheduler.Evaluate decide whether it can be met
	byCBC       bool
	isOverruled bool // CBC calls a plan the best although both others know a cheaper one
}

func (v *verdict) fault(format string, args ...any) {
	v.faults = append(v.faults, fmt.Sprintf(format, args...))
}

// plan is the scheduler's, if Evaluate says of it what it says of itself; else nil.
func (v *verdict) plan(ctx context.Context, p problem, limit time.Duration) *scheduler.Plan {
	plan, err := scheduler.Solve(ctx, p.Problem, scheduler.Options{TimeLimit: limit, Gap: tight})
	if err != nil {
		v.fault("scheduler: %v", err)
		return nil
	}
	e, err := scheduler.Evaluate(p.Problem, powers(plan))
	switch {
	case err != nil:
		v.fault("scheduler: its plan: %v", err)
		return nil
	case e.Objective != plan.Objective:
		v.fault("scheduler: says that its plan costs %v, Evaluate says %v", plan.Objective, e.Objective)
	case (plan.Status == scheduler.Relaxed) != (len(e.Violations) > 0):
		v.fault("scheduler: calls its plan %s, which violates %v", plan.Status, e.Violations)
	case plan.Status == scheduler.Optimal && plan.Objective-plan.LowerBound > tight:
		v.fault("scheduler: calls its plan optimal with a gap of %v", plan.Objective-plan.LowerBound)
	case plan.Status != scheduler.Relaxed && plan.LowerBound > plan.Objective:
		v.fault("scheduler: bound %v above its plan at %v", plan.LowerBound, plan.Objective)
	}
	return plan
}

func powers(plan *scheduler.Plan) (out [][]energy.Watts) {
	for _, d := range plan.Devices {
		out = append(out, d.Power)
	}
	return out
}

// inModel wants the scheduler's plan to be a point of the model, at its cost.
func (v *verdict) inModel(p *scheduler.Problem, m *Model, plan *scheduler.Plan) {
	at := point(p, powers(plan), &plan.Evaluation)
	if miss, where := checked(m, at, powers(plan)); miss > slip {
		v.fault("the scheduler's plan misses the model by %v, at %s", miss, where)
	}
	if cost := objective(m, at); math.Abs(cost-plan.Objective.Float()) > tolerance(cost) {
		v.fault("the scheduler's plan costs %v, in the model %v", plan.Objective, cost)
	}
}

// readBack wants a solver's point to be a plan that violates nothing, at the cost the solver claims.
func (v *verdict) readBack(who string, p *scheduler.Problem, m *Model, a answer) {
	if a.Objective == nil {
		return
	}
	e, err := scheduler.Evaluate(p, m.Powers(a.Values))
	switch {
	case err != nil:
		v.fault("%s: its plan: %v", who, err)
	case len(e.Violations) > 0:
		v.fault("%s: its plan at %v violates %+v", who, *a.Objective, e.Violations[0])
	case math.Abs(e.Objective.Float()-*a.Objective) > tolerance(*a.Objective):
		v.fault("%s: its plan costs %v, Evaluate says %v", who, *a.Objective, e.Objective)
	}
}

// compare holds the scheduler's plan and bound against the solver's.
func (v *verdict) compare(who string, plan *scheduler.Plan, a answer, isAtTheBorder func() bool) {
	switch {
	case plan.Status == scheduler.Relaxed && a.Objective != nil:
		v.fault("scheduler: relaxed (%s), but %s has a plan at %v", told(plan.Violations), who, *a.Objective)
	case plan.Status != scheduler.Relaxed && a.isInfeasible():
		if v.isBorder = isAtTheBorder(); !v.isBorder {
			v.fault("scheduler: plan at %v, but %s says that there is none", plan.Objective, who)
		}
	}
	if plan.Status == scheduler.Relaxed {
		return
	}
	cost, bound := plan.Objective.Float(), plan.LowerBound.Float()
	if a.Bound != nil && cost < *a.Bound-tolerance(*a.Bound) {
		v.fault("scheduler: plan at %v, below the bound of %s, %v", cost, who, *a.Bound)
	}
	if a.Objective == nil {
		return
	}
	if slack := tolerance(*a.Objective); bound > *a.Objective+slack {
		v.fault("scheduler: bound %v, above the plan of %s at %v", bound, who, *a.Objective)
	} else if cost > *a.Objective+v.gap+slack {
		v.fault("scheduler: plan at %v, more than its gap %v above the plan of %s at %v", cost, v.gap, who, *a.Objective)
	}
}

// told is what a relaxed plan violates, in a line.
func told(violations []scheduler.Violation) string {
	var out []string
	for _, v := range violations[:min(len(violations), 3)] {
		text := fmt.Sprintf("%s by %.4g %s", v.Constraint, v.Amount, v.Unit)
		if v.Device != nil {
			text += " of " + *v.Device
		}
		if v.Slot != nil {
			text += fmt.Sprintf(" in slot %d", *v.Slot)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// remember holds a solver's answer against what is known of the problem.
func (v *verdict) remember(who string, k known, a answer) {
	if slack := tolerance(k.Best); a.Objective != nil && *a.Objective < k.LowerBound-slack || a.Bound != nil && *a.Bound > k.Best+slack {
		v.fault("%s: %s, but the best is known to cost from %v to %v", who, a, k.LowerBound, k.Best)
	}
}

// agree wants both solvers to have come to the same end. CBC, which is not always right, is overruled where a plan
// of the scheduler's, cost, shows that there is a cheaper one than its best.
func (v *verdict) agree(highs, cbc answer, cost float64) {
	switch {
	case highs.isOptimal() && cbc.isOptimal() && max(*highs.Objective, cost) < *cbc.Objective-tolerance(cost):
		v.isOverruled = true
	case highs.isInfeasible() && cbc.Objective != nil, cbc.isInfeasible() && highs.Objective != nil:
		v.fault("HiGHS says %s, CBC says %s", highs.Status, cbc.Status)
	case highs.isOptimal() && cbc.isOptimal() && math.Abs(*highs.Objective-*cbc.Objective) > tolerance(*highs.Objective):
		v.fault("HiGHS's best costs %v, CBC's %v", *highs.Objective, *cbc.Objective)
	}
}

// summary is the run in a line.
func summary(problems []problem, verdicts []verdict) string {
	counts := map[scheduler.Status]int{}
	faulty, border, open, cbc, overruled, largest := 0, 0, 0, 0, 0, 0
	for i, v := range verdicts {
		counts[v.status]++
		if v.gap > verdicts[largest].gap {
			largest = i
		}
		for n, is := range map[*int]bool{&faulty: len(v.faults) > 0, &border: v.isBorder, &open: !v.isFinished, &cbc: v.byCBC, &overruled: v.isOverruled} {
			if is {
				*n++
			}
		}
	}
	var statuses []string
	for _, s := range slices.Sorted(maps.Keys(counts)) {
		statuses = append(statuses, fmt.Sprintf("%d %s", counts[s], s))
	}
	return fmt.Sprintf("%d problems: %s; largest gap %.4f (%s); %d put to CBC as well, which was overruled on %d, %d not finished by HiGHS, %d met by a slip only; %d faulty",
		len(verdicts), strings.Join(statuses, ", "), verdicts[largest].gap, problems[largest].name, cbc, overruled, open, border, faulty)
}

// A judge that never finds fault proves nothing: each thing it is there to find is put before it.
func TestVerdict_FindsEachFault(t *testing.T) {
	number := func(v float64) *float64 { return &v }
	optimal := func(v float64) answer { return answer{Status: "optimal", Objective: number(v), Bound: number(v)} }
	plan := func(s scheduler.Status, cost, bound float64) *scheduler.Plan {
		p := &scheduler.Plan{Status: s, LowerBound: energy.MoneyOf(bound)}
		p.Objective = energy.MoneyOf(cost)
		return p
	}
	const feasible, relaxed = scheduler.Feasible, scheduler.Relaxed
	for name, c := range map[string]struct {
		plan     *scheduler.Plan
		answer   answer
		isBorder bool
		want     string // part of the fault; empty: none
	}{
		"all agree":                   {plan(feasible, 2, 1.9), optimal(2), false, ""},
		"within the gap":              {plan(feasible, 2, 1.9), optimal(1.95), false, ""},
		"within the tolerance":        {plan(feasible, 2, 2), optimal(2.00001), false, ""},
		"neither has a plan":          {plan(relaxed, 2, 0), answer{Status: "infeasible"}, false, ""},
		"nothing was proved":          {plan(feasible, 2, 1), answer{Status: "timeLimit"}, false, ""},
		"a plan too cheap":            {plan(feasible, 1.99, 1.5), optimal(2), false, "below the bound"},
		"a bound too high":            {plan(feasible, 2.2, 2.1), optimal(2), false, "above the plan of"},
		"a bound above an open plan":  {plan(feasible, 2.2, 2.1), answer{Status: "timeLimit", Objective: number(2), Bound: number(1)}, false, "above the plan of"},
		"cheaper than a plan of none": {plan(relaxed, 1, 0), optimal(2), false, "has a plan at 2"},
		"a plan where none is":        {plan(feasible, 2, 1), answer{Status: "infeasible"}, false, "there is none"},
		"or where presolve saw none":  {plan(feasible, 2, 1), answer{Status: "unboundedOrInfeasible"}, false, "there is none"},
		"a plan at the border":        {plan(feasible, 2, 1), answer{Status: "infeasible"}, true, ""},
	} {
		v := verdict{}
		if gap, ok := c.plan.Gap(); ok {
			v.gap = gap.Float()
		}
		v.compare("HiGHS", c.plan, c.answer, func() bool { return c.isBorder })
		if got := strings.Join(v.faults, "; "); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for cost, want := range map[float64]int{1.99: 1, 2: 0, 2.05: 0, 2.1: 0, 2.11: 1} {
		v := verdict{}
		v.remember("HiGHS", known{Best: 2.1, LowerBound: 2}, optimal(cost))
		if len(v.faults) != want {
			t.Errorf("known to be from 2 to 2.1, found %v: %q", cost, v.faults)
		}
	}
	for name, c := range map[string]struct {
		highs, cbc answer
		cost       float64
		want       string
	}{
		"both the same":        {optimal(2), optimal(2), 2, ""},
		"neither":              {answer{Status: "infeasible"}, answer{Status: "infeasible"}, 2, ""},
		"one was not finished": {optimal(2), answer{Status: "Stopped on time"}, 2, ""},
		"other costs":          {optimal(2), optimal(2.1), 2.1, "HiGHS's best costs 2"},
		"CBC below":            {optimal(2.1), optimal(2), 2, "HiGHS's best costs 2.1"},
		"CBC overruled":        {optimal(2), optimal(2.1), 2.05, ""},
		"only CBC":             {answer{Status: "infeasible"}, optimal(2), 2, "CBC says optimal"},
		"only HiGHS":           {optimal(2), answer{Status: "infeasible"}, 2, "CBC says infeasible"},
	} {
		v := verdict{}
		v.agree(c.highs, c.cbc, c.cost)
		if v.isOverruled != (name == "CBC overruled") {
			t.Errorf("%s: overruled %v", name, v.isOverruled)
		}
		if got := strings.Join(v.faults, "; "); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// dishes is a problem with one dish of an hour at 1 kW, its model, and the plan that begins it in slot 1.
func dishes(t *testing.T) (*scheduler.Problem, *Model, *scheduler.Plan) {
	t.Helper()
	p := plain(scheduler.Shiftable{ID: "dish", Profile: []energy.Watts{1000}, LatestEnd: 3})
	p.Peak = scheduler.Peak{}
	m, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	e, err := scheduler.Evaluate(p, [][]energy.Watts{{0, 1000, 0}})
	if err != nil {
		t.Fatal(err)
	}
	return p, m, &scheduler.Plan{Evaluation: *e, Status: scheduler.Feasible}
}

func TestVerdict_FindsAPlanThatIsNoneOfTheModel(t *testing.T) {
	p, m, plan := dishes(t)
	v := verdict{}
	if v.inModel(p, m, plan); len(v.faults) > 0 {
		t.Fatal(v.faults)
	}
	plan.Objective += 20_000_000
	if v.inModel(p, m, plan); len(v.faults) != 1 || !strings.Contains(v.faults[0], "in the model") {
		t.Errorf("2 ct too much: %q", v.faults)
	}
	plan.Objective -= 20_000_000
	plan.Devices[0].Power[2] = 500
	v = verdict{}
	if v.inModel(p, m, plan); len(v.faults) == 0 || !strings.Contains(v.faults[0], "misses the model by 1, at d0_runs") {
		t.Errorf("a second run: %q", v.faults)
	}
}

func TestVerdict_FindsAPointThatIsNoPlan(t *testing.T) {
	p, m, plan := dishes(t)
	cost := plan.Objective.Float()
	for _, c := range []struct {
		values map[string]float64
		cost   float64
		want   string
	}{
		{map[string]float64{"d0_start_1": 1}, cost, ""},
		{map[string]float64{"d0_start_1": 1}, cost + 0.001, "Evaluate says"},
		{map[string]float64{"d0_start_1": 0.5}, cost, "violates"},
		{map[string]float64{"d0_start_1": math.NaN()}, cost, "out of range"},
	} {
		v := verdict{}
		v.readBack("HiGHS", p, m, answer{Status: "optimal", Objective: &c.cost, Values: c.values})
		if got := strings.Join(v.faults, "; "); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%v at %v: %q, want %q", c.values, c.cost, got, c.want)
		}
	}
}

// What Evaluate lets pass, the loosened problem allows, and nothing twice as far.
func TestLoosened_AsksForLessByTheSlips(t *testing.T) {
	for number := range 200 {
		p := draw(6, number, 3+number%4, 1+number%2)
		m, err := New(loosened(p))
		if err != nil {
			t.Fatal(err)
		}
		strict, err := New(p)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range strict.Variables {
			w := m.Variables[i]
			low, high := v.Low-w.Low, w.High-v.High
			if math.IsInf(v.High, 1) {
				high = 0
			}
			if low < -1e-9 || low > 0.0010001 || high < -1e-9 || high > 0.0010001 {
				t.Fatalf("problem %d: %s was from %v to %v, is from %v to %v", number, v.Name, v.Low, v.High, w.Low, w.High)
			}
			if strings.HasPrefix(v.Name, "grid_") && high < 0.0004999 {
				t.Fatalf("problem %d: %s is not loosened", number, v.Name)
			}
		}
	}
}
