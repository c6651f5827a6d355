package api

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestProtect_AnswersOnlyToItsOwnNames(t *testing.T) {
	h := New(Options{Home: sampleNoon(), Hosts: []string{"Energy.Example.org.", "nas"}})
	for host, want := range map[string]int{
		"127.0.0.1:8099": 200, "127.0.0.1": 200, "192.168.1.7:80": 200, "[::1]:8099": 200, "[::1]": 200, "[fe80::1%25eth0]:8099": 200,
		"localhost": 200, "LOCALHOST:8099": 200, "localhost.": 200,
		"hearth.local": 200, "hearth.local:8099": 200, "Hearth.LOCAL.": 200,
		"energy.example.org": 200, "ENERGY.example.org:443": 200, "nas:8099": 200,

		"evil.com": 421, "evil.com:8099": 421, "example.org": 421, "x.energy.example.org": 421, "": 421, ".local": 421, ":8099": 421,
		"hearth.local.evil.com": 421, "notlocal": 421, "notlocalhost": 421, "localhost.evil.com": 421, "127.0.0.1.nip.io": 421, "127.0.0.1.evil.com:80": 421,
		"evil.com:80:80": 421, "[evil.com]": 421, "0x7f000001": 421, "2130706433": 421, "nas.local.evil.com": 421,
	} {
		for _, path := range []string{"/", "/api/v1/home", "/healthz", "/nothing"} {
			r := httptest.NewRequest(http.MethodHead, path, nil)
			r.Host = host
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if isRefused := w.Code == 421; isRefused != (want == 421) {
				t.Errorf("host %q path %s: %d", host, path, w.Code)
			}
		}
	}
}

func TestProtect_StreamAndMetricsRefuseForeignNames(t *testing.T) {
	h := New(Options{Home: sampleNoon(), Metrics: http.NotFoundHandler()})
	for _, path := range []string{"/api/v1/stream", "/metrics", "/readyz", "/api/v1/openapi.json"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = "rebound.example"
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 421 || strings.Contains(w.Body.String(), "rebound") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestIsOurs_NoNameWithAPublicEndingIsEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.StringMatching(`[a-z0-9.:\[\]%-]{0,30}\.(com|org|io|local\.evil)(:[0-9]{1,5})?`).Draw(t, "host")
		if isOurs(host, nil) {
			t.Fatalf("%q passed", host)
		}
	})
}

func TestIsOurs_EveryAddressIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		four := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "four")))
		six := netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "six")))
		port := rapid.Uint16().Draw(t, "port")
		for _, host := range []string{four.String(), netip.AddrPortFrom(four, port).String(), "[" + six.String() + "]", netip.AddrPortFrom(six, port).String()} {
			if !isOurs(host, nil) {
				t.Fatalf("%q was refused", host)
			}
		}
	})
}

func FuzzIsOurs_NeverPanics(f *testing.F) {
	for _, host := range []string{"", ":", "[", "]", "[]:", "a.local", "[::1", "::1", "..", "\x00.local"} {
		f.Add(host)
	}
	f.Fuzz(func(_ *testing.T, host string) { isOurs(host, nil) })
}

func TestProtect_EveryAnswerCarriesThePolicy(t *testing.T) {
	h := New(Options{Home: sampleNoon(), Metrics: http.NotFoundHandler()})
	for _, path := range []string{"/", "/healthz", "/readyz", "/metrics", "/api/v1/home", "/api/v1/openapi.json", "/nothing"} {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			got := ask(h, method, path).Header()
			for name, want := range map[string]string{
				"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; " +
					"frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
			} {
				if got.Get(name) != want {
					t.Errorf("%s %s: %s is %q", method, path, name, got.Get(name))
				}
			}
			for name := range got {
				if strings.HasPrefix(name, "Access-Control") || name == "Server" || name == "Set-Cookie" {
					t.Errorf("%s %s: unwanted header %s", method, path, name)
				}
			}
		}
	}
}

type broken struct{ fixed }

func (broken) Home() Home { panic("secret at 0xc000123 in /home/dev/agent.go:7") }

func TestProtect_AFaultInsideIsLoggedAndNotShown(t *testing.T) {
	var log bytes.Buffer
	h := New(Options{Home: broken{}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	w := get(h, "/api/v1/home")
	if w.Code != 500 || w.Header().Get("Content-Type") != "application/problem+json" || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "secret") || !strings.Contains(log.String(), "/api/v1/home") {
		t.Errorf("log: %s", log.String())
	}
}

func TestProtect_CutsHalfAnAnswerOff(t *testing.T) {
	source := sampleNoon()
	source.home.Price = num(math.NaN()) // breaks the Source's word: JSON has no NaN
	server := httptest.NewServer(New(Options{Home: source}))
	defer server.Close()
	answer, err := server.Client().Get(server.URL + "/api/v1/home")
	if err != nil {
		return // cut off before the first byte
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err == nil {
		t.Errorf("looks whole: %d %s", answer.StatusCode, body)
	}
}

func TestProtect_LeavesAnAbortToTheServer(t *testing.T) {
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
			t.Error("the abort was swallowed")
		}
	}()
	abort := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	get(protect(abort, Options{Log: slog.New(slog.DiscardHandler)}), "/")
}
