package energycharts

import (
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "energycharts", Title: "energy-charts.info: day-ahead prices of Europe without taxes, and the renewable share",
	Step: "15 min", Unit: "EUR/MWh; of the share %",
	Keys: []feeds.Key{
		{Name: "bidding_zone", Help: "whose prices, such as DE-LU; none where it is left out"},
		{Name: "country", Help: "whose renewable share, such as de; none where it is left out"},
		feeds.AddressKey,
	},
	Sample: `name: exchange
type: energycharts
bidding_zone: DE-LU
country: de
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		cfg := Config{BaseURL: s["url"], Bidding: s["bidding_zone"], Country: s["country"], Zone: net.Home.Zone.String()}
		return New(cfg, wire.New(net))
	},
}
