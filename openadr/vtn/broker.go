package vtn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"hearth/openadr"
)

// Broker is where the VTN publishes changes: MQTT 3.1.1, QoS 1, nothing retained, for a stale hint is worse than none.
type Broker struct {
	URL      string // "mqtts://broker.example" or, on a network of one's own, "mqtt://127.0.0.1:1883"
	User     string // empty: none
	Password openadr.Secret
	ClientID string      // empty: "openadr-vtn"; two VTNs at one broker want two
	Prefix   string      // of topics: "building/7/"
	TLS      *tls.Config // of mqtts; nil: the machine's authorities
}

// address is where to dial, and whether with TLS.
func (b *Broker) address() (address string, isTLS bool, err error) {
	u, err := url.Parse(b.URL)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return "", false, errors.New("broker: want a url such as \"mqtts://broker.example\", without user or password")
	}
	port := u.Port()
	switch u.Scheme {
	case "mqtt", "tcp":
	case "mqtts", "ssl", "tls":
		isTLS = true
	default:
		return "", false, fmt.Errorf("broker: scheme %.20q: want mqtt or mqtts", u.Scheme)
	}
	if port == "" {
		port = map[bool]string{false: "1883", true: "8883"}[isTLS]
	}
	if strings.ContainsAny(b.Prefix, "+#\x00") || strings.HasPrefix(b.Prefix, "$") {
		return "", false, errors.New("broker: the prefix of topics has signs with a meaning in MQTT")
	}
	return net.JoinHostPort(u.Hostname(), port), isTLS, nil
}

// Check says what is wrong with the broker; it does not connect.
func (b *Broker) Check() error {
	_, _, err := b.address()
	return err
}

// notifier is what is announced if the configuration does not say: the same broker, for everybody.
func (b *Broker) notifier() *openadr.MQTTNotifier {
	return &openadr.MQTTNotifier{
		URIs: []string{b.URL}, Serialization: "JSON", Authentication: openadr.MQTTAuthentication{Method: openadr.MQTTAnonymous},
	}
}

// message is one notification for the broker.
type message struct {
	topic string
	body  []byte
}

// maxMessages bounds what waits for the broker: a change to an object that everybody sees is a message for each VEN.
const maxMessages = 4096

// publish queues a change for the broker on all its topics. The VTN is locked.
func (v *VTN) publish(operation string, n news) {
	if v.cfg.Broker == nil || v.cfg.Dialect != openadr.Dialect31 {
		return
	}
	bodies := map[string][]byte{} // by the targets shown
	for _, t := range n.topics(v, operation) {
		key := strings.Join(t.shown, "\n")
		if bodies[key] == nil {
			text, err := v.notification(operation, n, t.shown)
			if err != nil {
				v.hooks.missed++
				continue
			}
			bodies[key] = text
		}
		v.enqueue(message{v.cfg.Broker.Prefix + t.path + "/" + strings.ToLower(operation), bodies[key]})
	}
}

// enqueue lets a message go where there is no room or the VTN is closed. The VTN is locked.
//
//nolint:contextcheck // as with callbacks
func (v *VTN) enqueue(m message) {
	if v.isClosed {
		v.hooks.missed++
		return
	}
	w := &v.wire
	if w.queue == nil {
		ctx, cancel := context.WithCancel(context.Background())
		w.queue, w.ended, w.stop = make(chan message, maxMessages), make(chan struct{}), cancel
		go v.carry(ctx, w.queue, w.ended)
	}
	select {
	case w.queue <- m:
	default:
		v.hooks.missed++
	}
}

// wire is the way to the broker.
type wire struct {
	queue chan message // nil until the first
	stop  func()
	ended chan struct{} // closed when the goroutine has
}

// carry runs until ctx ends.
func (v *VTN) carry(ctx context.Context, queue <-chan message, ended chan<- struct{}) {
	defer close(ended)
	s := session{broker: v.cfg.Broker}
	defer s.shut()
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-queue:
			if !s.send(ctx, m) {
				v.mu.Lock()
				v.hooks.missed++
				v.mu.Unlock()
			}
		}
	}
}

// session is a connection to the broker, made when there is something to say. Each has a paho client of its own,
// with its reconnecting off: one that outlives its connection delivers late what could not be sent.
type session struct {
	broker *Broker
	client paho.Client // nil: none
	again  time.Time   // no try before
	close  func()      // ends what hangs on the client
}

// Times of the wire.
const (
	dialTime  = 10 * time.Second
	writeTime = 5 * time.Second
	restTime  = 5 * time.Second // after a failure, in which messages are let go
)

func (s *session) send(ctx context.Context, m message) bool {
	if s.client == nil || !s.client.IsConnectionOpen() {
		if time.Now().Before(s.again) || !s.open(ctx) {
			return false
		}
	}
	return isDone(ctx, s.client.Publish(m.topic, 1, false, m.body), writeTime)
}

func (s *session) open(ctx context.Context) bool {
	s.shut()
	over, end := context.WithCancel(context.WithoutCancel(ctx)) // outlives ctx by the time a farewell takes
	s.client, s.close = paho.NewClient(s.options(ctx, over)), end
	if isDone(ctx, s.client.Connect(), dialTime) {
		return true
	}
	s.shut()
	s.again = time.Now().Add(restTime)
	return false
}

// shut may be called without a connection.
func (s *session) shut() {
	if s.client == nil {
		return
	}
	s.client.Disconnect(100)
	s.close()
	s.client = nil
}

func (s *session) options(ctx, over context.Context) *paho.ClientOptions {
	id := s.broker.ClientID
	if id == "" {
		id = "openadr-vtn"
	}
	return paho.NewClientOptions().AddBroker(s.broker.URL).SetClientID(id).
		SetUsername(s.broker.User).SetPassword(string(s.broker.Password)).
		SetProtocolVersion(4).SetCleanSession(true).SetAutoReconnect(false).SetConnectRetry(false).
		SetConnectTimeout(dialTime).SetWriteTimeout(writeTime).
		SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (net.Conn, error) { return s.dial(ctx, over) })
}

// dial is our own so that it ends with ctx, takes no proxy from the environment, and leaves nothing behind.
func (s *session) dial(ctx, over context.Context) (conn net.Conn, err error) {
	address, isTLS, err := s.broker.address()
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: dialTime}
	if isTLS {
		conn, err = (&tls.Dialer{NetDialer: dialer, Config: s.broker.TLS}).DialContext(ctx, "tcp", address)
	} else {
		conn, err = dialer.DialContext(ctx, "tcp", address)
	}
	if err == nil {
		context.AfterFunc(over, func() { _ = conn.Close() }) // mostly closed by then
	}
	return conn, err
}

func isDone(ctx context.Context, t paho.Token, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case <-t.Done():
		return t.Error() == nil
	case <-ctx.Done():
		return false
	}
}
