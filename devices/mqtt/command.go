package mqtt

import (
	"context"
	"errors"
	"fmt"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"hearth/devices/profiles"
)

// command hands messages to the broker, in order, if it is there to take them. It proves that first: what
// is written to a broker that hangs lies in its socket, and is delivered as stale as it then is. The
// device is asked before and after it: what the broker had retained when it was subscribed has come by then.
func (l *Link) command(ctx context.Context, fit func() error, messages []profiles.Message) error {
	l.mu.Lock()
	client, fail, why := l.client, l.fail, l.why
	l.mu.Unlock()
	if client == nil {
		return down(why)
	}
	if err := fit(); err != nil {
		return err
	}
	if err := l.echo(ctx, client); err != nil {
		err = fmt.Errorf("broker does not answer: %w", err)
		if ctx.Err() == nil {
			fail(err)
		}
		return fmt.Errorf("%w: %w", ErrDown, err)
	}
	if err := fit(); err != nil {
		return err
	}
	for _, m := range messages {
		if err := l.publish(ctx, client, m); err != nil {
			return err
		}
	}
	return nil
}

// down is ErrDown with what is known of its cause.
func down(why error) error {
	if why == nil || errors.Is(why, ErrDown) {
		return ErrDown
	}
	return fmt.Errorf("%w: %w", ErrDown, why)
}

// query hands over messages whose loss does no harm.
func (l *Link) query(ctx context.Context, messages []profiles.Message) error {
	l.mu.Lock()
	client := l.client
	l.mu.Unlock()
	if client == nil {
		return ErrDown
	}
	for _, m := range messages {
		if err := l.publish(ctx, client, m); err != nil {
			return err
		}
	}
	return nil
}

// publish is the one place that writes to devices: QoS 0, so that paho keeps nothing, and not retained.
func (l *Link) publish(ctx context.Context, client paho.Client, m profiles.Message) error {
	if !client.IsConnectionOpen() {
		return ErrDown
	}
	if err := await(ctx, client.Publish(m.Topic, 0, false, m.Payload), writeTimeout); err != nil {
		return fmt.Errorf("publish %s: %w", m.Topic, err)
	}
	if !client.IsConnectionOpen() {
		return fmt.Errorf("publish %s: %w", m.Topic, ErrDown) // lost meanwhile: it may or may not have left
	}
	l.counts.sent.Add(1)
	return nil
}

// echo sends a message to ourselves and waits for it.
func (l *Link) echo(ctx context.Context, client paho.Client) error {
	nonce, arrived := l.nextEcho(), make(chan struct{})
	l.mu.Lock()
	l.echoes[nonce] = arrived
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.echoes, nonce)
		l.mu.Unlock()
	}()
	if err := await(ctx, client.Publish(l.to.Base+echoTopic, 0, false, nonce), writeTimeout); err != nil {
		return err
	}
	timer := time.NewTimer(echoTimeout)
	defer timer.Stop()
	select {
	case <-arrived:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return fmt.Errorf("own message did not come back within %v", echoTimeout)
	}
}

// receive is called by paho for each message, one after the other. It must not wait.
func (l *Link) receive(m paho.Message) {
	topic, payload := m.Topic(), m.Payload()
	if topic == l.to.Base+echoTopic {
		l.mu.Lock()
		if arrived, ok := l.echoes[string(payload)]; ok {
			close(arrived)
			delete(l.echoes, string(payload))
		}
		l.mu.Unlock()
		return
	}
	listeners := (*l.routes.Load())[topic]
	if len(listeners) == 0 {
		return
	}
	l.counts.received.Add(1)
	if len(payload) > maxPayload {
		l.counts.oversized.Add(1)
		return
	}
	for _, d := range listeners {
		d.take(message{topic, payload, m.Retained(), l.clock.Now()})
	}
}
