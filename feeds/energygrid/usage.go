package energygrid

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// page is one page of what a meter has counted.
type page struct {
	Meter       string `json:"meterId"`
	Unit        string `json:"unitOfMeasure"`
	Granularity string `json:"granularity"`
	Zone        string `json:"timeZone"`
	Items       []item `json:"items"`
}

// item is one interval. Money stays as it was written.
type item struct {
	Start    time.Time    `json:"start"`
	End      time.Time    `json:"end"`
	Value    *json.Number `json:"value"`
	Cost     *json.Number `json:"cost"`
	Currency string       `json:"currency"`
	Quality  string       `json:"quality"`
}

// usage asks for what was counted in a span, in the meter's unit.
func (s *Source) usage(ctx context.Context, granularity string, span energy.Interval) (page, error) {
	bodies, err := s.pages(ctx, s.place("usage"), url.Values{
		"from": {span.Start.UTC().Format(time.RFC3339)}, "to": {span.End.UTC().Format(time.RFC3339)}, "granularity": {granularity},
	})
	if err != nil {
		return page{}, err
	}
	return s.read(bodies, granularity)
}

// read puts pages together that are of the meter, the zone and the granularity that were asked for.
func (s *Source) read(bodies [][]byte, granularity string) (page, error) {
	var all page
	for i, body := range bodies {
		var p page
		if err := json.Unmarshal(body, &p); err != nil {
			return page{}, feeds.Fail(feeds.Temporary, "usage: page %d: %w", i+1, err)
		}
		for _, c := range []struct{ what, want, got string }{
			{"meter", s.cfg.Meter, p.Meter}, {"granularity", granularity, p.Granularity}, {"zone", s.zone.String(), p.Zone},
		} {
			if c.got != "" && c.got != c.want {
				return page{}, feeds.Fail(feeds.Misconfigured, "usage: %s %q was asked for, the answer is of %q", c.what, c.want, feeds.OneLine(c.got))
			}
		}
		if i > 0 && p.Unit != all.Unit {
			return page{}, feeds.Fail(feeds.Temporary, "usage: page %d is in %q, those before in %q", i+1, feeds.OneLine(p.Unit), feeds.OneLine(all.Unit))
		}
		all.Unit, all.Items = p.Unit, append(all.Items, p.Items...)
	}
	for i, it := range all.Items {
		if it.Start.UTC().Year() < 1970 || it.End.UTC().Year() > 2199 || !it.Start.Before(it.End) {
			return page{}, feeds.Fail(feeds.Temporary, "usage: value %d: from %s to %s", i, it.Start.Format(time.RFC3339), it.End.Format(time.RFC3339))
		}
	}
	slices.SortStableFunc(all.Items, func(a, b item) int { return a.Start.Compare(b.Start) })
	return all, nil
}

// values is the series. What has no value is missing, and what came twice, as pages move while they are read, is there
// once.
func (p page) values(now time.Time) (feeds.Values, error) {
	if !strings.EqualFold(p.Unit, "kWh") {
		return feeds.Values{}, feeds.Fail(feeds.Misconfigured, "meter: counts in %q, a series needs one that counts in kWh; the question usage shows it", feeds.OneLine(p.Unit))
	}
	var v feeds.Values
	var odd feeds.Remarks
	origins := map[energy.Status]*energy.Origin{}
	var points []energy.Point[energy.WattHours]
	for i, it := range p.Items {
		if it.Value == nil {
			continue
		}
		value, err := wattHours(*it.Value)
		if err != nil {
			return feeds.Values{}, feeds.Fail(feeds.Temporary, "usage: value %d: %w", i, err)
		}
		status, isKnown := qualities[strings.ToLower(it.Quality)]
		if !isKnown {
			status = energy.Preliminary
			odd.Say("quality %q is taken for preliminary", feeds.OneLine(it.Quality))
		}
		if origins[status] == nil {
			origins[status] = &energy.Origin{Source: "energygrid", Fetched: now, Status: status}
		}
		slot := energy.Interval{Start: it.Start.UTC(), End: it.End.UTC()}
		points = append(points, energy.Point[energy.WattHours]{Interval: slot, Value: value, Origin: origins[status]})
	}
	v.Remarks = odd.All()
	var err error
	v.Taken, err = feeds.Join("", points)
	return v, err
}

// qualities are how firm a value is, by what it is called; one that is not called anything may still change.
var qualities = map[string]energy.Status{
	"actual": energy.Final, "measured": energy.Final, "validated": energy.Final, "final": energy.Final,
	"estimated": energy.Preliminary, "preliminary": energy.Preliminary, "provisional": energy.Preliminary, "": energy.Preliminary,
}

// mostKWh in one interval: beyond it a number is a slip.
const mostKWh = 1e6

// wattHours reads kWh. The decimal point is moved in the text, so that 0.29 is 290 and nothing beside it.
func wattHours(kWh json.Number) (energy.WattHours, error) {
	digits, exponent, _ := strings.Cut(strings.ToLower(kWh.String()), "e")
	n, err := strconv.Atoi(cmp.Or(exponent, "0"))
	f, err2 := strconv.ParseFloat(digits+"e"+strconv.Itoa(n+3), 64)
	switch {
	case err != nil || err2 != nil || f > mostKWh*1000:
		return 0, fmt.Errorf("%q: is no energy", feeds.OneLine(kWh.String()))
	case f < 0:
		return 0, fmt.Errorf("%q: the meter of what is taken counts backwards", feeds.OneLine(kWh.String()))
	}
	return energy.WattHours(f), nil
}
