package openmeteo

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

type document struct {
	Latitude  *float64
	Longitude *float64
	Units     struct {
		Time       string `json:"time"`
		Irradiance string `json:"global_tilted_irradiance_instant"`
		Air        string `json:"temperature_2m"`
	} `json:"minutely_15_units"`
	Data struct {
		Time       []int64    `json:"time"`
		Irradiance []*float64 `json:"global_tilted_irradiance_instant"`
		Air        []*float64 `json:"temperature_2m"`
	} `json:"minutely_15"`
}

// instant is what the roof gives at a quarter hour.
type instant struct {
	at    time.Time
	power energy.Watts
}

func (cfg Config) read(body []byte, now time.Time) (feeds.Values, error) {
	var doc document
	if err := json.Unmarshal(body, &doc); err != nil {
		return feeds.Values{}, feeds.Fail(feeds.Temporary, "weather: %w", err)
	}
	if len(doc.Data.Time) == 0 && len(doc.Data.Irradiance) == 0 {
		return feeds.Values{}, nil
	}
	if err := cfg.check(doc); err != nil {
		return feeds.Values{}, err
	}
	instants, below, err := cfg.instants(doc)
	if err != nil {
		return feeds.Values{}, err
	}
	origin := &energy.Origin{Source: "openmeteo", Fetched: now, Status: energy.Forecast}
	var points []energy.Point[energy.Watts]
	for i := 1; i < len(instants); i++ {
		first, last := instants[i-1], instants[i]
		if last.at.Sub(first.at) != step {
			continue // one of the ends is missing
		}
		points = append(points, energy.Point[energy.Watts]{
			Interval: energy.Span(first.at, step), Value: (first.power + last.power) / 2, Origin: origin,
		})
	}
	series, err := feeds.Join("", points)
	v := feeds.Values{Solar: series}
	if below > 0 {
		v.Remarks = append(v.Remarks, fmt.Sprintf("irradiance is less than nothing %d times, which counts as nothing", below))
	}
	return v, err
}

// check refuses what is told for another place or in other units.
func (cfg Config) check(doc document) error {
	u, d := doc.Units, doc.Data
	switch {
	case u.Time != "unixtime" || u.Irradiance != "W/m²" || u.Air != "°C":
		return feeds.Fail(feeds.Misconfigured, "weather: in %q, %q and %q, not in unixtime, W/m² and °C", feeds.OneLine(u.Time), feeds.OneLine(u.Irradiance), feeds.OneLine(u.Air))
	case len(d.Irradiance) != len(d.Time) || len(d.Air) != len(d.Time):
		return feeds.Fail(feeds.Temporary, "weather: %d times, %d of irradiance, %d of temperature", len(d.Time), len(d.Irradiance), len(d.Air))
	case doc.Latitude == nil || doc.Longitude == nil:
		return feeds.Fail(feeds.Temporary, "weather: does not say of where")
	case !cfg.Roof.IsNear(*doc.Latitude, *doc.Longitude):
		return feeds.Fail(feeds.Misconfigured, "weather: of %g, %g, asked was for %g, %g", *doc.Latitude, *doc.Longitude, cfg.Roof.Latitude, cfg.Roof.Longitude)
	}
	return nil
}

// What is outside of these is no weather. Clouds make the sun brighter than it is, at the edge, by up to a half.
const (
	brightest        = 2000.0
	darkest          = -200.0 // artefacts of a low sun behind the plane have been seen down to -84
	coldest, hottest = -95.0, 65.0
)

// instants are the powers at the times that tell all that is needed, in order; below is how often the irradiance was
// less than nothing.
func (cfg Config) instants(doc document) (all []instant, below int, err error) {
	for i, unix := range doc.Data.Time {
		g, air := doc.Data.Irradiance[i], doc.Data.Air[i]
		if g == nil || air == nil {
			continue
		}
		if unix%int64(step/time.Second) != 0 || unix <= 0 || unix > 1<<33 {
			return nil, 0, feeds.Fail(feeds.Temporary, "weather: time %d is no quarter hour", unix)
		}
		at := time.Unix(unix, 0).UTC()
		if !(*g >= darkest && *g <= brightest && *air >= coldest && *air <= hottest) {
			return nil, 0, feeds.Fail(feeds.Temporary, "weather at %s: %g W/m² and %g °C are not of this world", at.Format(time.RFC3339), *g, *air)
		}
		if *g < 0 {
			below++
		}
		all = append(all, instant{at, cfg.power(max(0, *g), *air)})
	}
	slices.SortStableFunc(all, func(a, b instant) int { return a.at.Compare(b.at) })
	all = slices.Compact(all)
	for i := 1; i < len(all); i++ {
		if all[i].at.Equal(all[i-1].at) {
			return nil, 0, feeds.Fail(feeds.Temporary, "weather at %s: is there twice, not the same", all[i].at.Format(time.RFC3339))
		}
	}
	return all, below, nil
}
