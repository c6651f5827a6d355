package gridx

import (
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "gridx", Title: "GridX: dynamic prices of Pacific Gas and Electric and of Southern California Edison",
	Step: "60 or 15 min", Unit: "USD/kWh",
	Keys: []feeds.Key{
		{Name: "utility", Help: "whose prices", Among: utilities, IsRequired: true},
		{Name: "rate", Help: "name of the rate, EELEC or TOU-PRIME; from the customer's account where it is left out"},
		{Name: "circuit", Help: "nine digits in quotes (PGE), or name of the substation (SCE); from the customer's account where it is left out"},
		{Name: "cca", Help: "code of the community choice aggregator that sells the energy (PGE); none, or from the customer's account, where it is left out"},
		{Name: "client_id", Help: "from the utility, for the customer's account; with it, customer information and usage are asked for"},
		{Name: "client_secret", Help: "from the utility, for the customer's account", IsSecret: true},
		{Name: "contract", Help: "service agreement of the customer, ten digits in quotes"},
		{Name: "customer", Help: "UUID of the customer"},
		feeds.AddressKey,
	},
	Sample: `name: dynamic
type: gridx
utility: PGE
rate: EELEC
circuit: "013532223"
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		cfg := Config{BaseURL: s["url"], Utility: s["utility"], Rate: s["rate"], Circuit: s["circuit"], CCA: s["cca"]}
		c := Customer{ClientID: s["client_id"], Secret: s["client_secret"], Contract: s["contract"], UUID: s["customer"]}
		if c != (Customer{}) {
			cfg.Customer = &c
		}
		return New(cfg, wire.New(net, c.Secret, c.Contract, c.UUID))
	},
}
