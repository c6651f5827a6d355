package agent

import (
	"time"

	"hearth/api"
	"hearth/energy"
	"hearth/internal/agent/decide"
	"hearth/internal/agent/listen"
	"hearth/internal/config"
)

// The quarter hour is the grid of prices and settlement, and of everything that is shown of the past.
const quarter = 15 * time.Minute

// drawn says for what the timeline was made last.
type drawn struct {
	plan    *decide.Plan
	quarter time.Time
	signals uint64
}

// draw makes the page's chart anew when the plan has changed or a quarter hour has begun.
func (a *Agent) draw(now time.Time, s decide.Signals) {
	next := drawn{a.plan, now.Truncate(quarter), a.chorus.Revision(now)}
	if a.drawn == next {
		return
	}
	a.drawn = next
	a.chorus.NotePays(s)
	a.revision++
	today := energy.Day(now, a.cfg.Home.Zone)
	span := energy.Interval{Start: today.Start, End: energy.Day(today.End, a.cfg.Home.Zone).End}
	t := api.Timeline{
		Revision: a.revision, Span: api.Span{Start: span.Start, End: span.End}, Currency: string(a.cfg.Home.Currency),
		Prices: prices(s, span), Plan: a.planCurves(), Actual: a.actualCurves(today, now),
	}
	a.timeline.Store(&t)
}

// prices is what is published for each quarter hour of the span; the fallback tariff is not: the page shows
// what somebody has said.
func prices(s decide.Signals, span energy.Interval) []api.Price {
	grid := energy.Grid{Interval: span, Step: quarter}
	out := make([]api.Price, grid.Count())
	for i := range out {
		slot := grid.Slot(i)
		out[i].Span = api.Span{Start: slot.Start, End: slot.End}
		out[i].Import, out[i].Export = published(s.ImportPrice, slot.Start), published(s.ExportPrice, slot.Start)
		if p, ok := pointAt(s.Carbon, slot.Start); ok && !listen.IsAssumed(p.Origin) {
			g := float64(p.Value)
			out[i].Carbon = &g
		}
	}
	return out
}

func published(s energy.Series[energy.Price], t time.Time) *float64 {
	p, ok := pointAt(s, t)
	if !ok || listen.IsAssumed(p.Origin) {
		return nil
	}
	f := p.Value.Float()
	return &f
}

// planCurves is the planned power of each device, of the solar roof (negative) and of the grid.
func (a *Agent) planCurves() []api.Curve {
	if a.plan == nil {
		return nil
	}
	p := a.plan
	curve := func(name string, power func(i int) energy.Watts) api.Curve {
		c := api.Curve{Name: name, Start: p.Problem.Grid.Start, Step: p.Problem.Grid.Step.Seconds()}
		for i := range p.Import {
			v := float64(power(i))
			c.Power = append(c.Power, &v)
		}
		return c
	}
	curves := []api.Curve{curve("grid", func(i int) energy.Watts { return p.Import[i] - p.Export[i] })}
	if name := a.first(config.Solar); name != "" {
		curves = append(curves, curve("solar", func(i int) energy.Watts { return p.Curtailed[i] - p.Problem.Solar[i] }))
	}
	for _, d := range p.Devices {
		curves = append(curves, curve(d.ID, func(i int) energy.Watts { return d.Power[i] }))
	}
	return curves
}

// actualCurves is what each device took today; the house connection and the roof go by the names that the
// plan gives them.
func (a *Agent) actualCurves(today energy.Interval, now time.Time) []api.Curve {
	grid := energy.Grid{Interval: energy.Interval{Start: today.Start, End: now}, Step: quarter}
	var curves []api.Curve
	for _, d := range a.cfg.Devices {
		s := a.ledger.Power(d.Name).Slice(grid.Interval)
		if len(s.Points) == 0 {
			continue
		}
		c := api.Curve{Name: d.Name, Start: grid.Start, Step: quarter.Seconds(), Power: make([]*float64, grid.Count())}
		switch d.Kind {
		case config.Grid:
			c.Name = "grid"
		case config.Solar:
			c.Name = "solar"
		}
		for _, point := range s.Points {
			if i, ok := grid.Index(point.Start); ok {
				v := float64(point.Value)
				c.Power[i] = &v
			}
		}
		curves = append(curves, c)
	}
	return curves
}
