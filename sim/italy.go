package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"hearth/energy"
	"hearth/sim/cloud/digiwatt"
	"hearth/sim/cloud/energygrid"
	"hearth/sim/cloud/podero"
	"hearth/sim/market"
)

// Who the home is to its vendors in Italy.
const (
	organization = "5f1d0c52-8a1e-4a53-9c1b-6f4f1f3b0a01"
	user         = "5f1d0c52-8a1e-4a53-9c1b-6f4f1f3b0a02"
	building     = "5f1d0c52-8a1e-4a53-9c1b-6f4f1f3b0a03"
	account      = "1234567890"
	pod          = "IT001E12345678"
	meter        = "M-100234"
)

// italy has greenness from Digiwatt, the supplier's hourly price in a contract at Podero, and usage at EnergyGrid.
func (h *Home) italy() (map[string]http.Handler, error) {
	contracts := podero.New(podero.Config{
		Now: h.clock.Now, ClientID: clientID, ClientSecret: secret, Organization: organization, User: user,
	})
	h.sockets.contracts = contracts
	h.putContract()
	green := digiwatt.New(digiwatt.Config{
		ClientID: clientID, ClientSecret: secret, Now: h.clock.Now, Zone: h.zone,
		Users: []digiwatt.User{{POD: pod, Account: account, Company: "hearth"}},
		Share: func(at time.Time) float64 {
			share, _ := h.market.Day(at).Renewable.At(at) // a day covers all of itself
			return float64(share)
		},
		Appliances: []digiwatt.Appliance{
			{Name: "dishwasher", Energy: h.taken(Dishwasher), Uses: func(i energy.Interval) int { return int(i.Length().Hours() / 24) }},
			{Name: "waterHeater", Energy: h.taken(Boiler)},
			{Name: "standby", Power: func(time.Time) energy.Watts { return 60 }},
		},
	})
	return map[string]http.Handler{"podero": contracts, "digiwatt": green, "energygrid": h.meterService()}, nil
}

// meterService is the utility's view of the house connection.
func (h *Home) meterService() http.Handler {
	currency := h.market.Place().Currency
	amount := energy.MoneyOf(80)
	return energygrid.New(energygrid.Config{
		Now: h.clock.Now, IdentityToken: secret, Meter: meter, Zone: h.zone, Price: energy.PriceOf(0.25), Currency: currency,
		Used:   func(i energy.Interval) (energy.WattHours, bool) { return h.recorded().over("grid", i) },
		Budget: energygrid.Budget{Period: "month", Amount: &amount, Currency: currency},
	})
}

// taken is what a device has taken by the record.
func (h *Home) taken(device string) func(energy.Interval) energy.WattHours {
	return func(i energy.Interval) energy.WattHours {
		e, _ := h.recorded().over(device, i) // what is not known is not told
		return e
	}
}

// putContract puts the prices that are out into the contract: yesterday's, today's and, from one o'clock on, tomorrow's.
func (h *Home) putContract() {
	if h.sockets.contracts == nil {
		return
	}
	isWhole := false
	c := podero.Contract{Building: building, Meter: meter, Supplier: "Luce di Casa", Kind: "spot_hourly", Currency: "EUR", IsWhole: &isWhole}
	now := h.clock.Now().In(h.zone)
	day := energy.Day(energy.Day(now, h.zone).Start.Add(-time.Hour), h.zone)
	for n := 2 + now.Hour()/publishHour; n > 0; n-- {
		for _, p := range h.market.Day(day.Start).Published.Points {
			c.Prices = append(c.Prices, podero.Price{Price: json.Number(p.Value.String()), At: p.Start.In(h.zone).Format(time.RFC3339)})
		}
		day = energy.Day(day.End, h.zone)
	}
	h.sockets.contracts.Put(c)
}

// italianSignals are rules on the supplier's price, and greenness.
func (h *Home) italianSignals(dir string) (string, error) {
	file, err := secretFile(dir, "vendor-secret")
	if err != nil {
		return "", err
	}
	f1, f2, f3 := market.BandCharges()
	clouds := h.sockets.clouds
	return fmt.Sprintf(italianSignals, market.Fossil,
		clouds["podero"].url, clouds["podero"].url, clientID, file, organization, user, building,
		clouds["digiwatt"].url, clientID, file, account, pod,
		clouds["energygrid"].url, file, meter, f1, f2, f3), nil
}

const italianSignals = `objective:
  carbon_price: 60 EUR/t
  fossil_carbon: %d g/kWh
fallback: {import_price: 0.32 EUR/kWh, export_price: 0.05 EUR/kWh, carbon: 380 g/kWh}
sources:
  - name: supplier
    type: podero
    url: %s/api/partners/v2.0
    token_url: %s/oauth2/token/
    client_id: %s
    client_secret_file: %q
    organization: %s
    user: %s
    building: %s
  - name: green
    type: digiwatt
    url: %s
    client_id: %s
    client_secret_file: %q
    account_number: %q
    pod: %s
    company_code: hearth
    house: {type: apartment, dimension: 110, province: MI}
    residents: {adults: 2, children: 2, elderlies: 0}
    appliances: {dishwasher: 1}
    onboard: yes
  - name: meter
    type: energygrid
    url: %s
    identity_token_file: %q
    meter: %s
tariff:
  holidays: {country: IT}
  import:
    vat: 10%%
    components:
      - {name: energy, spot: {source: supplier, factor: 1.1, adder: 0.0125 EUR/kWh}}
      - {name: band, bands: {calendar: f1-f2-f3, F1: %v EUR/kWh, F2: %v EUR/kWh, F3: %v EUR/kWh}}
  export: {components: [{name: feed-in, fixed: 0.05 EUR/kWh}]}
`
