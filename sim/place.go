package sim

import (
	"fmt"
	"net/http"
	"time"

	"hearth/energy"
	"hearth/sim/market"
)

// vendors are the services of the home's place, by name.
func (h *Home) vendors() (map[string]http.Handler, error) {
	switch h.market.Place().Name {
	case market.Italy.Name:
		return h.italy()
	case market.California.Name:
		return h.california()
	}
	return nil, nil
}

// signals is the part of the configuration that says what the home pays and where it hears that. Whoever calls it
// holds the sockets.
func (h *Home) signals(dir string) (string, error) {
	switch h.market.Place().Name {
	case market.Italy.Name:
		return h.italianSignals(dir)
	case market.California.Name:
		return h.californianSignals(dir)
	}
	file, err := secretFile(dir, "vtn-secret")
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(germanSignals, h.sockets.vtn.URL(), program, h.wire(5*time.Minute, time.Second), clientID, file), nil
}

// Whole prices and carbon come from the utility's OpenADR server.
const germanSignals = `objective:
  carbon_price: 60 EUR/t
fallback: {import_price: 0.32 EUR/kWh, export_price: 0.08 EUR/kWh, carbon: 380 g/kWh}
openadr:
  - {name: utility, url: %q, version: "3.1", programs: [%s], poll: %v, client_id: %s, client_secret_file: %q, ven: demo-home, resources: [grid, battery], reports: [USAGE]}
`

// published is the price that a supplier tells for a time.
func (h *Home) published(at time.Time) energy.Price {
	p, _ := h.market.Day(at).Published.At(at) // a day covers all of itself
	return p
}
