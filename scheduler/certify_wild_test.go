package scheduler

import (
	"strings"
	"testing"
	"time"
)

// A cut that says what another one says may be left with any multiplier; in this home it was 3e15.
func TestSolve_ProvesNothingByAbsurdPrices(t *testing.T) {
	p, err := ReadProblem(strings.NewReader(`{
		"schema": "hearth-problem/1", "start": "2026-03-29T00:00:00Z", "slot_minutes": 60, "slots": 4, "currency": "EUR",
		"import_price_per_kwh": [0, 0.04, 0, 0], "export_price_per_kwh": [0, 0, 0.01, 0],
		"solar_w": [0, 0, 0, 0], "base_load_w": [0, 0, 1500, 0], "import_limit_w": 3000, "export_limit_w": 2000,
		"devices": [{
			"id": "car", "kind": "vehicle", "arrive_slot": 1, "depart_slot": 3, "power_ranges_w": [[1000, 1000], [2000, 3000]],
			"charge_efficiency": 0.9, "required_wh": 1800, "max_wh": 3600, "start_cost": 0
		}]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	wantProof(t, p, solve(t, p, Options{TimeLimit: time.Minute, Gap: 20_000_000}))
}
