package energycharts

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// prices reads the answer of /price.
func prices(body []byte, now time.Time) (feeds.Values, error) {
	var doc struct {
		Times []json.Number  `json:"unix_seconds"`
		Price []*json.Number `json:"price"`
		Unit  string         `json:"unit"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "prices: %w", err)
	}
	if unit := strings.ToLower(strings.ReplaceAll(doc.Unit, " ", "")); unit != "eur/mwh" && len(doc.Times) > 0 {
		return feeds.Values{}, feeds.Fail(feeds.Misconfigured, "prices: in %q, not in EUR / MWh", feeds.OneLine(doc.Unit))
	}
	points, err := join(doc.Times, doc.Price, &energy.Origin{Source: "energy-charts", Fetched: now, Status: energy.Final},
		func(n json.Number) (energy.Price, error) { return feeds.PerKWh(n, -3) })
	return feeds.Values{Import: energy.Series[energy.Price]{Currency: "EUR", Points: points}}, err
}

// shares reads the answer of /ren_share_forecast.
func shares(body []byte, now time.Time) (feeds.Values, error) {
	var doc struct {
		Times     []json.Number  `json:"unix_seconds"`
		Share     []*json.Number `json:"ren_share"`
		IsGuessed bool           `json:"substitute"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "renewable share: %w", err)
	}
	points, err := join(doc.Times, doc.Share, &energy.Origin{Source: "energy-charts", Fetched: now, Status: energy.Forecast}, share)
	v := feeds.Values{Renewable: energy.Series[energy.Share]{Points: points}}
	if doc.IsGuessed {
		v.Remarks = []string{"renewable share: guessed from older days, the publisher has no forecast"}
	}
	return v, err
}

// share reads percent, above 100 where the grid exports; no grid has a hundred times of what it needs.
func share(n json.Number) (energy.Share, error) {
	percent, err := n.Float64()
	if err != nil || !(percent > -10_000 && percent < 10_000) {
		return 0, fmt.Errorf("%q: is no share", feeds.OneLine(n.String()))
	}
	return energy.Share(percent / 100), nil
}

// join is the values over their slots; the publisher gives no ends. What it says twice is taken once.
func join[T any](times []json.Number, values []*json.Number, origin *energy.Origin, parse func(json.Number) (T, error)) ([]energy.Point[T], error) {
	if len(times) != len(values) {
		return nil, feeds.Fail(feeds.Temporary, "%d times for %d values", len(times), len(values))
	}
	var starts []time.Time
	var numbers []*json.Number
	for i, n := range times {
		if i > 0 && n == times[i-1] && isSame(values[i], values[i-1]) {
			continue
		}
		seconds, err := n.Int64()
		start := time.Unix(seconds, 0).UTC()
		if k := len(starts); err != nil || k > 0 && !start.After(starts[k-1]) {
			return nil, feeds.Fail(feeds.Temporary, "time %d: %q is none, or not after the one before", i, n)
		}
		starts, numbers = append(starts, start), append(numbers, values[i])
	}
	if len(starts) == 1 {
		return nil, feeds.Fail(feeds.Temporary, "one time alone has no end")
	}
	var points []energy.Point[T]
	for i, n := range numbers {
		if n == nil {
			continue
		}
		v, err := parse(*n)
		if err != nil {
			return nil, feeds.Fail(feeds.Temporary, "value %d: %w", i, err)
		}
		points = append(points, energy.Point[T]{Interval: energy.Interval{Start: starts[i], End: feeds.EndOf(starts, i)}, Value: v, Origin: origin})
	}
	return points, nil
}

func isSame(a, b *json.Number) bool { return a == b || a != nil && b != nil && *a == *b }
