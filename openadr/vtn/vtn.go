package vtn

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"hearth/openadr"
)

// Config says how a VTN behaves. The zero value lets anybody in.
type Config struct {
	ClientID     string // empty: no token is asked for
	ClientSecret openadr.Secret
	TokenLife    time.Duration    // 0: an hour
	Granted      []string         // targets that clients may see
	PageLimit    int              // most rows of a page, whatever the client asks for; 0: 50, and never more
	Now          func() time.Time // stamps objects and ages tokens; nil: the machine's clock
}

// VTN is the server. It is safe for concurrent use.
type VTN struct {
	cfg Config
	mux *http.ServeMux

	mu       sync.Mutex
	programs []openadr.Program // in order of publication
	events   []openadr.Event
	count    int                  // ids ever made
	tokens   map[string]time.Time // issued, and when they end
	fault    fault
	requests []string // method and path with query

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
	v := &VTN{cfg: cfg, mux: http.NewServeMux(), tokens: map[string]time.Time{}}
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

// Close ends the server and every request in it. It may be called before Start, and twice.
func (v *VTN) Close() error {
	v.mu.Lock()
	server, served := v.server, v.served
	v.mu.Unlock()
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
	i := slices.IndexFunc(v.programs, func(o openadr.Program) bool { return o.ID == p.ID })
	if i < 0 {
		v.programs = append(v.programs, openadr.Program{})
		i = len(v.programs) - 1
	}
	p.Metadata = v.stamp(v.programs[i].Metadata, p.ID, openadr.ObjectProgram)
	v.programs[i] = p
	return p
}

// Put publishes an event, in place of the one with its id; an empty id gets one. It returns what clients
// will see.
func (v *VTN) Put(e openadr.Event) openadr.Event {
	v.mu.Lock()
	defer v.mu.Unlock()
	i := slices.IndexFunc(v.events, func(o openadr.Event) bool { return o.ID == e.ID })
	if i < 0 {
		v.events = append(v.events, openadr.Event{})
		i = len(v.events) - 1
	}
	e.Metadata = v.stamp(v.events[i].Metadata, e.ID, openadr.ObjectEvent)
	v.events[i] = e
	return e
}

// stamp is the metadata of an object that replaces one with the metadata old, or a new one.
func (v *VTN) stamp(old openadr.Metadata, id, kind string) openadr.Metadata {
	now := openadr.Stamp{Time: v.cfg.Now().UTC()}
	if old.ID == "" {
		old.Created = now
	}
	if id == "" {
		id = v.freshID()
	}
	return openadr.Metadata{ID: id, Created: old.Created, Modified: now, ObjectType: kind}
}

// freshID is one that was never made and that no object has: whoever publishes may choose ids that look alike.
func (v *VTN) freshID() string {
	for {
		v.count++
		id := "id-" + strconv.Itoa(v.count)
		if !slices.ContainsFunc(v.programs, func(p openadr.Program) bool { return p.ID == id }) &&
			!slices.ContainsFunc(v.events, func(e openadr.Event) bool { return e.ID == id }) {
			return id
		}
	}
}

// DeleteProgram withdraws a program; its events stay.
func (v *VTN) DeleteProgram(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.programs = slices.DeleteFunc(v.programs, func(p openadr.Program) bool { return p.ID == id })
}

// Delete withdraws an event.
func (v *VTN) Delete(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.events = slices.DeleteFunc(v.events, func(e openadr.Event) bool { return e.ID == id })
}

// maxRequests bounds what a VTN that runs for months remembers.
const maxRequests = 1000

// Requests lists what was asked, the newest thousand, oldest first: "GET /events?limit=50&skip=0".
func (v *VTN) Requests() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.requests)
}

// RevokeTokens makes every token issued so far worthless.
func (v *VTN) RevokeTokens() {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.tokens)
}
