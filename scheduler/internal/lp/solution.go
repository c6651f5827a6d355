package lp

// Status says how a solve ended.
type Status int

// How a solve ends. Whatever the status, the Bound of the solution is valid.
const (
	Optimal    Status = iota // the objective is within the tolerance of the bound, and the rows are kept
	Infeasible               // presolve or the bound proves that no point keeps all bounds
	Stopped                  // by the limit, the context, or a loss of accuracy; X need not keep the rows
)

func (s Status) String() string {
	switch s {
	case Optimal:
		return "optimal"
	case Infeasible:
		return "infeasible"
	}
	return "stopped"
}

// Options of a solve. The zero value asks for the defaults.
type Options struct {
	// Tolerance is absolute, in units of the objective: the solve ends when objective and bound are closer.
	// 0 means 1e-6 times the size of the objective, at least 1e-6.
	Tolerance float64
	// Feasibility is the most by which X may leave the sides of a row, relative to the largest entry of the row
	// where that is above 1. 0 means 1e-7.
	Feasibility float64
	// Limit is the most iterations; 0 means 200.
	Limit int
	// Warm is a solution of a model with the same columns, whose rows are the first ones of this model. Costs,
	// bounds and sides may have changed. A solve that gets nowhere from it begins again without it.
	Warm *Solution
}

// Solution is what a solve found. It belongs to the caller.
type Solution struct {
	Status Status
	// X has a value for each column, within its bounds.
	X []float64
	// Y has a multiplier for each row: positive where the row rests on its lower side, negative where on its
	// upper one. The reduced costs are Cost - A'Y.
	Y []float64
	// Objective is the cost of X.
	Objective float64
	// Bound is [Model.Bound] of Y: no feasible point costs less.
	Bound float64
	// Violation is the most by which X leaves the sides of a row.
	Violation float64
	// Iterations of the interior-point method, each of which factorises the normal equations once.
	Iterations int

	way waypoint // where to begin when this is a warm start
}
