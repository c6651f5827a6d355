package awattar

import (
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "awattar", Title: "aWATTar: day-ahead prices of Germany and Austria, without taxes",
	Step: "60 min", Unit: "EUR/MWh",
	Keys: []feeds.Key{
		{Name: "country", Help: "whose prices", Among: countries, IsRequired: true},
		feeds.AddressKey,
	},
	Sample: `name: exchange
type: awattar
country: DE
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		return New(Config{BaseURL: s["url"], Country: s["country"]}, wire.New(net))
	},
}
