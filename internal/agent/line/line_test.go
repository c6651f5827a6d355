package line

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/api"
	"hearth/energy"
	"hearth/internal/agent/answer"
	"hearth/internal/agent/hand"
	"hearth/internal/clock"
	"hearth/internal/config"
	"hearth/openadr"
	"hearth/openadr/vtn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

// memory is a Store for several parts at once.
type memory struct {
	mu     sync.Mutex
	values map[string][]byte
}

func (m *memory) Get(key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.values[key]
	return v, ok, nil
}

func (m *memory) Put(key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[key] = value
	return nil
}

// wire is a line with a real VTN at its other end.
type wire struct {
	testing.TB
	*Line
	cfg     config.VTN
	vtn     *vtn.VTN
	store   *memory
	clock   *clock.Fast
	log     *hand.Lines
	changed chan time.Time
	hangUp  func()
}

func stretch(t testing.TB, speed float64, change func(*config.VTN)) *wire {
	t.Helper()
	w := &wire{
		TB: t, store: &memory{values: map[string][]byte{}}, clock: clock.NewFast(noon, speed), log: &hand.Lines{}, changed: make(chan time.Time, 100),
		cfg: config.VTN{Name: "utility", Version: "3.1", Auth: "body", Poll: time.Hour, MQTT: "off", VEN: "home-1", Resources: []string{"grid", "battery"}},
	}
	if change != nil {
		change(&w.cfg)
	}
	w.vtn = vtn.New(vtn.Config{Dialect: openadr.Dialect(w.cfg.Version)})
	if err := w.vtn.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.vtn.Close() })
	w.cfg.URL = w.vtn.URL()
	w.vtn.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "p"}, ProgramName: "limits"})
	w.dial()
	return w
}

// dial opens the line, again on the same store, and runs its loops.
func (w *wire) dial() {
	w.Helper()
	home := &config.Config{
		Cycle: time.Minute, Home: config.Home{Zone: time.UTC, Currency: "EUR", MaxImport: 11000, MaxExport: 5000},
		Devices: []config.Device{
			{Name: "grid", Kind: config.Grid},
			{Name: "battery", Kind: config.Battery, Battery: &config.BatterySpec{Capacity: 10_000, Max: 1, MaxCharge: 4600, MaxDischarge: 3000}},
		},
	}
	var err error
	w.Line, err = Open(w.cfg, Parts{
		Home: home, Store: w.store, Clock: w.clock, Log: slog.New(slog.NewTextHandler(w.log, nil)), Seed: "s",
		IsSane: func() bool { return true }, Changed: func() { w.changed <- time.Now() },
		Meter: answer.New(home, nil, func(_, _ time.Time) (api.Energy, error) { return api.Energy{}, io.EOF }),
		Order: func(string, energy.Interval) answer.Order { return answer.Order{} },
	})
	if err != nil {
		w.Fatal(err)
	}
	for _, err := range w.Restore() {
		w.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, l := range w.Loops() {
		running.Go(func() { _ = l.Run(ctx) })
	}
	w.hangUp = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		if err := w.Line.Close(); err != nil {
			w.Error(err)
		}
	})
	w.Cleanup(w.hangUp)
}

// eventually waits until something holds, by the wall.
func (w *wire) eventually(what string, holds func() bool) {
	w.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			w.Fatalf("never: %s\n%s", what, w.log)
		}
	}
}

func (w *wire) publish(id string, kW float64, more string) {
	w.Helper()
	var e openadr.Event
	text := fmt.Sprintf(`{"id":%q,"programID":"p","intervalPeriod":{"start":"2026-05-12T12:00:00Z","duration":"PT1H"},%s
		"payloadDescriptors":[{"payloadType":"IMPORT_CAPACITY_LIMIT","units":"KW"}],
		"intervals":[{"id":0,"payloads":[{"type":"IMPORT_CAPACITY_LIMIT","values":[%g]}]}]}`, id, more, kW)
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		w.Fatal(err)
	}
	w.vtn.Put(e)
}

func TestLine_IsEnrolledAndReportsInAllDialects(t *testing.T) {
	for _, version := range []string{"3.1", "3.0", "3.0.0"} {
		t.Run(version, func(t *testing.T) {
			w := stretch(t, 3600, func(c *config.VTN) {
				c.Version, c.Reports, c.Poll = version, []string{"STORAGE_USABLE_CAPACITY"}, time.Minute
			})
			w.publish("e", 5, `"reportDescriptors":[{"payloadType":"STORAGE_USABLE_CAPACITY"},{"payloadType":"USAGE"}],`)
			w.eventually("a place", func() bool { return len(w.vtn.VENs()) == 1 && len(w.vtn.Resources(w.vtn.VENs()[0].ID)) == 2 })
			w.eventually("a report", func() bool { return len(w.vtn.Reports()) == 1 })
			r := w.vtn.Reports()[0]
			if r.ClientName != "home-1" || len(r.Resources) != 1 || r.Resources[0].ResourceName != "battery" || string(r.Resources[0].Intervals[0].Payloads[0].Values[0]) != "10" {
				t.Errorf("got %+v", r)
			}
			w.eventually("word of what is withheld", func() bool {
				return slices.ContainsFunc(w.Health(), func(h api.Health) bool {
					return h.Part == "reports utility" && h.OK && strings.Contains(h.Text, "not allowed by the configuration: USAGE")
				})
			})
			w.hangUp()
			w.dial()
			w.eventually("a poll", func() bool { return !w.VEN.Signals(w.clock.Now()).LastSuccess.IsZero() })
			w.eventually("its place again", func() bool { return w.venID() != "" })
			if len(w.vtn.VENs()) != 1 || len(w.vtn.Reports()) != 1 {
				t.Errorf("after a restart: %d VENs, %d reports", len(w.vtn.VENs()), len(w.vtn.Reports()))
			}
		})
	}
}

// Who has no name at the server is not known there at all.
func TestLine_WithoutANameOnlyListens(t *testing.T) {
	w := stretch(t, 3600, func(c *config.VTN) { c.VEN, c.Resources = "", nil })
	w.publish("e", 5, `"reportDescriptors":[{"payloadType":"USAGE"}],`)
	w.eventually("the limit", func() bool { return len(w.VEN.Signals(noon).MaxImport.Points) == 1 })
	w.eventually("some hours", func() bool { return w.clock.Now().After(noon.Add(3 * time.Hour)) })
	if len(w.vtn.VENs()) != 0 || len(w.vtn.Reports()) != 0 || len(w.Health()) != 0 {
		t.Errorf("%v %v %v", w.vtn.VENs(), w.vtn.Reports(), w.Health())
	}
	for _, r := range w.vtn.Requests() {
		if !strings.HasPrefix(r, "GET /programs") && !strings.HasPrefix(r, "GET /events") {
			t.Errorf("asked %s", r)
		}
	}
}

func TestLine_IsWokenByItsWebhook(t *testing.T) {
	for _, version := range []string{"3.1", "3.0"} {
		t.Run(version, func(t *testing.T) {
			w := woken(t, version)
			w.publish("e", 5, "")
			select {
			case <-w.changed:
			case <-time.After(20 * time.Second):
				t.Fatalf("nothing was heard, and the next poll is an hour away\n%s", w.log)
			}
			if p := w.VEN.Signals(noon).MaxImport.Points; len(p) != 1 || p[0].Value.Value != 5000 {
				t.Errorf("limits %+v", p)
			}
		})
	}
}

// woken is a line whose subscription stands, and that has nothing to do for an hour.
func woken(t testing.TB, version string) *wire {
	w := stretch(t, 1, func(c *config.VTN) { c.Version, c.Webhook = version, hook(t) })
	w.eventually("a subscription", func() bool { return len(w.vtn.Subscriptions()) == 1 })
	w.eventually("the first poll", func() bool { return len(w.changed) > 0 })
	for len(w.changed) > 0 {
		<-w.changed
	}
	return w
}

func TestOpen_RefusesWhatNobodyCanMean(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*config.VTN)
		want   string
	}{
		"a meaning":  {func(c *config.VTN) { c.Payloads = map[string]string{"X": "PRICES"} }, `payloads.X: "PRICES" is none of`},
		"a report":   {func(c *config.VTN) { c.Reports = []string{"USAGE", "WEATHER"} }, `reports[1]: "WEATHER" is none of USAGE, `},
		"a callback": {func(c *config.VTN) { c.Webhook = &config.Webhook{Listen: "127.0.0.1:0", URL: "http://home.example/x"} }, "webhook: "},
		"an address": {func(c *config.VTN) { c.URL = "http://vtn.example" }, "https"},
		"a version":  {func(c *config.VTN) { c.Version, c.URL = "2.0b", "http://vtn.example" }, "https"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config.VTN{Name: "u", URL: "https://vtn.example", Version: "3.1", Auth: "body", VEN: "home-1", MQTT: "tls"}
			c.change(&cfg)
			home := &config.Config{Home: config.Home{Zone: time.UTC}}
			_, err := Open(cfg, Parts{
				Home: home, Store: &memory{}, Clock: clock.Wall{}, Log: slog.New(slog.DiscardHandler), Meter: answer.New(home, nil, nil),
				Order: func(string, energy.Interval) answer.Order { return answer.Order{} }, IsSane: func() bool { return true }, Changed: func() {},
			})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// From a limit at the server to the plan that is to be made for it: a notification, the poll that it leads to, and the
// new curves.
func BenchmarkLine_News(b *testing.B) {
	w := woken(b, "3.1")
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		time.Sleep(3100 * time.Millisecond) // hints come three seconds apart at most
		b.StartTimer()
		w.publish("e", float64(1+i%7), "")
		<-w.changed
		_ = w.VEN.Signals(noon)
	}
}

// hook is a webhook on a port that was free a moment ago: its own address is in what it subscribes with.
func hook(t testing.TB) *config.Webhook {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return &config.Webhook{Listen: address, URL: "http://" + address + "/hearth"}
}
