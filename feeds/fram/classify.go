package fram

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// The shapes of a total_rate_map, in the order in which they are tried.
const (
	byPeriod    = "periods"
	bySeason    = "seasons of periods"
	byComponent = "components of "
	byHour      = "24 hours"
	byMonth     = "months of 24 hours"
	byDay       = "days of the week of 24 hours"
	byWeekend   = "weekday and weekend of months of 24 hours"
	byClock     = "hours by name"
	always      = "one price"
)

// periods are the names that parts of a day have, folded. The last two are of the whole of it.
var periods = []string{"peak", "onpeak", "partpeak", "midpeak", "offpeak", "superoffpeak", total, "flat"}

// card is what a rate says: prices by names whose hours it does not know, or by the hour.
type card struct {
	shape string
	// named are prices by season ("summer", "january"; empty: all year) and period, both folded.
	named map[string]map[string]energy.Price
	// hours are prices by weekday (Monday first), month and hour, where there are no names.
	hours *[7][12][24]energy.Price
	// remark is what had to be guessed.
	remark string
}

// units are what a price may be in, and the power of ten that makes it USD per kWh.
var units = map[string]int{"USD/kWh": 0, "cents/kWh": -2}

// classify tries the shapes in their order. What is none of them is refused with all paths and what stands there,
// without the values. The card is good for people where the unit is in doubt.
func classify(raw []byte, unit string) (card, error) {
	n, err := parse(raw)
	if err != nil {
		return card{}, feeds.Fail(feeds.Misconfigured, "total_rate_map: %w", err)
	}
	refuse := func(err error) (card, error) {
		return card{}, feeds.Fail(feeds.Misconfigured, "total_rate_map: %w; it holds: %s", err, n.outline())
	}
	if err := n.flaw(); err != nil {
		return refuse(err)
	}
	var most energy.Price
	priced, err := n.priced(units[unit], &most)
	if err != nil {
		return refuse(err)
	}
	whole, isSplit, err := summed(priced)
	if err != nil {
		return refuse(err)
	}
	c, isKnown := whole.card()
	if !isKnown && isSplit && whole.kind == number {
		c, isKnown = card{shape: always, named: everything(whole.price)}, true
	}
	if _, isWeek := whole.rows(7); isWeek && !isKnown {
		return refuse(errors.New("no five days of the seven are alike, so none is known to be the first of the week"))
	}
	if !isKnown {
		return refuse(errors.New("the shape is not known"))
	}
	if isSplit {
		c.shape = byComponent + c.shape
	}
	return c, checkUnit(unit, most)
}

// everything is a price of all hours.
func everything(p energy.Price) map[string]map[string]energy.Price {
	return map[string]map[string]energy.Price{"": {"flat": p}}
}

// flaw is what no shape may have.
func (n *node) flaw() error {
	switch {
	case len(n.items) == 0 && (n.kind == object || n.kind == array):
		return errors.New("it is empty")
	case n.kind != number && len(n.items) == 0:
		return fmt.Errorf("a value is %s, not a number", n.kind)
	}
	if leaves := slices.ContainsFunc(n.items, isLeaf); leaves && n.kind != number && slices.ContainsFunc(n.items, func(i node) bool { return len(i.items) > 0 }) {
		return errMixed
	}
	for i := range n.items {
		if err := n.items[i].flaw(); err != nil {
			return err
		}
	}
	return nil
}

// priced reads all numbers as prices; most becomes the largest magnitude as it was written.
func (n node) priced(shift int, most *energy.Price) (node, error) {
	if n.kind == number {
		written, err := feeds.PerKWh(json.Number(n.text), 0)
		if err != nil {
			return n, errors.New("a value is no price")
		}
		*most = max(*most, written, -written)
		n.price, err = feeds.PerKWh(json.Number(n.text), shift)
		return n, err
	}
	items := make([]node, len(n.items))
	for i, item := range n.items {
		var err error
		if items[i], err = item.priced(shift, most); err != nil {
			return n, err
		}
	}
	n.items = items
	return n, nil
}

// Bounds of a price as it is written: from doubtful on it may be cents, from absurd on it is none.
var (
	doubtful = energy.PriceOf(5)
	absurd   = energy.PriceOf(200)
)

// checkUnit says whether the numbers may be in the unit that is configured, or in dollars where none is.
func checkUnit(unit string, most energy.Price) error {
	switch {
	case most > absurd:
		return feeds.Fail(feeds.Misconfigured, "total_rate_map: a value beyond 200 is a price in no unit")
	case unit == "" && most >= doubtful:
		return feeds.Fail(feeds.Misconfigured, "unit_of_price: is missing; the largest value of the rate reaches 5, which may be cents/kWh or USD/kWh")
	case unit == "cents/kWh" && most < doubtful:
		return feeds.Fail(feeds.Misconfigured, "unit_of_price %q: no value of the rate reaches 5, which looks like USD/kWh", unit)
	}
	return nil
}

// card is the shape of a tree without components.
func (n *node) card() (card, bool) {
	if p, isSo := n.periods(); isSo {
		return card{shape: byPeriod, named: map[string]map[string]energy.Price{"": p}}, true
	}
	if seasons, isSo := n.seasons(); isSo {
		return card{shape: bySeason, named: seasons}, true
	}
	if hours, isSo := n.day(); isSo {
		return card{shape: byHour, hours: spread(func(int, int) [24]energy.Price { return hours })}, true
	}
	if months, isSo := n.year(); isSo {
		return card{shape: byMonth, hours: spread(func(_, month int) [24]energy.Price { return months[month] })}, true
	}
	if c, isSo := n.halves(); isSo {
		return c, true
	}
	if c, isSo := n.week(); isSo {
		return c, true
	}
	if hours, isSo := n.clock(); isSo {
		return card{shape: byClock, hours: spread(func(int, int) [24]energy.Price { return hours })}, true
	}
	return card{}, false
}

func (n *node) periods() (map[string]energy.Price, bool) {
	if n.kind != object || !n.all(isLeaf) {
		return nil, false
	}
	out := map[string]energy.Price{}
	for i, key := range n.keys {
		if !slices.Contains(periods, fold(key)) {
			return nil, false
		}
		out[fold(key)] = n.items[i].price
	}
	return out, true
}

// seasons are summer and winter, or months by their names, each with periods.
func (n *node) seasons() (map[string]map[string]energy.Price, bool) {
	out := map[string]map[string]energy.Price{}
	months := 0
	for i, key := range n.keys {
		name := fold(key)
		if m := monthOf(name); m > 0 {
			name, months = strings.ToLower(m.String()), months+1
		} else if name != "summer" && name != "winter" {
			return nil, false
		}
		below, isSo := n.items[i].periods()
		if _, isTwice := out[name]; !isSo || isTwice {
			return nil, false
		}
		out[name] = below
	}
	return out, len(out) > 0 && (months == 0 || months == len(out))
}

// monthOf is the month of a folded name, whole or of three letters; 0: none.
func monthOf(name string) time.Month {
	for m := time.January; m <= time.December; m++ {
		if full := strings.ToLower(m.String()); name == full || name == full[:3] {
			return m
		}
	}
	return 0
}
