package mqtt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"

	paho "github.com/eclipse/paho.mqtt.golang"

	"hearth/devices"
)

// ErrDown says that the link is not open: nothing was sent.
var ErrDown = errors.New("link is down")

// Link is the connection to one broker, shared by its devices. It is safe for concurrent use.
type Link struct {
	to    endpoint
	clock devices.Clock
	pace  devices.Pace
	log   *slog.Logger

	done    chan struct{} // closed by Close
	close   sync.Once
	running sync.Mutex // held by Run
	changed chan struct{}

	mu      sync.Mutex
	client  paho.Client // of the open session; nil: none
	fail    func(error) // ends the open session
	why     error       // why there is none
	isSaid  bool        // the loss is in the log
	devices map[*device]bool
	echoes  map[string]chan struct{}

	routes  atomic.Pointer[map[string][]*device] // read for every message, rarely changed
	echoSeq atomic.Uint64
	counts  counters
}

// Counts is what passed over a link since it was made.
type Counts struct {
	Received   uint64 // messages of topics some device listens to
	Dropped    uint64 // messages overtaken by a newer one of their topic, because a device was slow
	Oversized  uint64 // payloads above 64 KiB, not looked at
	Unreadable uint64 // messages in which no value is what the profile says
	Sent       uint64 // commands and queries
	Sessions   uint64 // connections that opened
}

type counters struct {
	received, dropped, oversized, unreadable, sent, sessions atomic.Uint64
}

// NewLink checks the options and reads the files they name; it does not connect. Pace says how long to
// wait after a lost or failed connection.
func NewLink(o Options, clock devices.Clock, pace devices.Pace, log *slog.Logger) (*Link, error) {
	to, err := o.check()
	if err != nil {
		return nil, fmt.Errorf("mqtt link: %w", err)
	}
	l := &Link{
		to: to, clock: clock, pace: pace, log: log.With("broker", to.address),
		done: make(chan struct{}), changed: make(chan struct{}, 1),
		why: errors.New("not connected yet"), devices: map[*device]bool{}, echoes: map[string]chan struct{}{},
	}
	l.routes.Store(&map[string][]*device{})
	return l, nil
}

// Run keeps the link up until ctx ends or Close; then it returns nil.
func (l *Link) Run(ctx context.Context) error {
	l.running.Lock()
	defer l.running.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-l.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	for ctx.Err() == nil {
		err := l.session(ctx)
		if ctx.Err() != nil {
			break
		}
		l.lost(err)
		if l.clock.Sleep(ctx, l.pace.Next(err)) != nil {
			break
		}
	}
	return nil
}

// Close ends Run and waits for it. It may be called at any time, and twice.
func (l *Link) Close() error {
	l.close.Do(func() { close(l.done) })
	l.running.Lock() // Run holds it until the connection is down
	defer l.running.Unlock()
	return nil
}

// Err is nil while the link is open, otherwise why it is not.
func (l *Link) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client != nil {
		return nil
	}
	return l.why
}

// Counts is a copy of the link's counters.
func (l *Link) Counts() Counts {
	c := &l.counts
	return Counts{c.received.Load(), c.dropped.Load(), c.oversized.Load(), c.unreadable.Load(), c.sent.Load(), c.sessions.Load()}
}

// lost notes why there is no connection, and says it once until there is one again.
func (l *Link) lost(err error) {
	l.mu.Lock()
	isSaid := l.isSaid
	l.why, l.isSaid = err, true
	l.mu.Unlock()
	if !isSaid {
		l.log.Warn("broker lost", "err", err)
	}
}

// attach makes the link subscribe for a device; detach ends it.
func (l *Link) attach(d *device) {
	l.mu.Lock()
	l.devices[d] = false
	l.reroute()
	l.mu.Unlock()
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

func (l *Link) detach(d *device) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.devices, d)
	l.reroute()
}

// reroute rebuilds the table from topics to devices. The caller holds mu.
func (l *Link) reroute() {
	routes := map[string][]*device{}
	for d := range l.devices {
		for _, topic := range d.topics {
			routes[topic] = append(routes[topic], d)
		}
	}
	l.routes.Store(&routes)
}

// nextEcho is a payload nobody else is waiting for.
func (l *Link) nextEcho() string { return strconv.FormatUint(l.echoSeq.Add(1), 10) }
