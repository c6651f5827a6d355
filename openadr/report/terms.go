package report

import (
	"math"
	"slices"
	"strings"

	"hearth/openadr"
)

// kind is what we know of a payload type (report-payloads).
type kind struct {
	quantities []Quantity // it can be told in; the first is meant where no unit is asked
	isAmount   bool       // >= 0
	isSum      bool       // the sum over resources means something
	isFlow     bool       // energy and mean power over a span follow from each other
	needsUnit  bool       // nothing is meant where none is asked
}

// kindOf knows the payload types that a home can tell.
func kindOf(payload string) (kind, bool) {
	switch payload {
	case "USAGE":
		return kind{quantities: []Quantity{Energy}, isAmount: true, isSum: true, isFlow: true}, true
	case "DEMAND":
		return kind{quantities: []Quantity{Power}, isAmount: true, isSum: true, isFlow: true}, true
	case "READING":
		return kind{quantities: []Quantity{Energy, Power}, isSum: true, needsUnit: true}, true
	case "BASELINE", "DELTA_USAGE", "LOAD_SHED_DELTA_AVAILABLE", "GENERATION_DELTA_AVAILABLE":
		return kind{quantities: []Quantity{Energy, Power}, isSum: true, isFlow: true}, true
	case "USAGE_FORECAST", "STORAGE_DISPATCH_FORECAST":
		return kind{quantities: []Quantity{Energy}, isSum: true, isFlow: true}, true
	case "STORAGE_USABLE_CAPACITY":
		return kind{quantities: []Quantity{Energy}, isAmount: true, isSum: true}, true
	case "STORAGE_MAX_CHARGE_POWER", "STORAGE_MAX_DISCHARGE_POWER":
		return kind{quantities: []Quantity{Power}, isAmount: true, isSum: true}, true
	case "STORAGE_CHARGE_LEVEL":
		return kind{quantities: []Quantity{Fraction}}, true
	case "SIMPLE_LEVEL":
		return kind{quantities: []Quantity{Level}}, true
	case "OPERATING_STATE":
		return kind{quantities: []Quantity{State}}, true
	}
	return kind{}, false
}

// unitOf reads a unit in any spelling: its quantity, and how many of ours one is.
func unitOf(name string) (Quantity, float64) {
	switch strings.ToUpper(strings.TrimSpace(name)) {
	case "WH":
		return Energy, 1
	case "KWH":
		return Energy, 1e3
	case "MWH":
		return Energy, 1e6
	case "W":
		return Power, 1
	case "KW":
		return Power, 1e3
	case "MW":
		return Power, 1e6
	case "PERCENT": // a fraction, in spite of its name (units)
		return Fraction, 1
	}
	return 0, 0
}

// terms is how the values of a report are told.
type terms struct {
	kind
	payload    string
	quantity   Quantity
	factor     float64 // of our unit in one of theirs
	units      string
	hasQuality bool // wanted with every value, for a descriptor asks for it
}

const dataQuality = "DATA_QUALITY"

func (a Ask) terms() (terms, error) {
	d, err := a.descriptor()
	if err != nil {
		return terms{}, err
	}
	k, isKnown := kindOf(d.PayloadType)
	switch {
	case d.PayloadType == dataQuality:
		return terms{}, a.fault("DATA_QUALITY goes with the values of others, and is no report of its own")
	case !isKnown:
		return terms{}, a.fault("payload type %.40q is not known here", d.PayloadType)
	case d.IsAggregate && !k.isSum:
		return terms{}, a.fault("a sum of %s means nothing", d.PayloadType)
	case !canRead(k, d.ReadingType):
		return terms{}, a.fault("%s cannot be read as %.40q", d.PayloadType, d.ReadingType)
	}
	t := terms{kind: k, payload: d.PayloadType, quantity: k.quantities[0], factor: 1, units: d.Units}
	t.hasQuality = slices.ContainsFunc(a.Event.ReportDescriptors, func(o openadr.ReportDescriptor) bool { return o.PayloadType == dataQuality })
	switch {
	case d.Units != "":
		if t.quantity, t.factor = unitOf(d.Units); !slices.Contains(k.quantities, t.quantity) {
			return terms{}, a.fault("%s cannot be told in %.40q", d.PayloadType, d.Units)
		}
	case k.needsUnit:
		return terms{}, a.fault("%s without a unit could be anything", d.PayloadType)
	case t.quantity == Energy:
		t.units, t.factor = "KWH", 1e3
	case t.quantity == Power:
		t.units, t.factor = "KW", 1e3
	case t.quantity == Fraction:
		t.units = "PERCENT"
	}
	return t, nil
}

// canRead says that values of the kind can be had by that type of reading. We know means and sums; a peak
// is neither.
func canRead(k kind, reading string) bool {
	switch reading {
	case "", directRead, "ESTIMATED", forecast:
		return true
	case mean, "AVERAGE":
		return slices.Contains(k.quantities, Power)
	case "SUMMED":
		return slices.Contains(k.quantities, Energy)
	}
	return false
}

const (
	directRead = "DIRECT_READ"
	forecast   = "FORECAST"
	mean       = "MEAN"
)

// readingType is how our values were really had, where the default was asked for.
func (t terms) readingType(d openadr.ReportDescriptor, isForecast bool) string {
	switch {
	case d.ReadingType != "" && d.ReadingType != directRead:
		return d.ReadingType
	case isForecast:
		return forecast
	case t.isFlow && t.quantity == Power:
		return mean
	}
	return d.ReadingType
}

// cell is a value in our own units; one that is missing has no other content.
type cell struct {
	number  float64
	state   string
	quality Quality
}

// cell takes an answer as what was asked for. Whatever cannot be so is missing.
func (t terms) cell(a Answer, r Row) cell {
	missing := cell{quality: Missing}
	if a.quality != OK && a.quality != Estimated && a.quality != Bad {
		return missing
	}
	c := cell{a.number, a.state, a.quality}
	if a.quantity != t.quantity {
		hours := r.Length().Hours()
		switch {
		case !t.isFlow || r.IsEndless || hours <= 0:
			return missing
		case a.quantity == Energy && t.quantity == Power:
			c.number /= hours
		case a.quantity == Power && t.quantity == Energy:
			c.number *= hours
		default:
			return missing
		}
	}
	if math.IsNaN(c.number) || math.IsInf(c.number, 0) {
		return missing
	}
	return c
}

// plus is the sum of two values, as good as the worse of them; missing where one is.
func (c cell) plus(o cell) cell {
	if c.quality == Missing || o.quality == Missing {
		return cell{quality: Missing}
	}
	c.number += o.number
	if rank(o.quality) > rank(c.quality) {
		c.quality = o.quality
	}
	return c
}

func rank(q Quality) int { return slices.Index([]Quality{OK, Estimated, Bad, Missing}, q) }
