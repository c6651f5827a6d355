package scheduler

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"hearth/energy"
)

var families = []string{"T3", "S2", "M1", "L0"}

// BenchmarkFirstPlan is the time until there is a plan, with its first bound.
func BenchmarkFirstPlan(b *testing.B) {
	for _, name := range families {
		b.Run(name, func(b *testing.B) {
			p := read(b, name)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Solve(context.Background(), p, Options{TimeLimit: 1}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSolve is one solve of at most two seconds; it reports the gap beside the time.
func BenchmarkSolve(b *testing.B) {
	for _, name := range families {
		b.Run(name, func(b *testing.B) {
			p := read(b, name)
			var gap energy.Money
			for b.Loop() {
				plan, err := Solve(context.Background(), p, Options{TimeLimit: 2 * time.Second})
				if err != nil {
					b.Fatal(err)
				}
				gap, _ = plan.Gap()
			}
			b.ReportMetric(gap.Float()*100, "ct-gap")
		})
	}
}

func BenchmarkReadProblem(b *testing.B) {
	text, err := os.ReadFile("testdata/problems/L0.json")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadProblem(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	for _, name := range families {
		b.Run(name, func(b *testing.B) {
			p := read(b, name)
			power := make([][]energy.Watts, len(p.Devices))
			for i := range power {
				power[i] = make([]energy.Watts, p.Grid.Count())
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Evaluate(p, power); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
