package fram

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

// An energy map is kWh of a billing period under keys that are not public. It is read where it can mean one thing only:
// numbers that are parts of a whole, each once.

// mostEnergy is more kWh than a home takes in a billing period.
const mostEnergy = 1e6

// moneyWords in a key say that its numbers are no energy.
var moneyWords = []string{"amount", "cost", "price", "charge", "rate", "credit", "usd", "bill", "fee"}

// energyOf is what a payload says of a direction ("import"); nil where it says nothing, or nothing clear.
func energyOf(payload node, direction string) (*energy.WattHours, error) {
	var found *energy.WattHours
	for _, candidate := range candidates(payload, direction) {
		kWh, isThere, err := kWhOf(candidate)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", direction, err)
		}
		if !isThere {
			continue
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
func candidates(payload node, direction string) []node {
	var out []node
	for i, key := range payload.keys {
		name, item := fold(key), payload.items[i]
		isMoney := slices.ContainsFunc(moneyWords, func(w string) bool { return strings.Contains(name, w) })
		switch {
		case isMoney:
		case strings.Contains(name, direction) && item.kind != text && item.kind != boolean:
			out = append(out, item)
		case item.kind == object && (strings.Contains(name, "energy") || strings.Contains(name, "meter")):
			out = append(out, candidates(item, direction)...)
		}
	}
	return out
}

// kWhOf is the sum of a figure's parts, or its total where that is what they sum up to.
func kWhOf(n node) (sum float64, isThere bool, err error) {
	switch n.kind {
	case null:
		return 0, false, nil
	case number:
		sum, err = strconv.ParseFloat(n.text, 64)
		if err != nil || !(sum >= 0 && sum <= mostEnergy) {
			return 0, false, errors.New("a figure is no energy")
		}
		return sum, true, nil
	case object, array:
		if len(n.items) > 0 {
			return n.parts()
		}
		return 0, false, errors.New("it is empty")
	}
	return 0, false, fmt.Errorf("a figure is %s", n.kind)
}

func (n *node) parts() (sum float64, isThere bool, err error) {
	whole, hasWhole, count := 0.0, false, 0
	class := ""
	for i, item := range n.items {
		kWh, isThere, err := kWhOf(item)
		switch {
		case err != nil:
			return 0, false, err
		case !isThere:
			return 0, false, errors.New("a part is missing")
		case n.kind == array && item.kind != number:
			return 0, false, errors.New("a list holds more than numbers")
		}
		if n.kind == object {
			own := classOf(n.keys[i])
			if own == total {
				if hasWhole {
					return 0, false, errors.New("it has two totals")
				}
				whole, hasWhole = kWh, true
				continue
			}
			if own == "" || class != "" && class != own {
				return 0, false, fmt.Errorf("the meaning of %q is not known", feeds.OneLine(n.keys[i]))
			}
			class = own
		}
		sum, count = sum+kWh, count+1
	}
	if hasWhole && count > 0 && math.Abs(sum-whole) > 0.005*float64(count+1) { // each was rounded to a hundredth
		return 0, false, errors.New("the total is not that of its parts")
	}
	if hasWhole {
		return whole, true, nil
	}
	return sum, true, nil
}

// classOf is what the parts of a map are by one of its keys; empty: nobody knows.
func classOf(key string) string {
	name := strings.TrimSuffix(fold(key), "kwh")
	hour, err := strconv.Atoi(strings.TrimSuffix(name, ":00"))
	switch {
	case name == "" || name == total:
		return total
	case slices.Contains(periods, name):
		return "periods"
	case name == "summer" || name == "winter":
		return "seasons"
	case monthOf(name) > 0:
		return "months"
	case err == nil && hour >= 0 && hour < 24:
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

// Names under which an amount of money may stand, folded.
var amounts = []string{"amount", "totalamount", "amountdue", "totaldue", "billingamount", "billamount", "invoiceamount", "amountapplied", "appliedamount"}

// moneyOf is the amount of a record; nil where there is none. Two that differ are none.
func moneyOf(record node) (*energy.Money, error) {
	if c := textOf(record, "currency"); c != "" && !strings.EqualFold(c, string(currency)) {
		return nil, feeds.Fail(feeds.Misconfigured, "in %q, not in %s", feeds.OneLine(c), currency)
	}
	var found *energy.Money
	for _, name := range amounts {
		item, has := record.child(name)
		if !has || item.kind != number {
			continue
		}
		m, err := energy.ParseDecimalMoney(item.text)
		if err != nil || found != nil && *found != m {
			return nil, errors.New("amount: it is no amount, or two that differ")
		}
		found = &m
	}
	return found, nil
}

// textOf is the first of some fields that is a text or a number; empty: none is.
func textOf(record node, names ...string) string {
	for _, name := range names {
		if item, has := record.child(name); has && (item.kind == text || item.kind == number) && item.text != "" {
			return feeds.OneLine(item.text)
		}
	}
	return ""
}
