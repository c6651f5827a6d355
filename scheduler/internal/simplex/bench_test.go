package simplex

import (
	"math"
	"math/rand/v2"
	"testing"

	"hearth/scheduler/internal/lp"
)

var sizes = []string{"S0", "M0", "M1", "M4", "F-flat-tariff-M0"}

func BenchmarkCold(b *testing.B) {
	for _, name := range sizes {
		b.Run(name, func(b *testing.B) {
			m := relax(readProblem(b, name))
			var s Solver
			iterations := 0
			b.ReportAllocs()
			for b.Loop() {
				s.Load(m)
				iterations = s.Solve(b.Context(), noCutoff).Iterations
			}
			b.ReportMetric(float64(iterations), "iterations")
			b.ReportMetric(float64(m.Rows()), "rows")
		})
	}
}

// probe is one child of a node: a binary column and the value it is fixed at.
type probe struct {
	column int
	value  float64
}

// probes are both children of each column with bounds 0 and 1 that is fractional at the optimum.
func probes(m *lp.Model, x []float64) (out []probe) {
	for j, v := range x {
		if low, high := m.Bounds(j); low == 0 && high == 1 && v > 1e-6 && v < 1-1e-6 {
			out = append(out, probe{j, 0}, probe{j, 1})
		}
	}
	return out
}

// BenchmarkProbe goes back to the root's basis, fixes one column, and solves.
func BenchmarkProbe(b *testing.B) {
	for _, name := range sizes {
		b.Run(name, func(b *testing.B) {
			m := relax(readProblem(b, name))
			var s Solver
			s.Load(m)
			s.Solve(b.Context(), noCutoff)
			root, all := s.Basis(), probes(m, s.X(nil))
			iterations, k := 0, 0
			b.ReportAllocs()
			for b.Loop() {
				p := all[k%len(all)]
				k++
				s.Use(root)
				s.SetBounds(p.column, p.value, p.value)
				iterations += s.Solve(b.Context(), noCutoff).Iterations
				s.SetBounds(p.column, 0, 1)
			}
			b.ReportMetric(float64(iterations)/float64(b.N), "iterations/op")
		})
	}
}

// BenchmarkDive fixes one column after the other to the nearer whole number, as long as there is a point; an
// operation is one solve.
func BenchmarkDive(b *testing.B) {
	for _, name := range sizes {
		b.Run(name, func(b *testing.B) {
			m := relax(readProblem(b, name))
			var s Solver
			s.Load(m)
			s.Solve(b.Context(), noCutoff)
			root := s.Basis()
			iterations := 0
			x := s.X(nil)
			var fixed []int
			b.ReportAllocs()
			for b.Loop() {
				x = s.X(x)
				next, least := -1, 0.5
				for j, v := range x {
					low, high := m.Bounds(j)
					distance := math.Abs(v - math.Round(v))
					if low == 0 && high == 1 && distance > 1e-6 && distance <= least {
						next, least = j, distance
					}
				}
				if next >= 0 {
					v := math.Round(x[next])
					s.SetBounds(next, v, v)
					fixed = append(fixed, next)
				}
				r := s.Solve(b.Context(), noCutoff)
				iterations += r.Iterations
				if next < 0 || r.Status != Optimal {
					for _, j := range fixed {
						s.SetBounds(j, 0, 1)
					}
					fixed = fixed[:0]
					s.Use(root)
					s.Solve(b.Context(), noCutoff)
				}
			}
			b.ReportMetric(float64(iterations)/float64(b.N), "iterations/op")
		})
	}
}

// BenchmarkCuts goes back to the root's basis, appends five rows that its point violates, solves, and drops them.
func BenchmarkCuts(b *testing.B) {
	for _, name := range sizes {
		b.Run(name, func(b *testing.B) {
			m := relax(readProblem(b, name))
			var s Solver
			s.Load(m)
			s.Solve(b.Context(), noCutoff)
			root, x, random := s.Basis(), s.X(nil), rand.New(rand.NewPCG(1, 2))
			iterations := 0
			b.ReportAllocs()
			for b.Loop() {
				s.Use(root)
				for range 5 {
					low, high, t, u, v := cut(m, x, random)
					s.AddRow(low, high, t, u, v)
				}
				iterations += s.Solve(b.Context(), noCutoff).Iterations
				s.DropRows(func(row int) bool { return row >= m.Rows() })
			}
			b.ReportMetric(float64(iterations)/float64(b.N), "iterations/op")
		})
	}
}
