package measured

import (
	"time"

	"hearth/api"
	"hearth/devices"
	"hearth/energy"
	"hearth/internal/agent/decide"
)

// Day is what the house connection has counted since local midnight.
type Day struct {
	Start     time.Time         `json:"start"`
	Imported  energy.WattHours  `json:"imported"`
	Exported  energy.WattHours  `json:"exported"`
	Cost      energy.Money      `json:"cost"` // import less export
	Carbon    energy.Grams      `json:"carbon"`
	Unpriced  energy.WattHours  `json:"unpriced"`   // exchanged while no price was known: in no cost
	IsCounted bool              `json:"is_counted"` // the meter has said something since
	In, Out   *energy.WattHours `json:"-"`          // the meter's counters when they were last seen
	Seen      time.Time         `json:"-"`
}

// Count adds to the day what has passed since the last cycle: by the meter's counters where it has them, by its power
// otherwise.
func (l *Ledger) Count(now time.Time, observed map[string]devices.Observation, s decide.Signals) {
	if midnight := energy.Day(now, l.cfg.Home.Zone).Start; !l.Day.Start.Equal(midnight) {
		l.Day = Day{Start: midnight, In: l.Day.In, Out: l.Day.Out, Seen: l.Day.Seen}
	}
	if l.grid.Name == "" {
		return
	}
	o, maxAge := observed[l.grid.Name], l.grid.Oldest()
	in, out := l.Day.passed(now, o, maxAge)
	d := &l.Day
	d.Imported, d.Exported = d.Imported+in, d.Exported+out
	buy, hasBuy := s.ImportPrice.At(now)
	sell, hasSell := s.ExportPrice.At(now)
	if hasBuy && hasSell {
		d.Cost += buy.Of(in) - sell.Of(out)
	} else {
		d.Unpriced += in + out
	}
	if carbon, ok := s.Carbon.At(now); ok {
		d.Carbon += carbon.Of(in)
	}
}

func (d *Day) passed(now time.Time, o devices.Observation, maxAge time.Duration) (in, out energy.WattHours) {
	imported, hasIn := o.Imported.Fresh(now, maxAge)
	exported, hasOut := o.Exported.Fresh(now, maxAge)
	since := now.Sub(d.Seen)
	d.Seen = now
	if hasIn && hasOut {
		d.IsCounted = true
		if d.In != nil && d.Out != nil {
			in, out = max(0, imported-*d.In), max(0, exported-*d.Out) // a meter exchanged counts from then on
		}
		d.In, d.Out = &imported, &exported
		return in, out
	}
	d.In, d.Out = nil, nil
	power, hasPower := o.Power.Fresh(now, maxAge)
	d.IsCounted = d.IsCounted || hasPower
	if hasPower && since > 0 && since <= maxAge {
		e := power.Over(since)
		return max(0, e), max(0, -e)
	}
	return 0, 0
}

// Today is the day as the page shows it. Money is not known while some of the energy had no price.
func (l *Ledger) Today() api.Totals {
	d := l.Day
	imported, exported, cost, carbon := float64(d.Imported), float64(d.Exported), d.Cost.Float(), float64(d.Carbon)
	if !d.IsCounted {
		return api.Totals{}
	}
	t := api.Totals{Imported: &imported, Exported: &exported, Cost: &cost, Carbon: &carbon}
	if d.Unpriced > 0 {
		t.Cost = nil
	}
	return t
}
