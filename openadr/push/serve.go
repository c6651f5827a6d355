package push

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// limits are the times of one request. A VTN sends a notification in one piece, at once.
type limits struct {
	header, whole, idle time.Duration
}

func defaultLimits() limits { return limits{5 * time.Second, 10 * time.Second, 30 * time.Second} }

// listen opens the socket, with a gate before it.
func (w *Webhook) listen(ctx context.Context) (net.Listener, error) {
	if w.certificate != nil {
		if _, err := w.certificate.get(nil); err != nil {
			return nil, err
		}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", w.cfg.Listen)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.address = l.Addr().String()
	w.mu.Unlock()
	return &gate{Listener: l, webhook: w}, nil
}

// serve answers on the listener until it is closed.
func (w *Webhook) serve(l net.Listener) (server *http.Server, served <-chan error) {
	server = &http.Server{
		Handler: w, ReadHeaderTimeout: w.limits.header, ReadTimeout: w.limits.whole, WriteTimeout: w.limits.whole,
		IdleTimeout: w.limits.idle, MaxHeaderBytes: 16 << 10,
		Protocols: new(http.Protocols),        // of HTTP/2 one connection could hold a hundred requests
		ErrorLog:  log.New(io.Discard, "", 0), // what strangers do wrong at a public port is no news
	}
	server.Protocols.SetHTTP1(true)
	if w.certificate != nil {
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: w.certificate.get}
	}
	over := make(chan error, 1)
	go func() {
		if server.TLSConfig == nil {
			over <- server.Serve(l)
		} else {
			over <- server.ServeTLS(l, "", "")
		}
	}()
	return server, over
}

// gate lets in as many connections as a source may have. Who must stay outside costs no handshake.
type gate struct {
	net.Listener
	webhook *Webhook
}

// Accept waits for the next that may come in.
func (g *gate) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := networkOf(conn.RemoteAddr().String())
		if g.webhook.sources.enter(from) {
			return &guest{Conn: conn, sources: &g.webhook.sources, from: from}, nil
		}
		g.webhook.counts.limited.Add(1)
		_ = conn.Close()
	}
}

// guest is a connection that is counted.
type guest struct {
	net.Conn
	sources *sources
	from    netip.Addr
	left    sync.Once
}

// Close may be called twice.
func (g *guest) Close() error {
	g.left.Do(func() { g.sources.leave(g.from) })
	return g.Conn.Close()
}

// certificate is read again once an hour: what renews it need not know of us.
type certificate struct {
	file, key string

	mu   sync.Mutex
	last *tls.Certificate
	at   time.Time
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last != nil && time.Since(c.at) < time.Hour {
		return c.last, nil
	}
	c.at = time.Now()
	switch fresh, err := tls.LoadX509KeyPair(c.file, c.key); {
	case err == nil:
		c.last = &fresh
	case c.last == nil: // otherwise the old one may serve while the new one is being written
		return nil, fmt.Errorf("certificate %s: %w", c.file, err)
	}
	return c.last, nil
}
