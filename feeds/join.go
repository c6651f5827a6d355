package feeds

import (
	"fmt"
	"slices"
	"time"

	"hearth/energy"
)

// Join is the series of points as they came: in order, and what was said twice once. What overlaps otherwise, and a time
// that is none, is a [Temporary] failure.
func Join[T comparable](c energy.Currency, points []energy.Point[T]) (energy.Series[T], error) {
	slices.SortStableFunc(points, func(a, b energy.Point[T]) int { return a.Start.Compare(b.Start) })
	points = slices.CompactFunc(points, func(a, b energy.Point[T]) bool { return isSameSpan(a.Interval, b.Interval) && a.Value == b.Value })
	s, err := energy.NewSeries(c, points)
	for _, p := range points {
		if err == nil && !isOfThisWorld(p.Interval) {
			err = fmt.Errorf("%v is no time of this world", p.Interval)
		}
	}
	if err != nil {
		return energy.Series[T]{}, Fail(Temporary, "%w", err)
	}
	return s, nil
}

// Stamped is a value that holds from a time on.
type Stamped[T any] struct {
	At    time.Time
	Value *T // nil: nothing was told
}

// JoinStamped is the series of values as they came, from publishers that give no ends: as [Join], with the ends of
// [EndOf]. One value alone, and two for one time, are [Temporary] failures.
func JoinStamped[T comparable](c energy.Currency, origin *energy.Origin, all []Stamped[T]) (energy.Series[T], error) {
	none := energy.Series[T]{}
	slices.SortStableFunc(all, func(a, b Stamped[T]) int { return a.At.Compare(b.At) })
	all = slices.CompactFunc(all, Stamped[T].is)
	if len(all) == 1 {
		return none, Fail(Temporary, "one value alone has no end")
	}
	starts := make([]time.Time, len(all))
	for i, v := range all {
		starts[i] = v.At.UTC()
		if i > 0 && starts[i].Equal(starts[i-1]) {
			return none, Fail(Temporary, "two values for %s", starts[i].Format(time.RFC3339))
		}
	}
	var points []energy.Point[T]
	for i, v := range all {
		if v.Value != nil {
			slot := energy.Interval{Start: starts[i], End: EndOf(starts, i)}
			points = append(points, energy.Point[T]{Interval: slot, Value: *v.Value, Origin: origin})
		}
	}
	return Join(c, points)
}

// is says that two say the same.
func (v Stamped[T]) is(o Stamped[T]) bool {
	return v.At.Equal(o.At) && (v.Value == nil) == (o.Value == nil) && (v.Value == nil || any(*v.Value) == any(*o.Value))
}
