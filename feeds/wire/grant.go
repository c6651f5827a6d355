package wire

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"hearth/feeds"
)

// Grant asks for a token as OAuth gives it: access_token, expires_in, token_type. An answer of status 200 that holds
// an error is an error.
func (c *Client) Grant(ctx context.Context, r Request) (Grant, error) {
	a, err := c.Do(ctx, r)
	if err != nil {
		return Grant{}, err
	}
	g, err := readGrant(r, a)
	return g, c.Hide(r, err)
}

// JWT asks for a token that is told as it is, bare or in quotes, and says itself when it ends. One in a document as
// [Client.Grant] reads it is taken as well.
func (c *Client) JWT(ctx context.Context, r Request) (Grant, error) {
	if len(r.Accepts) == 0 { // the media type of a bare token is anybody's guess
		r.Accepts = []string{"application/jwt", "text/plain", jsonType}
	}
	a, err := c.Do(ctx, r)
	if err != nil {
		return Grant{}, err
	}
	text := strings.TrimSpace(string(a.Body))
	if strings.HasPrefix(text, "{") {
		g, err := readGrant(r, a)
		return g, c.Hide(r, err)
	}
	if strings.HasPrefix(text, `"`) && json.Unmarshal([]byte(text), &text) != nil {
		return Grant{}, feeds.Fail(feeds.Temporary, "%s: the answer is no token", r.place())
	}
	lifetime, isToken := jwtLifetime(text, serverTime(a.Header, c.Time()))
	if !isToken {
		return Grant{}, feeds.Fail(feeds.Temporary, "%s: the answer is no token", r.place())
	}
	return Grant{Token: text, Lifetime: lifetime}, nil
}

func readGrant(r Request, a Answer) (Grant, error) {
	var doc struct {
		Token string          `json:"access_token"`
		Type  string          `json:"token_type"`
		In    json.RawMessage `json:"expires_in"`
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(a.Body, &doc) != nil { // the cause may hold what was sent
		return Grant{}, feeds.Fail(feeds.Temporary, "%s: the answer is no token", r.place())
	}
	isError := len(doc.Error) > 0 && string(doc.Error) != "null"
	switch {
	case isError && strings.Contains(string(doc.Error), "temporarily_unavailable"), isError && strings.Contains(string(doc.Error), "server_error"):
		return Grant{}, feeds.Fail(feeds.Temporary, "%s: no token%s", r.place(), a.Detail())
	case isError:
		return Grant{}, feeds.Fail(feeds.Misconfigured, "%s: no token%s", r.place(), a.Detail())
	case doc.Token == "" || strings.ContainsAny(doc.Token, "\r\n\x00 "):
		return Grant{}, feeds.Fail(feeds.Temporary, "%s: the answer holds no token%s", r.place(), a.Detail())
	}
	g := Grant{Token: doc.Token, Type: doc.Type, Lifetime: seconds(doc.In)}
	if strings.EqualFold(g.Type, "bearer") { // RFC 6750 wants it capital, servers say it as they like
		g.Type = "Bearer"
	}
	return g, nil
}

// seconds reads a number or a number in quotes; what is neither, or not positive, was not said.
func seconds(raw json.RawMessage) time.Duration {
	n, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
	if err != nil || !(n > 0) {
		return 0
	}
	return time.Duration(math.Min(n, 366*24*3600) * float64(time.Second))
}

// jwtLifetime reads how long a token lasts, and trusts nothing else in it: the server will check it. Where it says
// when it was made, no clock is needed.
func jwtLifetime(token string, now time.Time) (lifetime time.Duration, isToken bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return 0, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	var claims struct{ Exp, Iat float64 }
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return 0, false
	}
	switch {
	case claims.Exp <= 0:
		return 0, true
	case claims.Iat > 0 && claims.Iat < claims.Exp:
		return seconds(json.RawMessage(strconv.FormatFloat(claims.Exp-claims.Iat, 'f', -1, 64))), true
	}
	left := time.Unix(int64(math.Min(claims.Exp, 1<<40)), 0).Sub(now)
	if left <= 0 {
		return 0, true // ended before it came: a clock is wrong, and it is used until it is refused
	}
	return left, true
}
