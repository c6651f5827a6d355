package vtn

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"hearth/openadr"
)

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

// broker is mochi in this process, and what was published on it.
type broker struct {
	*mochi.Server
	url string
	end func() // may be called twice

	mu    sync.Mutex
	heard []string // "topic {...}"
}

func startBroker(t *testing.T, address string, rules *auth.Ledger) *broker {
	t.Helper()
	return listen(t, listeners.Config{ID: "t", Address: address}, rules)
}

func listen(t *testing.T, at listeners.Config, rules *auth.Ledger) *broker {
	t.Helper()
	b := &broker{Server: mochi.New(&mochi.Options{InlineClient: true, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})}
	var err error
	if rules == nil {
		err = b.AddHook(new(auth.AllowHook), nil)
	} else {
		err = b.AddHook(new(auth.Hook), &auth.Options{Ledger: rules})
	}
	if err != nil {
		t.Fatal(err)
	}
	tcp := door{listeners.NewTCP(at), b.Server}
	if err := b.AddListener(tcp); err != nil {
		t.Fatal(err)
	}
	if err := b.Serve(); err != nil {
		t.Fatal(err)
	}
	b.end = sync.OnceFunc(func() { _ = b.Close() })
	t.Cleanup(b.end)
	b.url = "mqtt://" + tcp.Address()
	if err := b.Subscribe("#", 1, func(_ *mochi.Client, _ packets.Subscription, p packets.Packet) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if strings.HasPrefix(p.TopicName, "$SYS/") {
			return
		}
		if p.FixedHeader.Retain {
			b.heard = append(b.heard, "retained!")
		}
		b.heard = append(b.heard, p.TopicName+" "+string(p.Payload))
	}); err != nil {
		t.Fatal(err)
	}
	return b
}

// hears waits for as many messages, and gives the topics with the targets shown; in order.
func (b *broker) hears(t *testing.T, count int) (out []string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		b.mu.Lock()
		heard := slices.Clone(b.heard)
		b.mu.Unlock()
		if len(heard) < count && time.Now().Before(end) {
			continue
		}
		for _, text := range heard {
			topic, body, _ := strings.Cut(text, " ")
			var n openadr.Notification
			if err := json.Unmarshal([]byte(body), &n); err != nil || n.ID() == "" || !strings.HasSuffix(topic, "/"+strings.ToLower(n.Operation)) {
				t.Errorf("%s: %v", text, err)
			}
			out = append(out, fmt.Sprint(topic, []string(n.Targets)))
		}
		return out
	}
}

func (b *broker) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heard = nil
}

// officeOf is a started VTN with a broker, two homes and the business side.
func officeOf(t *testing.T, b *broker, cfg Config) *VTN {
	t.Helper()
	cfg.Broker = &Broker{URL: b.url, Prefix: "town/"}
	cfg.Business = map[string]openadr.Secret{"office": "s"}
	return town(t, cfg)
}

// Each change is published to those who may hear of it, with the targets they may see, and to nobody else.
func TestBroker_TellsEachWhatItMaySee(t *testing.T) {
	b := startBroker(t, "127.0.0.1:0", nil)
	v := officeOf(t, b, Config{Granted: []string{"all"}})
	house, flat := enrolled(t, dial(t, v, "home"), "house"), enrolled(t, dial(t, v, "other"), "flat")
	if err := v.Grant(house.ID, "vip"); err != nil {
		t.Fatal(err)
	}
	b.hears(t, 4)
	for _, c := range []struct {
		name   string
		change func()
		want   []string
	}{
		{"a new program", func() { v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "p"}}) }, []string{
			"business/programs/create[]", "programs/create[]",
			"vens/HOUSE/programs/create[]", "vens/FLAT/programs/create[]",
		}},
		{"a changed program", func() { v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "p"}}) }, []string{
			"business/programs/update[]", "business/programs/p/update[]", "programs/update[]", "programs/p/update[]",
			"vens/HOUSE/programs/update[]", "vens/FLAT/programs/update[]",
		}},
		{"an event for all", func() { v.Put(event("e", "p", "all", "vip", "secret")) }, []string{
			"business/programs/p/events/create[all vip secret]", "business/events/create[all vip secret]", "programs/p/events/create[all]",
			"vens/HOUSE/events/create[all vip]", "vens/FLAT/events/create[all]",
		}},
		{"an event for one", func() { v.Put(event("f", "p", "vip", "secret")) }, []string{
			"business/programs/p/events/create[vip secret]", "business/events/create[vip secret]", "vens/HOUSE/events/create[vip]",
		}},
		{"an event for nobody", func() { v.Put(event("g", "p", "secret")) }, []string{
			"business/programs/p/events/create[secret]", "business/events/create[secret]",
		}},
		{"the end of one", func() { v.Put(event("h", "q", "vip")); v.Delete("h") }, []string{
			"business/programs/q/events/create[vip]", "business/events/create[vip]", "vens/HOUSE/events/create[vip]",
			"business/programs/q/events/delete[vip]", "business/events/delete[vip]", "vens/HOUSE/events/delete[vip]",
		}},
		{"a resource", func() {
			if _, err := dial(t, v, "other").CreateResource(t.Context(), openadr.Resource{Name: "pump", VENID: flat.ID}); err != nil {
				t.Error(err)
			}
		}, []string{"business/resources/create[]", "vens/FLAT/resources/create[]"}},
	} {
		b.forget()
		c.change()
		got := b.hears(t, len(c.want))
		var want []string
		for _, w := range c.want {
			want = append(want, "town/"+strings.NewReplacer("HOUSE", house.ID, "FLAT", flat.ID).Replace(w))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, want)
		}
	}
	if v.Missed() != 0 {
		t.Errorf("%d missed", v.Missed())
	}
}

// The topics that a client is told of are those that changes are published on.
func TestTopics_AreWhereChangesArePublished(t *testing.T) {
	b := startBroker(t, "127.0.0.1:0", nil)
	v := officeOf(t, b, Config{})
	v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "p"}})
	home, office := dial(t, v, "home"), dial(t, v, "office")
	ven := enrolled(t, home, "house")
	ask := func(topics openadr.Topics, err error) openadr.Topics {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return topics
	}
	ctx := t.Context()
	for name, c := range map[string]struct {
		topics openadr.Topics
		want   string
	}{
		"events of a ven":        {ask(home.TopicsOfVEN(ctx, ven.ID, "events")), "town/vens/VEN/events/"},
		"programs of a ven":      {ask(home.TopicsOfVEN(ctx, ven.ID, "programs")), "town/vens/VEN/programs/"},
		"events of a program":    {ask(home.TopicsOfProgram(ctx, "p", "events")), "town/programs/p/events/"},
		"events for the office":  {ask(office.TopicsOfEvents(ctx)), "town/business/events/"},
		"program for the office": {ask(office.TopicsOfProgram(ctx, "p", "events")), "town/business/programs/p/events/"},
		"ven for the office":     {ask(office.TopicsOfVEN(ctx, ven.ID, "events")), "town/vens/VEN/events/"},
	} {
		base := strings.ReplaceAll(c.want, "VEN", ven.ID)
		if want := (openadr.Topics{Create: base + "create", Update: base + "update", Delete: base + "delete", All: base + "+"}); c.topics != want {
			t.Errorf("%s: %+v, want %+v", name, c.topics, want)
		}
	}
	for _, topics := range []openadr.Topics{ask(home.TopicsOfVEN(ctx, ven.ID, "")), ask(home.TopicsOfProgram(ctx, "p", ""))} {
		if topics.Create != "" || topics.Update == "" {
			t.Errorf("of one object: %+v", topics)
		}
	}
	b.hears(t, 3)
	b.forget()
	v.Put(event("e", "p"))
	heard := b.hears(t, 4)
	for _, want := range []string{"town/vens/" + ven.ID + "/events/create[]", "town/programs/p/events/create[]", "town/business/events/create[]"} {
		if !slices.Contains(heard, want) {
			t.Errorf("nothing on %s: %q", want, heard)
		}
	}
}

// A client learns no topics of what it does not see, nor of everything.
func TestTopics_AreForThoseWhoMayListen(t *testing.T) {
	b := startBroker(t, "127.0.0.1:0", nil)
	v := officeOf(t, b, Config{})
	v.PutProgram(openadr.Program{Metadata: openadr.Metadata{ID: "vip"}, Targets: []string{"vip"}})
	ven := enrolled(t, dial(t, v, "home"), "house")
	for path, want := range map[string][3]int{ // home, other, office
		"programs": {200, 200, 200}, "programs/vip": {404, 404, 200}, "programs/vip/events": {404, 404, 200}, "programs/none": {404, 404, 404},
		"events": {403, 403, 200}, "reports": {403, 403, 200}, "subscriptions": {403, 403, 200}, "vens": {403, 403, 200}, "resources": {403, 403, 200},
		"vens/" + ven.ID: {200, 404, 200}, "vens/" + ven.ID + "/events": {200, 404, 200}, "vens/" + ven.ID + "/resources": {200, 404, 200},
		"vens/none/events": {404, 404, 404}, "vens/" + ven.ID + "/reports": {404, 404, 404}, "": {404, 404, 404},
	} {
		for i, who := range []string{"home", "other", "office"} {
			if got := ask(v, "GET", "/notifiers/mqtt/topics/"+path, tokenFor(t, v, who), ""); got.Code != want[i] {
				t.Errorf("%s for %s: %d, want %d", path, who, got.Code, want[i])
			}
		}
	}
	without := town(t, Config{}) // a broker
	if got := ask(without, "GET", "/notifiers/mqtt/topics/programs", tokenOf(t, without), ""); got.Code != 404 {
		t.Errorf("without a broker: %d", got.Code)
	}
}

func TestBroker_IsAnnounced(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		want string
	}{
		"as it is":   {Config{Broker: &Broker{URL: "mqtts://b.example"}}, "[mqtts://b.example] ANONYMOUS"},
		"otherwise":  {Config{Broker: &Broker{URL: "mqtt://127.0.0.1"}, MQTT: &openadr.MQTTNotifier{URIs: []string{"mqtts://b.example"}, Authentication: openadr.MQTTAuthentication{Method: openadr.MQTTToken, Username: "{clientID}"}}}, "[mqtts://b.example] OAUTH2_BEARER_TOKEN"},
		"no broker":  {Config{}, ""},
		"in silence": {Config{MQTT: &openadr.MQTTNotifier{URIs: []string{"mqtts://b"}, Authentication: openadr.MQTTAuthentication{Method: openadr.MQTTAnonymous}}}, "[mqtts://b] ANONYMOUS"},
	} {
		n, err := dial(t, town(t, c.cfg), "home").Notifiers(t.Context())
		got := ""
		if n.MQTT != nil {
			got = fmt.Sprint(n.MQTT.URIs, " ", n.MQTT.Authentication.Method)
		}
		if err != nil || got != c.want || !n.IsWebhook {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// A broker that is away holds up nobody: what it misses is counted, and it hears again once it is back.
func TestBroker_MayComeAndGo(t *testing.T) {
	rules := &auth.Ledger{Auth: auth.AuthRules{{Username: "vtn", Password: "hunter2", Allow: true}}}
	b := startBroker(t, "127.0.0.1:0", rules)
	address := strings.TrimPrefix(b.url, "mqtt://")
	v := New(Config{Broker: &Broker{URL: b.url, User: "vtn", Password: "hunter2"}})
	defer v.Close()
	v.Put(event("e", "p"))
	if got := b.hears(t, 3); len(got) != 3 {
		t.Fatalf("%q", got)
	}
	b.end()
	missed := func(more int) {
		t.Helper()
		before := v.Missed()
		v.Put(event("e", "p"))
		for end := time.Now().Add(20 * time.Second); v.Missed() < before+more; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d missed of %d", v.Missed()-before, more)
			}
		}
	}
	missed(3)
	again := startBroker(t, address, rules)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		v.Put(event("e", "p"))
		again.mu.Lock()
		n := len(again.heard)
		again.mu.Unlock()
		if n > 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("not back")
		}
	}
}

// A broker that takes the connection and says nothing, or refuses the login, holds up neither who publishes nor Close.
func TestBroker_AHangingOneHoldsUpNobody(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	v := New(Config{Broker: &Broker{URL: "tcp://" + silent.Addr().String()}})
	start := time.Now()
	for i := range maxMessages/3 + 100 {
		v.Put(event(fmt.Sprint("e", i), "p"))
	}
	if v.Missed() == 0 {
		t.Error("the queue has no end")
	}
	if err := v.Close(); err != nil || time.Since(start) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	locked := startBroker(t, "127.0.0.1:0", &auth.Ledger{Auth: auth.AuthRules{{Username: "other", Allow: true}}})
	refused := New(Config{Broker: &Broker{URL: locked.url, User: "vtn", Password: "wrong"}})
	defer refused.Close()
	refused.Put(event("e", "p"))
	for end := time.Now().Add(10 * time.Second); refused.Missed() != 3; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d missed", refused.Missed())
		}
	}
	missed := refused.Missed()
	_ = refused.Close()
	if refused.Put(event("late", "p")); refused.Missed() != missed+3 {
		t.Errorf("%d missed after Close", refused.Missed()-missed)
	}
}

// A broker with TLS is told only where its certificate is that of an authority we know.
func TestBroker_ChecksWhoTheBrokerIs(t *testing.T) {
	known := httptest.NewTLSServer(nil) // for its certificate, of 127.0.0.1
	defer known.Close()
	b := listen(t, listeners.Config{ID: "t", Address: "127.0.0.1:0", TLSConfig: &tls.Config{Certificates: known.TLS.Certificates}}, nil)
	pool := x509.NewCertPool()
	pool.AddCert(known.Certificate())
	for _, c := range []struct {
		trust *tls.Config
		heard bool
	}{{nil, false}, {&tls.Config{RootCAs: pool}, true}} {
		v := New(Config{Broker: &Broker{URL: strings.Replace(b.url, "mqtt:", "mqtts:", 1), TLS: c.trust}})
		v.Put(event("e", "p"))
		for end := time.Now().Add(10 * time.Second); v.Missed() < 3 && !c.heard; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d missed", v.Missed())
			}
		}
		if got := b.hears(t, map[bool]int{true: 3}[c.heard]); len(got) > 0 != c.heard {
			t.Errorf("heard %q", got)
		}
		v.Close()
	}
}

func TestBroker_RefusesWhatIsNone(t *testing.T) {
	for url, isGood := range map[string]bool{
		"mqtt://h": true, "mqtts://h:8883": true, "tcp://[::1]:1": true, "ssl://h": true, "tls://h": true,
		"": false, "h:1883": false, "http://h": false, "mqtt://": false, "mqtt://user:hunter2@h": false, "ws://h": false, "mqtt://h:x": false,
	} {
		err := (&Broker{URL: url}).Check()
		if (err == nil) != isGood || err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", url, err)
		}
	}
	for prefix, isGood := range map[string]bool{"": true, "a/b/": true, "a+": false, "#": false, "$SYS/": false} {
		if err := (&Broker{URL: "mqtt://h", Prefix: prefix}).Check(); (err == nil) != isGood {
			t.Errorf("prefix %q: %v", prefix, err)
		}
	}
	if err := (&Broker{URL: "mqtt://user:hunter2@h:x"}).Check(); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}
