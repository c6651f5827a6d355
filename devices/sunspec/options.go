package sunspec

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Part is what of a device is meant.
type Part string

// The parts a device may have.
const (
	Inverter Part = "inverter" // its AC side; of a hybrid, the battery is in it
	Solar    Part = "solar"    // the strings of panels of a hybrid, on the DC side
	Battery  Part = "battery"
	Meter    Part = "meter"
)

// Options say what to make of a map.
type Options struct {
	Unit byte // Modbus unit id, 1 to 247 or 255
	Part Part // empty: the only one there is
	// Instance chooses among several alike, in the device's order from 1; 0 is the first.
	Instance int
	// Sign is 1 where the maker counts taking (from the grid, into a battery) as positive, -1 where it is the
	// other way round. 0 is not known: what needs it is refused ([Map.NeedsSign]). Fronius meters are 1,
	// SolarEdge's -1. It turns the power only: what counts as imported and exported the standard does say.
	Sign int
	// IsGridCharged allows the battery to be charged from the grid: a setting of model 124 that stays.
	IsGridCharged bool
	// IsTimerDead says that a command was left to lapse and did not: the profile has no lease then.
	IsTimerDead bool
}

// ParseOptions reads the parameters of a configured device: unit, part, instance, sign, grid_charge (yes, no)
// and timer (works, dead). The error names every one that is wrong.
func ParseOptions(params map[string]string) (Options, error) {
	o := Options{Unit: 1}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if err := o.set(name, params[name]); err != nil {
			errs = append(errs, fmt.Errorf("param %s: %q: %w", name, params[name], err))
		}
	}
	return o, errors.Join(errs...)
}

func (o *Options) set(name, text string) error {
	number := func(low, high int) (int, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < low || n > high {
			return 0, fmt.Errorf("want a number from %d to %d", low, high)
		}
		return n, nil
	}
	choice := func(yes, no string) (bool, error) {
		if text != yes && text != no {
			return false, fmt.Errorf("want %s or %s", yes, no)
		}
		return text == yes, nil
	}
	var err error
	var n int
	switch name {
	case "unit":
		n, err = number(1, 255)
		if o.Unit = byte(n); err == nil && n > 247 && n < 255 { // 248 to 254 are reserved
			err = errors.New("want 1 to 247, or 255")
		}
	case "part":
		o.Part = Part(text)
		if !slices.Contains([]Part{Inverter, Solar, Battery, Meter}, o.Part) {
			err = errors.New("want inverter, solar, battery or meter")
		}
	case "instance":
		o.Instance, err = number(1, maxModels)
	case "sign":
		if o.Sign, err = number(-1, 1); err == nil && o.Sign == 0 {
			err = errors.New("want 1 or -1")
		}
	case "grid_charge":
		o.IsGridCharged, err = choice("yes", "no")
	case "timer":
		o.IsTimerDead, err = choice("dead", "works")
	default:
		err = errors.New("no such parameter; there are unit, part, instance, sign, grid_charge and timer")
	}
	return err
}

// Parts are what can be made of the map, in a fixed order. What [Map.Profile] refuses for want of a sign is
// among them.
func (m Map) Parts() []Part {
	var parts []Part
	if _, ok := m.first(inverterModels...); ok {
		parts = append(parts, Inverter)
	}
	panels, charge, _ := m.modules()
	if len(panels) > 0 && charge >= 0 {
		parts = append(parts, Solar)
	}
	if _, ok := m.first(storage, derStorage, batteryBank); ok {
		parts = append(parts, Battery)
	}
	if _, ok := m.first(meterModels...); ok {
		parts = append(parts, Meter)
	}
	return parts
}

// NeedsSign says that the owner has to state the sign of this part's power.
func (m Map) NeedsSign(part Part) bool {
	if part == Battery {
		_, hasBank := m.first(batteryBank)
		return hasBank && !m.throughModules()
	}
	return part == Meter
}

// part is the one the options mean.
func (m Map) part(o Options) (Part, error) {
	parts := m.Parts()
	switch {
	case len(parts) == 0:
		return "", errors.New("it has no inverter, battery or meter of a model we know")
	case o.Part == "" && len(parts) == 1:
		return parts[0], nil
	case slices.Contains(parts, o.Part):
		return o.Part, nil
	}
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = string(p)
	}
	if o.Part == "" {
		return "", fmt.Errorf("part: it has %s: say which", strings.Join(names, ", "))
	}
	return "", fmt.Errorf("part: it has no %s, only %s", o.Part, strings.Join(names, ", "))
}
