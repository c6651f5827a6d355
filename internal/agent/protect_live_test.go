package agent

import (
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/internal/config"
)

// Somebody cooks while the car charges: the connection is within its limit again within ten seconds, and the car has its
// power back after.
func TestProtection_AnOvenMeetsAChargingCar(t *testing.T) {
	const limit energy.Watts = 10000
	l := live(t, 17, 24, 6) // the car has just come home; slow, so that ten seconds are more than what a busy machine may sleep
	if err := l.stop(); err != nil {
		t.Fatal(err)
	}
	l.cfg.Home.MaxImport = limit
	l.cfg.Protection.Every = 2 * time.Second
	for i := range l.cfg.Devices {
		switch d := &l.cfg.Devices[i]; d.Kind {
		case config.Grid:
			d.Poll = time.Second
		case config.Vehicle:
			d.Poll, d.Vehicle.Ready = 2*time.Second, 18*60 // it needs all the time there is
		}
	}
	l.start()
	l.isReady()
	l.eventually(30*time.Minute, "the car charging", func() bool {
		return l.home.State().Power.Car > 6000 && l.device("car").State == "charging"
	})
	l.pass(20 * time.Second)
	before := l.home.State().Power
	l.home.Oven(8000)
	l.eventually(20*time.Second, "the oven on", func() bool { return l.home.State().Power.Base > 8000 })
	began := l.home.State().At
	l.eventually(time.Minute, "within the limit again", func() bool { return l.home.State().Power.Grid <= limit })
	if now := l.home.State(); now.At.Sub(began) > 10*time.Second || now.Power.Car > before.Car-3000 {
		t.Errorf("it took %v: %+v, before %+v", now.At.Sub(began), now.Power, before)
	}
	l.eventually(20*time.Second, "the page to say why", func() bool {
		return strings.Contains(l.device("car").Why, ": the house connection would carry ")
	})
	for end := l.clock.Now().Add(20 * time.Second); l.clock.Now().Before(end); l.pass(time.Second) {
		if now := l.home.State().Power; now.Grid > limit {
			t.Fatalf("again too much: %+v", now)
		}
	}
	if !strings.Contains(l.get("/metrics"), `hearth_protections_total{device="car",rule="fuse"}`) || l.says("setpoint applied", "device=car", "reason=fuse") == 0 {
		t.Error("log or metrics do not tell")
	}
	l.home.Oven(0)
	l.eventually(15*time.Minute, "the charge given back", func() bool {
		return l.home.State().Power.Car > before.Car-700 && !strings.Contains(l.device("car").Why, "connection")
	})
	if now := l.home.State().Power; now.Grid > limit {
		t.Errorf("given back too much: %+v", now)
	}
}
