package podero

import (
	"cmp"
	"strings"

	"hearth/feeds"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "podero", Title: "Podero: the price contract by which it steers a user's devices",
	Step: "as the contract says", Unit: "the home's currency per kWh",
	Keys: []feeds.Key{
		{Name: "url", Help: "address of the service with its version, of the sandbox for one; the vendor's production where it is left out"},
		{Name: "token_url", Help: "where tokens are given, with a slash at its end; /oauth2/token/ on the same host where it is left out"},
		{Name: "client_id", Help: "of the organization's credentials", IsRequired: true},
		{Name: "client_secret", Help: "of the organization's credentials", IsRequired: true, IsSecret: true},
		{Name: "organization", Help: "id of the organization", IsRequired: true},
		{Name: "user", Help: "id of the user", IsRequired: true},
		{Name: "building", Help: "id of the home's building; needed where the user has several contracts"},
		{Name: "meter", Help: "id of the meter to write, 19 characters at most; left as it is where it is left out"},
		{Name: "supplier", Help: "name of the supplier to write, 100 characters at most; left as it is where it is left out"},
		{Name: "kind", Help: "of the contract to write; needed to write one", Among: kinds},
		{Name: "spelling", Help: "of what is written, that of the vendor's published reference or of its guide; published where it is left out", Among: []string{"published", "guide"}},
		{Name: "sub_hourly", Help: "whether prices of less than an hour may be written; no where it is left out", Among: feeds.YesNo},
		{Name: "publish", Help: "whether the home's import prices are written into the contract whenever they change; no where it is left out", Among: feeds.YesNo},
	},
	Sample: `name: podero
type: podero
client_id: hearth-home
client_secret_file: podero-secret
organization: 0b7de6a2-51c4-4c0e-9a63-2f8d1c77e001
user: 0b7de6a2-51c4-4c0e-9a63-2f8d1c77e002
building: 0b7de6a2-51c4-4c0e-9a63-2f8d1c77e003
kind: spot_hourly
publish: yes
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		cfg := Config{
			URL: s["url"], TokenURL: s["token_url"], ClientID: s["client_id"], ClientSecret: strings.TrimSpace(s["client_secret"]),
			Organization: s["organization"], User: s["user"], Building: s["building"], Zone: net.Home.Zone, Currency: net.Home.Currency,
			Meter: s["meter"], Supplier: s["supplier"], Kind: s["kind"], IsGuide: s["spelling"] == "guide",
			IsSubHourly: s["sub_hourly"] == "yes", IsStanding: s["publish"] == "yes",
		}
		may := func(key string, words ...string) error { return feeds.OneOf(key, s[key], append(words, "")...) }
		if err := cmp.Or(may("spelling", "published", "guide"), may("sub_hourly", "yes", "no"), may("publish", "yes", "no")); err != nil {
			return nil, err
		}
		return New(cfg, net)
	},
}
