package energidata

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

const layout = "2006-01-02T15:04:05"

// record is a row of either table. A number that is not known is null.
type record struct {
	Time   string       `json:"TimeUTC"`     // of prices
	Five   string       `json:"Minutes5UTC"` // of CO2
	Area   string       `json:"PriceArea"`
	DKK    *json.Number `json:"DayAheadPriceDKK"`
	EUR    *json.Number `json:"DayAheadPriceEUR"`
	CO2    *json.Number `json:"CO2Emission"`
	start  time.Time
	number *json.Number // the one that was asked for
}

func (r record) isSame(o record) bool {
	isEqual := r.number == o.number || r.number != nil && o.number != nil && *r.number == *o.number
	return r.start.Equal(o.start) && isEqual
}

func (cfg Config) read(body []byte, now time.Time) (feeds.Values, error) {
	if cfg.Kind == Carbon {
		origin := &energy.Origin{Source: "energidata", Fetched: now, Status: energy.Forecast}
		points, err := join(cfg, body, origin, grams)
		return feeds.Values{Carbon: energy.Series[energy.GramsPerKWh]{Points: points}}, err
	}
	origin := &energy.Origin{Source: "energidata", Fetched: now, Status: energy.Final}
	points, err := join(cfg, body, origin, func(n json.Number) (energy.Price, error) { return feeds.PerKWh(n, -3) })
	return feeds.Values{Import: energy.Series[energy.Price]{Currency: cfg.Currency, Points: points}}, err
}

// noun is what the source yields one of.
func (cfg Config) noun() string {
	if cfg.Kind == Carbon {
		return "CO2 value"
	}
	return "price"
}

// grams reads what no grid exceeds.
func grams(n json.Number) (energy.GramsPerKWh, error) {
	f, err := n.Float64()
	if err != nil || !(f >= 0 && f <= 5000) {
		return 0, fmt.Errorf("%q: is no CO2 of a kWh", feeds.OneLine(n.String()))
	}
	return energy.GramsPerKWh(f), nil
}

// join is the values of an answer over their slots; the publisher gives no ends.
func join[T any](cfg Config, body []byte, origin *energy.Origin, parse func(json.Number) (T, error)) ([]energy.Point[T], error) {
	records, err := cfg.records(body)
	if err != nil {
		return nil, err
	}
	var starts []time.Time
	for i, r := range records {
		if i > 0 && r.start.Equal(records[i-1].start) {
			return nil, feeds.Fail(feeds.Temporary, "record %d: a second %s at %s", i, cfg.noun(), r.start.Format(layout))
		}
		starts = append(starts, r.start)
	}
	var points []energy.Point[T]
	for i, r := range records {
		if r.number == nil {
			continue
		}
		value, err := parse(*r.number)
		if err != nil {
			return nil, feeds.Fail(feeds.Temporary, "record %d: %w", i, err)
		}
		points = append(points, energy.Point[T]{Interval: energy.Interval{Start: r.start, End: feeds.EndOf(starts, i)}, Value: value, Origin: origin})
	}
	switch {
	case len(points) == 0:
		return nil, feeds.Fail(feeds.NotYet, "%ss: none of that time are out", cfg.noun())
	case len(starts) == 1:
		return nil, feeds.Fail(feeds.Temporary, "%ss: one alone has no end", cfg.noun())
	}
	return points, nil
}

// records are the rows of an answer in the order of time, each once.
func (cfg Config) records(body []byte) ([]record, error) {
	var doc struct{ Records []record }
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, feeds.Fail(feeds.Temporary, "%ss: %w", cfg.noun(), err)
	}
	for i := range doc.Records {
		r := &doc.Records[i]
		text := r.Time
		switch {
		case cfg.Kind == Carbon:
			text, r.number = r.Five, r.CO2
		case cfg.Currency == "DKK":
			r.number = r.DKK
		default:
			r.number = r.EUR
		}
		var err error
		if r.start, err = time.Parse(layout, strings.TrimSuffix(text, "Z")); err != nil {
			return nil, feeds.Fail(feeds.Temporary, "record %d: time %q", i, feeds.OneLine(text))
		}
		if r.Area != cfg.Area {
			return nil, feeds.Fail(feeds.Temporary, "record %d: of %q, asked was for %s", i, feeds.OneLine(r.Area), cfg.Area)
		}
	}
	slices.SortStableFunc(doc.Records, func(a, b record) int { return a.start.Compare(b.start) })
	return slices.CompactFunc(doc.Records, record.isSame), nil
}
