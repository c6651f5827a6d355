package measured

import (
	"time"

	"hearth/devices"
	"hearth/energy"
	"hearth/internal/agent/decide"
)

// Note writes down what was measured, and derives the load that is no device's: it is not known while one of those that
// measure power is not heard.
func (l *Ledger) Note(now time.Time, observed map[string]devices.Observation, measures map[string]bool) {
	row := map[string]float64{}
	rest, isWhole := energy.Watts(0), l.grid.Name != ""
	for _, d := range l.cfg.Devices {
		o := observed[d.Name]
		power, ok := o.Power.Fresh(now, d.Oldest())
		switch {
		case ok && d.Name == l.grid.Name:
			rest += power
		case ok:
			rest -= power
		case measures[d.Name]:
			isWhole = false
		}
		if ok {
			row[powerChannel(d.Name)] = float64(power)
			l.history.add(powerChannel(d.Name), now, power)
		}
		if soc, ok := o.SoC.Fresh(now, d.Oldest()); ok {
			row[d.Name+".soc"] = float64(soc)
		}
		for name, counted := range map[string]energy.Reading[energy.WattHours]{".imported": o.Imported, ".exported": o.Exported} {
			if e, ok := counted.Fresh(now, d.Oldest()); ok {
				row[d.Name+name] = float64(e)
			}
		}
	}
	if isWhole {
		row[baseChannel] = float64(rest)
		l.history.add(baseChannel, now, rest)
	}
	if len(row) > 0 {
		l.store.Record(now, row)
	}
}

// NotePrices writes down once in a quarter hour what a kWh costs, earns and emits, as far as somebody has said so.
func (l *Ledger) NotePrices(now time.Time, s decide.Signals) {
	quarter := now.Truncate(quarter)
	if l.pricesNoted.Equal(quarter) {
		return
	}
	l.pricesNoted = quarter
	row := map[string]float64{}
	for name, prices := range map[string]energy.Series[energy.Price]{importPriceChannel: s.ImportPrice, exportPriceChannel: s.ExportPrice} {
		if p, ok := said(prices, now); ok {
			row[name] = p.Float()
		}
	}
	if g, ok := said(s.Carbon, now); ok {
		row[carbonChannel] = float64(g)
	}
	if len(row) > 0 {
		l.store.Record(now, row)
	}
}

// said is what somebody has said for now; what is assumed is nobody's word.
func said[T any](s energy.Series[T], now time.Time) (v T, ok bool) {
	within := s.Slice(energy.Span(now, 1)).Points
	if len(within) == 0 || within[0].Origin != nil && within[0].Origin.Status == energy.Assumed {
		return v, false
	}
	return within[0].Value, true
}
