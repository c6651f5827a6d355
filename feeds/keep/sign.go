package keep

import (
	"hearth/energy"
	"hearth/feeds"
)

// signed is values whose origins have the name by which the owner knows the source.
func signed(v feeds.Values, name string) feeds.Values {
	s := signer{name, map[*energy.Origin]*energy.Origin{}}
	v.Import, v.Export = sign(s, v.Import), sign(s, v.Export)
	v.Carbon, v.Renewable, v.Solar = sign(s, v.Carbon), sign(s, v.Renewable), sign(s, v.Solar)
	v.Taken, v.Given = sign(s, v.Taken), sign(s, v.Given)
	return v
}

type signer struct {
	name   string
	signed map[*energy.Origin]*energy.Origin // origins are few and shared by many points
}

func sign[T any](s signer, series energy.Series[T]) energy.Series[T] {
	out := energy.Series[T]{Currency: series.Currency, Points: make([]energy.Point[T], len(series.Points))}
	for i, p := range series.Points {
		if p.Origin != nil && s.signed[p.Origin] == nil {
			o := *p.Origin
			o.Source = s.name
			s.signed[p.Origin] = &o
		}
		p.Origin = s.signed[p.Origin]
		out.Points[i] = p
	}
	return out
}
