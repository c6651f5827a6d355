package watttime

import (
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "watttime", Title: "WattTime: marginal carbon intensity of a region of the grid, forecast",
	Step: "5 min", Unit: "lb/MWh",
	Keys: []feeds.Key{
		{Name: "user", Help: "of the account", IsRequired: true},
		{Name: "password", Help: "of the account", IsRequired: true, IsSecret: true},
		{Name: "region", Help: "of the grid, as the service calls it; a free account has CAISO_NORTH", IsRequired: true},
		feeds.AddressKey,
	},
	Sample: `name: carbon
type: watttime
user: resident
password_file: watttime-password
region: CAISO_NORTH
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		cfg := Config{BaseURL: s["url"], User: s["user"], Password: s["password"], Region: s["region"], Days: net.Home.Zone}
		return New(cfg, wire.New(net, s["password"]))
	},
}
