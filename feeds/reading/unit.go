package reading

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"hearth/energy"
	"hearth/feeds"
)

// Unit is what a number counts.
type Unit struct {
	shift  int     // of a price: the power of ten that makes it money per kWh
	factor float64 // of anything else
	most   float64 // beyond it a number is a slip
}

// plain are the units of what is no price.
var plain = map[feeds.Kind]map[string]Unit{
	feeds.Carbon: {
		"gCO2/kWh": {factor: 1, most: 5000}, "gCO2eq/kWh": {factor: 1, most: 5000}, "gCO₂/kWh": {factor: 1, most: 5000},
		"g/kWh": {factor: 1, most: 5000}, "kg/MWh": {factor: 1, most: 5000}, "kg/kWh": {factor: 1000, most: 5},
	},
	feeds.Renewable: {"%": {factor: 0.01, most: 1000}},
	feeds.Solar:     {"W": {factor: 1, most: 1e9}, "kW": {factor: 1e3, most: 1e6}, "MW": {factor: 1e6, most: 1e3}},
}

// symbols are currencies as people write them.
var symbols = map[string]energy.Currency{"€": "EUR", "£": "GBP"}

// hundredths are those of which currencies.
var hundredths = map[string][]energy.Currency{
	"ct": dollarsAndEuro, "c": dollarsAndEuro, "cent": dollarsAndEuro, "cents": dollarsAndEuro, "¢": dollarsAndEuro,
	"öre": {"SEK"}, "øre": {"DKK", "NOK"}, "ore": {"SEK", "DKK", "NOK"}, "p": {"GBP"}, "pence": {"GBP"}, "rp": {"CHF"}, "gr": {"PLN"},
}

var dollarsAndEuro = []energy.Currency{"EUR", "USD", "AUD", "CAD", "NZD"}

// ParseUnit reads the unit of a kind; a price has to be in the home's currency. The error does not name the key.
func ParseUnit(text string, kind feeds.Kind, home energy.Currency) (Unit, error) {
	bare := strings.ReplaceAll(text, " ", "")
	if kind != feeds.ImportPrice && kind != feeds.ExportPrice {
		if u, isKnown := plain[kind][bare]; isKnown {
			return u, nil
		}
		return Unit{}, feeds.Fail(feeds.Misconfigured, "%q: is no unit of %s, which may be in %s", feeds.OneLine(text), kind, strings.Join(names(kind), ", "))
	}
	money, per, _ := strings.Cut(bare, "/")
	shift := 0
	switch strings.ToLower(per) {
	case "kwh":
	case "mwh":
		shift = -3
	default:
		return Unit{}, feeds.Fail(feeds.Misconfigured, "%q: is no unit of a price such as EUR/MWh, EUR/kWh or ct/kWh", feeds.OneLine(text))
	}
	if of, isPart := hundredths[strings.ToLower(money)]; isPart {
		if !slices.Contains(of, home) {
			return Unit{}, feeds.Fail(feeds.Misconfigured, "%q: is no part of %q, the home's currency", feeds.OneLine(text), home)
		}
		return Unit{shift: shift - 2}, nil
	}
	if c := currencyOf(money); c == "" || c != home {
		return Unit{}, feeds.Fail(feeds.Misconfigured, "%q: is not in %q, the home's currency", feeds.OneLine(text), home)
	}
	return Unit{shift: shift}, nil
}

// Contradicts says that what a publisher calls its unit or currency is of another currency than the home's. A text that
// names no currency contradicts nothing.
func Contradicts(said string, home energy.Currency) bool {
	money, _, _ := strings.Cut(strings.ReplaceAll(said, " ", ""), "/")
	if of, isPart := hundredths[strings.ToLower(money)]; isPart {
		return !slices.Contains(of, home)
	}
	c := currencyOf(money)
	return c != "" && c != home
}

func currencyOf(money string) energy.Currency {
	if c, isSymbol := symbols[money]; isSymbol {
		return c
	}
	c, err := energy.ParseCurrency(strings.ToUpper(money))
	if err != nil || c == "KWH" || c == "MWH" { // a unit without its money
		return ""
	}
	return c
}

// names are the units of a kind, for people.
func names(kind feeds.Kind) []string {
	var all []string
	for name := range plain[kind] {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// price reads a price exactly.
func (u Unit) price(n json.Number) (energy.Price, error) { return feeds.PerKWh(n, u.shift) }

// amount reads anything else, which is never less than nothing.
func (u Unit) amount(n json.Number) (float64, error) {
	f, err := n.Float64()
	if err != nil || !(f >= 0 && f <= u.most) {
		return 0, fmt.Errorf("%q: is no value from 0 to %g", feeds.OneLine(n.String()), u.most)
	}
	if u.factor == 0.01 {
		return f / 100, nil // 7 * 0.01 is not 0.07
	}
	return f * u.factor, nil
}
