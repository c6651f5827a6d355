package simplex

import "slices"

// Basis is where a solver was: which variables were basic, on which bounds the others were, and the weights of
// the pricing. It takes about four bytes for each row and a quarter of a byte for each variable, is never changed
// and belongs to nobody. The zero value is the basis of all logicals.
type Basis struct {
	columns int
	id      []int32   // of the rows, shared with the solver and other bases
	at      []byte    // four variables each
	weight  []float32 // of the basic variables, in the order of their index
	owner   *Solver   // whose numbers the following are
	key     uint64    // of this basis
	serial  uint64    // of the solver's last change of the factor, and how many updates the factor had then
	updates int
}

// Basis is the present basis. It says nothing of bounds, which are the caller's to restore.
func (s *Solver) Basis() Basis {
	s.serial++
	b := Basis{owner: s, key: s.serial, columns: s.n, id: s.id, at: make([]byte, (s.n+s.m+3)/4), weight: make([]float32, 0, s.m)}
	s.keepWeights()
	for v, at := range s.at {
		b.at[v>>2] |= byte(at) << (v & 3 * 2)
		if at == basic {
			b.weight = append(b.weight, float32(s.kept[v]))
		}
	}
	if s.isFactored {
		b.serial, b.updates = s.factorSerial(), len(s.factor.updates)
	}
	return b
}

func (b *Basis) place(v int) place { return place(b.at[v>>2] >> (v & 3 * 2) & 3) }

// factorSerial names the factor with all its updates.
func (s *Solver) factorSerial() uint64 {
	if k := len(s.factor.updates); k > 0 {
		return s.factor.updates[k-1].serial
	}
	return s.factor.serial
}

// Use goes back to a basis of this solver, or to one of another with the same columns and rows. Rows the basis does
// not know get basic logicals; where rows have been dropped, or the basis is singular by now, it is repaired. The
// next solve need not factorise when the basis is one of the recent past.
func (s *Solver) Use(b Basis) {
	if b.columns != s.n {
		b = Basis{columns: s.n}
	}
	isKnown := s.rewind(&b)
	if !isKnown {
		s.head, s.weight = s.head[:0], s.weight[:0]
		s.isFactored, s.asked = false, 0
		if b.owner == s && slices.Equal(b.id, s.id) {
			s.asked = b.key
		}
	}
	s.trueCosts() // shifts do not pile up
	s.restore(&b)
	if isKnown {
		for k, v := range s.head {
			s.weight[k] = s.kept[v]
		}
	}
}

// restore sets where variables are, and the weights.
func (s *Solver) restore(b *Basis) {
	weights := b.weight
	next := func() float64 {
		w := float64(weights[0])
		weights = weights[1:]
		return w
	}
	for j := range s.n {
		s.at[j] = atLow
		if len(b.at) > 0 {
			s.at[j] = b.place(j)
		}
		if s.at[j] == basic {
			s.kept[j] = next()
		}
	}
	k := 0 // row of the basis; both are in ascending order of ids
	skip := func() {
		if b.place(b.columns+k) == basic {
			next()
		}
		k++
	}
	for i, id := range s.id {
		for k < len(b.id) && b.id[k] < id {
			skip()
		}
		s.at[s.n+i], s.kept[s.n+i] = basic, 1
		if k == len(b.id) || b.id[k] != id {
			continue
		}
		s.at[s.n+i] = b.place(b.columns + k)
		if s.at[s.n+i] == basic {
			s.kept[s.n+i] = next()
		}
		k++
	}
}

// fewUpdates are not worth a new factor when a basis is used again and again.
const fewUpdates = 8

// rewind takes the factor back to a basis, by forgetting updates, where it comes from that basis. A basis that is
// used twice in a row will be used more: it gets a factor of its own, which solves faster than one with updates.
func (s *Solver) rewind(b *Basis) bool {
	f := &s.factor
	if !s.isFactored || b.owner != s {
		return false
	}
	keep := -1
	switch {
	case b.key == f.origin:
		keep = 0
	case b.serial == 0 || b.updates > len(f.updates):
	case b.updates >= fewUpdates && b.key == s.rewound:
	case b.updates == 0 && b.serial == f.serial, b.updates > 0 && b.serial == f.updates[b.updates-1].serial:
		keep = b.updates
	}
	if keep < 0 {
		return false
	}
	s.rewound = b.key
	for k := len(f.updates) - 1; k >= keep; k-- {
		u := &f.updates[k]
		s.head[u.position] = u.leaving
	}
	f.updates = f.updates[:keep]
	return true
}
