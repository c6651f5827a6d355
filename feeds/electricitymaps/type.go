package electricitymaps

import (
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "electricitymaps", Title: "Electricity Maps: average carbon intensity of a zone of the grid, imports included",
	Step: "60 min", Unit: "g/kWh",
	Keys: []feeds.Key{
		{Name: "token", Help: "of the customer, made at portal.electricitymaps.com", IsRequired: true, IsSecret: true},
		{Name: "zone", Help: "of the grid, as the service calls it, such as DE, DK-DK1 or US-CAL-CISO", IsRequired: true},
		{Name: "forecast", Help: "whether the plan of the token has the hours to come; no where it is left out", Among: feeds.YesNo},
		feeds.AddressKey,
	},
	Sample: `name: carbon
type: electricitymaps
token_file: electricitymaps-token
zone: DE
forecast: yes
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		if err := feeds.OneOf("forecast", s["forecast"], "", "yes", "no"); err != nil {
			return nil, err
		}
		cfg := Config{BaseURL: s["url"], Token: s["token"], Zone: s["zone"], Forecast: s["forecast"] == "yes", Days: net.Home.Zone}
		return New(cfg, wire.New(net, s["token"]))
	},
}
