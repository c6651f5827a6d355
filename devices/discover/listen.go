package discover

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// Broker is whom to listen to.
type Broker struct {
	URL      string // tcp://host:1883 or ssl://host:8883; without a port, these
	User     string
	Password string
	TLS      *tls.Config // with ssl; nil: the system's authorities
	ClientID string
}

// Bounds on what a broker full of strangers can have us keep.
const (
	maxTopics  = 20_000
	maxPayload = 1 << 20  // a bridge's list of all its devices
	maxBytes   = 64 << 20 // of all payloads
)

const (
	connectTimeout = 10 * time.Second
	answerTimeout  = 5 * time.Second
	farewell       = 100 // milliseconds for the last packet to leave
)

// Listener hears a broker. It has no way to publish, and leaves nothing there: no session, no last will.
type Listener struct {
	client paho.Client

	mu      sync.Mutex
	heard   map[string]Heard
	bytes   int
	dropped int // messages that were too large or too many
	lost    error
}

// Listen connects.
func Listen(ctx context.Context, b Broker) (*Listener, error) {
	u, err := url.Parse(b.URL)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("listen to broker: its url is not like tcp://host:1883")
	}
	address, isTLS, err := addressOf(u)
	if err != nil {
		return nil, err
	}
	l := &Listener{heard: map[string]Heard{}}
	o := paho.NewClientOptions().AddBroker(b.URL).SetClientID(b.ClientID).SetUsername(b.User).SetPassword(b.Password).
		SetProtocolVersion(4).SetCleanSession(true).SetAutoReconnect(false).SetConnectRetry(false).SetConnectTimeout(connectTimeout)
	o.SetOrderMatters(true).SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) { l.take(m) })
	o.SetConnectionLostHandler(func(_ paho.Client, err error) { l.lose(err) })
	o.SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (net.Conn, error) { return dial(ctx, address, b.TLS, isTLS) })
	l.client = paho.NewClient(o)
	if err := await(ctx, l.client.Connect(), connectTimeout); err != nil {
		l.client.Disconnect(0)
		return nil, fmt.Errorf("listen to broker %s: %w", address, err)
	}
	return l, nil
}

// addressOf is the host and port of a broker.
func addressOf(u *url.URL) (address string, isTLS bool, err error) {
	port := "1883"
	switch u.Scheme {
	case "tcp", "mqtt":
	case "ssl", "tls", "mqtts":
		port, isTLS = "8883", true
	default:
		return "", false, fmt.Errorf("listen to broker %s: want tcp:// or ssl://", u.Hostname())
	}
	if u.Port() != "" {
		port = u.Port()
	}
	return net.JoinHostPort(u.Hostname(), port), isTLS, nil
}

// dial takes no proxy from the environment, and ends with the context.
func dial(ctx context.Context, address string, config *tls.Config, isTLS bool) (conn net.Conn, err error) {
	dialer := &net.Dialer{Timeout: connectTimeout}
	if isTLS {
		conn, err = (&tls.Dialer{NetDialer: dialer, Config: config}).DialContext(ctx, "tcp", address)
	} else {
		conn, err = dialer.DialContext(ctx, "tcp", address)
	}
	if err == nil {
		context.AfterFunc(ctx, func() { _ = conn.Close() }) // a broker that hangs does not hold us
	}
	return conn, err
}

// Hear subscribes to more topics; what they say is gathered from then on. A topic that the broker refuses is named in
// the error, and the others are heard.
func (l *Listener) Hear(ctx context.Context, filters []string) error {
	var errs []error
	for len(filters) > 0 {
		some := filters[:min(len(filters), 50)] // a packet of topics
		filters = filters[len(some):]
		wanted := map[string]byte{}
		for _, f := range some {
			wanted[f] = 0
		}
		token := l.client.SubscribeMultiple(wanted, nil)
		if err := await(ctx, token, answerTimeout); err != nil {
			return errors.Join(append(errs, fmt.Errorf("subscribe: %w", err))...)
		}
		for f, code := range token.(*paho.SubscribeToken).Result() {
			if code > 2 {
				errs = append(errs, fmt.Errorf("subscribe %s: refused by the broker", f))
			}
		}
	}
	return errors.Join(errs...)
}

// Heard is all that was said until now, and how much of it was dropped because it was too large or too much. The error
// says that the connection was lost.
func (l *Listener) Heard() (all []Heard, dropped int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.heard {
		all = append(all, h)
	}
	return all, l.dropped, l.lost
}

// Close ends the connection.
func (l *Listener) Close() { l.client.Disconnect(farewell) }

func (l *Listener) lose(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = err
}

// take keeps the newest message of each topic, but that one was retained: a live one after it does not undo that.
func (l *Listener) take(m paho.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	topic, payload := m.Topic(), m.Payload()
	old, isKnown := l.heard[topic]
	size := l.bytes + len(payload) - len(old.Payload)
	if len(payload) > maxPayload || size > maxBytes || !isKnown && len(l.heard) >= maxTopics {
		l.dropped++
		return
	}
	if old.IsRetained && !m.Retained() {
		return
	}
	l.bytes = size
	l.heard[topic] = Heard{topic, payload, m.Retained()}
}

func await(ctx context.Context, token paho.Token, timeout time.Duration) error {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-token.Done():
		return token.Error()
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return fmt.Errorf("no answer within %v", timeout)
	}
}
