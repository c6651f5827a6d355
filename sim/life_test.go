package sim

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"hearth/internal/clock"
)

// running is a home that lives on a clock 600 times as fast as the wall.
func running(t *testing.T, start time.Time) *Home {
	t.Helper()
	h, err := New(Options{Clock: clock.NewFast(start, 600), Seed: 1, Zone: start.Location(), Speed: 600})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// listener is an MQTT client that keeps the newest payload of each topic.
type listener struct {
	paho.Client
	mu     sync.Mutex
	newest map[string]string
}

func listen(t *testing.T, h *Home) *listener {
	t.Helper()
	l := &listener{newest: map[string]string{}}
	l.Client = paho.NewClient(paho.NewClientOptions().AddBroker(h.sockets.broker.url()).SetClientID("observer").SetAutoReconnect(false))
	if token := l.Connect(); token.Wait() && token.Error() != nil {
		t.Fatal(token.Error())
	}
	t.Cleanup(func() { l.Disconnect(10) })
	topics := map[string]byte{} // each by its name: the broker of these tests reads what is retained without a lock where there is a wildcard
	for _, plug := range []string{Boiler, Dishwasher} {
		for _, topic := range []string{"tele/%s/LWT", "tele/%s/STATE", "tele/%s/SENSOR", "stat/%s/RESULT", "stat/%s/POWER", "stat/%s/STATUS10", "stat/%s/STATUS11"} {
			topics[fmt.Sprintf(topic, plug)] = 0
		}
	}
	l.SubscribeMultiple(topics, func(_ paho.Client, m paho.Message) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.newest[m.Topic()] = string(m.Payload())
	}).Wait()
	return l
}

func (l *listener) says(topic, part string) func() bool {
	return func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return strings.Contains(l.newest[topic], part)
	}
}

func TestPlugs_SwitchWhatHangsOnThem(t *testing.T) {
	h := running(t, time.Date(2026, 5, 12, 20, 0, 0, 0, berlin(t))) // the dishwasher runs
	l := listen(t, h)
	eventually(t, "both plugs online", func() bool {
		return l.says("tele/dishwasher/LWT", "Online")() && l.says("tele/boiler/LWT", "Online")()
	})
	l.Publish("cmnd/dishwasher/POWER", 0, false, "OFF")
	eventually(t, "the plug says off", l.says("stat/dishwasher/RESULT", `"OFF"`))
	eventually(t, "the dishwasher stands still", func() bool {
		s := h.State()
		return !s.DishPlug.IsOn && s.Power.Dishwasher == 0 && s.Dishwasher.IsLoaded
	})
	l.Publish("cmnd/dishwasher/PulseTime1", 0, false, "1300") // 20 minutes
	l.Publish("cmnd/dishwasher/POWER", 0, false, "ON")
	eventually(t, "the dishwasher goes on", func() bool { return h.State().Power.Dishwasher > 0 })
	eventually(t, "the plug's own timer ends it", func() bool { return !h.State().DishPlug.IsOn })
	eventually(t, "and it says so", l.says("stat/dishwasher/POWER", "OFF"))
	if twin := h.Twin(); twin.DishPlug.Pulse != 0 || !twin.DishPlug.IsOn {
		t.Errorf("the twin's plug moved too: %+v", twin.DishPlug)
	}
}

func TestPlugs_HaveTheirFaults(t *testing.T) {
	h := running(t, noonOf(berlin(t)))
	l := listen(t, h)
	eventually(t, "the boiler's plug online", l.says("tele/boiler/LWT", "Online"))

	h.PlugLies(Boiler, true)
	l.Publish("cmnd/boiler/POWER", 0, false, "OFF")
	eventually(t, "it claims to be off", l.says("stat/boiler/RESULT", `{"POWER":"OFF"}`))
	l.Publish("cmnd/boiler/STATUS", 0, false, "11")
	eventually(t, "asked, it is on", l.says("stat/boiler/STATUS11", `"POWER":"ON"`))
	h.PlugLies(Boiler, false)

	h.PressButton(Boiler)
	eventually(t, "the button switched it off", l.says("stat/boiler/POWER", "OFF"))
	if h.State().BoilerPlug.IsOn {
		t.Error("its relay is on")
	}
	h.PlugOffline(Boiler, true)
	eventually(t, "the broker tells its will", l.says("tele/boiler/LWT", "Offline"))
	l.Publish("cmnd/boiler/POWER", 0, false, "ON").Wait()
	h.PlugOffline(Boiler, false)
	eventually(t, "it is back", l.says("tele/boiler/LWT", "Online"))
	if h.State().BoilerPlug.IsOn {
		t.Error("obeyed what was said while it was offline")
	}
}

func TestBroker_ComesBackOnItsPortAndThePlugsWithIt(t *testing.T) {
	h := running(t, noonOf(berlin(t)))
	l := listen(t, h)
	eventually(t, "the plug online", l.says("tele/boiler/LWT", "Online"))
	url := h.sockets.broker.url()
	for range 2 { // twice is as good as once
		if err := h.StopBroker(); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the connection is lost", func() bool { return !l.IsConnectionOpen() })
	for range 2 {
		if err := h.StartBroker(); err != nil {
			t.Fatal(err)
		}
	}
	if h.sockets.broker.url() != url {
		t.Errorf("was at %s, is at %s", url, h.sockets.broker.url())
	}
	eventually(t, "the plugs are back", listen(t, h).says("tele/boiler/LWT", "Online"))
}

func TestHome_ManyMayMeetItAtOnce(t *testing.T) {
	h := running(t, noonOf(berlin(t)))
	l := listen(t, h)
	meter, charger := dial(t, h.sockets.cabinet, gridUnit), dial(t, h.sockets.garage, chargerUnit)
	battery := dial(t, h.sockets.cabinet, batteryUnit)
	var all sync.WaitGroup
	for _, do := range []func() error{
		func() error { _, err := meter.ReadInputRegisters(0x34, 2); return err },
		func() error { _, err := charger.ReadHoldingRegisters(1000, 2); return err },
		func() error { _, err := battery.WriteSingleRegister(47083, 5); return err },
		func() error { return l.Publish("cmnd/boiler/POWER", 0, false, "TOGGLE").Error() },
		func() error { h.Summary(); return nil },
		func() error { h.Prehistory(1); return nil },
		func() error { h.PressButton(Dishwasher); return nil },
	} {
		all.Go(func() {
			for range 20 {
				if err := do(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func TestHome_StartsOnceRunsOnceAndClosesTwice(t *testing.T) {
	h, _ := newHome(t, 1, noonOf(berlin(t)))
	if err := h.Run(t.Context()); err == nil {
		t.Error("ran before it was started")
	}
	if err := h.Start(); err != nil {
		t.Fatal(err)
	}
	if err := h.Start(); err == nil {
		t.Error("started twice")
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Run(t.Context()) }()
	eventually(t, "it runs", func() bool { return h.sockets.isRunning() })
	if err := h.Run(t.Context()); err == nil {
		t.Error("ran twice")
	}
	for range 2 {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-ended; err != nil {
		t.Errorf("closed while it ran: %v", err)
	}
	if err := h.Run(t.Context()); err == nil {
		t.Error("ran after it was closed")
	}
}

func TestHome_ClosesBeforeItWasStarted(t *testing.T) {
	h, _ := newHome(t, 1, noonOf(berlin(t)))
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if err := h.Start(); err == nil {
		t.Error("started after it was closed")
	}
}

func TestHome_TwoInOneProcess(t *testing.T) {
	a, _ := started(t, noonOf(berlin(t)))
	b, _ := started(t, noonOf(berlin(t)))
	if a.VTN().URL() == b.VTN().URL() || a.sockets.broker.url() == b.sockets.broker.url() || a.sockets.cabinet.URL() == b.sockets.cabinet.URL() {
		t.Error("share a port")
	}
}

func (s *sockets) isRunning() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stop != nil
}
