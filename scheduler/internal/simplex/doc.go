// Package simplex re-solves linear programs after small changes, by a dual simplex method that goes on from the
// basis it has.
//
// # Basics
//
// A [Solver] takes an [lp.Model] in ([Solver.Load]) and keeps its own copy of it. Bounds are changed and rows
// added and dropped there, and [Solver.Solve] goes on from the last basis. After a few changes it needs a few
// iterations, where an interior point begins again: this is the engine of branch and bound, of strong branching
// and of rounds of cuts. [Solver.Basis] keeps a basis, and [Solver.Use] goes back to it.
//
// Every row has a logical variable, which is the row's activity and has the row's sides as its bounds:
//
//	A x - r = 0,   Low <= x <= High,   RowLow <= r <= RowHigh
//
// An infinite side is replaced by the least or the greatest activity that the bounds of the columns allow, and
// a bit more. So every variable is boxed, and any basis becomes dual feasible by putting the nonbasic variables
// on the bound that the sign of their reduced cost asks for: there is no first phase.
//
// What a solve proves is its Bound, worked out from the multipliers and the model alone as [lp.Model.Bound]
// does, with what rounding may have added taken off again. It holds however the solve has ended.
//
// # Method
//
// Dual steepest edge pricing (Forrest and Goldfarb 1992), a ratio test that flips bounds (Maros 2003) in the
// groups of Harris (1973), and costs perturbed where the method would stall (the loss is made good before a
// solve ends). The basis is factorised by singletons and then by Markowitz (1957) with threshold pivoting, and
// updated in the middle product form (Huangfu and Hall 2015), which leaves L and U as they are: going back to
// a basis of the recent past is to forget the last updates. Sparse vectors carry a set of bits that says where
// they may be nonzero, in the order of the pivots, so that solving with a factor visits only these.
//
// # Caveats
//
// The point is a vertex and within the bounds of its columns exactly; it keeps the sides of a row up to 1e-6 times
// the largest entry of the row. Values and costs are expected to be of the order of 1 and entries of a row not many
// orders of magnitude apart: a model that is scaled much worse may end as [Stopped], with a bound that is valid and
// a point that is not optimal. A solver is used by one goroutine at a time.
// Equal calls in an equal order give equal answers on one machine; the same model reached by another way may
// end in another optimal vertex.
package simplex
