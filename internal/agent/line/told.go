package line

import (
	"slices"

	"hearth/energy"
	"hearth/internal/agent/answer"
	"hearth/internal/config"
	"hearth/internal/pace"
	"hearth/openadr"
	"hearth/openadr/enrol"
	"hearth/openadr/outbox"
	"hearth/openadr/report"
)

// enrol builds what a server knows of us: our place, and reports.
func (l *Line) enrol(c *openadr.Client) {
	c = c.Patient() // prices come first
	l.place = enrol.New(enrol.Config{Name: l.cfg.Name, Wish: Wish(l.parts.Home, l.cfg)}, enrol.Parts{
		Client: c, Store: l.parts.Store, Clock: l.parts.Clock, Pace: pace.New(lookAgain, nil), Log: l.parts.Log,
	})
	l.outbox = outbox.New(outbox.Config{Name: l.cfg.Name, Client: l.cfg.VEN, Payloads: l.cfg.Reports}, outbox.Parts{
		VTN: c, Store: l.parts.Store, Clock: l.parts.Clock, Pace: pace.New(0, nil), Log: l.parts.Log,
		Asks: l.VEN.Asks, Resources: l.resources, Meter: l.meter(),
	})
}

// Wish is what a home is to be known as at a server: by the name of the configuration, with the devices that it lists.
// Of each the server hears the most that it takes and gives.
func Wish(home *config.Config, v config.VTN) enrol.Wish {
	w := enrol.Wish{Name: v.VEN, ClientID: v.ClientID, Attributes: enrol.Describe("", home.Home.MaxImport, home.Home.MaxExport)}
	for _, name := range v.Resources {
		r := enrol.Resource{Name: name}
		i := slices.IndexFunc(home.Devices, func(d config.Device) bool { return d.Name == name }) // checked with the configuration
		switch d := home.Devices[i]; {
		case d.Kind == config.Grid:
			r.Attributes = w.Attributes
		case d.Battery != nil:
			r.Attributes = enrol.Describe("", d.Battery.MaxCharge, d.Battery.MaxDischarge)
		case d.Vehicle != nil:
			r.Attributes = enrol.Describe("", d.Vehicle.MaxCharge, 0)
		case d.Load != nil:
			r.Attributes = enrol.Describe("", d.Load.Power, 0)
		}
		w.Resources = append(w.Resources, r)
	}
	return w
}

// resources are what can be told of.
func (l *Line) resources() []openadr.Resource {
	out := make([]openadr.Resource, len(l.cfg.Resources))
	for i, name := range l.cfg.Resources {
		out[i].Name = name
	}
	return out
}

// meter answers this operator.
func (l *Line) meter() report.Meter {
	return l.parts.Meter.For(func(within energy.Interval) answer.Order { return l.parts.Order(l.cfg.Name, within) })
}
