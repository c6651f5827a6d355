package entsoe

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// period is the prices of one auction in one interval.
type period struct {
	energy.Interval
	sequence int // of the auction; 1 is the coupled market's
	step     time.Duration
	points   []energy.Point[energy.Price]
}

// Limits: a month of quarter hours of several auctions is less, and each slot is compared with each interval.
const (
	mostSlots   = 50_000
	mostPeriods = 500
)

// read understands an answer.
func (s *Source) read(body []byte, now time.Time) (feeds.Values, error) {
	var doc document
	if err := xml.Unmarshal(body, &doc); err != nil {
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "prices: %w", err)
	}
	switch doc.XMLName.Local {
	case acknowledgement:
		return feeds.Values{}, s.acknowledged(doc)
	case publication:
		return s.prices(doc, now)
	}
	return feeds.Values{}, feeds.Fail(feeds.Temporary, "prices: the answer is a %q", feeds.OneLine(doc.XMLName.Local))
}

func (s *Source) prices(doc document, now time.Time) (v feeds.Values, err error) {
	if doc.Type != priceDocument {
		return v, feeds.Fail(feeds.Temporary, "prices: the document is of type %q", feeds.OneLine(doc.Type))
	}
	var all []period
	slots := 0
	for i, series := range doc.Series {
		if series.Contract != "" && series.Contract != dayAhead {
			continue // Spain has its intraday auctions beside
		}
		if err := s.check(series); err != nil {
			return v, fmt.Errorf("series %d: %w", i, err)
		}
		for _, p := range series.Periods {
			read, err := p.read(series, now)
			if err != nil {
				return v, fmt.Errorf("series %d: %w", i, err)
			}
			if len(read.points) > 0 {
				all = append(all, read)
			}
			if slots += len(read.points); slots > mostSlots || len(all) > mostPeriods {
				return v, feeds.Fail(feeds.Temporary, "prices: more than %d slots, or %d intervals", mostSlots, mostPeriods)
			}
		}
	}
	chosen := choose(all)
	var points []energy.Point[energy.Price]
	var odd feeds.Remarks
	for _, p := range chosen {
		points = append(points, p.points...)
		if p.sequence > 1 {
			odd.Say("from %s on only auction %d is out: its prices are preliminary", p.points[0].Start.Format(time.RFC3339), p.sequence)
		}
	}
	v.Remarks = odd.All()
	v.Import, err = feeds.Join(s.cfg.Currency, points)
	return v, err
}

// check refuses a series of another area, currency or measure.
func (s *Source) check(t timeSeries) error {
	switch {
	case t.In != "" && t.In != s.eic || t.Out != "" && t.Out != s.eic:
		return feeds.Fail(feeds.Temporary, "of %q, asked was for %s", feeds.OneLine(cmp.Or(t.In, t.Out)), s.eic)
	case t.Currency != string(s.cfg.Currency):
		return feeds.Fail(feeds.Misconfigured, "in %q, not in %s", feeds.OneLine(t.Currency), s.cfg.Currency)
	case t.Measure != "MWH":
		return feeds.Fail(feeds.Misconfigured, "per %q, not per MWH", feeds.OneLine(t.Measure))
	case t.Curve != "" && t.Curve != everyPosition && t.Curve != onChange:
		return feeds.Fail(feeds.Temporary, "curve of type %q", feeds.OneLine(t.Curve))
	}
	return nil
}

// read counts positions from the start of the period, in steps, however long its day is.
func (p timePeriod) read(t timeSeries, now time.Time) (out period, err error) {
	if out.Interval, err = p.span(); err != nil {
		return out, err
	}
	step, isKnown := resolutions[p.Resolution]
	if !isKnown || out.Length()%step != 0 {
		return out, feeds.Fail(feeds.Temporary, "prices: steps of %q in %v", feeds.OneLine(p.Resolution), out.Interval)
	}
	out.step, out.sequence = step, 1
	if t.Sequence != "" {
		if out.sequence, err = strconv.Atoi(t.Sequence); err != nil || out.sequence < 1 {
			return out, feeds.Fail(feeds.Temporary, "prices: auction %q", feeds.OneLine(t.Sequence))
		}
	}
	origin := &energy.Origin{Source: "entsoe", Fetched: now, Status: energy.Final}
	if out.sequence > 1 {
		origin.Status = energy.Preliminary
	}
	prices, err := p.prices(int(out.Length() / step))
	if err != nil {
		return out, err
	}
	var last *energy.Price
	for i, price := range prices {
		if price == nil && t.Curve == onChange {
			price = last
		}
		if last = price; price != nil {
			out.points = append(out.points, energy.Point[energy.Price]{
				Interval: energy.Span(out.Start.Add(time.Duration(i)*step), step), Value: *price, Origin: origin,
			})
		}
	}
	return out, nil
}

// prices are those of all positions; nil where one is left out.
func (p timePeriod) prices(count int) ([]*energy.Price, error) {
	all := make([]*energy.Price, count)
	for _, at := range p.Points {
		price, err := feeds.PerKWh(json.Number(strings.TrimSpace(at.Price)), -3)
		switch {
		case at.Position < 1 || at.Position > count:
			return nil, feeds.Fail(feeds.Temporary, "prices: position %d of %d", at.Position, count)
		case err != nil:
			return nil, feeds.Fail(feeds.Temporary, "prices: position %d: %w", at.Position, err)
		case all[at.Position-1] != nil && *all[at.Position-1] != price:
			return nil, feeds.Fail(feeds.Temporary, "prices: position %d is there twice, not the same", at.Position)
		}
		all[at.Position-1] = &price
	}
	return all, nil
}

// choose takes the first auction of each interval, and of its series the one with the finest steps. What another one
// says of the same interval is left out, also where it would fill a gap.
func choose(all []period) (chosen []period) {
	slices.SortStableFunc(all, func(a, b period) int {
		return cmp.Or(cmp.Compare(a.sequence, b.sequence), cmp.Compare(a.step, b.step), a.Start.Compare(b.Start))
	})
	for _, p := range all {
		p.points = slices.DeleteFunc(p.points, func(at energy.Point[energy.Price]) bool {
			return slices.ContainsFunc(chosen, func(c period) bool {
				return (c.sequence != p.sequence || c.step != p.step) && !c.Overlap(at.Interval).IsEmpty()
			})
		})
		if len(p.points) > 0 {
			chosen = append(chosen, p)
		}
	}
	return chosen
}
