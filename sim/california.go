package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"hearth/energy"
	"hearth/sim/cloud/fram"
	"hearth/sim/cloud/gridx"
)

// Who the home is to its vendors in California.
const (
	pacific = "PGE"
	rate    = "EELEC"
	circuit = "013532223"
	unit    = "8c2f6d3e-0d0b-4f0f-8f55-3f6f4b1c0b03"
	project = "8c2f6d3e-0d0b-4f0f-8f55-3f6f4b1c0b02"
	owner   = "8c2f6d3e-0d0b-4f0f-8f55-3f6f4b1c0b01"
)

// california has dynamic prices from GridX, rates and bills from Fram, and usage at EnergyGrid.
func (h *Home) california() (map[string]http.Handler, error) {
	prices, err := gridx.New(gridx.Config{
		Now: h.clock.Now, Utility: pacific, Rates: []string{rate}, Circuits: []string{circuit}, Price: h.published,
	})
	if err != nil {
		return nil, err
	}
	bills := fram.New(fram.Config{
		Now: h.clock.Now, ClientID: clientID, ClientSecret: secret, Audience: "https://api.framenergy.com", Data: h.bills(),
	})
	return map[string]http.Handler{"gridx": prices, "fram": bills, "energygrid": h.meterService()}, nil
}

// bills is what Fram has of the home: its rate, and a bill of the week before the start.
func (h *Home) bills() fram.Data {
	end := energy.Day(h.start, h.zone).Start
	week := energy.Interval{Start: energy.Day(end.Add(-6*24*time.Hour-12*time.Hour), h.zone).Start, End: end}
	imported, _ := h.recorded().over("grid", week)
	amount, invoice := energy.PriceOf(0.29).Of(imported), "8c2f6d3e-0d0b-4f0f-8f55-3f6f4b1c0b10"
	unitID := unit
	day := func(t time.Time) string { return t.In(h.zone).Format(time.DateOnly) }
	kWh := json.RawMessage(fmt.Sprintf(`{"total": %.3f}`, float64(imported)/1000))
	return fram.Data{
		Organizations: []fram.Organization{{ID: owner, Name: "Oak Street Homes"}},
		Projects:      []fram.Project{{ID: project, Organization: owner, Name: "12 Oak Street", Utility: pacific}},
		Units:         []fram.Unit{{ID: unit, Project: project, Number: "3", Meter: meter}},
		Rates: []fram.Rate{{
			ID: "8c2f6d3e-0d0b-4f0f-8f55-3f6f4b1c0b20", Utility: pacific, Code: "E-ELEC", Effective: "2026-01-01",
			Map: json.RawMessage(`{"peak": "0.41", "part_peak": "0.33", "off_peak": "0.27"}`),
		}},
		Payloads: []fram.Payload{{
			ID: "8c2f6d3e-0d0b-4f0f-8f55-3f6f4b1c0b30", Project: project, Unit: &unitID,
			Start: day(week.Start), End: day(week.End.Add(-time.Hour)), Import: kWh, Amount: amount, Invoice: &invoice,
		}},
		Invoices: []fram.Invoice{{
			ID: invoice, Number: "2026-0117", Project: project, Unit: unit, Date: day(week.End), Status: "sent", Amount: amount,
		}},
	}
}

// californianSignals are the dynamic price with delivery, and the utility's rate where that is missing.
func (h *Home) californianSignals(dir string) (string, error) {
	file, err := secretFile(dir, "vendor-secret")
	if err != nil {
		return "", err
	}
	clouds := h.sockets.clouds
	return fmt.Sprintf(californianSignals, clouds["gridx"].url, pacific, rate, circuit,
		clouds["fram"].url, clouds["fram"].url, clientID, file, unit, project, clouds["energygrid"].url, file, meter), nil
}

const californianSignals = `objective:
  carbon_price: 60 USD/t
fallback: {import_price: 0.35 USD/kWh, export_price: 0.04 USD/kWh, carbon: 380 g/kWh}
sources:
  - {name: dynamic, type: gridx, url: %s/v1, utility: %s, rate: %s, circuit: %q}
  - name: landlord
    type: fram
    url: %s/api/v1
    token_url: %s/oauth/token
    client_id: %s
    client_secret_file: %q
    billing_code: E-ELEC
    unit: %s
    project: %s
    use: [import price]
    periods: {peak: "mo-su 16:00-21:00", part_peak: "mo-su 15:00-16:00, mo-su 21:00-24:00", off_peak: rest}
  - name: meter
    type: energygrid
    url: %s
    identity_token_file: %q
    meter: %s
tariff:
  import:
    components:
      - {name: energy, spot: {source: dynamic}}
      - {name: delivery, fixed: 0.145 USD/kWh}
  export: {components: [{name: feed-in, fixed: 0.04 USD/kWh}]}
`
