package sim

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
)

// broker is an MQTT broker on a loopback port that it keeps when it is stopped and started again.
type broker struct {
	mu     sync.Mutex
	addr   string       // "127.0.0.1:1883"; empty before the first start
	server *mqtt.Server // nil while it is stopped
}

// start does nothing when it runs.
func (b *broker) start() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.server != nil {
		return nil
	}
	addr := b.addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	server := mqtt.New(&mqtt.Options{Logger: slog.New(slog.DiscardHandler)})
	if err := server.AddHook(new(open), nil); err != nil {
		return fmt.Errorf("start broker: %w", err)
	}
	listener := door{listeners.NewTCP(listeners.Config{ID: "tcp", Address: addr}), server}
	if err := server.AddListener(listener); err != nil {
		return fmt.Errorf("start broker %s: %w", addr, err)
	}
	if err := server.Serve(); err != nil {
		return fmt.Errorf("start broker %s: %w", addr, err)
	}
	b.addr, b.server = listener.Address(), server
	return nil
}

// open lets everybody do everything, on this machine. The library's own is in a package that brings YAML along.
type open struct{ mqtt.HookBase }

// ID names the hook.
func (*open) ID() string { return "open" }

// Provides says what the hook decides.
func (*open) Provides(what byte) bool {
	return what == mqtt.OnConnectAuthenticate || what == mqtt.OnACLCheck
}

// OnConnectAuthenticate lets everybody in.
func (*open) OnConnectAuthenticate(*mqtt.Client, packets.Packet) bool { return true }

// OnACLCheck lets everybody read and write everything.
func (*open) OnACLCheck(*mqtt.Client, string, bool) bool { return true }

// door is the broker's listener. It says goodbye to clients in its own way: the library's (v2.7.9) takes a
// read lock twice, and stands still for ever when a client comes or goes in between.
type door struct {
	*listeners.TCP
	server *mqtt.Server
}

// Close stops listening and disconnects everybody.
func (d door) Close(listeners.CloseFn) {
	d.TCP.Close(func(string) { disconnect(d.server) })
}

func disconnect(server *mqtt.Server) {
	for _, c := range server.Clients.GetAll() {
		if !c.Closed() {
			_ = server.DisconnectClient(c, packets.ErrServerShuttingDown) // gone already is as good
		}
	}
}

// stop cuts every connection; retained messages are gone, as on a broker without persistence.
func (b *broker) stop() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.server == nil {
		return nil
	}
	server := b.server
	b.server = nil
	closed := make(chan struct{})
	defer close(closed)
	go func() { // Close waits for everybody, those too who were let in a moment ago and are on no list yet
		for look := time.NewTicker(10 * time.Millisecond); ; {
			select {
			case <-look.C:
				disconnect(server)
			case <-closed:
				look.Stop()
				return
			}
		}
	}()
	return server.Close()
}

// url is where clients find it, "tcp://127.0.0.1:1883", whether it runs or not.
func (b *broker) url() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return "tcp://" + b.addr
}
