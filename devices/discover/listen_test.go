package discover

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// guests lets everybody in who knows the word, counts what clients publish, and forbids one topic.
type guests struct {
	mochi.HookBase
	password  string
	published atomic.Int64
}

func (*guests) ID() string { return "guests" }

func (*guests) Provides(what byte) bool {
	return bytes.Contains([]byte{mochi.OnConnectAuthenticate, mochi.OnACLCheck, mochi.OnPublish, mochi.OnWillSent}, []byte{what})
}

func (g *guests) OnConnectAuthenticate(_ *mochi.Client, p packets.Packet) bool {
	return g.password == "" || string(p.Connect.Password) == g.password
}

func (*guests) OnACLCheck(_ *mochi.Client, topic string, _ bool) bool { return topic != "forbidden" }

func (g *guests) OnPublish(c *mochi.Client, p packets.Packet) (packets.Packet, error) {
	if !c.Net.Inline {
		g.published.Add(1)
	}
	return p, nil
}

// door ends its clients by itself: the library's way (v2.7.9) takes a read lock twice and can stand still.
type door struct {
	*listeners.TCP
	server *mochi.Server
}

func (d door) Close(listeners.CloseFn) {
	d.TCP.Close(func(string) {
		for _, c := range d.server.Clients.GetAll() {
			c.Stop(nil)
		}
	})
}

// aBroker runs in this process until the test ends; what it says is published through it.
func aBroker(t *testing.T, g *guests) (server *mochi.Server, url string) {
	t.Helper()
	server = mochi.New(&mochi.Options{Logger: slog.New(slog.DiscardHandler), InlineClient: true})
	if err := server.AddHook(g, nil); err != nil {
		t.Fatal(err)
	}
	tcp := door{listeners.NewTCP(listeners.Config{ID: "t", Address: "127.0.0.1:0"}), server}
	if err := server.AddListener(tcp); err != nil {
		t.Fatal(err)
	}
	if err := server.Serve(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server, "tcp://" + tcp.Address()
}

func say(t *testing.T, s *mochi.Server, topic string, payload []byte, isRetained bool) {
	t.Helper()
	if err := s.Publish(topic, payload, isRetained, 0); err != nil {
		t.Fatal(err)
	}
}

// until waits for something that other goroutines bring about.
func until(t *testing.T, is func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not come about")
		}
	}
}

func listening(t *testing.T, b Broker) *Listener {
	t.Helper()
	b.ClientID = "look"
	l, err := Listen(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// What is heard is the newest of each topic, and that the broker keeps it; nothing is ever published.
func TestListener_HearsAndNeverSpeaks(t *testing.T) {
	g := &guests{}
	server, url := aBroker(t, g)
	say(t, server, "tele/washer/LWT", []byte("Online"), true)
	say(t, server, "cmnd/washer/POWER", []byte("ON"), true)
	l := listening(t, Broker{URL: url})
	if err := l.Hear(t.Context(), []string{"tele/+/LWT", "cmnd/+/POWER"}); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { all, _, _ := l.Heard(); return len(all) == 2 })
	say(t, server, "tele/boiler/LWT", []byte("Online"), false)
	say(t, server, "tele/boiler/LWT", []byte("Offline"), false)
	say(t, server, "cmnd/washer/POWER", []byte("OFF"), false) // does not undo the retained one
	until(t, func() bool {
		all, _, _ := l.Heard()
		return len(all) == 3 && slices.ContainsFunc(all, func(h Heard) bool { return string(h.Payload) == "Offline" })
	})
	all, dropped, err := l.Heard()
	for _, h := range all {
		want := map[string]string{"tele/washer/LWT": "Online true", "tele/boiler/LWT": "Offline false", "cmnd/washer/POWER": "ON true"}[h.Topic]
		if got := fmt.Sprintf("%s %v", h.Payload, h.IsRetained); got != want {
			t.Errorf("%s: %s, want %s", h.Topic, got, want)
		}
	}
	l.Close()
	if dropped != 0 || err != nil || g.published.Load() != 0 {
		t.Errorf("%d dropped, %v, %d published", dropped, err, g.published.Load())
	}
	for topic := range server.Topics.Retained.GetAll() {
		if !strings.HasPrefix(topic, "$SYS/") && topic != "tele/washer/LWT" && topic != "cmnd/washer/POWER" {
			t.Errorf("the broker keeps %s", topic)
		}
	}
}

// Strangers' payloads and topics fill no memory and break nothing.
func TestListener_IsBounded(t *testing.T) {
	server, url := aBroker(t, &guests{})
	say(t, server, "tasmota/discovery/00/config", bytes.Repeat([]byte("x"), maxPayload+1), true)
	say(t, server, "tasmota/discovery/01/config", append([]byte(`{"t":"washer","dn":"`), bytes.Repeat([]byte("<b>"), 300_000)...), true)
	say(t, server, "tasmota/discovery/02/config", []byte("{\"t\":\"\xff\xfe\",\"dn\":\"<script>\"}"), true)
	say(t, server, "tele/\u202eevil/LWT", []byte("\xc3\x28"), true)
	l := listening(t, Broker{URL: url})
	if err := l.Hear(t.Context(), Filters(known())); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { all, dropped, _ := l.Heard(); return len(all) == 3 && dropped == 1 })
	heard, _, err := l.Heard()
	things := Things(heard, known())
	Hazards(things, heard)
	if err != nil || len(things) != 1 || things[0].Name != "<script>" || strings.Contains(tell(things), "\xff") {
		t.Errorf("%v %s", err, tell(things))
	}
	for i := range maxTopics + 10 {
		l.take(fake{topic: fmt.Sprint(i)})
	}
	if all, dropped, _ := l.Heard(); len(all) != maxTopics || dropped != 14 {
		t.Errorf("%d topics, %d dropped", len(all), dropped)
	}
}

func TestListener_SaysWhatCannotBeHeard(t *testing.T) {
	g := &guests{password: "open sesame"}
	server, url := aBroker(t, g)
	_, err := Listen(t.Context(), Broker{URL: url, ClientID: "look", User: "u", Password: "guess"})
	if err == nil || strings.Contains(err.Error(), "guess") {
		t.Errorf("%v", err)
	}
	l := listening(t, Broker{URL: url, User: "u", Password: "open sesame"})
	if err := l.Hear(t.Context(), []string{"forbidden", "allowed"}); err == nil || !strings.Contains(err.Error(), "subscribe forbidden: refused") {
		t.Errorf("%v", err)
	}
	say(t, server, "allowed", []byte("x"), false)
	until(t, func() bool { all, _, _ := l.Heard(); return len(all) == 1 })
	for _, c := range server.Clients.GetAll() {
		c.Stop(nil)
	}
	until(t, func() bool { _, _, err := l.Heard(); return err != nil })
	for _, url := range []string{"", "house", "http://127.0.0.1", "tcp://127.0.0.1:1", ":"} {
		if _, err := Listen(t.Context(), Broker{URL: url, ClientID: "look"}); err == nil {
			t.Errorf("%q: no error", url)
		}
	}
}

// A broker that takes the call and says nothing holds nobody.
func TestListen_EndsWithItsContext(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := Listen(ctx, Broker{URL: "tcp://" + mute.Addr().String(), ClientID: "look"}); err == nil || time.Since(began) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

// fake is a message that comes from nowhere.
type fake struct{ topic string }

func (fake) Duplicate() bool   { return false }
func (fake) Qos() byte         { return 0 }
func (fake) Retained() bool    { return false }
func (m fake) Topic() string   { return m.topic }
func (fake) MessageID() uint16 { return 0 }
func (fake) Payload() []byte   { return nil }
func (fake) Ack()              {}
