package tariff

import (
	"fmt"
	"math/big"
	"strings"

	"hearth/energy"
)

// Decimal is an exact number without unit, in steps of 1e-9: a factor, or a share such as VAT.
type Decimal int64

const (
	// One is the factor that changes nothing.
	One Decimal = 1e9

	decimals = 8 // no published rule has more; a ninth is a float that somebody printed
)

// ParseDecimal reads "1.0275": no exponent, at most eight decimals.
func ParseDecimal(s string) (Decimal, error) {
	_, fraction, _ := strings.Cut(s, ".")
	if strings.Trim(s, "-.0123456789") != "" || len(fraction) > decimals {
		return 0, fmt.Errorf("number %q: want a decimal without exponent and with at most %d decimals", s, decimals)
	}
	m, err := energy.ParseDecimalMoney(s) // money has the same steps
	return Decimal(m), err
}

// String writes the shortest exact decimal.
func (d Decimal) String() string { return energy.Money(d).String() }

var (
	bigOne  = big.NewInt(int64(One))
	bigOne2 = new(big.Int).Mul(bigOne, bigOne)
)

// A total is what components add up to, in 1e-21 of the currency per kWh: the product of a price (1e-12)
// and a factor (1e-9) is exact there, so that the sum is rounded once.
type total struct{ taxed, rest, scratch big.Int }

func (t *total) reset() {
	t.taxed.SetInt64(0)
	t.rest.SetInt64(0)
}

func (t *total) add(v *big.Int, vat VATRule) {
	if vat == Added {
		t.taxed.Add(&t.taxed, v)
	} else {
		t.rest.Add(&t.rest, v)
	}
}

// price is the sum with VAT, rounded half to even.
func (t *total) price(vat Decimal) (energy.Price, error) {
	sum := t.scratch.SetInt64(int64(vat))
	sum.Add(sum, bigOne)
	sum.Mul(sum, &t.taxed)
	var rest big.Int
	sum.Add(sum, rest.Mul(&t.rest, bigOne))
	halfEven(sum, bigOne2)
	if !sum.IsInt64() {
		return 0, energy.ErrRange
	}
	return energy.Price(sum.Int64()), nil
}

// halfEven divides v by a positive d, rounded half to even.
func halfEven(v, d *big.Int) {
	var rest big.Int
	v.DivMod(v, d, &rest) // rounds down; the rest is >= 0
	rest.Lsh(&rest, 1)
	if c := rest.Cmp(d); c > 0 || c == 0 && v.Bit(0) == 1 {
		v.Add(v, big.NewInt(1))
	}
}

// exactly writes a price in the steps of a total.
func exactly(into *big.Int, p energy.Price) { into.Mul(into.SetInt64(int64(p)), bigOne) }

// of is the component's value at a spot price.
func (s *Spot) of(into *big.Int, published energy.Price) {
	var term big.Int
	into.Mul(into.SetInt64(int64(published)), term.SetInt64(int64(s.Factor)))
	exactly(&term, s.Adder)
	into.Add(into, &term)
	if s.Floor == nil {
		return
	}
	if exactly(&term, *s.Floor); into.Cmp(&term) < 0 {
		into.Set(&term)
	}
}
