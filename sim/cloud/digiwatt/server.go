// Package digiwatt is a small Digiwatt: the vendor's operations, shapes and oddities on net/http, for tests and the
// demo. Its figures are those of the powers and shares that it is given, so whoever asks can check what comes.
//
// # Caveats
//
// The vendor's text names no paths but that of the token, and shows no refusals: both are made up here. All accounts
// live in the same home. What the vendor compares a home with (similar homes, averages) is a fixed part of the home's
// own figures.
package digiwatt

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"hearth/energy"
)

// Config is what the service knows.
type Config struct {
	ClientID, ClientSecret string
	Lifetime               time.Duration    // of a token; zero: ten hours
	Now                    func() time.Time // nil: the wall's
	Zone                   *time.Location   // of its days; nil: UTC
	// Share is the renewable share of the grid; nil: greenness has neither hours nor windows.
	Share func(time.Time) float64
	// IsHoliday says that all of a day is in band f3, as a Sunday; nil: no day is one.
	IsHoliday  func(time.Time) bool
	Appliances []Appliance
	Users      []User // that are paired from the start
}

// Appliance is one that the service has found.
type Appliance struct {
	Name string // "fridge"; the history of "standby" is told as well
	// Power is what it takes at a time; nil: the mean of Energy's minute.
	Power func(time.Time) energy.Watts
	// Energy is what it took in an interval; nil: that of Power at the start of each minute.
	Energy func(energy.Interval) energy.WattHours
	// Uses is how often it ran; nil: it is always on.
	Uses func(energy.Interval) int
}

// User is whose meter it is.
type User struct {
	POD     string `json:"pod"`
	Account string `json:"account_number"`
	Company string `json:"company_code"`
}

// Server is the service. It is safe for concurrent use.
type Server struct {
	cfg Config
	mux *http.ServeMux

	mu        sync.Mutex
	tokens    map[string]time.Time // until when
	users     map[string]User      // by account
	onboarded map[string]Onboarding
}

// New builds the service; it listens nowhere by itself.
func New(cfg Config) *Server {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Lifetime == 0 {
		cfg.Lifetime = 10 * time.Hour
	}
	s := &Server{cfg: cfg, mux: http.NewServeMux(), tokens: map[string]time.Time{}, users: map[string]User{}, onboarded: map[string]Onboarding{}}
	for _, u := range cfg.Users {
		s.users[u.Account] = u
	}
	s.mux.HandleFunc("POST /auth/token", s.token)
	s.mux.HandleFunc("POST /users", s.authorized(s.pair))
	s.mux.HandleFunc("POST /users/{account}/onboarding", s.authorized(s.known(s.onboard)))
	for path, answer := range map[string]func(r *http.Request) (any, int){
		"{account}/{period}": s.consumption, "{account}/distribution/{period}": s.distribution, "{account}/realtime": s.realtime,
		"{account}/latest": s.latest, "{account}/performance/{period}": s.performance, "{account}/habits/{period}": s.habits,
		"{account}/trend": s.trend, "{account}/distribution/yearly": s.yearly, "{account}/compound": s.compound,
		"{account}/saving": s.saving,
	} {
		s.mux.HandleFunc("GET /consumption/"+path, s.authorized(s.known(answer)))
	}
	s.mux.HandleFunc("GET /greenness", s.authorized(s.greenness))
	return s
}

// ServeHTTP answers as the vendor does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	s.mux.ServeHTTP(w, r)
}

// token gives one to whoever has the secret, for a form only.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	isForm := strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	if !isForm || r.ParseForm() != nil || r.PostForm.Get("grant_type") != "client_credentials" {
		write(w, http.StatusBadRequest, map[string]string{"error": "invalid_request"})
		return
	}
	if r.PostForm.Get("client_id") != s.cfg.ClientID || r.PostForm.Get("client_secret") != s.cfg.ClientSecret {
		write(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	token, now := rand.Text(), s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for old, until := range s.tokens {
		if !now.Before(until) {
			delete(s.tokens, old)
		}
	}
	s.tokens[token] = now.Add(s.cfg.Lifetime)
	write(w, http.StatusOK, map[string]any{"access_token": token, "expires_in": int(s.cfg.Lifetime.Seconds()), "token_type": "Bearer"})
}

// authorized answers in the envelope, to whoever has a token that is still good.
func (s *Server) authorized(answer func(*http.Request) (any, int)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		s.mu.Lock()
		until, isGiven := s.tokens[token]
		s.mu.Unlock()
		var data any
		status := http.StatusUnauthorized
		if isBearer && isGiven && s.cfg.Now().Before(until) {
			data, status = answer(r)
		}
		write(w, status, map[string]any{"status": status, "data": data})
	}
}

// known answers for accounts that have a meter.
func (s *Server) known(answer func(*http.Request) (any, int)) func(*http.Request) (any, int) {
	return func(r *http.Request) (any, int) {
		if _, isPaired := s.User(r.PathValue("account")); !isPaired {
			return nil, http.StatusNotFound
		}
		return answer(r)
	}
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // whoever asked is gone
}
