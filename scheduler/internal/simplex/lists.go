package simplex

import "slices"

// lists are short lists in one arena. One that outgrows its space moves to the end.
type lists[E any] struct {
	start, length, space []int32
	arena                []E
}

func (l *lists[E]) reset(n int) {
	l.start, l.length, l.space = resized(l.start, n), resized(l.length, n), resized(l.space, n)
	clear(l.length)
	l.arena = l.arena[:0]
}

// reserve lays a list out at the end of the arena.
func (l *lists[E]) reserve(k int32, space int32) {
	l.start[k], l.length[k], l.space[k] = int32(len(l.arena)), 0, space
	l.arena = slices.Grow(l.arena, int(space))[:len(l.arena)+int(space)]
}

func (l *lists[E]) at(k int32) []E { return l.arena[l.start[k] : l.start[k]+l.length[k]] }

func (l *lists[E]) add(k int32, e E) {
	if l.length[k] == l.space[k] {
		from, length := l.start[k], l.length[k]
		l.reserve(k, 2*length+4)
		copy(l.arena[l.start[k]:], l.arena[from:from+length])
		l.length[k] = length
	}
	l.arena[l.start[k]+l.length[k]] = e
	l.length[k]++
}

// removeAt takes an entry out; the last one takes its place.
func (l *lists[E]) removeAt(k int32, at int) {
	list := l.at(k)
	list[at] = list[len(list)-1]
	l.length[k]--
}

// buckets hold items by a count, in doubly linked lists.
type buckets struct {
	first      []int32 // by count
	next, prev []int32 // by item
	count      []int32 // by item; -1: in none
}

func (b *buckets) reset(items, counts int) {
	b.first, b.next, b.prev, b.count = resized(b.first, counts+1), resized(b.next, items), resized(b.prev, items), resized(b.count, items)
	for k := range b.first {
		b.first[k] = -1
	}
	for k := range b.count {
		b.count[k] = -1
	}
}

func (b *buckets) put(item, count int32) {
	b.take(item)
	head := b.first[count]
	b.next[item], b.prev[item], b.count[item] = head, -1, count
	if head >= 0 {
		b.prev[head] = item
	}
	b.first[count] = item
}

func (b *buckets) take(item int32) {
	count := b.count[item]
	if count < 0 {
		return
	}
	next, prev := b.next[item], b.prev[item]
	if prev >= 0 {
		b.next[prev] = next
	} else {
		b.first[count] = next
	}
	if next >= 0 {
		b.prev[next] = prev
	}
	b.count[item] = -1
}
