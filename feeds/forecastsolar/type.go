package forecastsolar

import (
	"slices"

	"hearth/feeds"
	"hearth/feeds/reading"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "forecastsolar", Title: "Forecast.Solar: a roof's expected power",
	Step: "15 to 60 min", Unit: "W",
	Keys: slices.Concat(reading.RoofKeys(), []feeds.Key{
		{Name: "key", Help: "key of a subscription; none where it is left out", IsSecret: true},
		feeds.AddressKey,
	}),
	Sample: `name: roof
type: forecastsolar
latitude: 52.52
longitude: 13.41
tilt: 30
azimuth: -90
peak: 8.4kWp
inverter: 8kW
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		roof, err := reading.ParseRoof(s)
		if err != nil {
			return nil, err
		}
		return New(Config{BaseURL: s["url"], Roof: roof, Key: s["key"], Zone: net.Home.Zone}, wire.New(net, s["key"]))
	},
}
