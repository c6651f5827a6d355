// Package tasmota is the network side of a smart plug with the Tasmota firmware: an MQTT client that
// obeys cmnd/ and tells on stat/ and tele/.
//
// # Basics
//
// A [Plug] speaks for a [Socket], which is the relay and the meter. [Plug.Run] connects, reports every
// TelePeriod and on each change, and connects again when the broker was away.
//
// # Caveats
//
// Topics, payloads and settings follow the firmware's documentation (github.com/tasmota/docs,
// docs/Commands.md and docs/MQTT.md). Only what a home-energy agent meets is here.
package tasmota

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"hearth/energy"
)

// Socket is the hardware behind the firmware.
type Socket interface {
	Look() Reading
	Turn(on bool)
	SetPulse(d time.Duration) // each "on" from now on ends by itself after d; 0: never
}

// Reading is what the firmware knows of its hardware.
type Reading struct {
	At          time.Time // local time
	IsOn        bool
	Power       energy.Watts
	Energy      energy.WattHours // counted since it was made
	Pulse, Left time.Duration
}

// Clock is the time the plug goes by.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// Options says where the plug lives.
type Options struct {
	Topic  string
	Broker string // "tcp://127.0.0.1:1883"
	Clock  Clock
	Tick   time.Duration // how often it looks at its socket, and tries again to reach its broker
	Log    *slog.Logger
}

// What may take time on the wall: a connect to a broker that is there but silent, and a farewell.
const (
	dialTimeout  = 5 * time.Second
	disconnectMS = 100
)

// inboxSize is how many commands may wait; an agent sends two or three at a time.
const inboxSize = 64

// Plug is the firmware. Its methods are safe for concurrent use.
type Plug struct {
	opts   Options
	socket Socket
	born   time.Time

	turn  sync.Mutex // one at a time: a command, or a look with what is told of it
	wasOn bool       // the relay at the last look
	settings

	mu        sync.Mutex
	isOffline bool
	client    mqtt.Client // nil while there is no connection
}

// settings are what the firmware keeps in its flash; under Plug.turn.
type settings struct {
	period  time.Duration // TelePeriod
	delta   int           // PowerDelta1: 1 to 100 percent, above 100 watts more than that, 0 never
	powerOn int           // PowerOnState
}

// New is a plug, as it comes from the shop, that speaks for a socket.
func New(o Options, s Socket) *Plug {
	return &Plug{opts: o, socket: s, born: o.Clock.Now(), settings: settings{300 * time.Second, 0, 3}}
}

// SetOffline cuts the radio without a farewell, so that the broker tells the will; or brings it back.
func (p *Plug) SetOffline(isOffline bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isOffline = isOffline
}

// Run lives until ctx ends.
func (p *Plug) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if !p.offline() {
			p.session(ctx)
		}
		_ = p.opts.Clock.Sleep(ctx, p.opts.Tick) // its error is the context's
	}
}

// session is one connection, from connect to loss.
func (p *Plug) session(ctx context.Context) {
	lost, inbox := make(chan struct{}), make(chan mqtt.Message, inboxSize)
	wire := &line{}
	client := mqtt.NewClient(p.clientOptions(wire, lost))
	if t := client.Connect(); !t.WaitTimeout(dialTimeout) || t.Error() != nil {
		client.Disconnect(0)
		return // the broker is away; the next tick tries again
	}
	p.use(client)
	defer p.use(nil)
	defer client.Disconnect(disconnectMS)
	p.publish("tele", "LWT", []byte("Online"), true)
	t := client.Subscribe("cmnd/"+p.opts.Topic+"/+", 0, func(_ mqtt.Client, m mqtt.Message) {
		select { // the client must not be held up by its handlers
		case inbox <- m:
		default:
			p.opts.Log.Warn("plug drowns in commands", "device", p.opts.Topic)
		}
	})
	if !t.WaitTimeout(dialTimeout) || t.Error() != nil {
		return
	}
	over := make(chan struct{})
	var obeying sync.WaitGroup
	obeying.Go(func() { p.obey(inbox, over) })
	defer obeying.Wait()
	defer close(over)
	p.report(ctx, lost)
	if p.offline() {
		wire.cut()
	}
}

// obey takes the commands one by one, in their order.
func (p *Plug) obey(inbox <-chan mqtt.Message, over <-chan struct{}) {
	for {
		select {
		case m := <-inbox:
			p.turn.Lock()
			p.command(m.Topic()[strings.LastIndexByte(m.Topic(), '/')+1:], string(m.Payload()))
			p.turn.Unlock()
		case <-over:
			return
		}
	}
}

func (p *Plug) clientOptions(wire *line, lost chan struct{}) *mqtt.ClientOptions {
	o := mqtt.NewClientOptions()
	o.AddBroker(p.opts.Broker)
	o.SetClientID("DVES_" + p.opts.Topic)
	o.SetCleanSession(true)
	o.SetAutoReconnect(false) // each session has a client of its own
	o.SetConnectRetry(false)
	o.SetOrderMatters(true)
	o.SetConnectTimeout(dialTimeout)
	o.SetKeepAlive(30 * time.Second)
	o.SetWill("tele/"+p.opts.Topic+"/LWT", "Offline", 1, true)
	o.SetCustomOpenConnectionFn(wire.open)
	o.SetConnectionLostHandler(func(mqtt.Client, error) { close(lost) })
	return o
}

// publish hands a message over; one that is lost with the connection is lost, as on the device.
func (p *Plug) publish(prefix, name string, payload []byte, isRetained bool) {
	p.mu.Lock()
	client := p.client
	p.mu.Unlock()
	if client != nil {
		client.Publish(prefix+"/"+p.opts.Topic+"/"+name, 0, isRetained, payload)
	}
}

func (p *Plug) use(c mqtt.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.client = c
}

func (p *Plug) offline() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.isOffline
}
