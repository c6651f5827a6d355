package push

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"hearth/openadr"
)

// office is the VTN's side of what a [Broker] asks for. Tokens are t1, t2 and so on.
type office struct {
	t      testing.TB
	client *openadr.Client

	mu        sync.Mutex
	notifiers any               // nil: 403
	topics    map[string]string // by what stands behind "topics/": a filter, or a status such as "500"
	tokens    int
	revoked   map[string]bool
	asked     []string
}

// newOffice announces brokers with an authentication.
func newOffice(t testing.TB, login map[string]any, uris ...string) *office {
	o := &office{t: t, topics: map[string]string{"events": "OpenADR/events/+"}, revoked: map[string]bool{}}
	o.announce(login, uris...)
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	o.client = dialVTN(t, openadr.Config{BaseURL: server.URL, ClientID: "home", ClientSecret: "s3cret"})
	return o
}

var anonymous = map[string]any{"method": "ANONYMOUS"}

func (o *office) announce(login map[string]any, uris ...string) {
	o.change(func() {
		o.notifiers = map[string]any{"WEBHOOK": true, "MQTT": map[string]any{"URIS": uris, "serialization": "JSON", "authentication": login}}
	})
}

func (o *office) change(how func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	how()
}

func (o *office) requests() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.asked)
}

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	isKnown := token != "" && !o.revoked[token]
	topic, isTopic := strings.CutPrefix(r.URL.Path, "/notifiers/mqtt/topics/")
	filter, isThere := o.topics[topic]
	o.asked = append(o.asked, r.URL.Path)
	var answer any
	switch {
	case r.URL.Path == "/auth/token":
		o.tokens++
		answer = map[string]any{"access_token": fmt.Sprint("t", o.tokens), "expires_in": 3600}
	case r.URL.Path == "/auth/server":
		w.WriteHeader(http.StatusNotFound)
		return
	case !isKnown:
		w.WriteHeader(http.StatusUnauthorized)
		return
	case r.URL.Path == "/notifiers" && o.notifiers != nil:
		answer = o.notifiers
	case isTopic && isThere && filter == "500":
		w.WriteHeader(http.StatusInternalServerError)
		return
	case isTopic && isThere:
		answer = map[string]any{"topics": map[string]string{"ALL": filter}}
	default:
		w.WriteHeader(http.StatusForbidden)
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// newBroker is one at the office's.
func newBroker(t testing.TB, r rig, change ...func(*BrokerConfig)) *Broker {
	t.Helper()
	cfg := BrokerConfig{}
	for _, c := range change {
		c(&cfg)
	}
	b, err := NewBroker(cfg, r.Parts)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// pub is mochi in this process, on a port that it keeps. Who comes in, a test may decide.
type pub struct {
	mochi.HookBase
	t      testing.TB
	config listeners.Config
	isWeb  bool
	server *mochi.Server

	mu     sync.Mutex
	admit  func(user, password string) bool // nil: everybody
	allow  func(topic string) bool          // nil: everything
	came   []string                         // "user password"
	wanted []string                         // filters
}

func newPub(t testing.TB) *pub {
	p := &pub{t: t, config: listeners.Config{ID: "t", Address: freeAddress(t)}}
	t.Cleanup(p.stop)
	return p
}

// house ends its guests by itself, and waits for them: the library (v2.7.9) takes a read lock twice and can stand still,
// and counts a guest who comes while it closes without a lock.
type house struct {
	listeners.Listener

	mu       sync.Mutex
	guests   map[net.Conn]bool
	all      sync.WaitGroup
	isClosed bool
}

func (h *house) Serve(establish listeners.EstablishFn) {
	h.Listener.Serve(func(id string, conn net.Conn) error {
		if !h.enter(conn) {
			return conn.Close()
		}
		defer func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			delete(h.guests, conn)
			h.all.Done()
		}()
		return establish(id, conn)
	})
}

func (h *house) enter(conn net.Conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.isClosed {
		return false
	}
	h.guests[conn] = true
	h.all.Add(1)
	return true
}

func (h *house) Close(listeners.CloseFn) {
	h.Listener.Close(func(string) {
		h.mu.Lock()
		h.isClosed = true
		for conn := range h.guests {
			_ = conn.Close()
		}
		h.mu.Unlock()
		h.all.Wait()
	})
}

func (p *pub) start() {
	p.t.Helper()
	p.server = mochi.New(&mochi.Options{Logger: slog.New(slog.DiscardHandler), InlineClient: true})
	var l listeners.Listener = listeners.NewTCP(p.config)
	if p.isWeb {
		l = listeners.NewWebsocket(p.config)
	}
	for _, err := range []error{p.server.AddHook(p, nil), p.server.AddListener(&house{Listener: l, guests: map[net.Conn]bool{}}), p.server.Serve()} {
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *pub) stop() {
	if p.server != nil {
		_ = p.server.Close()
		p.server = nil
	}
}

func (p *pub) url(scheme string) string { return scheme + "://" + p.config.Address }

func (p *pub) say(topic, text string, isRetained bool) {
	p.t.Helper()
	if err := p.server.Publish(topic, []byte(text), isRetained, 0); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pub) ID() string { return "pub" }

func (p *pub) Provides(what byte) bool {
	return what == mochi.OnConnectAuthenticate || what == mochi.OnACLCheck || what == mochi.OnSubscribed
}

func (p *pub) OnConnectAuthenticate(_ *mochi.Client, k packets.Packet) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	user, password := string(k.Connect.Username), string(k.Connect.Password)
	p.came = append(p.came, user+" "+password)
	return p.admit == nil || p.admit(user, password)
}

func (p *pub) OnACLCheck(_ *mochi.Client, topic string, isWrite bool) bool {
	return isWrite || p.allow == nil || p.allow(topic)
}

func (p *pub) OnSubscribed(_ *mochi.Client, k packets.Packet, _ []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range k.Filters {
		p.wanted = append(p.wanted, f.Filter)
	}
}

func (p *pub) guests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.came...)
}

func (p *pub) filters() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.wanted, " ")
}

// mosquitto is Debian's broker as a child process.
type mosquitto struct {
	t       testing.TB
	args    []string
	address string
	cmd     *exec.Cmd
}

// newMosquitto runs it on a free port; the lines of configuration come after the listener's. Where it is not
// installed the test is skipped, unless HEARTH_REQUIRE_PEERS is set.
func newMosquitto(t *testing.T, lines ...string) *mosquitto {
	t.Helper()
	binary, err := exec.LookPath("mosquitto")
	if err != nil {
		binary, err = exec.LookPath("/usr/sbin/mosquitto")
	}
	if err != nil {
		if os.Getenv("HEARTH_REQUIRE_PEERS") != "" {
			t.Fatal("mosquitto is not installed (apt-get install mosquitto), and HEARTH_REQUIRE_PEERS is set")
		}
		t.Skip("mosquitto is not installed: apt-get install mosquitto")
	}
	m := &mosquitto{t: t, address: freeAddress(t)}
	_, port, _ := net.SplitHostPort(m.address)
	conf := append([]string{"listener " + port + " 127.0.0.1", "persistence false", "user root", "log_type none"}, lines...)
	m.args = []string{binary, "-c", file(t, "mosquitto.conf", strings.Join(conf, "\n")+"\n")}
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
	eventually(m.t, "mosquitto listens", func() bool {
		conn, err := net.Dial("tcp", m.address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
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

// say publishes through a client of its own.
func (m *mosquitto) say(topic, text string, isRetained bool) {
	m.t.Helper()
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + m.address).SetClientID("vtn").SetAutoReconnect(false))
	for _, token := range []func() paho.Token{c.Connect, func() paho.Token { return c.Publish(topic, 1, isRetained, text) }} {
		if done := token(); !done.WaitTimeout(patience) || done.Error() != nil {
			m.t.Fatal(done.Error())
		}
	}
	c.Disconnect(100)
}

// rude speaks just enough MQTT to let a client in, and then what a test wants it to.
func rude(t testing.TB, then func(net.Conn)) (address string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer func() { _ = conn.Close() }()
				_ = conn.SetDeadline(time.Now().Add(patience))
				if _, err := readPacket(conn); err != nil {
					return
				}
				_, _ = conn.Write([]byte{0x20, 2, 0, 0})
				for {
					body, err := readPacket(conn)
					if err != nil || len(body) < 2 {
						return
					}
					_, _ = conn.Write([]byte{0x90, 3, body[0], body[1], 0})
					if then != nil {
						then(conn)
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return l.Addr().String()
}

// readPacket reads one packet of less than 128 bytes.
func readPacket(r io.Reader) ([]byte, error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	body := make([]byte, head[1])
	_, err := io.ReadFull(r, body)
	return body, err
}
