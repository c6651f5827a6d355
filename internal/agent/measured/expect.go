package measured

import (
	"time"

	"hearth/energy"
	"hearth/forecast"
	"hearth/internal/agent/decide"
)

// Expect adds what the house itself is expected to take and to produce on the slots of a plan made now, where no source
// knows better. Only a plan needs it.
func (l *Ledger) Expect(s decide.Signals, now time.Time, grid energy.Grid) decide.Signals {
	s.BaseLoad = forecast.Persistence(l.Base(), now, grid, l.cfg.Home.Zone)
	if name := l.solar.Name; name != "" {
		produced := energy.Map(l.Power(name), func(w energy.Watts) energy.Watts { return -w })
		own := forecast.Persistence(produced, now, grid, l.cfg.Home.Zone)
		merged, err := energy.Merge(s.Solar, own)
		if l.edges.Warn("merge/solar", err != nil, "solar forecasts cannot be joined", "err", err); err != nil {
			merged = own
		}
		s.Solar = merged
	}
	return s
}
