package metrics

import (
	"errors"
	"io"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"pgregory.net/rapid"

	"hearth/energy"
)

// scrape is what Prometheus gets: the value of each sample by its whole name.
func scrape(t interface{ Fatalf(string, ...any) }, m *Metrics) map[string]float64 {
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.Code != 200 {
		t.Fatalf("%d, %v: %s", answer.Code, err, text)
	}
	out := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		if i := strings.LastIndex(strings.TrimSpace(line), " "); strings.Contains(name, "{") { // a label may hold a space
			name, value = line[:i], strings.TrimSpace(line[i+1:])
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		out[name] = v
	}
	return out
}

// Each number comes out as it went in, in base units, under its own device; what is not known is not there.
func TestDevices_EveryKnownNumberAndNoOther(t *testing.T) {
	m := New("1.2.3")
	rapid.Check(t, func(t *rapid.T) {
		d, want := Device{Name: "it"}, map[string]float64{}
		number := rapid.Float64Range(-1e6, 1e6)
		if rapid.Bool().Draw(t, "power") {
			v := energy.Watts(number.Draw(t, "W"))
			d.Power, want[`hearth_device_power_watts{device="it"}`] = &v, float64(v)
		}
		if rapid.Bool().Draw(t, "planned") {
			v := energy.Watts(number.Draw(t, "W"))
			d.Planned, want[`hearth_device_planned_power_watts{device="it"}`] = &v, float64(v)
		}
		if rapid.Bool().Draw(t, "soc") {
			v := energy.SoC(rapid.Float64Range(0, 1).Draw(t, "ratio"))
			d.SoC, want[`hearth_device_state_of_charge_ratio{device="it"}`] = &v, float64(v)
		}
		if rapid.Bool().Draw(t, "up known") {
			v := rapid.Bool().Draw(t, "up")
			d.IsUp, want[`hearth_device_up{device="it"}`] = &v, map[bool]float64{true: 1}[v]
		}
		if rapid.Bool().Draw(t, "imported") {
			v := energy.WattHours(rapid.IntRange(0, 1e6).Draw(t, "Wh"))
			d.Imported, want[`hearth_device_energy_joules_total{device="it",direction="import"}`] = &v, float64(v)*3600
		}
		m.Show(Sample{Currency: "EUR", Devices: []Device{d}})
		got := scrape(t, m)
		for name, v := range want {
			if g, ok := got[name]; !ok || g != v {
				t.Fatalf("%s is %v, %v, want %v", name, g, ok, v)
			}
		}
		n := 0
		for name := range got {
			if strings.HasPrefix(name, "hearth_device_") {
				n++
			}
		}
		if n != len(want) {
			t.Fatalf("%d samples of %d known numbers: %v", n, len(want), got)
		}
	})
}

// A device that is gone has no samples left: the last value would be taken for the present one.
func TestShow_ReplacesAllThatWasShown(t *testing.T) {
	m, power := New("1.2.3"), energy.Watts(100)
	m.Show(Sample{Devices: []Device{{Name: "a", Power: &power}, {Name: "b", Power: &power}}, VTNs: []VTN{{Name: "v"}}})
	m.Show(Sample{Devices: []Device{{Name: "b", Power: &power}}})
	got := scrape(t, m)
	if _, ok := got[`hearth_device_power_watts{device="a"}`]; ok {
		t.Error("a is gone and still there")
	}
	if got[`hearth_device_power_watts{device="b"}`] != 100 {
		t.Error("b is there")
	}
	if _, ok := got[`hearth_vtn_up{vtn="v"}`]; ok {
		t.Error("v is gone and still there")
	}
}

func TestVTN_NeverReachedHasNoTimeOfSuccess(t *testing.T) {
	m := New("1.2.3")
	m.Show(Sample{VTNs: []VTN{{Name: "never"}, {Name: "once", LastSuccess: time.UnixMilli(1_700_000_000_250)}}})
	got := scrape(t, m)
	if _, ok := got[`hearth_vtn_last_success_timestamp_seconds{vtn="never"}`]; ok || got[`hearth_vtn_last_success_timestamp_seconds{vtn="once"}`] != 1_700_000_000.25 {
		t.Errorf("%v", got)
	}
	for _, name := range []string{`hearth_vtn_up{vtn="never"}`, `hearth_vtn_rejected{vtn="never"}`} {
		if v, ok := got[name]; !ok || v != 0 {
			t.Errorf("%s is %v, %v: zero is known", name, v, ok)
		}
	}
}

func TestCounters_CountEachEventOnce(t *testing.T) {
	m := New("1.2.3")
	for i := range 7 {
		m.Cycled(time.Duration(i)*time.Second, 3*time.Second) // exactly the period is not too long
		m.Commanded([]string{"a", "b"}[i%2])
		var err error
		if i%3 == 0 {
			err = errors.New("no price")
			m.Failed("a", "offline")
		}
		m.Planned(time.Second, err)
	}
	got := scrape(t, m)
	for name, want := range map[string]float64{
		"hearth_cycle_duration_seconds_count": 7, "hearth_cycle_duration_seconds_sum": 21, "hearth_cycle_overruns_total": 3,
		`hearth_cycle_duration_seconds_bucket{le="1"}`: 2, `hearth_cycle_duration_seconds_bucket{le="5"}`: 6,
		"hearth_plan_failures_total": 3, "hearth_plan_solve_duration_seconds_count": 4,
		`hearth_commands_total{device="a"}`: 4, `hearth_commands_total{device="b"}`: 3, `hearth_command_failures_total{device="a",rule="offline"}`: 3,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	// Counters that have counted nothing are there from the start, so that a first event is a rise.
	for _, name := range []string{"hearth_cycle_overruns_total", "hearth_plan_failures_total"} {
		if v, ok := scrape(t, New("1.2.3"))[name]; !ok || v != 0 {
			t.Errorf("%s is %v, %v", name, v, ok)
		}
	}
}

// Names that people give are labels, whatever is in them.
func TestLabels_HoldAnyText(t *testing.T) {
	m, power := New("1.2.3"), energy.Watts(5)
	m.Show(Sample{Currency: "EUR", Devices: []Device{{Name: `K"üche\`, Power: &power}}, Prices: []Price{{Direction: "import", Source: "a b\n", Price: energy.PriceOf(0.1)}}})
	if n, err := testutil.GatherAndCount(m.Gatherer(), "hearth_device_power_watts", "hearth_price_age_seconds"); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if got := scrape(t, m)[`hearth_device_power_watts{device="K\"üche\\"}`]; got != 5 {
		t.Errorf("%v", scrape(t, m))
	}
}

// Two agents in one process are two registries; scrapes and cycles do not wait for each other.
func TestMetrics_AreSafeAndTheirOwn(t *testing.T) {
	a, b := New("a"), New("b")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				a.Show(whole())
				a.Commanded("battery")
				a.Failed("battery", "offline")
				a.Cycled(time.Millisecond, time.Second)
			}
		})
		all.Go(func() {
			for range 20 {
				if _, err := a.Gatherer().Gather(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got := scrape(t, a)[`hearth_commands_total{device="battery"}`]; got != 200 {
		t.Errorf("%v commands", got)
	}
	if got := scrape(t, b); got[`hearth_commands_total{device="battery"}`] != 0 {
		t.Errorf("the other has %v", got)
	}
}
