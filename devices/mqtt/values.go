package mqtt

import (
	"slices"
	"time"

	"hearth/devices/profiles"
	"hearth/energy"
)

// values are what the device said last, point by point of its profile.
type values struct {
	points []profiles.Point
	oldest time.Duration // of a reading; zero: as the profile says
	said   []energy.Reading[float64]

	raw, base []float64 // of counters that start anew: said last, and counted before
}

func newValues(points []profiles.Point, oldest time.Duration) values {
	return values{points, oldest, make([]energy.Reading[float64], len(points)), make([]float64, len(points)), make([]float64, len(points))}
}

// maxAge is how old a point may be; zero: any age, for what is said once and kept by the broker.
func (v *values) maxAge(i int) time.Duration {
	p := v.points[i]
	switch {
	case p.Name == "online":
		return 0
	case v.oldest > 0:
		return v.oldest
	case p.MaxAgeS > 0:
		return time.Duration(p.MaxAgeS) * time.Second
	}
	return defaultMaxAge
}

// hear keeps a reading. A counter that has started anew goes on from where it was.
func (v *values) hear(i int, r energy.Reading[float64]) {
	if p := v.points[i]; p.Resets && r.Valid {
		if r.Value < v.raw[i] {
			v.base[i] += v.raw[i]
		}
		v.raw[i] = r.Value
		r.Value += v.base[i]
	}
	v.said[i] = r
}

// at is one point's reading at now, by its age. What is said on change only is as new as the sign of life it
// goes by: while the device is heard and says no other, it holds.
func (v *values) at(i int, now time.Time) energy.Reading[float64] {
	r := v.said[i]
	if p := v.points[i]; p.Holds == "online" && r.Valid {
		if online := v.newest("online", now); online.Valid && online.Value != 0 {
			r.At = now
		}
	} else if p.Holds != "" && r.Valid {
		if heard := v.newest(p.Holds, now); heard.Valid && heard.At.After(r.At) {
			r.At = heard.At
		}
	}
	if age := v.maxAge(i); age > 0 && now.Sub(r.At).Abs() > age {
		r.Valid = false
	}
	return r
}

// mode is the raw value by which points with When are read.
func (v *values) mode(now time.Time) energy.Reading[float64] {
	var best energy.Reading[float64]
	for i, p := range v.points {
		if p.Name == "mode" {
			best = better(best, v.at(i, now))
		}
	}
	return best
}

// newest is the reading of a name: the newest valid of its points, summed over its parts. A part that
// the mode leaves out adds nothing; one that is not known makes the whole unknown. When several parts are a
// bool, one that is false makes the whole so.
func (v *values) newest(name string, now time.Time) energy.Reading[float64] {
	var mode, out energy.Reading[float64]
	if slices.ContainsFunc(v.points, func(p profiles.Point) bool { return p.Name == name && p.When != nil }) {
		mode = v.mode(now) // only then: the mode itself may hold by another point
	}
	isFirst := true
	for i, p := range v.points {
		if p.Name != name || slices.ContainsFunc(v.points[:i], func(o profiles.Point) bool { return o.Name == name && o.Part == p.Part }) {
			continue
		}
		r, applies := v.part(name, p.Part, mode, now)
		switch {
		case !applies:
		case isFirst:
			out, isFirst = r, false
		case p.Unit == "bool":
			out = both(out, r)
		default:
			out = sum(out, r)
		}
	}
	return out
}

// part is the newest valid reading of one part; false when the mode leaves it out.
func (v *values) part(name, part string, mode energy.Reading[float64], now time.Time) (best energy.Reading[float64], applies bool) {
	for i, p := range v.points {
		if p.Name != name || p.Part != part {
			continue
		}
		if p.When != nil && !(mode.Valid && slices.Contains(p.When, int(mode.Value))) {
			continue
		}
		applies = true
		if p.Fixed != nil {
			best = better(best, energy.Reading[float64]{Value: *p.Fixed, At: mode.At, Valid: mode.Valid})
			continue
		}
		best = better(best, v.at(i, now))
	}
	return best, applies
}

func better(a, b energy.Reading[float64]) energy.Reading[float64] {
	if b.Valid != a.Valid {
		if b.Valid {
			return b
		}
		return a
	}
	if b.At.After(a.At) {
		return b
	}
	return a
}

// sum is as old as its oldest part.
func sum(a, b energy.Reading[float64]) energy.Reading[float64] {
	out := energy.Reading[float64]{Value: a.Value + b.Value, At: a.At, Valid: a.Valid && b.Valid}
	if b.At.Before(a.At) {
		out.At = b.At
	}
	return out
}

func both(a, b energy.Reading[float64]) energy.Reading[float64] {
	switch {
	case a.Valid && a.Value == 0:
		return a
	case b.Valid && b.Value == 0:
		return b
	}
	out := sum(a, b)
	out.Value = min(a.Value, b.Value)
	return out
}
