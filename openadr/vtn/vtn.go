package vtn

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"hearth/openadr"
)

// Config says how a VTN behaves. The zero value lets anybody in.
type Config struct {
	ClientID     string // empty: no token is asked for
	ClientSecret openadr.Secret
	TokenLife    time.Duration             // 0: an hour
	Clients      map[string]openadr.Secret // further ids and their secrets; without a ClientID they are not asked
	Business     map[string]openadr.Secret // ids and secrets of clients that publish over HTTP, and see everything
	Dialect      openadr.Dialect           // that it speaks; empty: 3.1
	Broker       *Broker                   // where changes are published, in 3.1; nil: nowhere
	MQTT         *openadr.MQTTNotifier     // the broker as clients are told of it; nil: Broker, for everybody
	Granted      []string                  // targets that every client may see, besides those of its VENs and resources
	PageLimit    int                       // most rows of a page, whatever the client asks for; 0: 50, and never more
	Changed      func()                    // told of each change to an object; must return at once, without asking the VTN; nil: nobody
	Now          func() time.Time          // stamps objects and ages tokens; nil: the machine's clock
}

// VTN is the server. It is safe for concurrent use.
type VTN struct {
	cfg Config
	mux *http.ServeMux

	mu            sync.Mutex
	programs      shelf[openadr.Program]
	events        shelf[openadr.Event]
	vens          shelf[openadr.VENObject]
	resources     shelf[openadr.Resource]
	reports       shelf[openadr.Report]
	subscriptions shelf[openadr.Subscription]
	count         int // ids ever made
	tokens        map[string]issued
	fault         fault
	requests      []string // method and path with query

	hooks    hooks
	wire     wire
	isClosed bool

	server *http.Server // nil before Start
	url    string
	served chan struct{} // closed when the server has ended
}

// maxPage is the most a client may ask for (OpenADR 3.1 API, parameter limit).
const maxPage = 50

// New builds a VTN without any objects.
func New(cfg Config) *VTN {
	if cfg.PageLimit <= 0 || cfg.PageLimit > maxPage {
		cfg.PageLimit = maxPage
	}
	if cfg.TokenLife <= 0 {
		cfg.TokenLife = time.Hour
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Dialect == "" {
		cfg.Dialect = openadr.Dialect31
	}
	if cfg.MQTT == nil && cfg.Broker != nil {
		cfg.MQTT = cfg.Broker.notifier()
	}
	v := &VTN{cfg: cfg, mux: http.NewServeMux(), tokens: map[string]issued{}, hooks: newHooks()}
	v.routes()
	return v
}

// Start serves on addr, "127.0.0.1:0" for a free port; anything but loopback is refused.
func (v *VTN) Start(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("start vtn: %w", err)
	}
	if !net.ParseIP(host).IsLoopback() {
		return fmt.Errorf("start vtn: %s is not a loopback address", addr)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.server != nil {
		return errors.New("start vtn: already started")
	}
	listener, err := net.Listen("tcp", addr) //nolint:noctx // on this machine it does not wait
	if err != nil {
		return fmt.Errorf("start vtn: %w", err)
	}
	v.url = "http://" + listener.Addr().String()
	v.server = &http.Server{Handler: v, ReadHeaderTimeout: 10 * time.Second}
	v.served = make(chan struct{})
	v.isClosed = false
	server, served := v.server, v.served
	go func() {
		defer close(served)
		_ = server.Serve(listener) // ends with ErrServerClosed, by Close
	}()
	return nil
}

// URL is the base URL of a started VTN.
func (v *VTN) URL() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.url
}

// Close ends the server, every request in it, and the notifications: those that wait are not sent. It may be
// called before Start, and twice.
func (v *VTN) Close() error {
	v.mu.Lock()
	v.isClosed = true
	server, served := v.server, v.served
	hooks, wire := v.hooks, v.wire
	v.hooks.calls, v.wire.queue = nil, nil
	v.mu.Unlock()
	if hooks.stop != nil {
		hooks.stop()
		<-hooks.ended
	}
	if wire.stop != nil {
		wire.stop()
		<-wire.ended
	}
	if server == nil {
		return nil
	}
	err := server.Close()
	<-served
	return err
}

// PutProgram publishes a program, in place of the one with its id; an empty id gets one. It returns what
// clients will see.
func (v *VTN) PutProgram(p openadr.Program) openadr.Program {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.put(&v.programs, &p)
	return p
}

// Put publishes an event, in place of the one with its id; an empty id gets one. It returns what clients
// will see.
func (v *VTN) Put(e openadr.Event) openadr.Event {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.put(&v.events, &e)
	return e
}

// Programs lists those that are published, in order.
func (v *VTN) Programs() []openadr.Program {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.programs.items)
}

// DeleteProgram withdraws a program; its events stay.
func (v *VTN) DeleteProgram(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.withdraw(&v.programs, id)
}

// Delete withdraws an event.
func (v *VTN) Delete(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.withdraw(&v.events, id)
}

// maxRequests bounds what a VTN that runs for months remembers.
const maxRequests = 1000

// Requests lists what was asked, the newest thousand, oldest first: "GET /events?limit=50&skip=0".
func (v *VTN) Requests() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.requests)
}
