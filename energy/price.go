package energy

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
)

// Price is an amount of money per kWh, exact to 1e-12 of the currency: the decimals a VTN or an
// exchange publishes, and a thousandth of them (per MWh), survive unchanged. Finer input is rounded
// half to even. It may be negative. The largest magnitude is about nine million per kWh.
type Price int64

// Money is an amount of money, exact to 1e-9 of the currency, so that sums do not depend on order.
type Money int64

const (
	priceDigits = 12
	moneyDigits = 9
	priceOne    = 1e12
	moneyOne    = 1e9
)

// Currency is an ISO 4217 code. The zero value means "no money".
type Currency string

// ErrRange says that a number does not fit the decimal it was read into.
var ErrRange = errors.New("out of range")

// PriceOf is the nearest price to a float. For text use [ParseDecimalPrice], which is exact.
func PriceOf(perKWh float64) Price { return Price(math.RoundToEven(perKWh * priceOne)) }

// MoneyOf is the nearest amount to a float.
func MoneyOf(amount float64) Money { return Money(math.RoundToEven(amount * moneyOne)) }

// Float is the price as a float, for arithmetic that weighs it against other things.
func (p Price) Float() float64 { return float64(p) / priceOne }

// Float is the amount as a float.
func (m Money) Float() float64 { return float64(m) / moneyOne }

// Of is what an energy costs at this price.
func (p Price) Of(e WattHours) Money {
	return Money(math.RoundToEven(float64(p) * float64(e) / (1000 * priceOne / moneyOne)))
}

// String writes the shortest exact decimal: "0.21".
func (p Price) String() string { return formatDecimal(int64(p), priceDigits) }

// String writes the shortest exact decimal: "1.5".
func (m Money) String() string { return formatDecimal(int64(m), moneyDigits) }

// MarshalJSON writes a JSON number with every decimal.
func (p Price) MarshalJSON() ([]byte, error) { return []byte(p.String()), nil }

// MarshalJSON writes a JSON number with every decimal.
func (m Money) MarshalJSON() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalJSON reads a JSON number exactly; a number in quotes is refused.
func (p *Price) UnmarshalJSON(b []byte) (err error) {
	*p, err = ParseDecimalPrice(string(b))
	return err
}

// UnmarshalJSON reads a JSON number exactly; a number in quotes is refused.
func (m *Money) UnmarshalJSON(b []byte) error {
	v, err := parseDecimal(string(b), moneyDigits)
	*m = Money(v)
	return err
}

// ParseDecimalPrice reads a bare decimal as JSON writes numbers ("-0.05", "1e-5").
func ParseDecimalPrice(s string) (Price, error) {
	v, err := parseDecimal(s, priceDigits)
	return Price(v), err
}

// ParseDecimalMoney reads a bare decimal amount.
func ParseDecimalMoney(s string) (Money, error) {
	v, err := parseDecimal(s, moneyDigits)
	return Money(v), err
}

// ParsePrice reads "0.21 EUR/kWh".
func ParsePrice(s string) (Price, Currency, error) {
	digits, rest, ok := strings.Cut(strings.TrimSpace(s), " ")
	code, isPerKWh := strings.CutSuffix(strings.TrimSpace(rest), "/kWh")
	if !ok || !isPerKWh {
		return 0, "", fmt.Errorf("price %q: want for example %q", s, "0.21 EUR/kWh")
	}
	c, err := ParseCurrency(code)
	if err != nil {
		return 0, "", fmt.Errorf("price %q: %w", s, err)
	}
	p, err := ParseDecimalPrice(digits)
	if err != nil {
		return 0, "", fmt.Errorf("price %q: %w", s, err)
	}
	return p, c, nil
}

// Text writes the price as [ParsePrice] reads it.
func (p Price) Text(c Currency) string { return p.String() + " " + string(c) + "/kWh" }

// ParseCurrency accepts three capital letters; it does not know the list.
func ParseCurrency(s string) (Currency, error) {
	if len(s) != 3 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "", fmt.Errorf("currency %q: want three capital letters, for example %q", s, "EUR")
	}
	return Currency(s), nil
}

// parseDecimal reads a JSON number into units of 10^-places, rounding half to even.
func parseDecimal(s string, places int) (int64, error) {
	if !json.Valid([]byte(s)) || strings.Trim(s, "+-.eE0123456789") != "" {
		return 0, fmt.Errorf("%q is not a decimal number", s)
	}
	text, isNegative := strings.CutPrefix(s, "-")
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if len(text)-i > 6 {
			return 0, fmt.Errorf("%q: %w", s, ErrRange) // no price needs a five-digit exponent
		}
		if _, err := fmt.Sscanf(text[i+1:], "%d", &exponent); err != nil {
			return 0, fmt.Errorf("%q is not a decimal number", s)
		}
		mantissa = text[:i]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	keep := len(digits) - len(fraction) + exponent + places // digits left of the last kept place
	v, err := roundedDigits(digits, keep)
	if err != nil {
		return 0, fmt.Errorf("%q: %w", s, err)
	}
	if isNegative {
		v = -v
	}
	return v, nil
}

// roundedDigits is the integer of the first keep digits (padded with zeros), rounded half to even.
func roundedDigits(digits string, keep int) (int64, error) {
	if digits == "" || keep < 0 {
		return 0, nil
	}
	if keep > 19 {
		return 0, ErrRange
	}
	var v uint64
	for i := range keep {
		d := uint64(0)
		if i < len(digits) {
			d = uint64(digits[i] - '0')
		}
		if v > (math.MaxInt64-d)/10 {
			return 0, ErrRange
		}
		v = v*10 + d
	}
	if keep < len(digits) {
		rest := strings.TrimRight(digits[keep:], "0")
		if rest > "5" || (rest == "5" && v%2 == 1) {
			v++
		}
	}
	if v > math.MaxInt64 {
		return 0, ErrRange
	}
	return int64(v), nil
}

func formatDecimal(v int64, places int) string {
	sign, u := "", uint64(v)
	if v < 0 {
		sign, u = "-", -u
	}
	text := fmt.Sprintf("%0*d", places+1, u)
	whole, fraction := text[:len(text)-places], strings.TrimRight(text[len(text)-places:], "0")
	if fraction == "" {
		return sign + whole
	}
	return sign + whole + "." + fraction
}
