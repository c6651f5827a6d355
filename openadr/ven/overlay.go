package ven

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"hearth/energy"
)

// overlay makes points of pieces: every instant belongs to the piece of the greatest rank that holds it. It
// sorts its argument.
//
//	rank 1   [----a----)      [--b--)
//	rank 2       [--c--)
//	rank 3         [d)
//	         [-a)[c[d)c)      [--b--)
//
// A piece that is interrupted comes as several points; one that is hidden comes not at all.
func overlay[T, U any](pieces []piece[T], point func(energy.Interval, *piece[T]) energy.Point[U]) []energy.Point[U] {
	slices.SortFunc(pieces, func(a, b piece[T]) int { return cmp.Compare(a.start, b.start) })
	var points []energy.Point[U]
	var open tops // pieces that have begun; those that ended are dropped when they come to the top
	last, at := -1, int64(0)
	for next := 0; next < len(pieces) || len(open) > 0; {
		if len(open) == 0 {
			at = pieces[next].start
		}
		for next < len(pieces) && pieces[next].start <= at {
			open.push(top{pieces[next].rank, next})
			next++
		}
		best := open[0].i
		if pieces[best].end <= at {
			open.pop()
			continue
		}
		until := pieces[best].end
		if next < len(pieces) {
			until = min(until, pieces[next].start)
		}
		if n := len(points); best == last && points[n-1].End.Equal(instant(at)) {
			points[n-1].End = instant(until) // what began in between ranks lower
		} else {
			if points == nil {
				points = make([]energy.Point[U], 0, len(pieces))
			}
			points = append(points, point(energy.Interval{Start: instant(at), End: instant(until)}, &pieces[best]))
		}
		last, at = best, until
	}
	return points
}

func instant(nanoseconds int64) time.Time { return time.Unix(0, nanoseconds).UTC() }

// tops is a heap of pieces by rank, the greatest first.
type tops []top

type top struct {
	rank uint64
	i    int // index of the piece
}

func (h *tops) push(t top) {
	s := append(*h, t)
	*h = s
	for child := len(s) - 1; child > 0; {
		parent := (child - 1) / 2
		if s[parent].rank >= s[child].rank {
			return
		}
		s[parent], s[child] = s[child], s[parent]
		child = parent
	}
}

func (h *tops) pop() {
	s := *h
	end := len(s) - 1
	s[0] = s[end]
	s = s[:end]
	*h = s
	for parent := 0; ; {
		child := 2*parent + 1
		if child >= end {
			return
		}
		if child+1 < end && s[child+1].rank > s[child].rank {
			child++
		}
		if s[parent].rank >= s[child].rank {
			return
		}
		s[parent], s[child] = s[child], s[parent]
		parent = child
	}
}

// cover is the time that events of higher rank fill already: disjoint spans in order, that do not touch.
type cover []span

type span struct{ start, end int64 } // Unix nanoseconds

// maxCover is where a cover stops to grow. It only saves work, and a fragmented one costs more than it saves.
const maxCover = 4096

// holds says that an interval of a window is covered whole.
func (c cover) holds(i energy.Interval) bool {
	if len(c) == 0 || i.IsEmpty() {
		return false
	}
	start, end := i.Start.UnixNano(), i.End.UnixNano()
	at := sort.Search(len(c), func(k int) bool { return c[k].end > start })
	return at < len(c) && c[at].start <= start && end <= c[at].end
}

// hide adds pieces to a cover.
func hide[T any](c *cover, pieces []piece[T]) {
	if len(pieces) == 0 || len(*c)+len(pieces) > maxCover {
		return
	}
	all := make(cover, 0, len(*c)+len(pieces))
	all = append(all, *c...)
	for i := range pieces {
		all = append(all, span{pieces[i].start, pieces[i].end})
	}
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	out := all[:1]
	for _, s := range all[1:] {
		if last := &out[len(out)-1]; s.start <= last.end {
			last.end = max(last.end, s.end)
		} else {
			out = append(out, s)
		}
	}
	*c = out
}
