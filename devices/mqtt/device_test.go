package mqtt

import (
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"hearth/devices"
	"hearth/devices/devicetest"
	"hearth/devices/profiles"
)

func quietLink(t testing.TB, o Options, clock devices.Clock) *Link {
	t.Helper()
	l, err := NewLink(o, clock, pace{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestNew_HasTheRolesOfItsProfile(t *testing.T) {
	l := quietLink(t, Options{URL: "tcp://127.0.0.1:1", ClientID: "x"}, devicetest.NewClock(start))
	d := newPlug(t, l, "boiler")
	if d.Meter == nil || d.Counter == nil || d.Switch == nil || d.Availability == nil || d.Driver == nil {
		t.Error("a plug with metering lacks a role")
	}
	if d.Setpoint != nil || d.Battery != nil || d.Charger != nil {
		t.Error("a plug has a role that is not its own")
	}
	want := devices.Capabilities{
		ReadBack: true, Lease: devices.Timer, LeaseMin: 12 * time.Second, LeaseMax: 18 * time.Hour,
		ConfirmWithin: 10 * time.Second, MinOn: time.Minute, MinOff: time.Minute, MaxSwitches: 48,
	}
	if !reflect.DeepEqual(d.Capabilities, want) {
		t.Errorf("capabilities %+v, want %+v", d.Capabilities, want)
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	l := quietLink(t, Options{URL: "tcp://127.0.0.1:1", ClientID: "x"}, devicetest.NewClock(start))
	plug, _ := profiles.Get("tasmota-plug")
	meter, _ := profiles.Get("eastron-sdm630")
	for _, c := range []struct {
		profile *profiles.Profile
		params  map[string]string
		want    []string
	}{
		{plug, nil, []string{"mqtt device boiler", "topic: missing"}},
		{plug, map[string]string{"topic": "a/#", "tpoic": "x"}, []string{`topic: "a/#"`, "tpoic: the profile tasmota-plug has no such parameter"}},
		{meter, nil, []string{"speaks modbus"}},
	} {
		_, err := New(Config{Name: "boiler", Profile: c.profile, Params: c.params, Link: l})
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %v, want %q in it", c.params, err, want)
			}
		}
	}
}

func TestNewLink_NamesEveryFault(t *testing.T) {
	for _, c := range []struct {
		options Options
		want    []string
	}{
		{Options{}, []string{"client id", "want for example tcp://"}},
		{Options{URL: "http://h", ClientID: "x"}, []string{`scheme "http"`}},
		{Options{URL: "tcp://u:secret@h", ClientID: "x y"}, []string{"places of their own", `client id "x y"`}},
		{Options{URL: "tcp://h", ClientID: "x", CAFile: "a.pem"}, []string{"certificates need ssl"}},
		{Options{URL: "ssl://h", ClientID: "x", CAFile: "/nowhere.pem"}, []string{"ca file", "/nowhere.pem"}},
		{Options{URL: "ssl://h", ClientID: "x", CertFile: "/nowhere.pem"}, []string{"certificate /nowhere.pem"}},
		{Options{URL: "ssl://h", ClientID: "x", Base: "a/#"}, []string{`base "a/#"`}},
	} {
		_, err := NewLink(c.options, devicetest.NewClock(start), pace{}, slog.New(slog.DiscardHandler))
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %v, want %q in it", c.options, err, want)
			}
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("a password is in %v", err)
		}
	}
}

func TestSecret_ShowsNowhere(t *testing.T) {
	var log strings.Builder
	o := Options{Password: "hunter2"}
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "options", o, "password", o.Password)
	text := fmt.Sprintf("%v %+v %#v %s %q", o, o, o, o.Password, o.Password) + log.String()
	if strings.Contains(text, "hunter2") {
		t.Errorf("%s", text)
	}
}

func TestDevice_SetsThePlugUpAndTurnsItWithItsLease(t *testing.T) {
	broker := quickBroker(t)
	clock := devicetest.NewClock(start)
	witness := dial(t, broker, "witness")
	heard := make(chan string, 64)
	witness.Subscribe("cmnd/boiler/#", 1, func(_ paho.Client, m paho.Message) {
		if m.Retained() {
			t.Errorf("%s is retained", m.Topic())
		}
		heard <- strings.TrimPrefix(m.Topic(), "cmnd/boiler/") + " " + string(m.Payload())
	}).WaitTimeout(patience)
	link, _ := runLink(t, Options{URL: broker}, clock)
	device := runPlug(t, link, "boiler")
	expect := func(want ...string) {
		t.Helper()
		for _, w := range want {
			select {
			case got := <-heard:
				if got != w {
					t.Errorf("sent %q, want %q", got, w)
				}
			case <-time.After(patience):
				t.Fatalf("%q was never sent", w)
			}
		}
	}
	expect("PowerOnState 0", "TelePeriod 10", "PowerDelta1 105", "POWER ", "STATUS 10")
	witness.Publish("stat/boiler/RESULT", 0, false, `{"PowerOnState":0}`).WaitTimeout(patience)
	eventually(t, "it is known how the plug is set", func() bool { return isSettled(device) })
	for _, c := range []struct {
		lease time.Duration
		pulse string
	}{{10 * time.Minute, "700"}, {12 * time.Second, "112"}, {0, "0"}} {
		if err := device.Switch.Turn(t.Context(), true, c.lease); err != nil {
			t.Fatal(err)
		}
		expect("PulseTime1 "+c.pulse, "POWER ON", "POWER ")
	}
	if err := device.Switch.Turn(t.Context(), true, 5*time.Second); err == nil {
		t.Error("a lease of 5 s is no number of seconds to Tasmota, and was sent")
	}
	if err := device.Switch.Turn(t.Context(), false, 0); err != nil {
		t.Fatal(err)
	}
	expect("POWER OFF", "POWER ")
}

func TestDevice_DoesNotTrustWhatWasRetained(t *testing.T) {
	broker := quickBroker(t)
	other := dial(t, broker, "other")
	for topic, payload := range map[string]string{"stat/boiler/POWER": "ON", "tele/boiler/SENSOR": `{"ENERGY":{"Power":2000}}`, "tele/boiler/LWT": "Online"} {
		other.Publish(topic, 1, true, payload).WaitTimeout(patience)
	}
	link, _ := runLink(t, Options{URL: broker}, devicetest.NewClock(start))
	device := runPlug(t, link, "boiler")
	eventually(t, "availability may be retained", func() bool { return device.Availability.Online().Valid && device.Availability.Online().Value })
	other.Publish("tele/boiler/LWT", 1, false, "Offline").WaitTimeout(patience)
	eventually(t, "it is read in order", func() bool { return !device.Availability.Online().Value })
	if device.Switch.On().Valid || device.Meter.Power().Valid {
		t.Error("a retained value of unknown age was read")
	}
}

func TestLink_DropsWhatIsTooLarge(t *testing.T) {
	broker := quickBroker(t)
	link, _ := runLink(t, Options{URL: broker}, devicetest.NewClock(start))
	device := runPlug(t, link, "boiler")
	other := dial(t, broker, "other")
	eventually(t, "the device listens", func() bool {
		other.Publish("stat/boiler/POWER", 0, false, "OFF").WaitTimeout(patience)
		return device.Switch.On().Valid
	})
	other.Publish("tele/boiler/SENSOR", 0, false, `{"x":"`+strings.Repeat("x", 1<<20)+`","ENERGY":{"Power":5}}`).WaitTimeout(patience)
	other.Publish("tele/boiler/SENSOR", 0, false, `nonsense`).WaitTimeout(patience)
	other.Publish("tele/boiler/SENSOR", 0, false, `{"ENERGY":{"Power":7}}`).WaitTimeout(patience)
	eventually(t, "the small one is read", func() bool { return device.Meter.Power().Valid })
	if c := link.Counts(); device.Meter.Power().Value != 7 || c.Oversized != 1 || c.Unreadable != 1 {
		t.Errorf("%v, %+v", device.Meter.Power(), c)
	}
}

// Paho without order hands each message to a goroutine of its own, and the last state read may be the
// one before the last.
func TestLink_KeepsTheOrderOfMessages(t *testing.T) {
	broker := quickBroker(t)
	link, _ := runLink(t, Options{URL: broker}, devicetest.NewClock(start))
	device := runPlug(t, link, "boiler")
	other := dial(t, broker, "other")
	eventually(t, "the device listens", func() bool {
		other.Publish("stat/boiler/POWER", 0, false, "OFF").WaitTimeout(patience)
		return device.Switch.On().Valid
	})
	for round := range 20 {
		want := round%2 == 0
		last := map[bool]string{true: "ON", false: "OFF"}
		for i := range 50 {
			other.Publish("stat/boiler/POWER", 0, false, last[want == (i%2 == 1)])
		}
		before := link.Counts().Received
		other.Publish("tele/boiler/SENSOR", 0, false, fmt.Sprintf(`{"ENERGY":{"Power":%d}}`, round+1)).WaitTimeout(patience)
		eventually(t, "the end of the round", func() bool { return int(device.Meter.Power().Value) == round+1 })
		if got := device.Switch.On().Value; got != want {
			t.Fatalf("round %d (%d messages): reads %v, the last said %v", round, before, got, want)
		}
	}
}

func TestDevice_IsQuietWithoutALink(t *testing.T) {
	link := quietLink(t, Options{URL: "tcp://127.0.0.1:1", ClientID: "x"}, devicetest.NewClock(start))
	device := newPlug(t, link, "boiler")
	if o := device.Observe(); !reflect.DeepEqual(o, devices.Observation{}) {
		t.Errorf("never heard, it says %+v", o)
	}
	if err := device.Switch.Turn(t.Context(), true, time.Minute); err == nil || !strings.Contains(err.Error(), "not connected yet") {
		t.Errorf("%v", err)
	}
}

// BenchmarkLink_Messages is telemetry from another client's socket to a reading.
func BenchmarkLink_Messages(b *testing.B) {
	broker := quickBroker(b)
	link, _ := runLink(b, Options{URL: broker}, devicetest.NewClock(start))
	device := runPlug(b, link, "boiler")
	other := dial(b, broker, "other")
	eventually(b, "the device listens", func() bool {
		other.Publish("stat/boiler/POWER", 0, false, "OFF").WaitTimeout(patience)
		return device.Switch.On().Valid
	})
	b.ResetTimer()
	for i := range b.N {
		other.Publish("tele/boiler/SENSOR", 0, false, fmt.Sprintf(`{"Time":"2026-03-01T06:00:00","ENERGY":{"Total":3.1,"Power":%d}}`, i%1000))
	}
	for device.Meter.Power().Value != -1 { // said again until it is heard: it may be overtaken by one before it, or dropped
		other.Publish("tele/boiler/SENSOR", 0, false, `{"ENERGY":{"Power":-1}}`)
		time.Sleep(50 * time.Microsecond)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(float64(link.Counts().Dropped)/float64(b.N), "overtaken/op")
}

// BenchmarkDevice_Decode is one message from the hand-over to the readings, on one core.
func BenchmarkDevice_Decode(b *testing.B) {
	link := quietLink(b, Options{URL: "tcp://127.0.0.1:1", ClientID: "x"}, devicetest.NewClock(start))
	d := newPlug(b, link, "boiler").Driver.(*device)
	payload := []byte(`{"Time":"2026-03-01T06:00:00","ENERGY":{"TotalStartTime":"2025-01-01T00:00:00","Total":3.125,"Yesterday":1.2,"Today":0.4,"Power":712,"ApparentPower":720,"ReactivePower":80,"Factor":0.98,"Voltage":231,"Current":3.1}}`)
	var read atomic.Int64
	b.ReportAllocs()
	for b.Loop() {
		d.take(message{topic: "tele/boiler/SENSOR", payload: payload, at: start})
		for _, m := range d.inbox.takeAll() {
			d.read(b.Context(), m)
			read.Add(1)
		}
	}
	b.ReportMetric(float64(read.Load())/b.Elapsed().Seconds(), "messages/s")
	if !slices.Contains(d.topics, "tele/boiler/SENSOR") || d.Power().Value != 712 {
		b.Fatalf("%v", d.Power())
	}
}

func TestDevice_NeverSendsBesideARetainedCommand(t *testing.T) {
	broker := quickBroker(t)
	other := dial(t, broker, "other")
	other.Publish("cmnd/boiler/POWER", 1, true, "ON").WaitTimeout(patience)
	for i := range 20 {
		// One name each: mochi clears up behind a closed connection by name, at times after the next has come.
		link, log := runLink(t, Options{URL: broker, ClientID: fmt.Sprint("hearth-test-", i)}, devicetest.NewClock(start))
		device := runPlug(t, link, "boiler")
		eventually(t, "the retained command is reported", func() bool {
			err := device.Switch.Turn(t.Context(), true, time.Minute) // from the very first moment
			if err == nil {
				t.Error("a command was sent beside a retained one")
			}
			return err != nil && strings.Contains(err.Error(), `retained command "ON" on cmnd/boiler/POWER`)
		})
		_ = link.Close()
		if n := log.count("retained command"); n != 1 {
			t.Errorf("%d lines in the log", n)
		}
	}
}

// refusing lets nobody read one topic, and says so.
type refusing struct {
	mochi.HookBase
	topic string
}

func (*refusing) ID() string { return "refusing" }
func (*refusing) Provides(b byte) bool {
	return b == mochi.OnACLCheck || b == mochi.OnConnectAuthenticate
}
func (*refusing) OnConnectAuthenticate(*mochi.Client, packets.Packet) bool { return true }
func (r *refusing) OnACLCheck(_ *mochi.Client, topic string, isWrite bool) bool {
	return isWrite || topic != r.topic
}

func TestDevice_SaysWhenTheBrokerRefusesItsTopics(t *testing.T) {
	broker := hookedBroker(t, &refusing{topic: "stat/boiler/POWER"})
	link, _ := runLink(t, Options{URL: broker}, devicetest.NewClock(start))
	forbidden, allowed := runPlug(t, link, "boiler"), runPlug(t, link, "kettle")
	eventually(t, "the refusal is said", func() bool {
		err := forbidden.Switch.Turn(t.Context(), true, time.Minute)
		return err != nil && strings.Contains(err.Error(), "subscribe stat/boiler/POWER: refused by the broker")
	})
	other := dial(t, broker, "other")
	eventually(t, "the other device works", func() bool {
		other.Publish("stat/kettle/RESULT", 0, false, `{"PowerOnState":0}`).WaitTimeout(patience)
		return allowed.Switch.Turn(t.Context(), true, time.Minute) == nil
	})
	if n := link.Counts().Sessions; n != 1 {
		t.Errorf("%d sessions: one forbidden device has cost the others their link", n)
	}
}
