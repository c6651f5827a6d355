package ven

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hearth/energy"
	"hearth/openadr"
)

// RenewableShare is a meaning that no payload type of the enumeration has: the renewable share of what the
// grid delivers. [Config].Private maps a private type to it.
const RenewableShare = "RENEWABLE_SHARE"

// The payload types that mean something to a home, beside those of package openadr
// (event-interval-payloads).
const (
	PayloadPriceAlternate     = "PRICE_ALTERNATE"
	PayloadSimple             = "SIMPLE"
	PayloadImportLimit        = "IMPORT_CAPACITY_LIMIT"
	PayloadExportLimit        = "EXPORT_CAPACITY_LIMIT"
	PayloadImportSubscription = "IMPORT_CAPACITY_SUBSCRIPTION"
	PayloadExportSubscription = "EXPORT_CAPACITY_SUBSCRIPTION"
	PayloadImportReservation  = "IMPORT_CAPACITY_RESERVATION"
	PayloadExportReservation  = "EXPORT_CAPACITY_RESERVATION"
	PayloadDispatch           = "DISPATCH_SETPOINT"
	PayloadDispatchRelative   = "DISPATCH_SETPOINT_RELATIVE"
	PayloadChargeState        = "CHARGE_STATE_SETPOINT"
	PayloadControl            = "CONTROL_SETPOINT"
	PayloadCurve              = "CURVE"
	PayloadLoadShape          = "OLS"
)

// The kinds of an [Alert].
const (
	AlertGridEmergency  = "ALERT_GRID_EMERGENCY"
	AlertBlackStart     = "ALERT_BLACK_START" // use as little as can be until it is over
	AlertPossibleOutage = "ALERT_POSSIBLE_OUTAGE"
	AlertFlex           = "ALERT_FLEX_ALERT" // shift load out of the interval
	AlertFire           = "ALERT_FIRE"
	AlertFreezing       = "ALERT_FREEZING"
	AlertWind           = "ALERT_WIND"
	AlertTsunami        = "ALERT_TSUNAMI"
	AlertAirQuality     = "ALERT_AIR_QUALITY"
	AlertOther          = "ALERT_OTHER"
)

// sheet is what a timeline is written on: a track for each payload type.
type sheet struct {
	index map[string]int // of lanes, by payload type
	lanes []lane         // in the order in which rejections are told

	importPrice, exportPrice, alternatePrice           *track[energy.Price]
	carbon                                             *track[energy.GramsPerKWh]
	renewable, loadShape                               *track[energy.Share]
	importLimit, importSubscription, importReservation *track[energy.Watts]
	exportLimit, exportSubscription, exportReservation *track[energy.Watts]
	dispatch, dispatchChange                           *track[energy.Watts]
	level                                              *track[int]
	charge                                             *track[Charge]
	control                                            *track[Control]
	inverter                                           *track[[]Curve]
	alerts                                             *track[string]
}

// lane is a payload type and the track its values go to.
type lane struct {
	name  string
	track interface {
		add(x *expansion, name string, p *placed)
		check(values []json.RawMessage) error
		nature() nature
	}
}

// nature is how a payload type goes with time.
type nature struct {
	acts     bool // what it asks for acts on devices, so its start is randomized (UG 7.3)
	lasts    bool // PT0S of 3.0 is "until further notice"; elsewhere it is no time at all
	isListed bool // all are told, and none hides another
	isSpread bool // a list on the first interval has a value for each interval of the event
}

// newSheet is the table of all payload types: how their units and values are read, how they go with time.
// Several values share an interval where they are read by each (UG 7.3 has prices and GHG).
func newSheet() *sheet {
	s := &sheet{index: make(map[string]int, 40)}
	told, level, limit := nature{}, nature{acts: true}, nature{acts: true, lasts: true}
	s.importPrice = put(s, openadr.PayloadPrice, told, priceTerms, each(readPrice))
	s.exportPrice = put(s, openadr.PayloadExportPrice, told, priceTerms, each(readPrice))
	s.alternatePrice = put(s, PayloadPriceAlternate, told, priceTerms, one(readPrice))
	s.carbon = put(s, openadr.PayloadGHG, told, carbonTerms, each(readCarbon))
	s.renewable = put(s, RenewableShare, told, shareTerms, one(readShare))
	s.level = put(s, PayloadSimple, level, plainTerms, one(readLevel))
	s.importLimit = put(s, PayloadImportLimit, limit, powerTerms, one(readPower))
	s.exportLimit = put(s, PayloadExportLimit, limit, powerTerms, one(readPower))
	s.importSubscription = put(s, PayloadImportSubscription, limit, powerTerms, one(readPower))
	s.exportSubscription = put(s, PayloadExportSubscription, limit, powerTerms, one(readPower))
	s.importReservation = put(s, PayloadImportReservation, limit, powerTerms, one(readPower))
	s.exportReservation = put(s, PayloadExportReservation, limit, powerTerms, one(readPower))
	s.dispatch = put(s, PayloadDispatch, limit, powerTerms, one(readPower))
	s.dispatchChange = put(s, PayloadDispatchRelative, limit, changeTerms, one(readPower))
	s.charge = put(s, PayloadChargeState, limit, chargeTerms, one(readCharge))
	s.control = put(s, PayloadControl, limit, plainTerms, one(readControl))
	s.inverter = put(s, PayloadCurve, limit, plainTerms, readCurves)
	s.loadShape = put(s, PayloadLoadShape, nature{acts: true, isSpread: true}, shareTerms, one(readShare))
	s.alerts = put(s, AlertGridEmergency, nature{lasts: true, isListed: true}, plainTerms, one(readText))
	for _, kind := range knownAlerts()[1:] {
		s.list(kind, s.lanes[s.index[AlertGridEmergency]])
	}
	return s
}

// knownAlerts are the alerts that the specification names.
func knownAlerts() []string {
	return []string{
		AlertGridEmergency, AlertBlackStart, AlertPossibleOutage, AlertFlex, AlertFire, AlertFreezing, AlertWind, AlertTsunami,
		AlertAirQuality, AlertOther,
	}
}

func put[T any](s *sheet, name string, n nature, terms termsOf, read reader[T]) *track[T] {
	t := &track[T]{traits: n, terms: terms, read: read}
	s.list(name, lane{track: t})
	return t
}

func (s *sheet) list(name string, l lane) {
	l.name = name
	s.index[name] = len(s.lanes)
	s.lanes = append(s.lanes, l)
}

// Meanings lists what a private payload type can be mapped to.
func Meanings() []string {
	var names []string
	for _, l := range newSheet().lanes {
		names = append(names, l.name)
	}
	slices.Sort(names)
	return names
}

// termsOf reads the descriptor of a payload type.
type termsOf func(openadr.PayloadDescriptor, rules) (terms, error)

// reader appends the values of one payload. One that cannot be read spoils them all, for they share the
// interval.
type reader[T any] func(raw []json.RawMessage, t *terms, into []T) ([]T, error)

func each[T any](read func(json.RawMessage, *terms) (T, error)) reader[T] {
	return func(raw []json.RawMessage, t *terms, into []T) ([]T, error) {
		for _, value := range raw {
			v, err := read(value, t)
			if err != nil {
				return nil, err
			}
			into = append(into, v)
		}
		return into, nil
	}
}

func one[T any](read func(json.RawMessage, *terms) (T, error)) reader[T] {
	return func(raw []json.RawMessage, t *terms, into []T) ([]T, error) {
		if len(raw) > 1 {
			return nil, fmt.Errorf("%d values, where one is wanted", len(raw))
		}
		v, err := read(raw[0], t)
		return append(into, v), err
	}
}

// readAll reads the values of a payload, of which there must be one.
func (t *track[T]) readAll(raw []json.RawMessage, said *terms) ([]T, error) {
	if len(raw) == 0 {
		return nil, errors.New("no value")
	}
	values, err := t.read(raw, said, t.scratch[:0])
	if err == nil {
		t.scratch = values
	}
	return values, err
}

// check says why values cannot be read, whatever their unit.
func (t *track[T]) check(values []json.RawMessage) error {
	said := anyNumber()
	_, err := t.readAll(values, &said)
	return err
}

func (t *track[T]) nature() nature { return t.traits }

// meaning is the payload type that one of the wire stands for.
func meaning(kind string, private map[string]string) string {
	if mapped, isMapped := private[kind]; isMapped {
		return mapped
	}
	if kind == RenewableShare {
		return "" // nobody said that it means that
	}
	if strings.HasPrefix(kind, "ALERT_") && !slices.Contains(knownAlerts(), kind) {
		return AlertOther // a warning is for people, whatever it is called
	}
	return kind
}

// payload finds the values of a type in an interval.
func payload(i *openadr.Interval, kind string, private map[string]string) (values []json.RawMessage, count int) {
	for p := range i.Payloads {
		if meaning(i.Payloads[p].Type, private) == kind {
			values = i.Payloads[p].Values
			count++
		}
	}
	return values, count
}

// descriptor is what the event says of a payload type, and where it is silent, the program.
func descriptor(kind string, private map[string]string, e *openadr.Event, p *openadr.Program) openadr.PayloadDescriptor {
	var d openadr.PayloadDescriptor
	fill := func(from []openadr.PayloadDescriptor) {
		for _, o := range from {
			if meaning(o.PayloadType, private) != kind || o.ObjectType != "" && o.ObjectType != openadr.ObjectEventDescriptor {
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
func nonsense(e *openadr.Event, private map[string]string) error {
	var first error
	s := newSheet()
	for i := range e.Intervals {
		for _, p := range e.Intervals[i].Payloads {
			at, isKnown := s.index[meaning(p.Type, private)]
			if !isKnown {
				continue
			}
			values := p.Values
			if s.lanes[at].track.nature().isSpread && len(values) == len(e.Intervals) {
				values = values[i : i+1]
			}
			err := s.lanes[at].track.check(values)
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
