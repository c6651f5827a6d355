package octopus

import (
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "octopus", Title: "Octopus Energy: unit rates of Great Britain, with VAT",
	Step: "30 min", Unit: "p/kWh",
	Keys: []feeds.Key{
		{Name: "product", Help: "code of what is taken, such as AGILE-24-10-01; no import price where it is left out"},
		{Name: "export", Help: "code of what is given, such as AGILE-OUTGOING-19-05-13; no export price where it is left out"},
		{Name: "region", Help: "letter of the grid's region, from A to P: the last one of the tariff on the bill", IsRequired: true},
		feeds.AddressKey,
	},
	Sample: `name: agile
type: octopus
product: AGILE-24-10-01
export: AGILE-OUTGOING-19-05-13
region: C
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		return New(Config{BaseURL: s["url"], Product: s["product"], Export: s["export"], Region: s["region"]}, wire.New(net))
	},
}
