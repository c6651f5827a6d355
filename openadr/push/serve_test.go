package push

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"hearth/openadr"
)

// freeAddress is one that nobody listened on a moment ago.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// echoOnly is somebody else's callback.
func echoOnly(t testing.TB) (*httptest.Server, string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.URL.Query().Get("echo"))
	}))
	t.Cleanup(s.Close)
	return s, s.URL
}

// listening waits for the socket, which is there before the VTN is asked: it tries our callback. The token is there
// before the socket.
func listening(t testing.TB, w *Webhook) string {
	t.Helper()
	start(t, w)
	eventually(t, "it listens", func() bool { return w.Address() != "" })
	return w.Address()
}

func TestWebhook_ASlowLorisIsSentAway(t *testing.T) {
	_, client := town(t, openadr.Dialect31)
	w := newWebhook(t, newRig(t, client))
	w.limits = limits{100 * time.Millisecond, 200 * time.Millisecond, 300 * time.Millisecond}
	at := listening(t, w)
	for name, text := range map[string]string{
		"says nothing":       "",
		"half a line":        "POST / HT",
		"half a header":      "POST / HTTP/1.1\r\nHost: x\r\nAuthor",
		"half a body":        fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 100\r\n\r\n{", *w.token.Load()),
		"half a small chunk": fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", *w.token.Load()),
		"stays for tea":      "GET /?echo=x HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		if _, err := io.ReadAll(conn); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("%s: still there after %v", name, patience)
		}
		_ = conn.Close()
	}
	if w.Counts().Heard != 0 {
		t.Error("half a notification is a hint")
	}
	eventually(t, "no connection is counted", func() bool { w.sources.mu.Lock(); defer w.sources.mu.Unlock(); return w.sources.open == 0 })
}

// However many connections are held open, there is an end, and room again after it.
func TestWebhook_HeldConnectionsAreBounded(t *testing.T) {
	_, client := town(t, openadr.Dialect31)
	w := newWebhook(t, newRig(t, client))
	at := listening(t, w)
	well(t, &quietly{w})
	var held []net.Conn
	for range 2 * maxOpenAll {
		conn, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, conn)
	}
	eventually(t, "the rest is outside", func() bool { return w.Counts().Limited >= maxOpenAll })
	w.sources.mu.Lock()
	if w.sources.open > maxOpenAll {
		t.Errorf("%d are open", w.sources.open)
	}
	w.sources.mu.Unlock()
	for _, conn := range held {
		_ = conn.Close()
	}
	eventually(t, "there is room again", func() bool {
		resp, err := http.Get("http://" + at + "/?echo=x")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	http.DefaultClient.CloseIdleConnections()
}

// quietly is well as soon as it listens.
type quietly struct{ *Webhook }

func (q *quietly) Err() error { return nil }

func TestWebhook_AnOversizedHeaderIsRefused(t *testing.T) {
	_, client := town(t, openadr.Dialect31)
	w := newWebhook(t, newRig(t, client))
	at := listening(t, w)
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("x", 1<<20)) // cut off before its end
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	answer, err := io.ReadAll(conn)
	if err != nil && strings.Contains(err.Error(), "timeout") || len(answer) > 0 && !strings.Contains(string(answer), " 431 ") {
		t.Errorf("%q, %v", answer, err)
	}
	_ = conn.Close()
	resp, _ := send(t, http.MethodGet, "http://"+at+"/?echo="+strings.Repeat("x", 10_000), "", "")
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("%d", resp.StatusCode)
	}
}

func TestWebhook_SpeaksHTTPSAndTakesARenewedCertificate(t *testing.T) {
	_, client := town(t, openadr.Dialect31)
	authority := newAuthority(t)
	cert, key := authority.issue("first")
	certFile, keyFile := file(t, "cert.pem", cert), file(t, "key.pem", key)
	w := newWebhook(t, newRig(t, client), func(c *WebhookConfig) { c.CertFile, c.KeyFile = certFile, keyFile })
	at := listening(t, w)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(authority.ca))
	get := func() (name, proto string) {
		t.Helper()
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true, DisableKeepAlives: true}
		resp, err := (&http.Client{Transport: transport}).Get("https://" + at + "/?echo=x")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.TLS.PeerCertificates[0].Subject.CommonName, resp.Proto
	}
	if name, proto := get(); name != "first" || proto != "HTTP/1.1" {
		t.Errorf("%s over %s", name, proto)
	}
	age := func() {
		w.certificate.mu.Lock()
		w.certificate.at = time.Now().Add(-2 * time.Hour)
		w.certificate.mu.Unlock()
	}
	renew := func(cert, key string) {
		for name, text := range map[string]string{certFile: cert, keyFile: key} {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		age()
	}
	renew("half a certif", key)
	if name, _ := get(); name != "first" {
		t.Errorf("%s while the file is being written", name)
	}
	cert, key = authority.issue("second")
	renew(cert, key)
	if name, _ := get(); name != "second" {
		t.Errorf("%s after the renewal", name)
	}
}

// Neither a certificate that is not there nor a socket that is taken is the end: either may come.
func TestWebhook_ASocketThatIsTakenIsWaitedFor(t *testing.T) {
	_, client := town(t, openadr.Dialect31)
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, client)
	at := other.Addr().String()
	w := newWebhook(t, r, func(c *WebhookConfig) { c.Listen, c.CallbackURL = at, "http://"+at })
	start(t, w)
	eventually(t, "it says so", func() bool { return w.Err() != nil && strings.Contains(w.Err().Error(), "listen "+at) })
	_ = other.Close()
	well(t, w)
	if lost, back := r.log.count("push lost"), r.log.count("push back"); lost != 1 || back != 1 {
		t.Errorf("%d and %d lines", lost, back)
	}
}

func TestWebhook_AMissingCertificateIsSaid(t *testing.T) {
	_, client := town(t, openadr.Dialect31)
	w := newWebhook(t, newRig(t, client), func(c *WebhookConfig) { c.CertFile, c.KeyFile = "/nowhere.pem", "/nowhere.key" })
	start(t, w)
	eventually(t, "it says so", func() bool { return w.Err() != nil && strings.Contains(w.Err().Error(), "/nowhere.pem") })
}

func TestWebhook_CloseIsPromptAtAnyTime(t *testing.T) {
	_, client := town(t, openadr.Dialect31)
	never := newWebhook(t, newRig(t, client))
	_, _ = never.Close(), never.Close()
	if err := never.Run(t.Context()); err != nil || never.Address() != "" {
		t.Errorf("after Close it runs: %v", err)
	}
	w := newWebhook(t, newRig(t, client))
	at := listening(t, w)
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	began := time.Now()
	_, _ = w.Close(), w.Close()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	if _, err := net.DialTimeout("tcp", at, time.Second); err == nil {
		t.Error("it still listens")
	}
}

// In a server of the integrator's it listens nowhere itself.
func TestWebhook_StandsInAnotherServer(t *testing.T) {
	v, client := town(t, openadr.Dialect31)
	r := newRig(t, client)
	var w *Webhook
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.ServeHTTP(rw, r) }))
	defer server.Close()
	w = newWebhook(t, r, func(c *WebhookConfig) { c.Listen, c.CallbackURL = "", server.URL+"/openadr" })
	start(t, w)
	well(t, w)
	v.Put(openadr.Event{Metadata: openadr.Metadata{ID: "e"}, ProgramID: "p"})
	eventually(t, "it is heard", func() bool { return w.Counts().Heard == 1 })
	if w.Address() != "" {
		t.Error("it listens")
	}
}
