package sim

import (
	"encoding/json"
	"strings"
	"time"

	"hearth/energy"
	"hearth/openadr"
	"hearth/openadr/vtn"
	"hearth/sim/market"
)

// What the agent is configured with.
const (
	program  = "home-prices"
	clientID = "hearth-demo"
)

// publishHour is when tomorrow's prices come out, local time, as on the European day-ahead market.
const publishHour = 13

func (h *Home) newVTN() *vtn.VTN {
	v := vtn.New(vtn.Config{
		ClientID:     clientID,
		ClientSecret: secret,
		TokenLife:    time.Duration(h.speed * float64(time.Hour)), // an hour of the wall, where clients renew it
		Broker:       &vtn.Broker{URL: h.sockets.broker.url()},    // the home's own will do
		Now:          h.clock.Now,
	})
	v.PutProgram(openadr.Program{
		Metadata:    openadr.Metadata{ID: program},
		ProgramName: program,
		PayloadDescriptors: []openadr.PayloadDescriptor{
			{ObjectType: openadr.ObjectEventDescriptor, PayloadType: openadr.PayloadPrice, Units: "KWH", Currency: string(h.market.Place().Currency)},
			{ObjectType: openadr.ObjectEventDescriptor, PayloadType: openadr.PayloadExportPrice, Units: "KWH", Currency: string(h.market.Place().Currency)},
			{ObjectType: openadr.ObjectEventDescriptor, PayloadType: openadr.PayloadGHG, Units: "GHG"},
			{ObjectType: openadr.ObjectEventDescriptor, PayloadType: importLimit, Units: "KW"},
		},
	})
	return v
}

// VTN is the home's utility, with fault knobs of its own; nil before Start, and where there is none.
func (h *Home) VTN() *vtn.VTN {
	h.sockets.mu.Lock()
	defer h.sockets.mu.Unlock()
	return h.sockets.vtn
}

// publish puts what is due: today and, from one o'clock on, tomorrow. Days long gone are withdrawn.
func (h *Home) publish() error {
	h.putContract()
	if h.sockets.vtn == nil {
		return nil
	}
	now := h.clock.Now().In(h.zone)
	due := energy.Day(now, h.zone)
	end := due.End
	if now.Hour() >= publishHour {
		end = energy.Day(due.End, h.zone).End
	}
	s := &h.sockets
	for len(s.days) > 0 && now.Sub(s.days[0].End) > 24*time.Hour {
		for _, kind := range kinds {
			s.vtn.Delete(eventID(kind, s.days[0].Start))
		}
		for _, a := range everyDay {
			s.vtn.Delete(eventID(a.name, s.days[0].Start))
		}
		s.days = s.days[1:]
	}
	if n := len(s.days); n > 0 && s.days[n-1].End.After(due.Start) {
		due = energy.Day(s.days[n-1].End, h.zone)
	}
	for ; due.Start.Before(end); due = energy.Day(due.End, h.zone) {
		if err := s.publish(h.market.Day(due.Start)); err != nil {
			return err
		}
	}
	return nil
}

var kinds = [...]string{openadr.PayloadPrice, openadr.PayloadExportPrice, openadr.PayloadGHG}

// publish puts one event for each kind of value.
func (s *sockets) publish(d market.Day) error {
	imports, err := intervals(openadr.PayloadPrice, d.Import)
	if err != nil {
		return err
	}
	exports, err := intervals(openadr.PayloadExportPrice, d.Export)
	if err != nil {
		return err
	}
	carbon, err := intervals(openadr.PayloadGHG, d.Carbon)
	if err != nil {
		return err
	}
	for i, rows := range [...][]openadr.Interval{imports, exports, carbon} {
		length := market.PriceStep
		if kinds[i] == openadr.PayloadGHG {
			length = market.CarbonStep
		}
		e := openadr.Event{
			Metadata:       openadr.Metadata{ID: eventID(kinds[i], d.Start)},
			ProgramID:      program,
			EventName:      kinds[i] + " " + d.Start.Format(time.DateOnly),
			IntervalPeriod: openadr.Period(d.Start, length),
			Intervals:      rows,
		}
		if kinds[i] == openadr.PayloadPrice {
			e.ReportDescriptors = everyHour
		}
		s.vtn.Put(e)
	}
	for _, a := range everyDay {
		s.vtn.Put(a.event(d.Start))
	}
	s.days = append(s.days, d.Interval)
	return nil
}

// everyHour asks what the home has taken in each quarter of the hour before.
var everyHour = []openadr.ReportDescriptor{{
	PayloadType: "USAGE", Units: "KWH", IsHistorical: true, StartInterval: 3, NumIntervals: 4, Frequency: 4, Repeat: -1,
}}

// Payload types of the operator (event-interval-payloads).
const (
	importLimit = "IMPORT_CAPACITY_LIMIT"
	flexAlert   = "ALERT_FLEX_ALERT"
)

// asked is what the grid's operator asks of the home every day, from an hour on.
type asked struct {
	name, kind, value string // value is JSON
	from, hours       int
}

// In the evening all cook, and at the cheapest hour all cars would charge.
var everyDay = [...]asked{
	{"night limit", importLimit, "5", 18, 12}, // kW
	{"evening alert", flexAlert, `"The evening is short of power: please use less until eight."`, 18, 2},
	{"night alert", flexAlert, `"Too many cars charge at the cheapest hour: please choose another."`, 26, 2},
}

// event is what is asked of the day that begins at a local midnight; hours beyond its end are those of the next.
func (a asked) event(midnight time.Time) openadr.Event {
	from := time.Date(midnight.Year(), midnight.Month(), midnight.Day(), a.from, 0, 0, 0, midnight.Location())
	return openadr.Event{
		Metadata: openadr.Metadata{ID: eventID(a.name, midnight)}, ProgramID: program, EventName: a.name,
		IntervalPeriod: openadr.Period(from, time.Duration(a.hours)*time.Hour),
		Intervals:      []openadr.Interval{{Payloads: []openadr.ValuesMap{{Type: a.kind, Values: []json.RawMessage{json.RawMessage(a.value)}}}}},
	}
}

func eventID(name string, midnight time.Time) string {
	return strings.ReplaceAll(strings.ToLower(name), " ", "-") + "-" + midnight.Format(time.DateOnly)
}

// intervals writes a series without gaps as rows that follow each other.
func intervals[T energy.Price | energy.GramsPerKWh](kind string, s energy.Series[T]) ([]openadr.Interval, error) {
	rows := make([]openadr.Interval, len(s.Points))
	for i, p := range s.Points {
		values, err := openadr.NewValuesMap(kind, p.Value)
		if err != nil {
			return nil, err
		}
		rows[i] = openadr.Interval{ID: int32(i), Payloads: []openadr.ValuesMap{values}}
	}
	return rows, nil
}
