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
	currency energy.Currency
	isPerMWh bool
}

// priceTerms reads the unit and the currency of prices. Without a unit it is the kWh, the only one the
// enumeration has for an electricity price; the MWh is private, but what exchanges use.
func priceTerms(d openadr.PayloadDescriptor, fallback energy.Currency) (terms, error) {
	t := terms{currency: fallback}
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
func carbonTerms(d openadr.PayloadDescriptor) (terms, error) {
	switch unit(d.Units) {
	case "", "GHG", "G/KWH":
		return terms{}, nil
	}
	return terms{}, fmt.Errorf("unit %.20q is not g/kWh", d.Units)
}

func unit(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), "")) }

// readPrice reads a JSON number exactly. It may be negative; text, even of digits, is no number.
func readPrice(raw json.RawMessage, t terms) (energy.Price, error) {
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
func readCarbon(raw json.RawMessage, _ terms) (energy.GramsPerKWh, error) {
	var v *float64
	if json.Unmarshal(raw, &v) != nil || v == nil {
		return 0, errNumber(raw)
	}
	if *v < 0 || *v > math.MaxInt32 {
		return 0, fmt.Errorf("%.20s g/kWh cannot be", raw)
	}
	return energy.GramsPerKWh(*v), nil
}

func errNumber(raw json.RawMessage) error { return fmt.Errorf("%#.20q is not a usable number", raw) }

// readAll reads the values of a payload; one that cannot be read spoils them all, for they share the interval.
func readAll[T any](values []json.RawMessage, t terms, read func(json.RawMessage, terms) (T, error)) ([]T, error) {
	if len(values) == 0 {
		return nil, errors.New("no value")
	}
	out := make([]T, len(values))
	for i, raw := range values {
		v, err := read(raw, t)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// payload finds the values of a type in an interval.
func payload(i *openadr.Interval, kind string) (values []json.RawMessage, count int) {
	for p := range i.Payloads {
		if i.Payloads[p].Type == kind {
			values = i.Payloads[p].Values
			count++
		}
	}
	return values, count
}

// descriptor is what the event says of a payload type, and where it is silent, the program.
func descriptor(kind string, e *openadr.Event, p *openadr.Program) openadr.PayloadDescriptor {
	var d openadr.PayloadDescriptor
	fill := func(from []openadr.PayloadDescriptor) {
		for _, o := range from {
			if o.PayloadType != kind || o.ObjectType != "" && o.ObjectType != openadr.ObjectEventDescriptor {
				continue
			}
			if d.Units == "" {
				d.Units = o.Units
			}
			if d.Currency == "" {
				d.Currency = o.Currency
			}
		}
	}
	fill(e.PayloadDescriptors)
	if p != nil {
		fill(p.PayloadDescriptors)
	}
	return d
}

// nonsense says why not one of the event's values can be read, if it has any that we read at all.
func nonsense(e *openadr.Event) error {
	var first error
	for i := range e.Intervals {
		for _, p := range e.Intervals[i].Payloads {
			var err error
			switch p.Type {
			case openadr.PayloadPrice, openadr.PayloadExportPrice:
				_, err = readAll(p.Values, terms{}, readPrice)
			case openadr.PayloadGHG:
				_, err = readAll(p.Values, terms{}, readCarbon)
			default:
				continue
			}
			if err == nil {
				return nil
			}
			if first == nil {
				first = fmt.Errorf("interval %d %s: %w", i, p.Type, err)
			}
		}
	}
	return first
}
