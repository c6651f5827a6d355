package v20b

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"hearth/openadr"
)

// The payload types of 3.1 that signals become (event-interval-payloads).
const (
	payloadSimple         = "SIMPLE"
	payloadDispatch       = "DISPATCH_SETPOINT"
	payloadDispatchChange = "DISPATCH_SETPOINT_RELATIVE"
	payloadCharge         = "CHARGE_STATE_SETPOINT"
	payloadControl        = "CONTROL_SETPOINT"
	payloadLevelOffset    = "CONTROL_LEVEL_OFFSET"
	payloadPercentOffset  = "CONTROL_LEVEL_OFFSET_PERCENT"
)

// meaning is what a signal is in the model.
type meaning struct {
	payload string
	item    string // what its values must count; empty: anything
	isUsed  bool   // the engine makes something of it; what is merely carried is refused to the VTN
}

var (
	errRelativePrice = errors.New("a price in relation to another that is not told")
	errTwice         = errors.New("the same signal twice")
	errDevices       = errors.New("for a class of devices, of which we know none")
	errSilent        = errors.New("without intervals")
)

// meaningOf is the table of signals (profile 2.0b, table 1). What it does not know is carried under its own
// name, "BID_LOAD:setpoint", which the installer may map to a meaning. A price that is relative to one we were
// not told is no price.
func (s *signal) meaningOf() (meaning, error) {
	name, kind := strings.ToUpper(strings.TrimSpace(s.Name)), strings.TrimSpace(s.Type)
	switch name + ":" + kind {
	case "SIMPLE:level":
		return meaning{payload: payloadSimple, isUsed: true}, nil
	case "ELECTRICITY_PRICE:price":
		return meaning{payload: openadr.PayloadPrice, item: itemPrice, isUsed: true}, nil
	case "ELECTRICITY_PRICE:priceRelative", "ELECTRICITY_PRICE:priceMultiplier":
		return meaning{}, errRelativePrice
	case "LOAD_DISPATCH:setpoint":
		return meaning{payload: payloadDispatch, item: itemPower, isUsed: true}, nil
	case "LOAD_DISPATCH:delta":
		return meaning{payload: payloadDispatchChange, item: itemPower, isUsed: true}, nil
	case "CHARGE_STATE:setpoint":
		return meaning{payload: payloadCharge, item: itemEnergy, isUsed: true}, nil
	case "LOAD_CONTROL:x-loadControlSetpoint":
		return meaning{payload: payloadControl, isUsed: true}, nil
	case "LOAD_CONTROL:x-loadControlLevelOffset":
		return meaning{payload: payloadLevelOffset}, nil
	case "LOAD_CONTROL:x-loadControlPercentOffset":
		return meaning{payload: payloadPercentOffset}, nil
	}
	if private := name + ":" + kind; name != "" && isName(private) {
		return meaning{payload: private}, nil
	}
	return meaning{}, errors.New("without a name")
}

// terms are the unit of a signal's values: what 3.1 says of it, and the power of ten that leads there.
type terms struct {
	units, currency string
	exponent        int
}

// descriptor is what the event says of them; false when nothing was said.
func (t terms) descriptor(payload string) (openadr.PayloadDescriptor, bool) {
	return openadr.PayloadDescriptor{
		ObjectType: openadr.ObjectEventDescriptor, PayloadType: payload, Units: t.units, Currency: t.currency,
	}, t != terms{}
}

// terms reads the element that stands for the itemBase. Watts stay watts, and watt-hours too: their scale is
// in the values. Power and energy without a unit could be anything; a price is per kWh then, as in 3.1, and the
// configuration may know the currency.
func (s *signal) terms(m meaning) (terms, error) {
	var found item
	for _, i := range s.Items {
		if !isItem(i.XMLName.Local) {
			continue
		}
		if found.XMLName.Local != "" {
			return terms{}, errors.New("has two units")
		}
		found = i
	}
	name, unit := found.XMLName.Local, strings.TrimSpace(found.Units)
	switch {
	case name == "" && (m.item == "" || m.item == itemPrice):
		return terms{}, nil
	case m.item != "" && name != m.item:
		return terms{}, fmt.Errorf("its values are in %q, and should be in %s", name, m.item)
	case len(unit) > maxName:
		return terms{}, errors.New("its unit is too long")
	}
	exponent, err := scaleOf(found.Scale)
	switch name {
	case itemPower:
		return terms{units: "W", exponent: exponent}, err
	case itemEnergy:
		return terms{units: "WH", exponent: exponent}, err
	case itemPrice:
		return terms{units: "KWH", currency: unit, exponent: exponent}, err
	}
	return terms{units: unit, exponent: exponent}, err
}

// The elements of what we follow.
const (
	itemPower  = "powerReal"
	itemEnergy = "energyReal"
	itemPrice  = "currencyPerKWh"
)

// isItem knows the elements that may stand for an itemBase (schema).
func isItem(name string) bool {
	switch name {
	case itemPower, "powerApparent", "powerReactive", itemEnergy, "energyApparent", "energyReactive", "voltage",
		"current", "frequency", "Therm", "temperature", "pulseCount", "customUnit", "oadrGBDataDescription",
		"currency", "currencyPerKW", itemPrice, "currencyPerThm":
		return true
	}
	return false
}

// payload is the values of an interval; one that cannot be read leaves none.
func (s *span) payload(kind string, t terms) ([]openadr.ValuesMap, error) {
	if len(s.Values) != 1 {
		return []openadr.ValuesMap{}, fmt.Errorf("%d values, where one is wanted", len(s.Values))
	}
	value, err := decimal(s.Values[0], t.exponent)
	if err != nil {
		return []openadr.ValuesMap{}, err
	}
	return []openadr.ValuesMap{{Type: kind, Values: []json.RawMessage{value}}}, nil
}
