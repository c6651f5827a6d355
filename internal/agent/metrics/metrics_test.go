package metrics

import (
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"hearth/energy"
)

// whole is a sample in which everything is known.
func whole() Sample {
	isUp, power, planned, soc := true, energy.Watts(-1500), energy.Watts(-1400), energy.SoC(0.4)
	imported, exported, carbon, gap := energy.WattHours(1000), energy.WattHours(0), energy.GramsPerKWh(380), energy.MoneyOf(0.02)
	return Sample{
		Currency: "EUR", IsSane: true, Carbon: &carbon,
		Prices: []Price{
			{"import", "utility/home-prices", energy.PriceOf(-0.05), 90 * time.Second},
			{"export", "fallback", energy.PriceOf(0.08), 0},
		},
		VTNs:    []VTN{{"utility", true, time.Unix(1_700_000_000, 0), 2}, {"second", false, time.Time{}, 0}},
		Plan:    &Plan{5 * time.Minute, energy.MoneyOf(1.25), &gap},
		Devices: []Device{{"battery", &isUp, &power, &planned, &soc, &imported, &exported}, {Name: "silent"}},
		Store:   Store{Size: 65536, WrittenBytes: 1000, Errors: 1, Quarantined: 2, IsWritable: true},
	}
}

func TestMetrics_SayWhatWasSeen(t *testing.T) {
	m := New("1.2.3")
	m.Show(whole())
	m.Commanded("battery")
	m.Failed("battery", "unconfirmed")
	m.Protected("battery", "fuse")
	m.Cycled(3*time.Millisecond, time.Second)
	m.Cycled(2*time.Second, time.Second)
	m.Planned(time.Second, nil)
	m.Planned(time.Second, errors.New("no price"))
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	text, _ := io.ReadAll(answer.Body)
	for _, line := range []string{
		`hearth_build_info{goversion="go`,
		`hearth_price_per_kwh{currency="EUR",direction="import"} -0.05`,
		`hearth_price_age_seconds{direction="import",source="utility/home-prices"} 90`,
		`hearth_carbon_intensity_grams_per_kwh 380`,
		`hearth_vtn_up{vtn="utility"} 1`, `hearth_vtn_up{vtn="second"} 0`,
		`hearth_vtn_last_success_timestamp_seconds{vtn="utility"} 1.7e+09`,
		`hearth_vtn_rejected{vtn="utility"} 2`,
		`hearth_plan_age_seconds 300`, `hearth_plan_objective{currency="EUR"} 1.25`, `hearth_plan_gap{currency="EUR"} 0.02`,
		`hearth_device_up{device="battery"} 1`, `hearth_device_power_watts{device="battery"} -1500`,
		`hearth_device_planned_power_watts{device="battery"} -1400`, `hearth_device_state_of_charge_ratio{device="battery"} 0.4`,
		`hearth_device_energy_joules_total{device="battery",direction="import"} 3.6e+06`,
		`hearth_device_energy_joules_total{device="battery",direction="export"} 0`,
		`hearth_commands_total{device="battery"} 1`, `hearth_command_failures_total{device="battery",rule="unconfirmed"} 1`,
		`hearth_cycle_duration_seconds_count 2`, `hearth_cycle_overruns_total 1`,
		`hearth_protections_total{device="battery",rule="fuse"} 1`,
		`hearth_plan_solve_duration_seconds_count 1`, `hearth_plan_failures_total 1`,
		`hearth_clock_sane 1`, `hearth_store_size_bytes 65536`, `hearth_store_quarantined_total 2`, `hearth_store_writable 1`,
	} {
		if !strings.Contains(string(text), line) {
			t.Errorf("no %s", line)
		}
	}
	if t.Failed() {
		t.Logf("%s", text)
	}
}

func TestMetrics_UnknownHasNoSample(t *testing.T) {
	m := New("1.2.3")
	m.Show(whole())
	m.Show(Sample{Currency: "EUR", Devices: []Device{{Name: "battery"}}})
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	text := answer.Body.String()
	for _, name := range []string{"hearth_price_per_kwh", "hearth_price_age", "hearth_carbon", "hearth_plan_age", "hearth_plan_gap", "hearth_device_", "hearth_vtn_"} {
		if strings.Contains(text, "\n"+name) {
			t.Errorf("%s is still there", name)
		}
	}
	if !strings.Contains(text, "hearth_clock_sane 0") {
		t.Error("what is known is said")
	}
}

func TestMetrics_PleaseTheLinter(t *testing.T) {
	m := New("1.2.3")
	m.Show(whole())
	m.Commanded("battery")
	m.Failed("battery", "offline")
	problems, err := testutil.GatherAndLint(m.Gatherer())
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

func TestMetrics_BeforeTheFirstCycleSayNothingOfTheHome(t *testing.T) {
	n, err := testutil.GatherAndCount(New("1.2.3").Gatherer(), "hearth_clock_sane", "hearth_store_size_bytes")
	if err != nil || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
}
