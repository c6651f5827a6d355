package tasmota

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"go.uber.org/goleak"

	"hearth/energy"
	"hearth/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hardware is a socket made by hand.
type hardware struct {
	mu     sync.Mutex
	r      Reading
	sticks bool
}

func (h *hardware) Look() Reading {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.r
	r.At = time.Now()
	return r
}

func (h *hardware) Turn(on bool) {
	h.set(func(r *Reading) {
		if !h.sticks {
			r.IsOn = on
		}
	})
}

func (h *hardware) SetPulse(d time.Duration) { h.set(func(r *Reading) { r.Pulse, r.Left = d, d }) }

func (h *hardware) set(f func(r *Reading)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(&h.r)
}

// bench is a plug with its hardware, its broker and somebody who listens.
type bench struct {
	t      *testing.T
	plug   *Plug
	hard   *hardware
	client paho.Client
	heard  chan string // "topic payload"
}

// door ends its clients by itself: the library's way (v2.7.9) takes a read lock twice and can stand still.
type door struct {
	*listeners.TCP
	server *mqtt.Server
}

func (d door) Close(listeners.CloseFn) {
	d.TCP.Close(func(string) {
		for _, c := range d.server.Clients.GetAll() {
			c.Stop(nil)
		}
	})
}

func newBench(t *testing.T) *bench {
	t.Helper()
	server := mqtt.New(&mqtt.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	listener := door{listeners.NewTCP(listeners.Config{ID: "tcp", Address: "127.0.0.1:0"}), server}
	if err := server.AddHook(new(auth.AllowHook), nil); err != nil {
		t.Fatal(err)
	}
	if err := server.AddListener(listener); err != nil {
		t.Fatal(err)
	}
	if err := server.Serve(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	url := "tcp://" + listener.Address()

	b := &bench{t: t, hard: &hardware{}, heard: make(chan string, 1000)}
	o := paho.NewClientOptions().AddBroker(url).SetClientID("observer").SetAutoReconnect(false)
	b.client = paho.NewClient(o)
	if token := b.client.Connect(); token.Wait() && token.Error() != nil {
		t.Fatal(token.Error())
	}
	t.Cleanup(func() { b.client.Disconnect(10) })
	for _, filter := range []string{"stat/#", "tele/#"} {
		b.client.Subscribe(filter, 0, func(_ paho.Client, m paho.Message) {
			b.heard <- m.Topic() + " " + string(m.Payload())
		}).Wait()
	}
	b.plug = New(Options{Topic: "lamp", Broker: url, Clock: clock.Wall{}, Tick: 2 * time.Millisecond, Log: slog.New(slog.DiscardHandler)}, b.hard)
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { b.plug.Run(ctx) })
	t.Cleanup(func() { cancel(); run.Wait() })
	b.await("tele/lamp/LWT", "Online")
	b.await("tele/lamp/STATE", `"POWER":"OFF"`)
	b.await("tele/lamp/SENSOR", "")
	return b
}

func (b *bench) tell(name, payload string) {
	b.client.Publish("cmnd/lamp/"+name, 0, false, payload).Wait()
}

// await is the next message on the topic that has the part; others are passed over.
func (b *bench) await(topic, part string) string {
	b.t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case m := <-b.heard:
			if name, payload, _ := strings.Cut(m, " "); name == topic && strings.Contains(payload, part) {
				return payload
			}
		case <-deadline:
			b.t.Fatalf("nothing with %q on %s", part, topic)
		}
	}
}

func TestPlug_AnswersEachCommandAsTheFirmwareDoes(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct{ name, payload, topic, want string }{
		{"POWER", "ON", "stat/lamp/RESULT", `{"POWER":"ON"}`},
		{"POWER", "", "stat/lamp/POWER", "ON"},
		{"power1", "off", "stat/lamp/RESULT", `{"POWER":"OFF"}`},
		{"POWER", "TOGGLE", "stat/lamp/POWER", "ON"},
		{"POWER", "nonsense", "stat/lamp/POWER", "ON"},
		{"PulseTime1", "160", "stat/lamp/RESULT", `{"PulseTime1":{"Remaining":160,"Set":160}}`},
		{"PulseTime", "", "stat/lamp/RESULT", `{"PulseTime1":{"Remaining":160,"Set":160}}`},
		{"PulseTime1", "70000", "stat/lamp/RESULT", `{"PulseTime1":{"Remaining":160,"Set":160}}`},
		{"TelePeriod", "20", "stat/lamp/RESULT", `{"TelePeriod":20}`},
		{"TelePeriod", "5", "stat/lamp/RESULT", `{"TelePeriod":20}`},
		{"PowerDelta1", "105", "stat/lamp/RESULT", `{"PowerDelta1":105}`},
		{"PowerOnState", "1", "stat/lamp/RESULT", `{"PowerOnState":1}`},
		{"State", "", "stat/lamp/RESULT", `"POWER":"ON"`},
		{"STATUS", "10", "stat/lamp/STATUS10", `{"StatusSNS":{"Time":"`},
		{"STATUS", "11", "stat/lamp/STATUS11", `"POWER":"ON"`},
		{"STATUS", "99", "stat/lamp/RESULT", `{"Command":"Error"}`},
		{"Backlog", "x", "stat/lamp/RESULT", `{"Command":"Unknown"}`},
	} {
		b.tell(c.name, c.payload)
		b.await(c.topic, c.want)
	}
	if r := b.hard.Look(); !r.IsOn || r.Pulse != time.Minute {
		t.Errorf("hardware is on %t with a pulse of %v", r.IsOn, r.Pulse)
	}
}

func TestPlug_ObeysCommandsInTheirOrder(t *testing.T) {
	b := newBench(t)
	for range 25 {
		b.tell("POWER", "ON")
		b.tell("POWER", "OFF")
	}
	b.tell("POWER", "ON")
	b.tell("TelePeriod", "77")
	b.await("stat/lamp/RESULT", `{"TelePeriod":77}`)
	if !b.hard.Look().IsOn {
		t.Error("off after the last command said on")
	}
}

func TestPlug_TellsWhatItMeasures(t *testing.T) {
	b := newBench(t)
	b.tell("PowerDelta1", "110")
	b.await("stat/lamp/RESULT", `{"PowerDelta1":110}`)
	b.hard.set(func(r *Reading) { r.Power, r.Energy = 460.4, 1234.6 })
	got := b.await("tele/lamp/SENSOR", `"Power":460`)
	if want := `"ENERGY":{"Total":1.235,"Power":460,"Voltage":230,"Current":2.002}`; !strings.Contains(got, want) {
		t.Errorf("sensor %s, want %s in it", got, want)
	}
	b.hard.set(func(r *Reading) { r.Power = 466 }) // less than PowerDelta
	b.hard.set(func(r *Reading) { r.Power = 300 })
	if got := b.await("tele/lamp/SENSOR", ""); !strings.Contains(got, `"Power":300`) {
		t.Errorf("told a change below PowerDelta: %s", got)
	}
}

func TestPlug_TellsWhenItsTimerOrItsButtonMovedTheRelay(t *testing.T) {
	b := newBench(t)
	b.hard.Turn(true)
	b.await("stat/lamp/RESULT", `{"POWER":"ON"}`)
	b.await("stat/lamp/POWER", "ON")
	b.hard.Turn(false)
	b.await("stat/lamp/POWER", "OFF")
}

func TestPlug_WhoseRelaySticksSaysYesAndLaterTheTruth(t *testing.T) {
	b := newBench(t)
	b.hard.set(func(*Reading) { b.hard.sticks = true })
	b.tell("POWER", "ON")
	b.await("stat/lamp/RESULT", `{"POWER":"ON"}`)
	b.await("stat/lamp/POWER", "ON")
	b.tell("TelePeriod", "20") // until its answer nothing else may say OFF: the firmware does not look
	if m := <-b.heard; !strings.Contains(m, "TelePeriod") {
		t.Errorf("said %q by itself", m)
	}
	b.tell("STATUS", "11")
	b.await("stat/lamp/STATUS11", `"POWER":"OFF"`)
	b.tell("POWER", "")
	b.await("stat/lamp/POWER", "OFF")
}

func TestPlug_OfflineIsToldByTheBrokerAndComesBack(t *testing.T) {
	b := newBench(t)
	b.plug.SetOffline(true)
	b.await("tele/lamp/LWT", "Offline")
	b.tell("POWER", "ON")
	b.plug.SetOffline(false)
	b.await("tele/lamp/LWT", "Online")
	b.await("tele/lamp/STATE", `"POWER":"OFF"`) // what was said meanwhile is lost
}

func TestPulseLength_ReadsBothScalesAndBack(t *testing.T) {
	for set, want := range map[int]time.Duration{
		0: 0, 1: 100 * time.Millisecond, 111: 11100 * time.Millisecond, 112: 12 * time.Second,
		160: time.Minute, 64900: 64800 * time.Second,
	} {
		if got := pulseLength(set); got != want {
			t.Errorf("%d: %v, want %v", set, got, want)
		}
	}
	for set := range pulseMax + 1 {
		if got := pulseSetting(pulseLength(set)); got != set {
			t.Fatalf("%d comes back as %d", set, got)
		}
	}
}

func TestUptime_CountsDays(t *testing.T) {
	born := time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC)
	p := &Plug{born: born}
	got := string(text(p.state(Reading{At: born.Add(49*time.Hour + 61*time.Second), IsOn: true, Power: energy.Watts(1)})))
	if want := `{"Time":"2026-05-14T01:01:01","Uptime":"2T01:01:01","UptimeSec":176461,"POWER":"ON"}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func FuzzPlug_ObeysOrRefusesAnyCommand(f *testing.F) {
	for _, seed := range [][2]string{
		{"POWER", "ON"}, {"POWER1", "TOGGLE"}, {"PulseTime1", "64900"}, {"PulseTime", "-1"}, {"TelePeriod", "3600"},
		{"PowerDelta1", "32001"}, {"PowerOnState", "6"}, {"Status", "10"}, {"", ""}, {"1", "1e9"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, name, payload string) {
		h := &hardware{}
		p := New(Options{Topic: "lamp", Clock: clock.Wall{}, Log: slog.New(slog.DiscardHandler)}, h)
		p.command(name, payload)
		if p.period < 10*time.Second || p.period > time.Hour || p.delta < 0 || p.delta > 32000 || p.powerOn < 0 || p.powerOn > 5 {
			t.Errorf("settings %+v", p.settings)
		}
		if pulse := h.Look().Pulse; pulse < 0 || pulse > 18*time.Hour {
			t.Errorf("pulse %v", pulse)
		}
	})
}
