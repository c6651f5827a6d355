package openadr_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/openadr"
	"hearth/openadr/vtn"
)

func withSecret(c *openadr.Config) { c.ClientID, c.ClientSecret = "home", "s" }

// wheel is a clock that a test turns.
type wheel struct {
	mu sync.Mutex
	at time.Time
}

func newWheel() *wheel { return &wheel{at: time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)} }

func (w *wheel) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *wheel) turn(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

func count(requests []string, prefix string) (n int) {
	for _, r := range requests {
		if strings.HasPrefix(r, prefix) {
			n++
		}
	}
	return n
}

func TestToken_IsRenewedAtFourFifthsOfItsLife(t *testing.T) {
	w := newWheel()
	v := published(t, 1, vtn.Config{ClientID: "home", ClientSecret: "s", TokenLife: 100 * time.Minute, Now: w.now})
	client := connect(t, serve(t, v.ServeHTTP), withSecret, func(c *openadr.Config) { c.Now = w.now })
	for _, step := range []struct {
		turn   time.Duration
		tokens int
	}{{0, 1}, {79 * time.Minute, 1}, {time.Minute, 2}, {79 * time.Minute, 2}, {10 * time.Hour, 3}} {
		w.turn(step.turn)
		if _, err := client.Events(t.Context(), openadr.Query{}); err != nil {
			t.Fatal(err)
		}
		if got := count(v.Requests(), "POST /auth/token"); got != step.tokens {
			t.Errorf("at %v: %d tokens fetched, want %d", w.now(), got, step.tokens)
		}
	}
}

func TestToken_OldOneServesWhileNoNewOneIsToBeHad(t *testing.T) {
	w := newWheel()
	v := published(t, 1, vtn.Config{ClientID: "home", ClientSecret: "s", TokenLife: 100 * time.Minute, Now: w.now})
	client := connect(t, serve(t, v.ServeHTTP), withSecret, func(c *openadr.Config) { c.Now = w.now })
	if _, err := client.Events(t.Context(), openadr.Query{}); err != nil {
		t.Fatal(err)
	}
	v.Break(vtn.Broken, func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/auth/") })
	w.turn(90 * time.Minute)
	if _, err := client.Events(t.Context(), openadr.Query{}); err != nil {
		t.Errorf("with a token that is still good: %v", err)
	}
	if got := count(v.Requests(), "POST /auth/token"); got != 2 {
		t.Errorf("%d tries for a token, want one a minute: 2 in all", got)
	}
	w.turn(20 * time.Minute)
	_, err := client.Events(t.Context(), openadr.Query{})
	wantKind(t, err, openadr.Unavailable)
}

func TestToken_RevokedOneIsReplacedOnceAndSilently(t *testing.T) {
	v := published(t, 1, vtn.Config{ClientID: "home", ClientSecret: "s"})
	client := connect(t, serve(t, v.ServeHTTP), withSecret)
	for range 2 {
		if _, err := client.Events(t.Context(), openadr.Query{}); err != nil {
			t.Fatal(err)
		}
		v.RevokeTokens()
	}
	if got := count(v.Requests(), "POST /auth/token"); got != 2 {
		t.Errorf("%d tokens fetched, want 2", got)
	}
}

func TestToken_RevokedInTheMiddleOfAWalkCostsNoPage(t *testing.T) {
	for _, revoked := range []int{2, 3} { // the page that is refused
		v := published(t, 120, vtn.Config{ClientID: "home", ClientSecret: "s"})
		pages := 0
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/events" {
				if pages++; pages == revoked {
					v.RevokeTokens()
				}
			}
			v.ServeHTTP(w, r)
		})
		list, err := connect(t, url, withSecret).Events(t.Context(), openadr.Query{})
		if err != nil || len(list.Items) != 120 {
			t.Errorf("%d events, %v", len(list.Items), err)
		}
		if tokens := count(v.Requests(), "POST /auth/token"); tokens != 2 || pages != 5 {
			t.Errorf("%d tokens and %d requests, want 2 and 5: four pages, one of them twice", tokens, pages)
		}
	}
}

func TestToken_EndpointIsAskedForOnceADayAndWhenItIsWrong(t *testing.T) {
	w := newWheel()
	asked, home := 0, "/a"
	client := connect(t, serve(t, func(out http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/auth/server":
			asked++
			_, _ = fmt.Fprintf(out, `{"tokenURL":"http://%s%s"}`, r.Host, home)
		case home:
			_, _ = io.WriteString(out, `{"access_token":"t","expires_in":3600}`)
		case "/events":
			_, _ = io.WriteString(out, `[]`)
		case "/away":
			out.WriteHeader(http.StatusServiceUnavailable)
		default:
			http.NotFound(out, r)
		}
	}), withSecret, func(c *openadr.Config) { c.Now = w.now })
	for i, step := range []struct {
		turn   time.Duration
		home   string
		asked  int
		isGood bool
	}{
		{0, "/a", 1, true},
		{time.Hour, "/a", 1, true},
		{22 * time.Hour, "/a", 1, true},
		{time.Hour, "/a", 2, true},  // a day is over
		{time.Hour, "/b", 2, false}, // moved
		{0, "/b", 3, true},
		{-48 * time.Hour, "/b", 3, true}, // the clock was set back; the token is as good as before
	} {
		w.turn(step.turn)
		home = step.home
		if _, err := client.Events(t.Context(), openadr.Query{}); (err == nil) != step.isGood || asked != step.asked {
			t.Errorf("step %d: asked %d times, want %d: %v", i, asked, step.asked, err)
		}
	}
}

func TestToken_OutageOfTheEndpointIsNoReasonToLookForAnother(t *testing.T) {
	w := newWheel()
	v := published(t, 1, vtn.Config{ClientID: "home", ClientSecret: "s", TokenLife: time.Hour, Now: w.now})
	client := connect(t, serve(t, v.ServeHTTP), withSecret, func(c *openadr.Config) { c.Now = w.now })
	for _, isDown := range []bool{false, true, true, false} {
		if v.Heal(); isDown {
			v.Break(vtn.Busy, func(*http.Request) bool { return true })
		}
		if _, err := client.Events(t.Context(), openadr.Query{}); (err != nil) != isDown {
			t.Errorf("down %v: %v", isDown, err)
		}
		w.turn(2 * time.Hour)
	}
	if got := count(v.Requests(), "GET /auth/server"); got != 1 {
		t.Errorf("the endpoint was asked for %d times, want once", got)
	}
}

func TestToken_SecondRefusalIsTheEnd(t *testing.T) {
	v := published(t, 1, vtn.Config{ClientID: "home", ClientSecret: "s"})
	v.Break(vtn.NoAccess, nil)
	_, err := connect(t, serve(t, v.ServeHTTP), withSecret).Events(t.Context(), openadr.Query{})
	wantKind(t, err, openadr.Unauthorized)
	if tokens, events := count(v.Requests(), "POST"), count(v.Requests(), "GET /events"); tokens != 2 || events != 2 {
		t.Errorf("%d tokens and %d tries, want 2 and 2", tokens, events)
	}
}

func TestToken_WrongSecretIsSaidAndNotPrinted(t *testing.T) {
	v := published(t, 1, vtn.Config{ClientID: "home", ClientSecret: "s"})
	client := connect(t, serve(t, v.ServeHTTP), withSecret, func(c *openadr.Config) { c.ClientSecret = "hunter2" })
	_, err := client.Events(t.Context(), openadr.Query{})
	e := wantKind(t, err, openadr.Unauthorized)
	if e.Temporary() || !strings.Contains(err.Error(), "invalid_client") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
	if got := count(v.Requests(), "GET /events"); got != 0 {
		t.Errorf("events were asked for without a token")
	}
}

func TestToken_ConcurrentRequestsShareOne(t *testing.T) {
	v := published(t, 1, vtn.Config{ClientID: "home", ClientSecret: "s"})
	client := connect(t, serve(t, v.ServeHTTP), withSecret)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := client.Events(t.Context(), openadr.Query{}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := count(v.Requests(), "POST /auth/token"); got != 1 {
		t.Errorf("%d tokens fetched, want 1", got)
	}
}

// tokenServer is a VTN whose auth endpoints answer as told. It takes any token; seen is the last one. HERE in
// the discovery stands for its own URL, PATH in the answer for the path that was asked.
func tokenServer(t *testing.T, discovery, answer string) (url string, seen *string) {
	seen = new(string)
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/auth/server" && discovery != "":
			_, _ = io.WriteString(w, strings.ReplaceAll(discovery, "HERE", "http://"+r.Host))
		case r.URL.Path == "/auth/token" || r.URL.Path == "/idp/token":
			if r.PostFormValue("grant_type") != "client_credentials" || r.PostFormValue("client_secret") != "s" ||
				r.Header.Get("Authorization") != "" {
				t.Errorf("token asked with %v", r.PostForm)
			}
			_, _ = io.WriteString(w, strings.ReplaceAll(answer, "PATH", r.URL.Path))
		case r.URL.Path == "/events":
			*seen = r.Header.Get("Authorization")
			_, _ = io.WriteString(w, `[]`)
		default:
			http.NotFound(w, r)
		}
	}), seen
}

func TestToken_EndpointIsFoundHoweverTheVTNPutsIt(t *testing.T) {
	for discovery, want := range map[string]string{
		"":                              "/auth/token",
		`{"tokenURL":"HERE/idp/token"}`: "/idp/token",
		`{"tokenURL":""}`:               "/auth/token",
		`<html>not here</html>`:         "/auth/token",
		`{"message":"no such thing"}`:   "/auth/token",
		`["tokenURL"]`:                  "/auth/token",
	} {
		url, seen := tokenServer(t, discovery, `{"access_token":"from-PATH","token_type":"bearer"}`)
		_, err := connect(t, url, withSecret).Events(t.Context(), openadr.Query{})
		if err != nil || *seen != "Bearer from-"+want {
			t.Errorf("discovery %q: token %q, want one from %s: %v", discovery, *seen, want, err)
		}
	}
	url, seen := tokenServer(t, `{"tokenURL":"HERE/nowhere"}`, `{"access_token":"from-PATH"}`)
	override := func(c *openadr.Config) { c.TokenURL = url + "/idp/token" }
	_, err := connect(t, url, withSecret, override).Events(t.Context(), openadr.Query{})
	if err != nil || *seen != "Bearer from-/idp/token" {
		t.Errorf("configured endpoint: token %q: %v", *seen, err)
	}
}

func TestToken_UnsafeEndpointIsRefused(t *testing.T) {
	for _, told := range []string{"http://idp.example/token", "ftp://idp.example", "https://u:p@idp.example/token", "/relative"} {
		url, _ := tokenServer(t, fmt.Sprintf(`{"tokenURL":%q}`, told), `{"access_token":"t"}`)
		_, err := connect(t, url, withSecret).Events(t.Context(), openadr.Query{})
		wantKind(t, err, openadr.Redirected)
	}
}

func TestToken_EndpointIsNeverLessSafeThanTheVTN(t *testing.T) {
	url, ca := serveTLS(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/auth/server" {
			t.Errorf("asked %s", r.URL)
		}
		_, _ = io.WriteString(w, `{"tokenURL":"http://127.0.0.1:1/token"}`)
	}))
	_, err := connect(t, url, withSecret, func(c *openadr.Config) { c.CAFile = ca }).Events(t.Context(), openadr.Query{})
	wantKind(t, err, openadr.Redirected)
}

func jwt(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(claims)) + "." + encode([]byte("signature"))
}

func TestToken_EveryUsualAnswerIsUnderstood(t *testing.T) {
	exp := fmt.Sprintf(`{"exp":%d}`, newWheel().now().Add(10*time.Minute).Unix())
	for name, c := range map[string]struct {
		answer string
		life   time.Duration
	}{
		"seconds":            {`{"access_token":"t","token_type":"Bearer","expires_in":600}`, 10 * time.Minute},
		"quoted seconds":     {`{"access_token":"t","token_type":"bearer","expires_in":"600"}`, 10 * time.Minute},
		"no life":            {`{"access_token":"t"}`, time.Hour},
		"null life":          {`{"access_token":"t","expires_in":null}`, time.Hour},
		"no life left":       {`{"access_token":"t","expires_in":0}`, time.Hour},
		"bare jwt":           {jwt(exp), 10 * time.Minute},
		"quoted jwt":         {`"` + jwt(exp) + `"` + "\n", 10 * time.Minute},
		"jwt in an object":   {`{"access_token":"` + jwt(exp) + `"}`, 10 * time.Minute},
		"jwt without exp":    {jwt(`{}`), time.Hour},
		"jwt of the past":    {jwt(`{"exp":5}`), time.Hour},
		"jwt without claims": {jwt(`nonsense`), time.Hour},
		"for ever":           {`{"access_token":"t","expires_in":1e18}`, 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWheel()
			fetched := 0
			client := connect(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/auth/token":
					fetched++
					_, _ = io.WriteString(w, c.answer)
				case "/events":
					_, _ = io.WriteString(w, `[]`)
				default:
					http.NotFound(w, r)
				}
			}), withSecret, func(cfg *openadr.Config) { cfg.Now = w.now })
			for _, step := range []struct {
				turn time.Duration
				want int
			}{{0, 1}, {c.life*4/5 - time.Second, 1}, {time.Second, 2}} {
				w.turn(step.turn)
				if _, err := client.Events(t.Context(), openadr.Query{}); err != nil {
					t.Fatal(err)
				}
				if fetched != step.want {
					t.Errorf("after %v: %d tokens fetched, want %d", step.turn, fetched, step.want)
				}
			}
		})
	}
}

func TestToken_UselessAnswerIsAnError(t *testing.T) {
	for answer, kind := range map[string]openadr.Kind{
		``:                             openadr.Empty,
		`<html>`:                       openadr.HTML,
		`{"access_token":""}`:          openadr.Unreadable,
		`{"token":"t"}`:                openadr.Unreadable,
		`{"access_token":"a\r\nb"}`:    openadr.Unreadable,
		`{"access_token":7}`:           openadr.Unreadable,
		`{"access_token":"t"`:          openadr.Truncated,
		`just some text, three. .dots`: openadr.Unreadable,
	} {
		url, _ := tokenServer(t, "", answer)
		_, err := connect(t, url, withSecret).Events(t.Context(), openadr.Query{})
		if openadr.KindOf(err) != kind {
			t.Errorf("%q: got %v, want kind %q", answer, err, kind)
		}
	}
}

func basic(c *openadr.Config) { c.AuthStyle = openadr.AuthBasic }

func TestToken_SecretIsShownInOnePlaceOnly(t *testing.T) {
	odd := func(c *openadr.Config) { c.ClientID, c.ClientSecret = "a:b", "p%q+r" }
	for _, c := range []struct {
		change         []func(*openadr.Config)
		form           string
		username, word string // of the Authorization header
	}{
		{[]func(*openadr.Config){withSecret}, "client_id=home&client_secret=s&grant_type=client_credentials", "", ""},
		{[]func(*openadr.Config){withSecret, basic}, "grant_type=client_credentials", "home", "s"},
		{[]func(*openadr.Config){odd, basic}, "grant_type=client_credentials", "a%3Ab", "p%25q%2Br"},
	} {
		for _, version := range []openadr.Dialect{openadr.Dialect31, openadr.Dialect30} {
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/auth/token":
					form, _ := io.ReadAll(r.Body)
					username, word, _ := r.BasicAuth()
					if string(form) != c.form || username != c.username || word != c.word {
						t.Errorf("token asked with %s and %q:%q", form, username, word)
					}
					_, _ = io.WriteString(w, jwt(`{}`)) // as GridX answers
				case "/events":
					_, _ = io.WriteString(w, `[]`)
				case "/auth/server":
					if http.NotFound(w, r); version == openadr.Dialect30 {
						t.Error("3.0 has no discovery")
					}
				}
			})
			if _, err := connect(t, url, append(c.change, dialect(version))...).Events(t.Context(), openadr.Query{}); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestToken_IsGotWhereNoPOSTIsTaken(t *testing.T) {
	for _, c := range []struct {
		version openadr.Dialect
		style   openadr.AuthStyle
		status  int // of the POST
		gets    int
		kind    openadr.Kind
	}{
		{openadr.Dialect30, "", 405, 1, ""},
		{openadr.Dialect30, "", 404, 1, ""},
		{openadr.Dialect300, "", 501, 1, ""},
		{openadr.Dialect31, "", 405, 0, openadr.Unauthorized},
		{openadr.Dialect30, openadr.AuthBasic, 405, 0, openadr.Unauthorized},
		{openadr.Dialect30, "", 401, 0, openadr.Unauthorized}, // a wrong secret is not shown twice
		{openadr.Dialect30, "", 400, 0, openadr.Unauthorized},
		{openadr.Dialect30, "", 503, 0, openadr.Unavailable},
	} {
		gets := 0
		client := connect(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/events":
				_, _ = io.WriteString(w, `[]`)
			case r.URL.Path != "/auth/token":
				http.NotFound(w, r)
			case r.Method == http.MethodPost:
				w.WriteHeader(c.status)
			case r.Header.Get("clientID") == "home" && r.Header.Get("clientSecret") == "s" && r.URL.RawQuery == "":
				gets++
				_, _ = io.WriteString(w, `{"access_token":"t"}`)
			}
		}), withSecret, dialect(c.version), func(cfg *openadr.Config) { cfg.AuthStyle = c.style })
		if _, err := client.Events(t.Context(), openadr.Query{}); openadr.KindOf(err) != c.kind || gets != c.gets {
			t.Errorf("%s %s after %d: %d tokens by GET, %v", c.version, c.style, c.status, gets, err)
		}
	}
}

func TestToken_SecretInAHeaderFollowsNoRedirect(t *testing.T) {
	client := connect(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/elsewhere":
			t.Errorf("the secret was sent on: %v", r.Header)
		case r.Method == http.MethodPost:
			w.WriteHeader(http.StatusMethodNotAllowed)
		default:
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}
	}), withSecret, dialect(openadr.Dialect30))
	_, err := client.Events(t.Context(), openadr.Query{})
	wantKind(t, err, openadr.Redirected)
}

func TestToken_SecretThatTheVTNRepeatsIsNotShown(t *testing.T) {
	client := connect(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, "no client with %s", r.PostFormValue("client_secret"))
	}), withSecret, func(c *openadr.Config) { c.ClientSecret = "hunter2" })
	_, err := client.Events(t.Context(), openadr.Query{})
	if wantKind(t, err, openadr.Unauthorized); strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "no client") {
		t.Errorf("got %v", err)
	}
}
