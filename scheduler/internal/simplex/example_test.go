package simplex_test

import (
	"context"
	"fmt"
	"math"

	"hearth/scheduler/internal/lp"
	"hearth/scheduler/internal/simplex"
)

// A node of a search: solve, keep the basis, look at a child, go back.
func Example() {
	m := new(lp.Model)
	x, y := m.Column(3, 0, 1), m.Column(2, 0, 1) // is it on, at what cost
	m.Row(1.5, math.Inf(1), lp.Term{Column: x, Value: 2}, lp.Term{Column: y, Value: 1})

	var s simplex.Solver
	s.Load(m)
	o := simplex.Options{Cutoff: math.Inf(1)}
	r := s.Solve(context.Background(), o)
	fmt.Printf("%v: %.2f at %.2f\n", r.Status, r.Objective, s.X(nil))

	node := s.Basis()
	for _, v := range []float64{0, 1} {
		s.Use(node)
		s.SetBounds(x, v, v)
		r := s.Solve(context.Background(), o)
		fmt.Printf("x = %v: %v, bound %.2f\n", v, r.Status, r.Bound)
		s.SetBounds(x, 0, 1)
	}
	// Output:
	// optimal: 2.25 at [0.75 0.00]
	// x = 0: infeasible, bound +Inf
	// x = 1: optimal, bound 3.00
}
