package agent

import (
	"strings"
	"time"

	"hearth/energy"
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
				if !isAssumed(p.Origin) {
					price.Age = now.Sub(a.confirmed(p.Origin, now))
				}
			}
			s.Prices = append(s.Prices, price)
		}
	}
	if v, ok := c.signals.Carbon.At(now); ok {
		s.Carbon = &v
	}
	for _, v := range a.vens {
		signals := v.Signals(now)
		s.VTNs = append(s.VTNs, metrics.VTN{Name: v.name, IsUp: signals.Err == "" && !signals.LastSuccess.IsZero(), LastSuccess: signals.LastSuccess, Rejected: len(signals.Rejected)})
	}
	for _, k := range a.sources {
		state := k.State()
		f := metrics.Feed{Name: state.Name, IsUp: sourceHealth(state).OK, LastGood: state.Good, Until: map[string]time.Time{}}
		for _, c := range state.Coverage {
			f.Until[strings.ReplaceAll(string(c.Kind), " ", "_")] = c.Extent.End
		}
		s.Feeds = append(s.Feeds, f)
	}
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

// confirmed is when a source last said that what it said still holds.
func (a *Agent) confirmed(o *energy.Origin, now time.Time) time.Time {
	last := o.Fetched
	for _, v := range a.vens {
		if s := v.Signals(now); strings.HasPrefix(o.Source, v.name+"/") && s.LastSuccess.After(last) {
			last = s.LastSuccess
		}
	}
	for _, k := range a.sources {
		if s := k.State(); s.Name == o.Source && s.Good.After(last) {
			last = s.Good
		}
	}
	return last
}

func pointer[T any](v T, ok bool) *T {
	if !ok {
		return nil
	}
	return &v
}
