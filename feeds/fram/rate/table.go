package rate

import (
	"slices"
	"strconv"
	"strings"

	"hearth/energy"
)

// prices are those of the hours of a day.
type prices [24]energy.Price

// day is a list of 24 prices.
func (n Tree) day() (out prices, isSo bool) {
	if n.kind != array || len(n.items) != len(out) || !n.all(isLeaf) {
		return out, false
	}
	for i := range out {
		out[i] = n.items[i].price
	}
	return out, true
}

// rows are lists of 24 prices.
func (n Tree) rows(count int) (out []prices, isSo bool) {
	if n.kind != array || len(n.items) != count {
		return nil, false
	}
	for _, item := range n.items {
		row, isDay := item.day()
		if !isDay {
			return nil, false
		}
		out = append(out, row)
	}
	return out, true
}

// halves are the years of weekdays and of weekends: by their names, or in this order.
func (n Tree) halves() (Rate, bool) {
	if len(n.items) != 2 {
		return Rate{}, false
	}
	r := Rate{Shape: byWeekend, Remark: "the first of the two years is taken for that of weekdays"}
	weekday, weekend := n.items[0], n.items[1]
	if n.kind == object {
		weekday, _ = n.Child("weekday")
		weekend, _ = n.Child("weekend")
		r.Remark = ""
	}
	work, isYear1 := weekday.rows(12)
	free, isYear2 := weekend.rows(12)
	r.hourly = func(weekday, month, hour int) energy.Price {
		if weekday >= 5 {
			return free[month][hour]
		}
		return work[month][hour]
	}
	return r, isYear1 && isYear2
}

// week is seven days. Which of them is the first is not said, so it must be seen: five days alike are the workdays.
func (n Tree) week() (Rate, bool) {
	days, isSo := n.rows(7)
	if !isSo {
		return Rate{}, false
	}
	r, first := Rate{Shape: byDay}, 0
	switch {
	case areAlike(days):
	case areAlike(days[:5]):
		r.Remark = "the first day is taken for Monday: five days from it are alike"
	case areAlike(days[1:6]) && days[0] == days[6]:
		first, r.Remark = 1, "the first day is taken for Sunday: five days after it are alike"
	default:
		return Rate{}, false
	}
	r.hourly = func(weekday, _, hour int) energy.Price { return days[(weekday+first)%7][hour] }
	return r, true
}

func areAlike(days []prices) bool { return len(slices.Compact(slices.Clone(days))) == 1 }

// clock is a price under each hour: "0", "00" or "00:00", all in one way.
func (n Tree) clock() (out prices, isSo bool) {
	if n.kind != object || len(n.items) != len(out) || !n.all(isLeaf) {
		return out, false
	}
	isThere := map[int]bool{}
	for i, key := range n.keys {
		if hour, isHour := hourOf(key); isHour {
			out[hour], isThere[hour] = n.items[i].price, true
		}
	}
	return out, len(isThere) == len(out)
}

// hourOf reads "7", "07" and "07:00".
func hourOf(key string) (int, bool) {
	hour, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(key), ":00"))
	return hour, err == nil && hour >= 0 && hour < 24
}
