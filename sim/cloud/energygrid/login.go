package energygrid

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

// claims are what a customer's token says.
type claims struct {
	Subject string `json:"sub"`
	Issued  int64  `json:"iat"`
	Ends    int64  `json:"exp"`
}

var tokenHead = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`))

// login exchanges the utility's identity token for the customer's.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		IdentityToken string `json:"identityToken"`
	}
	switch err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&asked); {
	case err != nil || r.Header.Get("Content-Type") != "application/json":
		refuse(w, r, http.StatusBadRequest, "the login wants a JSON document")
	case asked.IdentityToken == "" || asked.IdentityToken != s.cfg.IdentityToken:
		refuse(w, r, http.StatusUnauthorized, "the identity token is not one of ours")
	default:
		now := s.cfg.Now()
		payload, _ := json.Marshal(claims{"customer", now.Unix(), now.Add(s.cfg.Lifetime).Unix()})
		text := tokenHead + "." + base64.RawURLEncoding.EncodeToString(payload)
		answer(w, text+"."+s.sign(text))
	}
}

// sign is the seal of a text under the present key.
func (s *Server) sign(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return seal(s.key, text)
}

func seal(key []byte, text string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// customer lets those in who show a token that is ours and has not ended.
func (s *Server) customer(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !isBearer || !s.isGood(token) {
			refuse(w, r, http.StatusUnauthorized, "the customer token is missing or has ended")
			return
		}
		next(w, r)
	}
}

func (s *Server) isGood(token string) bool {
	end := strings.LastIndex(token, ".")
	if end < 0 || !hmac.Equal([]byte(token[end+1:]), []byte(s.sign(token[:end]))) {
		return false
	}
	_, payload, _ := strings.Cut(token[:end], ".")
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	var c claims
	return err == nil && json.Unmarshal(raw, &c) == nil && s.cfg.Now().Unix() < c.Ends
}
