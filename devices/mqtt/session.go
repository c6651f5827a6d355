package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// Times of the wire, which the demo's clock does not speed up.
const (
	connectTimeout = 10 * time.Second
	writeTimeout   = 5 * time.Second
	pingTimeout    = 5 * time.Second
	echoTimeout    = 3 * time.Second        // a broker in the home answers in milliseconds
	quiesce        = 250 * time.Millisecond // for the last packets to leave
)

// maxPayload bounds what is looked at: a telemetry message has a few hundred bytes.
const maxPayload = 64 << 10

const (
	statusTopic = "/status"
	echoTopic   = "/echo"
)

// session is one connection from dialling to loss. Each has a client of its own, with paho's reconnecting
// switched off: a client that outlives its connection keeps what could not be sent and delivers it later.
func (l *Link) session(whole context.Context) error {
	ctx, cancel := context.WithCancelCause(whole)
	defer cancel(nil)
	over, end := context.WithCancel(context.WithoutCancel(ctx)) // outlives ctx by the time a farewell takes
	defer end()
	client := paho.NewClient(l.pahoOptions(cancel).SetCustomOpenConnectionFn(
		func(*url.URL, paho.ClientOptions) (net.Conn, error) { return l.dial(ctx, over) }))
	defer client.Disconnect(uint(quiesce.Milliseconds()))
	if err := await(ctx, client.Connect(), connectTimeout); err != nil {
		return fmt.Errorf("connect %s: %w", l.to.address, err)
	}
	if err := l.selfTest(ctx, client); err != nil {
		return err
	}
	if err := await(ctx, client.Publish(l.to.Base+statusTopic, 0, true, "online"), writeTimeout); err != nil {
		return fmt.Errorf("publish status: %w", err)
	}
	l.opened(client, cancel)
	defer l.closed()
	for {
		if err := l.subscribeNew(ctx, client); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			if whole.Err() != nil { // The will is for those who die; who leaves says so.
				client.Publish(l.to.Base+statusTopic, 0, true, "offline").WaitTimeout(quiesce)
			}
			return context.Cause(ctx)
		case <-l.changed:
		}
	}
}

func (l *Link) pahoOptions(lost context.CancelCauseFunc) *paho.ClientOptions {
	o := paho.NewClientOptions().AddBroker(l.to.URL).SetClientID(l.to.ClientID).
		SetUsername(l.to.User).SetPassword(string(l.to.Password)).
		SetProtocolVersion(4).SetCleanSession(true).SetAutoReconnect(false).SetConnectRetry(false).
		SetConnectTimeout(connectTimeout).SetWriteTimeout(writeTimeout).
		SetKeepAlive(l.to.KeepAlive).SetPingTimeout(pingTimeout).
		SetWill(l.to.Base+statusTopic, "offline", 1, true)
	// In order: without it paho hands every message to a goroutine of its own, and an OFF may overtake the
	// ON before it. What makes order dangerous is a handler that waits; ours only fills a bounded queue.
	o.SetOrderMatters(true).SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) { l.receive(m) })
	o.SetConnectionLostHandler(func(_ paho.Client, err error) { lost(fmt.Errorf("connection lost: %w", err)) })
	return o
}

// dial is our own so that it ends with ctx, does not take a proxy from the environment, and leaves nothing
// behind: paho would wait for the answer of a broker that hangs long after the session is over.
func (l *Link) dial(ctx, over context.Context) (conn net.Conn, err error) {
	dialer := &net.Dialer{Timeout: connectTimeout}
	if l.to.tls == nil {
		conn, err = dialer.DialContext(ctx, "tcp", l.to.address)
	} else {
		conn, err = (&tls.Dialer{NetDialer: dialer, Config: l.to.tls}).DialContext(ctx, "tcp", l.to.address)
	}
	if err == nil {
		context.AfterFunc(over, func() { _ = conn.Close() }) // mostly closed by then
	}
	return conn, err
}

// selfTest sees that the broker lets us read and write our own topics: forbidden ones it may drop in
// silence (mosquitto 2 does).
func (l *Link) selfTest(ctx context.Context, client paho.Client) error {
	own := l.to.Base + echoTopic
	if err := subscribe(ctx, client, []string{own}); err != nil {
		return err
	}
	if err := l.echo(ctx, client); err != nil {
		return fmt.Errorf("self-test: %w: the broker's access rules must let %s read and write %s/#", err, l.to.ClientID, l.to.Base)
	}
	return nil
}

// subscribeNew subscribes for the devices that came since the last time and tells them.
func (l *Link) subscribeNew(ctx context.Context, client paho.Client) error {
	for _, d := range l.newDevices() {
		switch err := subscribe(ctx, client, d.topics); {
		case errors.Is(err, errRefused):
			d.fail(err)
		case err != nil:
			return err
		default:
			d.linked()
		}
	}
	return nil
}

// newDevices are those without a subscription in this session; they count as subscribed from now on.
func (l *Link) newDevices() []*device {
	l.mu.Lock()
	defer l.mu.Unlock()
	var fresh []*device
	for d, isSubscribed := range l.devices {
		if !isSubscribed {
			l.devices[d] = true
			fresh = append(fresh, d)
		}
	}
	return fresh
}

func (l *Link) opened(client paho.Client, fail func(error)) {
	l.mu.Lock()
	l.client, l.fail, l.why, l.isSaid = client, fail, nil, false
	l.mu.Unlock()
	l.counts.sessions.Add(1)
	l.pace.Next(nil) // from here on a loss is a first one
	l.log.Info("broker reached")
}

func (l *Link) closed() {
	l.mu.Lock()
	l.client, l.fail, l.why = nil, nil, ErrDown // Run says more in a moment
	var linked []*device
	for d := range l.devices {
		l.devices[d] = false
		linked = append(linked, d)
	}
	l.mu.Unlock()
	for _, d := range linked { // a device may ask the link something while it is locked itself
		d.unlinked()
	}
}

var errRefused = errors.New("refused by the broker")

// subscribe asks for topics and looks at each answer. With QoS 0 everything comes in one order: with more
// an echo could overtake a message that waits for the acknowledgement of another.
func subscribe(ctx context.Context, client paho.Client, topics []string) error {
	filters := map[string]byte{}
	for _, t := range topics {
		filters[t] = 0
	}
	token := client.SubscribeMultiple(filters, nil)
	if err := await(ctx, token, writeTimeout); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	granted := token.(*paho.SubscribeToken).Result()
	for _, t := range topics {
		if code, ok := granted[t]; !ok || code > 2 {
			return fmt.Errorf("subscribe %s: %w", t, errRefused)
		}
	}
	return nil
}

// await waits for a token no longer than a wire may take.
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
