package energidata

import (
	"cmp"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "energidata", Title: "Energi Data Service: day-ahead prices of Denmark without taxes, or the CO2 of its grid",
	Step: "15 min; of CO2 5 min", Unit: "DKK/MWh or EUR/MWh; of CO2 g/kWh",
	Keys: []feeds.Key{
		{Name: "area", Help: "price area of the home", Among: areas, IsRequired: true},
		{Name: "kind", Help: "what to ask for; price where it is left out", Among: kinds},
		{Name: "currency", Help: "of prices; the home's where it is left out", Among: currencies},
		feeds.AddressKey,
	},
	Sample: `name: exchange
type: energidata
area: DK1
kind: price
currency: DKK
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		cfg := Config{BaseURL: s["url"], Area: s["area"], Kind: s["kind"], Currency: cmp.Or(energy.Currency(s["currency"]), net.Home.Currency)}
		return New(cfg, wire.New(net))
	},
}
