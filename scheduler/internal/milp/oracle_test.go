package milp

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/energy"
	"hearth/scheduler"
)

// How much is asked of the oracle.
const (
	cbcEvery = 5 // of the random problems, one in so many is put to CBC as well
	workers  = 2
)

// budget is the time a problem gets: the scheduler's for a plan, then the general solver's.
type budget struct{ plan, patience, oracle time.Duration }

var (
	randomBudget = budget{250 * time.Millisecond, 5 * time.Second, 20 * time.Second}
	fileBudget   = budget{2 * time.Second, 5 * time.Second, 40 * time.Second}
)

// oracle judges the scheduler's plans by general solvers.
type oracle struct {
	t     *testing.T
	highs *highs
}

// problem is one to be judged.
type problem struct {
	name string
	*scheduler.Problem
	budget   budget
	isForCBC bool
	known    *known // nil: nothing
}

// known is what a general solver, given minutes, has found of a problem once.
type known struct {
	Best       float64 `json:"best"`
	LowerBound float64 `json:"lower_bound"`
}

// General solvers, which know nothing of homes, have to find what the scheduler finds: no plan below their
// bound, no bound above their plans, the same problems that cannot be met. Their plans, in turn, have to be
// plans to scheduler.Evaluate, at the cost they claim: that is what makes the model trustworthy.
func TestOracle_FindsNothingElse(t *testing.T) {
	if os.Getenv("HEARTH_ORACLE") == "" {
		t.Skip("needs HiGHS and CBC: make oracle")
	}
	homes, seed := setting(t, "HEARTH_ORACLE", 0), setting(t, "HEARTH_ORACLE_SEED", uint64(time.Now().UnixNano()))
	t.Logf("HEARTH_ORACLE_SEED=%d draws the same problems", seed)
	if _, err := exec.LookPath("cbc"); err != nil {
		t.Fatalf("CBC is missing (make oracle says how to get it): %v", err)
	}
	o := oracle{t, startHighs(t)}
	problems := files(t)
	for number := range int(homes) {
		p := draw(seed, number, 3+number%14, 1+number/14%4)
		problems = append(problems, problem{fmt.Sprintf("random-%d", number), p, randomBudget, number%cbcEvery == 0, nil})
	}
	begin := time.Now()
	verdicts := o.judgeAll(problems)
	o.report(problems, verdicts)
	t.Logf("%s in %v", summary(problems, verdicts), time.Since(begin).Round(time.Second))
}

// setting is a number of the environment.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(name, err)
	}
	return n
}

// files are the small problems of the scheduler's own tests.
func files(t *testing.T) (out []problem) {
	folder := filepath.Join("..", "..", "testdata")
	text, err := os.ReadFile(filepath.Join(folder, "problems", "best-known.json"))
	if err != nil {
		t.Fatal(err)
	}
	var best map[string]*known
	if err := json.Unmarshal(text, &best); err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"problems/[TSF]*.json", "relaxed/*/input.json", "written/*/input.json"} {
		names, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil || len(names) == 0 {
			t.Fatal("no files ", pattern, err)
		}
		for _, name := range names {
			short, _ := filepath.Rel(folder, strings.TrimSuffix(name, ".json"))
			p := readProblem(t, name)
			out = append(out, problem{short, p, fileBudget, p.Grid.Count() <= 24, best[filepath.Base(short)]})
		}
	}
	return out
}

func (o oracle) judgeAll(problems []problem) []verdict {
	verdicts := make([]verdict, len(problems))
	next := make(chan int)
	var wait sync.WaitGroup
	for range workers {
		folder := o.t.TempDir()
		wait.Go(func() {
			for i := range next {
				verdicts[i] = o.judge(problems[i], folder)
			}
		})
	}
	for i := range problems {
		next <- i
	}
	close(next)
	wait.Wait()
	return verdicts
}

// judge puts one problem to everyone.
func (o oracle) judge(p problem, folder string) (v verdict) {
	ctx := o.t.Context()
	m, err := New(p.Problem)
	if err != nil {
		v.fault("model: %v", err)
		return v
	}
	var lp strings.Builder
	if err := m.Write(&lp); err != nil {
		v.fault("model: %v", err)
		return v
	}
	a, err := o.highs.solve(lp.String(), p.budget.oracle, proof)
	if err != nil {
		v.fault("%v", err)
		return v
	}
	plan := v.plan(ctx, p, p.budget.plan)
	if plan == nil {
		return v
	}
	if plan.Status == scheduler.Relaxed && a.Objective != nil {
		if plan = v.plan(ctx, p, p.budget.patience); plan == nil {
			return v
		}
	}
	v.status, v.isFinished = plan.Status, a.isOptimal() || a.isInfeasible()
	if gap, ok := plan.Gap(); ok {
		v.gap = gap.Float()
		v.inModel(p.Problem, m, plan)
	}
	v.readBack("HiGHS", p.Problem, m, a)
	if p.known != nil {
		v.remember("HiGHS", *p.known, a)
	}
	v.compare("HiGHS", plan, a, func() bool { return o.isAtTheBorder(p) })
	if p.isForCBC {
		v.byCBC = true
		second, err := solveWithCBC(ctx, folder, lp.String(), p.budget.oracle)
		if err != nil {
			v.fault("%v", err)
			return v
		}
		v.readBack("CBC", p.Problem, m, second)
		v.agree(a, second, plan.Objective.Float())
	}
	return v
}

// isAtTheBorder says that a problem can be met once it asks for less by the slips Evaluate allows.
func (o oracle) isAtTheBorder(p problem) bool {
	var lp strings.Builder
	if err := Write(&lp, loosened(p.Problem)); err != nil {
		return false
	}
	a, err := o.highs.solve(lp.String(), p.budget.oracle, proof)
	return err == nil && a.Objective != nil
}

// loosened is a problem that asks for less by what Evaluate lets pass: half a watt, and a watt-hour.
func loosened(p *scheduler.Problem) *scheduler.Problem {
	const watt, wattHour = 0.5, 1
	more := func(limit []energy.Watts) (out []energy.Watts) {
		for _, w := range limit {
			out = append(out, w+watt)
		}
		return out
	}
	q := *p
	q.ImportLimit, q.ExportLimit = more(p.ImportLimit), more(p.ExportLimit)
	q.Circuits = slices.Clone(p.Circuits)
	for i := range q.Circuits {
		q.Circuits[i].Limit += watt
	}
	q.Devices = slices.Clone(p.Devices)
	for i, d := range q.Devices {
		switch d := d.(type) {
		case scheduler.Vehicle:
			d.EnergyMin, d.Required, d.Room = max(d.EnergyMin-wattHour, 0), max(d.Required-wattHour, 0), d.Room+wattHour
			q.Devices[i] = d
		case scheduler.Battery:
			d.EnergyMin, d.EnergyMax = d.EnergyMin-wattHour, d.EnergyMax+wattHour
			q.Devices[i] = d
		case scheduler.Thermal:
			d.EnergyMin, d.EnergyMax = d.EnergyMin-wattHour, d.EnergyMax+wattHour
			q.Devices[i] = d
		}
	}
	return &q
}

// report tells each fault, with the problem in a file.
func (o oracle) report(problems []problem, verdicts []verdict) {
	folder := ""
	for i, v := range verdicts {
		if len(v.faults) == 0 {
			continue
		}
		if folder == "" {
			var err error
			if folder, err = os.MkdirTemp("", "hearth-oracle-"); err != nil { // it has to outlive the test
				o.t.Fatal(err)
			}
		}
		name := filepath.Join(folder, strings.ReplaceAll(problems[i].name, "/", "-")+".json")
		o.t.Errorf("%s: %s\n\t%s", problems[i].name, strings.Join(v.faults, "\n\t"), save(name, problems[i].Problem))
	}
}

// save writes a problem, and says where.
func save(name string, p *scheduler.Problem) string {
	f, err := os.Create(name)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if err := scheduler.WriteProblem(f, p); err != nil {
		return err.Error()
	}
	return name
}
