package agent

import (
	"errors"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/internal/agent/decide"
	"hearth/internal/config"
	"hearth/tariff"
)

// tariffName is whose prices those of the rules are.
const tariffName = "tariff"

// priced puts what the rules of the contract make of what was said behind the VTNs. Prices that the rules ask for are
// no prices of the home by themselves.
func (a *Agent) priced(voices []voice, now time.Time) []voice {
	t := a.cfg.Tariff
	if t == nil {
		return voices
	}
	span := energy.Interval{Start: energy.Day(now, t.Zone).Start, End: now.Add(a.cfg.Planning.Horizon + 48*time.Hour)}
	in := tariff.Inputs{Spot: map[string]energy.Series[energy.Price]{}}
	for _, names := range t.Sources() {
		in.Spot[names] = a.spot(voices, config.SpotNames(names))
	}
	for i := range voices { // an exchange's price is not what a household pays, unless its owner says so
		if v := &voices[i]; i >= len(a.vens) && !a.sources[i-len(a.vens)].isWholePrice() || isSpot(t, v.name) {
			v.Import, v.Export = energy.Series[energy.Price]{}, energy.Series[energy.Price]{}
		}
	}
	in.Imported, in.Exported = a.month.used(now)
	prices, err := tariff.Expand(*t, span, in)
	a.edge.warn(a.log, tariffName, err != nil, "tariff cannot be laid out", "err", err)
	rules := voice{name: tariffName, Values: feeds.Values{Import: named(prices.Import, now), Export: named(prices.Export, now)}}
	return slices.Insert(voices, len(a.vens), rules)
}

// spot is a published price, by the first of some sources that has it.
func (a *Agent) spot(voices []voice, names []string) energy.Series[energy.Price] {
	var all []energy.Series[energy.Price]
	for _, name := range names {
		for _, v := range voices {
			if v.name == name {
				all = append(all, v.Import)
			}
		}
	}
	merged, err := energy.Merge(all...) // all in the home's currency
	a.edge.warn(a.log, "spot/"+strings.Join(names, "+"), err != nil, "published prices cannot be joined", "err", err)
	return merged
}

// isSpot says that the rules ask for a source's prices.
func isSpot(t *tariff.Tariff, name string) bool {
	return slices.ContainsFunc(t.Sources(), func(names string) bool { return slices.Contains(config.SpotNames(names), name) })
}

// named gives prices that follow from rules alone an origin; the others have that of their spot price.
func named(s energy.Series[energy.Price], now time.Time) energy.Series[energy.Price] {
	rules := &energy.Origin{Source: tariffName, Fetched: now, Status: energy.Final}
	for i := range s.Points {
		if s.Points[i].Origin == nil {
			s.Points[i].Origin = rules
		}
	}
	return s
}

// peak is the charge on peaks of the version that holds now: a problem has one, the dearest. Later ones are not weighed.
func (a *Agent) peak(now time.Time) *decide.Peak {
	if a.cfg.Tariff == nil {
		return nil
	}
	grid := a.planner.Grid(now)
	holding := a.cfg.Tariff.At(grid.Start)
	if len(holding.Versions) == 0 {
		return nil
	}
	all, err := tariff.PeakInputs(holding, grid, a.month.before(grid.Start))
	a.edge.warn(a.log, "peaks", err != nil, "charges on peaks cannot be weighed", "err", err)
	var most *decide.Peak
	for _, in := range all {
		if month := in.Month; month != all[0].Month || most != nil && in.Price <= most.Price {
			continue
		}
		most = &decide.Peak{Price: in.Price, SoFar: in.SoFar, Averaging: in.Averaging, Slots: in.Slots}
	}
	return most
}

// month is what the house connection has counted since the local month began, in quarter hours.
type month struct {
	Start              time.Time
	Imported, Exported energy.Series[energy.WattHours] // exported is < 0
	isWhole            bool                            // hardly anything is missing since the first of the month
	made               time.Time                       // the quarter hour in which it was made
}

// countMonth looks at the meter's counters anew in every quarter hour. Only rules need it.
func (a *Agent) countMonth(now time.Time) {
	if a.cfg.Tariff == nil || a.grid == "" || a.month.made.Equal(now.Truncate(quarter)) {
		return
	}
	local := now.In(a.cfg.Home.Zone)
	first := energy.Day(time.Date(local.Year(), local.Month(), 1, 12, 0, 0, 0, a.cfg.Home.Zone), a.cfg.Home.Zone).Start
	m := month{Start: first, made: now.Truncate(quarter)}
	span := energy.Interval{Start: first.Add(-24 * time.Hour), End: now} // the agent may have been away at midnight
	in, err := a.counted(a.grid+".imported", span, a.cfg.Home.MaxImport)
	out, err2 := a.counted(a.grid+".exported", span, a.cfg.Home.MaxExport)
	err = errors.Join(err, err2)
	a.edge.warn(a.log, "month", err != nil, "what was metered this month cannot be read", "err", err)
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
	a.month = m
}

// lost is how much of a month may have gone unmetered for its tiers to be known all the same: what was used meanwhile
// counts as nothing. A meter that is exchanged loses a quarter of an hour.
const lost = time.Hour

// used is what was used this month, as the tiers of a tariff go by.
func (m *month) used(now time.Time) (imported, exported energy.Reading[energy.WattHours]) {
	sum := func(s energy.Series[energy.WattHours]) energy.Reading[energy.WattHours] {
		r := energy.Reading[energy.WattHours]{At: now, Valid: m.isWhole}
		for _, p := range s.Points {
			r.Value += p.Value
		}
		return r
	}
	return sum(m.Imported), sum(m.Exported)
}

// before is what was imported until t.
func (m *month) before(t time.Time) energy.Series[energy.WattHours] {
	var s energy.Series[energy.WattHours]
	for _, p := range m.Imported.Points {
		if !p.End.After(t) {
			s.Points = append(s.Points, p)
		}
	}
	return s
}
