package simplex

import "math"

// factoriser makes the L and U of a basis: first the logicals, then columns with one entry left, then rows with
// one entry left, and what remains, the nucleus, by Markowitz. Columns that find no pivot are left out, and the
// logicals of the rows without one are taken in.
type factoriser struct {
	p     *program
	f     *factor
	basic []int32 // variables to factorise, more or fewer than rows

	slot    []int32   // by variable: its index in basic, or -1
	pivoted []bool    // by index in basic
	taken   []uint8   // by row: how it got its pivot
	count   []int32   // entries in rows not taken: by index in basic; later, by row, in columns not pivoted
	queue   []int32   // columns or rows with one entry left
	head    []int32   // by position: variable
	pivot   []float64 // by position
	lower   []entry   // L by columns, index = row
	start   []int32   // by position: where its column begins in lower
	over    []triple  // U from the nucleus
	given   int       // positions before this have columns that were asked for
	nucleus nucleus
}

// triple is an entry of U: of a row, in the column of a variable.
type triple struct {
	value    float64
	row      int32
	variable int32
}

// How a row got its pivot. Entries of the matrix in rows that were taken early are entries of U as they are.
const (
	open uint8 = iota
	early
	late
)

// smallest is the least magnitude of a pivot.
const smallest = 1e-9

// run factorises and gives the variables by position. The slice is valid until the next call.
func (r *factoriser) run(p *program, f *factor, basic []int32) []int32 {
	p.transpose()
	r.p, r.f, r.basic = p, f, basic
	f.updates, f.entries = f.updates[:0], f.entries[:0]
	r.reset()
	r.logicals()
	r.columnSingletons()
	f.firstLower = len(r.head)
	r.rowSingletons()
	r.nucleus.run(r)
	r.given = len(r.head)
	r.fill()
	r.assemble()
	return r.head
}

func (r *factoriser) reset() {
	m := r.p.m
	r.slot = resized(r.slot, r.p.n)
	for j := range r.slot {
		r.slot[j] = -1
	}
	r.pivoted = resized(r.pivoted, len(r.basic))
	clear(r.pivoted)
	r.taken = resized(r.taken, m)
	clear(r.taken)
	r.f.row = resized(r.f.row, m)[:0]
	r.head, r.pivot, r.lower, r.start, r.over = r.head[:0], r.pivot[:0], r.lower[:0], r.start[:0], r.over[:0]
}

// take gives a row its pivot.
func (r *factoriser) take(row, variable int32, value float64, how uint8) {
	r.taken[row] = how
	r.f.row = append(r.f.row, row)
	r.head = append(r.head, variable)
	r.pivot = append(r.pivot, value)
	r.start = append(r.start, int32(len(r.lower)))
}

func (r *factoriser) logicals() {
	for k, v := range r.basic {
		if int(v) < r.p.n {
			r.slot[v] = int32(k)
			continue
		}
		r.pivoted[k] = true
		r.take(v-int32(r.p.n), v, -1, early)
	}
}

// columnSingletons takes columns that have one entry in the rows that are left: nothing needs to be eliminated.
func (r *factoriser) columnSingletons() {
	r.count, r.queue = resized(r.count, len(r.basic)), r.queue[:0]
	for k, v := range r.basic {
		if r.pivoted[k] {
			continue
		}
		left := int32(0)
		for _, e := range r.p.column(v) {
			if r.taken[e.index] == open {
				left++
			}
		}
		r.count[k] = left
		if left == 1 {
			r.queue = append(r.queue, int32(k))
		}
	}
	for at := 0; at < len(r.queue); at++ {
		k := r.queue[at]
		v := r.basic[k]
		for _, e := range r.p.column(v) {
			if r.taken[e.index] != open {
				continue
			}
			if math.Abs(e.value) < smallest {
				break
			}
			r.pivoted[k] = true
			r.take(e.index, v, e.value, early)
			r.shrinkColumns(e.index)
			break
		}
	}
}

// shrinkColumns counts a row that was taken off its columns.
func (r *factoriser) shrinkColumns(row int32) {
	for _, e := range r.p.row(int(row)) {
		k := r.slot[e.index]
		if k < 0 || r.pivoted[k] {
			continue
		}
		r.count[k]--
		if r.count[k] == 1 {
			r.queue = append(r.queue, k)
		}
	}
}

// rowSingletons takes rows that have one entry in the columns that are left: eliminating changes nothing else.
func (r *factoriser) rowSingletons() {
	r.count, r.queue = resized(r.count, r.p.m), r.queue[:0]
	clear(r.count)
	for k, v := range r.basic {
		if r.pivoted[k] {
			continue
		}
		for _, e := range r.p.column(v) {
			r.count[e.index]++
		}
	}
	for i, left := range r.count {
		if left == 1 && r.taken[i] == open {
			r.queue = append(r.queue, int32(i))
		}
	}
	for at := 0; at < len(r.queue); at++ {
		row := r.queue[at]
		if r.taken[row] != open {
			continue
		}
		for _, e := range r.p.row(int(row)) {
			k := r.slot[e.index]
			if k < 0 || r.pivoted[k] {
				continue
			}
			if math.Abs(e.value) >= smallest {
				r.takeSingleton(row, k, e.value)
			}
			break
		}
	}
}

func (r *factoriser) takeSingleton(row, k int32, value float64) {
	v := r.basic[k]
	r.pivoted[k] = true
	r.take(row, v, value, late)
	for _, e := range r.p.column(v) {
		if r.taken[e.index] != open {
			continue
		}
		r.lower = append(r.lower, entry{e.value / value, e.index})
		r.count[e.index]--
		if r.count[e.index] == 1 {
			r.queue = append(r.queue, e.index)
		}
	}
}

// fill takes the logical of each row without a pivot in.
func (r *factoriser) fill() {
	for i, how := range r.taken {
		if how == open {
			r.take(int32(i), int32(r.p.n+i), -1, late)
		}
	}
}

// assemble writes L and U by position.
func (r *factoriser) assemble() {
	f, m := r.f, r.p.m
	f.position = resized(f.position, m)
	for k, row := range f.row {
		f.position[row] = int32(k)
	}
	r.start = append(r.start, int32(len(r.lower)))
	f.lower.start = append(f.lower.start[:0], r.start...)
	f.lower.list = append(f.lower.list[:0], r.lower...)
	for k := range f.lower.list {
		f.lower.list[k].index = f.position[f.lower.list[k].index]
	}
	f.lowerT.start, f.lowerT.list = transpose(m, f.lower.start, f.lower.list, f.lowerT.start, f.lowerT.list)
	f.diagonal = append(f.diagonal[:0], r.pivot...)
	f.inverse = resized(f.inverse, m)
	for k, value := range f.diagonal {
		f.inverse[k] = 1 / value
	}
	r.assembleUpper()
}

// assembleUpper writes U by rows from the nucleus and from the matrix, by columns, and by rows.
func (r *factoriser) assembleUpper() {
	f, m := r.f, r.p.m
	// By variable, the position; -1 for those that are left out.
	for _, v := range r.basic {
		if int(v) < r.p.n {
			r.slot[v] = -1
		}
	}
	for k, v := range r.head {
		if int(v) < r.p.n {
			r.slot[v] = int32(k)
		}
	}
	// The nucleus gives its entries by rows; they are counted and placed after those of the matrix.
	start := resized(f.upper.start, m+2)
	clear(start)
	for _, t := range r.over {
		if k := r.slot[t.variable]; k >= 0 {
			start[k+2]++
		}
	}
	for k, v := range r.head {
		if int(v) >= r.p.n {
			continue
		}
		for _, e := range r.p.column(v) {
			if r.taken[e.index] == early && f.row[k] != e.index {
				start[k+2]++
			}
		}
	}
	for k := range m {
		start[k+2] += start[k+1]
	}
	list := resized(f.upper.list, int(start[m+1]))
	for k, v := range r.head {
		if int(v) >= r.p.n {
			continue
		}
		for _, e := range r.p.column(v) {
			if r.taken[e.index] == early && f.row[k] != e.index {
				list[start[k+1]] = entry{e.value, f.position[e.index]}
				start[k+1]++
			}
		}
	}
	for _, t := range r.over {
		if k := r.slot[t.variable]; k >= 0 {
			list[start[k+1]] = entry{t.value, f.position[t.row]}
			start[k+1]++
		}
	}
	f.upper.start, f.upper.list = start[:m+1], list
	f.upperT.start, f.upperT.list = transpose(m, f.upper.start, f.upper.list, f.upperT.start, f.upperT.list)
}
