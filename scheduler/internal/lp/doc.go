// Package lp solves sparse linear programs whose variables are all boxed, by an interior-point method.
//
// # Basics
//
// A [Model] is minimised by a [Solver]:
//
//	minimise    sum over j of Cost[j] x[j]
//	subject to  Low[j] <= x[j] <= High[j]                     for every column j
//	            RowLow[i] <= sum over j of a[i][j] x[j] <= RowHigh[i]  for every row i
//
// Columns have finite bounds. A row may have one infinite side, or two, and is an equation when its sides are
// equal. The answer is a [Solution]: a point X, a multiplier Y for every row, and a Bound no feasible point can
// cost less than. The bound is worked out from Y and the model alone ([Model.Bound]), so it holds whatever
// happened on the way to Y: what is not converged is merely weaker.
//
// The zero [Solver] is ready. It keeps its memory from one solve to the next, and, while the sparsity of what
// is left after presolve stays the same, the elimination ordering and the symbolic factor.
//
// # Method
//
// Presolve takes fixed columns, rows that cannot bind and rows of one column out. Columns with many entries
// are cut into linked copies, since in the normal equations every column is a clique of its rows. What is
// left goes through a predictor-corrector primal-dual method with further centrality correctors (Mehrotra 1992,
// Gondzio 1996). Its iterates are dual feasible from the first on, which boxed columns make possible. The
// normal equations are factorised by a supernodal right-looking sparse Cholesky, ordered by approximate minimum
// degree (Amestoy, Davis, Duff 1996).
//
// # Caveats
//
// The point is in the middle of the optimal face, not a vertex: there is no crossover. X is within the bounds of
// its columns exactly, and within those of its rows up to the feasibility tolerance. A solver is used by one
// goroutine at a time; the solutions it has given are not touched again. Equal input gives an equal answer on
// one machine when the solver has the same past; between machines, and between a fresh and a used solver, the
// last digits may differ, since one machine fuses multiplication and addition and another does not.
package lp
