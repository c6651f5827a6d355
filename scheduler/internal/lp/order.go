package lp

import "context"

// ordering finds an elimination order of a sparse symmetric matrix with little fill: approximate minimum
// degree on a quotient graph (Amestoy, Davis, Duff, "An approximate minimum degree ordering algorithm", SIAM J.
// Matrix Anal. Appl. 1996), with element absorption, mass elimination and supervariables.
//
// The quotient graph has two kinds of nodes, both numbered as the rows of the matrix. A variable is a row not
// yet eliminated, or several with the same neighbours. An element is an eliminated pivot and stands for the clique
// of variables it has left. A variable's list holds its elements first, then the variables it is adjacent to
// by an entry of the matrix that no element covers; an element's list holds its variables.
type ordering struct {
	n        int
	pool     []int32 // all lists
	free     int     // where the pool is free
	at       []int32 // by node: where its list begins; -1 for one that is no more
	length   []int32 // by node: of its list
	elements []int32 // by variable: how many of its list are elements
	weight   []int32 // by variable: rows it stands for, 0 when absorbed; negative while in the pivot's clique
	degree   []int32 // by variable: bound on its degree; by element: weight of its clique
	mark     []int32 // by node: stamp; by element also stamp plus its weight outside the pivot's clique
	stamp    int32

	head, next, prev []int32 // variables by degree, doubly linked
	least            int32   // no variable has a smaller degree
	bucket, chain    []int32 // variables by hash, to find the indistinguishable
	hash             []int32

	owner  []int32 // by node: the variable or pivot that absorbed it, or -1
	pivots []int32 // in order
	order  []int32 // result: row at each position
	count  []int32
}

// run orders the matrix whose row i has entries at adjacent[start[i]:start[i+1]], in both triangles and without
// the diagonal. The result belongs to the ordering; it is nil when ctx has ended.
func (o *ordering) run(ctx context.Context, n int, start, adjacent []int32) []int32 {
	o.reset(n, start, adjacent)
	for left := n; left > 0; {
		if len(o.pivots)%lookAfter == 0 && ctx.Err() != nil {
			return nil
		}
		left -= int(o.eliminate(int32(left)))
	}
	return o.collect()
}

// lookAfter is the number of pivots, a fraction of a millisecond, after which a context is looked at. A week of
// 5-minute slots with 20 devices has tens of thousands, and takes a tenth of a second.
const lookAfter = 64

func (o *ordering) reset(n int, start, adjacent []int32) {
	o.n = n
	size := len(adjacent) + len(adjacent)/2 + 2*n + 16
	o.pool = resized(o.pool, size)
	o.free = copy(o.pool, adjacent)
	for _, s := range []*[]int32{&o.at, &o.length, &o.elements, &o.weight, &o.degree, &o.mark,
		&o.next, &o.prev, &o.chain, &o.hash, &o.owner} {
		*s = resized(*s, n)
	}
	o.head, o.bucket = resized(o.head, n+1), resized(o.bucket, n+1)
	for i := range o.head {
		o.head[i], o.bucket[i] = -1, -1
	}
	o.pivots, o.stamp, o.least = o.pivots[:0], 1, 0
	for i := range n {
		o.at[i], o.length[i] = start[i], start[i+1]-start[i]
		o.elements[i], o.weight[i], o.mark[i], o.owner[i] = 0, 1, 0, -1
		o.degree[i] = o.length[i]
	}
	for i := int32(n) - 1; i >= 0; i-- {
		o.enlist(i)
	}
}

// enlist puts a variable among those of its degree, as the first.
func (o *ordering) enlist(i int32) {
	d := o.degree[i]
	first := o.head[d]
	o.next[i], o.prev[i] = first, -1
	if first >= 0 {
		o.prev[first] = i
	}
	o.head[d] = i
	o.least = min(o.least, d)
}

func (o *ordering) delist(i int32) {
	next, prev := o.next[i], o.prev[i]
	if next >= 0 {
		o.prev[next] = prev
	}
	if prev >= 0 {
		o.next[prev] = next
	} else {
		o.head[o.degree[i]] = next
	}
}

// eliminate takes the variable of least degree as the next pivot and says how many rows went with it.
func (o *ordering) eliminate(left int32) int32 {
	for o.head[o.least] < 0 {
		o.least++
	}
	pivot := o.head[o.least]
	o.delist(pivot)
	o.pivots = append(o.pivots, pivot)
	cliqueWeight := o.gather(pivot)
	o.stampElements(pivot)
	gone := -o.weight[pivot] + o.updateDegrees(pivot, &cliqueWeight)
	o.merge(pivot)
	o.finish(pivot, cliqueWeight, left-gone)
	return gone
}

// gather makes the pivot an element: its list becomes the clique of all variables adjacent to it, which are
// taken out of the degree lists and marked by a negative weight. Its elements are absorbed. It says the
// clique's weight.
func (o *ordering) gather(pivot int32) int32 {
	o.makeRoom(pivot)
	o.weight[pivot] = -o.weight[pivot]
	begin := o.free
	total := int32(0)
	list, elements := o.list(pivot), o.elements[pivot]
	for k, e := range list {
		members := list[k : k+1] // an adjacent variable
		if int32(k) < elements {
			members = o.list(e)
			o.at[e] = -1
		}
		for _, i := range members {
			w := o.weight[i]
			if w <= 0 {
				continue
			}
			total += w
			o.weight[i] = -w
			o.pool[o.free] = i
			o.free++
			o.delist(i)
		}
	}
	o.at[pivot], o.length[pivot] = int32(begin), int32(o.free-begin)
	o.elements[pivot] = 0
	return total
}

func (o *ordering) list(i int32) []int32 { return o.pool[o.at[i] : o.at[i]+o.length[i]] }

// makeRoom sees to room for the pivot's clique at the end of the pool: if need be by moving all lists together.
func (o *ordering) makeRoom(pivot int32) {
	need := int(o.degree[pivot])
	bound := int(o.length[pivot])
	for _, e := range o.list(pivot)[:o.elements[pivot]] {
		bound += int(o.length[e])
	}
	need = max(need, bound)
	if o.free+need <= len(o.pool) {
		return
	}
	o.compact()
	if o.free+need > len(o.pool) {
		o.pool = append(o.pool[:o.free], make([]int32, need+len(o.pool)/2)...)
	}
}

// compact moves the lists to the front. It swaps the first value of every list with a sign of its node, to
// recognise the lists while walking through the pool.
func (o *ordering) compact() {
	for i := range int32(o.n) {
		if at := o.at[i]; at >= 0 && o.length[i] > 0 {
			o.at[i] = o.pool[at]
			o.pool[at] = -i - 1
		}
	}
	to := 0
	for from := 0; from < o.free; {
		v := o.pool[from]
		if v >= 0 {
			from++
			continue
		}
		i := -v - 1
		size := int(o.length[i])
		o.pool[from] = o.at[i]
		o.at[i] = int32(to)
		copy(o.pool[to:], o.pool[from:from+size])
		to += size
		from += size
	}
	o.free = to
}

// stampElements leaves, for every element next to the clique, the weight it has outside the clique: as
// the mark minus the stamp.
func (o *ordering) stampElements(pivot int32) {
	if o.stamp > 1<<30 {
		clear(o.mark)
		o.stamp = 1
	}
	for _, i := range o.list(pivot) {
		w := -o.weight[i]
		for _, e := range o.list(i)[:o.elements[i]] {
			switch {
			case o.at[e] < 0: // absorbed
			case o.mark[e] >= o.stamp:
				o.mark[e] -= w
			default:
				o.mark[e] = o.degree[e] + o.stamp - w
			}
		}
	}
}

// updateDegrees bounds the degrees of the clique's variables, takes what the clique covers out of their
// lists, and hashes them. Variables with nothing outside the clique are eliminated at once: it says their
// weight, and takes it off the clique's.
func (o *ordering) updateDegrees(pivot int32, cliqueWeight *int32) (merged int32) {
	for _, i := range o.list(pivot) {
		at := o.at[i]
		list := o.list(i)
		kept, hash, outside := at, uint32(0), int32(0)
		elements := o.elements[i]
		for _, e := range list[:elements] {
			if o.at[e] < 0 {
				continue
			}
			if d := o.mark[e] - o.stamp; d > 0 {
				outside += d
				o.pool[kept] = e
				kept++
				hash += uint32(e)
			} else {
				o.at[e] = -1 // all its variables are in the clique: absorbed by it
			}
		}
		keptElements := kept - at
		first := kept // of the variables; the pivot comes before it
		for _, j := range list[elements:] {
			if w := o.weight[j]; w > 0 {
				outside += w
				o.pool[kept] = j
				kept++
				hash += uint32(j)
			}
		}
		if outside == 0 {
			w := -o.weight[i]
			merged += w
			*cliqueWeight -= w
			o.weight[i] = 0
			o.at[i] = -1
			o.owner[i] = pivot
			continue
		}
		o.degree[i] = min(o.degree[i], outside)
		// The list has lost at least the pivot, or an element absorbed by it, so there is room for one more.
		o.pool[kept] = o.pool[first]
		o.pool[first] = o.pool[at]
		o.pool[at] = pivot
		o.elements[i], o.length[i] = keptElements+1, kept-at+1
		h := int32((hash + uint32(pivot)) % uint32(o.n))
		o.hash[i] = h
		o.chain[i] = o.bucket[h]
		o.bucket[h] = i
	}
	o.stamp += int32(o.n) + 2 // above every mark
	return merged
}

// merge joins variables of the clique that have the same lists: they will stay the same, so one stands for all.
func (o *ordering) merge(pivot int32) {
	for _, i := range o.list(pivot) {
		if o.weight[i] == 0 {
			continue
		}
		h := o.hash[i]
		first := o.bucket[h]
		o.bucket[h] = -1
		for ; first >= 0 && o.chain[first] >= 0; first = o.chain[first] {
			if o.weight[first] == 0 {
				continue
			}
			o.absorbTwins(first)
		}
	}
}

// absorbTwins joins to i those behind it in its chain that have the same list.
func (o *ordering) absorbTwins(i int32) {
	list := o.list(i)
	o.stamp++
	for _, x := range list[1:] { // the first is the pivot, in all of them
		o.mark[x] = o.stamp
	}
	for before, j := i, o.chain[i]; j >= 0; j = o.chain[j] {
		if !o.isTwin(i, j) {
			before = j
			continue
		}
		o.weight[i] += o.weight[j]
		o.weight[j] = 0
		o.at[j] = -1
		o.owner[j] = i
		o.chain[before] = o.chain[j]
	}
}

func (o *ordering) isTwin(i, j int32) bool {
	if o.length[i] != o.length[j] || o.elements[i] != o.elements[j] {
		return false
	}
	for _, x := range o.list(j)[1:] {
		if o.mark[x] != o.stamp {
			return false
		}
	}
	return true
}

// finish puts the clique's variables back among the others, and leaves the clique without those that are no
// more.
func (o *ordering) finish(pivot, cliqueWeight, left int32) {
	o.stamp++
	at := o.at[pivot]
	kept := at
	for _, i := range o.list(pivot) {
		w := -o.weight[i]
		if w <= 0 {
			continue
		}
		o.weight[i] = w
		o.degree[i] = min(o.degree[i]+cliqueWeight-w, left-w)
		o.enlist(i)
		o.pool[kept] = i
		kept++
	}
	o.degree[pivot] = cliqueWeight
	o.length[pivot] = kept - at
	o.free = int(kept)
	o.weight[pivot] = 0
	if kept == at {
		o.at[pivot] = -1
	}
}

// collect lists the rows: for each pivot those it stood for, and it itself.
func (o *ordering) collect() []int32 {
	n := o.n
	// Path compression: every absorbed row points to its pivot.
	for i := range int32(n) {
		root := i
		for o.owner[root] >= 0 {
			root = o.owner[root]
		}
		for j := i; o.owner[j] >= 0; {
			j, o.owner[j] = o.owner[j], root
		}
	}
	o.count = resized(o.count, n+1)
	clear(o.count)
	position := o.head[:n] // no longer needed
	for k, pivot := range o.pivots {
		position[pivot] = int32(k)
	}
	for i := range int32(n) {
		o.count[position[o.root(i)]+1]++
	}
	for k := range n {
		o.count[k+1] += o.count[k]
	}
	o.order = resized(o.order, n)
	for i := range int32(n) {
		k := position[o.root(i)]
		o.order[o.count[k]] = i
		o.count[k]++
	}
	return o.order
}

func (o *ordering) root(i int32) int32 {
	if r := o.owner[i]; r >= 0 {
		return r
	}
	return i
}
