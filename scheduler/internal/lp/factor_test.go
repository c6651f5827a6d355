package lp

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// coreOf is the core of a model with nothing taken out of it.
func coreOf(t testing.TB, m *Model) *core {
	t.Helper()
	p, c := new(presolve), new(core)
	p.reset(m)
	c.build(m, p)
	return c
}

// randomCore has rows that all stay, since presolve is not asked.
func randomCore(t testing.TB, r *rand.Rand, columns, rows, most int) *core {
	t.Helper()
	m := new(Model)
	for range columns {
		m.Column(r.Float64(), 0, 1)
	}
	for range rows {
		var terms []Term
		for range 1 + r.IntN(most) {
			terms = append(terms, Term{r.IntN(columns), 0.1 + r.Float64()})
		}
		m.Row(-1, 1, terms...)
	}
	return coreOf(t, m)
}

// normal is A diag(weight) A' + diag(extra), densely.
func normal(c *core, weight, extra []float64) [][]float64 {
	full := make([][]float64, c.rows)
	for i := range full {
		full[i] = make([]float64, c.rows)
		full[i][i] = extra[i]
	}
	for j := range c.columns {
		for a := c.colStart[j]; a < c.colStart[j+1]; a++ {
			for b := c.colStart[j]; b < c.colStart[j+1]; b++ {
				full[c.colRow[a]][c.colRow[b]] += c.colValue[a] * c.colValue[b] * weight[j]
			}
		}
	}
	return full
}

func randoms(r *rand.Rand, n int) []float64 {
	s := make([]float64, n)
	for i := range s {
		s[i] = 0.1 + r.Float64()
	}
	return s
}

func TestFactor_SolvesTheNormalEquations(t *testing.T) {
	s, f := new(symbolic), new(factor) // used again and again, as the solver does
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		c := randomCore(t, r, 1+r.IntN(60), 1+r.IntN(90), 1+r.IntN(6))
		weight, extra := randoms(r, c.columns), randoms(r, c.rows)
		s.analyse(t.Context(), c)
		f.lay(s)
		f.form(c, weight, extra)
		f.factorise()
		if f.lost != 0 {
			t.Fatalf("seed %d: %d pivots lost", seed, f.lost)
		}
		full := normal(c, weight, extra)
		want := randoms(r, c.rows)
		b := make([]float64, c.rows)
		for i, row := range full {
			for j, v := range row {
				b[i] += v * want[j]
			}
		}
		f.solve(b)
		for i := range b {
			if math.Abs(b[i]-want[i]) > 1e-9 {
				t.Fatalf("seed %d: %v at %d, want %v", seed, b[i], i, want[i])
			}
		}
	}
}

func TestSymbolic_LaysTheFactorOut(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 2))
		c := randomCore(t, r, 1+r.IntN(80), 1+r.IntN(100), 1+r.IntN(5))
		s := new(symbolic)
		s.analyse(t.Context(), c)
		checkLayout(t, s)
		g := newGraph(c.rows)
		for j := range c.columns {
			rows := c.colRow[c.colStart[j]:c.colStart[j+1]]
			for _, a := range rows {
				for _, b := range rows {
					g.join(int(a), int(b))
				}
			}
		}
		if got, want := s.nonzeros, g.fill(s.order)+c.rows; got != want {
			t.Fatalf("seed %d: %d nonzeros, elimination on the graph has %d", seed, got, want)
		}
	}
}

// checkLayout holds the supernodes against their laws.
func checkLayout(t *testing.T, s *symbolic) {
	t.Helper()
	nodes := len(s.first) - 1
	if s.first[0] != 0 || s.first[nodes] != int32(s.n) {
		t.Fatalf("the supernodes %v do not cover %d columns", s.first, s.n)
	}
	for node := range nodes {
		from, to := s.first[node], s.first[node+1]
		rows := s.rows[s.rowStart[node]:s.rowStart[node+1]]
		if to-from < 1 || to-from > maxWidth || !slices.IsSorted(rows) || len(slices.Compact(slices.Clone(rows))) != len(rows) {
			t.Fatalf("supernode of %d columns with rows %v", to-from, rows)
		}
		for k := from; k < to; k++ {
			if rows[k-from] != k || s.owner[k] != int32(node) {
				t.Fatalf("supernode %d of columns %d to %d has rows %v", node, from, to, rows)
			}
		}
		if got, want := int(s.block[node+1]-s.block[node]), len(rows)*int(to-from); got != want {
			t.Fatalf("block of %d values, want %d", got, want)
		}
		covered := to - from
		for _, u := range s.updates[s.update[node]:s.update[node+1]] {
			if u.at != covered || u.end <= u.at {
				t.Fatalf("updates of supernode %d: %v", node, s.updates[s.update[node]:s.update[node+1]])
			}
			covered = u.end
			width := s.first[u.target+1] - s.first[u.target]
			target := s.rows[s.rowStart[u.target]:s.rowStart[u.target+1]]
			for i, r := range rows[u.at:] {
				if at := s.relative[int(u.relative)+i]; at%width != 0 || target[at/width] != r {
					t.Fatalf("row %d of supernode %d is sent to the wrong place", r, node)
				}
			}
		}
		if int(covered) != len(rows) {
			t.Fatalf("supernode %d: only %d of %d rows have a target", node, covered, len(rows))
		}
	}
}

// Joining supernodes trades zeros for speed. On a planning problem that must stay a good bargain.
func TestSymbolic_JoinsWithFewZeros(t *testing.T) {
	s := new(symbolic)
	s.analyse(t.Context(), coreOf(t, relax(readProblem(t, "M0"))))
	stored, nodes := int(s.block[len(s.block)-1]), len(s.first)-1
	if stored > s.nonzeros*3/2 || nodes > s.n/3 {
		t.Errorf("%d values and %d supernodes for %d nonzeros and %d rows", stored, nodes, s.nonzeros, s.n)
	}
}

// A row that others make up gets no say, and the others are solved as if it was not there.
func TestFactor_SurvivesDependentRows(t *testing.T) {
	m := new(Model)
	a, b := m.Column(0, 0, 1), m.Column(0, 0, 1)
	m.Row(1, 1, Term{a, 1}, Term{b, 2})
	m.Row(1, 1, Term{a, 2}, Term{b, 1})
	m.Row(2, 2, Term{a, 3}, Term{b, 3})
	m.Row(0, 0)
	c := coreOf(t, m)
	s, f := new(symbolic), new(factor)
	s.analyse(t.Context(), c)
	f.lay(s)
	f.form(c, []float64{1, 1}, make([]float64, 4))
	f.factorise()
	if f.lost != 2 {
		t.Errorf("%d pivots lost, want that of the sum and that of the empty row", f.lost)
	}
	x := []float64{5, 4, 9, 0} // the first two rows' normal equations times (1, 0), and what the third makes of it
	f.solve(x)
	for i, row := range normal(c, []float64{1, 1}, make([]float64, 4)) {
		if want := []float64{5, 4, 9, 0}[i]; !(math.Abs(dot(row, x)-want) <= 1e-6) {
			t.Errorf("row %d: %v, want %v", i, dot(row, x), want)
		}
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// Where a pivot should be zero, rounding leaves something, of either sign. It must not be taken for a pivot.
func TestFactor_SeesThroughRounding(t *testing.T) {
	s, f := new(symbolic), new(factor)
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 3))
		m := new(Model)
		for range 8 {
			m.Column(0, 0, 1)
		}
		var rows [4][8]float64
		for i := range rows {
			for j := range rows[i] {
				switch rows[i][j] = r.NormFloat64(); i {
				case 2:
					rows[i][j] = 0.3*rows[0][j] - 0.7*rows[1][j]
				case 3:
					rows[i][j] = 0.1*rows[1][j] + 0.9*rows[2][j]
				}
			}
		}
		for _, row := range rows {
			var terms []Term
			for j, v := range row {
				terms = append(terms, Term{j, v})
			}
			m.Row(0, 0, terms...)
		}
		c := coreOf(t, m)
		s.analyse(t.Context(), c)
		f.lay(s)
		f.form(c, randoms(r, 8), make([]float64, 4))
		f.factorise()
		if f.lost != 2 {
			t.Fatalf("seed %d: %d pivots lost, want two", seed, f.lost)
		}
	}
}

// naive is what subtract should do.
func naive(target, rows []float64, width int, relative, columns []int32, first int32) {
	for j := range columns {
		for i := j; i < len(relative); i++ {
			for m := range width {
				target[relative[i]+columns[j]-first] -= rows[i*width+m] * rows[j*width+m]
			}
		}
	}
}

func TestSubtract_AgreesWithTheDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for width := 1; width <= 9; width++ {
		for height := 1; height <= 13; height++ {
			for columns := 1; columns <= height; columns++ {
				targetWidth := columns + r.IntN(3)
				at := r.Perm(targetWidth)[:columns]
				slices.Sort(at)
				var own, relative []int32
				for i := range height {
					place := targetWidth + 2*(i-columns)
					if i < columns {
						place = at[i]
						own = append(own, int32(100+place))
					}
					relative = append(relative, int32(place*targetWidth))
				}
				rows := randoms(r, width*height)
				target := randoms(r, targetWidth*(targetWidth+2*height))
				want := slices.Clone(target)
				naive(want, rows, width, relative, own, 100)
				subtract(target, rows, width, relative, own, 100)
				for i, v := range want {
					if math.Abs(target[i]-v) > 1e-12 {
						t.Fatalf("width %d, %d rows, %d columns: %v at %d, want %v", width, height, columns, target[i], i, v)
					}
				}
			}
		}
	}
}
