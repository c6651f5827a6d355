package wire

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"hearth/feeds"
)

var noon = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// serve is a server for one handler, and a request to it with a key in its query.
func serve(t *testing.T, h http.HandlerFunc) Request {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return Request{URL: parse(t, server.URL+"/prices?key="+key)}
}

const key = "k3y-in-the-query"

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func answer(status int, kind, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestClient_TakesWhatItAskedFor(t *testing.T) {
	for _, c := range []struct {
		kind    string
		accepts []string
	}{
		{"application/json", nil},
		{"Application/JSON; charset=utf-8", nil},
		{"application/vnd.api+json", nil},
		{"text/csv", []string{"text/csv"}},
	} {
		r := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Key") != key || r.Header.Get("User-Agent") != "hearth" || r.Method != "GET" {
				t.Errorf("asked with %s %v", r.Method, r.Header)
			}
			answer(200, c.kind, `{"price": 0.1}`)(w, r)
		})
		r.Accepts = c.accepts
		client := Client{Headers: http.Header{"x-key": {key}}}
		var doc struct{ Price float64 }
		if err := client.JSON(t.Context(), r, &doc); err != nil || doc.Price != 0.1 {
			t.Errorf("%s: %v, %v", c.kind, doc, err)
		}
	}
}

func TestClient_SaysWhatIsToBeDone(t *testing.T) {
	problem := `{"type":"about:blank","title":"No","detail":"zone  XY\nis unknown"}`
	for _, c := range []struct {
		name  string
		h     http.HandlerFunc
		kind  feeds.FailureKind
		after time.Duration // zero: not said
		says  string
	}{
		{"500", answer(500, "text/plain", "oh"), feeds.Temporary, 0, "status 500"},
		{"503 seconds", answer(503, "text/plain", "", "Retry-After", "90"), feeds.Temporary, 90 * time.Second, "status 503"},
		{"429 date, server's clock", answer(429, "text/plain", "", "Retry-After", "Tue, 12 May 2026 18:05:00 GMT", "Date", "Tue, 12 May 2026 18:00:00 GMT"), feeds.Temporary, 5 * time.Minute, "status 429"},
		{"429 for ever", answer(429, "text/plain", "", "Retry-After", "99999999999999"), feeds.Temporary, 24 * time.Hour, "status 429"},
		{"429 nonsense", answer(429, "text/plain", "", "Retry-After", "soon"), feeds.Temporary, 0, "status 429"},
		{"429 negative", answer(429, "text/plain", "", "Retry-After", "-5"), feeds.Temporary, 0, "status 429"},
		{"408", answer(408, "text/plain", ""), feeds.Temporary, 0, "status 408"},
		{"400 problem", answer(400, "application/problem+json", problem), feeds.Misconfigured, 0, "status 400: zone XY is unknown"},
		{"401", answer(401, "application/json", `{"error":"invalid_token"}`), feeds.Misconfigured, 0, "status 401: invalid_token"},
		{"400 reason", answer(400, "application/json", `{"error":true,"reason":"no such model"}`), feeds.Misconfigured, 0, "status 400: no such model"},
		{"422 text", answer(422, "application/json", `{"result":null,"message":{"code":422,"type":"error","text":"no such plane"}}`), feeds.Misconfigured, 0, "status 422: no such plane"},
		{"404", answer(404, "text/html", "<html>"), feeds.Misconfigured, 0, "status 404"},
		{"304", answer(304, "", ""), feeds.Temporary, 0, "status 304"},
		{"portal", answer(200, "text/html", "<html>Welcome"), feeds.Temporary, 0, `"text/html", not application/json`},
		{"no type", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			_, _ = w.Write([]byte("{}"))
		}, feeds.Temporary, 0, `is ""`},
		{"empty", answer(200, "application/json", ""), feeds.Temporary, 0, "not what it should be"},
		{"garbage", answer(200, "application/json", `{"price":`), feeds.Temporary, 0, "not what it should be"},
		{"cut", answer(200, "application/json", `{}`, "Content-Length", "50"), feeds.Temporary, 0, "unexpected EOF"},
		{"large", answer(200, "application/json", `"`+strings.Repeat("x", 2000)+`"`), feeds.Temporary, 0, "more than 1000 bytes"},
		{"bomb", bomb, feeds.Temporary, 0, "more than 1000 bytes"},
		{"elsewhere", answer(302, "", "", "Location", "http://other.example/?key="+key), feeds.Temporary, 0, "another host"},
		{"circle", answer(302, "", "", "Location", "/prices"), feeds.Temporary, 0, "in a circle"},
		{"bad location", answer(302, "", "", "Location", "http://%zz/"+key), feeds.Temporary, 0, "Location"},
		{"echo", answer(403, "application/json", `{"message":"key `+key+` is unknown"}`), feeds.Misconfigured, 0, "status 403: key *** is unknown"},
		{"hang up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, feeds.Temporary, 0, "EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := Client{Now: atNoon, MaxBody: 1000}
			var doc any
			err := client.JSON(t.Context(), serve(t, c.h), &doc)
			var f *feeds.Failure
			if !errors.As(err, &f) || f.Kind != c.kind || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%q, want %s with %q", err, c.kind, c.says)
			}
			if at := feeds.NotBefore(err); c.after == 0 && !at.IsZero() || c.after != 0 && !at.Equal(noon.Add(c.after)) {
				t.Errorf("not before %v", at)
			}
			if _, digits, isRefused := strings.Cut(c.says, "status "); isRefused != (feeds.StatusOf(err) != 0) || isRefused && !strings.HasPrefix(digits, strconv.Itoa(feeds.StatusOf(err))) {
				t.Errorf("status %d of %q", feeds.StatusOf(err), c.says)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %q", err, err, errors.Unwrap(err)), key) {
				t.Errorf("the key is in %q", err)
			}
		})
	}
}

// bomb is small on the wire.
func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	_, _ = z.Write(make([]byte, 1<<20))
	_ = z.Close()
}

func TestClient_FollowsOnItsHost(t *testing.T) {
	r := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/prices" {
			http.Redirect(w, r, "/v2/prices", http.StatusMovedPermanently)
			return
		}
		answer(200, "application/json", `{}`)(w, r)
	})
	for _, client := range []Client{{}, {HTTP: &http.Client{}}} {
		if _, err := client.Do(t.Context(), r); err != nil {
			t.Error(err)
		}
	}
}

// A client that is handed in follows no more than our own.
func TestClient_SendsNoKeyToAnotherHost(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the other host was asked") }))
	defer other.Close()
	client := Client{HTTP: &http.Client{}, Headers: http.Header{"X-Key": {key}}}
	if _, err := client.Do(t.Context(), serve(t, answer(307, "", "", "Location", other.URL))); !errors.Is(err, errRedirect) {
		t.Error(err)
	}
}

func TestClient_KeepsItsDeadline(t *testing.T) {
	r := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.(http.Flusher).Flush() // the head comes, the body does not
		<-r.Context().Done()
	})
	client := Client{Timeout: 50 * time.Millisecond}
	if _, err := client.Do(t.Context(), r); !errors.Is(err, errSlow) || feeds.KindOf(err) != feeds.Temporary {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (&Client{}).Do(ctx, r); !errors.Is(err, context.Canceled) {
		t.Errorf("given up, and got %v", err)
	}
}

func TestClient_TakesOtherStatuses(t *testing.T) {
	r := serve(t, answer(204, "", ""))
	r.Good = []int{200, 204}
	if a, err := (&Client{}).Do(t.Context(), r); err != nil || a.Status != 204 || len(a.Body) != 0 {
		t.Errorf("%v, %v", a, err)
	}
}

func TestClient_RefusesWhatCannotBeAsked(t *testing.T) {
	good := parse(t, "http://127.0.0.1:1/")
	for name, c := range map[string]struct {
		client Client
		r      Request
	}{
		"no URL":     {Client{}, Request{}},
		"no host":    {Client{}, Request{URL: parse(t, "/prices")}},
		"method":     {Client{}, Request{URL: good, Method: "GE T"}},
		"line break": {Client{Headers: http.Header{"X-Key": {key + "\n"}}}, Request{URL: good}},
	} {
		if _, err := c.client.Do(t.Context(), c.r); feeds.KindOf(err) != feeds.Misconfigured || err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (&Client{}).Do(t.Context(), Request{URL: good}); feeds.KindOf(err) != feeds.Temporary {
		t.Errorf("nobody listens: %v", err)
	}
}

// Whatever was sent, a server that repeats it does not make us tell it.
func TestClient_HidesWhatItSent(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answer(400, "application/json", fmt.Sprintf(`{"detail":%q}`, fmt.Sprint(r.Header["X-Key"], string(body), r.URL.RequestURI())))(w, r)
	}
	u := serve(t, echo).URL
	u.Path = "/path-secret/prices"
	for name, r := range map[string]Request{
		"form":   PostForm(u, url.Values{"client_secret": {"form secret+1"}}),
		"json":   PostJSON(u, map[string]any{"client_secret": "json-secret", "days": 2}),
		"header": {URL: u, Headers: http.Header{"X-Key": {"header-secret"}}},
	} {
		_, err := (&Client{Secrets: []string{"path-secret"}}).Do(t.Context(), r)
		if err == nil || !strings.Contains(err.Error(), "***") || feeds.KindOf(err) != feeds.Misconfigured {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, secret := range []string{"secret+1", "secret%2B1", "json-secret", "header-secret", "path-secret", key} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %q is in %q", name, secret, err)
			}
		}
	}
	if got := hidden("no price for 2026-05-12", []string{"2026-05-12", "", "no"}); got != "no price for 2026-05-12" {
		t.Errorf("too much is hidden: %q", got)
	}
}

// What a decoder or the network says of what came may be as long as what came.
func TestClient_SaysNoMoreThanAFewLines(t *testing.T) {
	long := strings.Repeat("9", 2<<20)
	for name, h := range map[string]http.HandlerFunc{
		"number":      answer(200, "application/json", `{"count":`+long+`}`),
		"time":        answer(200, "application/json", `{"at":"`+long+`"}`),
		"media type":  answer(200, strings.Repeat("9", 100_000), "{}"),
		"detail":      answer(400, "application/json", `{"detail":"`+long+`"}`),
		"status line": raw("HTTP/1.1 " + strings.Repeat("9", 4000) + "\r\n\r\n"),
		"header line": raw("HTTP/1.1 200 OK\r\n" + strings.Repeat("\x1b9", 2000) + "\r\n\r\n"),
	} {
		var doc struct {
			Count int
			At    time.Time
		}
		err := (&Client{}).JSON(t.Context(), serve(t, h), &doc)
		if err == nil || len(err.Error()) > 1000 || strings.ContainsAny(err.Error(), "\x1b\r\n") {
			t.Errorf("%s: %.2000q", name, fmt.Sprint(err))
		}
	}
	_, err := (&Client{Tokens: NewTokens(func(context.Context) (Grant, error) { return Grant{}, errors.New(long) }, nil)}).Do(t.Context(), serve(t, answer(200, "", "")))
	if err == nil || len(err.Error()) > 1000 {
		t.Errorf("token: %.2000q", fmt.Sprint(err))
	}
}

// raw is an answer as it goes over the wire.
func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, text)
	}
}

func TestRequest_NamesItsPlaceWithASlash(t *testing.T) {
	for address, want := range map[string]string{"https://api.example": "api.example/v1/marketdata", "https://api.example/": "api.example/v1/marketdata", "https://api.example/x/": "api.example/x/v1/marketdata"} {
		if got := (Request{URL: parse(t, address).JoinPath("v1", "marketdata")}).place(); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
	if got := (Request{URL: parse(t, "https://api.example")}).place(); got != "api.example" {
		t.Error(got)
	}
}

// A secret is hidden where a line was cut through it, on both sides of the cut.
func TestClient_HidesPartsOfASecret(t *testing.T) {
	secret := strings.Repeat("0123456789abcdef", 40)
	u := parse(t, "https://api.example")
	err := (&Client{Secrets: []string{secret}}).Hide(Request{URL: u}, feeds.Fail(feeds.Temporary, "time %q is none", secret))
	if got := err.Error(); got != `time "***… ***" is none` {
		t.Error(got)
	}
}
