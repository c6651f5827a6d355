package openadr

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Config says how to reach a VTN.
type Config struct {
	BaseURL      string  // with any path prefix: "https://vtn.example/openadr3/3.1.0"
	Dialect      Dialect // that the VTN speaks; empty: 3.1
	ClientID     string  // empty: anonymous, and no token is asked for
	ClientSecret Secret
	AuthStyle    AuthStyle // how the two are shown for a token; empty: in the body
	Scope        string    // asked for with a token; usually empty
	TokenURL     string    // empty: what GET /auth/server says (3.1 only), else {BaseURL}/auth/token

	// CAFile holds PEM certificates trusted instead of the system's; empty: the system's. Pins are the SHA-256 of
	// public keys, in base64 or hex, one of which must be in the chain of every server that is asked, that of the
	// token endpoint too; empty: any key will do. The chain is verified all the same.
	CAFile string
	Pins   []string
	// CertFile and KeyFile are our own certificate, in PEM, for servers that want one; empty: we have none. They are
	// read again for each connection.
	CertFile, KeyFile string
	AllowHTTP         bool // permits plain http beyond loopback: the token can then be read on the way

	Timeout time.Duration    // of one request, body included; 0: a minute
	MaxBody int64            // bytes of one answer, unpacked; 0: 8 MiB
	Now     func() time.Time // for the age of tokens; nil: the machine's clock

	phases phases
}

// phases are the limits of the parts of a request, so that a VTN that stalls in one is noticed well before the
// whole request times out. The body has what is left of that.
type phases struct {
	connect   time.Duration // 10 s; with the name's look-up
	handshake time.Duration // 10 s
	header    time.Duration // 30 s: large lists are slow to assemble, not that slow
}

// Defaults of [Config].
const (
	defaultTimeout = time.Minute
	defaultMaxBody = 8 << 20 // a page of 50 events with a year of hours each is about 6 MB
)

// AuthStyle is how a client shows its id and secret to the token endpoint (RFC 6749, section 2.3.1).
type AuthStyle string

// The styles. Some servers refuse both at once, so only one is used.
const (
	AuthInBody AuthStyle = "body"  // as fields of the form, which OpenADR asks for
	AuthBasic  AuthStyle = "basic" // in the Authorization header, as GridX wants it
)

// Secret is text that no log and no marshaller prints.
type Secret string

const redacted = "[redacted]"

// Format prints "[redacted]" for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText writes "[redacted]"; slog and JSON use it.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

func (c *Config) fill() {
	if c.Dialect == "" {
		c.Dialect = Dialect31
	}
	if c.AuthStyle == "" {
		c.AuthStyle = AuthInBody
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	if c.MaxBody <= 0 {
		c.MaxBody = defaultMaxBody
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.phases == (phases{}) {
		c.phases = phases{connect: 10 * time.Second, handshake: 10 * time.Second, header: 30 * time.Second}
	}
}

// check refuses what is no dialect and no style, after [Config.fill].
func (c *Config) check() error {
	switch c.Dialect {
	case Dialect31, Dialect30, Dialect300:
	default:
		return fmt.Errorf("dialect %q: want %q, %q or %q", c.Dialect, Dialect31, Dialect30, Dialect300)
	}
	if c.AuthStyle != AuthInBody && c.AuthStyle != AuthBasic {
		return fmt.Errorf("auth style %q: want %q or %q", c.AuthStyle, AuthInBody, AuthBasic)
	}
	return nil
}

// endpoint reads a URL that tokens or secrets may be sent to.
func (c *Config) endpoint(what, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", what, err)
	case u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%s %q: want for example %q", what, text, "https://vtn.example/openadr3/3.1.0")
	case u.User != nil:
		return nil, fmt.Errorf("%s: must not hold a password: use the client id and secret", what)
	case u.Scheme == "http" && (len(c.Pins) > 0 || c.CertFile != ""):
		return nil, fmt.Errorf("%s %q: pins and client certificates are of use with https only", what, text)
	case u.Scheme == "http" && !c.AllowHTTP && !IsLoopback(u.Hostname()):
		return nil, fmt.Errorf("%s %q: http is allowed on this machine only, use https", what, text)
	}
	return u, nil
}

// IsLoopback says that a host is this machine.
func IsLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

func newHTTP(c *Config) (*http.Client, error) {
	trust, err := c.trust()
	if err != nil {
		return nil, err
	}
	return &http.Client{
		Timeout:       c.Timeout,
		CheckRedirect: checkRedirect,
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: c.phases.connect}).DialContext,
			TLSClientConfig:       trust,
			TLSHandshakeTimeout:   c.phases.handshake,
			ResponseHeaderTimeout: c.phases.header,
			ExpectContinueTimeout: time.Second,
			IdleConnTimeout:       30 * time.Second, // polls are minutes apart: keep for the pages of one walk
			MaxIdleConnsPerHost:   1,
			ForceAttemptHTTP2:     true, // a TLS configuration of one's own would turn it off
		},
	}, nil
}

var errRedirect = errors.New("redirect refused")

// checkRedirect follows what stays on the same host and as safe; net/http would carry the token along, and
// a POST to the token endpoint must not turn into a GET or show the secret elsewhere.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case first.Method != http.MethodGet:
		return fmt.Errorf("%w: of a %s", errRedirect, first.Method)
	case first.Header.Get(headerSecret) != "":
		return fmt.Errorf("%w: of a request for a token", errRedirect)
	case req.URL.Host != first.URL.Host:
		return fmt.Errorf("%w: to the host %s", errRedirect, OneLine(req.URL.Host))
	case first.URL.Scheme == "https" && req.URL.Scheme != "https":
		return fmt.Errorf("%w: from https to %s", errRedirect, req.URL.Scheme)
	case len(via) >= 5:
		return fmt.Errorf("%w: after %d of them", errRedirect, len(via))
	}
	return nil
}
