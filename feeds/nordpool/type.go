package nordpool

import (
	"cmp"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "nordpool", Title: "Nord Pool: day-ahead prices of its areas, without taxes, as its website shows them",
	Step: "15 min", Unit: "EUR/MWh, or another currency of the exchange",
	Keys: []feeds.Key{
		{Name: "area", Help: "whose prices, such as SE3, NO1, DK2, FI or EE", IsRequired: true},
		{Name: "currency", Help: "in which to ask for them, such as EUR or SEK; the home's where it is left out"},
		feeds.AddressKey,
	},
	Sample: `name: exchange
type: nordpool
area: NO1
currency: NOK
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		currency := energy.Currency(cmp.Or(s["currency"], string(net.Home.Currency)))
		return New(Config{BaseURL: s["url"], Area: s["area"], Currency: currency}, wire.New(net))
	},
}
