package gbcarbon

import (
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "gbcarbon", Title: "carbonintensity.org.uk: carbon intensity of Great Britain and its regions",
	Step: "30 min", Unit: "gCO2/kWh",
	Keys: []feeds.Key{
		{Name: "postcode", Help: "outward part of the home's postcode, such as RG10; the whole country where it is left out"},
		feeds.AddressKey,
	},
	Sample: `name: carbon
type: gbcarbon
postcode: RG10
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		return New(Config{BaseURL: s["url"], Postcode: s["postcode"]}, wire.New(net))
	},
}
