package mqtt

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"hearth/devices/devicetest"
	"hearth/energy"
)

// tasmota is a plug with the Tasmota firmware, as far as the profile goes: a real MQTT client.
type tasmota struct {
	t     *testing.T
	url   string
	topic string
	clock *devicetest.Clock
	inbox chan [2]string // name and payload; paho's handler must not publish itself

	mu       sync.Mutex
	client   paho.Client
	conn     net.Conn
	fault    devicetest.Fault
	isOn     bool
	power    energy.Watts
	pulse    int
	powerOn  int // PowerOnState
	expires  time.Time
	commands []string // in order, queries left out
}

func newTasmota(t *testing.T, url, topic string, clock *devicetest.Clock) *tasmota {
	p := &tasmota{t: t, url: url, topic: topic, clock: clock, inbox: make(chan [2]string, 256)}
	p.connect()
	ctx, cancel := context.WithCancel(context.Background())
	var live sync.WaitGroup
	live.Go(func() {
		for {
			select {
			case c := <-p.inbox:
				p.command(c[0], c[1])
			case <-ctx.Done():
				return
			}
		}
	})
	live.Go(func() {
		for n := 0; clock.Sleep(ctx, time.Second) == nil; n++ {
			p.tick(n)
		}
	})
	t.Cleanup(func() {
		cancel()
		live.Wait()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.client.Disconnect(100)
	})
	return p
}

// connect opens a session of its own each time. The caller does not hold mu.
func (p *tasmota) connect() {
	lwt := "tele/" + p.topic + "/LWT"
	o := paho.NewClientOptions().AddBroker(p.url).SetClientID("plug-"+p.topic).SetAutoReconnect(false).
		SetWill(lwt, "Offline", 1, true).SetUsername("plug").SetPassword("plug").SetWriteTimeout(time.Second)
	o.SetCustomOpenConnectionFn(func(u *url.URL, _ paho.ClientOptions) (net.Conn, error) {
		conn, err := net.Dial("tcp", u.Host)
		p.mu.Lock()
		p.conn = conn
		p.mu.Unlock()
		return conn, err
	})
	client := paho.NewClient(o)
	if token := client.Connect(); !token.WaitTimeout(patience) || token.Error() != nil {
		p.t.Errorf("plug %s: %v", p.topic, token.Error())
	}
	client.Subscribe("cmnd/"+p.topic+"/#", 1, func(_ paho.Client, m paho.Message) {
		p.inbox <- [2]string{strings.ToUpper(m.Topic()[strings.LastIndex(m.Topic(), "/")+1:]), string(m.Payload())}
	}).WaitTimeout(patience)
	client.Publish(lwt, 1, true, "Online").WaitTimeout(patience)
	p.mu.Lock()
	if p.client != nil {
		p.client.Disconnect(0)
	}
	p.client = client
	p.sayState()
	p.saySensor()
	p.mu.Unlock()
}

func (p *tasmota) say(topic, payload string) {
	if p.fault != devicetest.Silent && p.fault != devicetest.Gone && p.client != nil {
		p.client.Publish(topic, 0, false, payload)
	}
}

func (p *tasmota) sayState() {
	state := map[bool]string{true: "ON", false: "OFF"}[p.isOn]
	if p.fault == devicetest.Garbage {
		state = "PERHAPS"
	}
	p.say("stat/"+p.topic+"/RESULT", fmt.Sprintf(`{"POWER":%q}`, state))
	p.say("stat/"+p.topic+"/POWER", state)
}

var garbage = []string{`{"ENERGY":{"Power":"12,5"}}`, `{"ENERGY":`, `{"ENERGY":{"Power":1e308}}`, `{"ENERGY":{"Power":0x10}}`,
	`{"ENERGY":{"Power":null}}`, `{"ENERGY":[1,2]}`, strings.Repeat("[", 40), "\xff\xfe", ""}

func (p *tasmota) saySensor() {
	if p.fault == devicetest.Garbage {
		for _, junk := range garbage {
			p.say("tele/"+p.topic+"/SENSOR", junk)
		}
		return
	}
	p.say("tele/"+p.topic+"/SENSOR", fmt.Sprintf(`{"Time":"2026-03-01T06:00:00","ENERGY":{"Total":3.125,"Power":%v,"Voltage":230}}`, float64(p.power)))
}

func (p *tasmota) command(name, payload string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault == devicetest.Silent || p.fault == devicetest.Gone {
		return
	}
	switch {
	case name == "STATUS" && payload == "10" && p.fault != devicetest.Garbage:
		p.say("stat/"+p.topic+"/STATUS10", fmt.Sprintf(`{"StatusSNS":{"Time":"x","ENERGY":{"Total":3.125,"Power":%v}}}`, float64(p.power)))
	case name == "POWER" && payload == "":
		p.sayState()
	case name == "POWER":
		p.commands = append(p.commands, payload)
		if p.fault != devicetest.Lying {
			p.set(payload == "ON")
		}
		p.sayState()
	case name == "PULSETIME1":
		p.commands = append(p.commands, name+" "+payload)
		p.pulse, _ = strconv.Atoi(payload)
		p.say("stat/"+p.topic+"/RESULT", fmt.Sprintf(`{"PulseTime1":{"Set":%s,"Remaining":0}}`, payload))
	case name == "POWERONSTATE":
		if n, err := strconv.Atoi(payload); err == nil {
			p.powerOn = n
		}
		p.say("stat/"+p.topic+"/RESULT", fmt.Sprintf(`{"PowerOnState":%d}`, p.powerOn))
	default:
		p.say("stat/"+p.topic+"/RESULT", fmt.Sprintf(`{%q:%q}`, name, payload))
	}
}

func (p *tasmota) set(isOn bool) {
	p.isOn, p.expires = isOn, time.Time{}
	if isOn && p.pulse > 111 {
		p.expires = p.clock.Now().Add(time.Duration(p.pulse-100) * time.Second)
	}
}

func (p *tasmota) tick(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.expires.IsZero() && !p.clock.Now().Before(p.expires) {
		p.set(false)
		p.sayState()
	}
	if n%10 == 0 {
		p.saySensor()
	}
}

func (p *tasmota) Measure(w energy.Watts) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.power = w
	p.saySensor()
}

func (p *tasmota) Fail(f devicetest.Fault) {
	p.mu.Lock()
	before, conn := p.fault, p.conn
	p.fault = f
	p.mu.Unlock()
	switch {
	case f == devicetest.Gone:
		_ = conn.Close() // no farewell: the broker says the will
	case before == devicetest.Gone:
		p.connect()
	case f == devicetest.Garbage:
		p.mu.Lock()
		p.saySensor()
		p.sayState()
		p.mu.Unlock()
	}
}

func (p *tasmota) Restart() {
	p.Fail(devicetest.Gone)
	p.Fail(devicetest.Healthy)
}

func (p *tasmota) Commands() int { return len(p.told()) }

func (p *tasmota) told() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.commands...)
}

func (p *tasmota) IsOn() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.isOn
}

func (p *tasmota) Press(isOn bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.set(isOn)
	p.sayState()
}

func (p *tasmota) RetainOn() {
	p.mu.Lock()
	client := p.client
	p.mu.Unlock()
	if token := client.Publish("cmnd/"+p.topic+"/POWER", 1, true, "ON"); !token.WaitTimeout(patience) || token.Error() != nil {
		p.t.Errorf("retain: %v", token.Error())
	}
}
