package reading

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"hearth/energy"
	"hearth/feeds"
)

// Roof is where panels stand and what they can give.
type Roof struct {
	Latitude, Longitude float64 // degrees; north and east are positive
	Tilt                float64 // degrees from level, to 90
	Azimuth             float64 // degrees from south, west positive: -90 is east
	Peak                energy.Watts
	Inverter            energy.Watts // its limit; zero: none
}

// RoofKeys are how a configuration says a roof.
func RoofKeys() []feeds.Key {
	return []feeds.Key{
		{Name: "latitude", Help: "degrees, north positive", IsRequired: true},
		{Name: "longitude", Help: "degrees, east positive", IsRequired: true},
		{Name: "tilt", Help: "degrees from level: 0 lies flat, 90 stands upright", IsRequired: true},
		{Name: "azimuth", Help: "degrees from south: 0 is south, -90 east, 90 west, 180 north", IsRequired: true},
		{Name: "peak", Help: "what the panels give in the laboratory, such as 8.4kWp", IsRequired: true},
		{Name: "inverter", Help: "what the inverter gives at most, such as 8kW; no limit where it is left out"},
	}
}

// ParseRoof reads what [RoofKeys] say.
func ParseRoof(s feeds.Settings) (Roof, error) {
	var r Roof
	for _, d := range []struct {
		key         string
		into        *float64
		least, most float64
	}{
		{"latitude", &r.Latitude, -90, 90}, {"longitude", &r.Longitude, -180, 180}, {"tilt", &r.Tilt, 0, 90}, {"azimuth", &r.Azimuth, -180, 180},
	} {
		v, err := strconv.ParseFloat(s[d.key], 64)
		if !isDegrees.MatchString(s[d.key]) || err != nil || v < d.least || v > d.most {
			return Roof{}, feeds.Fail(feeds.Misconfigured, "%s %q: must be degrees from %g to %g", d.key, s[d.key], d.least, d.most)
		}
		*d.into = v
	}
	var err error
	if r.Peak, err = ParsePeak(s["peak"]); err != nil {
		return Roof{}, err
	}
	if text := s["inverter"]; text != "" {
		if r.Inverter, err = energy.ParseWatts(text); err != nil || r.Inverter <= 0 {
			return Roof{}, feeds.Fail(feeds.Misconfigured, "inverter %q: must be a power such as 8kW", text)
		}
	}
	return r, nil
}

var (
	isDegrees = regexp.MustCompile(`^-?[0-9]{1,3}(\.[0-9]{1,8})?$`)
	isPeak    = regexp.MustCompile(`^[0-9]{1,6}(\.[0-9]{1,6})? ?k?Wp$`)
)

// ParsePeak reads "8.4kWp" or "800Wp": without its unit, and the p that says which power is meant, it is refused.
func ParsePeak(text string) (energy.Watts, error) {
	w, err := energy.ParseWatts(strings.TrimSuffix(text, "p"))
	if !isPeak.MatchString(text) || err != nil || w <= 0 || w > 1e6 {
		return 0, feeds.Fail(feeds.Misconfigured, "peak %q: must be such as 8.4kWp", text)
	}
	return w, nil
}

// IsNear says that a place is that of the roof, as far as a grid of weather cells shows it.
func (r Roof) IsNear(latitude, longitude float64) bool {
	const cell = 1 // degree; the coarsest models have half of it
	around := math.Abs(math.Remainder(longitude-r.Longitude, 360))
	return math.Abs(latitude-r.Latitude) <= cell && (around <= cell || math.Abs(r.Latitude) > 85)
}

// Limited is a power as the inverter lets it through.
func (r Roof) Limited(w energy.Watts) energy.Watts {
	if r.Inverter > 0 {
		return min(w, r.Inverter)
	}
	return w
}
