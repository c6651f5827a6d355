package fram

import (
	"slices"
	"strconv"
	"strings"

	"hearth/energy"
)

// spread makes a table of what is known of each weekday (Monday first) and month.
func spread(of func(weekday, month int) [24]energy.Price) *[7][12][24]energy.Price {
	var out [7][12][24]energy.Price
	for weekday := range out {
		for month := range out[weekday] {
			out[weekday][month] = of(weekday, month)
		}
	}
	return &out
}

// day is a list of 24 prices.
func (n *node) day() (out [24]energy.Price, isSo bool) {
	if n.kind != array || len(n.items) != len(out) || !n.all(isLeaf) {
		return out, false
	}
	for i := range out {
		out[i] = n.items[i].price
	}
	return out, true
}

// rows are lists of 24 prices.
func (n *node) rows(count int) (out [][24]energy.Price, isSo bool) {
	if n.kind != array || len(n.items) != count {
		return nil, false
	}
	for i := range n.items {
		row, isDay := n.items[i].day()
		if !isDay {
			return nil, false
		}
		out = append(out, row)
	}
	return out, true
}

func (n *node) year() ([][24]energy.Price, bool) { return n.rows(12) }

// halves are the years of weekdays and of weekends: by their names, or in this order.
func (n *node) halves() (card, bool) {
	if len(n.items) != 2 {
		return card{}, false
	}
	weekday, weekend := n.items[0], n.items[1]
	remark := "the first of the two years is taken for that of weekdays"
	if n.kind == object {
		var has1, has2 bool
		weekday, has1 = n.child("weekday")
		weekend, has2 = n.child("weekend")
		if !has1 || !has2 {
			return card{}, false
		}
		remark = ""
	}
	work, isYear1 := weekday.year()
	rest, isYear2 := weekend.year()
	if !isYear1 || !isYear2 {
		return card{}, false
	}
	return card{shape: byWeekend, remark: remark, hours: spread(func(weekday, month int) [24]energy.Price {
		if weekday >= 5 {
			return rest[month]
		}
		return work[month]
	})}, true
}

// week is seven days. Which of them is the first is not said, so it must be seen: five days alike are the workdays.
func (n *node) week() (card, bool) {
	days, isSo := n.rows(7)
	if !isSo {
		return card{}, false
	}
	first, remark := 0, "the first day is taken for Monday: five days from it are alike"
	switch {
	case areAlike(days):
		remark = ""
	case areAlike(days[:5]):
	case areAlike(days[1:6]) && days[0] == days[6]:
		first, remark = 1, "the first day is taken for Sunday: five days after it are alike"
	default:
		return card{}, false
	}
	return card{shape: byDay, remark: remark, hours: spread(func(weekday, _ int) [24]energy.Price {
		return days[(weekday+first)%7]
	})}, true
}

func areAlike(days [][24]energy.Price) bool { return len(slices.Compact(slices.Clone(days))) == 1 }

// clock is a price under each hour: "0", "00" or "00:00", all in one way.
func (n *node) clock() (out [24]energy.Price, isSo bool) {
	if n.kind != object || len(n.items) != len(out) || !n.all(isLeaf) {
		return out, false
	}
	for hour := range out {
		name := strconv.Itoa(hour)
		at := slices.IndexFunc(n.keys, func(key string) bool {
			key = strings.TrimSuffix(strings.TrimSpace(key), ":00")
			return key == name || key == "0"+name && hour < 10
		})
		if at < 0 {
			return out, false
		}
		out[hour] = n.items[at].price
	}
	return out, true
}
