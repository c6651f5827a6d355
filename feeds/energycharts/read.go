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
	series, err := join("EUR", doc.Times, doc.Price, &energy.Origin{Source: "energy-charts", Fetched: now, Status: energy.Final},
		func(n json.Number) (energy.Price, error) { return feeds.PerKWh(n, -3) })
	return feeds.Values{Import: series}, err
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
	series, err := join("", doc.Times, doc.Share, &energy.Origin{Source: "energy-charts", Fetched: now, Status: energy.Forecast}, share)
	v := feeds.Values{Renewable: series}
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

// join is the values over their slots; the publisher gives no ends.
func join[T comparable](c energy.Currency, times []json.Number, values []*json.Number, origin *energy.Origin, parse func(json.Number) (T, error)) (energy.Series[T], error) {
	none := energy.Series[T]{}
	if len(times) != len(values) {
		return none, feeds.Fail(feeds.Temporary, "%d times for %d values", len(times), len(values))
	}
	all := make([]feeds.Stamped[T], len(times))
	for i, n := range times {
		seconds, err := n.Int64()
		if err != nil {
			return none, feeds.Fail(feeds.Temporary, "time %d: %q is none", i, feeds.OneLine(n.String()))
		}
		all[i].At = time.Unix(seconds, 0)
		if values[i] == nil {
			continue
		}
		v, err := parse(*values[i])
		if err != nil {
			return none, feeds.Fail(feeds.Temporary, "value %d: %w", i, err)
		}
		all[i].Value = &v
	}
	return feeds.JoinStamped(c, origin, all)
}
