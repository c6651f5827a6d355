package lp

import (
	"testing"
	"time"
)

// sized are relaxations of the sizes that matter: a day in hours, two days in quarter hours, two days in five
// minutes, and six.
func sized(t testing.TB, name string) *Model {
	if name == "XL" {
		return relax(readProblem(t, "L0").prolonged(3))
	}
	return relax(readProblem(t, name))
}

var sizes = []string{"S0", "M0", "M1", "M4", "L0", "XL"}

// stopwatch keeps the least of all times: what else the machine does only adds.
type stopwatch time.Duration

func (s *stopwatch) time(run func()) {
	begin := time.Now()
	run()
	if took := stopwatch(time.Since(begin)); *s == 0 || took < *s {
		*s = took
	}
}

func (s stopwatch) microseconds() float64 { return float64(s) / 1000 }

// BenchmarkSolve solves a model of a new pattern, of the same again, and from a warm start.
func BenchmarkSolve(b *testing.B) {
	for _, name := range sizes {
		b.Run(name, func(b *testing.B) {
			m := sized(b, name)
			s := new(Solver)
			var fresh, again, warm stopwatch
			var cold, warmed *Solution
			b.ReportAllocs()
			for b.Loop() {
				fresh.time(func() {
					s.laidOut = false
					cold = s.Solve(b.Context(), m, Options{Tolerance: 1e-4})
				})
				again.time(func() { s.Solve(b.Context(), m, Options{Tolerance: 1e-4}) })
				warm.time(func() { warmed = s.Solve(b.Context(), m, Options{Tolerance: 1e-4, Warm: cold}) })
			}
			b.ReportMetric(fresh.microseconds(), "us/fresh")
			b.ReportMetric(again.microseconds(), "us/again")
			b.ReportMetric(warm.microseconds(), "us/warm")
			b.ReportMetric(float64(cold.Iterations), "iterations")
			b.ReportMetric(float64(warmed.Iterations), "warm-iterations")
			b.ReportMetric(float64(s.core.rows), "rows")
			b.ReportMetric(float64(s.core.columns), "columns")
			b.ReportMetric(float64(len(s.core.rowColumn)), "entries")
			b.ReportMetric(float64(s.symbolic.nonzeros), "factor")
		})
	}
}

// BenchmarkPhases measures the parts of a solve.
func BenchmarkPhases(b *testing.B) {
	for _, name := range sizes {
		b.Run(name, func(b *testing.B) {
			m := sized(b, name)
			s := new(Solver)
			s.Solve(b.Context(), m, Options{Limit: 6}) // a state from the middle of a solve
			p := &s.interior
			parts := []struct {
				name string
				run  func()
			}{
				{"presolve", func() { s.presolve.run(m); s.core.build(m, &s.presolve) }},
				{"order", func() {
					s.symbolic.orderer.run(b.Context(), s.symbolic.n, s.symbolic.adjacentStart, s.symbolic.adjacent)
				}},
				{"analyse", func() { s.symbolic.analyse(b.Context(), &s.core) }},
				{"measure", p.measure},
				{"form", func() { s.factor.form(&s.core, p.weight, p.extra) }},
				{"factorise", p.factorise}, // forms as well
				{"predict", func() { p.predict() }},
				{"correct", func() { p.correct(p.mu / 3) }},
				{"solve", func() { s.factor.solve(p.aim.y) }},
			}
			watches := make([]stopwatch, len(parts))
			for b.Loop() {
				for k, part := range parts {
					watches[k].time(part.run)
				}
			}
			for k, part := range parts {
				b.ReportMetric(watches[k].microseconds(), "us/"+part.name)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(s.symbolic.operations), "operations")
			b.ReportMetric(float64(len(s.symbolic.first)-1), "supernodes")
			b.ReportMetric(float64(len(s.factor.value)), "stored")
		})
	}
}
