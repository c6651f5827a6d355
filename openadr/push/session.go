package push

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"hearth/openadr"
)

// Times of the wire. The broker is beyond the home's own network.
const (
	connectTimeout = 15 * time.Second
	answerTimeout  = 10 * time.Second
	keepAlive      = time.Minute
	goodbye        = 250 * time.Millisecond
)

// session is from discovery to the loss of the connection. Everything is asked for anew, so that a token is fresh and
// a broker that has moved is found.
func (b *Broker) session(ctx context.Context) (lasted time.Duration, err error) {
	o, err := b.discover(ctx)
	if err != nil {
		return 0, err
	}
	trust, err := b.trust(o.login)
	if err != nil {
		return 0, err
	}
	var faults []error
	for _, d := range o.doors {
		lasted, isIn, err := b.enter(ctx, o, pass{d, trust})
		if isIn || ctx.Err() != nil {
			return lasted, err
		}
		faults = append(faults, err)
	}
	return 0, few(faults)
}

// pass is a door and how to go through it.
type pass struct {
	door
	trust *tls.Config
}

// enter is one connection, from dialling to its loss; isIn says that hints could come through it. Each has a client of
// its own, with paho's reconnecting switched off: a token is good for one connection.
func (b *Broker) enter(whole context.Context, o offer, p pass) (lasted time.Duration, isIn bool, err error) {
	ctx, cancel := context.WithCancelCause(whole)
	defer cancel(nil)
	over, end := context.WithCancel(context.WithoutCancel(ctx)) // outlives ctx by the time a farewell takes
	defer end()
	user, password, err := b.parts.Client.MQTTLogin(ctx, o.login)
	if err != nil {
		return 0, false, err
	}
	options := b.options(cancel).SetUsername(user).SetPassword(string(password)).SetCustomOpenConnectionFn(
		func(*url.URL, paho.ClientOptions) (net.Conn, error) { return p.dial(ctx, over) })
	client := paho.NewClient(options)
	defer client.Disconnect(uint(goodbye.Milliseconds()))
	if err := await(ctx, client.Connect(), connectTimeout); err != nil {
		return 0, false, fmt.Errorf("connect %s: %w", p.address, err)
	}
	if err := subscribe(ctx, client, o.topics); err != nil {
		return 0, false, fmt.Errorf("broker %s: %w", p.address, err)
	}
	began := time.Now()
	b.note(nil)
	b.parts.Bell.Ring() // what happened before nobody told us, and what is retained may be old
	err = b.stay(ctx, o)
	if ctx.Err() != nil {
		err = fmt.Errorf("broker %s: %w", p.address, context.Cause(ctx))
	}
	return time.Since(began), true, err
}

// stay waits for the end of the connection, or for another offer of the VTN.
func (b *Broker) stay(ctx context.Context, o offer) error {
	pause := lookAgain
	if o.isPartial {
		pause = time.Hour
	}
	for {
		b.wait(ctx, pause)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if fresh, err := b.discover(ctx); err == nil && !fresh.isPartial && !fresh.equals(o) {
			return errMoved
		}
	}
}

func (b *Broker) options(lost context.CancelCauseFunc) *paho.ClientOptions {
	o := paho.NewClientOptions().SetClientID(b.cfg.ClientID).SetProtocolVersion(4).SetCleanSession(true).
		SetAutoReconnect(false).SetConnectRetry(false).
		SetConnectTimeout(connectTimeout).SetWriteTimeout(answerTimeout).SetKeepAlive(keepAlive).SetPingTimeout(answerTimeout)
	o.AddBroker("tcp://broker") // there must be one; we dial by ourselves
	// In order, because without it each message gets a goroutine of its own; ringing does not wait. What is retained
	// was said before we came, and the hint of the connection covers it (MQTT 3.1.1, section 3.3.1.3).
	o.SetOrderMatters(true).SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) {
		if !m.Retained() {
			b.heard.Add(1)
			b.parts.Bell.Ring()
		}
	})
	o.SetConnectionLostHandler(func(_ paho.Client, err error) { lost(fmt.Errorf("connection lost: %w", err)) })
	return o
}

// dial ends with ctx, and what it opened with over: paho would wait for the answer of a broker that hangs long after
// the session has ended.
func (p pass) dial(ctx, over context.Context) (net.Conn, error) {
	conn, err := p.open(ctx)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(over, func() { _ = conn.Close() }) // mostly closed by then
	return &narrow{Conn: conn}, nil
}

func (p pass) open(ctx context.Context) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: connectTimeout}
	switch {
	case p.url != "":
		return paho.NewWebsocket(p.url, p.trust, connectTimeout, http.Header{}, nil)
	case p.isPlain:
		return dialer.DialContext(ctx, "tcp", p.address)
	}
	return (&tls.Dialer{NetDialer: dialer, Config: p.trust}).DialContext(ctx, "tcp", p.address)
}

// subscribe asks for each set by itself, for brokers limit what one request may hold. One set that is granted is
// enough. With QoS 0: a hint that is lost is a poll that comes at its usual time.
func subscribe(ctx context.Context, client paho.Client, sets [][]string) error {
	isGranted := false
	for _, set := range sets {
		filters := map[string]byte{}
		for _, topic := range set {
			filters[topic] = 0
		}
		token := client.SubscribeMultiple(filters, nil)
		switch err := await(ctx, token, answerTimeout); {
		case errors.Is(err, paho.ErrInvalidTopicMultilevel), errors.Is(err, paho.ErrInvalidTopicEmptyString):
			continue // nothing was sent
		case err != nil:
			return fmt.Errorf("subscribe: %w", err)
		}
		if s, ok := token.(*paho.SubscribeToken); ok {
			for _, code := range s.Result() {
				isGranted = isGranted || code <= 2
			}
		}
	}
	if !isGranted {
		return &openadr.Error{Op: "subscribe", Kind: openadr.Forbidden, Detail: "every topic is refused"}
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
