package simplex

import "math/bits"

// factor is a factorised basis matrix,
//
//	B = L T[1] ... T[k] U,
//
// with L unit lower triangular, U upper triangular, and a T for each column of the basis that has been
// replaced since. All of it is numbered by pivots: position k is that of the k-th pivot, in row[k]. Vectors over
// rows and vectors over the basis are both kept by position, so solving permutes nothing.
//
// Replacing the column at position p by a, with w = (L T[1] ... T[k])^-1 a - U e_p and z' = e_p' U^-1, gives
// T[k+1] = I + w z', whose inverse is I - w z' / pivot with pivot = 1 + z'w. Only these two vectors are kept.
type factor struct {
	origin   uint64  // key of the basis that L and U were made of, if it has one
	serial   uint64  // names what L and U were made from
	row      []int32 // by position
	position []int32 // by row

	firstLower int // columns of L before this position are empty below the diagonal
	lower      table
	lowerT     table
	upper      table     // columns of U without the diagonal
	upperT     table     // rows of U without the diagonal
	diagonal   []float64 // of U
	inverse    []float64 // of each diagonal value

	updates []update
	entries []entry // of all updates; those after the last update belong to the pivot that is being tried
	spike   int     // entries[spike:] is (L T)^-1 a of the pivot being tried, entries[len of updates:spike] its z
}

// table is lists of entries one after the other.
type table struct {
	start []int32
	list  []entry
}

func (t *table) at(k int) []entry { return t.list[t.start[k]:t.start[k+1]] }

// update is one replaced column.
type update struct {
	z, w, end int // entries[z:w] are z, entries[w:end] are w
	pivot     float64
	position  int32
	leaving   int32 // the variable that was there
	serial    uint64
}

// tiny is what counts as zero in a vector that has been solved for.
const tiny = 1e-14

// end of the entries of all updates.
func (f *factor) end() int {
	if len(f.updates) == 0 {
		return 0
	}
	return f.updates[len(f.updates)-1].end
}

// forward solves B x = v in place. With keep the intermediate vector is kept for [factor.replace].
func (f *factor) forward(v *vector, keep bool) {
	f.solveLower(v)
	for k := range f.updates {
		u := &f.updates[k]
		sum := 0.0
		for _, e := range f.entries[u.z:u.w] {
			sum += e.value * v.value[e.index]
		}
		if sum == 0 {
			continue
		}
		sum /= u.pivot
		for _, e := range f.entries[u.w:u.end] {
			v.value[e.index] -= e.value * sum
			v.set.add(e.index)
		}
	}
	if keep {
		f.entries = v.entries(f.entries[:f.spike])
	}
	f.solveUpper(v)
}

// backward solves x' B = v' in place. With keep the intermediate vector is kept for [factor.replace]; v is a
// unit vector then.
func (f *factor) backward(v *vector, keep bool) {
	f.solveUpperT(v)
	if keep {
		f.entries = v.entries(f.entries[:f.end()])
		f.spike = len(f.entries)
	}
	for k := len(f.updates) - 1; k >= 0; k-- {
		u := &f.updates[k]
		sum := 0.0
		for _, e := range f.entries[u.w:u.end] {
			sum += e.value * v.value[e.index]
		}
		if sum == 0 {
			continue
		}
		sum /= u.pivot
		for _, e := range f.entries[u.z:u.w] {
			v.value[e.index] -= e.value * sum
			v.set.add(e.index)
		}
	}
	f.solveLowerT(v)
}

// entries appends the nonzeros of a vector to a list.
func (v *vector) entries(list []entry) []entry {
	for w, word := range v.set {
		for ; word != 0; word &= word - 1 {
			k := w<<6 | bits.TrailingZeros64(word)
			if x := v.value[k]; x != 0 {
				list = append(list, entry{x, int32(k)})
			}
		}
	}
	return list
}

// replace takes the column, kept by the last [factor.forward], in at a position, for which z was kept by
// [factor.backward]. The pivot is the solved column's value at that position.
func (f *factor) replace(u update) {
	u.z, u.w = f.end(), f.spike
	own := f.diagonal[u.position]
	// The column of U is taken off. What is in both could be added up, but that would need a search; both
	// entries apply one after the other instead.
	for _, e := range f.upper.at(int(u.position)) {
		f.entries = append(f.entries, entry{-e.value, e.index})
	}
	f.entries = append(f.entries, entry{-own, u.position})
	u.end = len(f.entries)
	f.updates = append(f.updates, u)
}

// solveLower solves L x = v.
func (f *factor) solveLower(v *vector) { v.ascend(&f.lower, nil, f.firstLower) }

// solveUpper solves U x = v.
func (f *factor) solveUpper(v *vector) { v.descend(&f.upper, f.inverse, 0) }

// solveUpperT solves U' x = v.
func (f *factor) solveUpperT(v *vector) { v.ascend(&f.upperT, f.inverse, 0) }

// solveLowerT solves L' x = v.
func (f *factor) solveLowerT(v *vector) { v.descend(&f.lowerT, nil, f.firstLower) }

// ascend solves with a triangle, from the first position to the last: what a position's value is multiplied
// with is taken off the values of later positions. Only positions in the set are visited, and those that come
// into it on the way. Values are multiplied with inverse first, if there is one. Positions before from have no entries.
func (v *vector) ascend(t *table, inverse []float64, from int) {
	value, set := v.value, v.set
	for w := from >> 6; w < len(set); w++ {
		done := uint64(0)
		for {
			word := set[w] &^ done
			if word == 0 {
				break
			}
			bit := word & -word
			done |= bit
			k := w<<6 | bits.TrailingZeros64(bit)
			x := value[k]
			if inverse != nil {
				x *= inverse[k]
			}
			if x < tiny && x > -tiny {
				value[k] = 0
				set[w] &^= bit
				continue
			}
			value[k] = x
			for _, e := range t.list[t.start[k]:t.start[k+1]] {
				i := uint32(e.index)
				value[i] -= e.value * x
				set[i>>6] |= 1 << (i & 63)
			}
		}
	}
}

// descend is [vector.ascend] from the last position to the first.
func (v *vector) descend(t *table, inverse []float64, from int) {
	value, set := v.value, v.set
	for w := len(set) - 1; w >= from>>6; w-- {
		done := uint64(0)
		for {
			word := set[w] &^ done
			if word == 0 {
				break
			}
			b := 63 - bits.LeadingZeros64(word)
			bit := uint64(1) << (b & 63)
			done |= bit
			k := w<<6 | b
			x := value[k]
			if inverse != nil {
				x *= inverse[k]
			}
			if x < tiny && x > -tiny {
				value[k] = 0
				set[w] &^= bit
				continue
			}
			value[k] = x
			for _, e := range t.list[t.start[k]:t.start[k+1]] {
				i := uint32(e.index)
				value[i] -= e.value * x
				set[i>>6] |= 1 << (i & 63)
			}
		}
	}
}
