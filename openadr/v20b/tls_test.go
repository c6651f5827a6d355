package v20b

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/openadr"
)

// authority signs certificates for a test, and writes them down.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	a.key = curveKey(t)
	a.cert = a.sign("ca", &a.key.PublicKey, a.key)
	return a
}

func curveKey(t *testing.T) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// sign makes a certificate for 127.0.0.1 with its key beside it.
func (a *authority) sign(name string, public, private any) *x509.Certificate {
	a.t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		BasicConstraintsValid: true, IsCA: name == "ca",
	}
	parent := a.cert
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(name+".pem", "CERTIFICATE", der)
	a.write(name+".key", "PRIVATE KEY", raw)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert
}

func (a *authority) write(name, kind string, der []byte) {
	if err := os.WriteFile(filepath.Join(a.dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// serve is a VTN that wants to see a certificate of the authority, and offers these suites only, if any.
func (a *authority) serve(suites ...uint16) *script {
	a.t.Helper()
	s := &script{t: a.t, answers: map[string]string{}, events: distribute()}
	own, err := tls.LoadX509KeyPair(a.file("vtn.pem"), a.file("vtn.key"))
	if err != nil {
		a.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	s.server = httptest.NewUnstartedServer(s)
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.server.TLS = &tls.Config{
		Certificates: []tls.Certificate{own}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
		MinVersion: tls.VersionTLS12, CipherSuites: suites,
	}
	if suites != nil {
		s.server.TLS.MaxVersion = tls.VersionTLS12
	}
	s.server.StartTLS()
	a.t.Cleanup(s.server.Close)
	return s
}

// ask registers at the VTN over TLS.
func ask(t *testing.T, vtn *script, change func(*Config)) (*Client, error) {
	t.Helper()
	cfg := Config{BaseURL: vtn.server.URL, VENName: "home-7", Timeout: 10 * time.Second}
	change(&cfg)
	c, err := New(cfg, &memory{})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = c.Close() })
	_, err = c.Events(t.Context(), openadr.Query{})
	return c, err
}

func TestFingerprint_IsThatOfTheProfile(t *testing.T) {
	// Of the bytes "certificate" by another hand: sha256sum, its last twenty digits.
	if got, want := Fingerprint([]byte("certificate")), "F4:45:AE:84:28:5B:C0:83:2D:72"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTLS_ShowsOurCertificateAndWantsTheirs(t *testing.T) {
	a := newAuthority(t)
	vtn, ven := curveKey(t), curveKey(t)
	a.sign("vtn", &vtn.PublicKey, vtn)
	cert := a.sign("ven", &ven.PublicKey, ven)
	other := newAuthority(t)
	stranger := curveKey(t)
	other.sign("ven", &stranger.PublicKey, stranger)
	server := a.serve()
	all := func(c *Config) {
		c.CAFile, c.CertFile, c.KeyFile = a.file("ca.pem"), a.file("ven.pem"), a.file("ven.key")
	}
	c, err := ask(t, server, all)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Fingerprint(); got != Fingerprint(cert.Raw) || len(got) != 29 {
		t.Errorf("fingerprint %s", got)
	}
	for name, change := range map[string]func(*Config){
		"without our certificate": func(c *Config) { all(c); c.CertFile, c.KeyFile = "", "" },
		"with a stranger's":       func(c *Config) { all(c); c.CertFile, c.KeyFile = other.file("ven.pem"), other.file("ven.key") },
		"without their authority": func(c *Config) { all(c); c.CAFile = "" },
		"with another authority":  func(c *Config) { all(c); c.CAFile = other.file("ca.pem") },
	} {
		if _, err := ask(t, server, change); openadr.KindOf(err) != openadr.Unreachable {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*Config){
		"a missing key":     func(c *Config) { all(c); c.KeyFile = "" },
		"another's key":     func(c *Config) { all(c); c.KeyFile = other.file("ven.key") },
		"no such authority": func(c *Config) { all(c); c.CAFile = a.file("nobody.pem") },
		"a key as such":     func(c *Config) { all(c); c.CAFile = a.file("ven.key") },
	} {
		if _, err := ask(t, server, change); err == nil || openadr.KindOf(err) != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTLS_OffersTheProfilesCiphersOnlyWhenTold(t *testing.T) {
	a := newAuthority(t)
	ven := curveKey(t)
	a.sign("ven", &ven.PublicKey, ven)
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve := curveKey(t)
	for _, c := range []struct {
		name  string
		suite uint16
		make  func() *x509.Certificate
	}{
		{"ECDSA", tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, func() *x509.Certificate { return a.sign("vtn", &curve.PublicKey, curve) }},
		{"RSA", tls.TLS_RSA_WITH_AES_128_CBC_SHA256, func() *x509.Certificate { return a.sign("vtn", &long.PublicKey, long) }},
	} {
		c.make()
		server := a.serve(c.suite)
		for _, isOld := range []bool{false, true} {
			_, err := ask(t, server, func(cfg *Config) {
				cfg.CAFile, cfg.CertFile, cfg.KeyFile, cfg.AllowOldCiphers = a.file("ca.pem"), a.file("ven.pem"), a.file("ven.key"), isOld
			})
			if (err == nil) != isOld {
				t.Errorf("%s, old ciphers %t: %v", c.name, isOld, err)
			}
		}
	}
}

func TestTLS_SpeaksNothingOld(t *testing.T) {
	a := newAuthority(t)
	key := curveKey(t)
	a.sign("vtn", &key.PublicKey, key)
	a.sign("ven", &key.PublicKey, key)
	server := a.serve(tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA)
	server.server.TLS.MinVersion, server.server.TLS.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	_, err := ask(t, server, func(c *Config) {
		c.CAFile, c.CertFile, c.KeyFile, c.AllowOldCiphers = a.file("ca.pem"), a.file("ven.pem"), a.file("ven.key"), true
	})
	if openadr.KindOf(err) != openadr.Unreachable {
		t.Errorf("TLS 1.1: %v", err)
	}
}

func TestConfig_RefusesWhatCannotBeMeant(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no scheme":         func(c *Config) { c.BaseURL = "vtn.example" },
		"ftp":               func(c *Config) { c.BaseURL = "ftp://vtn.example" },
		"password":          func(c *Config) { c.BaseURL = "https://u:secret@vtn.example" },
		"query":             func(c *Config) { c.BaseURL = "https://vtn.example?x=1" },
		"plain http":        func(c *Config) { c.BaseURL = "http://vtn.example" },
		"no name":           func(c *Config) { c.VENName = "" },
		"long id":           func(c *Config) { c.VENID = strings.Repeat("x", 129) },
		"no meter":          func(c *Config) { c.Reports = &Reports{} },
		"one half of a key": func(c *Config) { c.CertFile = "x" },
	} {
		cfg := Config{BaseURL: "https://vtn.example", VENName: "home"}
		change(&cfg)
		if _, err := New(cfg, &memory{}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for base, want := range map[string]string{
		"https://vtn.example":                         "https://vtn.example/OpenADR2/Simple/2.0b",
		"https://vtn.example/x/":                      "https://vtn.example/x/OpenADR2/Simple/2.0b",
		"https://vtn.example/y/OpenADR2/Simple/2.0b":  "https://vtn.example/y/OpenADR2/Simple/2.0b",
		"http://localhost:8080/OpenADR2/Simple/2.0b/": "http://localhost:8080/OpenADR2/Simple/2.0b/",
		"http://[::1]:8080":                           "http://[::1]:8080/OpenADR2/Simple/2.0b",
	} {
		c, err := New(Config{BaseURL: base, VENName: "home"}, &memory{})
		if err != nil || c.base.String() != want {
			t.Errorf("%s: %v, %v", base, c, err)
		}
	}
}
