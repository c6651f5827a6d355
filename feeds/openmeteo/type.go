package openmeteo

import (
	"slices"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/reading"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "openmeteo", Title: "Open-Meteo: a roof's expected power, made of the weather",
	Step: "15 min", Unit: "W/m²",
	Keys: slices.Concat(reading.RoofKeys(), []feeds.Key{
		{Name: "losses", Help: "what dirt, shade, wires and age take; 14% where it is left out"},
		feeds.AddressKey,
	}),
	Sample: `name: roof
type: openmeteo
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
		losses := energy.Share(defaultLosses)
		if text := s["losses"]; text != "" {
			if losses, err = energy.ParseShare(text); err != nil {
				return nil, feeds.Fail(feeds.Misconfigured, "losses %q: must be such as 14%%", text)
			}
		}
		return New(Config{BaseURL: s["url"], Roof: roof, Losses: losses, Zone: net.Home.Zone}, wire.New(net))
	},
}
