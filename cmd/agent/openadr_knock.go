package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"hearth/internal/config"
	"hearth/openadr"
)

// caller asks a server what no client of OpenADR would ask: what it answers to whoever comes by.
type caller struct {
	base  *url.URL
	http  *http.Client
	token openadr.Secret // shown where there is one
}

// reply is an answer, whatever it is.
type reply struct {
	url    string
	status int
	header http.Header
	body   []byte // a megabyte at most
	tls    *tls.ConnectionState
	sent   time.Time
	took   time.Duration
}

// newCaller follows no redirects: where they lead is part of the answer.
func newCaller(base *url.URL, v config.VTN) (*caller, error) {
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if v.CAFile != "" {
		pem, err := os.ReadFile(v.CAFile)
		if err != nil {
			return nil, fmt.Errorf("ca file: %w", err)
		}
		trust.RootCAs = x509.NewCertPool()
		if !trust.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ca file %s: holds no PEM certificate", v.CAFile)
		}
	}
	if v.CertFile != "" {
		own, err := tls.LoadX509KeyPair(v.CertFile, v.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("certificate of ours: %w", err)
		}
		trust.Certificates = []tls.Certificate{own}
	}
	if len(v.Pins) > 0 {
		trust.VerifyConnection = func(s tls.ConnectionState) error { return isPinned(s, v.Pins) }
	}
	return &caller{base: base, http: &http.Client{
		Timeout:       15 * time.Second, // an installer waits before a terminal
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: trust},
	}}, nil
}

// isPinned keeps the token from servers that the client of OpenADR would not speak with. Whether a pin is well
// written that client says; here one that is not fits nothing.
func isPinned(s tls.ConnectionState, pins []string) error {
	for _, chain := range s.VerifiedChains {
		for _, cert := range chain {
			sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
			for _, pin := range pins {
				pin = strings.TrimLeft(strings.TrimPrefix(strings.TrimSpace(pin), "sha256"), ":/")
				if pin == base64.StdEncoding.EncodeToString(sum[:]) || strings.EqualFold(strings.ReplaceAll(pin, ":", ""), hex.EncodeToString(sum[:])) {
					return nil
				}
			}
		}
	}
	return errors.New("none of the pins fits its keys")
}

func (c *caller) close() { c.http.CloseIdleConnections() }

// get asks for a path below the base; "programs?limit=1" has a query.
func (c *caller) get(ctx context.Context, path string) (reply, error) {
	path, query, _ := strings.Cut(path, "?")
	u := c.base.JoinPath(path)
	u.RawQuery = query
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Accept", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+string(c.token))
	}
	r := reply{url: u.String(), sent: time.Now()}
	resp, err := c.http.Do(req)
	if err != nil {
		var of *url.Error
		if errors.As(err, &of) {
			err = of.Err
		}
		return r, err
	}
	defer resp.Body.Close()
	r.took = time.Since(r.sent)
	r.status, r.header, r.tls = resp.StatusCode, resp.Header, resp.TLS
	r.body, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return r, err
}

// isList says that the answer is good, and a list.
func (r reply) isList() bool {
	var list []json.RawMessage
	return r.status == http.StatusOK && json.Unmarshal(r.body, &list) == nil && list != nil
}

// objects are the elements of a list, as far as they are objects.
func (r reply) objects() (out []map[string]json.RawMessage) {
	var list []json.RawMessage
	if r.status != http.StatusOK || json.Unmarshal(r.body, &list) != nil {
		return nil
	}
	for _, text := range list {
		var o map[string]json.RawMessage
		if json.Unmarshal(text, &o) == nil {
			out = append(out, o)
		}
	}
	return out
}

// object is a good answer that is one.
func (r reply) object() (o map[string]json.RawMessage) {
	if r.status != http.StatusOK || json.Unmarshal(r.body, &o) != nil {
		return nil
	}
	return o
}

func (r reply) isPage() bool {
	return bytes.HasPrefix(bytes.TrimLeft(r.body, "\ufeff \t\r\n"), []byte("<"))
}

// isLocked says that who asks must first say who he is.
func (r reply) isLocked() bool {
	return (r.status == http.StatusUnauthorized || r.status == http.StatusForbidden) && !r.isPage()
}

// what describes an answer that is no list of programs.
func (r reply) what() string {
	status := strconv.Itoa(r.status) + " " + http.StatusText(r.status)
	switch {
	case r.status >= 300 && r.status < 400:
		return status + " to " + r.header.Get("Location")
	case r.isPage():
		return status + ", a web page"
	case len(bytes.TrimSpace(r.body)) == 0:
		return status + ", and nothing else"
	case json.Valid(r.body):
		return status + ", JSON: " + brief(r.body)
	}
	return status + ", no JSON: " + brief(r.body)
}

func brief(body []byte) string {
	const most = 100
	if len(body) > most {
		return strings.ToValidUTF8(string(body[:most]), "") + "..."
	}
	return string(body)
}

// skew is how far the server's clock is ahead of ours, half a second this way or that; false where it tells no time.
func (r reply) skew() (time.Duration, bool) {
	at, err := http.ParseTime(r.header.Get("Date"))
	if err != nil {
		return 0, false
	}
	return at.Add(time.Second / 2).Sub(r.sent.Add(r.took / 2)).Round(time.Second), true
}

// trouble says in words of the installer's why there was no answer.
func trouble(err error) string {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var dns *net.DNSError
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.As(err, &authority):
		return "the certificate is not signed by an authority that this machine trusts"
	case errors.As(err, &host):
		return "the certificate is for another name: " + host.Error()
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate is out of date, or the clock of this machine is: " + invalid.Detail
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no host " + dns.Name
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "it does not speak TLS there: is it http rather than https?"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	return err.Error()
}

// peek shakes hands with a server that is not trusted, to show its certificate. Nothing is asked of it.
func peek(ctx context.Context, u *url.URL) *x509.Certificate {
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), "443")
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}} //nolint:gosec // to look at it is all
	conn, err := d.DialContext(ctx, "tcp", host)
	if err != nil {
		return nil
	}
	defer conn.Close()
	if t, ok := conn.(*tls.Conn); ok && len(t.ConnectionState().PeerCertificates) > 0 {
		return t.ConnectionState().PeerCertificates[0]
	}
	return nil
}

// passport describes a certificate: whose it is, who says so, and until when.
func passport(c *x509.Certificate) string {
	issuer := "issued by " + c.Issuer.String()
	if c.Issuer.String() == c.Subject.String() {
		issuer = "issued by itself"
	}
	return fmt.Sprintf("%s, %s, until %s", c.Subject, issuer, c.NotAfter.UTC().Format(time.DateOnly))
}

// fingerprint is what an operator can confirm on the telephone.
func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
}
