package v20b

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// decimal reads a number of XML (payloadFloat) times a power of ten, and writes it as JSON without rounding: it
// may be a price. INF, NaN and what is no number are refused.
func decimal(text string, exponent int) (json.RawMessage, error) {
	const longest = 40
	bad := fmt.Errorf("%.20q is not a usable number", text)
	s := strings.TrimSpace(text)
	if len(s) > longest {
		return nil, bad
	}
	sign := ""
	if rest, isNegative := strings.CutPrefix(s, "-"); isNegative {
		sign, s = "-", rest
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.ParseInt(s[i+1:], 10, 16)
		if err != nil {
			return nil, bad
		}
		s, exponent = s[:i], exponent+int(n)
	}
	whole, fraction, _ := strings.Cut(s, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" || exponent < -longest || exponent > longest {
		return nil, bad
	}
	point := len(whole) + exponent // where it stands among the digits
	if point < 0 {
		digits, point = strings.Repeat("0", -point)+digits, 0
	} else if point > len(digits) {
		digits += strings.Repeat("0", point-len(digits))
	}
	whole, fraction = strings.TrimLeft(digits[:point], "0"), strings.TrimRight(digits[point:], "0")
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		return json.RawMessage(sign + whole + "." + fraction), nil
	}
	if whole == "0" {
		sign = ""
	}
	return json.RawMessage(sign + whole), nil
}

// scaleOf is the power of ten of a siScaleCode.
func scaleOf(code string) (int, error) {
	switch strings.TrimSpace(code) {
	case "", "none":
		return 0, nil
	case "p":
		return -12, nil
	case "n":
		return -9, nil
	case "micro":
		return -6, nil
	case "m":
		return -3, nil
	case "c":
		return -2, nil
	case "d":
		return -1, nil
	case "k":
		return 3, nil
	case "M":
		return 6, nil
	case "G":
		return 9, nil
	case "T":
		return 12, nil
	}
	return 0, fmt.Errorf("scale %.20q is none", code)
}
