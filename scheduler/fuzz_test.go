package scheduler

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// seeds are the small problems of the corpus, the relaxed and the wrong ones.
func seeds(f *testing.F) {
	for _, pattern := range []string{"testdata/problems/[TF]*.json", "testdata/relaxed/*/input.json", "testdata/bad/*/input.json"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			f.Fatal("no seeds in", pattern, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
}

// FuzzReadProblem wants every text to be refused with faults or to be a problem that is written and read back.
func FuzzReadProblem(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ReadProblem(bytes.NewReader(text))
		if err != nil {
			if faults, ok := err.(Faults); !ok || len(faults) == 0 || bytes.Count([]byte(err.Error()), []byte("\n")) != len(faults)-1 {
				t.Fatalf("not a line for each fault: %v", err)
			}
			return
		}
		var b bytes.Buffer
		if err := WriteProblem(&b, p); err != nil {
			t.Fatalf("read, but not to be written: %v", err)
		}
		if _, err := ReadProblem(&b); err != nil {
			t.Fatalf("written, but not to be read: %v", err)
		}
	})
}

// FuzzSolve wants an answer for every problem: in time, evaluated, printable, and above its bound.
func FuzzSolve(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ReadProblem(bytes.NewReader(text))
		if err != nil || p.Grid.Count()*len(p.Devices) > 2000 {
			return
		}
		const limit = 30 * time.Millisecond
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		begin := time.Now()
		plan, err := Solve(ctx, p, Options{TimeLimit: limit / 2})
		if err != nil {
			t.Fatal(err)
		}
		if late := time.Since(begin) - limit; late > time.Second {
			t.Fatalf("%v after its context", late)
		}
		if gap, ok := plan.Gap(); ok != (len(plan.Violations) == 0) || gap < 0 {
			t.Fatalf("gap %v (%v) with %d violations", gap, ok, len(plan.Violations))
		}
		var b bytes.Buffer
		if err := plan.Write(&b); err != nil || !json.Valid(b.Bytes()) {
			t.Fatalf("not printable: %v", err)
		}
	})
}
