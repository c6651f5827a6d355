package wire

import (
	"net/http"
	"strings"
	"testing"

	"hearth/feeds"
)

// Whatever a token endpoint says, there is a token that can be sent, or an error that does not repeat it.
func FuzzGrant(f *testing.F) {
	for _, seed := range []string{
		`{"access_token":"abcdef","expires_in":3600,"token_type":"Bearer"}`, `{"error":"invalid_client"}`, `"a.b.c"`, "", "[]", jwt(`{"exp":1}`),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := Request{URL: parse(t, "http://example.org/token")}
		g, err := readGrant(r, Answer{Status: 200, Body: []byte(body)})
		if (err == nil) != (g.Token != "") || g.Lifetime < 0 || strings.ContainsAny(g.Token, "\r\n") {
			t.Errorf("%+v, %v", g, err)
		}
	})
}

// Whatever a token says of its end, it lasts for a time that can be waited for.
func FuzzJWT(f *testing.F) {
	for _, seed := range []string{`{"exp":1778587200}`, `{"iat":1,"exp":2}`, `{"exp":-1}`, `{"exp":1e308,"iat":-1e308}`, `{"exp":"x"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, claims string) {
		if life, isToken := jwtLifetime(jwt(claims), noon); life < 0 || life != 0 && !isToken {
			t.Errorf("%v, %v", life, isToken)
		}
		_, _ = jwtLifetime(claims, noon)
	})
}

// Whatever a server asks for, it is not in the past, and at most a day.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"0", "120", "-1", "99999999999999999999", "Tue, 12 May 2026 18:05:00 GMT", "soon", "1.5", "Tue, 12 May 0000 18:05:00 GMT"} {
		f.Add(seed, "Tue, 12 May 2026 18:00:00 GMT")
	}
	f.Fuzz(func(t *testing.T, after, date string) {
		at := RetryAfter(http.Header{"Retry-After": {after}, "Date": {date}}, noon)
		if !at.IsZero() && (at.Before(noon) || at.After(noon.Add(feeds.MaxPatience))) {
			t.Errorf("%q has become %v", after, at)
		}
	})
}

// A secret of some length is in no text afterwards, and what is shown has one line.
func FuzzHidden(f *testing.F) {
	f.Add("key k3y-in-the-query is wrong", "k3y-in-the-query")
	f.Add("******", "******")
	f.Add("a+b c%2Bd", "b c%2Bd")
	f.Fuzz(func(t *testing.T, text, secret string) {
		if line := feeds.OneLine(text); strings.ContainsAny(line, "\r\n\x00\x1b") || len([]rune(line)) > 200 {
			t.Errorf("%q", line)
		}
		if got := hidden(text, []string{secret}); len(secret) >= shortest && !isDay(secret) && !strings.Contains(secret, "*") && strings.Contains(got, secret) {
			t.Errorf("%q is in %q", secret, got)
		}
	})
}
