package listen

import (
	"slices"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/internal/agent/decide"
)

// Fallback is the source of the configured fallback tariff.
const Fallback = "fallback"

// voice is what one of those we listen to says.
type voice struct {
	name, roof string
	isSolar    bool // it forecasts that roof
	feeds.Values
}

// Signals joins what everybody says now, in the order of preference: the VTNs, the tariff, the sources, and the
// fallback behind them. Prices in another currency than the home's are left out, said aloud once. A charge on peaks is
// laid on the slots of the grid; of the house itself nothing is said. Orders that begin to hold, or end, are told in the log.
func (c *Chorus) Signals(now time.Time, grid energy.Grid) decide.Signals {
	voices := c.priced(c.voices(now), now)
	span := energy.Interval{Start: now.Add(-24 * time.Hour), End: now.Add(c.cfg.Planning.Horizon + 48*time.Hour)}
	currency, last := c.cfg.Home.Currency, c.cfg.Fallback
	s := decide.Signals{
		ImportPrice: joined(c, "import price", voices, importOf, flat(last.Import, span, currency)),
		ExportPrice: joined(c, "export price", voices, exportOf, flat(last.Export, span, currency)),
		Carbon:      joined(c, "carbon intensity", voices, c.carbonOf, flat(last.Carbon, span, "")),
		Solar:       c.roofs(voices),
		Renewable:   joined(c, "renewable share", voices, func(v *voice) energy.Series[energy.Share] { return v.Renewable }, energy.Series[energy.Share]{}),
		Peak:        c.peak(now, grid),
	}
	for _, v := range voices {
		if len(s.Recommended) == 0 {
			s.Recommended = v.Best
		}
	}
	ahead := energy.Interval{Start: now, End: now.Add(max(soon, c.cfg.Planning.Horizon))}
	for _, v := range c.vens {
		s.Orders = append(s.Orders, c.ordersOf(v, v.Signals(now).Curves, ahead)...)
	}
	c.tellOrders(now, s.Orders)
	return s
}

func importOf(v *voice) energy.Series[energy.Price] { return v.Import }

func exportOf(v *voice) energy.Series[energy.Price] { return v.Export }

// voices is what everybody says, the VTNs first.
func (c *Chorus) voices(now time.Time) []voice {
	var all []voice
	for _, v := range c.vens {
		s := v.Signals(now)
		all = append(all, voice{name: v.name, Values: feeds.Values{Import: s.ImportPrice, Export: s.ExportPrice, Carbon: s.Carbon, Renewable: s.RenewableShare}})
	}
	for _, k := range c.sources {
		all = append(all, voice{k.Name(), k.roof, k.isSolar(), k.only(k.Values())})
	}
	for i := range all {
		all[i].Import, all[i].Export = c.ours(all[i].name, "import price", all[i].Import), c.ours(all[i].name, "export price", all[i].Export)
	}
	return all
}

// ours is a series of prices in the home's currency; one in another is not used.
func (c *Chorus) ours(name, what string, s energy.Series[energy.Price]) energy.Series[energy.Price] {
	isForeign := len(s.Points) > 0 && s.Currency != c.cfg.Home.Currency
	c.edges.Warn("currency/"+what+"/"+name, isForeign, "prices in a foreign currency are not used", "source", name, "series", what, "currency", string(s.Currency))
	if isForeign {
		return energy.Series[energy.Price]{}
	}
	return s
}

// roofs is what all roofs together are expected to give, where that is known of each. Sources of one roof stand in for
// each other.
func (c *Chorus) roofs(voices []voice) energy.Series[energy.Watts] {
	var sum energy.Series[energy.Watts]
	var seen []string
	for _, v := range voices {
		if !v.isSolar || slices.Contains(seen, v.roof) {
			continue
		}
		ofRoof := slices.DeleteFunc(slices.Clone(voices), func(o voice) bool { return o.roof != v.roof })
		one := joined(c, "solar forecast", ofRoof, func(v *voice) energy.Series[energy.Watts] { return v.Solar }, energy.Series[energy.Watts]{})
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
func (c *Chorus) carbonOf(v *voice) energy.Series[energy.GramsPerKWh] {
	if len(v.Carbon.Points) > 0 || c.cfg.Fossil == nil {
		return v.Carbon
	}
	return energy.Map(v.Renewable, func(s energy.Share) energy.GramsPerKWh {
		return *c.cfg.Fossil * energy.GramsPerKWh(max(0, 1-s))
	})
}

// Revision grows whenever somebody has said something else.
func (c *Chorus) Revision(now time.Time) uint64 {
	sum := uint64(0)
	for _, v := range c.vens {
		sum += v.Signals(now).Revision
	}
	for _, k := range c.sources {
		sum += k.Revision()
	}
	return sum
}

// joined merges one kind of series by preference, with the fallback at the end.
func joined[T any](c *Chorus, what string, voices []voice, of func(*voice) energy.Series[T], fallback energy.Series[T]) energy.Series[T] {
	var all []energy.Series[T]
	for i := range voices {
		all = append(all, of(&voices[i]))
	}
	merged, err := energy.Merge(slices.Concat(all, []energy.Series[T]{fallback})...)
	c.edges.Warn("merge/"+what, err != nil, "signals cannot be joined", "series", what, "err", err)
	return merged
}

// flat is a configured value over the whole span; nothing when it is not configured.
func flat[T any](v *T, span energy.Interval, currency energy.Currency) energy.Series[T] {
	if v == nil {
		return energy.Series[T]{}
	}
	return energy.Series[T]{Currency: currency, Points: []energy.Point[T]{
		{Interval: span, Value: *v, Origin: &energy.Origin{Source: Fallback, Status: energy.Assumed}},
	}}
}

// IsAssumed says that a value is configured, for want of anybody's word.
func IsAssumed(o *energy.Origin) bool { return o != nil && o.Status == energy.Assumed }
