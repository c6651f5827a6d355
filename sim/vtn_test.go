package sim

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/internal/config"
	"hearth/openadr"
)

func utility(t *testing.T, h *Home, c Clock) *openadr.Client {
	t.Helper()
	client, err := openadr.New(openadr.Config{
		BaseURL: h.VTN().URL(), ClientID: clientID, ClientSecret: secret, Now: c.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func events(t *testing.T, c *openadr.Client) map[string]openadr.Event {
	t.Helper()
	list, err := c.Events(t.Context(), openadr.Query{ProgramID: program})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]openadr.Event{}
	for _, e := range list.Items {
		out[e.ID] = e
	}
	return out
}

func TestVTN_LetsOnlyItsClientIn(t *testing.T) {
	h, c := started(t, noonOf(berlin(t)))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.VTN().URL()+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: status %d", res.StatusCode)
	}
	programs, err := utility(t, h, c).Programs(t.Context(), openadr.Query{})
	if err != nil || len(programs.Items) != 1 || programs.Items[0].ProgramName != program {
		t.Errorf("programs %+v, %v", programs, err)
	}
}

func TestVTN_PublishesOneEventADayAndKind(t *testing.T) {
	zone := berlin(t)
	for name, c := range map[string]struct {
		start    time.Time
		quarters int
	}{
		"24 hours": {time.Date(2026, 5, 12, 9, 0, 0, 0, zone), 96},
		"23 hours": {time.Date(2026, 3, 29, 9, 0, 0, 0, zone), 92},
		"25 hours": {time.Date(2026, 10, 25, 9, 0, 0, 0, zone), 100},
	} {
		h, clock := started(t, c.start)
		got := events(t, utility(t, h, clock))
		day := h.market.Day(c.start)
		date := c.start.Format(time.DateOnly)
		prices, exports, carbon := got["price-"+date], got["export_price-"+date], got["ghg-"+date]
		if len(got) != 6 || len(prices.Intervals) != c.quarters || len(exports.Intervals) != c.quarters || len(carbon.Intervals) != c.quarters/4 {
			t.Errorf("%s: %d events, %d prices, %d export prices, %d carbon", name, len(got), len(prices.Intervals), len(exports.Intervals), len(carbon.Intervals))
			continue
		}
		begin, _ := prices.IntervalPeriod.Start.Time()
		if !begin.Equal(day.Start) || prices.IntervalPeriod.Duration.String() != "PT15M" || carbon.IntervalPeriod.Duration.String() != "PT1H" {
			t.Errorf("%s: prices from %v each %v, carbon each %v", name, begin, prices.IntervalPeriod.Duration, carbon.IntervalPeriod.Duration)
		}
		limit := got["night-limit-"+date]
		for id, want := range map[string]string{"night-limit": "18:00 PT12H", "evening-alert": "18:00 PT2H", "night-alert": "02:00 PT2H"} {
			e := got[id+"-"+date]
			from, _ := e.IntervalPeriod.Start.Time()
			if when := from.In(zone).Format("15:04 ") + e.IntervalPeriod.Duration.String(); when != want || len(e.Intervals) != 1 || !from.After(c.start) {
				t.Errorf("%s: %s is %s, want %s", name, id, when, want)
			}
		}
		if string(limit.Intervals[0].Payloads[0].Values[0]) != "5" {
			t.Errorf("%s: the limit is %s", name, limit.Intervals[0].Payloads[0].Values)
		}
		for i, row := range prices.Intervals {
			v, err := energy.ParseDecimalPrice(string(row.Payloads[0].Values[0]))
			if err != nil || v != day.Import.Points[i].Value || row.Payloads[0].Type != openadr.PayloadPrice {
				t.Fatalf("%s: row %d is %+v (%v), the market says %v", name, i, row, err, day.Import.Points[i].Value)
			}
		}
	}
}

func TestVTN_ShowsTomorrowFromOneOClockOnAndForgetsTheDayBeforeYesterday(t *testing.T) {
	start := noonOf(berlin(t))
	h, clock := started(t, start)
	client := utility(t, h, clock)
	has := func(id string) bool { _, ok := events(t, client)[id]; return ok }
	if !has("price-2026-05-12") || has("price-2026-05-13") {
		t.Error("at noon: want today and not tomorrow")
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	clock.pass(59 * time.Minute)
	if has("price-2026-05-13") {
		t.Error("at 12:59 tomorrow is out")
	}
	clock.pass(time.Minute)
	eventually(t, "tomorrow at 13:00", func() bool { return has("price-2026-05-13") && has("ghg-2026-05-13") })
	eventually(t, "the events of two days", func() bool { return len(events(t, client)) == 12 })
	clock.pass(48 * time.Hour)
	eventually(t, "two days later", func() bool { return has("export_price-2026-05-15") && !has("price-2026-05-12") })
	eventually(t, "the events of yesterday, today and tomorrow", func() bool { return len(events(t, client)) == 18 })
}

// eventually waits until what happens on other goroutines and sockets has happened.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func TestConfig_IsWhatTheAgentReads(t *testing.T) {
	for _, speed := range []float64{1, 60, 600} {
		c := newStill(noonOf(berlin(t)))
		h, err := New(Options{Clock: c, Seed: 1, Zone: berlin(t), Speed: speed})
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if _, err := h.Config(dir, "127.0.0.1:8099"); err == nil {
			t.Error("configured before it was started")
		}
		if err := h.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = h.Close() }()
		text, err := h.Config(dir, "127.0.0.1:8099")
		if err != nil {
			t.Fatal(err)
		}
		got, err := config.Read(text, config.Environment{Dir: dir})
		if err != nil {
			t.Fatalf("speed %v: %v\n%s", speed, err, text)
		}
		if len(got.Devices) != 6 || got.OpenADR[0].URL != h.VTN().URL() || string(got.OpenADR[0].Secret) != secret {
			t.Errorf("speed %v: %d devices, %s", speed, len(got.Devices), got.OpenADR[0].URL)
		}
		if wall := time.Duration(float64(got.Cycle) / speed); got.Cycle < 10*time.Second || wall < 50*time.Millisecond {
			t.Errorf("speed %v: a cycle of %v, %v of the wall", speed, got.Cycle, wall)
		}
		if d := got.Devices[4]; d.Appliance == nil || d.Appliance.Length() != 2*time.Hour {
			t.Errorf("speed %v: dishwasher %+v", speed, d)
		}
		info, err := os.Stat(filepath.Join(dir, "vtn-secret"))
		if err != nil || info.Mode().Perm() != 0o600 || strings.Contains(string(text), secret) {
			t.Errorf("speed %v: the secret: %v, %v", speed, info, err)
		}
	}
}

// The utility asks for what was taken, and tells by the home's broker what is new.
func TestVTN_AsksForReportsAndTellsOfChanges(t *testing.T) {
	h, c := started(t, noonOf(berlin(t)))
	client := utility(t, h, c)
	var asks int
	for _, e := range events(t, client) {
		asks += len(e.ReportDescriptors)
	}
	if asks == 0 {
		t.Error("no report is wanted")
	}
	n, err := client.Notifiers(t.Context())
	if err != nil || n.MQTT == nil || len(n.MQTT.URIs) != 1 {
		t.Errorf("notifiers %+v, %v", n, err)
	}
}
