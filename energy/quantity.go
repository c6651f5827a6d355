package energy

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Watts is power now: positive takes from the grid, negative gives back.
type Watts float64

// WattHours is power over time, with the sign of the power.
type WattHours float64

// SoC is a state of charge: a fraction of usable capacity, 0 to 1. Percent exist only in text.
type SoC float64

// Amps is a current on one phase, with the sign of the power.
type Amps float64

// Celsius is a temperature; zero is where water freezes, and means nothing special.
type Celsius float64

// Share is a part of a whole: 1 is all of it, and more than 1 is more than all, as the renewable share of a region
// that exports. Percent exist only in text.
type Share float64

// GramsPerKWh is the carbon intensity of energy taken from the grid.
type GramsPerKWh float64

// Grams is a mass of CO2 equivalent.
type Grams float64

// Over is the energy of a power held for d.
func (w Watts) Over(d time.Duration) WattHours { return WattHours(float64(w) * d.Hours()) }

// Mean is the power that gives this energy in d; zero when d is not positive.
func (e WattHours) Mean(d time.Duration) Watts {
	if d <= 0 {
		return 0
	}
	return Watts(float64(e) / d.Hours())
}

// Of is the mass that comes with an imported energy.
func (g GramsPerKWh) Of(e WattHours) Grams { return Grams(float64(g) * float64(e) / 1000) }

// String writes the power as configuration reads it: "11kW", "-350W".
func (w Watts) String() string { return scaled(float64(w), "W") }

// String writes the energy as configuration reads it: "7.5kWh".
func (e WattHours) String() string { return scaled(float64(e), "Wh") }

// String writes the state as configuration reads it: "40%".
func (s SoC) String() string { return number(float64(s)*100) + "%" }

// String writes the current as configuration reads it: "16A".
func (a Amps) String() string { return number(float64(a)) + "A" }

// String writes the temperature as configuration reads it: "48.5°C".
func (c Celsius) String() string { return number(float64(c)) + "°C" }

// String writes the share as configuration reads it: "130%".
func (s Share) String() string { return number(float64(s)*100) + "%" }

// String writes the intensity as configuration reads it: "380 g/kWh".
func (g GramsPerKWh) String() string { return number(float64(g)) + " g/kWh" }

// ParseWatts reads "350W", "11kW" or "1.2MW"; the unit is required.
func ParseWatts(s string) (Watts, error) {
	v, err := parseQuantity(s, "power", "11kW", powerUnits)
	return Watts(v), err
}

// ParseWattHours reads "500Wh", "7.5kWh" or "1MWh"; the unit is required.
func ParseWattHours(s string) (WattHours, error) {
	v, err := parseQuantity(s, "energy", "7.5kWh", energyUnits)
	return WattHours(v), err
}

// ParseSoC reads "40%", 0 to 100.
func ParseSoC(s string) (SoC, error) {
	v, err := parseQuantity(s, "state of charge", "40%", percentUnit)
	if err == nil && (v < 0 || v > 1) {
		return 0, fmt.Errorf("state of charge %q is not between 0%% and 100%%", s)
	}
	return SoC(v), err
}

// ParseAmps reads "16A" or "6000mA"; the unit is required.
func ParseAmps(s string) (Amps, error) {
	v, err := parseQuantity(s, "current", "16A", currentUnits)
	return Amps(v), err
}

// ParseCelsius reads "48.5°C" or "48.5C"; nothing is colder than -273.15°C.
func ParseCelsius(s string) (Celsius, error) {
	v, err := parseQuantity(s, "temperature", "48.5°C", heatUnits)
	if err == nil && v < -273.15 {
		return 0, fmt.Errorf("temperature %q is below absolute zero", s)
	}
	return Celsius(v), err
}

// ParseShare reads "40%"; more than 100% is a share as well, less than nothing is not.
func ParseShare(s string) (Share, error) {
	v, err := parseQuantity(s, "share", "40%", percentUnit)
	if err == nil && v < 0 {
		return 0, fmt.Errorf("share %q is less than nothing", s)
	}
	return Share(v), err
}

// ParseGramsPerKWh reads "380 g/kWh".
func ParseGramsPerKWh(s string) (GramsPerKWh, error) {
	v, err := parseQuantity(s, "carbon intensity", "380 g/kWh", carbonUnit)
	return GramsPerKWh(v), err
}

type unit struct {
	name   string
	factor float64
}

var (
	powerUnits   = []unit{{"W", 1}, {"kW", 1e3}, {"MW", 1e6}}
	energyUnits  = []unit{{"Wh", 1}, {"kWh", 1e3}, {"MWh", 1e6}}
	currentUnits = []unit{{"A", 1}, {"mA", 1e-3}}
	heatUnits    = []unit{{"°C", 1}, {"C", 1}}
	percentUnit  = []unit{{"%", 0.01}}
	carbonUnit   = []unit{{"g/kWh", 1}}
)

func parseQuantity(s, what, example string, units []unit) (float64, error) {
	text := strings.TrimSpace(s)
	end := strings.LastIndexAny(text, "0123456789.") + 1
	digits, name := text[:end], strings.TrimSpace(text[end:])
	for _, u := range units {
		if u.name != name {
			continue
		}
		v, err := strconv.ParseFloat(digits, 64)
		if err != nil || math.IsInf(v, 0) || math.IsNaN(v) || strings.ContainsAny(digits, "xXpP_") {
			return 0, fmt.Errorf("%s %q: %q is not a number", what, s, digits)
		}
		if u.factor == 0.01 {
			return v / 100, nil // 7 * 0.01 is not 0.07; 7 / 100 is
		}
		return v * u.factor, nil
	}
	if name == "" {
		return 0, fmt.Errorf("%s %q has no unit, want for example %q", what, s, example)
	}
	return 0, fmt.Errorf("%s %q has the unit %q, want for example %q", what, s, name, example)
}

func scaled(v float64, base string) string {
	switch a := math.Abs(v); {
	case a >= 1e6:
		return number(v/1e6) + "M" + base
	case a >= 1e3:
		return number(v/1e3) + "k" + base
	}
	return number(v) + base
}

// number writes at most three decimals, without trailing zeros and without "-0".
func number(v float64) string {
	r := math.Round(v*1000) / 1000
	if r == 0 {
		r = 0 // -0 is a sign nobody asked for
	}
	return strconv.FormatFloat(r, 'f', -1, 64)
}
