package mqtt

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"regexp"
	"time"
)

// Secret is a text that never shows in logs, errors or JSON.
type Secret string

const redacted = "redacted"

// String hides the secret from every verb of fmt that asks.
func (Secret) String() string { return redacted }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return redacted }

// LogValue hides the secret from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the secret from JSON and its like.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Options say which broker and as whom.
type Options struct {
	URL      string // tcp://host:1883 or ssl://host:8883; without a port, these
	User     string
	Password Secret
	CAFile   string // PEM, instead of the system's authorities; only with ssl
	CertFile string // PEM, our certificate; with KeyFile, only with ssl
	KeyFile  string

	ClientID  string        // unique at the broker: two of one name keep throwing each other out
	Base      string        // our own topics are below it; empty: "hearth/" and the client id
	KeepAlive time.Duration // a silent broker is given up after it and 5 s more; zero: 20 s
}

// endpoint is the checked form of Options.
type endpoint struct {
	Options
	address string      // host:port
	tls     *tls.Config // nil: plain
}

var ownName = regexp.MustCompile(`^[A-Za-z0-9_.:/-]+$`)

// check reads the files the options name; it does not touch the network.
func (o Options) check() (endpoint, error) {
	e := endpoint{Options: o}
	e.Base = cmp.Or(o.Base, "hearth/"+o.ClientID)
	e.KeepAlive = cmp.Or(o.KeepAlive, 20*time.Second)
	var errs []error
	if !ownName.MatchString(o.ClientID) || !ownName.MatchString(e.Base) {
		errs = append(errs, fmt.Errorf("client id %q, base %q: want letters, digits and _ . : / -", o.ClientID, e.Base))
	}
	u, err := url.Parse(o.URL)
	if err != nil || u.Hostname() == "" {
		return e, errors.Join(append(errs, fmt.Errorf("url %q: want for example tcp://127.0.0.1:1883", redactedURL(o.URL)))...)
	}
	if u.User != nil {
		errs = append(errs, fmt.Errorf("url of %s: user and password have places of their own", u.Hostname()))
	}
	port, isTLS := "1883", false
	switch u.Scheme {
	case "tcp", "mqtt":
	case "ssl", "tls", "mqtts":
		port, isTLS = "8883", true
	default:
		errs = append(errs, fmt.Errorf("url %s: scheme %q, want tcp or ssl", u.Redacted(), u.Scheme))
	}
	e.address = net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port))
	switch {
	case isTLS:
		e.tls, err = o.loadTLS()
		errs = append(errs, err)
	case o.CAFile != "" || o.CertFile != "" || o.KeyFile != "":
		errs = append(errs, fmt.Errorf("url %s: certificates need ssl://", u.Redacted()))
	}
	return e, errors.Join(errs...)
}

func (o Options) loadTLS() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("ca file: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ca file %s: holds no certificate", o.CAFile)
		}
	}
	if o.CertFile != "" || o.KeyFile != "" {
		own, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("certificate %s: %w", o.CertFile, err)
		}
		c.Certificates = []tls.Certificate{own}
	}
	return c, nil
}

// redactedURL is what may be said of a url that may not even parse.
func redactedURL(s string) string {
	if u, err := url.Parse(s); err == nil {
		return u.Redacted()
	}
	return "(unreadable)"
}
