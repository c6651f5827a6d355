package rate

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// mostEnergy is more kWh than a home takes in a billing period.
const mostEnergy = 1e6

// moneyWords in a key say that its numbers are no energy.
var moneyWords = []string{"amount", "cost", "price", "charge", "rate", "credit", "usd", "bill", "fee"}

// Energy is what a billing payload says of a direction ("import"), in whatever map; nil where it says nothing. It is
// read where it can mean one thing only: numbers that are parts of a whole, each once. Else the error says why not.
func (n Tree) Energy(direction string) (*energy.WattHours, error) {
	var found *energy.WattHours
	for _, candidate := range n.candidates(direction) {
		if candidate.kind == null {
			continue
		}
		kWh, err := candidate.kWh()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", direction, err)
		}
		e := energy.WattHours(kWh * 1000)
		if found != nil && math.Abs(float64(*found-e)) > 10 {
			return nil, fmt.Errorf("%s: two figures differ", direction)
		}
		found = &e
	}
	return found, nil
}

// candidates are what stands under keys that name a direction, in the payload or in a map of energy in it.
func (n Tree) candidates(direction string) []Tree {
	var out []Tree
	for i, key := range n.keys {
		name, item := fold(key), n.items[i]
		isMoney := slices.ContainsFunc(moneyWords, func(w string) bool { return strings.Contains(name, w) })
		switch {
		case isMoney:
		case strings.Contains(name, direction) && item.kind != text && item.kind != boolean:
			out = append(out, item)
		case item.kind == object && (strings.Contains(name, "energy") || strings.Contains(name, "meter")):
			out = append(out, item.candidates(direction)...)
		}
	}
	return out
}

// kWh is the sum of a figure's parts, or its total where that is what they sum up to.
func (n Tree) kWh() (float64, error) {
	switch {
	case n.kind == number:
		sum, err := strconv.ParseFloat(n.text, 64)
		if err != nil || !(sum >= 0 && sum <= mostEnergy) {
			return 0, errors.New("a figure is no energy")
		}
		return sum, nil
	case n.kind == text || n.kind == boolean:
		return 0, fmt.Errorf("a figure is %s", n.kind)
	case n.kind == null:
		return 0, errors.New("a part is missing")
	case len(n.items) == 0:
		return 0, errors.New("it is empty")
	case n.kind == array && !n.all(isLeaf):
		return 0, errors.New("a list holds more than numbers")
	}
	return n.parts()
}

func (n Tree) parts() (float64, error) {
	sum, whole, wholes, class := 0.0, 0.0, 0, ""
	for i, item := range n.items {
		kWh, err := item.kWh()
		if err != nil {
			return 0, err
		}
		own := "items"
		if n.kind == object {
			own = classOf(n.keys[i])
		}
		switch {
		case own == total:
			whole, wholes = kWh, wholes+1
		case own == "" || class != "" && class != own:
			return 0, fmt.Errorf("the meaning of %q is not known", feeds.OneLine(n.keys[i]))
		default:
			sum, class = sum+kWh, own
		}
	}
	switch {
	case wholes > 1:
		return 0, errors.New("it has two totals")
	case wholes == 0:
		return sum, nil
	case class != "" && math.Abs(sum-whole) > 0.005*float64(len(n.items)): // each was rounded to a hundredth
		return 0, errors.New("the total is not that of its parts")
	}
	return whole, nil
}

// classOf is what the parts of a map are by one of its keys; empty: nobody knows.
func classOf(key string) string {
	name := strings.TrimSuffix(fold(key), "kwh")
	_, isHour := hourOf(name)
	season := seasonOf(name)
	switch {
	case name == "" || name == total:
		return total
	case periodOf(name) != "":
		return "periods"
	case season == summer || season == winter:
		return "seasons"
	case season != "":
		return "months"
	case isHour:
		return "hours"
	case isTime(strings.TrimSpace(key)):
		return "times"
	}
	return ""
}

func isTime(text string) bool {
	return slices.ContainsFunc([]string{time.DateOnly, "2006-01", time.RFC3339, time.DateTime, "2006-01-02T15:04:05", "2006-01-02T15:04"}, func(layout string) bool {
		_, err := time.Parse(layout, text)
		return err == nil
	})
}
