package scheduler

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hearth/energy"
)

// Small homes whose optimum a general solver knows (HiGHS, to 1e-7), each of which once ended with a gap that nothing
// could close: a part of the plans that nothing satisfies was never given up; a program that left nothing open was
// not taken for a plan; a car was on, and gave back, and was on, with one start.
func TestSolve_ProvesWhatOnceStayedOpen(t *testing.T) {
	const gap = 5e-4
	optima := map[string]float64{
		"car-that-idles-to-save-a-start":   6.23453497,
		"car-that-needs-two-of-four-slots": 6.31738600,
		"paid-import-under-a-peak":         -8.44384781,
		"tank-of-two-starts-under-a-peak":  -6.98607974,
	}
	for name, want := range optima {
		t.Run(name, func(t *testing.T) {
			text, err := os.Open(filepath.Join("testdata", "proven", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			defer text.Close()
			p, err := ReadProblem(text)
			if err != nil {
				t.Fatal(err)
			}
			plan, err := Solve(t.Context(), p, Options{TimeLimit: time.Minute, Gap: energy.MoneyOf(gap)})
			if err != nil {
				t.Fatal(err)
			}
			cost, bound := plan.Objective.Float(), plan.LowerBound.Float()
			if plan.Status != Optimal || math.Abs(cost-want) > gap || bound > want+1e-5 {
				t.Errorf("%s, cost %v, bound %v; the optimum is %v", plan.Status, cost, bound, want)
			}
		})
	}
}
