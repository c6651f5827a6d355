package energygrid

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"hearth/energy"
)

// Config is whose meter it is.
type Config struct {
	Now           func() time.Time // nil: the wall's
	IdentityToken string           // what the login takes
	Lifetime      time.Duration    // of a customer's token; zero: an hour
	PageSize      int              // the most of a page, whatever is asked for; zero: 100
	Meter         string
	Zone          *time.Location // nil: UTC
	Unit          string         // "kWh" or "therms"; empty: kWh
	// Used is what the meter has counted in an interval, false where it does not know; nil: a hundred watts.
	Used          func(energy.Interval) (energy.WattHours, bool)
	Price         energy.Price // of a kWh, whatever the unit
	Currency      energy.Currency
	Granularities []Granularity // none: quarter hours, hours, days and months
	Budget        Budget
	Insights      []Insight
}

// Granularity is a name and how it cuts time.
type Granularity struct {
	Name string
	Cut  func(t time.Time, zone *time.Location) energy.Interval // the interval that holds t
}

// Steps cuts time into equal slots, counted in UTC.
func Steps(step time.Duration) func(time.Time, *time.Location) energy.Interval {
	return func(t time.Time, _ *time.Location) energy.Interval { return energy.Span(t.UTC().Truncate(step), step) }
}

// Month is the local month that holds t.
func Month(t time.Time, zone *time.Location) energy.Interval {
	y, m, _ := t.In(zone).Date()
	return energy.Interval{
		Start: energy.Day(time.Date(y, m, 1, 12, 0, 0, 0, zone), zone).Start,
		End:   energy.Day(time.Date(y, m+1, 1, 12, 0, 0, 0, zone), zone).Start,
	}
}

// Budget is what the customer wants to spend, in the billing currency.
type Budget struct {
	Period   string          `json:"period"`
	Amount   *energy.Money   `json:"amount"` // nil: none is set
	Currency energy.Currency `json:"currency"`
	Spent    *energy.Money   `json:"spent"`
	Forecast *energy.Money   `json:"forecast"`
}

// Insight is what the vendor believes to have found out.
type Insight struct {
	ID     string       `json:"id"`
	Kind   string       `json:"kind"`
	Title  string       `json:"title"`
	Period string       `json:"period"`
	Value  *json.Number `json:"value"`
	Unit   string       `json:"unit"`
}

// Server is the service. It is safe for concurrent use.
type Server struct {
	cfg Config
	mux *http.ServeMux

	mu     sync.Mutex
	key    []byte // signs what the server gives away; another one makes all of it invalid
	pages  []byte // the same for the tokens of pages
	budget Budget
	writes int
}

// New is a service. It lacks nothing that the configuration does not say.
func New(cfg Config) *Server {
	cfg.Lifetime, cfg.PageSize = cmp.Or(cfg.Lifetime, time.Hour), cmp.Or(cfg.PageSize, 100)
	cfg.Zone, cfg.Unit = cmp.Or(cfg.Zone, time.UTC), cmp.Or(cfg.Unit, "kWh")
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Used == nil {
		cfg.Used = func(i energy.Interval) (energy.WattHours, bool) { return energy.Watts(100).Over(i.Length()), true }
	}
	if cfg.Granularities == nil {
		cfg.Granularities = []Granularity{
			{"MONTH", Month}, {"DAY", energy.Day}, {"HOUR", Steps(time.Hour)}, {"QUARTER_HOUR", Steps(15 * time.Minute)},
		}
	}
	cfg.Budget.Currency = cmp.Or(cfg.Budget.Currency, cfg.Currency)
	s := &Server{cfg: cfg, mux: http.NewServeMux(), budget: cfg.Budget}
	s.Forget()
	s.Revoke()
	s.mux.HandleFunc("POST /Customer/login", s.login)
	s.mux.HandleFunc("GET /Metadata/granularity-types", s.customer(s.granularities))
	s.mux.HandleFunc("GET /Usage/{meter}", s.customer(s.usage))
	s.mux.HandleFunc("GET /Budget", s.customer(s.getBudget))
	s.mux.HandleFunc("PUT /Budget", s.customer(s.putBudget))
	s.mux.HandleFunc("GET /Insights", s.customer(s.insights))
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, r, http.StatusNotFound, "there is nothing of that name")
	})
	return s
}

// ServeHTTP answers.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Forget makes every page token stale.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages = fresh()
}

// Revoke makes every customer token invalid.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key = fresh()
}

// Writes counts what was changed.
func (s *Server) Writes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes
}

func fresh() []byte {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // it never fails
	return key
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// problem is an error as RFC 7807 has it, with a member of the vendor's own.
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Instance string `json:"instance"`
	TraceID  string `json:"traceId"`
}

func refuse(w http.ResponseWriter, r *http.Request, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(problem{"about:blank", http.StatusText(status), status, detail, r.URL.Path, "00-made-up-01"})
}
