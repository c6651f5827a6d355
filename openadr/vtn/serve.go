package vtn

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/openadr"
)

func (v *VTN) routes() {
	v.mux.HandleFunc("GET /auth/server", v.authServer)
	v.mux.HandleFunc("POST /auth/token", v.authToken)
	v.mux.HandleFunc("GET /programs", func(w http.ResponseWriter, r *http.Request) { list(v, w, r, v.visiblePrograms(r)) })
	v.mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) { list(v, w, r, v.visibleEvents(r)) })
	v.mux.HandleFunc("GET /programs/{id}", func(w http.ResponseWriter, r *http.Request) {
		one(w, r, v.visiblePrograms(r), func(p openadr.Program) string { return p.ID })
	})
	v.mux.HandleFunc("GET /events/{id}", func(w http.ResponseWriter, r *http.Request) {
		one(w, r, v.visibleEvents(r), func(e openadr.Event) string { return e.ID })
	})
	v.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusNotFound, "no such path or method")
	})
}

// ServeHTTP notes the request, then answers it or misbehaves.
func (v *VTN) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	v.requests = append(v.requests[max(0, len(v.requests)-maxRequests+1):], r.Method+" "+r.URL.RequestURI())
	f := v.fault
	v.mu.Unlock()
	if f.on != nil && f.on(r) {
		f.kind.serve(w, r, http.HandlerFunc(v.serve))
		return
	}
	v.serve(w, r)
}

func (v *VTN) serve(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/auth/") && !v.isAuthorized(r) {
		problem(w, http.StatusUnauthorized, "no valid token")
		return
	}
	v.mux.ServeHTTP(w, r)
}

func (v *VTN) visiblePrograms(r *http.Request) []openadr.Program {
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []openadr.Program
	for _, p := range v.programs {
		if v.isVisible(p.Targets, r) {
			out = append(out, p)
		}
	}
	return out
}

func (v *VTN) visibleEvents(r *http.Request) []openadr.Event {
	v.mu.Lock()
	defer v.mu.Unlock()
	program := r.URL.Query().Get("programID")
	var out []openadr.Event
	for _, e := range v.events {
		if v.isVisible(e.Targets, r) && (program == "" || program == e.ProgramID) {
			out = append(out, e)
		}
	}
	return out
}

// isVisible says that the client may see an object with these targets, and asked for no others.
func (v *VTN) isVisible(targets []string, r *http.Request) bool {
	isOneOf := func(of []string) bool {
		return slices.ContainsFunc(targets, func(t string) bool { return slices.Contains(of, t) })
	}
	asked := r.URL.Query()["targets"]
	return (len(targets) == 0 || isOneOf(v.cfg.Granted)) && (len(asked) == 0 || isOneOf(asked))
}

// list answers with the page that skip and limit ask for.
func list[T any](v *VTN, w http.ResponseWriter, r *http.Request, objects []T) {
	q := r.URL.Query()
	skip, errSkip := number(q.Get("skip"), 0)
	limit, errLimit := number(q.Get("limit"), v.cfg.PageLimit)
	if errSkip != nil || errLimit != nil || skip < 0 || limit < 0 || limit > maxPage {
		problem(w, http.StatusBadRequest, "skip must be 0 or more, limit 0 to 50")
		return
	}
	objects = objects[min(skip, len(objects)):]
	answer(w, append([]T{}, objects[:min(limit, v.cfg.PageLimit, len(objects))]...)) // [] rather than null
}

func number(s string, otherwise int) (int, error) {
	if s == "" {
		return otherwise, nil
	}
	return strconv.Atoi(s)
}

func one[T any](w http.ResponseWriter, r *http.Request, objects []T, id func(T) string) {
	for _, o := range objects {
		if id(o) == r.PathValue("id") {
			answer(w, o)
			return
		}
	}
	problem(w, http.StatusNotFound, "no object with this id")
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // the client is gone: nobody left to tell
}

func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(openadr.Problem{Title: http.StatusText(status), Status: status, Detail: detail})
}

func (v *VTN) authServer(w http.ResponseWriter, r *http.Request) {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	answer(w, map[string]string{"tokenURL": scheme + "://" + r.Host + "/auth/token"})
}

// authToken issues a token for the client credentials grant (RFC 6749, section 4.4).
func (v *VTN) authToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if v.cfg.ClientID == "" {
		problem(w, http.StatusNotImplemented, "this vtn asks for no token")
		return
	}
	isKnown := isSame(r.PostFormValue("client_id"), v.cfg.ClientID) &
		isSame(r.PostFormValue("client_secret"), string(v.cfg.ClientSecret))
	switch {
	case r.PostFormValue("grant_type") != "client_credentials":
		authError(w, http.StatusBadRequest, "unsupported_grant_type")
	case isKnown != 1:
		authError(w, http.StatusUnauthorized, "invalid_client")
	default:
		token := rand.Text()
		v.mu.Lock()
		maps.DeleteFunc(v.tokens, func(_ string, end time.Time) bool { return !v.cfg.Now().Before(end) })
		v.tokens[token] = v.cfg.Now().Add(v.cfg.TokenLife)
		v.mu.Unlock()
		answer(w, map[string]any{
			"access_token": token, "token_type": "Bearer", "expires_in": int(v.cfg.TokenLife / time.Second),
		})
	}
}

func isSame(a, b string) int { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) }

func authError(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code})
}

func (v *VTN) isAuthorized(r *http.Request) bool {
	if v.cfg.ClientID == "" {
		return true
	}
	token, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	v.mu.Lock()
	defer v.mu.Unlock()
	end, isIssued := v.tokens[token]
	return isBearer && isIssued && v.cfg.Now().Before(end)
}
