package midas

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// signal is one kind of values.
type signal struct {
	kind     feeds.Kind
	unit     string
	currency energy.Currency
	every    time.Duration // something new comes out
}

var signals = map[string]signal{
	"import": {feeds.ImportPrice, "$/kWh", "USD", time.Hour},
	"export": {feeds.ExportPrice, "export $/kWh", "USD", time.Hour},
	"carbon": {feeds.Carbon, "g/kWh CO2", "", 15 * time.Minute},
}

// besides are units that a rate may have as well, and that are no price of energy taken or given.
var besides = []string{"$/kWh", "export $/kWh", "backup $/kWh", "$/kW", "$/kvarh", "Event", "Level"}

type document struct {
	RateID string  `json:"RateID"`
	Now    string  `json:"SystemTime_UTC"`
	Values []value `json:"ValueInformation"`
}

type value struct {
	DateStart string       `json:"DateStart"`
	TimeStart string       `json:"TimeStart"`
	DateEnd   string       `json:"DateEnd"`
	TimeEnd   string       `json:"TimeEnd"`
	Unit      string       `json:"Unit"`
	Value     *json.Number `json:"Value"` // and "value", as version 1 spells it: encoding/json takes both
}

// read understands an answer.
func (s *Source) read(body []byte, now time.Time) (out feeds.Values, err error) {
	var doc document
	if err := json.Unmarshal(body, &doc); err != nil {
		return out, feeds.Fail(feeds.Temporary, "%s: %w", s.rin, err)
	}
	switch {
	case doc.RateID == "":
		return out, feeds.Fail(feeds.Temporary, "%s: the answer names no rate", s.rin)
	case !strings.EqualFold(doc.RateID, s.rin):
		return out, feeds.Fail(feeds.Misconfigured, "rin: the answer is of %q, not of %s", feeds.OneLine(doc.RateID), s.rin)
	}
	values, remarks, err := s.ours(doc.Values)
	if err != nil {
		return out, err
	}
	out.Remarks = remarks
	origin := &energy.Origin{Source: "midas", Fetched: now, Status: energy.Final}
	switch s.signal.kind {
	case feeds.Carbon:
		out.Carbon, err = carbon(values, doc.Now, now)
	case feeds.ExportPrice:
		out.Export, err = series(s.signal.currency, values, price, origin)
	default:
		out.Import, err = series(s.signal.currency, values, price, origin)
	}
	return out, err
}

// ours are the values in the unit of the signal, of those that there are.
func (s *Source) ours(all []value) (ours []value, remarks []string, err error) {
	others := map[string]int{}
	for i, v := range all {
		switch {
		case v.Unit == s.signal.unit && v.Value != nil:
			ours = append(ours, v)
		case v.Unit == s.signal.unit:
		case slices.Contains(besides, v.Unit):
			others[v.Unit]++
		default:
			return nil, nil, feeds.Fail(feeds.Misconfigured, "value %d: is in %q, not in %s", i, feeds.OneLine(v.Unit), s.signal.unit)
		}
	}
	for _, unit := range slices.Sorted(maps.Keys(others)) {
		if len(ours) == 0 {
			return nil, nil, feeds.Fail(feeds.Misconfigured, "signal: the values of %s are in %q, not in %q", s.rin, unit, s.signal.unit)
		}
		remarks = append(remarks, fmt.Sprintf("%d values in %q are left out", others[unit], unit))
	}
	return ours, remarks, nil
}

// carbon is what was, up to the time of the answer, and from then on a forecast: one list holds both without a word.
func carbon(values []value, told string, now time.Time) (energy.Series[energy.GramsPerKWh], error) {
	at, err := time.Parse(time.RFC3339, told)
	if err != nil {
		at = now
	}
	was := &energy.Origin{Source: "midas", Fetched: now, Status: energy.Final}
	will := &energy.Origin{Source: "midas", Fetched: now, Status: energy.Forecast}
	out, err := series("", values, grams, was)
	for i := range out.Points {
		if out.Points[i].End.After(at) {
			out.Points[i].Origin = will
		}
	}
	return out, err
}

func price(n json.Number) (energy.Price, error) { return feeds.PerKWh(n, 0) }

func grams(n json.Number) (energy.GramsPerKWh, error) { return feeds.Grams(n, 1) }

func series[T comparable](c energy.Currency, values []value, read func(json.Number) (T, error), origin *energy.Origin) (energy.Series[T], error) {
	var points []energy.Point[T]
	for i, v := range values {
		slot, err := v.slot()
		if err != nil {
			return energy.Series[T]{}, feeds.Fail(feeds.Temporary, "value %d: %w", i, err)
		}
		number, err := read(*v.Value)
		if err != nil {
			return energy.Series[T]{}, feeds.Fail(feeds.Temporary, "value %d: %w", i, err)
		}
		points = append(points, energy.Point[T]{Interval: slot, Value: number, Origin: origin})
	}
	return feeds.Join(c, points)
}

// longest is a local day in autumn; what is longer is a rule for many days, as rates are uploaded.
const longest = 25 * time.Hour

// slot is when a value holds. The end is the last second, or minute, that belongs to it.
func (v value) slot() (energy.Interval, error) {
	start, _, err1 := instant(v.DateStart, v.TimeStart)
	end, next, err2 := instant(v.DateEnd, v.TimeEnd)
	slot := energy.Interval{Start: start, End: next}
	if err1 != nil || err2 != nil || slot.IsEmpty() || end.Before(start) || slot.Length() > longest {
		from, to := feeds.OneLine(v.DateStart+" "+v.TimeStart), feeds.OneLine(v.DateEnd+" "+v.TimeEnd)
		return slot, fmt.Errorf("is from %q to %q", from, to)
	}
	return slot, nil
}

// instant is a bare time, and when what ends with it is over: 08:59:59 and 08:59 are over at 09:00, and so is 09:00.
func instant(date, clock string) (t, over time.Time, err error) {
	if t, err = time.Parse("2006-01-02 15:04:05", date+" "+clock); err == nil {
		if t.Second() == 59 {
			return t, t.Add(time.Second), nil
		}
		return t, t, nil
	}
	t, err = time.Parse("2006-01-02 15:04", date+" "+clock)
	if t.Minute()%5 == 4 {
		return t, t.Add(time.Minute), err
	}
	return t, t, err
}
