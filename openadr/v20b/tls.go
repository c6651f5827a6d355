package v20b

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// Fingerprint is how a VTN knows a certificate, given as DER: the last ten bytes of its SHA-256 in upper-case
// hex with colons (profile 2.0b, section 10).
func Fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	parts := make([]string, 0, 10)
	for _, b := range sum[len(sum)-10:] {
		parts = append(parts, fmt.Sprintf("%02X", b))
	}
	return strings.Join(parts, ":")
}

// newHTTP builds a client with a limit for every phase of a request. It follows no redirect: a POST would turn
// into a GET, and our certificate is for one VTN.
func newHTTP(c *Config) (client *http.Client, fingerprint string, err error) {
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.AllowOldCiphers {
		trust.CipherSuites = oldCiphers()
	}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, "", fmt.Errorf("ca file: %w", err)
		}
		trust.RootCAs = x509.NewCertPool()
		if !trust.RootCAs.AppendCertsFromPEM(pem) {
			return nil, "", fmt.Errorf("ca file %s: holds no PEM certificate", c.CAFile)
		}
	}
	if c.CertFile != "" {
		own, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
		if err != nil {
			return nil, "", fmt.Errorf("client certificate: %w", err)
		}
		trust.Certificates = []tls.Certificate{own}
		fingerprint = Fingerprint(own.Certificate[0])
	}
	return &http.Client{
		Timeout:       c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect },
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			TLSClientConfig:       trust,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: 30 * time.Second,
			ExpectContinueTimeout: time.Second,
			IdleConnTimeout:       30 * time.Second, // for the messages of one poll; polls are further apart
			MaxIdleConnsPerHost:   1,
		},
	}, fingerprint, nil
}

// oldCiphers is what Go offers by itself, and the pair that the profile demands of every party. Go holds both
// for weak: they are CBC, and one of them has no forward secrecy.
func oldCiphers() []uint16 {
	var ids []uint16
	for _, s := range tls.CipherSuites() {
		ids = append(ids, s.ID)
	}
	return append(ids, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, tls.TLS_RSA_WITH_AES_128_CBC_SHA256)
}

var errRedirect = errors.New("redirect refused")
