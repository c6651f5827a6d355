package podero

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Config is whose contracts they are.
type Config struct {
	Now          func() time.Time // nil: the wall's
	ClientID     string
	ClientSecret string
	Organization string
	User         string
	Lifetime     time.Duration // of a token; zero: ten hours
	// IsGuide: the contract is spelled as in the vendor's guide ("Spot Hourly", energy_price), not as in the reference.
	IsGuide   bool
	Contracts []Contract
}

// Contract is one energy contract. What is empty is null.
type Contract struct {
	ID       string
	Building string
	Meter    string
	Supplier string
	Kind     string // "spot_hourly", "monthly", "yearly", whatever the spelling
	Currency string
	IsWhole  *bool // fees and taxes are in the prices
	Prices   []Price
}

// Price is per kWh, from a time on.
type Price struct {
	Price json.Number `json:"price"`
	At    string      `json:"timestamp"`
}

// Server is the service. It is safe for concurrent use.
type Server struct {
	cfg Config
	mux *http.ServeMux

	mu        sync.Mutex
	tokens    map[string]time.Time // with their ends
	contracts []Contract
	writes    int
}

// New is a service that begins with the contracts of the configuration.
func New(cfg Config) *Server {
	cfg.Lifetime = cmp.Or(cfg.Lifetime, 10*time.Hour)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &Server{cfg: cfg, mux: http.NewServeMux(), tokens: map[string]time.Time{}, contracts: append([]Contract(nil), cfg.Contracts...)}
	const place = "/api/partners/v2.0/org/{org}/users/{user}/energy-contracts"
	s.mux.HandleFunc("POST /oauth2/token/{$}", s.token)
	s.mux.HandleFunc("/oauth2/token", notFound) // or else the mux would send on to the one with the slash
	s.mux.HandleFunc("GET "+place, s.partner(s.list))
	s.mux.HandleFunc("POST "+place, s.partner(s.create))
	s.mux.HandleFunc("PUT "+place+"/{id}", s.partner(s.update))
	s.mux.HandleFunc("/", notFound)
	return s
}

// ServeHTTP answers.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Revoke makes every token invalid.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// Contracts are those that there are now.
func (s *Server) Contracts() []Contract {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Contract(nil), s.contracts...)
}

// Writes counts the contracts that were made or changed.
func (s *Server) Writes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes
}

// token gives a token for the credentials: they come as Basic, and the kind of grant in a JSON document.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Grant string `json:"grant_type"`
	}
	id, secret, isBasic := r.BasicAuth()
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&asked)
	switch {
	case !isBasic || id != s.cfg.ClientID || secret != s.cfg.ClientSecret:
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
	case err != nil || r.Header.Get("Content-Type") != "application/json" || asked.Grant != "client_credentials":
		answer(w, http.StatusBadRequest, map[string]string{"error": "unsupported_grant_type"})
	default:
		token, now := random(15), s.cfg.Now()
		s.mu.Lock()
		for old, end := range s.tokens {
			if !now.Before(end) {
				delete(s.tokens, old)
			}
		}
		s.tokens[token] = now.Add(s.cfg.Lifetime)
		s.mu.Unlock()
		answer(w, http.StatusOK, map[string]any{
			"access_token": token, "expires_in": int(s.cfg.Lifetime.Seconds()), "token_type": "Bearer", "scope": "read write",
		})
	}
}

// partner lets those in who show a token, to the user that there is.
func (s *Server) partner(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		isGood := false
		for token, end := range s.tokens {
			isGood = isGood || r.Header.Get("Authorization") == "Bearer "+token && s.cfg.Now().Before(end)
		}
		s.mu.Unlock()
		switch {
		case !isGood:
			refuse(w, http.StatusUnauthorized, "Unauthorized")
		case r.PathValue("org") != s.cfg.Organization || r.PathValue("user") != s.cfg.User:
			refuse(w, http.StatusNotFound, "Not Found")
		default:
			next(w, r)
		}
	}
}

func random(bytes int) string {
	raw := make([]byte, bytes)
	_, _ = rand.Read(raw) // it never fails
	return hex.EncodeToString(raw)
}

// newID is an id in the form of a UUID.
func newID() string {
	x := random(16)
	return fmt.Sprintf("%s-%s-4%s-8%s-%s", x[:8], x[8:12], x[13:16], x[17:20], x[20:])
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func notFound(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "Not Found") }

func refuse(w http.ResponseWriter, status int, detail string) {
	answer(w, status, map[string]string{"detail": detail})
}
