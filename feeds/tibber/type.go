package tibber

import (
	"cmp"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "tibber", Title: "Tibber: what its customers pay, with taxes",
	Step: "15 min", Unit: "currency/kWh",
	Keys: []feeds.Key{
		{Name: "token", Help: "the customer's access token, from developer.tibber.com", IsRequired: true, IsSecret: true},
		{Name: "home", Help: "id of the home; the only one with a subscription where it is left out"},
		{Name: "currency", Help: "of the contract, such as NOK; the home's where it is left out"},
		feeds.AddressKey,
	},
	Sample: `name: tibber
type: tibber
token_file: tibber-token
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		cfg := Config{
			URL: s["url"], Token: s["token"], Home: s["home"],
			Currency: cmp.Or(energy.Currency(s["currency"]), net.Home.Currency), Zone: net.Home.Zone.String(),
		}
		return New(cfg, wire.New(net, cfg.Token))
	},
}
