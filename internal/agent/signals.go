package agent

import (
	"slices"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/forecast"
	"hearth/internal/agent/decide"
	"hearth/internal/config"
)

// assumed is the source of the configured fallback tariff.
const assumed = "fallback"

// voice is what one of those we listen to says.
type voice struct {
	name, roof string
	isSolar    bool // it forecasts that roof
	feeds.Values
}

// readSignals joins what everybody says now, in the order of preference: the VTNs, the tariff, the sources, and the
// fallback behind them. Prices in another currency than the home's are left out, said aloud once.
func (a *Agent) readSignals(now time.Time) decide.Signals {
	voices := a.priced(a.voices(now), now)
	span := energy.Interval{Start: now.Add(-24 * time.Hour), End: now.Add(a.cfg.Planning.Horizon + 48*time.Hour)}
	currency, last := a.cfg.Home.Currency, a.cfg.Fallback
	s := decide.Signals{
		ImportPrice: joined(a, "import price", voices, func(v *voice) energy.Series[energy.Price] { return v.Import }, flat(last.Import, span, currency)),
		ExportPrice: joined(a, "export price", voices, func(v *voice) energy.Series[energy.Price] { return v.Export }, flat(last.Export, span, currency)),
		Carbon:      joined(a, "carbon intensity", voices, a.carbonOf, flat(last.Carbon, span, "")),
		Solar:       a.roofs(voices),
		Renewable:   joined(a, "renewable share", voices, func(v *voice) energy.Series[energy.Share] { return v.Renewable }, energy.Series[energy.Share]{}),
		Peak:        a.peak(now),
	}
	for _, v := range voices {
		if len(s.Recommended) == 0 {
			s.Recommended = v.Best
		}
	}
	return s
}

// voices is what everybody says, the VTNs first.
func (a *Agent) voices(now time.Time) []voice {
	var all []voice
	for _, v := range a.vens {
		s := v.Signals(now)
		all = append(all, voice{name: v.name, Values: feeds.Values{Import: s.ImportPrice, Export: s.ExportPrice, Carbon: s.Carbon}})
	}
	for _, k := range a.sources {
		all = append(all, voice{k.Name(), k.roof, k.isSolar(), k.only(k.Values())})
	}
	for i := range all {
		all[i].Import, all[i].Export = a.ours(all[i].name, "import price", all[i].Import), a.ours(all[i].name, "export price", all[i].Export)
	}
	return all
}

// ours is a series of prices in the home's currency; one in another is not used.
func (a *Agent) ours(name, what string, s energy.Series[energy.Price]) energy.Series[energy.Price] {
	isForeign := len(s.Points) > 0 && s.Currency != a.cfg.Home.Currency
	a.edge.warn(a.log, "currency/"+what+"/"+name, isForeign, "prices in a foreign currency are not used", "source", name, "series", what, "currency", string(s.Currency))
	if isForeign {
		return energy.Series[energy.Price]{}
	}
	return s
}

// roofs is what all roofs together are expected to give, where that is known of each. Sources of one roof stand in for
// each other.
func (a *Agent) roofs(voices []voice) energy.Series[energy.Watts] {
	var sum energy.Series[energy.Watts]
	var seen []string
	for _, v := range voices {
		if !v.isSolar || slices.Contains(seen, v.roof) {
			continue
		}
		ofRoof := slices.DeleteFunc(slices.Clone(voices), func(o voice) bool { return o.roof != v.roof })
		one := joined(a, "solar forecast", ofRoof, func(v *voice) energy.Series[energy.Watts] { return v.Solar }, energy.Series[energy.Watts]{})
		if seen = append(seen, v.roof); len(seen) == 1 {
			sum = one
		} else {
			sum = added(sum, one)
		}
	}
	return sum
}

// added is the sum of two powers where both are known.
func added(a, b energy.Series[energy.Watts]) energy.Series[energy.Watts] {
	var out energy.Series[energy.Watts]
	for _, p := range a.Points {
		for _, q := range b.Slice(p.Interval).Points {
			q.Value += p.Value
			out.Points = append(out.Points, q)
		}
	}
	return out
}

// carbonOf is what a voice says of carbon. Where it knows the renewable share only, the rest counts as the owner has
// said that it does.
func (a *Agent) carbonOf(v *voice) energy.Series[energy.GramsPerKWh] {
	if len(v.Carbon.Points) > 0 || a.cfg.Fossil == nil {
		return v.Carbon
	}
	return energy.Map(v.Renewable, func(s energy.Share) energy.GramsPerKWh {
		return *a.cfg.Fossil * energy.GramsPerKWh(max(0, 1-s))
	})
}

// expect adds what the house itself is expected to take and to produce, where no source knows better. Only a plan
// needs it.
func (a *Agent) expect(s decide.Signals, now time.Time) decide.Signals {
	grid := a.planner.Grid(now)
	s.BaseLoad = forecast.Persistence(a.history.series(baseChannel), now, grid, a.cfg.Home.Zone)
	if name := a.first(config.Solar); name != "" {
		produced := energy.Map(a.history.series(powerChannel(name)), func(w energy.Watts) energy.Watts { return -w })
		own := forecast.Persistence(produced, now, grid, a.cfg.Home.Zone)
		merged, err := energy.Merge(s.Solar, own)
		if a.edge.warn(a.log, "merge/solar", err != nil, "solar forecasts cannot be joined", "err", err); err != nil {
			merged = own
		}
		s.Solar = merged
	}
	return s
}

// signalRevision grows whenever somebody has said something else.
func (a *Agent) signalRevision(now time.Time) uint64 {
	sum := uint64(0)
	for _, v := range a.vens {
		sum += v.Signals(now).Revision
	}
	for _, k := range a.sources {
		sum += k.Revision()
	}
	return sum
}

// joined merges one kind of series by preference, with the fallback at the end.
func joined[T any](a *Agent, what string, voices []voice, of func(*voice) energy.Series[T], fallback energy.Series[T]) energy.Series[T] {
	var all []energy.Series[T]
	for i := range voices {
		all = append(all, of(&voices[i]))
	}
	merged, err := energy.Merge(slices.Concat(all, []energy.Series[T]{fallback})...)
	a.edge.warn(a.log, "merge/"+what, err != nil, "signals cannot be joined", "series", what, "err", err)
	return merged
}

// stated is a series without what was assumed.
func stated(s energy.Series[energy.Price]) energy.Series[energy.Price] {
	out := energy.Series[energy.Price]{Currency: s.Currency}
	for _, p := range s.Points {
		if !isAssumed(p.Origin) {
			out.Points = append(out.Points, p)
		}
	}
	return out
}

// flat is a configured value over the whole span; nothing when it is not configured.
func flat[T any](v *T, span energy.Interval, currency energy.Currency) energy.Series[T] {
	if v == nil {
		return energy.Series[T]{}
	}
	return energy.Series[T]{Currency: currency, Points: []energy.Point[T]{
		{Interval: span, Value: *v, Origin: &energy.Origin{Source: assumed, Status: energy.Assumed}},
	}}
}

// first is the name of the first device of a kind.
func (a *Agent) first(kind config.Kind) string {
	for _, d := range a.cfg.Devices {
		if d.Kind == kind {
			return d.Name
		}
	}
	return ""
}
