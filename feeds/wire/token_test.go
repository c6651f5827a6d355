package wire

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hearth/feeds"
)

// mint is a fetch that counts.
type mint struct {
	mu    sync.Mutex
	count int
	err   error
	life  time.Duration
	takes time.Duration
}

func (m *mint) fetch(ctx context.Context) (Grant, error) {
	m.mu.Lock()
	m.count++
	g, err := Grant{Token: fmt.Sprint("token-", m.count), Lifetime: m.life}, m.err
	m.mu.Unlock()
	select {
	case <-time.After(m.takes):
	case <-ctx.Done():
		return Grant{}, context.Cause(ctx)
	}
	return g, err
}

func TestTokens_AreKeptUntilShortlyBeforeTheirEnd(t *testing.T) {
	for _, c := range []struct{ life, good time.Duration }{
		{time.Hour, 59 * time.Minute}, {100 * time.Second, 90 * time.Second}, {0, 1000 * time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := &mint{life: c.life}
			tokens := NewTokens(m.fetch, nil)
			current := func(want string) {
				t.Helper()
				if got, err := tokens.Current(t.Context()); err != nil || got != "Bearer "+want {
					t.Errorf("life %v: %q, %v, want %q", c.life, got, err, want)
				}
			}
			current("token-1")
			time.Sleep(c.good - time.Second)
			current("token-1")
			time.Sleep(2 * time.Second)
			if c.life != 0 {
				current("token-2")
			}
		})
	}
}

func TestTokens_HaveOneFetchUnderWay(t *testing.T) {
	for _, fails := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			m := &mint{takes: time.Second}
			if fails {
				m.err = errors.New("no")
			}
			tokens := NewTokens(m.fetch, nil)
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() {
					if got, err := tokens.Current(t.Context()); (err != nil) != fails || !fails && got != "Bearer token-1" {
						t.Errorf("%q, %v", got, err)
					}
				})
			}
			all.Wait()
			if m.count != 1 {
				t.Errorf("%d fetches for 20 who wait", m.count)
			}
		})
	}
}

// Whoever gives up does not make the others fail.
func TestTokens_OutliveWhoGaveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mint{takes: time.Second}
		tokens := NewTokens(m.fetch, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := tokens.Current(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
		synctest.Wait()
		all.Go(func() {
			if got, err := tokens.Current(t.Context()); err != nil || got != "Bearer token-2" {
				t.Errorf("%q, %v", got, err)
			}
		})
		late, cancelLate := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancelLate()
		if _, err := tokens.Current(late); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waited in vain, and got %v", err)
		}
		all.Wait()
	})
}

func TestTokens_DropOnlyWhatWasRefused(t *testing.T) {
	m := &mint{}
	tokens := NewTokens(m.fetch, nil)
	first, _ := tokens.Current(t.Context())
	tokens.Drop(first)
	second, _ := tokens.Current(t.Context())
	tokens.Drop(first) // somebody is late
	third, _ := tokens.Current(t.Context())
	if first == second || second != third || m.count != 2 {
		t.Errorf("%q, %q, %q after %d fetches", first, second, third, m.count)
	}
}

// A refused token is replaced once; a server that refuses all of them is not asked for ever.
func TestClient_AsksOnceMoreWithANewToken(t *testing.T) {
	for good, want := range map[string]int{"Bearer token-1": 1, "Bearer token-2": 2, "never": 2} {
		m, asked := &mint{}, 0
		r := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked++
			if got := r.Header.Get("Authorization"); got != good {
				answer(401, "application/json", fmt.Sprintf(`{"detail":"%s is bad"}`, got))(w, r)
				return
			}
			answer(200, "application/json", "{}")(w, r)
		})
		client := Client{Tokens: NewTokens(m.fetch, nil)}
		_, err := client.Do(t.Context(), r)
		if asked != want || m.count != want || (err != nil) != (good == "never") {
			t.Errorf("%s: %d requests, %d tokens, %v", good, asked, m.count, err)
		}
		if err != nil && (feeds.KindOf(err) != feeds.Misconfigured || strings.Contains(err.Error(), "token-2")) {
			t.Errorf("got %q", err)
		}
	}
}

func TestClient_WithoutATokenAsksNothing(t *testing.T) {
	client := Client{Tokens: NewTokens((&mint{err: feeds.Fail(feeds.Misconfigured, "no")}).fetch, nil)}
	r := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	if _, err := client.Do(t.Context(), r); feeds.KindOf(err) != feeds.Misconfigured {
		t.Error(err)
	}
	client.Tokens = NewTokens(func(context.Context) (Grant, error) { return Grant{}, nil }, nil)
	if _, err := client.Do(t.Context(), r); err == nil {
		t.Error("an empty token is a token")
	}
}

func TestGrant_IsReadInEveryForm(t *testing.T) {
	for body, want := range map[string]Grant{
		`{"access_token":"a","expires_in":3600,"token_type":"bearer"}`: {"a", "Bearer", time.Hour},
		`{"access_token":"a","expires_in":"60","error":null}`:          {"a", "", time.Minute},
		`{"access_token":"a","expires_in":-1,"token_type":"Token"}`:    {"a", "Token", 0},
		`{"access_token":"a","expires_in":1e300}`:                      {"a", "", 366 * 24 * time.Hour},
	} {
		if got, err := (&Client{}).Grant(t.Context(), serve(t, answer(200, "application/json", body))); err != nil || got != want {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
	for body, kind := range map[string]feeds.FailureKind{
		`{"error":"invalid_client","error_description":"` + key + ` is wrong"}`: feeds.Misconfigured,
		`{"access_token":"a","error":{"code":7}}`:                               feeds.Misconfigured,
		`{"error":"temporarily_unavailable"}`:                                   feeds.Temporary,
		`{"access_token":""}`:                                                   feeds.Temporary,
		`{"access_token":"` + key + `\n"}`:                                      feeds.Temporary,
		`["` + key + `"]`:                                                       feeds.Temporary,
		``:                                                                      feeds.Temporary,
	} {
		got, err := (&Client{}).Grant(t.Context(), serve(t, answer(200, "application/json", body)))
		if err == nil || feeds.KindOf(err) != kind || strings.Contains(err.Error(), key) {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
}

// jwt is a token with claims, unsigned.
func jwt(claims string) string {
	return "eyJhbGciOiJub25lIn0." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

func TestJWT_SaysWhenItEnds(t *testing.T) {
	bare := func(claims string) string { return jwt(claims) }
	now := noon.Unix()
	for name, c := range map[string]struct {
		kind, body string
		life       time.Duration
	}{
		"bare":                     {"text/plain", bare(fmt.Sprintf(`{"exp":%d}`, now+600)) + "\n", 10 * time.Minute},
		"quoted":                   {"application/json", `"` + bare(fmt.Sprintf(`{"exp":%d}`, now+600)) + `"`, 10 * time.Minute},
		"made in another time":     {"text/plain", bare(fmt.Sprintf(`{"iat":%d,"exp":%d}`, now-90000, now-86400)), time.Hour},
		"over by a wrong clock":    {"text/plain", bare(fmt.Sprintf(`{"exp":%d}`, now-600)), 0},
		"without an end":           {"application/jwt", bare(`{}`), 0},
		"in a document":            {"application/json", `{"access_token":"x.y.z","expires_in":60}`, time.Minute},
		"with an end out of reach": {"text/plain", bare(`{"iat":1,"exp":1e300}`), 366 * 24 * time.Hour},
	} {
		r := serve(t, answer(200, c.kind, c.body, "Date", noon.Format(http.TimeFormat)))
		ahead := Client{Now: func() time.Time { return noon.AddDate(0, 0, 1) }} // the server's clock counts
		if got, err := ahead.JWT(t.Context(), r); err != nil || got.Lifetime != c.life || got.Token == "" || strings.Contains(got.Token, `"`) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for _, body := range []string{"", "hello", `"a.b`, "a.!!!.c", jwt("[]"), `{"error":"no"}`} {
		if got, err := (&Client{}).JWT(t.Context(), serve(t, answer(200, "text/plain", body))); err == nil {
			t.Errorf("%q is taken for the token %+v", body, got)
		}
	}
	if _, err := (&Client{}).JWT(t.Context(), serve(t, answer(500, "text/plain", ""))); feeds.KindOf(err) != feeds.Temporary {
		t.Error(err)
	}
}

func TestRequest_Forms(t *testing.T) {
	u := parse(t, "http://example.org/token")
	form := PostForm(u, url.Values{"a": {"1 2"}})
	doc := PostJSON(u, map[string]int{"a": 1})
	if string(form.Body) != "a=1+2" || string(doc.Body) != `{"a":1}` || form.Method != "POST" || doc.Method != "POST" {
		t.Errorf("%s, %s", form.Body, doc.Body)
	}
	if got := Basic("Aladdin", "open sesame"); got != "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" {
		t.Error(got)
	}
}

// What a source finds inside of an answer may repeat the token, that of now and one that was dropped for it.
func TestHide_KnowsTheToken(t *testing.T) {
	m := &mint{}
	c := (&Client{}).WithTokens(m.fetch)
	header, err := c.Tokens.Current(t.Context())
	if err != nil || header != "Bearer token-1" {
		t.Fatal(header, err)
	}
	r := Request{URL: &url.URL{Scheme: "https", Host: "x.example"}}
	for range 2 {
		hidden := c.Hide(r, feeds.Fail(feeds.Misconfigured, "no: token-1 of [Bearer token-1]"))
		if hidden.Error() != "no: *** of [***]" || feeds.KindOf(hidden) != feeds.Misconfigured {
			t.Errorf("%q", hidden)
		}
		c.Tokens.Drop(header)
	}
	if err := feeds.Fail(feeds.Temporary, "no"); c.Hide(r, err) != err || c.Hide(r, nil) != nil {
		t.Error("what hides nothing is another error")
	}
}

// A token may be longer than the line to which an answer is cut.
func TestHide_KnowsTheHeadOfALongToken(t *testing.T) {
	for _, length := range []int{20, 150, 185, 190, 200, 800, 3000} {
		token := strings.Repeat("k3y-", length/4)
		c := Client{Secrets: []string{token}}
		err := c.Hide(Request{URL: &url.URL{Scheme: "https", Host: "x.example"}}, feeds.Fail(feeds.Misconfigured, "no: %s", feeds.OneLine("the token "+token+" is nobody's, as far as we know and can see")))
		if strings.Contains(err.Error(), token[:shortest]) || !strings.HasPrefix(err.Error(), "no: the token ***") {
			t.Errorf("%d: %v", length, err)
		}
	}
	for text, want := range map[string]string{
		"": "", "…": "…", "abcdef…": "***…", "abcde…": "abcde…", "a…abcdefgh…": "a…***…", "xabcdefg…, and on": "x***…, and on", "abcdefx…": "abcdefx…",
	} {
		if got := hiddenParts(text, "abcdefghij"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
