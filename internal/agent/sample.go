package agent

import (
	"hearth/energy"
	"hearth/internal/agent/listen"
	"hearth/internal/agent/metrics"
)

// sample is what the metrics say of a cycle.
func (a *Agent) sample(c *cycleView) metrics.Sample {
	now := c.in.Now
	s := metrics.Sample{Currency: a.cfg.Home.Currency, IsSane: c.sanity == nil}
	for _, direction := range []struct {
		name   string
		prices energy.Series[energy.Price]
	}{{"import", c.signals.ImportPrice}, {"export", c.signals.ExportPrice}} {
		if p, ok := pointAt(direction.prices, now); ok {
			price := metrics.Price{Direction: direction.name, Price: p.Value}
			if p.Origin != nil {
				price.Source = p.Origin.Source
				if !listen.IsAssumed(p.Origin) {
					price.Age = now.Sub(a.chorus.Confirmed(p.Origin, now))
				}
			}
			s.Prices = append(s.Prices, price)
		}
	}
	if v, ok := c.signals.Carbon.At(now); ok {
		s.Carbon = &v
	}
	s.VTNs, s.Feeds = a.chorus.Sample(now)
	if a.plan != nil {
		plan := metrics.Plan{Age: now.Sub(a.plan.Made), Objective: a.plan.Objective}
		if gap, ok := a.plan.Gap(); ok {
			plan.Gap = &gap
		}
		s.Plan = &plan
	}
	for _, d := range a.cfg.Devices {
		o := c.in.Observed[d.Name]
		m := metrics.Device{Name: d.Name, Planned: a.planned(d.Name, now)}
		m.Power, m.SoC = pointer(o.Power.Fresh(now, d.Oldest())), pointer(o.SoC.Fresh(now, d.Oldest()))
		m.Imported, m.Exported = pointer(o.Imported.Fresh(now, d.Oldest())), pointer(o.Exported.Fresh(now, d.Oldest()))
		if o.Online.Valid {
			m.IsUp = &o.Online.Value
		}
		s.Devices = append(s.Devices, m)
	}
	stats := a.store.Stats()
	s.Store = metrics.Store{Size: stats.Size, WrittenBytes: stats.WrittenBytes, Errors: stats.Errors, Quarantined: stats.Quarantined, IsWritable: stats.Writable}
	return s
}

func pointer[T any](v T, ok bool) *T {
	if !ok {
		return nil
	}
	return &v
}
