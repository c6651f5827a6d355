package digiwatt

import (
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "digiwatt", Title: "Digiwatt: greenness of the Italian grid, and what each appliance takes",
	Step: "60 min", Unit: "fraction",
	Keys: []feeds.Key{
		{Name: "url", Help: "address of the service, which the vendor tells its customers only", IsRequired: true},
		{Name: "token_url", Help: "where tokens are; /auth/token below url where it is left out"},
		{Name: "client_id", Help: "as the vendor has given it", IsRequired: true},
		{Name: "client_secret", Help: "as the vendor has given it", IsRequired: true, IsSecret: true},
		{Name: "account_number", Help: "of the customer; without it only greenness can be asked for"},
		{Name: "pod", Help: "number of the meter, IT001E..., to be paired with the account"},
		{Name: "company_code", Help: "as the vendor has given it, to pair a meter"},
		{Name: "stamp_zone", Help: "zone in which times are written that say Z, Europe/Rome; UTC where it is left out"},
		{Name: "paths", Help: "addresses below url by operation, with {account_number} and {period}, where they are others than presumed", IsTable: true},
		{Name: "house", Help: "type, dimension in square metres and province, for onboarding", IsTable: true},
		{Name: "residents", Help: "how many adults, children and elderlies, for onboarding", IsTable: true},
		{Name: "appliances", Help: "how many of each, airConditioner: 1, for onboarding; none: the vendor presumes some", IsTable: true},
		{Name: "onboard", Help: "whether the vendor is told about house, residents and appliances when they change; no where it is left out", Among: feeds.YesNo},
	},
	Sample: `name: italy
type: digiwatt
url: https://digiwatt.example.com
client_id: hearth
client_secret_file: digiwatt-secret
account_number: "1234567890"
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		cfg, err := configured(s)
		if err != nil {
			return nil, err
		}
		return New(cfg, wire.New(net, cfg.ClientSecret))
	},
}

func configured(s feeds.Settings) (Config, error) {
	if err := feeds.OneOf("onboard", s["onboard"], "", "yes", "no"); err != nil {
		return Config{}, err
	}
	h, err := household(s)
	if err != nil {
		return Config{}, err
	}
	return Config{
		URL: s["url"], TokenURL: s["token_url"], ClientID: s["client_id"], ClientSecret: s["client_secret"],
		Account: s["account_number"], POD: s["pod"], Company: s["company_code"], StampZone: s["stamp_zone"],
		Paths: s.Table("paths"), Household: h, IsOnboarding: s["onboard"] == "yes",
	}, nil
}
