package scheduler

import (
	"context"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// wantProof fails unless a plan that violates nothing comes with a certificate of its bound.
func wantProof(t rapid.TB, p *Problem, plan *Plan) {
	t.Helper()
	if plan.Status == Relaxed {
		return
	}
	if plan.Certificate == nil || plan.Certificate.Bound < plan.LowerBound {
		t.Fatalf("no certificate of %v", plan.LowerBound)
	}
	const slip = 1_000_000 // a thousandth: what a plan may gain by the slips that Evaluate forgives
	if bound, err := Verify(p, plan.Certificate); err != nil || bound > plan.Objective+slip {
		t.Fatalf("bound %v, %v, of a plan at %v", bound, err, plan.Objective)
	}
}

func TestSolve_ProvesItsBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, rapid.IntRange(1, 6).Draw(t, "slots"))
		lengthen(t, p)
		plan, err := Solve(context.Background(), p, Options{TimeLimit: 50 * time.Millisecond, Gap: 10_000_000})
		if err != nil {
			t.Fatal(err)
		}
		wantProof(t, p, plan)
	})
}

func TestSolve_ProvesItsBoundOfTheCorpus(t *testing.T) {
	for name := range corpus(t) {
		if strings.HasPrefix(name, "L") { // takes half a minute with the race detector
			continue
		}
		p := read(t, name)
		wantProof(t, p, solve(t, p, Options{TimeLimit: 300 * time.Millisecond}))
	}
}
