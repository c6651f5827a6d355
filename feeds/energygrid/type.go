package energygrid

import (
	"cmp"
	"strings"

	"hearth/feeds"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "energygrid", Title: "EnergyGrid: what the utility's meter has counted, the customer's budget and insights",
	Step: "as the service offers", Unit: "kWh",
	Keys: []feeds.Key{
		{Name: "url", Help: "address of the utility's service, with its version", IsRequired: true},
		{Name: "identity_token", Help: "the utility's identity token, which is exchanged for the customer's", IsRequired: true, IsSecret: true},
		{Name: "meter", Help: "id of the meter", IsRequired: true},
		{Name: "granularity", Help: "one of those that the service offers; the finest of at most an hour where it is left out"},
		{Name: "zone", Help: "time zone of the meter's days, such as Europe/Rome; the home's where it is left out"},
		{Name: "paths", Help: "where the service keeps login, granularities, usage (with {meter}), budget and insights", IsTable: true},
	},
	Sample: `name: meter
type: energygrid
url: https://usage.utility.example/usage/v1
identity_token_file: utility-identity-token
meter: M-100234
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		cfg := Config{
			URL: s["url"], IdentityToken: strings.TrimSpace(s["identity_token"]), Meter: s["meter"],
			Granularity: s["granularity"], Zone: s["zone"], Paths: s.Table("paths"),
		}
		if net.Home.Zone != nil {
			cfg.Zone = cmp.Or(cfg.Zone, net.Home.Zone.String())
		}
		return New(cfg, net)
	},
}
