package openadr

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// tokens keeps the access token of the OAuth client credentials grant (RFC 6749, section 4.4).
type tokens struct {
	client *Client
	fixed  *url.URL // configured; nil: discover

	mu      sync.Mutex // held while a token is fetched, so that concurrent requests share one
	token   string
	renew   time.Time // from here on a new one is wanted
	ends    time.Time // the old one serves until here if none is to be had
	found   *url.URL  // discovered; nil: not yet, or it was wrong
	foundAt time.Time
}

// foundFor is how long a discovered endpoint is used before it is asked for again: a VTN may move it.
const foundFor = 24 * time.Hour

// defaultLife is for tokens that do not say how long they live.
const defaultLife = time.Hour

// current is a token to use now; empty for a nil receiver, which is anonymous.
func (t *tokens) current(ctx context.Context) (string, error) {
	if t == nil {
		return "", nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.client.cfg.Now()
	if t.token != "" && now.Before(t.renew) {
		return t.token, nil
	}
	token, life, err := t.fetch(ctx)
	switch {
	case err == nil:
		// Renewed after four fifths of its life, no request meets an expired one on the way.
		t.token, t.renew, t.ends = token, now.Add(life*4/5), now.Add(life)
	case t.token != "" && now.Before(t.ends):
		t.renew = now.Add(time.Minute) // one try a minute, not one for each page
	default:
		return "", err
	}
	return t.token, nil
}

// drop forgets the token, unless another request has already replaced it.
func (t *tokens) drop(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token {
		t.token = ""
	}
}

func (t *tokens) fetch(ctx context.Context) (token string, life time.Duration, err error) {
	endpoint, err := t.endpoint(ctx)
	if err != nil {
		return "", 0, err
	}
	defer func() {
		if kind := KindOf(err); err != nil && kind != Unreachable && kind != Unavailable {
			t.found = nil // somebody else may live there now
		}
	}()
	cfg := &t.client.cfg
	token, life, err = t.ask(cfg.postForToken(ctx, endpoint))
	var e *Error
	if !errors.As(err, &e) {
		return token, life, err
	}
	if cfg.Dialect != Dialect31 && cfg.AuthStyle == AuthInBody && hasNoPOST(e.Status) {
		token, life, err = t.ask(cfg.getForToken(ctx, endpoint))
	}
	if errors.As(err, &e) && e.Kind == Refused {
		e.Kind = Unauthorized // RFC 6749, section 5.2: 400 is how a wrong client may be told
	}
	return token, life, hide(err, cfg.ClientSecret)
}

// hasNoPOST says that nothing at this address takes a POST.
func hasNoPOST(status int) bool {
	return status == http.StatusNotFound || status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented
}

// postForToken is the request of RFC 6749, section 4.4.2.
func (c *Config) postForToken(ctx context.Context, endpoint *url.URL) (*http.Request, error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	if c.Scope != "" {
		form.Set("scope", c.Scope)
	}
	if c.AuthStyle == AuthInBody {
		form.Set("client_id", c.ClientID)
		form.Set("client_secret", string(c.ClientSecret))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if c.AuthStyle == AuthBasic { // section 2.3.1: each is form-encoded first
		req.SetBasicAuth(url.QueryEscape(c.ClientID), url.QueryEscape(string(c.ClientSecret)))
	}
	return req, nil
}

// The headers of getForToken.
const (
	headerID     = "clientID"
	headerSecret = "clientSecret"
)

// getForToken is how 3.0.0 asks for one.
func (c *Config) getForToken(ctx context.Context, endpoint *url.URL) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set(headerID, c.ClientID)
	req.Header.Set(headerSecret, string(c.ClientSecret))
	return req, nil
}

func (t *tokens) ask(req *http.Request, err error) (token string, life time.Duration, _ error) {
	const op = "get token"
	if err != nil {
		return "", 0, refusal(op, err)
	}
	req.Header.Set("Accept", "application/json")
	body, status, err := t.client.send(op, req)
	if err != nil {
		return "", 0, err
	}
	return readToken(op, status, body, t.client.cfg.Now())
}

// readToken reads the answer of a token endpoint: an object, or the bare JWT that some VTNs send.
func readToken(op string, status int, body []byte, now time.Time) (string, time.Duration, error) {
	if jwt := strings.Trim(string(body), "\" \t\r\n"); isJWT(jwt) {
		return jwt, lifeOf(jwt, now), nil
	}
	if err := bodyError(op, status, body); err != nil {
		return "", 0, err
	}
	var answer struct {
		Token string      `json:"access_token"`
		Life  json.Number `json:"expires_in"` // optional; some quote it
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", 0, shapeError(op, err)
	}
	if answer.Token == "" || strings.ContainsFunc(answer.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", 0, shapeError(op, errors.New("no usable access_token"))
	}
	if seconds, err := answer.Life.Float64(); err == nil && seconds > 0 {
		return answer.Token, capLife(seconds), nil
	}
	return answer.Token, lifeOf(answer.Token, now), nil
}

// isJWT says that the text looks like one: three dotted parts, the first a JSON object in base64.
func isJWT(s string) bool {
	return strings.Count(s, ".") == 2 && strings.HasPrefix(s, "eyJ") &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == ""
}

// lifeOf is how long the token lives by its own claim, if it is a JWT that makes one.
func lifeOf(token string, now time.Time) time.Duration {
	parts := strings.Split(token, ".")
	if !isJWT(token) {
		return defaultLife
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return defaultLife
	}
	var claim struct {
		Expires float64 `json:"exp"`
	}
	left := 0.0
	if json.NewDecoder(bytes.NewReader(claims)).Decode(&claim) == nil {
		left = claim.Expires - float64(now.Unix())
	}
	if left <= 0 { // no claim, or our clock is wrong
		return defaultLife
	}
	return capLife(left)
}

// capLife renews at least once a day, whatever the endpoint promises.
func capLife(seconds float64) time.Duration {
	return time.Duration(min(seconds, 86400) * float64(time.Second))
}

// endpoint is where tokens are got: configured, or as the VTN says, or where the reference VTN has it. What was
// found is kept: after an outage every request more is one that all homes make.
func (t *tokens) endpoint(ctx context.Context) (*url.URL, error) {
	if t.fixed != nil {
		return t.fixed, nil
	}
	now := t.client.cfg.Now()
	if age := now.Sub(t.foundAt); t.found != nil && age >= 0 && age < foundFor {
		return t.found, nil
	}
	u, err := t.discover(ctx)
	if err == nil {
		t.found, t.foundAt = u, now
	}
	return u, err
}

func (t *tokens) discover(ctx context.Context) (*url.URL, error) {
	const op = "get auth server"
	base := t.client.base
	fallback := base.JoinPath("auth", "token")
	if t.client.cfg.Dialect != Dialect31 {
		return fallback, nil // 3.0 has no such path
	}
	body, err := t.client.once(ctx, request{op: op, method: http.MethodGet, url: base.JoinPath("auth", "server")}, "")
	switch KindOf(err) {
	case "":
		if err != nil {
			return nil, err
		}
	case Unreachable, Unavailable, Redirected, Truncated, TooLarge:
		var e *Error
		if errors.As(err, &e) && e.Status == http.StatusNotImplemented {
			return fallback, nil
		}
		return nil, err
	default: // optional: 404, some other refusal, or a page
		return fallback, nil
	}
	var said struct {
		TokenURL string `json:"tokenURL"`
	}
	if json.Unmarshal(body, &said) != nil || said.TokenURL == "" {
		return fallback, nil
	}
	u, err := t.client.cfg.endpoint("token url", said.TokenURL)
	if err == nil && base.Scheme == "https" && u.Scheme != "https" && !t.client.cfg.AllowHTTP {
		err = errors.New("token url: http, where the vtn itself has https")
	}
	if err != nil {
		return nil, &Error{Op: op, Kind: Redirected, Detail: OneLine(err.Error()), cause: err}
	}
	return u, nil
}
