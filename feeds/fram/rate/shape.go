package rate

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

// Names that are of the whole day.
const (
	total = "total" // what components sum up to, too
	flat  = "flat"
)

// periods are the names that parts of a day have.
var periods = []string{"peak", "on_peak", "part_peak", "mid_peak", "off_peak", "super_off_peak", total, flat}

// periodOf is one of the periods, however the key is spelled; empty: none.
func periodOf(key string) string {
	for _, name := range periods {
		if fold(name) == fold(key) {
			return name
		}
	}
	return ""
}

const (
	summer = "summer"
	winter = "winter"
)

// seasonOf is summer, winter or a month ("july", also for "Jul"); empty: none.
func seasonOf(key string) string {
	key = fold(key)
	for m := time.January; m <= time.December; m++ {
		if month := strings.ToLower(m.String()); key == month || key == month[:3] {
			return month
		}
	}
	if key == summer || key == winter {
		return key
	}
	return ""
}

// flaw is what no shape may have.
func (n Tree) flaw() error {
	switch {
	case n.kind == number:
		return nil
	case len(n.items) == 0 && (n.kind == object || n.kind == array):
		return errors.New("it is empty")
	case len(n.items) == 0:
		return fmt.Errorf("a value is %s, not a number", n.kind)
	case slices.ContainsFunc(n.items, isLeaf) && slices.ContainsFunc(n.items, func(i Tree) bool { return len(i.items) > 0 }):
		return errMixed
	}
	for _, item := range n.items {
		if err := item.flaw(); err != nil {
			return err
		}
	}
	return nil
}

// setPrices reads all numbers as prices; most is their largest magnitude.
func (n *Tree) setPrices(shift int) (most energy.Price, err error) {
	if n.kind == number {
		if n.price, err = feeds.PerKWh(json.Number(n.text), shift); err != nil {
			return 0, errors.New("a value is no price")
		}
		return max(n.price, -n.price), nil
	}
	for i := range n.items {
		m, err := n.items[i].setPrices(shift)
		if err != nil {
			return 0, err
		}
		most = max(most, m)
	}
	return most, nil
}

// shape is that of a tree without components.
func (n Tree) shape() (Rate, bool) {
	if p, isSo := n.periods(); isSo {
		return Rate{Shape: byPeriod, named: map[string]map[string]energy.Price{"": p}}, true
	}
	if seasons, isSo := n.seasons(); isSo {
		return Rate{Shape: bySeason, named: seasons}, true
	}
	if hours, isSo := n.day(); isSo {
		return Rate{Shape: byHour, hourly: func(_, _, hour int) energy.Price { return hours[hour] }}, true
	}
	if months, isSo := n.rows(12); isSo {
		return Rate{Shape: byMonth, hourly: func(_, month, hour int) energy.Price { return months[month][hour] }}, true
	}
	if r, isSo := n.halves(); isSo {
		return r, true
	}
	if r, isSo := n.week(); isSo {
		return r, true
	}
	hours, isSo := n.clock()
	return Rate{Shape: byClock, hourly: func(_, _, hour int) energy.Price { return hours[hour] }}, isSo
}

func (n Tree) periods() (map[string]energy.Price, bool) {
	if n.kind != object || !n.all(isLeaf) {
		return nil, false
	}
	out := map[string]energy.Price{}
	for i, key := range n.keys {
		name := periodOf(key)
		if name == "" {
			return nil, false
		}
		out[name] = n.items[i].price
	}
	return out, true
}

// seasons are summer and winter, or months by their names, each with periods.
func (n Tree) seasons() (map[string]map[string]energy.Price, bool) {
	out := map[string]map[string]energy.Price{}
	months := 0
	for i, key := range n.keys {
		name := seasonOf(key)
		if name != summer && name != winter {
			months++
		}
		below, isSo := n.items[i].periods()
		if _, isTwice := out[name]; name == "" || !isSo || isTwice {
			return nil, false
		}
		out[name] = below
	}
	return out, len(out) > 0 && (months == 0 || months == len(out))
}
