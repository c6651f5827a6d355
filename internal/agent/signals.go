package agent

import (
	"time"

	"hearth/energy"
	"hearth/forecast"
	"hearth/internal/agent/decide"
	"hearth/internal/config"
)

// assumed is the source of the configured fallback tariff.
const assumed = "fallback"

// readSignals joins what the VTNs say now, in the order of preference, with the fallback behind them. A VTN whose
// series cannot be joined (another currency than the home's) is left out and named.
func (a *Agent) readSignals(now time.Time) decide.Signals {
	var imports, exports []energy.Series[energy.Price]
	var carbon []energy.Series[energy.GramsPerKWh]
	for _, v := range a.vens {
		s := v.Signals(now)
		imports, exports = append(imports, s.ImportPrice), append(exports, s.ExportPrice)
		carbon = append(carbon, s.Carbon)
	}
	span := energy.Interval{Start: now.Add(-24 * time.Hour), End: now.Add(a.cfg.Planning.Horizon + 48*time.Hour)}
	currency := a.cfg.Home.Currency
	return decide.Signals{
		ImportPrice: joined(a, "import price", append(imports, flat(a.cfg.Fallback.Import, span, currency)), currency),
		ExportPrice: joined(a, "export price", append(exports, flat(a.cfg.Fallback.Export, span, currency)), currency),
		Carbon:      joined(a, "carbon intensity", append(carbon, flat(a.cfg.Fallback.Carbon, span, "")), ""),
	}
}

// expect adds what the house itself is expected to take and to produce. Only a plan needs it.
func (a *Agent) expect(s decide.Signals, now time.Time) decide.Signals {
	grid := a.planner.Grid(now)
	s.BaseLoad = forecast.Persistence(a.history.series(baseChannel), now, grid, a.cfg.Home.Zone)
	if name := a.first(config.Solar); name != "" {
		produced := energy.Map(a.history.series(powerChannel(name)), func(w energy.Watts) energy.Watts { return -w })
		s.Solar = forecast.Persistence(produced, now, grid, a.cfg.Home.Zone)
	}
	return s
}

// signalRevision grows whenever a VTN has said something else.
func (a *Agent) signalRevision(now time.Time) uint64 {
	sum := uint64(0)
	for _, v := range a.vens {
		sum += v.Signals(now).Revision
	}
	return sum
}

// joined merges by preference, the VTNs in their order and then the fallback; a series in another currency than
// the home's is left out, said aloud once.
func joined[T any](a *Agent, what string, all []energy.Series[T], currency energy.Currency) energy.Series[T] {
	var ours []energy.Series[T]
	for i, s := range all {
		source := assumed // the last
		if i < len(a.vens) {
			source = a.vens[i].name
		}
		foreign := len(s.Points) > 0 && s.Currency != currency
		a.edge.warn(a.log, "currency/"+what+"/"+source, foreign, "prices in a foreign currency are not used", "vtn", source, "series", what, "currency", string(s.Currency))
		if !foreign {
			ours = append(ours, s)
		}
	}
	merged, err := energy.Merge(ours...)
	a.edge.warn(a.log, "merge/"+what, err != nil, "signals cannot be joined", "series", what, "err", err)
	return merged
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
