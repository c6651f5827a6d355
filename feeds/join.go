package feeds

import (
	"slices"

	"hearth/energy"
)

// Join is the series of points as they came: in order, and what was said twice once. What overlaps otherwise is a
// [Temporary] failure.
func Join[T comparable](c energy.Currency, points []energy.Point[T]) (energy.Series[T], error) {
	slices.SortStableFunc(points, func(a, b energy.Point[T]) int { return a.Start.Compare(b.Start) })
	points = slices.CompactFunc(points, func(a, b energy.Point[T]) bool { return isSameSpan(a.Interval, b.Interval) && a.Value == b.Value })
	s, err := energy.NewSeries(c, points)
	if err != nil {
		return energy.Series[T]{}, Fail(Temporary, "%w", err)
	}
	return s, nil
}
