package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/openadr/ven"
)

// holding is a value of a timeline, or an alert, and the interval it holds for.
type holding struct {
	VEN      string    `json:"vtn,omitempty"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	What     string    `json:"what"`
	Value    any       `json:"value,omitempty"` // a number in the unit; an object where the engine has one
	Unit     string    `json:"unit,omitempty"`
	Text     string    `json:"text,omitempty"` // of an alert
	Payload  string    `json:"payload,omitempty"`
	Event    string    `json:"event,omitempty"` // the engine keeps it of what acts, and of alerts
	Name     string    `json:"event_name,omitempty"`
	Priority *int      `json:"priority,omitempty"`
	Program  string    `json:"program,omitempty"`
	Resource string    `json:"resource,omitempty"`
}

// holdingsOf flattens curves: all that holds in the interval, kind by kind, each in order.
func holdingsOf(c ven.Curves, programs []ven.Program, within energy.Interval) []holding {
	g := gatherer{within: within, names: map[string]string{}}
	for _, p := range programs {
		g.names[p.ID] = p.Name
	}
	g.curves(c)
	for _, name := range slices.Sorted(maps.Keys(c.Resources)) {
		g.own(c.Resources[name], name)
	}
	return g.lines
}

type gatherer struct {
	within energy.Interval
	names  map[string]string // of programs, by id
	lines  []holding
}

func (g *gatherer) curves(c ven.Curves) {
	plain(g, "import price", perKWh(c.ImportPrice), c.ImportPrice)
	plain(g, "export price", perKWh(c.ExportPrice), c.ExportPrice)
	plain(g, "alternate price", perKWh(c.AlternatePrice), c.AlternatePrice)
	plain(g, "carbon", "g/kWh", c.Carbon)
	plain(g, "renewable share", "", c.RenewableShare)
	told(g, "max import", "W", c.MaxImport)
	told(g, "max export", "W", c.MaxExport)
	told(g, "import reserved", "W", c.ImportReservation)
	told(g, "export reserved", "W", c.ExportReservation)
	told(g, "level", "", c.Level)
	told(g, "dispatch", "W", c.Dispatch)
	told(g, "dispatch change", "W", c.DispatchChange)
	told(g, "charge", "", c.Charge)
	told(g, "control", "", c.Control)
	told(g, "load shape", "", c.LoadShape)
	told(g, "inverter curve", "", c.Inverter)
	for _, a := range c.Alerts {
		if l := g.add(a.Interval, a.Kind); l != nil {
			l.Text = a.Text
			g.blame(l, a.Cause)
		}
	}
}

// own adds what holds for a resource and not for the home.
func (g *gatherer) own(c ven.Curves, resource string) {
	all, home := gatherer{within: g.within, names: g.names}, map[string]bool{}
	key := func(l holding) string { return fmt.Sprint(l.From, l.To, l.What, l.value(), l.why()) }
	for _, l := range g.lines {
		home[key(l)] = true
	}
	all.curves(c)
	for _, l := range all.lines {
		if !home[key(l)] {
			l.Resource = resource
			g.lines = append(g.lines, l)
		}
	}
}

func perKWh(s energy.Series[energy.Price]) string { return string(s.Currency) + "/kWh" }

// add begins a line, unless the interval is outside.
func (g *gatherer) add(i energy.Interval, what string) *holding {
	if i.Overlap(g.within).IsEmpty() {
		return nil
	}
	g.lines = append(g.lines, holding{From: i.Start, To: i.End, What: what})
	return &g.lines[len(g.lines)-1]
}

func (g *gatherer) blame(l *holding, c *ven.Cause) {
	l.Event, l.Name, l.Priority, l.Program = c.EventID, c.EventName, c.Priority, c.ProgramID
	if name := g.names[c.ProgramID]; name != "" {
		l.Program = name
	}
}

func plain[T any](g *gatherer, what, unit string, s energy.Series[T]) {
	for _, p := range s.Points {
		if l := g.add(p.Interval, what); l != nil {
			l.Value, l.Unit = p.Value, unit
			if p.Origin != nil {
				_, l.Program, _ = strings.Cut(p.Origin.Source, "/")
			}
		}
	}
}

func told[T any](g *gatherer, what, unit string, s energy.Series[ven.Told[T]]) {
	for _, p := range s.Points {
		if l := g.add(p.Interval, what); l != nil {
			l.Value, l.Unit, l.Payload = p.Value.Value, unit, p.Value.Payload
			g.blame(l, p.Value.Cause)
		}
	}
}

// value is for people: with its unit, which powers and shares write themselves.
func (l holding) value() string {
	switch l.Value.(type) {
	case nil:
		return fmt.Sprintf("%q", l.Text)
	case energy.Price:
		return fmt.Sprint(l.Value) + " " + l.Unit
	}
	return fmt.Sprint(l.Value)
}

// why is the event and the program, as far as they are known.
func (l holding) why() string {
	var parts []string
	if l.Payload != "" {
		parts = append(parts, l.Payload)
	}
	if l.Event != "" {
		event := "event " + l.Event
		if l.Name != "" && l.Name != l.Event {
			event += fmt.Sprintf(" %q", l.Name)
		}
		parts = append(parts, event)
		if l.Priority != nil {
			parts = append(parts, fmt.Sprint("priority ", *l.Priority))
		}
	}
	if l.Program != "" {
		parts = append(parts, "program "+l.Program)
	}
	if l.Resource != "" {
		parts = append(parts, "for "+l.Resource)
	}
	return strings.Join(parts, ", ")
}

// span reads "Sat 21 Nov 14:00 to 15:00".
func span(from, to time.Time, zone *time.Location) string {
	from, to = from.In(zone), to.In(zone)
	layout := "Mon 2 Jan 15:04"
	if from.Format(time.DateOnly) == to.Add(-time.Nanosecond).Format(time.DateOnly) {
		layout = "15:04"
	}
	return from.Format("Mon 2 Jan 15:04") + " to " + to.Format(layout)
}
