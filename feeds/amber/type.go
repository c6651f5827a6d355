package amber

import (
	"cmp"

	"hearth/feeds"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "amber", Title: "Amber Electric (Australia): a customer's prices with GST, networks and fees",
	Step: "5 or 30 min", Unit: "cents/kWh",
	Keys: []feeds.Key{
		{Name: "token", Help: "of the customer, made at app.amber.com.au/developers", IsRequired: true, IsSecret: true},
		{Name: "site", Help: "id of the site, as the service's list of sites has it", IsRequired: true},
		{Name: "zone", Help: "time zone of the site, such as Australia/Sydney; the home's where it is left out"},
		{Name: "import", Help: "channel of what is taken; general where it is left out", Among: []string{general, controlledLoad}},
		{Name: "export", Help: "channel of what is given; no export prices where it is left out", Among: []string{feedIn}},
		{Name: "resolution", Help: "minutes of an interval; as the site is billed where it is left out", Among: []string{"5", "30"}},
		feeds.AddressKey,
	},
	Sample: `name: retailer
type: amber
token_file: amber-token
site: 01EXAMPLE0SITE0OF0A0HOME00
zone: Australia/Sydney
export: feedIn
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		zone := s["zone"]
		if net.Home.Zone != nil {
			zone = cmp.Or(zone, net.Home.Zone.String())
		}
		return New(Config{
			BaseURL: s["url"], Token: s["token"], Site: s["site"], Zone: zone, Import: s["import"], Export: s["export"], Resolution: s["resolution"],
		}, wire.New(net, s["token"]))
	},
}
