package energy

import (
	"math"
	"math/big"
)

// Number is what has a time-weighted mean.
type Number interface{ ~int64 | ~float64 }

// Resample is the time-weighted mean of the series in each slot. A slot that the series does not cover
// whole has no point: a mean over what happens to be known would be a guess. Integer kinds (Price) are
// averaged exactly and rounded half to even; the origin is that of the slot's first point.
func Resample[T Number](s Series[T], g Grid) Series[T] {
	n := g.Count()
	out := Series[T]{s.Currency, make([]Point[T], 0, n)}
	next := s.after(g.Start)
	for i := range n {
		slot := g.Slot(i)
		for next < len(s.Points) && !s.Points[next].End.After(slot.Start) {
			next++
		}
		if v, ok := mean(s.Points[next:], slot); ok {
			out.Points = append(out.Points, Point[T]{slot, v, s.Points[next].Origin})
		}
	}
	return out
}

// mean is the time-weighted mean over the slot of points whose first one ends after the slot begins.
func mean[T Number](points []Point[T], slot Interval) (T, bool) {
	if len(points) == 0 || points[0].Start.After(slot.Start) {
		return 0, false
	}
	if !points[0].End.Before(slot.End) {
		return points[0].Value, true // one point covers all: its value, bit for bit
	}
	last := 0
	for at := points[0].End; at.Before(slot.End); at = points[last].End {
		last++
		if last == len(points) || !points[last].Start.Equal(at) {
			return 0, false
		}
	}
	if T(1)/T(2) == 0 {
		return exactMean(points[:last+1], slot), true
	}
	sum := 0.0
	for _, p := range points[:last+1] {
		sum += float64(p.Value) * float64(p.Overlap(slot).Length())
	}
	return T(sum / float64(slot.Length())), true
}

func exactMean[T Number](points []Point[T], slot Interval) T {
	sum, weight := new(big.Int), new(big.Int)
	for _, p := range points {
		weight.SetInt64(int64(p.Overlap(slot).Length()))
		sum.Add(sum, weight.Mul(weight, big.NewInt(int64(p.Value))))
	}
	q, r := new(big.Int).DivMod(sum, big.NewInt(int64(slot.Length())), new(big.Int)) // 0 <= r < length
	v := q.Int64()
	if twice := 2 * float64(r.Int64()); twice > float64(slot.Length()) ||
		(twice == float64(slot.Length()) && v&1 == 1 && v < math.MaxInt64) {
		v++
	}
	return T(v)
}
