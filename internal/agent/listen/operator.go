package listen

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hearth/api"
	"hearth/energy"
	"hearth/feeds"
	"hearth/internal/agent/decide"
	"hearth/internal/config"
	"hearth/openadr/ven"
)

// soon is how far ahead what an operator has announced is told; what lasts longer than knownAhead is told without its end.
const (
	soon       = 24 * time.Hour
	knownAhead = 7 * 24 * time.Hour
)

// maxOrders bounds what one VTN may ask at the same time, and shown what the page has of all.
const (
	maxOrders = 500
	shown     = 40
)

// ordersOf is what one VTN asks of the home and its devices in an interval.
func (c *Chorus) ordersOf(v followed, said ven.Curves, ahead energy.Interval) []decide.Order {
	b := orderBook{source: v.name, ahead: ahead}
	b.home(said)
	ofHome := slices.Clone(b.orders)
	for _, d := range c.cfg.Devices {
		if own, ok := said.Resources[d.Name]; ok {
			b.device(d, own, ofHome)
		}
	}
	if c.IsOptedOut(v.name) {
		b.optOut()
	}
	return b.orders
}

// orderBook writes down what one operator asks.
type orderBook struct {
	source string
	ahead  energy.Interval
	orders []decide.Order
	first  int // of those of the same series
}

// home is what is asked of the home as a whole.
func (b *orderBook) home(said ven.Curves) {
	note(b, said.Level, simple)
	note(b, said.MaxImport, func(o *decide.Order, w energy.Watts) { atMost(o, decide.ImportLimit, w) })
	note(b, said.MaxExport, func(o *decide.Order, w energy.Watts) { atMost(o, decide.ExportLimit, w) })
	note(b, said.Dispatch, setpoint)
	note(b, said.DispatchChange, change)
	b.rest(said)
	b.alerts(said.Alerts)
}

// device is what is asked of one device; what holds for the home is not asked of each.
func (b *orderBook) device(d config.Device, said ven.Curves, ofHome []decide.Order) {
	own := orderBook{source: b.source, ahead: b.ahead}
	note(&own, said.Level, func(o *decide.Order, level int) {
		if simple(o, level); level > 0 {
			unfollowed(o, o.Title, "levels are for the home, and what one means for a device only the program knows")
		}
	})
	note(&own, said.MaxImport, func(o *decide.Order, w energy.Watts) { atMost(o, decide.ImportLimit, w) })
	note(&own, said.MaxExport, func(o *decide.Order, w energy.Watts) {
		unfollowed(o, fmt.Sprintf("At most %v may be given", w), "only the home's export can be limited")
	})
	note(&own, said.Dispatch, setpoint)
	note(&own, said.DispatchChange, func(o *decide.Order, w energy.Watts) {
		unfollowed(o, fmt.Sprintf("A change of %v", w), "nobody says from what")
	})
	own.rest(said)
	own.alerts(said.Alerts)
	for _, o := range own.orders {
		isOfHome := slices.ContainsFunc(ofHome, func(h decide.Order) bool { return h.Event == o.Event && h.Title == o.Title })
		if isOfHome || len(b.orders) >= maxOrders {
			continue
		}
		switch o.Kind {
		case decide.High, decide.Emergency, decide.Outage, decide.Notice: // alerts are for all
		default:
			o.Device = d.Name
			possible(&o, d.Kind)
		}
		b.orders = append(b.orders, o)
	}
}

// possible says of an order that a device of this kind cannot follow it, where that is so.
func possible(o *decide.Order, k config.Kind) {
	isControlled := k == config.Battery || k == config.Vehicle || k == config.Appliance || k == config.Load
	switch {
	case o.Kind == decide.Charge && k != config.Battery:
		unfollowed(o, o.Title, "nobody knows how full it is")
	case !isControlled && o.Kind != decide.Unfollowed:
		unfollowed(o, o.Title, "it can only be read")
	}
}

// rest is what is asked in the same words of the home and of a device.
func (b *orderBook) rest(said ven.Curves) {
	note(b, said.Charge, func(o *decide.Order, want ven.Charge) {
		o.Kind, o.Title, o.SoC = decide.Charge, "Have "+want.String()+" stored", want.SoC
		if want.IsEnergy {
			o.Stored = want.Energy
		}
	})
	note(b, said.LoadShape, func(o *decide.Order, s energy.Share) {
		unfollowed(o, "A shape of the load", "use is planned by prices and limits, not by a shape")
	})
	note(b, said.Control, func(o *decide.Order, _ ven.Control) {
		unfollowed(o, "A setting", "what it means only the program knows")
	})
	note(b, said.Inverter, func(o *decide.Order, _ []ven.Curve) {
		unfollowed(o, "A curve for the inverter", "an inverter keeps the curves that its installer has set")
	})
}

// note writes an order for each part of a series that is ahead; parts that touch and say the same are one.
func note[T any](b *orderBook, s energy.Series[ven.Told[T]], write func(*decide.Order, T)) {
	b.first = len(b.orders)
	for _, p := range s.Points {
		b.add(p.Interval, p.Value.Cause, func(o *decide.Order) { write(o, p.Value.Value) })
	}
}

// add writes an order of an interval, or makes the one before longer.
func (b *orderBook) add(when energy.Interval, cause *ven.Cause, write func(*decide.Order)) {
	n := len(b.orders)
	if when.Overlap(b.ahead).IsEmpty() || n >= maxOrders {
		return
	}
	o := decide.Order{Source: b.source}
	if cause != nil {
		o.Event, o.Text = cause.EventID, feeds.OneLine(cause.EventName)
	}
	if write(&o); o.Kind == "" {
		return
	}
	if n > b.first {
		before := &b.orders[n-1]
		if o.Interval = before.Interval; o == *before && when.Start.Equal(before.End) {
			before.End = when.End
			return
		}
	}
	o.Interval = when
	b.orders = append(b.orders, o)
}

// optOut leaves of the orders the limits, and what asks nothing.
func (b *orderBook) optOut() {
	for i := range b.orders {
		switch o := &b.orders[i]; o.Kind {
		case decide.ImportLimit, decide.ExportLimit, decide.Notice, decide.Unfollowed:
		default:
			unfollowed(o, o.Title, "this home has opted out")
		}
	}
}

// alerts are what people are warned of; some ask for something, too.
func (b *orderBook) alerts(all []ven.Alert) {
	for _, a := range all {
		if a.Overlap(b.ahead).IsEmpty() || len(b.orders) >= maxOrders {
			continue
		}
		o := decide.Order{Interval: a.Interval, Source: b.source, Text: feeds.OneLine(a.Text)}
		if a.Cause != nil {
			o.Event = a.Cause.EventID
		}
		switch o.Kind, o.Title = decide.Notice, alertTitle(a.Kind); a.Kind {
		case ven.AlertFlex:
			o.Kind = decide.High
		case ven.AlertGridEmergency, ven.AlertBlackStart:
			o.Kind = decide.Emergency
		case ven.AlertPossibleOutage:
			o.Kind = decide.Outage
		}
		b.orders = append(b.orders, o)
	}
}

// alertTitle reads "Grid emergency".
func alertTitle(kind string) string {
	switch kind {
	case ven.AlertOther:
		return "Alert"
	case ven.AlertFlex:
		return "Flex alert"
	}
	word := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(kind, "ALERT_"), "_", " "))
	if word == "" {
		return "Alert"
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// simple is a level of the SIMPLE signal; 0 asks nothing.
func simple(o *decide.Order, level int) {
	switch o.Level = level; level {
	case 1:
		o.Kind, o.Title = decide.Moderate, "Level 1: moderate"
	case 2:
		o.Kind, o.Title = decide.High, "Level 2: high"
	case 3:
		o.Kind, o.Title = decide.Emergency, "Level 3: special"
	}
}

func atMost(o *decide.Order, k decide.Kind, w energy.Watts) {
	verb := "taken"
	if k == decide.ExportLimit {
		verb = "given"
	}
	o.Kind, o.Power, o.Title = k, w, fmt.Sprintf("At most %v may be %s", w, verb)
}

func setpoint(o *decide.Order, w energy.Watts) {
	o.Kind, o.Power, o.Title = decide.Setpoint, w, fmt.Sprintf("Take %v", w)
}

// change is a relative setpoint: less of something unknown is less, more of it is nothing that could be kept.
func change(o *decide.Order, w energy.Watts) {
	if w < 0 {
		o.Kind, o.Title = decide.Moderate, fmt.Sprintf("Take %v less", -w)
	} else if w > 0 {
		unfollowed(o, fmt.Sprintf("Take %v more", w), "nobody says more than what")
	}
}

func unfollowed(o *decide.Order, title, because string) {
	o.Kind, o.Title, o.Effect, o.Level = decide.Unfollowed, title, because, 0
}

// Announced is what operators ask now and in the next day, in the order of time, as the page shows it. The effect says
// what becomes of an order.
func Announced(orders []decide.Order, now time.Time, effect func(decide.Order) string) []api.Order {
	var out []api.Order
	for _, o := range orders {
		if o.Overlap(energy.Span(now, soon)).IsEmpty() {
			continue
		}
		a := api.Order{
			From: o.Start, To: &o.End, Kind: string(o.Kind), Device: o.Device,
			Title: o.Title, Text: o.Text, Source: o.Source, Event: o.Event, Effect: effect(o),
		}
		if o.End.Sub(now) >= knownAhead {
			a.To = nil
		}
		out = append(out, a)
	}
	slices.SortStableFunc(out, func(a, b api.Order) int { return a.From.Compare(b.From) })
	return out[:min(len(out), shown)]
}
