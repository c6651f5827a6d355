package mqtt

import (
	"context"
	"encoding/json"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"hearth/devices/devicetest"
	"hearth/devices/profiles"
	"hearth/energy"
)

// simulator is a device made of a profile alone: it says what the profile reads, where and in what unit, and
// does what the profile's messages ask. It is a real MQTT client, and shares no code with the driver.
type simulator struct {
	t       testing.TB
	url     string
	clock   *devicetest.Clock
	profile *profiles.Profile // filled
	inbox   chan [2]string

	mu       sync.Mutex
	client   paho.Client
	conn     net.Conn
	fault    devicetest.Fault
	commands int

	power    energy.Watts
	isOn     bool
	told     energy.Watts
	isTold   bool
	bound    energy.Watts
	isBound  bool
	lease    time.Duration
	expires  time.Time
	value    float64 // of the message before the last of an action
	lastSaid time.Time
	isMute   bool // keeps no timer though it is told one
}

const (
	simPhases, simVoltage = 3.0, 230.0
	simRated              = 800.0
)

func newSimulator(t testing.TB, url string, p *profiles.Profile, clock *devicetest.Clock) *simulator {
	s := &simulator{t: t, url: url, clock: clock, profile: p, inbox: make(chan [2]string, 1024)}
	s.connect()
	ctx, cancel := context.WithCancel(context.Background())
	var live sync.WaitGroup
	live.Go(func() {
		for {
			select {
			case m := <-s.inbox:
				s.hear(m[0], m[1])
			case <-ctx.Done():
				return
			}
		}
	})
	live.Go(func() {
		for n := 0; clock.Sleep(ctx, time.Second) == nil; n++ {
			s.tick(n)
		}
	})
	t.Cleanup(func() {
		cancel()
		live.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.client.Disconnect(100)
	})
	return s
}

func (s *simulator) connect() {
	o := paho.NewClientOptions().AddBroker(s.url).SetClientID("simulator").SetAutoReconnect(false).SetWriteTimeout(time.Second)
	for _, p := range s.profile.Points {
		if p.Name == "online" { // one client has one will: that of the last part, the device itself
			o.SetWill(p.Topic, s.payload(p.Topic, func(q profiles.Point) any { return word(q, false) }), 1, true)
		}
	}
	o.SetCustomOpenConnectionFn(func(u *url.URL, _ paho.ClientOptions) (net.Conn, error) {
		conn, err := net.Dial("tcp", u.Host)
		s.mu.Lock()
		s.conn = conn
		s.mu.Unlock()
		return conn, err
	})
	client := paho.NewClient(o)
	if token := client.Connect(); !token.WaitTimeout(patience) || token.Error() != nil {
		s.t.Errorf("simulator: %v", token.Error())
	}
	for topic := range s.listens() {
		client.Subscribe(topic, 1, func(_ paho.Client, m paho.Message) {
			if !m.Retained() {
				s.inbox <- [2]string{m.Topic(), string(m.Payload())}
			}
		}).WaitTimeout(patience)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client != nil {
		s.client.Disconnect(0)
	}
	s.client = client
	s.sayAll(true)
}

func (s *simulator) listens() map[string]bool {
	topics := map[string]bool{}
	for _, a := range s.profile.Actions {
		for _, m := range a.Publish {
			topics[m.Topic] = true
		}
	}
	for _, q := range s.queries() {
		topics[q.Topic] = true
	}
	return topics
}

func (s *simulator) queries() (out []profiles.Message) {
	for _, p := range s.profile.Points {
		if p.Query != nil {
			out = append(out, *p.Query)
		}
	}
	for _, c := range s.profile.SetupCheck {
		if c.Query != nil {
			out = append(out, *c.Query)
		}
	}
	return out
}

// pattern is what a payload of the profile looks like with everything filled in.
func pattern(payload string) *regexp.Regexp {
	text := regexp.QuoteMeta(payload)
	for name, what := range map[string]string{"value": `-?[0-9.]+`, "lease_s": `[0-9]+`, "lease_min": `[0-9]+`, "request_id": `[0-9]+`, "reply": `[^"]+`} {
		quoted := regexp.QuoteMeta("{" + name + "}")
		text = strings.Replace(text, quoted, "(?P<"+name+">"+what+")", 1)
		text = strings.ReplaceAll(text, quoted, what)
	}
	return regexp.MustCompile("^" + text + "$")
}

// captured are the values in a payload that fits; nil when it does not.
func captured(m profiles.Message, topic, payload string) map[string]string {
	if m.Topic != topic {
		return nil
	}
	re := pattern(m.Payload)
	found := re.FindStringSubmatch(payload)
	if found == nil {
		return nil
	}
	out := map[string]string{}
	for i, name := range re.SubexpNames() {
		out[name] = found[i]
	}
	return out
}

func (s *simulator) hear(topic, payload string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == devicetest.Silent || s.fault == devicetest.Gone {
		return
	}
	for _, q := range s.queries() {
		if values := captured(q, topic, payload); values != nil {
			s.answer(q, values)
			return
		}
	}
	for _, a := range s.profile.Actions {
		for i, m := range a.Publish {
			values := captured(m, topic, payload)
			if values == nil || a.Name == "setup" {
				continue
			}
			s.note(m, values)
			if i == len(a.Publish)-1 || m.Leased != "" {
				s.commands++
				if s.fault != devicetest.Lying {
					s.do(a.Name)
				}
				s.sayChanged()
				return
			}
		}
	}
}

// note keeps what a message says for the last of its action.
func (s *simulator) note(m profiles.Message, values map[string]string) {
	if v, err := strconv.ParseFloat(values["value"], 64); err == nil {
		s.value = v * map[string]float64{"": 1, "W": 1, "kW": 1000, "A": simPhases * simVoltage, "mA": simPhases * simVoltage / 1000, "%": simRated / 100}[m.Unit]
		if m.Sign < 0 {
			s.value = -s.value
		}
	}
	add := 0
	if s.profile.Lease != nil {
		add = s.profile.Lease.Add
	}
	if n, err := strconv.Atoi(values["lease_s"]); err == nil {
		s.lease = time.Duration(n-add) * time.Second
	} else if n, err := strconv.Atoi(values["lease_min"]); err == nil {
		s.lease = time.Duration(n-add) * time.Minute
	} else if m.Leased == "no" {
		s.lease = 0
	}
}

func (s *simulator) do(action string) {
	s.expires = time.Time{}
	switch action {
	case "on":
		s.isOn = true
	case "off":
		s.isOn, s.told, s.isTold = false, 0, true
	case "set_power":
		s.told, s.isTold = energy.Watts(s.value), true
	case "release":
		s.isTold = false
	case "curtail":
		s.bound, s.isBound = energy.Watts(s.value), true
	case "lift":
		s.isBound = false
	}
	if l := s.profile.Lease; l != nil && (action == "on" || action == "set_power") {
		switch {
		case l.Kind == "heartbeat":
			s.expires = s.clock.Now().Add(3 * time.Duration(l.EveryS) * time.Second)
		case s.lease > 0 && !s.isMute:
			s.expires = s.clock.Now().Add(s.lease)
		}
	}
}

func (s *simulator) tick(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.expires.IsZero() && !s.clock.Now().Before(s.expires) {
		s.expires = time.Time{}
		s.isOn, s.isTold = false, false
		s.sayChanged()
	}
	if now := s.clock.Now(); n == 0 || now.Sub(s.lastSaid) >= 5*time.Second { // the clock may jump over several ticks
		s.lastSaid = now
		s.sayAll(false)
	}
}

func (s *simulator) publish(topic, payload string, isRetained bool) {
	if s.fault != devicetest.Silent && s.fault != devicetest.Gone && s.client != nil {
		s.client.Publish(topic, 0, isRetained, payload)
	}
}

// put sets a value at a path of keys and indexes.
func put(at any, path []string, v any) any {
	if len(path) == 0 {
		return v
	}
	if i, err := strconv.Atoi(path[0]); err == nil {
		list, _ := at.([]any)
		for len(list) <= i {
			list = append(list, 0)
		}
		list[i] = put(list[i], path[1:], v)
		return list
	}
	object, _ := at.(map[string]any)
	if object == nil {
		object = map[string]any{}
	}
	object[path[0]] = put(object[path[0]], path[1:], v)
	return object
}

func asText(v any) string {
	if text, isText := v.(string); isText {
		return text
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (s *simulator) Commands() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commands
}

func (s *simulator) IsOn() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isOn
}

func (s *simulator) Press(isOn bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isOn, s.expires = isOn, time.Time{}
	s.sayChanged()
}

func (s *simulator) Measure(p energy.Watts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.power = p
	s.sayAll(false)
}

func (s *simulator) Fail(f devicetest.Fault) {
	s.mu.Lock()
	before, conn := s.fault, s.conn
	s.fault = f
	s.mu.Unlock()
	switch {
	case f == devicetest.Gone:
		_ = conn.Close() // no farewell: the broker says the will
	case before == devicetest.Gone:
		s.connect()
	case f == devicetest.Garbage:
		s.mu.Lock()
		s.sayAll(false)
		s.mu.Unlock()
	}
}

func (s *simulator) Restart() {
	s.Fail(devicetest.Gone)
	s.Fail(devicetest.Healthy)
}

// RetainOn leaves what begins something on the topic where the device takes commands.
func (s *simulator) RetainOn() {
	s.mu.Lock()
	client := s.client
	s.mu.Unlock()
	for _, name := range []string{"on", "set_power"} {
		a, ok := s.profile.Action(name)
		if !ok {
			continue
		}
		if token := client.Publish(a.Publish[0].Topic, 1, true, "retained"); !token.WaitTimeout(patience) || token.Error() != nil {
			s.t.Errorf("retain: %v", token.Error())
		}
		return
	}
}

// powered is a simulator that can be told a power.
type powered struct{ *simulator }

func (s powered) Told() (energy.Watts, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told, s.isTold
}

// Bound is what it is curtailed to.
func (s *simulator) Bound() (energy.Watts, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bound, s.isBound
}
