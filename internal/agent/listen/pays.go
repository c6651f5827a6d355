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
		Import: joined(c, "import price", voices, importOf, nothing),
		Export: joined(c, "export price", voices, exportOf, nothing),
	}, except)
}

// NotePays keeps what the home pays by these signals, for the standing orders.
func (c *Chorus) NotePays(s decide.Signals) {
	isStated := func(o *energy.Origin) bool { return !IsAssumed(o) }
	c.tariff.Store(&feeds.Tariff{Import: only(s.ImportPrice, isStated), Export: only(s.ExportPrice, isStated)})
}

// others is a tariff without what one source has said.
func others(t feeds.Tariff, name string) feeds.Tariff {
	isOther := func(o *energy.Origin) bool { return o == nil || o.Source != name }
	return feeds.Tariff{Import: only(t.Import, isOther), Export: only(t.Export, isOther)}
}

// only is the prices of some origins.
func only(s energy.Series[energy.Price], keep func(*energy.Origin) bool) energy.Series[energy.Price] {
	out := energy.Series[energy.Price]{Currency: s.Currency}
	for _, p := range s.Points {
		if keep(p.Origin) {
			out.Points = append(out.Points, p)
		}
	}
	return out
}
