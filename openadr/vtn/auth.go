package vtn

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// anonymous is the client id of everybody where no token is asked for.
const anonymous = "anonymous"

// issued is a token.
type issued struct {
	client string
	end    time.Time
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
	if v.cfg.ClientID == "" && len(v.cfg.Business) == 0 {
		problem(w, http.StatusNotImplemented, "this vtn asks for no token")
		return
	}
	id, secret := credentials(r)
	switch {
	case r.Method == http.MethodPost && r.PostFormValue("grant_type") != "client_credentials":
		authError(w, http.StatusBadRequest, "unsupported_grant_type")
	case !v.isClient(id, secret):
		authError(w, http.StatusUnauthorized, "invalid_client")
	default:
		token := rand.Text()
		v.mu.Lock()
		maps.DeleteFunc(v.tokens, func(_ string, t issued) bool { return !v.cfg.Now().Before(t.end) })
		v.tokens[token] = issued{id, v.cfg.Now().Add(v.cfg.TokenLife)}
		v.mu.Unlock()
		answer(w, map[string]any{
			"access_token": token, "token_type": "Bearer", "expires_in": int(v.cfg.TokenLife / time.Second), "scope": v.scope(id),
		})
	}
}

// credentials are in the form, in the Authorization header (RFC 6749, section 2.3.1), or in headers of their own,
// as 3.0.0 has them in a GET.
func credentials(r *http.Request) (id, secret string) {
	if r.Method == http.MethodGet {
		return r.Header.Get("clientID"), r.Header.Get("clientSecret")
	}
	user, password, isBasic := r.BasicAuth()
	if !isBasic {
		return r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	id, errID := url.QueryUnescape(user)
	secret, errSecret := url.QueryUnescape(password)
	if errID != nil || errSecret != nil {
		return "", ""
	}
	return id, secret
}

func (v *VTN) isClient(id, secret string) bool {
	isKnown := 0
	if v.cfg.ClientID != "" {
		isKnown = isSame(id, v.cfg.ClientID) & isSame(secret, string(v.cfg.ClientSecret))
		for other, theirs := range v.cfg.Clients {
			isKnown |= isSame(id, other) & isSame(secret, string(theirs))
		}
	}
	for other, theirs := range v.cfg.Business {
		isKnown |= isSame(id, other) & isSame(secret, string(theirs))
	}
	return isKnown == 1
}

func isSame(a, b string) int { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) }

func authError(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code})
}

// authorized is who asks; false without a living token. Where VENs need none the business side still does.
func (v *VTN) authorized(r *http.Request) (client string, ok bool) {
	if v.cfg.ClientID == "" && (len(v.cfg.Business) == 0 || r.Header.Get("Authorization") == "") {
		return anonymous, true
	}
	token, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	v.mu.Lock()
	defer v.mu.Unlock()
	t, isIssued := v.tokens[token]
	return t.client, isBearer && isIssued && v.cfg.Now().Before(t.end)
}

// RevokeTokens makes every token issued so far worthless.
func (v *VTN) RevokeTokens() {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.tokens)
}

type clientKey struct{}

func withClient(r *http.Request, client string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), clientKey{}, client))
}

// client is the id of who sent a request that was let in.
func client(r *http.Request) string {
	id, _ := r.Context().Value(clientKey{}).(string)
	return id
}
