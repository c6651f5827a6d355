package measured

import (
	"errors"
	"time"

	"hearth/energy"
)

// month is what the house connection has counted since the local month began, in quarter hours.
type month struct {
	Start              time.Time
	Imported, Exported energy.Series[energy.WattHours] // exported is < 0
	isWhole            bool                            // hardly anything is missing since the first of the month
	made               time.Time                       // the quarter hour in which it was made
}

// CountMonth looks at the meter's counters anew in every quarter hour. Only rules need it.
func (l *Ledger) CountMonth(now time.Time) {
	if l.cfg.Tariff == nil || l.grid.Name == "" || l.month.made.Equal(now.Truncate(quarter)) {
		return
	}
	local := now.In(l.cfg.Home.Zone)
	first := energy.Day(time.Date(local.Year(), local.Month(), 1, 12, 0, 0, 0, l.cfg.Home.Zone), l.cfg.Home.Zone).Start
	m := month{Start: first, made: now.Truncate(quarter)}
	span := energy.Interval{Start: first.Add(-24 * time.Hour), End: now} // the agent may have been away at midnight
	in, err := l.counted(l.grid.Name+".imported", span, l.cfg.Home.MaxImport)
	out, err2 := l.counted(l.grid.Name+".exported", span, l.cfg.Home.MaxExport)
	err = errors.Join(err, err2)
	l.edges.Warn("month", err != nil, "what was metered this month cannot be read", "err", err)
	if err != nil {
		return
	}
	month := energy.Interval{Start: first, End: now}
	in, out = inside(in, month), inside(out, month)
	m.Imported, m.Exported = in, energy.Map(out, func(e energy.WattHours) energy.WattHours { return -e })
	missing := time.Duration(0)
	for _, gap := range in.Gaps(energy.Interval{Start: first, End: m.made}) {
		missing += gap.Length()
	}
	m.isWhole = missing <= lost
	l.month = m
}

// lost is how much of a month may have gone unmetered for its tiers to be known all the same: what was used meanwhile
// counts as nothing. A meter that is exchanged loses a quarter of an hour.
const lost = time.Hour

// Used is what was used this month, as the tiers of a tariff go by.
func (l *Ledger) Used(now time.Time) (imported, exported energy.Reading[energy.WattHours]) {
	sum := func(s energy.Series[energy.WattHours]) energy.Reading[energy.WattHours] {
		r := energy.Reading[energy.WattHours]{At: now, Valid: l.month.isWhole}
		for _, p := range s.Points {
			r.Value += p.Value
		}
		return r
	}
	return sum(l.month.Imported), sum(l.month.Exported)
}

// Before is what was imported this month until t.
func (l *Ledger) Before(t time.Time) energy.Series[energy.WattHours] {
	var s energy.Series[energy.WattHours]
	for _, p := range l.month.Imported.Points {
		if !p.End.After(t) {
			s.Points = append(s.Points, p)
		}
	}
	return s
}
