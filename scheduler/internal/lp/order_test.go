package lp

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// graph is a symmetric pattern: the neighbours of each node.
type graph []map[int32]bool

func newGraph(n int) graph {
	g := make(graph, n)
	for i := range g {
		g[i] = map[int32]bool{}
	}
	return g
}

func (g graph) join(a, b int) {
	if a != b {
		g[a][int32(b)], g[b][int32(a)] = true, true
	}
}

// lists is the graph as the ordering wants it.
func (g graph) lists() (start, adjacent []int32) {
	start = []int32{0}
	for _, neighbours := range g {
		begin := len(adjacent)
		for i := range neighbours {
			adjacent = append(adjacent, i)
		}
		slices.Sort(adjacent[begin:])
		start = append(start, int32(len(adjacent)))
	}
	return start, adjacent
}

func (g graph) clone() graph {
	c := newGraph(len(g))
	for i, neighbours := range g {
		for j := range neighbours {
			c[i][j] = true
		}
	}
	return c
}

// eliminate takes a node out, leaves its neighbours as a clique, and says how many there were.
func (g graph) eliminate(node int32) int {
	neighbours := g[node]
	for a := range neighbours {
		delete(g[a], node)
		for b := range neighbours {
			g.join(int(a), int(b))
		}
	}
	g[node] = map[int32]bool{}
	return len(neighbours)
}

// fill is the entries of the factor below the diagonal, by elimination on the graph itself.
func (g graph) fill(order []int32) (entries int) {
	c := g.clone()
	for _, node := range order {
		entries += c.eliminate(node)
	}
	return entries
}

// leastDegree is the fill of the order that always takes a node of truly least degree.
func (g graph) leastDegree() (entries int) {
	c := g.clone()
	isGone := make([]bool, len(g))
	for range g {
		best := -1
		for i := range c {
			if !isGone[i] && (best < 0 || len(c[i]) < len(c[best])) {
				best = i
			}
		}
		isGone[best] = true
		entries += c.eliminate(int32(best))
	}
	return entries
}

func orderOf(t interface{ Fatalf(string, ...any) }, g graph) []int32 {
	start, adjacent := g.lists()
	order := slices.Clone(new(ordering).run(context.Background(), len(g), start, adjacent))
	sorted := slices.Sorted(slices.Values(order))
	for i, v := range sorted {
		if v != int32(i) {
			t.Fatalf("%v is no permutation", order)
		}
	}
	if len(order) != len(g) {
		t.Fatalf("%d of %d nodes", len(order), len(g))
	}
	return order
}

func TestOrdering_TreesAreEliminatedWithoutFill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "nodes")
		g := newGraph(n)
		for i := 1; i < n; i++ {
			g.join(i, rapid.IntRange(0, i-1).Draw(t, "parent"))
		}
		if got := g.fill(orderOf(t, g)); got != n-1 {
			t.Fatalf("%d entries for %d edges", got, n-1)
		}
	})
}

func TestOrdering_KnownGraphs(t *testing.T) {
	star, clique, cliques, grid := newGraph(40), newGraph(15), newGraph(40), newGraph(400)
	for i := range 39 {
		star.join(0, i+1)
	}
	for i := range 15 {
		for j := range 15 {
			clique.join(i, j)
		}
	}
	for i := range 40 { // a chain of cliques of five that share two
		for j := i; j < min(40, i/3*3+5); j++ {
			cliques.join(i, j)
		}
	}
	for i := range 400 {
		if i%20 > 0 {
			grid.join(i, i-1)
		}
		if i >= 20 {
			grid.join(i, i-20)
		}
	}
	for _, c := range []struct {
		name string
		g    graph
		most int
	}{
		{"nothing", newGraph(0), 0}, {"isolated nodes", newGraph(7), 0}, {"star", star, 39}, {"clique", clique, 105},
		{"chain of cliques", cliques, cliques.leastDegree()},
		{"grid", grid, grid.leastDegree() * 5 / 4},
	} {
		if got := c.g.fill(orderOf(t, c.g)); got > c.most {
			t.Errorf("%s: %d entries, want at most %d", c.name, got, c.most)
		}
	}
}

// What speaks for the speed of the ordering: neighbours alike in all are found out and stand for each other, and what
// a pivot covers goes with it.
func TestOrdering_JoinsTwinsAndEliminatesTheCovered(t *testing.T) {
	clique := newGraph(15)
	for i := range 15 {
		for j := range 15 {
			clique.join(i, j)
		}
	}
	o := new(ordering)
	start, adjacent := clique.lists()
	o.run(t.Context(), 15, start, adjacent)
	if len(o.pivots) != 1 {
		t.Errorf("%d pivots for a clique", len(o.pivots))
	}
	path := newGraph(20) // five groups of four, each joined to itself and the next
	for i := range 20 {
		for j := range 20 {
			if i/4-j/4 <= 1 && j/4-i/4 <= 1 {
				path.join(i, j)
			}
		}
	}
	start, adjacent = path.lists()
	o.reset(20, start, adjacent)
	if gone := o.eliminate(20); gone != 4 {
		t.Errorf("%d rows went with the first pivot, want its group", gone)
	}
	next := 4 + 8*int(o.pivots[0]/16) // the group beside the one at either end
	together := 0
	for _, w := range o.weight[next : next+4] {
		together = max(together, int(w))
	}
	if together != 4 {
		t.Errorf("the weights of the next group are %v, want one variable for all", o.weight[next:next+4])
	}
}

// The degrees are approximate, but not by much: the fill stays near that of true minimum degree.
func TestOrdering_FillIsNearThatOfMinimumDegree(t *testing.T) {
	got, want := 0, 0
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 7))
		n := 5 + r.IntN(60)
		g := newGraph(n)
		for range 1 + r.IntN(3*n) {
			g.join(r.IntN(n), r.IntN(n))
		}
		for range r.IntN(4) { // some cliques, for elements, twins and mass elimination
			members := r.Perm(n)[:min(n, 2+r.IntN(8))]
			for _, a := range members {
				for _, b := range members {
					g.join(a, b)
				}
			}
		}
		a, b := g.fill(orderOf(t, g)), g.leastDegree()
		if a > b*3/2+10 {
			t.Errorf("seed %d: %d entries, minimum degree has %d", seed, a, b)
		}
		got, want = got+a, want+b
	}
	if got > want*21/20 {
		t.Errorf("%d entries in all, minimum degree has %d", got, want)
	}
}

// A pool without room to spare has to be compacted on the way; that must not change the order.
func TestOrdering_CompactionChangesNothing(t *testing.T) {
	compacted := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 9))
		n := 30 + r.IntN(80)
		g := newGraph(n)
		for range 6 * n {
			g.join(r.IntN(n), r.IntN(n))
		}
		start, adjacent := g.lists()
		roomy := slices.Clone(new(ordering).run(t.Context(), n, start, adjacent))
		var o ordering
		o.reset(n, start, adjacent)
		o.pool = slices.Clip(o.pool[:o.free:o.free])
		for left := n; left > 0; {
			before := o.free
			left -= int(o.eliminate(int32(left)))
			if o.free < before {
				compacted++
			}
		}
		if tight := o.collect(); !slices.Equal(tight, roomy) {
			t.Fatalf("seed %d: another order", seed)
		}
	}
	if compacted < 50 {
		t.Errorf("the pool was compacted %d times, the test proves little", compacted)
	}
}

func TestOrdering_IsRepeatableAndKeepsItsMemory(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	g := newGraph(100)
	for range 400 {
		g.join(r.IntN(100), r.IntN(100))
	}
	start, adjacent := g.lists()
	o := new(ordering)
	first := slices.Clone(o.run(t.Context(), 100, start, adjacent))
	if allocations := testing.AllocsPerRun(5, func() { o.run(t.Context(), 100, start, adjacent) }); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
	if !slices.Equal(o.run(t.Context(), 100, start, adjacent), first) {
		t.Error("another order the second time")
	}
}
