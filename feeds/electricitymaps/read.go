package electricitymaps

import (
	"encoding/json"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// steps are how long a value holds; where an answer does not say, it is an hour, as everywhere in version 3.
var steps = map[string]time.Duration{"": time.Hour, "hourly": time.Hour, "15_minutes": 15 * time.Minute, "5_minutes": 5 * time.Minute}

// hour is a value of either answer.
type hour struct {
	Start       time.Time    `json:"datetime"`
	Intensity   *json.Number `json:"carbonIntensity"`
	IsEstimated bool         `json:"isEstimated"`
}

// place is what either answer says of itself.
type place struct {
	Zone string `json:"zone"`
	Step string `json:"temporalGranularity"`
}

// latest understands the one value that was measured, or estimated until it is.
func (cfg Config) latest(body []byte, now time.Time) (energy.Series[energy.GramsPerKWh], error) {
	var doc struct {
		place
		hour
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return energy.Series[energy.GramsPerKWh]{}, feeds.Fail(feeds.Temporary, "intensity: %w", err)
	}
	status := energy.Final
	if doc.IsEstimated {
		status = energy.Preliminary
	}
	return cfg.series(doc.place, []hour{doc.hour}, &energy.Origin{Source: "electricitymaps", Fetched: now, Status: status})
}

// forecast understands what is to come.
func (cfg Config) forecast(body []byte, now time.Time) (energy.Series[energy.GramsPerKWh], error) {
	var doc struct {
		place
		Forecast []hour `json:"forecast"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return energy.Series[energy.GramsPerKWh]{}, feeds.Fail(feeds.Temporary, "forecast: %w", err)
	}
	return cfg.series(doc.place, doc.Forecast, &energy.Origin{Source: "electricitymaps", Fetched: now, Status: energy.Forecast})
}

func (cfg Config) series(p place, hours []hour, origin *energy.Origin) (energy.Series[energy.GramsPerKWh], error) {
	none := energy.Series[energy.GramsPerKWh]{}
	step, isKnown := steps[p.Step]
	switch {
	case p.Zone == "":
		return none, feeds.Fail(feeds.Temporary, "intensity: the answer names no zone")
	case p.Zone != cfg.Zone:
		return none, feeds.Fail(feeds.Misconfigured, "zone: the answer is of %q, not of %s", feeds.OneLine(p.Zone), cfg.Zone)
	case !isKnown:
		return none, feeds.Fail(feeds.Temporary, "intensity: is %q, not hourly", feeds.OneLine(p.Step))
	}
	var points []energy.Point[energy.GramsPerKWh]
	for i, h := range hours {
		if h.Intensity == nil {
			continue
		}
		if h.Start.IsZero() {
			return none, feeds.Fail(feeds.Temporary, "value %d: is at no time", i)
		}
		grams, err := feeds.Grams(*h.Intensity, 1)
		if err != nil {
			return none, feeds.Fail(feeds.Temporary, "value %d: %w", i, err)
		}
		points = append(points, energy.Point[energy.GramsPerKWh]{Interval: energy.Span(h.Start.UTC(), step), Value: grams, Origin: origin})
	}
	return feeds.Join("", points)
}
