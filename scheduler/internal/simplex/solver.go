package simplex

import (
	"context"
	"math"

	"hearth/scheduler/internal/lp"
)

// Status says how a solve ended.
type Status int

// How a solve ends. Whatever the status, the bound of the result is valid.
const (
	Optimal    Status = iota // the point keeps the rows, and its objective is the bound up to 1e-6 of its size
	Infeasible               // no point keeps all bounds; the bound is infinite
	Cutoff                   // the bound has reached the cutoff
	Stopped                  // by the limit, the context, or a loss of accuracy; X need not keep the rows
)

func (s Status) String() string {
	switch s {
	case Optimal:
		return "optimal"
	case Infeasible:
		return "infeasible"
	case Cutoff:
		return "cutoff"
	}
	return "stopped"
}

// Options of a solve.
type Options struct {
	// Cutoff ends the solve as soon as its bound is at least this. Use +Inf for none: zero is a cutoff.
	Cutoff float64
	// Limit is the most iterations; 0 means a number no solve has been seen to need.
	Limit int
}

// Result says what a solve found; [Solver.X] and [Solver.Y] say where.
type Result struct {
	Status Status
	// Objective is the cost of X.
	Objective float64
	// Bound is what no feasible point costs less than: [lp.Model.Bound] of Y, or +Inf when there is no such
	// point.
	Bound float64
	// Iterations are changes of the basis.
	Iterations int
}

// Where a variable is.
type place uint8

const (
	basic place = iota
	atLow
	atHigh
)

// Solver holds a model and a basis. The zero value must be loaded before anything else.
type Solver struct {
	program
	factor     factor
	factoriser factoriser
	asked      uint64 // key of the basis to be factorised, if it is one that was kept
	rewound    uint64 // key of the basis the factor was last taken back to
	isFactored bool   // the factor is that of the basis
	serial     uint64 // of the last change to the factor that was numbered

	at       []place   // by variable
	x        []float64 // by variable; of basic ones see value
	working  []float64 // by variable: costs as perturbed and shifted
	reduced  []float64 // by variable: working costs less what the multipliers take; zero for basic ones
	isStale  bool      // reduced costs and values have to be worked out anew
	changed  []int32   // variables whose bounds have changed since the last solve
	isMarked []bool    // by variable: whether it is among them

	head        []int32   // by position: the basic variable
	value       []float64 // by position: of that variable
	least, most []float64 // by position: its bounds
	weight      []float64 // by position: squared norm of that row of the inverse, for steepest edge
	violated    bitset    // positions whose value is outside of its bounds
	banned      bitset    // positions that gave no pivot since the last one
	kept        []float64 // by variable: weights of basic ones, while there is no order of positions
	basics      []int32   // room: basic variables

	iteration
	point []float64 // by column: where the last solve ended
	y     []float64 // by row, scaled: the multipliers the result's bound rests on
	proof
}

// Load takes a model over. The basis is that of all logicals.
func (s *Solver) Load(m *lp.Model) {
	s.program.load(m)
	n := s.n + s.m
	s.at = resized(s.at, n)
	s.x, s.reduced = resized(s.x, n), resized(s.reduced, n)
	s.working = append(s.working[:0], s.cost...)
	s.isMarked = resized(s.isMarked, n)
	clear(s.isMarked)
	s.changed = s.changed[:0]
	s.kept = resized(s.kept, n)
	for v := range s.at {
		s.at[v], s.kept[v], s.x[v] = atLow, 1, s.low[v]
		if v >= s.n {
			s.at[v] = basic
		}
	}
	s.point = append(s.point[:0], s.low[:s.n]...)
	s.head, s.weight, s.y = s.head[:0], s.weight[:0], s.y[:0]
	s.perturbed = 0
	s.forget()
}

// forget says that the factor is not that of the basis any more.
func (s *Solver) forget() { s.isFactored, s.isStale, s.asked = false, true, 0 }

// SetBounds gives a column new bounds. The next solve takes them up, wherever the basis has the column. A low
// bound above the high one is allowed and means that there is no point.
func (s *Solver) SetBounds(column int, low, high float64) {
	if s.low[column] == low && s.high[column] == high {
		return
	}
	s.mark(int32(column))
	if s.program.setBounds(column, low, high) {
		for _, e := range s.column(int32(column)) {
			s.mark(int32(s.n) + e.index)
		}
	}
}

// SetRow gives a row new sides, which may be infinite.
func (s *Solver) SetRow(row int, low, high float64) {
	s.program.setSides(row, low, high)
	s.mark(int32(s.n + row))
}

func (s *Solver) mark(v int32) {
	if !s.isMarked[v] {
		s.isMarked[v] = true
		s.changed = append(s.changed, v)
	}
}

// AddRow appends a row, basic at first, and says its index. The terms are as in [lp.Model.Row].
func (s *Solver) AddRow(low, high float64, terms ...lp.Term) int {
	s.program.addRow(low, high, terms)
	s.at = append(s.at, basic)
	s.x = append(s.x, 0)
	s.working = append(s.working, 0)
	s.reduced = append(s.reduced, 0)
	s.isMarked = append(s.isMarked, false)
	s.kept = append(s.kept, 1)
	s.forget()
	return s.m - 1
}

// IsSlack says whether a row's logical is basic: dropping such a row does not move the vertex.
func (s *Solver) IsSlack(row int) bool { return s.at[s.n+row] == basic }

// DropRows takes out the rows for which drop says so; the others close up in their order. It is asked once
// for each row. To drop the slack ones among the rows from k on:
//
//	s.DropRows(func(row int) bool { return row >= k && s.IsSlack(row) })
func (s *Solver) DropRows(drop func(row int) bool) {
	gone := make([]bool, s.m)
	for i := range gone {
		gone[i] = drop(i)
	}
	s.keepWeights()
	s.head, s.weight = s.head[:0], s.weight[:0]
	to := s.n
	for i := range gone { // rows that close up change the index of their logical
		if from := s.n + i; !gone[i] {
			s.at[to], s.working[to], s.kept[to] = s.at[from], s.working[from], s.kept[from]
			to++
		}
	}
	s.at, s.working, s.kept = s.at[:to], s.working[:to], s.kept[:to]
	s.x, s.reduced, s.isMarked = s.x[:to], s.reduced[:to], s.isMarked[:to]
	s.unmark()
	s.program.dropRows(func(row int) bool { return gone[row] })
	s.forget()
}

// unmark forgets which bounds have changed.
func (s *Solver) unmark() {
	clear(s.isMarked)
	s.changed = s.changed[:0]
}

// keepWeights takes the weights out of the order of positions.
func (s *Solver) keepWeights() {
	for k, v := range s.head {
		s.kept[v] = s.weight[k]
	}
}

// X writes the point of the last solve, by column, and gives it. It allocates when dst is too short.
func (s *Solver) X(dst []float64) []float64 {
	dst = resized(dst, s.n)
	copy(dst, s.point)
	return dst
}

// Y writes the multipliers of the last solve, by row, and gives them: positive where a row rests on its lower
// side, negative where on its upper one. The bound is that of these multipliers. When the result is
// [Infeasible] they prove it: their bound is above the cost of every point of the box; but for bounds that are
// crossed, which need no proof, they are zero. It allocates when dst is too short. Read it before the next change.
func (s *Solver) Y(dst []float64) []float64 {
	dst = resized(dst, s.m)
	clear(dst)
	for i, y := range s.y[:min(s.m, len(s.y))] {
		dst[i] = y * s.rowScale[i] / s.costScale
	}
	return dst
}

// Solve goes on from the basis of the last solve. The context is looked at every few iterations.
func (s *Solver) Solve(ctx context.Context, o Options) Result {
	r := s.solve(ctx, o)
	r.Objective /= s.costScale
	r.Bound /= s.costScale
	return r
}

var inf = math.Inf(1)
