// Package fram is a small server in the shapes of the Fram API, for tests and for the demo.
//
// # Basics
//
// [New] makes an [http.Handler] of what a [Config] holds: a token service at /oauth/token, and the lists of the publisher
// below /api/v1, in pages, with the filters that they demand.
//
// # Caveats
//
// The publisher spells out only a part of its shapes. Where it does not, the server has one of the possible ones: the
// fields of a pagination, the names inside energy maps, that the last day of a rate belongs to it. There are no users.
package fram

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config is who may ask, and what there is.
type Config struct {
	Now                              func() time.Time // nil: the wall's
	ClientID, ClientSecret, Audience string
	MaxLimit                         int  // of a page; zero: 300
	HidesPages                       bool // the pagination does not say how many pages there are
	Data
}

// Server answers as the publisher does. It is safe for concurrent use.
type Server struct {
	cfg Config
	mux *http.ServeMux

	mu     sync.Mutex
	tokens map[string]time.Time // their ends
}

// New is a server of a configuration, which is not changed any more.
func New(cfg Config) *Server {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.MaxLimit == 0 {
		cfg.MaxLimit = 300
	}
	s := &Server{cfg: cfg, mux: http.NewServeMux(), tokens: map[string]time.Time{}}
	s.mux.HandleFunc("POST /oauth/token", s.token)
	for path, h := range s.handlers() {
		s.mux.HandleFunc("GET /api/v1/"+path, s.guarded(h))
	}
	return s
}

// ServeHTTP answers one question.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// lifetime is that of a token.
const lifetime = 24 * time.Hour

// token grants one to whoever knows the secret and asks for the right audience.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	var q struct {
		ID        string `json:"client_id"`
		Secret    string `json:"client_secret"`
		Audience  string `json:"audience"`
		GrantType string `json:"grant_type"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&q)
	switch {
	case err != nil || q.GrantType != "client_credentials":
		say(w, http.StatusBadRequest, map[string]string{"error": "unsupported_grant_type"})
	case q.ID != s.cfg.ClientID || q.Secret != s.cfg.ClientSecret:
		say(w, http.StatusUnauthorized, map[string]string{"error": "access_denied", "error_description": "Unauthorized"})
	case q.Audience != s.cfg.Audience:
		say(w, http.StatusForbidden, map[string]string{"error": "access_denied", "error_description": "Service not enabled within domain: " + q.Audience})
	default:
		token := rand.Text()
		s.mu.Lock()
		s.tokens[token] = s.cfg.Now().Add(lifetime)
		s.mu.Unlock()
		say(w, http.StatusOK, map[string]any{"access_token": token, "expires_in": int(lifetime.Seconds()), "token_type": "Bearer"})
	}
}

// guarded lets in whoever has a token that has not ended.
func (s *Server) guarded(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		s.mu.Lock()
		end, isKnown := s.tokens[token]
		s.mu.Unlock()
		if !isBearer || !isKnown || !s.cfg.Now().Before(end) {
			refuse(w, http.StatusUnauthorized, "invalid or expired token")
			return
		}
		h(w, r)
	}
}

func say(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, status int, why string) {
	say(w, status, map[string]string{"message": why})
}
