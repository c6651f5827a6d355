package gridx

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// The payload types of usage.
const (
	consumption  = "CONSUMPTION"
	generation   = "GENERATION"
	baselineUsed = "BASELINE_CONSUMPTION"
	baselineMade = "BASELINE_GENERATION"
)

var payloadTypes = []string{consumption, generation, baselineUsed, baselineMade}

// usage is what all answers to one question say, by payload type and start.
type usage struct {
	points map[string]map[time.Time]amount
	odd    feeds.Remarks
}

type amount struct {
	span   energy.Interval
	energy energy.WattHours
}

func (u *usage) read(body []byte) error {
	var docs list[usageDocument]
	if json.Unmarshal(body, &docs) != nil { // the cause may hold what is personal
		return feeds.Fail(feeds.Temporary, "usage: the answer is not what it should be")
	}
	for _, d := range docs {
		if err := d.Meta.check("usage"); err != nil {
			return err
		}
		for _, b := range slices.Concat([]block{d.block}, d.Resources, d.Data) {
			b.Descriptors = slices.Concat(d.Descriptors, b.Descriptors)
			if b.Period == nil {
				b.Period = d.Period
			}
			if err := u.block(b); err != nil {
				return err
			}
		}
	}
	return nil
}

// block takes over the intervals of one list. One without a period of its own follows on the one before.
func (u *usage) block(b block) error {
	units := map[string]string{}
	for _, d := range b.Descriptors {
		units[d.Type] = d.Units
	}
	var next energy.Interval
	for i, in := range b.Intervals {
		var err error
		if i == 0 {
			next, err = b.Period.after(energy.Interval{})
		}
		if err == nil {
			next, err = in.Period.after(next)
		}
		if err == nil && (next.Start.IsZero() || next.IsEmpty()) {
			err = errors.New("it is not said from when to when")
		}
		if err != nil {
			return feeds.Fail(feeds.Temporary, "usage: interval %d: %w", i, err)
		}
		for _, p := range in.Payloads {
			if err := u.payload(p, next, units[p.Type]); err != nil {
				return err
			}
		}
		next = energy.Span(next.End, next.Length())
	}
	return nil
}

func (u *usage) payload(p payload, span energy.Interval, units string) error {
	switch {
	case !slices.Contains(payloadTypes, p.Type):
		u.odd.Say("usage: payload type %q is not known", feeds.OneLine(p.Type))
		return nil
	case len(p.Values) != 1:
		u.odd.Say("usage: %s at %s has %d values, and is left out", p.Type, span.Start.Format(time.RFC3339), len(p.Values))
		return nil
	}
	return u.take(p.Type, span, p.Values[0], units)
}

// scales are the watt-hours of the units that were seen or are meant.
var scales = map[string]float64{"WH": 1, "KWH": 1000}

// mostEnergy is more than any home takes in a slot: what is beyond it is a slip.
const mostEnergy = 1e9

// take keeps an amount. A magnitude it is: both directions have a type of their own.
func (u *usage) take(kind string, span energy.Interval, number json.Number, units string) error {
	scale, isKnown := scales[strings.ToUpper(strings.TrimSpace(units))]
	if !isKnown {
		return feeds.Fail(feeds.Misconfigured, "usage: %s is in %q, not in kWh", kind, feeds.OneLine(units))
	}
	at := span.Start.Format(time.RFC3339)
	f, err := strconv.ParseFloat(number.String(), 64)
	if f *= scale; err != nil || !(f >= 0 && f <= mostEnergy) {
		u.odd.Say("usage: %s at %s is %q, and is left out", kind, at, feeds.OneLine(number.String()))
		return nil
	}
	if u.points == nil {
		u.points = map[string]map[time.Time]amount{}
	}
	if u.points[kind] == nil {
		u.points[kind] = map[time.Time]amount{}
	}
	fresh := amount{span, energy.WattHours(f)}
	if old, isKnown := u.points[kind][span.Start]; isKnown && old != fresh {
		u.odd.Say("usage: %s at %s comes twice, as %v and %v", kind, at, old.energy, fresh.energy)
	}
	u.points[kind][span.Start] = fresh
	return nil
}

// series is what was said of one payload type and lies wholly inside an interval. What overlaps is refused.
func (u *usage) series(kind string, within energy.Interval, now time.Time) (energy.Series[energy.WattHours], error) {
	origin := &energy.Origin{Source: "gridx", Fetched: now, Status: energy.Final}
	var points []energy.Point[energy.WattHours]
	for _, start := range slices.SortedStableFunc(maps.Keys(u.points[kind]), time.Time.Compare) {
		a := u.points[kind][start]
		if !a.span.Start.Before(within.Start) && !a.span.End.After(within.End) {
			points = append(points, energy.Point[energy.WattHours]{Interval: a.span, Value: a.energy, Origin: origin})
		}
	}
	s, err := feeds.Join("", points)
	if err != nil {
		return s, feeds.Fail(feeds.Temporary, "usage: %s: %w", kind, err)
	}
	return s, nil
}

// kWh writes an energy with as many decimals as meters have.
func kWh(e energy.WattHours) string {
	return strconv.FormatFloat(math.Round(float64(e)*1000)/1e6, 'f', -1, 64)
}
