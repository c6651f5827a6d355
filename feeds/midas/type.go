package midas

import (
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "midas", Title: "MIDAS of the California Energy Commission: the prices of a rate, or marginal carbon of a region",
	Step: "60 min prices, 5 min carbon", Unit: "USD/kWh, g/kWh",
	Keys: []feeds.Key{
		{Name: "rin", Help: "rate identification number, such as USCA-PGPG-ETOU-0000, or USCA-SGIP-MOER-PGE for carbon", IsRequired: true},
		{Name: "signal", Help: "which of its values; import where it is left out, or carbon where the RIN is of that", Among: []string{"import", "export", "carbon"}},
		{Name: "user", Help: "of an account; reading needs none"},
		{Name: "password", Help: "of that account", IsSecret: true},
		feeds.AddressKey,
	},
	Sample: `name: rate
type: midas
rin: USCA-PGPG-ETOU-0000
signal: import
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		client := wire.New(net, s["password"])
		client.MaxBody = mostBytes
		cfg := Config{BaseURL: s["url"], RIN: s["rin"], Signal: s["signal"], User: s["user"], Password: s["password"]}
		return New(cfg, client)
	},
}
