package openadr_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/openadr"
)

// trusting believes the authority, and shows a certificate if there is one.
func trusting(a authority, own ...pair) func(*openadr.Config) {
	return func(c *openadr.Config) {
		c.CAFile = a.file
		for _, p := range own {
			c.CertFile, c.KeyFile = p.cert, p.key
		}
	}
}

func poll(t *testing.T, c *openadr.Client) error {
	t.Helper()
	_, err := c.Events(t.Context(), openadr.Query{})
	return err
}

// withLongSecret has one that is in no other word, for it is hidden wherever it stands.
func withLongSecret(c *openadr.Config) { c.ClientID, c.ClientSecret = "home", "hunter2" }

// wanting is a server's configuration that asks clients for a certificate of the authority.
func wanting(t *testing.T, a authority) *tls.Config {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return &tls.Config{Certificates: []tls.Certificate{a.issue(t).tls}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
}

func TestTrust_ShowsTheCertificateThatIsInTheFilesNow(t *testing.T) {
	a := newAuthority(t)
	own, renewed := a.issue(t), a.issue(t)
	var seen *big.Int
	url := serveAs(t, wanting(t, a), func(w http.ResponseWriter, r *http.Request) {
		seen = r.TLS.PeerCertificates[0].SerialNumber
		nothing(w, r)
	})
	client := connect(t, url, trusting(a, own))
	check := func(when string, want pair) {
		t.Helper()
		_ = client.Close() // the next poll connects anew, as after half a minute
		if err := poll(t, client); err != nil || seen.Cmp(want.tls.Leaf.SerialNumber) != 0 {
			t.Errorf("%s: shown was %v, want %v: %v", when, seen, want.tls.Leaf.SerialNumber, err)
		}
	}
	check("at first", own)
	move(t, renewed.cert, own.cert)
	check("half renewed", own)
	move(t, renewed.key, own.key)
	check("renewed", renewed)
	if err := os.Remove(own.cert); err != nil {
		t.Fatal(err)
	}
	check("after the file was lost", renewed)
}

func TestTrust_SaysWhatAnInstallerCanDoSomethingWith(t *testing.T) {
	a, other := newAuthority(t), newAuthority(t)
	good, old, foreign := a.issue(t), a.issue(t, expired), other.issue(t)
	with := func(p pair) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{p.tls}} }
	for name, c := range map[string]struct {
		server *tls.Config
		client func(*openadr.Config)
		want   []string
	}{
		"expired": {with(a.issue(t, expired)), trusting(a), []string{"the server's certificate was valid until 20", "and the clock here says 20"}},
		"not yet valid": {with(a.issue(t, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(30 * time.Minute) })), trusting(a),
			[]string{"the server's certificate is valid from 20", "and the clock here says 20"}},
		"another name": {with(a.issue(t, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"vtn.example"} })), trusting(a),
			[]string{"the server's certificate is for another name", "127.0.0.1"}},
		"another authority":    {with(foreign), trusting(a), []string{"no authority in the ca file " + a.file + " has signed"}},
		"an unknown authority": {with(good), func(*openadr.Config) {}, []string{"no authority that this system trusts", "ca file"}},
		"tls 1.1":              {&tls.Config{Certificates: []tls.Certificate{good.tls}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, trusting(a), []string{"no TLS 1.2"}},
		"no certificate":       {wanting(t, a), trusting(a), []string{"perhaps because it wants a client certificate"}},
		"a foreign one":        {wanting(t, a), trusting(a, foreign), []string{"perhaps for the client certificate " + foreign.cert}},
		"one that has lapsed":  {wanting(t, a), trusting(a, old), []string{"client certificate " + old.cert + ": was valid until 20"}},
	} {
		t.Run(name, func(t *testing.T) {
			url := serveAs(t, c.server, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked %s", r.URL) })
			e := wantKind(t, poll(t, connect(t, url, c.client)), openadr.Unreachable)
			for _, part := range c.want {
				if !strings.Contains(e.Detail, part) {
					t.Errorf("%q, want %q in it", e.Detail, part)
				}
			}
		})
	}
}

func TestTrust_SpeaksTLS12AndNewer(t *testing.T) {
	a := newAuthority(t)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		url := serveAs(t, &tls.Config{Certificates: []tls.Certificate{a.issue(t).tls}, MinVersion: version, MaxVersion: version}, nothing)
		if err := poll(t, connect(t, url, trusting(a))); err != nil {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
	}
}

// A server that does not understand what it is offered answers with the version it knows.
func TestTrust_RefusesAServerThatInsistsOnTLS11(t *testing.T) {
	url := serveRaw(t, func(conn net.Conn) {
		_, _ = io.CopyN(io.Discard, conn, 200)             // most of a ClientHello
		hello := append([]byte{3, 2}, make([]byte, 32)...) // the version, and a random number
		hello = append(hello, 0, 0xc0, 0x13, 0)            // no session, a cipher of the time, no compression
		message := append([]byte{2, 0, 0, byte(len(hello))}, hello...)
		_, _ = conn.Write(append([]byte{22, 3, 2, 0, byte(len(message))}, message...))
		_, _ = io.Copy(io.Discard, conn)
	})
	e := wantKind(t, poll(t, connect(t, strings.Replace(url, "http:", "https:", 1))), openadr.Unreachable)
	if !strings.Contains(e.Detail, "no TLS 1.2") {
		t.Errorf("got %q", e.Detail)
	}
}

func TestTrust_OnePinOfTheChainIsEnough(t *testing.T) {
	a := newAuthority(t)
	server := a.issue(t)
	leaf, root := pinOf(server.tls.Leaf), pinOf(a.cert)
	wrong := base64.StdEncoding.EncodeToString(make([]byte, 32))
	colons := strings.ToUpper(strings.TrimSuffix(fmt.Sprintf("% x", leaf), " "))
	url := serveAs(t, &tls.Config{Certificates: []tls.Certificate{server.tls}}, nothing)
	for _, good := range [][]string{
		{base64.StdEncoding.EncodeToString(leaf)},
		{base64.RawStdEncoding.EncodeToString(leaf)},
		{"sha256/" + base64.StdEncoding.EncodeToString(root)},
		{"sha256//" + base64.StdEncoding.EncodeToString(root)}, // as curl has it
		{hex.EncodeToString(root)},
		{strings.ReplaceAll(colons, " ", ":")},
		{wrong, " " + hex.EncodeToString(leaf) + "\n"},
	} {
		if err := poll(t, connect(t, url, trusting(a), func(c *openadr.Config) { c.Pins = good })); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestTrust_WrongPinIsSaidWithTheOneThatWasSeen(t *testing.T) {
	a := newAuthority(t)
	server := a.issue(t)
	url := serveAs(t, &tls.Config{Certificates: []tls.Certificate{server.tls}}, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked %s", r.URL) })
	pinned := func(pin string) func(*openadr.Config) { return func(c *openadr.Config) { c.Pins = []string{pin} } }
	e := wantKind(t, poll(t, connect(t, url, trusting(a), pinned(strings.Repeat("00", 32)))), openadr.Unreachable)
	for _, sum := range [][]byte{pinOf(server.tls.Leaf), pinOf(a.cert)} {
		if want := "sha256/" + base64.StdEncoding.EncodeToString(sum); !strings.Contains(e.Detail, "no pin fits") || !strings.Contains(e.Detail, want) {
			t.Errorf("%q, want %q in it", e.Detail, want)
		}
	}
	// A pin is no reason to believe a certificate.
	for _, believed := range []func(*openadr.Config){trusting(newAuthority(t)), func(*openadr.Config) {}} {
		e := wantKind(t, poll(t, connect(t, url, believed, pinned(hex.EncodeToString(pinOf(server.tls.Leaf))))), openadr.Unreachable)
		if !strings.Contains(e.Detail, "no authority") {
			t.Errorf("got %q", e.Detail)
		}
	}
}

func TestTrust_PinsHoldForTheTokenEndpointToo(t *testing.T) {
	a := newAuthority(t)
	stranger := serveAs(t, &tls.Config{Certificates: []tls.Certificate{a.issue(t).tls}}, func(http.ResponseWriter, *http.Request) { t.Error("the secret was sent") })
	server := a.issue(t)
	url := serveAs(t, &tls.Config{Certificates: []tls.Certificate{server.tls}}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/auth/server" {
			_, _ = fmt.Fprintf(w, `{"tokenURL":%q}`, stranger+"/token")
			return
		}
		t.Errorf("asked %s", r.URL)
	})
	client := connect(t, url, trusting(a), withLongSecret, func(c *openadr.Config) { c.Pins = []string{hex.EncodeToString(pinOf(server.tls.Leaf))} })
	if e := wantKind(t, poll(t, client), openadr.Unreachable); !strings.Contains(e.Detail, "no pin fits") {
		t.Errorf("got %q", e.Detail)
	}
}

func TestTrust_TokenNeverLeavesHTTPS(t *testing.T) {
	a := newAuthority(t)
	url := ""
	url = serveAs(t, &tls.Config{Certificates: []tls.Certificate{a.issue(t).tls}}, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/auth/token":
			_, _ = io.WriteString(w, `{"access_token":"a-token"}`)
		case "/events":
			http.Redirect(w, r, strings.Replace(url, "https:", "http:", 1)+"/events", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	})
	e := wantKind(t, poll(t, connect(t, url, trusting(a), withLongSecret, func(c *openadr.Config) { c.AllowHTTP = true })), openadr.Redirected)
	if !strings.Contains(e.Detail, "from https to http") {
		t.Errorf("got %q", e.Detail)
	}
}

func TestNew_RefusesKeysThatCannotBeUsed(t *testing.T) {
	a := newAuthority(t)
	own, other := a.issue(t), a.issue(t)
	nowhere := filepath.Join(t.TempDir(), "none.pem")
	pin := strings.Repeat("ab", 32)
	for _, c := range []struct {
		cfg  openadr.Config
		want []string // parts of the error; none: accepted
	}{
		{openadr.Config{CertFile: own.cert, KeyFile: own.key}, nil},
		{openadr.Config{CertFile: own.cert, KeyFile: other.key}, []string{own.cert, other.key, "does not match"}},
		{openadr.Config{CertFile: nowhere, KeyFile: own.key}, []string{nowhere, "no such file"}},
		{openadr.Config{CertFile: own.cert, KeyFile: own.cert}, []string{own.cert, "key"}},
		{openadr.Config{CertFile: own.cert}, []string{own.cert, "without a key file"}},
		{openadr.Config{KeyFile: own.key}, []string{own.key, "without a certificate file"}},
		{openadr.Config{Pins: []string{pin}}, nil},
		{openadr.Config{Pins: []string{"/" + strings.Repeat("A", 42) + "=", "sha256//" + strings.Repeat("/", 42) + "8="}}, nil},
		{openadr.Config{Pins: []string{pin, "sha256/short"}}, []string{`"sha256/short"`, "44 characters of base64"}},
		{openadr.Config{Pins: []string{""}}, []string{"pin"}},
		{openadr.Config{Pins: []string{pin + "ab"}}, []string{"pin"}},
		{openadr.Config{BaseURL: "http://127.0.0.1:1", Pins: []string{pin}}, []string{"https only"}},
		{openadr.Config{BaseURL: "http://vtn.example", AllowHTTP: true, CertFile: own.cert, KeyFile: own.key}, []string{"https only"}},
		{openadr.Config{ClientID: "c", TokenURL: "http://127.0.0.1:1", Pins: []string{pin}}, []string{"token url", "https only"}},
	} {
		if c.cfg.BaseURL == "" {
			c.cfg.BaseURL = "https://vtn.example"
		}
		_, err := openadr.New(c.cfg)
		if (err == nil) != (c.want == nil) {
			t.Errorf("%+v: %v, want %q", c.cfg, err, c.want)
		}
		for _, part := range c.want {
			if err != nil && !strings.Contains(err.Error(), part) {
				t.Errorf("%+v: %v, want %q in it", c.cfg, err, part)
			}
		}
	}
}
