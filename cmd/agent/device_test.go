package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"hearth/energy"
	"hearth/internal/clock"
	"hearth/sim/slave"
	"hearth/sim/tasmota"
	"hearth/storage"
)

// visitors of the house: everybody may come in, and what clients publish is noted.
type visitors struct {
	mochi.HookBase
	mu   sync.Mutex
	said []string
}

func (*visitors) ID() string { return "visitors" }

func (*visitors) Provides(what byte) bool {
	return bytes.Contains([]byte{mochi.OnConnectAuthenticate, mochi.OnACLCheck, mochi.OnPublish}, []byte{what})
}
func (*visitors) OnConnectAuthenticate(*mochi.Client, packets.Packet) bool { return true }
func (*visitors) OnACLCheck(*mochi.Client, string, bool) bool              { return true }

func (v *visitors) OnPublish(c *mochi.Client, p packets.Packet) (packets.Packet, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !c.Net.Inline {
		v.said = append(v.said, c.ID+" "+p.TopicName+" "+string(p.Payload))
	}
	return p, nil
}

// of is what a client whose id begins so has published.
func (v *visitors) of(client string) (all []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, text := range v.said {
		if strings.HasPrefix(text, client) {
			all = append(all, text)
		}
	}
	return all
}

// wayOut ends its clients by itself: the library's way (v2.7.9) takes a read lock twice and can stand still.
type wayOut struct {
	*listeners.TCP
	server *mochi.Server
}

func (w wayOut) Close(listeners.CloseFn) {
	w.TCP.Close(func(string) {
		for _, c := range w.server.Clients.GetAll() {
			c.Stop(nil)
		}
	})
}

// aHouse is a broker in this process that ends with the test.
func aHouse(t *testing.T) (server *mochi.Server, v *visitors, url string) {
	t.Helper()
	server, v = mochi.New(&mochi.Options{Logger: slog.New(slog.DiscardHandler), InlineClient: true}), &visitors{}
	if err := server.AddHook(v, nil); err != nil {
		t.Fatal(err)
	}
	tcp := wayOut{listeners.NewTCP(listeners.Config{ID: "t", Address: "127.0.0.1:0"}), server}
	if err := server.AddListener(tcp); err != nil {
		t.Fatal(err)
	}
	if err := server.Serve(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server, v, "tcp://" + tcp.Address()
}

// lamp is the hardware of a plug: 1200 W while it is on.
type lamp struct {
	mu    sync.Mutex
	state tasmota.Reading
}

func (l *lamp) Look() tasmota.Reading {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.state
	if r.At, r.Energy = time.Now(), 5000; r.IsOn {
		r.Power = 1200
	}
	return r
}

func (l *lamp) Turn(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.IsOn = on
}

func (l *lamp) SetPulse(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Pulse, l.state.Left = d, d
}

// aPlug is a plug with Tasmota at the broker until the test ends.
func aPlug(t *testing.T, url, topic string) *lamp {
	t.Helper()
	l := &lamp{}
	p := tasmota.New(tasmota.Options{Topic: topic, Broker: url, Clock: clock.Wall{}, Tick: 5 * time.Millisecond, Log: slog.New(slog.DiscardHandler)}, l)
	ctx, cancel := context.WithCancel(context.Background())
	var run sync.WaitGroup
	run.Go(func() { p.Run(ctx) })
	t.Cleanup(func() { cancel(); run.Wait() })
	return l
}

// aLuna is the registers of a battery, which obeys unless it is deaf.
type aLuna struct {
	mu     sync.Mutex
	bank   slave.Bank
	isDeaf bool
	isShut bool // it refuses every command
	told   []string
}

func (l *aLuna) refuseAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isShut = true
}

func newLuna(t *testing.T) (*aLuna, string) {
	t.Helper()
	l := &aLuna{bank: slave.Bank{}}
	l.bank.Zero(37700, 37799)
	l.bank.Zero(47000, 47299)
	l.bank.U16(37760, 625)
	l.bank.I32(37765, -340)
	s, err := slave.Serve(map[uint8]slave.Unit{1: {Holding: l.read, Write: l.write}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return l, s.URL()
}

func (l *aLuna) read(addr, count uint16) ([]uint16, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bank.Read(addr, count)
}

func (l *aLuna) write(addr uint16, values []uint16) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isShut {
		return slave.ErrValue
	}
	l.told = append(l.told, fmt.Sprint(addr, values))
	for i, v := range values {
		if !l.isDeaf {
			l.bank.U16(addr+uint16(i), v)
		}
	}
	return nil
}

// mode is 0 while it follows its own control.
func (l *aLuna) mode() uint16 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bank[47100]
}

const aHeater = "devices: [{name: heater, kind: load, profile: tasmota-plug, link: house, params: {topic: lamp}, run: {power: 2kW, for: 1h}}]\n"

func atBroker(url string) string { return "mqtt: [{name: house, url: \"" + url + "\"}]\n" }

func withBattery(url string) string {
	return "modbus: [{name: bus, url: \"" + url + "\"}]\ndevices:\n  - {name: luna, kind: battery, profile: huawei-luna, link: bus, poll: 50ms, confirm_within: 500ms, " +
		"battery: {capacity: 10kWh, max_charge: 3kW, max_discharge: 3kW}}\n" +
		"  - {name: roof, kind: solar, profile: eastron-sdm630, link: bus, params: {unit: 1}}\n"
}

// longAgo has the guard remember that the heater has been off for hours.
func longAgo(t *testing.T, file string) {
	t.Helper()
	s, err := storage.Open(t.Context(), filepath.Join(filepath.Dir(file), "h.db"), storage.Options{Clock: clock.Wall{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	state := fmt.Sprintf(`{"since":%q,"last":%q}`, time.Now().Add(-5*time.Hour).Format(time.RFC3339), time.Now().Add(-time.Hour).Format(time.RFC3339))
	if err := s.Put("guard/heater", []byte(state)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// wants are the parts that a text must have, in their order.
func wants(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, part := range parts {
		i := strings.Index(rest, part)
		if i < 0 {
			t.Errorf("no %q where it belongs in\n%s", part, text)
			return
		}
		rest = rest[i+len(part):]
	}
}

// To read a device tells it nothing: it is asked for its state, and not set up.
func TestDevice_ReadSaysEverythingAndTellsNothing(t *testing.T) {
	_, v, url := aHouse(t)
	aPlug(t, url, "lamp")
	file := atHome(t, atBroker(url)+aHeater)
	code, out, errs := hearth(t.Context(), "", "device", "heater", "--config", file)
	if code != exitOK {
		t.Fatalf("%d %s%s", code, out, errs)
	}
	wants(t, out, "heater, a load: Plug with energy metering", "reading", "online", "yes", "power", "0W", "imported", "5kWh", "on ", "no", "takes", "on, off", "its own timer", "shows", "in switch")
	for _, text := range v.of("hearth-look") {
		isQuestion := strings.HasSuffix(text, " ") || strings.Contains(text, "/STATUS ") // without a payload nothing is set
		if strings.Contains(text, "cmnd/lamp/") && !isQuestion {
			t.Errorf("told it %q", text)
		}
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(file), "h.db")); err == nil {
		t.Error("to look has made a store")
	}
	code, out, _ = hearth(t.Context(), "", "device", "heater", "read", "--json", "--config", file)
	if code != exitOK || !strings.Contains(out, `{"name":"on","value":false,"at":"20`) || !strings.Contains(out, `"valid":true}`) {
		t.Errorf("%d %s", code, out)
	}
}

// What was never said is not zero.
func TestDevice_SilenceIsSaidAndHasItsExitCode(t *testing.T) {
	_, _, url := aHouse(t)
	file := atHome(t, atBroker(url)+aHeater)
	code, out, errs := hearth(t.Context(), "", "device", "heater", "read", "--for", "500ms", "--config", file)
	if code != exitUnavailable || !strings.Contains(errs, "said nothing for 500ms") {
		t.Errorf("%d %s", code, errs)
	}
	wants(t, out, "power", "not said", "-")
	code, out, _ = hearth(t.Context(), "", "device", "heater", "read", "--json", "--for", "300ms", "--config", file)
	if code != exitUnavailable || !strings.Contains(out, `{"name":"power","value":null,"valid":false}`) {
		t.Errorf("%d %s", code, out)
	}
	file = atHome(t, atBroker("tcp://127.0.0.1:1")+aHeater)
	code, _, errs = hearth(t.Context(), "", "device", "heater", "read", "--for", "500ms", "--config", file)
	if code != exitUnavailable || !strings.Contains(errs, "connection refused") {
		t.Errorf("%d %s", code, errs)
	}
}

func TestDevice_WatchShowsEachChangeOnce(t *testing.T) {
	_, _, url := aHouse(t)
	l := aPlug(t, url, "lamp")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	out := &watched{}
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"device", "heater", "watch", "--json", "--config", atHome(t, atBroker(url)+aHeater)}, stdio{strings.NewReader(""), out, out})
	}()
	out.await(t, `"name":"on","value":false`)
	l.Turn(true)
	out.await(t, `"name":"on","value":true`)
	cancel()
	if code := <-done; code != exitOK {
		t.Errorf("exit %d", code)
	}
	if n := strings.Count(out.text(), `"name":"on","value":false`); n != 1 {
		t.Errorf("%d times off in\n%s", n, out.text())
	}
}

// watched is an output that can be waited for.
type watched struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *watched) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

func (w *watched) await(t *testing.T, part string) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); !strings.Contains(w.text(), part); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no %q in\n%s", part, w.text())
		}
	}
}

// Whoever interrupts leaves the device in its safe state, as does the end; the guard's memory is kept for the agent.
func TestDevice_SetGoesThroughTheGuardAndLeavesTheSafeState(t *testing.T) {
	_, _, url := aHouse(t)
	l := aPlug(t, url, "lamp")
	file := atHome(t, atBroker(url)+aHeater)
	longAgo(t, file)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out := &watched{}
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"device", "heater", "set", "on", "--config", file}, stdio{strings.NewReader(""), out, out})
	}()
	out.await(t, "read back")
	if !l.Look().IsOn {
		t.Error("it is not on")
	}
	cancel()
	if code := <-done; code != exitOK || l.Look().IsOn {
		t.Errorf("exit %d, on %v\n%s", code, l.Look().IsOn, out.text())
	}
	wants(t, out.text(), "heater: safe state off, its own timer ends a command after 10m0s", "guard: applied: sent on, which ends by itself after 10m0s",
		"on yes", "read back", "after the command; held for 5m0s", "left in its safe state: off")
	code, _, errs := hearth(t.Context(), "", "device", "heater", "set", "on", "--for", "1s", "--config", file)
	if code != exitUsage || !strings.Contains(errs, "has to stay on for 1m0s") || l.Look().IsOn {
		t.Errorf("%d %s", code, errs)
	}
}

// The rule that holds a command is said; nothing is sent past it.
func TestDevice_SetSaysTheRuleThatHolds(t *testing.T) {
	_, _, url := aHouse(t)
	l := aPlug(t, url, "lamp") // nobody knows how long it has been off
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out := &watched{}
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"device", "heater", "set", "on", "--config", atHome(t, atBroker(url)+aHeater)}, stdio{strings.NewReader(""), out, out})
	}()
	out.await(t, "guard: held by min_off until ")
	cancel()
	if code := <-done; code != exitOK || l.Look().IsOn {
		t.Errorf("exit %d, on %v\n%s", code, l.Look().IsOn, out.text())
	}
}

func TestDevice_SetAPowerForATime(t *testing.T) {
	l, url := newLuna(t)
	file := atHome(t, withBattery(url))
	code, out, errs := hearth(t.Context(), "", "device", "luna", "set", "5kW", "--for", "300ms", "--config", file)
	if code != exitOK || l.mode() != 0 {
		t.Fatalf("%d, mode %d\n%s%s", code, l.mode(), out, errs)
	}
	wants(t, out, "luna: safe state release", "guard: applied by clamp: sent power 3kW", "setpoint 3kW", "read back", "left in its safe state: release")
	code, out, errs = hearth(t.Context(), "", "device", "luna", "set", "--for", "300ms", "--keep", "--config", file, "--", "-2kW")
	if code != exitOK || l.mode() != 2 {
		t.Errorf("%d, mode %d\n%s%s", code, l.mode(), out, errs)
	}
	wants(t, out, "sent power -2kW", "left at power -2kW: it ends by itself 10m0s after the last command")
	code, out, errs = hearth(t.Context(), "", "device", "luna", "set", "release", "--for", "100ms", "--config", file)
	if code != exitOK || l.mode() != 0 {
		t.Errorf("%d, mode %d\n%s%s", code, l.mode(), out, errs)
	}
	wants(t, out, "released: it follows its own control")
}

// A device that takes every command and does nothing is found out.
func TestDevice_SetFindsOutWhoDoesNotObey(t *testing.T) {
	l, url := newLuna(t)
	l.isDeaf = true
	code, out, errs := hearth(t.Context(), "", "device", "luna", "set", "1kW", "--config", atHome(t, withBattery(url)))
	if code != exitUnavailable || !strings.Contains(errs, "does not do what it is told") {
		t.Errorf("%d %s%s", code, out, errs)
	}
	wants(t, out, "applied: sent power 1kW", "kept by unconfirmed", "applied by retry", "fault by unconfirmed")
}

// While an agent runs, nobody else gives orders, and nobody else asks on its bus.
func TestDevice_NeverFightsWithTheAgent(t *testing.T) {
	l, url := newLuna(t)
	file := atHome(t, withBattery(url))
	s, err := storage.Open(t.Context(), filepath.Join(filepath.Dir(file), "h.db"), storage.Options{Clock: clock.Wall{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	code, _, errs := hearth(t.Context(), "", "device", "luna", "set", "1kW", "--config", file)
	if code != exitUnavailable || !strings.Contains(errs, "an agent is running on") || !strings.Contains(errs, "would fight") || len(l.told) > 0 {
		t.Errorf("%d %s told %v", code, errs, l.told)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	page := httptest.NewServer(http.NotFoundHandler())
	defer page.Close()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte("127.0.0.1:1\""), []byte(page.Listener.Addr().String()+"\""))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs = hearth(t.Context(), "", "device", "luna", "read", "--config", file)
	if code != exitUnavailable || !strings.Contains(errs, "only one may ask on its bus") {
		t.Errorf("%d %s", code, errs)
	}
}

func TestDevice_RefusesWhatNobodyCanMean(t *testing.T) {
	_, url := newLuna(t)
	file := atHome(t, withBattery(url))
	for _, c := range []struct {
		args string
		says string
	}{
		{"pump", "there is no device of this name in the configuration; there are: luna, roof"},
		{"luna dance", `"dance": a device can be asked to read, watch or set`},
		{"luna set", `set "": want on, off`},
		{"luna set much", `set "much": want on, off`},
		{"luna set on --for -1s", "--for is not negative"},
		{"luna read on", "a value and --keep are for set"},
		{"luna set on --json", "--json for read and watch"},
		{"roof set on", "device roof is a solar: it takes no commands"},
		{"luna set forced", "it cannot do this"},
	} {
		code, _, errs := hearth(t.Context(), "", append([]string{"device", "--config", file}, strings.Fields(c.args)...)...)
		if code != exitUsage || !strings.Contains(errs, c.says) {
			t.Errorf("%s: %d %s", c.args, code, errs)
		}
	}
}

func TestSetpointOf_ReadsWordsAndPowers(t *testing.T) {
	for text, want := range map[string]energy.Setpoint{
		"on": {Mode: energy.On}, "off": {Mode: energy.Off}, "release": {}, "normal": {}, "2.3kW": {Mode: energy.AtPower, Power: 2300},
		"-500W": {Mode: energy.AtPower, Power: -500}, "blocked": {Mode: energy.Blocked}, "forced": {Mode: energy.Forced}, "recommended": {Mode: energy.Recommended},
	} {
		if got, err := setpointOf(text); err != nil || got != want {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
}

// A command of which nobody knows whether it arrived is taken back, too; one that cannot be is said.
func TestDevice_SetSaysWhenItCannotMakeSafe(t *testing.T) {
	l, url := newLuna(t)
	file := atHome(t, withBattery(url))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out := &watched{}
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"device", "luna", "set", "1kW", "--config", file}, stdio{strings.NewReader(""), out, out})
	}()
	out.await(t, "read back")
	l.refuseAll()
	cancel()
	if code := <-done; code != exitUnavailable {
		t.Errorf("exit %d", code)
	}
	wants(t, out.text(), "device luna may not be in its safe state release", "its own timer ends a command after 10m0s")
}
