package enrol

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/openadr"
	"hearth/openadr/vtn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var dialects = []openadr.Dialect{openadr.Dialect31, openadr.Dialect30, openadr.Dialect300}

// mishap is what happens to a request on its way.
type mishap int

const (
	fine    mishap = iota
	lost           // the request never arrives
	unheard        // it is done, and the answer is lost
	half           // it is done, and half of the answer arrives
	broken         // 500, nothing done
	doneBut        // 500, but it is done
	blank          // it is done, and the answer is empty
	nothing        // a list is empty
	page           // a login page
	mishaps        // how many there are
)

// road is the way to a VTN, with mishaps for requests that do not ask for a token.
type road struct {
	mu   sync.Mutex
	vtn  *vtn.VTN
	next func(*http.Request) mishap // nil: fine
}

func (r *road) set(next func(*http.Request) mishap) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next = next
}

func (r *road) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	m, to := fine, r.vtn
	if r.next != nil && req.URL.Path != "/auth/token" && req.URL.Path != "/auth/server" {
		m = r.next(req)
	}
	r.mu.Unlock()
	done := httptest.NewRecorder()
	if m != lost && m != broken && m != page {
		to.ServeHTTP(done, req)
	}
	switch m {
	case lost, unheard:
		panic(http.ErrAbortHandler)
	case broken, doneBut:
		w.WriteHeader(http.StatusInternalServerError)
	case blank:
		w.WriteHeader(done.Code)
	case nothing:
		if req.Method == http.MethodGet {
			_, _ = w.Write([]byte("[]"))
			return
		}
		panic(http.ErrAbortHandler)
	case page:
		_, _ = w.Write([]byte("<html>log in</html>"))
	default:
		body := done.Body.Bytes()
		if m == half {
			body = body[:len(body)/2]
		}
		w.WriteHeader(done.Code)
		_, _ = w.Write(body)
	}
}

// open starts a VTN for the clients home and other, at the end of a road.
func open(t testing.TB, d openadr.Dialect) (*road, *httptest.Server) {
	t.Helper()
	r := &road{vtn: fresh(d)}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	return r, s
}

func fresh(d openadr.Dialect) *vtn.VTN {
	return vtn.New(vtn.Config{Dialect: d, ClientID: "home", ClientSecret: "s", Clients: map[string]openadr.Secret{"other": "s"}})
}

func dial(t testing.TB, s *httptest.Server, d openadr.Dialect, id string) *openadr.Client {
	t.Helper()
	c, err := openadr.New(openadr.Config{BaseURL: s.URL, Dialect: d, ClientID: id, ClientSecret: "s", Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// house is a wish with two devices.
func house() Wish {
	return Wish{Name: "house", ClientID: "home", Attributes: Describe("", 11_000, 0), Resources: []Resource{
		{"wallbox", Describe("Charger", 11_000, 0)}, {"battery", Describe("", 5000, 4600)},
	}}
}

// memory is a Store.
type memory struct {
	values map[string][]byte
	puts   int
	err    error
}

func (m *memory) Get(key string) ([]byte, bool, error) {
	v, ok := m.values[key]
	return v, ok, m.err
}

func (m *memory) Put(key string, value []byte) error {
	if m.puts++; m.err != nil {
		return m.err
	}
	if m.values == nil {
		m.values = map[string][]byte{}
	}
	m.values[key] = value
	return nil
}

// wantOnce checks that the VTN has the house once, with each device once, and that the place says so.
func wantOnce(t interface{ Errorf(string, ...any) }, v *vtn.VTN, w Wish, p Place) {
	count := 0
	for _, o := range v.VENs() {
		if o.ClientID != "home" {
			continue
		}
		if count++; o.ID != p.VENID || o.Name != p.VENName {
			t.Errorf("the VTN has %+v, and the place is %+v", o, p)
		}
		if _, differs := merged(o.Attributes, w.Attributes); differs {
			t.Errorf("the ven has attributes %v, want %v", o.Attributes, w.Attributes)
		}
	}
	if count != 1 {
		t.Errorf("%d vens, want 1", count)
	}
	things := v.Resources(p.VENID)
	if len(things) != len(w.Resources) || len(p.Resources) != len(w.Resources) {
		t.Errorf("%d resources at the VTN and %d known, want %d", len(things), len(p.Resources), len(w.Resources))
	}
	for _, want := range w.Resources {
		for _, r := range things {
			if r.Name != want.Name {
				continue
			}
			if _, differs := merged(r.Attributes, want.Attributes); differs || r.ID != p.Resources[r.Name] {
				t.Errorf("%s is %+v at the VTN, and %q in %v", want.Name, r, p.Resources[want.Name], p.Resources)
			}
		}
	}
}

func number(v float64) []json.RawMessage {
	text, _ := json.Marshal(v)
	return []json.RawMessage{text}
}

// closedTo is a Client of a VTN without registration.
type closedTo struct {
	Client
	read, write error
}

func (c closedTo) VENs(ctx context.Context, name string) (openadr.List[openadr.VENObject], error) {
	if c.read != nil {
		return openadr.List[openadr.VENObject]{}, c.read
	}
	return c.Client.VENs(ctx, name)
}

func (c closedTo) CreateVEN(context.Context, openadr.VENObject) (openadr.VENObject, error) {
	return openadr.VENObject{}, c.write
}

var errAnything = errors.New("anything else")
