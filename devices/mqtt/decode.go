package mqtt

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"hearth/devices"
	"hearth/devices/profiles"
)

// factor converts a unit to ours: W, Wh, A, fraction. It is false for a word that is no unit.
func factor(unit string) (float64, bool) {
	switch unit {
	case "W", "Wh", "A", "s", "°C", "enum", "bool":
		return 1, true
	case "kW", "kWh":
		return 1000, true
	case "mA":
		return 0.001, true
	case "Wmin":
		return 1. / 60, true
	case "%":
		return 0.01, true
	}
	return 0, false
}

// decode is the value of a point in a payload, in our unit and sign; a current of a setpoint stays in A, a
// part of the rated power a fraction. Nothing is found when a JSON message does not hold the point: one topic
// carries several kinds of message. Null says that the device does not know.
func decode(p profiles.Point, payload []byte) (v float64, found profiles.Found, err error) {
	text := string(payload)
	if p.Path != "" {
		text, found, err = profiles.Lookup(payload, p.Path)
		if err != nil || found != profiles.Scalar {
			return 0, found, err
		}
	}
	text = strings.TrimSpace(text)
	if text == "" || text == "null" && p.Path == "" {
		return 0, profiles.Null, nil
	}
	if p.Map != nil {
		return meaning(p, text)
	}
	if v, err = number(text, p.Unit); err != nil {
		return 0, profiles.Nothing, fmt.Errorf("%s: %w", p.Name, err)
	}
	if p.Sign < 0 {
		v = -v
	}
	if p.SignFrom != "" {
		other, stands, err := profiles.Lookup(payload, p.SignFrom)
		x, numErr := strconv.ParseFloat(strings.TrimSpace(other), 64)
		if err != nil || stands != profiles.Scalar || numErr != nil {
			return 0, profiles.Nothing, fmt.Errorf("%s: nothing at %s says its sign", p.Name, p.SignFrom)
		}
		if x < 0 {
			v = -v
		}
	}
	if (p.Min != nil && v < *p.Min) || (p.Max != nil && v > *p.Max) {
		return 0, profiles.Nothing, fmt.Errorf("%s: %v is not plausible", p.Name, v)
	}
	return v, profiles.Scalar, nil
}

// meaning is what the profile says a word stands for: 0 or 1, a number, or the place of a thermal mode.
func meaning(p profiles.Point, text string) (float64, profiles.Found, error) {
	switch is := p.Map[text].(type) {
	case bool:
		if is {
			return 1, profiles.Scalar, nil
		}
		return 0, profiles.Scalar, nil
	case float64:
		return is, profiles.Scalar, nil
	case string:
		for i, m := range thermalModes() {
			if string(m) == is {
				return float64(i), profiles.Scalar, nil
			}
		}
	}
	return 0, profiles.Nothing, fmt.Errorf("%s: %.40q means nothing to the profile", p.Name, text)
}

// thermalModes are in the order of the SG-Ready states 1 to 4.
func thermalModes() [4]devices.ThermalMode {
	return [4]devices.ThermalMode{devices.ThermalBlocked, devices.ThermalNormal, devices.ThermalRecommended, devices.ThermalForced}
}

// number reads "12.5", "-3e2", and "12.5 W" when it says the same unit as the profile, or another of its kind.
func number(text, unit string) (float64, error) {
	scale, _ := factor(unit)
	digits := text
	if end := strings.LastIndexAny(text, "0123456789.") + 1; end < len(text) {
		said := strings.TrimSpace(text[end:])
		own, isUnit := factor(said)
		if !isUnit || kindOf(said) != kindOf(unit) {
			return 0, fmt.Errorf("%.40q is not a number in %s", text, unit)
		}
		digits, scale = strings.TrimSpace(text[:end]), own
	}
	if strings.Contains(digits, ",") {
		return 0, fmt.Errorf("%.40q has a comma: nobody can say whether it means thousands", text)
	}
	if strings.Trim(digits, "+-.eE0123456789") != "" {
		return 0, fmt.Errorf("%.40q is not a number", text) // ParseFloat also takes inf, hex and underscores
	}
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil || math.IsInf(v*scale, 0) {
		return 0, fmt.Errorf("%.40q is not a number", text)
	}
	return v * scale, nil
}

// kindOf groups units that can be told into each other.
func kindOf(unit string) string {
	switch unit {
	case "W", "kW":
		return "power"
	case "Wh", "kWh", "Wmin":
		return "energy"
	case "A", "mA":
		return "current"
	}
	return unit
}
