package entsoe

import (
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "entsoe", Title: "ENTSO-E: day-ahead prices of Europe's bidding zones, without taxes",
	Step: "15 min", Unit: "EUR/MWh",
	Keys: []feeds.Key{
		{Name: "area", Help: "bidding zone: AT, BE, DE-LU, DK1, FR, IT-North, NL, NO1, SE3 and so on, or its EIC", IsRequired: true},
		{Name: "token", Help: "personal token of the Transparency Platform's web API", IsRequired: true, IsSecret: true},
		feeds.AddressKey,
	},
	Sample: `name: exchange
type: entsoe
area: DE-LU
token_file: entsoe-token
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		client := wire.New(net, s["token"])
		client.MaxBody = mostBytes
		return New(Config{BaseURL: s["url"], Area: s["area"], Token: s["token"], Currency: net.Home.Currency}, client)
	},
}
