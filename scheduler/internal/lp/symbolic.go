package lp

import (
	"context"
	"slices"
)

// What supernodes may become. The bounds were measured on planning problems of 2,000 to 30,000 rows.
const (
	maxWidth   = 32 // columns, so that a block and what it is multiplied with stay in cache
	joinSmall  = 4  // columns, up to which half of what is stored may be zeros
	joinMiddle = 8  // columns, up to which a fifth may be
)

// symbolic is everything about the Cholesky factor of the normal equations that the sparsity alone decides.
// Rows are numbered by their position in the elimination order.
//
// The factor is stored by supernodes: runs of columns with the same rows below. A supernode of k columns and
// r rows, the first k of which are the columns themselves, is a dense r x k block, row by row; the part
// above its diagonal is not used.
type symbolic struct {
	n     int
	order []int32 // row of the core at each position
	place []int32 // position of each row of the core

	first    []int32 // by supernode, and the end: its first column
	owner    []int32 // by position: its supernode
	rowStart []int32 // by supernode, and the end: its rows in rows
	rows     []int32 // ascending within a supernode; its own columns first
	block    []int32 // by supernode, and the end: where its block begins
	updates  []update
	update   []int32 // by supernode, and the end: its updates
	relative []int32 // of updates: where rows are in the target's block

	products      []int32 // where the products of a column's entries go, column by column
	productStart  []int32 // by column, and the end
	diagonal      []int32 // by row of the core: where its diagonal is
	nonzeros      int     // of the factor, as its columns need them
	operations    int     // multiplications to factorise
	adjacentStart []int32 // scratch: the matrix without its diagonal, by row of the core
	adjacent      []int32

	orderer ordering
	nodes   []node
	scratch [6][]int32
}

// update is a supernode's share in a later one: the product of its rows from at on with those of them,
// at to end, that are columns of the target.
type update struct {
	target   int32
	at, end  int32
	relative int32 // where the offsets of rows at and on begin
}

// analyse orders the normal equations of the core and lays the factor out. It is false, and there is none, when
// ctx has ended.
func (s *symbolic) analyse(ctx context.Context, c *core) bool {
	if ctx.Err() != nil {
		return false
	}
	s.n = c.rows
	s.adjacency(c)
	s.order = append(s.order[:0], s.orderer.run(ctx, s.n, s.adjacentStart, s.adjacent)...)
	if len(s.order) < s.n {
		return false
	}
	s.place = resized(s.place, s.n)
	s.number()
	s.structure(s.postorder(s.tree()))
	s.planUpdates()
	s.planProducts(c)
	return true
}

// adjacency lists the rows that share a column with each row.
func (s *symbolic) adjacency(c *core) {
	seen := s.room(0, s.n)
	for i := range seen {
		seen[i] = -1
	}
	s.adjacentStart, s.adjacent = append(s.adjacentStart[:0], 0), s.adjacent[:0]
	for i := range s.n {
		seen[i] = int32(i)
		for _, j := range c.rowColumn[c.rowStart[i]:c.rowStart[i+1]] {
			for _, other := range c.colRow[c.colStart[j]:c.colStart[j+1]] {
				if seen[other] != int32(i) {
					seen[other] = int32(i)
					s.adjacent = append(s.adjacent, other)
				}
			}
		}
		s.adjacentStart = append(s.adjacentStart, int32(len(s.adjacent)))
	}
}

// room is the k-th scratch slice with n values, which may be anything.
func (s *symbolic) room(k, n int) []int32 {
	s.scratch[k] = resized(s.scratch[k], n)
	return s.scratch[k]
}

func (s *symbolic) number() {
	for k, i := range s.order {
		s.place[i] = int32(k)
	}
}

// tree is the elimination tree: the parent of each position, -1 for a root (Liu 1990).
func (s *symbolic) tree() []int32 {
	parent, ancestor := s.room(0, s.n), s.room(1, s.n)
	for k := range int32(s.n) {
		parent[k], ancestor[k] = -1, -1
		i := s.order[k]
		for _, other := range s.adjacent[s.adjacentStart[i]:s.adjacentStart[i+1]] {
			for at := s.place[other]; at < k; {
				next := ancestor[at]
				ancestor[at] = k
				if next < 0 {
					parent[at] = k
					break
				}
				at = next
			}
		}
	}
	return parent
}

// postorder renumbers so that the subtree of every position lies directly before it, which leaves the fill as
// it is. It says the parents by the new positions.
func (s *symbolic) postorder(parent []int32) []int32 {
	head, next := s.room(1, s.n), s.room(2, s.n)
	for i := range head {
		head[i] = -1
	}
	for k := int32(s.n) - 1; k >= 0; k-- {
		if p := parent[k]; p >= 0 {
			next[k], head[p] = head[p], k
		}
	}
	old, stack := s.room(3, s.n)[:0], s.room(4, s.n)[:0] // old positions in their new order
	for root := range int32(s.n) {
		if parent[root] >= 0 {
			continue
		}
		stack = append(stack, root)
		for len(stack) > 0 {
			top := stack[len(stack)-1]
			if child := head[top]; child >= 0 {
				head[top] = next[child]
				stack = append(stack, child)
				continue
			}
			stack = stack[:len(stack)-1]
			next[top] = int32(len(old)) // its new position: it is in no list of children any more
			old = append(old, top)
		}
	}
	renumbered, order := s.room(5, s.n), stack[:s.n]
	for k, before := range old {
		renumbered[k] = -1
		if p := parent[before]; p >= 0 {
			renumbered[k] = next[p]
		}
		order[k] = s.order[before]
	}
	copy(s.order, order)
	s.number()
	return renumbered
}

// structure finds the supernodes and their rows: those of a column are the entries of the matrix below it and
// what its children in the tree have below themselves.
func (s *symbolic) structure(parent []int32) {
	n := int32(s.n)
	seen := s.room(1, s.n)
	lastChild, sibling := s.room(2, s.n), s.room(3, s.n) // finished supernodes by the parent of their last column
	for k := range n {
		seen[k], lastChild[k] = -1, -1
	}
	s.first, s.rowStart, s.rows = s.first[:0], append(s.rowStart[:0], 0), s.rows[:0]
	s.owner = resized(s.owner, s.n)
	for k := int32(0); k < n; {
		node := int32(len(s.first))
		s.first = append(s.first, k)
		begin := len(s.rows)
		s.gatherColumn(k, k, seen, lastChild, sibling)
		slices.Sort(s.rows[begin:])
		k = s.extend(node, k, parent, seen, lastChild, sibling)
		s.rowStart = append(s.rowStart, int32(len(s.rows)))
		last := k - 1
		if p := parent[last]; p >= 0 {
			sibling[node], lastChild[p] = lastChild[p], node
		}
	}
	s.first = append(s.first, n)
	s.split(s.join(parent))
}

// gatherColumn adds to the rows those of column k that have not been seen for this stamp.
func (s *symbolic) gatherColumn(k, stamp int32, seen, lastChild, sibling []int32) {
	if seen[k] != stamp {
		seen[k] = stamp
		s.rows = append(s.rows, k)
	}
	i := s.order[k]
	for _, other := range s.adjacent[s.adjacentStart[i]:s.adjacentStart[i+1]] {
		if at := s.place[other]; at > k && seen[at] != stamp {
			seen[at] = stamp
			s.rows = append(s.rows, at)
		}
	}
	for child := lastChild[k]; child >= 0; child = sibling[child] {
		for _, at := range s.rows[s.rowStart[child]:s.rowStart[child+1]] {
			if at > k && seen[at] != stamp {
				seen[at] = stamp
				s.rows = append(s.rows, at)
			}
		}
	}
}

// extend takes following columns into the supernode while they have the same rows, and says the first that
// has not.
func (s *symbolic) extend(node, k int32, parent, seen, lastChild, sibling []int32) int32 {
	stamp := k
	s.owner[k] = node
	for k++; k < int32(s.n) && parent[k-1] == k; k++ {
		before := len(s.rows)
		s.gatherColumn(k, stamp, seen, lastChild, sibling)
		if len(s.rows) > before {
			for _, at := range s.rows[before:] {
				seen[at] = -1
			}
			s.rows = s.rows[:before]
			break
		}
		s.owner[k] = node
	}
	return k
}

// node is a supernode while they are joined.
type node struct {
	first, end int32 // its columns
	top        int32 // the supernode its rows below are those of
	rows       int32 // in all
	nonzeros   int32 // of its columns, without what joining adds
}

// stored is how many values the lower part of the node's block has.
func (n node) stored() int32 {
	width := n.end - n.first
	return width*n.rows - width*(width-1)/2
}

// join puts supernodes that are children in the tree together with their parents where that adds few zeros: what
// a few more multiplications cost is less than what a supernode costs by itself.
func (s *symbolic) join(parent []int32) []node {
	nodes := s.nodes[:0]
	for k := range int32(len(s.first) - 1) {
		top := node{s.first[k], s.first[k+1], k, s.rowStart[k+1] - s.rowStart[k], 0}
		top.nonzeros = top.stored()
		for len(nodes) > 0 {
			child := nodes[len(nodes)-1]
			if p := parent[child.end-1]; p < 0 || p >= top.end {
				break
			}
			both := node{child.first, top.end, top.top, top.rows + child.end - child.first, child.nonzeros + top.nonzeros}
			if !both.isWorthwhile() {
				break
			}
			top = both
			nodes = nodes[:len(nodes)-1]
		}
		nodes = append(nodes, top)
	}
	s.nodes = nodes
	return nodes
}

// isWorthwhile says that the node has few enough zeros for its width.
func (n node) isWorthwhile() bool {
	zeros, all := n.stored()-n.nonzeros, n.stored()
	switch width := n.end - n.first; {
	case width <= joinSmall:
		return zeros*2 <= all
	case width <= joinMiddle:
		return zeros*5 <= all
	default:
		return zeros*20 <= all
	}
}

// split lays the joined supernodes out, those that are too wide as panels, and counts.
func (s *symbolic) split(nodes []node) {
	first, rowStart, rows := s.room(1, 0), s.room(2, 0), s.room(3, 0)
	s.nonzeros, s.operations = 0, 0
	s.block = append(s.block[:0], 0)
	size := int32(0)
	for _, n := range nodes {
		s.nonzeros += int(n.nonzeros)
		below := s.rows[s.rowStart[n.top]+s.first[n.top+1]-s.first[n.top] : s.rowStart[n.top+1]]
		width := n.end - n.first
		panels := (width + maxWidth - 1) / maxWidth
		for panel := range panels {
			from, to := n.first+width*panel/panels, n.first+width*(panel+1)/panels
			first = append(first, from)
			rowStart = append(rowStart, int32(len(rows)))
			for k := from; k < n.end; k++ {
				rows = append(rows, k)
			}
			rows = append(rows, below...)
			height := int32(len(rows)) - rowStart[len(rowStart)-1]
			size += height * (to - from)
			s.block = append(s.block, size)
			for k := range int(to - from) {
				s.operations += (int(height) - k) * (int(height) - k + 1) / 2
			}
		}
	}
	first = append(first, int32(s.n))
	rowStart = append(rowStart, int32(len(rows)))
	s.first = append(s.first[:0], first...)
	s.rowStart = append(s.rowStart[:0], rowStart...)
	s.rows = append(s.rows[:0], rows...)
	s.scratch[1], s.scratch[2], s.scratch[3] = first, rowStart, rows
	for node := range len(s.first) - 1 {
		for k := s.first[node]; k < s.first[node+1]; k++ {
			s.owner[k] = int32(node)
		}
	}
}

// planUpdates lists, for each supernode, the later ones it has a share in, and where its rows are in them.
func (s *symbolic) planUpdates() {
	s.updates, s.relative = s.updates[:0], s.relative[:0]
	s.update = append(s.update[:0], 0)
	for node := range len(s.first) - 1 {
		rows := s.rows[s.rowStart[node]:s.rowStart[node+1]]
		for at := s.first[node+1] - s.first[node]; int(at) < len(rows); {
			target := s.owner[rows[at]]
			end := at
			for int(end) < len(rows) && rows[end] < s.first[target+1] {
				end++
			}
			s.updates = append(s.updates, update{target, at, end, int32(len(s.relative))})
			s.locate(rows[at:], target)
			at = end
		}
		s.update = append(s.update, int32(len(s.updates)))
	}
}

// locate adds where each of the rows begins in the target's block, relative to the block.
func (s *symbolic) locate(rows []int32, target int32) {
	own := s.rows[s.rowStart[target]:s.rowStart[target+1]]
	width := s.first[target+1] - s.first[target]
	at := 0
	for _, r := range rows {
		for own[at] != r {
			at++
		}
		s.relative = append(s.relative, int32(at)*width)
	}
}

// planProducts finds the place of every product of two entries of a column, and of the diagonal.
func (s *symbolic) planProducts(c *core) {
	s.diagonal = resized(s.diagonal, s.n)
	// Positions of rows within the block of the supernode at hand.
	within := s.room(0, s.n)
	s.productStart = resized(s.productStart, c.columns+1)
	total := int32(0)
	for j := range c.columns {
		s.productStart[j] = total
		k := c.colStart[j+1] - c.colStart[j]
		total += k * (k + 1) / 2
	}
	s.productStart[c.columns] = total
	s.products = resized(s.products, int(total))
	for node := range len(s.first) - 1 {
		from, to := s.first[node], s.first[node+1]
		width := to - from
		for at, r := range s.rows[s.rowStart[node]:s.rowStart[node+1]] {
			within[r] = s.block[node] + int32(at)*width
		}
		for k := from; k < to; k++ {
			i := s.order[k]
			s.diagonal[i] = within[k] + k - from
			for _, j := range c.rowColumn[c.rowStart[i]:c.rowStart[i+1]] {
				s.placeProducts(c, j, i, within, k-from)
			}
		}
	}
}

// placeProducts places the products of row i's entry in a column with the entries whose rows are not before
// it in the elimination order.
func (s *symbolic) placeProducts(c *core, column, i int32, within []int32, offset int32) {
	rows := c.colRow[c.colStart[column]:c.colStart[column+1]]
	at := int32(slices.Index(rows, i))
	base := s.productStart[column]
	for other, r := range rows {
		if s.place[r] < s.place[i] {
			continue
		}
		a, b := at, int32(other)
		if a < b {
			a, b = b, a
		}
		s.products[base+a*(a+1)/2+b] = within[s.place[r]] + offset
	}
}
