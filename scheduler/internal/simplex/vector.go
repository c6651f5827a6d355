package simplex

import "math/bits"

// bitset is a set of small numbers.
type bitset []uint64

func (b bitset) add(i int32)    { b[uint32(i)>>6] |= 1 << (uint32(i) & 63) }
func (b bitset) remove(i int32) { b[uint32(i)>>6] &^= 1 << (uint32(i) & 63) }

// vector is a sparse vector of known length: outside of set its values are zero; within they may be.
type vector struct {
	value []float64
	set   bitset
}

// resize makes the vector zero, of length n.
func (v *vector) resize(n int) {
	v.value = resized(v.value, n)
	v.set = resized(v.set, (n+63)/64)
	clear(v.value)
	clear(v.set)
}

// clear makes the vector zero again in the time of its nonzeros.
func (v *vector) clear() {
	for w, word := range v.set {
		for ; word != 0; word &= word - 1 {
			v.value[w<<6|bits.TrailingZeros64(word)] = 0
		}
		v.set[w] = 0
	}
}

func (v *vector) add(i int32, x float64) {
	v.value[i] += x
	v.set.add(i)
}

// resized is a slice of length n with unspecified values, in the memory of s where that is enough.
func resized[S ~[]E, E any](s S, n int) S {
	if cap(s) >= n {
		return s[:n]
	}
	return make(S, n, n+n/4)
}
