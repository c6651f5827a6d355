package feeds

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"hearth/energy"
)

// PerKWh reads a price that is given in another unit, exactly: shift is the power of ten that makes it money per kWh,
// -3 for money per MWh and -2 for hundredths per kWh.
func PerKWh(number json.Number, shift int) (energy.Price, error) {
	digits, exponent, hasExponent := strings.Cut(strings.ToLower(number.String()), "e")
	if hasExponent {
		n, err := strconv.Atoi(exponent)
		if err != nil {
			return 0, fmt.Errorf("%q: is no number", OneLine(number.String()))
		}
		shift += n
	}
	p, err := energy.ParseDecimalPrice(digits + "e" + strconv.Itoa(shift))
	if err != nil {
		return 0, fmt.Errorf("%q: is no price", OneLine(number.String()))
	}
	return p, nil
}

// mostGrams is more than a kWh of any grid causes: one of the worst lignite causes a quarter of it.
const mostGrams = 5000

// Grams reads a carbon intensity that is given in a unit of so many g/kWh.
func Grams(number json.Number, unit float64) (energy.GramsPerKWh, error) {
	f, err := number.Float64()
	if g := f * unit; err == nil && g >= 0 && g <= mostGrams {
		return energy.GramsPerKWh(g), nil
	}
	return 0, fmt.Errorf("%q: is no carbon intensity", OneLine(number.String()))
}
