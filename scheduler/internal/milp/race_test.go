package milp

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/scheduler"
)

// lap is a problem both solve: the scheduler within a time, HiGHS until its gap is no wider than what came out.
type lap struct {
	match string        // of the file's name
	limit time.Duration // the scheduler's
}

var laps = []lap{
	{"S*", 2 * time.Second}, {"M*", 250 * time.Millisecond}, {"M*", 2 * time.Second},
	{"F-flat*", 2 * time.Second}, {"L*", 1500 * time.Millisecond}, {"L*", 10 * time.Second}, {"XL*", 5 * time.Second},
}

// How much longer the scheduler takes than a general solver for the same proof, in one run on one machine. It is a
// measurement, not a law: what must hold whatever the machine are the bounds on each other's plans.
func TestRace_BesideHiGHS(t *testing.T) {
	limit := time.Duration(setting(t, "HEARTH_RACE", 0)) * time.Second
	if limit == 0 {
		t.Skip("takes an hour: make race")
	}
	folder := os.Getenv("HEARTH_RACE_DIR")
	if folder == "" {
		folder = filepath.Join("..", "..", "testdata", "problems")
	}
	h := startHighs(t)
	fmt.Println("| problem | ours: first plan | time | gap ct | HiGHS: time | gap ct | HiGHS takes |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, l := range laps {
		names, err := filepath.Glob(filepath.Join(folder, l.match+".json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			fmt.Println(race(t, h, name, l.limit, limit))
		}
	}
}

// race is a row of the table.
func race(t *testing.T, h *highs, name string, ours, limit time.Duration) string {
	t.Helper()
	p := readProblem(t, name)
	var lp strings.Builder
	if err := Write(&lp, p); err != nil {
		t.Fatal(err)
	}
	plan, err := scheduler.Solve(t.Context(), p, scheduler.Options{TimeLimit: ours, Gap: energy.Money(1_000_000)})
	if err != nil {
		t.Fatal(err)
	}
	gap, ok := plan.Gap()
	if !ok {
		t.Fatalf("%s: nothing is wrong with it, but the plan violates %v", name, plan.Violations)
	}
	begin := time.Now()
	a, err := h.solve(lp.String(), limit, max(gap.Float(), 1e-3))
	took := time.Since(begin)
	if err != nil {
		t.Fatal(err)
	}
	theirs, by := "no plan", ""
	if a.Objective != nil && a.Bound != nil {
		theirs = fmt.Sprintf("%.2f", 100*(*a.Objective-*a.Bound))
		if plan.LowerBound.Float() > *a.Objective+tolerance(*a.Objective) {
			t.Errorf("%s: our bound %v is above HiGHS's plan at %v", name, plan.LowerBound, *a.Objective)
		}
	}
	if a.Bound != nil && plan.Objective.Float() < *a.Bound-tolerance(*a.Bound) {
		t.Errorf("%s: our plan at %v is below HiGHS's bound %v", name, plan.Objective, *a.Bound)
	}
	if took >= limit {
		by = "more than "
	}
	return fmt.Sprintf("| %s | %.1f ms | %.0f ms | %.2f | %.1f s | %s | %s%.0f times as long |", strings.TrimSuffix(filepath.Base(name), ".json"),
		milliseconds(plan.Stats.FirstPlan), milliseconds(plan.Stats.SolveTime), 100*gap.Float(), took.Seconds(), theirs, by, took.Seconds()/plan.Stats.SolveTime.Seconds())
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
