package scheduler

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSolve_AnswersWhatCannotBeMetWithTheLeastViolation(t *testing.T) {
	inputs, err := filepath.Glob("testdata/relaxed/*/input.json")
	if err != nil || len(inputs) == 0 {
		t.Fatal("no cases", err)
	}
	for _, input := range inputs {
		t.Run(filepath.Base(filepath.Dir(input)), func(t *testing.T) {
			f, err := os.Open(input)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			p, err := ReadProblem(f)
			if err != nil {
				t.Fatal(err)
			}
			plan := solve(t, p, quick)
			if _, hasGap := plan.Gap(); plan.Status != Relaxed || hasGap {
				t.Errorf("status %s, has a gap: %v", plan.Status, hasGap)
			}
			got := ""
			for _, v := range plan.Violations {
				got += told(v) + "\n"
			}
			golden := filepath.Join(filepath.Dir(input), "want.txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("violations\n%swant\n%s", got, want)
			}
		})
	}
}
