package fram

import (
	"strings"

	"hearth/feeds"
)

// Type is the source in a configuration.
var Type = feeds.Type{
	Name: "fram", Title: "Fram: utility rates and bills of homes whose bills it makes",
	Step: "as the rate says: periods of the day, or hours", Unit: "USD/kWh or cents/kWh, not told",
	Keys: []feeds.Key{
		{Name: "client_id", Help: "who asks, as Fram gave it", IsRequired: true},
		{Name: "client_secret", Help: "its secret, in a file", IsRequired: true, IsSecret: true},
		{Name: "billing_code", Help: "the utility's code of the rate, such as E-ELEC; without it there are no prices"},
		{Name: "supplier", Help: "who sells the energy, such as MCE; needed where the code has rates of several"},
		{Name: "zone", Help: "time zone of the rate's hours and of the bills' days, such as America/Los_Angeles; the home's where it is left out"},
		{Name: "unit_of_price", Help: "what the rate's numbers are, where they could be either; needed only where that is asked for", Among: []string{"USD/kWh", "cents/kWh"}},
		{Name: "periods", Help: "hours of each period of the rate: peak: mo-su 16:00-21:00, off_peak: rest; summer.peak where a season differs", IsTable: true},
		{Name: "seasons", Help: "days of each season of the rate, both ends included: summer: 06-01..09-30, winter: rest", IsTable: true},
		{Name: "unit", Help: "id of the home; needed for bills"},
		{Name: "project", Help: "id of the project of the home; that of the unit where it is left out"},
		{Name: "organization", Help: "id of the organization of the project; that of the project where it is left out"},
		{Name: "audience", Help: "for whom the token is; " + audience + " where it is left out"},
		{Name: "token_url", Help: "address of the token service; the publisher's own where it is left out"},
		{Name: "paths", Help: "paths of resources, where they are others than those guessed: payloads: /billing-payloads", IsTable: true},
		feeds.AddressKey,
	},
	Sample: `name: utility
type: fram
client_id: hearth-1234
client_secret_file: fram-secret
billing_code: E-ELEC
zone: America/Los_Angeles
periods:
  peak: mo-su 16:00-21:00
  part_peak: mo-su 15:00-16:00, mo-su 21:00-24:00
  off_peak: rest
seasons:
  summer: 06-01..09-30
  winter: rest
`,
	New: func(s feeds.Settings, net feeds.Net) (feeds.Source, error) {
		cfg := Config{
			BaseURL: s["url"], TokenURL: s["token_url"], Audience: s["audience"],
			ClientID: s["client_id"], ClientSecret: strings.TrimSpace(s["client_secret"]),
			Organization: s["organization"], Project: s["project"], Unit: s["unit"],
			BillingCode: s["billing_code"], Supplier: s["supplier"], Zone: s["zone"], UnitOfPrice: s["unit_of_price"],
			Periods: s.Table("periods"), Seasons: s.Table("seasons"), Paths: s.Table("paths"),
		}
		if cfg.Zone == "" && net.Home.Zone != nil {
			cfg.Zone = net.Home.Zone.String()
		}
		return newSource(cfg, net)
	},
}

// newSource hides that a nil pointer in an interface is none.
func newSource(cfg Config, net feeds.Net) (feeds.Source, error) {
	s, err := New(cfg, net)
	if err != nil {
		return nil, err
	}
	return s, nil
}
