package openadr_test

import (
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/openadr"
	"hearth/openadr/vtn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// connect makes a client of a base URL, with changes to its configuration.
func connect(t testing.TB, url string, change ...func(*openadr.Config)) *openadr.Client {
	t.Helper()
	cfg := openadr.Config{BaseURL: url, Timeout: 5 * time.Second}
	for _, f := range change {
		f(&cfg)
	}
	c, err := openadr.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// serve starts a handler on a loopback port.
func serve(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// serveTLS starts a handler on https; ca is a file with its certificate.
func serveTLS(t *testing.T, h http.Handler) (url, ca string) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it would complain of clients that do not trust it
	s.StartTLS()
	t.Cleanup(s.Close)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return s.URL, ca
}

func wantKind(t *testing.T, err error, kind openadr.Kind) *openadr.Error {
	t.Helper()
	var e *openadr.Error
	if !errors.As(err, &e) || e.Kind != kind {
		t.Fatalf("got error %v, want kind %q", err, kind)
	}
	return e
}

func published(t *testing.T, events int, cfg vtn.Config) *vtn.VTN {
	t.Helper()
	v := vtn.New(cfg)
	p := v.PutProgram(openadr.Program{ProgramName: "tou"})
	for i := range events {
		v.Put(openadr.Event{ProgramID: p.ID, EventName: fmt.Sprint("event ", i)})
	}
	return v
}

func TestClient_ReadsEveryPageWhateverTheirSize(t *testing.T) {
	for _, c := range []struct{ events, page int }{{0, 50}, {1, 50}, {50, 50}, {120, 50}, {120, 20}, {7, 1}} {
		v := published(t, c.events, vtn.Config{PageLimit: c.page})
		client := connect(t, serve(t, v.ServeHTTP))
		list, err := client.Events(t.Context(), openadr.Query{})
		if err != nil || len(list.Items) != c.events || len(list.Malformed) != 0 {
			t.Errorf("%d events by %d: got %d, %v", c.events, c.page, len(list.Items), err)
		}
		if got, want := len(v.Requests()), (c.events+c.page-1)/c.page+1; got != want {
			t.Errorf("%d events by %d: %d requests, want %d", c.events, c.page, got, want)
		}
	}
}

func TestClient_StopsWhenAVTNIgnoresSkip(t *testing.T) {
	var asked atomic.Int32
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = io.WriteString(w, `[{"id":"a","programID":"p"},{"id":"b","programID":"p"},{"broken":true}]`)
	})
	list, err := connect(t, url).Events(t.Context(), openadr.Query{})
	if err != nil || len(list.Items) != 2 || len(list.Malformed) != 1 || asked.Load() != 2 {
		t.Errorf("got %+v, %v after %d requests", list, err, asked.Load())
	}
}

func TestClient_StopsWhenAVTNNeverEnds(t *testing.T) {
	var asked atomic.Int32
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `[{"id":"e%d","programID":"p"}]`, asked.Add(1))
	})
	_, err := connect(t, url).Events(t.Context(), openadr.Query{})
	wantKind(t, err, openadr.TooLarge)
	if asked.Load() > 500 {
		t.Errorf("it took %d requests", asked.Load())
	}
}

func TestClient_OneBadPageDiscardsTheWalk(t *testing.T) {
	v := published(t, 120, vtn.Config{})
	v.Break(vtn.Broken, func(r *http.Request) bool { return r.URL.Query().Get("skip") == "50" })
	list, err := connect(t, serve(t, v.ServeHTTP)).Events(t.Context(), openadr.Query{})
	wantKind(t, err, openadr.Unavailable)
	if list.Items != nil {
		t.Errorf("half a list of %d was returned", len(list.Items))
	}
}

func TestClient_AsksWithinThePathPrefix(t *testing.T) {
	v := published(t, 1, vtn.Config{})
	for _, base := range []string{"/openadr3/3.1.0", "/openadr3/3.1.0/"} {
		client := connect(t, serve(t, http.StripPrefix("/openadr3/3.1.0", v).ServeHTTP)+base)
		list, err := client.Events(t.Context(), openadr.Query{ProgramID: "id-1", Targets: []string{}})
		if err != nil || len(list.Items) != 1 {
			t.Fatalf("base %s: %+v, %v", base, list, err)
		}
		e, err := client.Event(t.Context(), list.Items[0].ID)
		if err != nil || e.EventName != "event 0" {
			t.Errorf("base %s: %+v, %v", base, e, err)
		}
		if p, err := client.Program(t.Context(), "id-1"); err != nil || p.ProgramName != "tou" {
			t.Errorf("base %s: %+v, %v", base, p, err)
		}
	}
}

func TestClient_SendsEveryTarget(t *testing.T) {
	v := vtn.New(vtn.Config{Granted: []string{"a", "b"}})
	for _, targets := range []openadr.Targets{{"a"}, {"b"}, {"c"}, nil} {
		v.Put(openadr.Event{ProgramID: "p", Targets: targets})
	}
	list, err := connect(t, serve(t, v.ServeHTTP)).Events(t.Context(), openadr.Query{Targets: []string{"a", "b"}})
	if err != nil || len(list.Items) != 2 {
		t.Errorf("got %+v, %v", list.Items, err)
	}
}

func TestClient_TellsFaultsApart(t *testing.T) {
	for _, c := range []struct {
		fault     vtn.Fault
		kind      openadr.Kind
		temporary bool
	}{
		{vtn.HTML, openadr.HTML, true},
		{vtn.Empty, openadr.Empty, true},
		{vtn.HalfPage, openadr.Truncated, true},
		{vtn.Huge, openadr.TooLarge, false},
		{vtn.NoAccess, openadr.Unauthorized, false},
		{vtn.Broken, openadr.Unavailable, true},
		{vtn.Busy, openadr.Unavailable, true},
		{vtn.TooMany, openadr.Unavailable, true},
		{vtn.Silent, openadr.Unreachable, true},
	} {
		t.Run(string(c.fault), func(t *testing.T) {
			v := published(t, 3, vtn.Config{})
			v.Break(c.fault, nil)
			client := connect(t, serve(t, v.ServeHTTP), func(cfg *openadr.Config) {
				if c.fault == vtn.Silent {
					cfg.Timeout = 50 * time.Millisecond
				}
			})
			_, err := client.Events(t.Context(), openadr.Query{})
			e := wantKind(t, err, c.kind)
			if e.Temporary() != c.temporary {
				t.Errorf("temporary is %v", e.Temporary())
			}
			if len(err.Error()) > 300 || strings.ContainsAny(err.Error(), "\n\r\x00") {
				t.Errorf("unfit for a log: %q", err)
			}
			v.Heal()
			if list, err := client.Events(t.Context(), openadr.Query{}); err != nil || len(list.Items) != 3 {
				t.Errorf("after healing: %v", err)
			}
		})
	}
}

func TestClient_TellsAnswersApart(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		kind   openadr.Kind
		detail string
	}{
		{200, `[{"id":"e","progr`, openadr.Truncated, ""},
		{200, `[{"id":]`, openadr.Unreadable, "invalid character"},
		{200, " \n", openadr.Empty, ""},
		{200, "\ufeff<html>", openadr.HTML, ""},
		{200, `{"message":"welcome"}`, openadr.Unreadable, "not a list"},
		{200, strings.Repeat("[", 20_000), openadr.Unreadable, "depth"},
		{204, "", openadr.Empty, ""},
		{304, "", openadr.Unreadable, ""},
		{400, `{"title":"Bad Request","detail":"limit\u0000 must\nbe small"}`, openadr.Refused, "Bad Request: limit must be small"},
		{403, `{"detail":"` + strings.Repeat("é", 5000) + `"}`, openadr.Forbidden, "é..."},
		{404, ``, openadr.NotFound, ""},
		{502, "<html>" + strings.Repeat("x", 9000), openadr.Unavailable, "a web page"},
		{500, "plain \x1b[31mtext\x07", openadr.Unavailable, "plain [31mtext"},
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		_, err := connect(t, url).Events(t.Context(), openadr.Query{})
		e := wantKind(t, err, c.kind)
		if !strings.Contains(e.Detail, c.detail) || len(e.Detail) > 600 {
			t.Errorf("%d %.40q: detail %q, want %q in it", c.status, c.body, e.Detail, c.detail)
		}
	}
}

func TestClient_HonoursRetryAfterUpToAnHour(t *testing.T) {
	now := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"120":                           2 * time.Minute,
		"Sat, 28 Mar 2026 12:05:00 GMT": 5 * time.Minute,
		"Sat, 28 Mar 2026 11:00:00 GMT": 0,
		"99999999999":                   time.Hour,
		"86400":                         time.Hour,
		"-5":                            0,
		"soon":                          0,
		"":                              0,
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", header)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		_, err := connect(t, url, func(c *openadr.Config) { c.Now = func() time.Time { return now } }).Events(t.Context(), openadr.Query{})
		if got := wantKind(t, err, openadr.Unavailable).RetryAfter(); got != want {
			t.Errorf("Retry-After %q: got %v, want %v", header, got, want)
		}
	}
}

func TestClient_UnpacksGzipAndBoundsWhatComesOut(t *testing.T) {
	for _, c := range []struct {
		size int
		kind openadr.Kind
	}{{100, ""}, {2 << 20, openadr.TooLarge}} {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "gzip" {
				t.Error("gzip was not asked for")
			}
			if r.URL.Query().Get("skip") != "0" {
				_, _ = io.WriteString(w, "[]")
				return
			}
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = fmt.Fprintf(z, `[{"id":"e","programID":"p","eventName":"%s"}]`, strings.Repeat("x", c.size))
			_ = z.Close()
		})
		client := connect(t, url, func(cfg *openadr.Config) { cfg.MaxBody = 1 << 20 })
		list, err := client.Events(t.Context(), openadr.Query{})
		if openadr.KindOf(err) != c.kind || c.kind == "" && len(list.Items) != 1 {
			t.Errorf("%d bytes: %v", c.size, err)
		}
	}
}

func TestClient_StopsReadingAnAnswerWithoutEnd(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for chunk := []byte(strings.Repeat(" ", 1<<16)); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	_, err := connect(t, url, func(c *openadr.Config) { c.MaxBody = 1 << 20 }).Events(t.Context(), openadr.Query{})
	wantKind(t, err, openadr.TooLarge)
}

func TestClient_NeverCarriesTheTokenToAnotherHost(t *testing.T) {
	stranger := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the stranger was asked: %v", r.Header) })
	var here string
	here = serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/auth/token":
			_, _ = io.WriteString(w, `{"access_token":"t"}`)
		case "/events":
			http.Redirect(w, r, stranger+"/events", http.StatusFound)
		case "/programs":
			http.Redirect(w, r, here+"/moved", http.StatusTemporaryRedirect)
		case "/moved":
			if r.Header.Get("Authorization") != "Bearer t" {
				t.Errorf("on the same host the token was lost: %v", r.Header)
			}
			_, _ = io.WriteString(w, "[]")
		default:
			http.NotFound(w, r)
		}
	})
	client := connect(t, here, withSecret)
	_, err := client.Events(t.Context(), openadr.Query{})
	if wantKind(t, err, openadr.Redirected).Temporary() {
		t.Error("a refused redirect counts as temporary")
	}
	if _, err := client.Programs(t.Context(), openadr.Query{}); err != nil {
		t.Errorf("a redirect on the same host: %v", err)
	}
}

func TestClient_NeverSendsTheSecretAfterARedirect(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/auth/token":
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect) // 307 would send the form again
		case "/elsewhere":
			t.Error("the secret was sent on")
		default:
			http.NotFound(w, r)
		}
	})
	_, err := connect(t, url, withSecret).Events(t.Context(), openadr.Query{})
	wantKind(t, err, openadr.Redirected)
}

func TestClient_TrustsItsOwnCAAndNobodyElse(t *testing.T) {
	v := published(t, 2, vtn.Config{ClientID: "home", ClientSecret: "s"})
	url, ca := serveTLS(t, v)
	list, err := connect(t, url, withSecret, func(c *openadr.Config) { c.CAFile = ca }).Events(t.Context(), openadr.Query{})
	if err != nil || len(list.Items) != 2 {
		t.Errorf("with the CA file: %v", err)
	}
	_, err = connect(t, url, withSecret).Events(t.Context(), openadr.Query{})
	wantKind(t, err, openadr.Unreachable)
}

func TestNew_RefusesWhatCannotBeSafe(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.pem")
	if err := os.WriteFile(bad, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cfg  openadr.Config
		want string // part of the error; empty: accepted
	}{
		{openadr.Config{BaseURL: "https://vtn.example/openadr3"}, ""},
		{openadr.Config{BaseURL: "http://127.0.0.1:1"}, ""},
		{openadr.Config{BaseURL: "http://[::1]:1/x"}, ""},
		{openadr.Config{BaseURL: "http://localhost"}, ""},
		{openadr.Config{BaseURL: "http://vtn.example", AllowHTTP: true}, ""},
		{openadr.Config{BaseURL: "http://vtn.example"}, "use https"},
		{openadr.Config{BaseURL: "http://127.0.0.1.example"}, "use https"},
		{openadr.Config{BaseURL: "https://user:pass@vtn.example"}, "must not hold a password"},
		{openadr.Config{BaseURL: "ftp://vtn.example"}, "want for example"},
		{openadr.Config{BaseURL: "vtn.example"}, "want for example"},
		{openadr.Config{}, "want for example"},
		{openadr.Config{BaseURL: "https://vtn.example?x=1"}, "must end with a path"},
		{openadr.Config{BaseURL: "https://vtn.example", ClientSecret: "s"}, "without a client id"},
		{openadr.Config{BaseURL: "https://vtn.example", Dialect: "3.0", AuthStyle: "basic"}, ""},
		{openadr.Config{BaseURL: "https://vtn.example", Dialect: "3.0.0", AuthStyle: "body"}, ""},
		{openadr.Config{BaseURL: "https://vtn.example", Dialect: "2.0b"}, "dialect"},
		{openadr.Config{BaseURL: "https://vtn.example", AuthStyle: "digest"}, "auth style"},
		{openadr.Config{BaseURL: "https://vtn.example", ClientID: "c", TokenURL: "http://idp.example"}, "use https"},
		{openadr.Config{BaseURL: "https://vtn.example", CAFile: filepath.Join(t.TempDir(), "none")}, "ca file"},
		{openadr.Config{BaseURL: "https://vtn.example", CAFile: bad}, "no PEM certificate"},
	} {
		_, err := openadr.New(c.cfg)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: got %v, want %q", c.cfg, err, c.want)
		}
	}
}

func TestClient_AsksForNothingByAnIllegalID(t *testing.T) {
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked %s", r.URL) })
	client := connect(t, url)
	for _, id := range []string{"", "..", "a/b", "a?b", "%2e", strings.Repeat("x", 129)} {
		_, err := client.Event(t.Context(), id)
		wantKind(t, err, openadr.Refused)
	}
}

func TestClient_RefusesAnotherObjectThanItAskedFor(t *testing.T) {
	bodies := map[string]openadr.Kind{
		`{"id":"other","programID":"p"}`: openadr.Unreadable,
		`[{"id":"e","programID":"p"}]`:   "",
		`[]`:                             openadr.Unreadable,
		`{"id":"e"}`:                     openadr.Unreadable,
		`[{"id":"e","programID":"p"},{"id":"f","programID":"p"}]`:        openadr.Unreadable,
		`{"id":"e","programID":"p","intervalPeriod":{"start":"sunset"}}`: openadr.Unreadable,
	}
	for body, want := range bodies {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		if _, err := connect(t, url).Event(t.Context(), "e"); openadr.KindOf(err) != want {
			t.Errorf("%s: got %v, want kind %q", body, err, want)
		}
	}
}

func TestClient_ReturnsTheCauseOfAnEndedContext(t *testing.T) {
	v := published(t, 1, vtn.Config{})
	v.Break(vtn.Silent, nil)
	client := connect(t, serve(t, v.ServeHTTP))
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	cancel(stop)
	if _, err := client.Events(ctx, openadr.Query{}); !errors.Is(err, stop) || openadr.KindOf(err) != "" {
		t.Errorf("got %v", err)
	}
}
