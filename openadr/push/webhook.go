package push

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"hearth/openadr"
)

// WebhookConfig says how a VTN may call us.
type WebhookConfig struct {
	Name   string // of the VEN: part of the key in the store
	Listen string // "[::]:8443"; empty: none, [Webhook] stands as a handler in another server

	CertFile string // PEM, with KeyFile, for https; both empty: http, for a proxy on the way or on this machine
	KeyFile  string

	CallbackURL string // where the VTN reaches us, from outside: "https://home.example/openadr"
	AllowHTTP   bool   // permits a callback of http beyond loopback: the token can then be read on the way

	// ClientName is what the subscription stands under. It must be ours alone: whatever stands under it and is not
	// as we want it is deleted.
	ClientName string
	Objects    []string // "EVENT"; empty: events and programs
	Operations []string // in the words of 3.1; empty: CREATE, UPDATE, DELETE

	// Programs are the ids of the programs that are followed, each with a subscription of its own, as 3.0 wants
	// it; the first hundred. No ids: not known yet, and nothing is touched. Nil: one subscription for all.
	Programs func() []string

	// IsTransient ends the subscription with Run. Otherwise it stays for the next start.
	IsTransient bool
}

// Webhook lets a VTN call us: it listens, and sees that one subscription of ours stands at the VTN. Its methods
// are safe for concurrent use.
type Webhook struct {
	life
	cfg         WebhookConfig
	limits      limits
	certificate *certificate // nil: http
	token       atomic.Pointer[openadr.Secret]
	sources     sources
	address     string // of the socket; guarded by life.mu
	kept        record // touched by Run only, as the next
	isUnsaved   bool
	unread      error // why the store could not say what stands; told once
	counts      struct{ heard, rejected, unreadable, limited atomic.Uint64 }
}

// NewWebhook checks the configuration, and says all that is wrong with it. It opens nothing.
func NewWebhook(cfg WebhookConfig, parts Parts) (*Webhook, error) {
	if len(cfg.Objects) == 0 {
		cfg.Objects = []string{openadr.ObjectEvent, openadr.ObjectProgram}
	}
	if len(cfg.Operations) == 0 {
		cfg.Operations = []string{openadr.OperationCreate, openadr.OperationUpdate, openadr.OperationDelete}
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	w := &Webhook{life: newLife("webhook", parts), cfg: cfg, limits: defaultLimits()}
	if cfg.CertFile != "" {
		w.certificate = &certificate{file: cfg.CertFile, key: cfg.KeyFile}
	}
	return w, nil
}

func (c *WebhookConfig) check() error {
	var faults []error
	fault := func(isOne bool, format string, args ...any) {
		if isOne {
			faults = append(faults, fmt.Errorf("webhook: "+format, args...))
		}
	}
	u, err := url.Parse(c.CallbackURL)
	isURL := err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
	fault(!isURL || u.Fragment != "" || len(c.CallbackURL) > maxCallback, "callback url: want for example %q", "https://home.example/openadr")
	if isURL {
		fault(u.User != nil, "callback url: must not hold a password: the VTN shows a token")
		fault(u.Scheme == "http" && !c.AllowHTTP && !openadr.IsLoopback(u.Hostname()), "callback url %q: http is allowed on this machine only, use https", u.Host)
	}
	if c.Listen != "" {
		_, _, err := net.SplitHostPort(c.Listen)
		fault(err != nil, "listen %q: want for example %q", c.Listen, "[::]:8443")
	}
	fault((c.CertFile == "") != (c.KeyFile == ""), "a certificate and its key come together")
	fault(c.Listen == "" && c.CertFile != "", "a certificate without an address to listen on")
	n := utf8.RuneCountInString(c.ClientName)
	fault(n == 0 || n > maxName, "client name: want 1 to %d characters", maxName)
	for _, word := range c.Operations {
		isKnown := slices.Contains([]string{openadr.OperationRead, openadr.OperationCreate, openadr.OperationUpdate, openadr.OperationDelete}, word)
		fault(!isKnown, "operation %q: want for example %q", word, openadr.OperationCreate)
	}
	return errors.Join(faults...)
}

const (
	maxCallback = 8000 // schema, callbackUrl
	maxName     = 128  // schema, clientName
)

// Run listens and keeps the subscription until ctx ends or Close; then it returns nil. Whatever fails is tried
// again at the pace given.
func (w *Webhook) Run(ctx context.Context) error {
	w.run(ctx, func(ctx context.Context) time.Duration {
		err := w.session(ctx)
		if ctx.Err() != nil {
			return 0
		}
		w.note(err)
		return w.parts.Pace.Next(err)
	}, w.farewell)
	return nil
}

// session is from listening to the end of ctx, or of the socket.
func (w *Webhook) session(ctx context.Context) error {
	w.restore() // before anybody can show the token
	if w.cfg.Listen == "" {
		return w.keep(ctx)
	}
	l, err := w.listen(ctx)
	if err != nil {
		return fmt.Errorf("listen %s: %w", w.cfg.Listen, err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	server, served := w.serve(l)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cancel(fmt.Errorf("listen %s: %w", w.cfg.Listen, <-served))
	}()
	defer func() {
		_ = server.Close() // what is in it is a hint, and nobody is left to hear it
		<-ended
	}()
	return w.keep(ctx)
}

// Address is where the webhook listens, with the port that was free if the configuration has 0; empty before.
func (w *Webhook) Address() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.address
}

// Counts is a copy of the counters.
func (w *Webhook) Counts() Counts {
	c := &w.counts
	return Counts{c.heard.Load(), c.rejected.Load(), c.unreadable.Load(), c.limited.Load()}
}

var _ http.Handler = (*Webhook)(nil)

// canonical is a URL as a VTN may hand it back: RFC 3986, section 6.2.3.
func canonical(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; port != "" {
		u.Host = strings.TrimSuffix(u.Host, port)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}
