package listen

import (
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
func (c *Chorus) priced(voices []voice, now time.Time) []voice {
	t := c.cfg.Tariff
	if t == nil {
		return voices
	}
	span := energy.Interval{Start: energy.Day(now, t.Zone).Start, End: now.Add(c.cfg.Planning.Horizon + 48*time.Hour)}
	in := tariff.Inputs{Spot: map[string]energy.Series[energy.Price]{}}
	for _, names := range t.Sources() {
		in.Spot[names] = c.spot(voices, config.SpotNames(names))
	}
	for i := range voices { // an exchange's price is not what a household pays, unless its owner says so
		if v := &voices[i]; i >= len(c.vens) && !c.sources[i-len(c.vens)].isWholePrice() || isSpot(t, v.name) {
			v.Import, v.Export = energy.Series[energy.Price]{}, energy.Series[energy.Price]{}
		}
	}
	in.Imported, in.Exported = c.month.Used(now)
	prices, err := tariff.Expand(*t, span, in)
	c.edges.Warn(tariffName, err != nil, "tariff cannot be laid out", "err", err)
	rules := voice{name: tariffName, Values: feeds.Values{Import: named(prices.Import, now), Export: named(prices.Export, now)}}
	return slices.Insert(voices, len(c.vens), rules)
}

// spot is a published price, by the first of some sources that has it.
func (c *Chorus) spot(voices []voice, names []string) energy.Series[energy.Price] {
	var asked []voice
	for _, name := range names {
		for _, v := range voices {
			if v.name == name {
				asked = append(asked, v)
			}
		}
	}
	return joined(c, "spot "+strings.Join(names, "+"), asked, importOf, energy.Series[energy.Price]{})
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
func (c *Chorus) peak(now time.Time, grid energy.Grid) *decide.Peak {
	if c.cfg.Tariff == nil {
		return nil
	}
	holding := c.cfg.Tariff.At(grid.Start)
	if len(holding.Versions) == 0 {
		return nil
	}
	all, err := tariff.PeakInputs(holding, grid, c.month.Before(grid.Start))
	c.edges.Warn("peaks", err != nil, "charges on peaks cannot be weighed", "err", err)
	var most *decide.Peak
	for _, in := range all {
		if month := in.Month; month != all[0].Month || most != nil && in.Price <= most.Price {
			continue
		}
		most = &decide.Peak{Price: in.Price, SoFar: in.SoFar, Averaging: in.Averaging, Slots: in.Slots}
	}
	return most
}
