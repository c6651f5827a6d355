package feeds

import (
	"cmp"
	"slices"

	"hearth/energy"
)

// Over lays what is new over what is known. The firmer value stays, and of two that are equally firm the newer one.
// What is known in another currency is forgotten.
//
//	new   forecast      [--N--)
//	old   final     [-O-)
//	      forecast      [-o-)-)
//	over            [-O-)[-N--)
//
// Energies that were counted are replaced whole: half of an interval does not hold half of its energy.
func (v Values) Over(old Values) Values {
	v.Import, v.Export = over(v.Import, old.Import, fill), over(v.Export, old.Export, fill)
	v.Carbon, v.Renewable = over(v.Carbon, old.Carbon, fill), over(v.Renewable, old.Renewable, fill)
	v.Solar = over(v.Solar, old.Solar, fill)
	v.Taken, v.Given = over(v.Taken, old.Taken, fillWhole), over(v.Given, old.Given, fillWhole)
	if len(v.Best) == 0 {
		v.Best = old.Best
	}
	return v
}

// ranks are the statuses from firm to loose; what says nothing of itself counts as final.
var ranks = []energy.Status{energy.Final, energy.Preliminary, energy.Forecast, energy.Assumed}

func rank(o *energy.Origin) int {
	return max(0, slices.Index(ranks, statusOf(o)))
}

func over[T any](fresh, old energy.Series[T], fill func(...energy.Series[T]) energy.Series[T]) energy.Series[T] {
	switch {
	case len(old.Points) == 0 || len(fresh.Points) > 0 && fresh.Currency != old.Currency:
		return fresh
	case len(fresh.Points) == 0:
		return old
	}
	var byRank []energy.Series[T]
	for i := range ranks {
		for _, s := range []energy.Series[T]{fresh, old} {
			byRank = append(byRank, only(s, func(p energy.Point[T]) bool { return rank(p.Origin) == i }))
		}
	}
	return fill(byRank...)
}

func only[T any](s energy.Series[T], keep func(energy.Point[T]) bool) energy.Series[T] {
	out := energy.Series[T]{Currency: s.Currency}
	for _, p := range s.Points {
		if keep(p) {
			out.Points = append(out.Points, p)
		}
	}
	return out
}

// fill is energy.Merge of series that are sound and of one currency, which it never refuses.
func fill[T any](preferred ...energy.Series[T]) energy.Series[T] {
	merged, err := energy.Merge(preferred...)
	if err != nil {
		panic(err)
	}
	return merged
}

// fillWhole takes of a later series only what overlaps nothing of the earlier ones.
func fillWhole[T any](preferred ...energy.Series[T]) energy.Series[T] {
	var out energy.Series[T]
	for _, s := range preferred {
		free := only(s, func(p energy.Point[T]) bool {
			gaps := out.Gaps(p.Interval)
			return len(gaps) == 1 && isSameSpan(gaps[0], p.Interval)
		})
		out.Currency = cmp.Or(out.Currency, s.Currency)
		out.Points = append(slices.Clone(out.Points), free.Points...)
		slices.SortStableFunc(out.Points, func(a, b energy.Point[T]) int { return a.Start.Compare(b.Start) })
	}
	return out
}
