package simplex

import "math"

// nucleus eliminates what singletons have left. Entries are kept by column with values, and by row without.
type nucleus struct {
	variable []int32 // by column
	column   lists[entry]
	row      lists[int32]
	columns  buckets // by number of entries
	rows     buckets
	position []int32 // by row: its place in multiplier, or -1
	seen     []bool  // by place in multiplier
	multiple []entry
}

const (
	threshold = 0.1 // of the largest entry of its column that a pivot must have
	looks     = 4   // columns looked at for a pivot
)

// run eliminates the columns not pivoted.
func (u *nucleus) run(r *factoriser) {
	u.lay(r)
	for {
		row, column, at := u.choose()
		if column < 0 {
			return
		}
		u.eliminate(r, row, column, at)
	}
}

// lay writes the entries that are left.
func (u *nucleus) lay(r *factoriser) {
	m := r.p.m
	u.variable = u.variable[:0]
	for k, v := range r.basic {
		if !r.pivoted[k] {
			u.variable = append(u.variable, v)
		}
	}
	n := len(u.variable)
	u.column.reset(n)
	u.row.reset(m)
	clear(r.count)
	for c, v := range u.variable {
		u.column.reserve(int32(c), int32(len(r.p.column(v)))+4)
		for _, e := range r.p.column(v) {
			if r.taken[e.index] == open {
				u.column.add(int32(c), e)
				r.count[e.index]++
			}
		}
	}
	for i, count := range r.count {
		if count > 0 {
			u.row.reserve(int32(i), count+4)
		}
	}
	u.columns.reset(n, m)
	u.rows.reset(m, n)
	for c := range u.variable {
		list := u.column.at(int32(c))
		for _, e := range list {
			u.row.add(e.index, int32(c))
		}
		u.columns.put(int32(c), int32(len(list)))
	}
	for i, count := range r.count {
		if count > 0 {
			u.rows.put(int32(i), count)
		}
	}
	u.position = resized(u.position, m)
	for i := range u.position {
		u.position[i] = -1
	}
}

// choose finds a pivot of low cost that is large enough; at is its place in the column. Columns that can give
// none are taken out. Without a pivot the column is -1.
func (u *nucleus) choose() (row, column int32, at int) {
	column = -1
	best := int64(math.MaxInt64)
	if len(u.variable) == 0 {
		return row, column, at
	}
	if i := u.rows.first[1]; i >= 0 { // a row with one entry costs nothing
		c := u.row.at(i)[0]
		list := u.column.at(c)
		for k, e := range list {
			if e.index == i && math.Abs(e.value) >= max(threshold*largest(list), smallest) {
				return i, c, k
			}
		}
	}
	looked := 0
	for count := 0; count < len(u.columns.first) && looked < looks; count++ {
		if best <= int64(count-1)*int64(count-1) {
			break
		}
		for c := u.columns.first[count]; c >= 0 && looked < looks; {
			next := u.columns.next[c]
			list := u.column.at(c)
			most := largest(list)
			if most < smallest {
				u.dropColumn(c)
				c = next
				continue
			}
			for k, e := range list {
				if math.Abs(e.value) < threshold*most {
					continue
				}
				cost := int64(count-1) * int64(u.row.length[e.index]-1)
				if cost < best {
					best, row, column, at = cost, e.index, c, k
				}
			}
			looked++
			c = next
		}
	}
	return row, column, at
}

func largest(list []entry) float64 {
	most := 0.0
	for _, e := range list {
		most = max(most, math.Abs(e.value))
	}
	return most
}

// dropColumn takes a column without pivots out.
func (u *nucleus) dropColumn(c int32) {
	for _, e := range u.column.at(c) {
		u.removeFromRow(e.index, c)
		u.recount(e.index)
	}
	u.column.length[c] = 0
	u.columns.take(c)
}

func (u *nucleus) removeFromRow(row, c int32) {
	for k, other := range u.row.at(row) {
		if other == c {
			u.row.removeAt(row, k)
			return
		}
	}
}

func (u *nucleus) recount(row int32) {
	if n := u.row.length[row]; n > 0 {
		u.rows.put(row, n)
	} else {
		u.rows.take(row)
	}
}

// eliminate pivots: the multiples of the pivot's row go to L, the row itself to U.
func (u *nucleus) eliminate(r *factoriser, row, column int32, at int) {
	list := u.column.at(column)
	value := list[at].value
	r.take(row, u.variable[column], value, late)
	u.columns.take(column)
	u.rows.take(row)
	u.multiple = u.multiple[:0]
	for k, e := range list {
		if k == at {
			continue
		}
		u.position[e.index] = int32(len(u.multiple))
		u.multiple = append(u.multiple, entry{e.value / value, e.index})
		u.removeFromRow(e.index, column)
	}
	u.column.length[column] = 0
	u.seen = resized(u.seen, len(u.multiple))
	for _, c := range u.row.at(row) {
		if c != column {
			u.update(r, row, c)
		}
	}
	u.row.length[row] = 0
	for _, e := range u.multiple {
		u.position[e.index] = -1
		u.recount(e.index)
	}
	r.lower = append(r.lower, u.multiple...)
}

// update takes the multiples of the pivot's row off a column.
func (u *nucleus) update(r *factoriser, row, c int32) {
	clear(u.seen)
	list := u.column.at(c)
	place := 0
	for k, e := range list {
		if e.index == row {
			place = k
			break
		}
	}
	value := list[place].value
	r.over = append(r.over, triple{value, row, u.variable[c]})
	u.column.removeAt(c, place)
	list = u.column.at(c)
	for k := range list {
		if at := u.position[list[k].index]; at >= 0 {
			list[k].value -= u.multiple[at].value * value
			u.seen[at] = true
		}
	}
	for at, e := range u.multiple {
		if !u.seen[at] {
			u.column.add(c, entry{-e.value * value, e.index})
			u.row.add(e.index, c)
		}
	}
	u.columns.put(c, u.column.length[c])
}
