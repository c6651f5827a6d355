package ven

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"hearth/energy"
	"hearth/openadr"
)

// terms is how the values of a payload type are meant.
type terms struct {
	currency  energy.Currency
	isPerMWh  bool
	low, high float64 // what a value may be, as it is written
	factor    float64 // from what is written to W or Wh
	per       float64 // as a divisor, for 7 * 0.01 is not 0.07
	units     string
}

// anyNumber are terms that only ask whether a value can be read at all.
func anyNumber() terms {
	return terms{low: math.Inf(-1), high: math.Inf(1), factor: 1, per: 1}
}

// rules is what the configuration says where the VTN is silent.
type rules struct {
	currency  energy.Currency
	isHundred bool // per cent are written 0 to 100
}

// priceTerms reads the unit and the currency of prices. Without a unit it is the kWh, the only one the
// enumeration has for an electricity price; the MWh is private, but what exchanges use.
func priceTerms(d openadr.PayloadDescriptor, r rules) (terms, error) {
	t := terms{currency: r.currency}
	switch unit(d.Units) {
	case "", "KWH":
	case "MWH":
		t.isPerMWh = true
	default:
		return terms{}, fmt.Errorf("unit %.20q is not one of energy", d.Units)
	}
	if d.Currency != "" {
		var err error
		if t.currency, err = energy.ParseCurrency(unit(d.Currency)); err != nil {
			return terms{}, fmt.Errorf("currency %.20q is none", d.Currency)
		}
	}
	if t.currency == "" {
		return terms{}, errors.New("no currency: neither the VTN nor the configuration names one")
	}
	return t, nil
}

// carbonTerms accepts g/kWh only; GHG is what the enumeration calls it.
func carbonTerms(d openadr.PayloadDescriptor, _ rules) (terms, error) {
	switch unit(d.Units) {
	case "", "GHG", "G/KWH":
		return terms{}, nil
	}
	return terms{}, fmt.Errorf("unit %.20q is not g/kWh", d.Units)
}

// powerTerms reads the unit of magnitudes of power. Without one it is the kW, the only one of active power
// in the enumeration; W and MW are private. Apparent power and currents are not guessed at.
func powerTerms(d openadr.PayloadDescriptor, _ rules) (terms, error) {
	t := terms{high: maxPower, per: 1}
	switch unit(d.Units) {
	case "", "KW":
		t.factor = 1e3
	case "W":
		t.factor = 1
	case "MW":
		t.factor = 1e6
	default:
		return terms{}, fmt.Errorf("unit %.20q is not one of power", d.Units)
	}
	return t, nil
}

// maxPower bounds what a home is told, in any unit: more is a slip, and arithmetic must not overflow.
const maxPower = 1e9

// changeTerms is the same with a sign: the schema forbids it, but a change without one is half a change.
func changeTerms(d openadr.PayloadDescriptor, r rules) (terms, error) {
	t, err := powerTerms(d, r)
	t.low = -t.high
	return t, err
}

// chargeTerms reads the unit of a state of charge. There is no unit that goes without saying.
func chargeTerms(d openadr.PayloadDescriptor, r rules) (terms, error) {
	t := terms{high: maxPower, per: 1, units: unit(d.Units)}
	switch t.units {
	case "PERCENT", "%":
		return percentTerms(r), nil
	case "KWH":
		t.factor = 1e3
	case "WH":
		t.factor = 1
	case "":
		return terms{}, errors.New("no unit: want PERCENT or KWH")
	default:
		return terms{}, fmt.Errorf("unit %.20q is not one of charge", d.Units)
	}
	return t, nil
}

// percentTerms is 0 to 1 (units), and 0 to 100 only where the configuration says so of the program: 1 may
// be one per cent or all, and nothing in the value tells.
func percentTerms(r rules) terms {
	t := terms{high: 1, factor: 1, per: 1}
	if r.isHundred {
		t.high, t.per = 100, 100
	}
	return t
}

// shareTerms is for parts of a whole. A renewable share may exceed all of it, but is known to be written
// 0 to 1 only as long as it does not.
func shareTerms(d openadr.PayloadDescriptor, r rules) (terms, error) {
	switch unit(d.Units) {
	case "", "PERCENT", "%":
		t := percentTerms(r)
		if r.isHundred {
			t.high = 1000
		}
		return t, nil
	}
	return terms{}, fmt.Errorf("unit %.20q is not PERCENT", d.Units)
}

// plainTerms is for what has no unit, or one that only the program understands.
func plainTerms(d openadr.PayloadDescriptor, _ rules) (terms, error) {
	return terms{units: d.Units}, nil
}

func unit(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(strings.Join(strings.Fields(s), ""))
}

// readPrice reads a JSON number exactly. It may be negative; text, even of digits, is no number.
func readPrice(raw json.RawMessage, t *terms) (energy.Price, error) {
	text := string(raw)
	if t.isPerMWh {
		mantissa, exponent := text, 0
		if i := strings.IndexAny(text, "eE"); i >= 0 {
			n, err := strconv.Atoi(text[i+1:])
			if err != nil {
				return 0, errNumber(raw)
			}
			mantissa, exponent = text[:i], n
		}
		text = mantissa + "e" + strconv.Itoa(exponent-3) // a thousandth, before anything is rounded
	}
	p, err := energy.ParseDecimalPrice(text)
	if err != nil {
		return 0, errNumber(raw)
	}
	return p, nil
}

// readCarbon reads a JSON number of at least 0 (event-interval-payloads).
func readCarbon(raw json.RawMessage, _ *terms) (energy.GramsPerKWh, error) {
	v, err := number(raw)
	if err == nil && (v < 0 || v > math.MaxInt32) {
		err = fmt.Errorf("%.20s g/kWh cannot be", raw)
	}
	return energy.GramsPerKWh(v), err
}

func readPower(raw json.RawMessage, t *terms) (energy.Watts, error) {
	v, err := scaled(raw, t)
	return energy.Watts(v), err
}

func readShare(raw json.RawMessage, t *terms) (energy.Share, error) {
	v, err := scaled(raw, t)
	return energy.Share(v), err
}

func readCharge(raw json.RawMessage, t *terms) (Charge, error) {
	v, err := scaled(raw, t)
	if t.units != "" {
		return Charge{Energy: energy.WattHours(v), IsEnergy: true}, err
	}
	return Charge{SoC: energy.SoC(v)}, err
}

// readLevel reads a whole number from 0 to 3, in whatever way it is written.
func readLevel(raw json.RawMessage, _ *terms) (int, error) {
	v, err := number(raw)
	if err == nil && (v < 0 || v > 3 || v != math.Trunc(v)) {
		err = fmt.Errorf("level %.20s is none of 0, 1, 2 and 3", raw)
	}
	return int(v), err
}

// maxText is for texts and settings, in bytes; the enumeration has 128 characters where it has a bound.
const maxText = 1000

// readText reads a text for people. An empty one is fine: the type of the alert says enough.
func readText(raw json.RawMessage, _ *terms) (string, error) {
	var text *string
	if json.Unmarshal(raw, &text) != nil || text == nil {
		return "", fmt.Errorf("%#.20q is not a text", raw)
	}
	if len(*text) > maxText {
		return strings.ToValidUTF8((*text)[:maxText], ""), nil
	}
	return *text, nil
}

// readControl keeps a number, text, bool or point as it came.
func readControl(raw json.RawMessage, t *terms) (Control, error) {
	if len(raw) == 0 || len(raw) > maxText || !json.Valid(raw) || raw[0] == 'n' || raw[0] == '[' {
		return Control{}, fmt.Errorf("%#.20q is no setting", raw)
	}
	if raw[0] == '{' {
		if _, err := readPoint(raw); err != nil {
			return Control{}, err
		}
	}
	return Control{raw, t.units}, nil
}

// readCurves reads all values of a payload: lists of points, as the schema has it, or one flat list of them,
// as UG 8.4 does.
func readCurves(raw []json.RawMessage, _ *terms, into [][]Curve) ([][]Curve, error) {
	var curves []Curve
	var flat Curve
	for _, value := range raw {
		var points []json.RawMessage
		if json.Unmarshal(value, &points) != nil || points == nil {
			p, err := readPoint(value)
			if err != nil {
				return nil, err
			}
			flat = append(flat, p)
			continue
		}
		var c Curve
		for _, point := range points {
			p, err := readPoint(point)
			if err != nil {
				return nil, err
			}
			c = append(c, p)
		}
		if len(c) == 0 {
			return nil, errors.New("a curve without points")
		}
		curves = append(curves, c)
	}
	if flat != nil && curves != nil {
		return nil, errors.New("points beside lists of points")
	}
	if flat != nil {
		curves = []Curve{flat}
	}
	return append(into, curves), nil
}

func readPoint(raw json.RawMessage) (CurvePoint, error) {
	var p struct{ X, Y *float64 }
	if json.Unmarshal(raw, &p) != nil || p.X == nil || p.Y == nil {
		return CurvePoint{}, fmt.Errorf("%#.20q is not a point", raw)
	}
	return CurvePoint{*p.X, *p.Y}, nil
}

// scaled reads a JSON number within its bounds, into the unit of this house.
func scaled(raw json.RawMessage, t *terms) (float64, error) {
	v, err := number(raw)
	if err != nil {
		return 0, err
	}
	switch {
	case v < t.low:
		return 0, fmt.Errorf("%.20s is less than %g", raw, t.low)
	case v > t.high:
		return 0, fmt.Errorf("%.20s is more than %g", raw, t.high)
	}
	return v * t.factor / t.per, nil
}

func number(raw json.RawMessage) (float64, error) {
	var v *float64
	if json.Unmarshal(raw, &v) != nil || v == nil {
		return 0, errNumber(raw)
	}
	return *v, nil
}

func errNumber(raw json.RawMessage) error { return fmt.Errorf("%#.20q is not a usable number", raw) }
