package listen

import (
	"slices"
	"time"

	"hearth/internal/agent/decide"
)

// tellOrders says in the log which orders begin to hold and which end. What is published again with the same words is the
// same order, whatever its end is by then.
func (c *Chorus) tellOrders(now time.Time, orders []decide.Order) {
	var holding []decide.Order
	for _, o := range orders {
		if !o.Contains(now) || slices.ContainsFunc(holding, sameAs(o)) {
			continue
		}
		if holding = append(holding, o); !slices.ContainsFunc(c.holding, sameAs(o)) {
			c.log.Info("operator's order holds", details(o, now)...)
		}
	}
	for _, o := range c.holding {
		if !slices.ContainsFunc(holding, sameAs(o)) {
			c.log.Info("operator's order is over", details(o, now)...)
		}
	}
	c.holding = holding
}

// sameAs says of an order that it asks the same as another.
func sameAs(o decide.Order) func(decide.Order) bool {
	return func(other decide.Order) bool {
		return o.Source == other.Source && o.Event == other.Event && o.Device == other.Device && o.Kind == other.Kind && o.Title == other.Title
	}
}

// details is an order as the log has it.
func details(o decide.Order, now time.Time) []any {
	until := "open"
	if o.End.Sub(now) < knownAhead {
		until = o.End.UTC().Format(time.RFC3339)
	}
	about := []any{"vtn", o.Source, "event", o.Event, "kind", string(o.Kind), "title", o.Title, "until", until}
	if o.Device != "" {
		about = append(about, "device", o.Device)
	}
	return about
}
