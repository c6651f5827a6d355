package mqtt

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"go.uber.org/goleak"

	"hearth/devices"
	"hearth/devices/devicetest"
	"hearth/devices/profiles"
)

const patience = 10 * time.Second

var start = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pace tries again at once, so that a test need not move the clock.
type pace struct{}

func (pace) Next(error) time.Duration { return 0 }

// door ends its clients by itself: the library's way (v2.7.9) takes a read lock twice and can stand still.
type door struct {
	*listeners.TCP
	server *mochi.Server
}

func (d door) Close(listeners.CloseFn) {
	d.TCP.Close(func(string) {
		for _, c := range d.server.Clients.GetAll() {
			c.Stop(nil)
		}
	})
}

// quickBroker is mochi in this process; it ends with the test.
func quickBroker(t testing.TB) (url string) { return hookedBroker(t, new(auth.AllowHook)) }

func hookedBroker(t testing.TB, hook mochi.Hook) (url string) {
	server := mochi.New(&mochi.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err := server.AddHook(hook, nil); err != nil {
		t.Fatal(err)
	}
	tcp := door{listeners.NewTCP(listeners.Config{ID: "t", Address: "127.0.0.1:0"}), server}
	if err := server.AddListener(tcp); err != nil {
		t.Fatal(err)
	}
	if err := server.Serve(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return "tcp://" + tcp.Address()
}

// mosquitto is Debian's broker as a child process.
type mosquitto struct {
	t    testing.TB
	args []string
	url  string
	cmd  *exec.Cmd
}

// startMosquitto runs it on a free port; the lines of configuration come after the listener's.
func startMosquitto(t testing.TB, lines ...string) *mosquitto {
	t.Helper()
	binary := peer(t, "mosquitto")
	port := freePort(t)
	conf := append([]string{"listener " + port + " 127.0.0.1", "persistence false", "user root", "log_type none"}, lines...)
	file := filepath.Join(t.TempDir(), "mosquitto.conf")
	if err := os.WriteFile(file, []byte(strings.Join(conf, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := &mosquitto{t: t, args: []string{binary, "-c", file}, url: "tcp://127.0.0.1:" + port}
	m.start()
	t.Cleanup(m.kill)
	return m
}

func (m *mosquitto) start() {
	m.t.Helper()
	m.cmd = exec.Command(m.args[0], m.args[1:]...)
	m.cmd.Stderr = new(bytes.Buffer)
	if err := m.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	address := strings.TrimPrefix(m.url, "tcp://")
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("mosquitto: %v %s", err, m.cmd.Stderr)
		}
	}
}

func (m *mosquitto) kill() {
	_ = m.cmd.Process.Kill()
	_ = m.cmd.Wait()
}

func (m *mosquitto) signal(s syscall.Signal) {
	if err := m.cmd.Process.Signal(s); err != nil {
		m.t.Fatal(err)
	}
}

// peer finds a program the tests need. Without it they are skipped, unless HEARTH_REQUIRE_PEERS is set.
func peer(t testing.TB, name string) string {
	t.Helper()
	for _, candidate := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(candidate); err == nil {
			return found
		}
	}
	if os.Getenv("HEARTH_REQUIRE_PEERS") != "" {
		t.Fatalf("%s is not installed (apt-get install mosquitto), and HEARTH_REQUIRE_PEERS is set", name)
	}
	t.Skipf("%s is not installed: apt-get install mosquitto", name)
	return ""
}

func freePort(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// record is a log that can be searched.
type record struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (r *record) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.Write(b)
}

func (r *record) count(text string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Count(r.buf.String(), text)
}

// runLink opens a link that runs until the test ends.
func runLink(t testing.TB, o Options, clock devices.Clock) (*Link, *record) {
	t.Helper()
	if o.ClientID == "" {
		o.ClientID = "hearth-test"
	}
	log := &record{}
	l, err := NewLink(o, clock, pace{}, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	var run sync.WaitGroup
	run.Go(func() {
		if err := l.Run(context.Background()); err != nil {
			t.Errorf("link: %v", err)
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		run.Wait()
	})
	return l, log
}

// newPlug is a device of the Tasmota profile on the link.
func newPlug(t testing.TB, l *Link, topic string) *devices.Device {
	t.Helper()
	p, err := profiles.Get("tasmota-plug")
	if err != nil {
		t.Fatal(err)
	}
	d, err := New(Config{Name: "boiler", Profile: p, Params: map[string]string{"topic": topic}, Link: l})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// runPlug is newPlug, running until the test ends.
func runPlug(t testing.TB, l *Link, topic string) *devices.Device {
	t.Helper()
	d := newPlug(t, l, topic)
	var run sync.WaitGroup
	run.Go(func() { _ = d.Driver.Run(context.Background()) })
	t.Cleanup(func() {
		_ = d.Driver.Close()
		run.Wait()
	})
	return d
}

// isSettled says that the device has said how it is set.
func isSettled(d *devices.Device) bool { return d.Driver.(*device).mayBegin() == nil }

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not so: %s", patience, what)
		}
	}
}

func factory(url func(t *testing.T) string) devicetest.Factory {
	return func(t *testing.T) devicetest.Rig {
		clock := devicetest.NewClock(start)
		broker := url(t)
		plug := newTasmota(t, broker, "boiler", clock)
		link, _ := runLink(t, Options{URL: broker}, clock)
		return devicetest.Rig{Device: newPlug(t, link, "boiler"), Peer: plug, Clock: clock, MaxAge: time.Minute}
	}
}
