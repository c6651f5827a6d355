package listen

import (
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/internal/agent/decide"
)

// Pays is what the home pays and gets by somebody's word, which the fallback is not, and which that of the named source
// is not either.
func (c *Chorus) Pays(now time.Time, except string) feeds.Tariff {
	voices, nothing := c.priced(c.voices(now), now), energy.Series[energy.Price]{}
	return others(feeds.Tariff{
		Import: joined(c, "import price", voices, func(v *voice) energy.Series[energy.Price] { return v.Import }, nothing),
		Export: joined(c, "export price", voices, func(v *voice) energy.Series[energy.Price] { return v.Export }, nothing),
	}, except)
}

// NotePays keeps what the home pays by these signals, for the standing orders.
func (c *Chorus) NotePays(s decide.Signals) {
	c.tariff.Store(&feeds.Tariff{Import: stated(s.ImportPrice), Export: stated(s.ExportPrice)})
}

// stated is a series without what was assumed.
func stated(s energy.Series[energy.Price]) energy.Series[energy.Price] {
	out := energy.Series[energy.Price]{Currency: s.Currency}
	for _, p := range s.Points {
		if !IsAssumed(p.Origin) {
			out.Points = append(out.Points, p)
		}
	}
	return out
}

// others is a tariff without what one source has said.
func others(t feeds.Tariff, name string) feeds.Tariff {
	t.Import, t.Export = unsaid(t.Import, name), unsaid(t.Export, name)
	return t
}

func unsaid(s energy.Series[energy.Price], name string) energy.Series[energy.Price] {
	out := energy.Series[energy.Price]{Currency: s.Currency}
	for _, p := range s.Points {
		if p.Origin == nil || p.Origin.Source != name {
			out.Points = append(out.Points, p)
		}
	}
	return out
}
