package comed

import (
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "comed", Title: "ComEd Hourly Pricing (Illinois): real-time prices of energy, of the present and the past",
	Step: "5 min, 60 min for the running hour", Unit: "cents/kWh",
	Keys: []feeds.Key{feeds.AddressKey},
	Sample: `name: energy
type: comed
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		return New(Config{BaseURL: s["url"]}, wire.New(net))
	},
}
